package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
)

const acmeDomain = "auth.example.com"

// TestACME gets a certificate from a real authority (pebble, the one that ACME clients are tested with),
// once by each kind of proof, serves a request with it, and serves another after a restart while the
// authority is gone: what was got lies in the data directory.
func TestACME(t *testing.T) {
	t.Parallel()
	bin := buildPebble(t)
	for _, c := range []struct {
		name string
		// where pebble looks for the proof; a port of 1 is one where nobody answers
		ports func(https, http int) (tlsALPN, http01 int)
	}{
		{"TLS-ALPN-01", func(https, _ int) (int, int) { return https, 1 }},
		{"HTTP-01", func(_, http int) (int, int) { return 1, http }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, ports := t.TempDir(), freePorts(t, 2)
			tlsPort, httpPort := c.ports(ports[0], ports[1])
			ca := startPebble(t, bin, tlsPort, httpPort)
			cfg := settings(t, config.ModeServe, "--data="+dir, "--listen=127.0.0.1:"+strconv.Itoa(ports[0]), "--http-listen=127.0.0.1:"+strconv.Itoa(ports[1]),
				"--acme-domain="+acmeDomain, "--acme-email=ops@example.com", "--acme-directory="+ca.directory, "--acme-ca-file="+ca.rootFile)
			first := overACME(t, cfg, ca.roots)
			ca.stop()
			if second := overACME(t, cfg, ca.roots); second.Cmp(first) != 0 {
				t.Errorf("after the restart the certificate is number %x, before it was %x", second, first)
			}
			onlyOurs(t, filepath.Join(dir, "acme"))
		})
	}
}

// overACME runs a server, asks it for something over HTTPS, plain and without a server name, and returns the
// number of its certificate.
func overACME(t *testing.T, cfg *config.Config, roots *x509.CertPool) *big.Int {
	t.Helper()
	l, log := open(t, cfg)
	s := serve(t, l, hello)
	address := l.API()[0].String()
	client := newClient(t, &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	})
	client.Timeout = time.Minute
	response, body := get(t, client, "https://"+acmeDomain+"/")
	if body != "hello over HTTP/2.0" {
		t.Errorf("answered %q", body)
	}
	nameless := &tls.Config{RootCAs: roots, InsecureSkipVerify: true} // without a name there is none to verify
	if conn, err := tls.Dial("tcp", address, nameless); err != nil {
		t.Errorf("a client that names no host: %v", err)
	} else {
		conn.Close()
	}
	if conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: "other.example.com", InsecureSkipVerify: true}); err == nil {
		conn.Close()
		t.Error("a certificate for a host that is not ours")
	}
	eventually(t, "a line in the log about the certificate", func() bool {
		return strings.Contains(log.String(), `msg="certificate in use" domain=`+acmeDomain)
	})
	if err := s.ended(); err != nil {
		t.Error(err)
	}
	return response.TLS.PeerCertificates[0].SerialNumber
}

// onlyOurs checks that nobody else can read the keys, and that one certificate was ordered, not one for
// each kind of key.
func onlyOurs(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("%s has mode %o", dir, info.Mode().Perm())
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", e.Name(), info.Mode().Perm())
		}
		if strings.HasSuffix(e.Name(), "+rsa") {
			t.Errorf("a second certificate was ordered: %s", e.Name())
		}
	}
}

// buildPebble builds the authority and its name server from their own module. Where that is impossible the
// test is left out, unless LATCHKEY_REQUIRE=all says that nothing may be.
func buildPebble(t *testing.T) (dir string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(root, ".cache", "pebble")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	const module = "github.com/letsencrypt/pebble/v2/cmd/"
	build := exec.CommandContext(ctx, "go", "build", "-o", dir+string(filepath.Separator), module+"pebble", module+"pebble-challtestsrv")
	build.Dir = filepath.Join(root, "tools", "pebble")
	if out, err := build.CombinedOutput(); err != nil {
		if os.Getenv("LATCHKEY_REQUIRE") == "all" {
			t.Fatalf("pebble cannot be built: %v\n%s", err, out)
		}
		t.Skipf("LEFT OUT: certificates by ACME, because pebble cannot be built: %v\n%s", err, out)
	}
	return dir
}

// pebble is a running certificate authority.
type pebble struct {
	directory string
	rootFile  string         // the root of the authority's own HTTPS
	roots     *x509.CertPool // the root of what it issues, new at every start
	stop      func()
}

func startPebble(t *testing.T, bin string, tlsPort, httpPort int) *pebble {
	t.Helper()
	own, dir, ports := newAuthority(t), t.TempDir(), freePorts(t, 4)
	at := func(i int) string { return "127.0.0.1:" + strconv.Itoa(ports[i]) }
	cert, key := own.issue(t, dir, 2)
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": at(0), "managementListenAddress": at(1), "certificate": cert, "privateKey": key,
		"tlsPort": tlsPort, "httpPort": httpPort, "retryAfter": map[string]int{"authz": 1, "order": 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	writeFile(t, file, settings)
	start(t, exec.Command(filepath.Join(bin, "pebble-challtestsrv"), "-dnsserver", at(2), "-management", at(3),
		"-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""))
	stop := start(t, exec.Command(filepath.Join(bin, "pebble"), "-config", file, "-dnsserver", at(2)))

	p := &pebble{directory: "https://" + at(0) + "/dir", rootFile: own.root(t, dir), roots: x509.NewCertPool(), stop: stop}
	if !p.roots.AppendCertsFromPEM(fetchWhenUp(t, tlsClient(t, own), "https://"+at(1)+"/roots/0")) {
		t.Fatal("the authority's root is no certificate")
	}
	fetchWhenUp(t, tlsClient(t, own), p.directory)
	return p
}

// start runs a program until the test ends, or until stop is called, and shows what it wrote if the test
// failed.
func start(t *testing.T, cmd *exec.Cmd) (stop func()) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			lines := bufio.NewScanner(&out)
			for lines.Scan() {
				t.Log(lines.Text())
			}
		}
	})
	return stop
}

// fetchWhenUp asks until there is an answer.
func fetchWhenUp(t *testing.T, client *http.Client, url string) []byte {
	t.Helper()
	var body bytes.Buffer
	eventually(t, url, func() bool {
		response, err := client.Get(url)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		body.Reset()
		_, err = body.ReadFrom(response.Body)
		return err == nil && response.StatusCode == http.StatusOK
	})
	return body.Bytes()
}

// eventually looks again and again, for at most half a minute. It is for what other programs and background
// work do in their own time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	limit := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// freePorts are ports that nobody listens on. Between this and their use somebody else may take one, but
// the system hands them out in turn, so that is rare.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, int(portOf(l)))
	}
	return ports
}

// TestACMERefusesWhatItCannotUse checks the settings that only the file system can judge.
func TestACMERefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	writeFile(t, file, []byte("not PEM"))
	for want, args := range map[string][]string{
		"--acme-ca-file: " + file + " holds no certificate": {"--data=" + dir, "--acme-ca-file=" + file},
		"--acme-ca-file: open ":                             {"--data=" + dir, "--acme-ca-file=" + file + ".nowhere"},
		"--data: mkdir ":                                    {"--data=" + file},
	} {
		cfg := settings(t, config.ModeServe, append(args, "--listen=127.0.0.1:0", "--acme-domain="+acmeDomain)...)
		l, err := Listen(t.Context(), cfg, time.Now, (&logged{}).logger())
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "acme"), 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, settings(t, config.ModeServe, "--data="+dir, "--listen=127.0.0.1:0", "--acme-domain="+acmeDomain))
	if info, err := os.Stat(filepath.Join(dir, "acme")); err != nil || info.Mode().Perm() != fs.FileMode(0o700) {
		t.Errorf("keys left open: %v, %v", info.Mode(), err)
	}
}

// TestStopDoesNotWaitForTheAuthority stops a server whose authority takes the request and never answers.
func TestStopDoesNotWaitForTheAuthority(t *testing.T) {
	t.Parallel()
	dir, own := t.TempDir(), newAuthority(t)
	cert, key := own.issue(t, dir, 2)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	silent, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	go func() {
		conn, err := silent.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Read(make([]byte, 1))
		close(asked)
		_, _ = conn.Read(make([]byte, 1<<16))
		_, _ = conn.Read(make([]byte, 1)) // until the client gives up
	}()
	t.Cleanup(func() { silent.Close() })
	l, _ := open(t, settings(t, config.ModeServe, "--data="+dir, "--listen=127.0.0.1:0", "--acme-domain="+acmeDomain,
		"--acme-directory=https://"+silent.Addr().String()+"/dir", "--acme-ca-file="+own.root(t, dir)))
	s := serve(t, l, hello)
	<-asked
	began := time.Now()
	if err := s.ended(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the end took %v", took)
	}
}
