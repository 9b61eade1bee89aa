package config

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files and the reference page")

const hexKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// sources are what one case gives to Load.
type sources struct {
	mode  Mode
	args  string
	env   []string
	files map[string]string
}

func (s sources) load() (*Config, error) {
	read := func(name string) ([]byte, error) {
		content, ok := s.files[name]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(content), nil
	}
	mode := s.mode
	if mode == 0 {
		mode = ModeServe
	}
	return Load(mode, Split(strings.Fields(s.args)), s.env, read)
}

// TestValues checks what a valid configuration comes to; each case names the fields it is about.
func TestValues(t *testing.T) {
	t.Parallel()
	pg := []string{"LATCHKEY_DATABASE=postgres://u:p@db/latchkey", "LATCHKEY_MASTER_KEY=" + hexKey}
	cases := []struct {
		name string
		sources
		got  func(c *Config) any
		want string
	}{
		{"a default", sources{}, func(c *Config) any { return c.Listen }, "[127.0.0.1:8080]"},
		{"file beats default", sources{args: "--config f", files: map[string]string{"f": "hash-queue: 1"}},
			func(c *Config) any { return c.HashQueue }, "1"},
		{"variable beats file", sources{args: "--config f", env: []string{"LATCHKEY_HASH_QUEUE=2"}, files: map[string]string{"f": "hash-queue: 1"}},
			func(c *Config) any { return c.HashQueue }, "2"},
		{"flag beats variable", sources{args: "--hash-queue 3", env: []string{"LATCHKEY_HASH_QUEUE=2"}},
			func(c *Config) any { return c.HashQueue }, "3"},
		{"the last flag wins", sources{args: "--hash-queue 3 --hash-queue=4"}, func(c *Config) any { return c.HashQueue }, "4"},
		{"file named by a variable", sources{env: []string{"LATCHKEY_CONFIG=f"}, files: map[string]string{"f": "data: /srv"}},
			func(c *Config) any { return c.Data }, "/srv"},
		{"an empty variable is not set", sources{env: []string{"LATCHKEY_DATA=", "LATCHKEY_SMTP="}},
			func(c *Config) any { return c.Data }, "./latchkey-data"},
		{"an empty flag takes back a variable", sources{args: "--smtp=", env: []string{"LATCHKEY_SMTP=smtp://h?from=a@b.c"}},
			func(c *Config) any { return c.SMTP }, "<nil>"},
		{"an empty file", sources{args: "--config f", files: map[string]string{"f": "# nothing\n"}}, func(c *Config) any { return c.HashTime }, "2"},
		{"a key without value", sources{args: "--config f", files: map[string]string{"f": "data:\nhash-time: 5\n"}},
			func(c *Config) any { return c.Data + " " + fmt.Sprint(c.HashTime) }, "./latchkey-data 5"},
		{"a list in the file", sources{args: "--config f", files: map[string]string{"f": "trusted-proxies:\n  - 10.0.0.0/8\n  - ::1\n"}},
			func(c *Config) any { return c.TrustedProxies }, "[10.0.0.0/8 ::1/128]"},
		{"repeated flags of a list add up", sources{args: "--trusted-proxies 10.0.0.0/8,10.9.9.9 --trusted-proxies=fd00::/8"},
			func(c *Config) any { return c.TrustedProxies }, "[10.0.0.0/8 10.9.9.9/32 fd00::/8]"},
		{"a list replaces that of a weaker source", sources{args: "--allow-private 10.0.0.0/8", env: []string{"LATCHKEY_ALLOW_PRIVATE=192.168.0.0/16"}},
			func(c *Config) any { return c.AllowPrivate }, "[10.0.0.0/8]"},
		{"yaml truth for on", sources{args: "--config f", files: map[string]string{"f": "rate-limits: on\n"}}, func(c *Config) any { return c.RateLimits }, "true"},
		{"rate limits off", sources{args: "--rate-limits off"}, func(c *Config) any { return c.RateLimits }, "false"},
		{"seconds without unit", sources{args: "--shutdown-timeout 5"}, func(c *Config) any { return c.ShutdownTimeout }, (5 * time.Second).String()},
		{"log level", sources{args: "--log-level debug"}, func(c *Config) any { return c.LogLevel }, "DEBUG"},
		{"serve logs JSON", sources{}, func(c *Config) any { return c.LogFormat }, "json"},
		{"dev logs text", sources{mode: ModeDev}, func(c *Config) any { return c.LogFormat }, "text"},
		{"console closed", sources{}, func(c *Config) any { return c.ConsoleSignup }, "closed"},

		{"dev is on both loopbacks", sources{mode: ModeDev}, func(c *Config) any { return c.Listen }, "[127.0.0.1:8080 [::1]:8080]"},
		{"dev on another port", sources{mode: ModeDev, args: "--listen localhost:9000"}, func(c *Config) any { return c.Listen }, "[127.0.0.1:9000 [::1]:9000]"},
		{"dev on the local network", sources{mode: ModeDev, args: "--lan"}, func(c *Config) any { return c.Listen }, "[[::]:8080]"},
		{"dev on one address of it", sources{mode: ModeDev, args: "--lan --listen 192.168.1.2:80"}, func(c *Config) any { return c.Listen }, "[192.168.1.2:80]"},
		{"dev reaches loopback", sources{mode: ModeDev}, func(c *Config) any { return c.AllowPrivate }, "[127.0.0.0/8 ::1/128]"},
		{"dev derives its address", sources{mode: ModeDev}, func(c *Config) any { return c.PublicURL }, "http://localhost:8080"},
		{"every address", sources{args: "--listen :80 --public-url https://A.example.com/"}, func(c *Config) any { return c.Listen }, "[[::]:80]"},
		{"a public address in small letters", sources{args: "--listen :80 --public-url https://A.example.com/"}, func(c *Config) any { return c.PublicURL }, "https://a.example.com"},

		{"ACME derives the address", sources{args: "--listen :443 --acme-domain auth.example.com,B.example.com."}, func(c *Config) any { return c.PublicURL }, "https://auth.example.com"},
		{"ACME domains", sources{args: "--listen :443 --acme-domain auth.example.com,B.example.com."}, func(c *Config) any { return c.ACMEDomains }, "[auth.example.com b.example.com]"},
		{"TLS on 443 redirects from 80", sources{args: "--listen 0.0.0.0:443 --acme-domain a.example.com"}, func(c *Config) any { return c.HTTPListen }, "[0.0.0.0:80]"},
		{"unless off", sources{args: "--listen :443 --acme-domain a.example.com --http-listen off"}, func(c *Config) any { return c.HTTPListen }, "[]"},
		{"TLS elsewhere redirects nothing", sources{args: "--tls-cert c --tls-key k --listen 127.0.0.1:8443"}, func(c *Config) any { return c.HTTPListen }, "[]"},
		{"TLS on loopback", sources{args: "--tls-cert c --tls-key k --listen 127.0.0.1:8443"}, func(c *Config) any { return c.PublicURL }, "https://localhost:8443"},

		{"a database", sources{env: pg}, func(c *Config) any { return c.PostgreSQL() }, "true"},
		{"a secret from a file", sources{env: []string{"LATCHKEY_MASTER_KEY_FILE=k"}, files: map[string]string{"k": hexKey + "\n"}},
			func(c *Config) any { return fmt.Sprintf("%x", c.MasterKey) }, hexKey},
		{"a flag's file beats a variable's value", sources{args: "--database-file d", env: pg, files: map[string]string{"d": "postgres://other/x"}},
			func(c *Config) any { return c.Database }, "postgres://other/x"},
		{"a flag's value beats a variable's file", sources{args: "--database postgres://flag/x", env: []string{pg[1], "LATCHKEY_DATABASE_FILE=absent"}},
			func(c *Config) any { return c.Database }, "postgres://flag/x"},
		{"a key of digits in a file", sources{args: "--config f", files: map[string]string{"f": "master-key: " + strings.Repeat("12345678", 8)}},
			func(c *Config) any { return fmt.Sprintf("%x", c.MasterKey) }, strings.Repeat("12345678", 8)},
		{"Kubernetes' variables are not ours", sources{env: []string{"LATCHKEY_PORT=tcp://10.0.0.1:80", "LATCHKEY_SERVICE_HOST=10.0.0.1", "LATCHKEY_PORT_80_TCP_PROTO=tcp", "LATCHKEY_SERVICE_PORT_HTTP=80"}},
			func(c *Config) any { return c.Listen }, "[127.0.0.1:8080]"},
		{"a tool reads a server's file", sources{mode: ModeTool, args: "--config f", files: map[string]string{"f": "listen: :80\ndatabase: postgres://h/x\n"}},
			func(c *Config) any { return c.Database }, "postgres://h/x"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := c.load()
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(c.got(cfg)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestRefusals checks single mistakes: there must be exactly one fault, and its line must hold the words.
func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		sources
		want string
	}{
		{"serve in public without address", sources{args: "--listen :8080"}, "--public-url: is missing"},
		{"serve on PostgreSQL without key", sources{args: "--database postgres://h/x"}, "--master-key: is missing"},
		{"a key file that is absent is one fault", sources{args: "--database postgres://h/x --master-key-file nope"}, `"nope" cannot be read: file does not exist`},
		{"an empty secret file", sources{args: "--smtp-file e", files: map[string]string{"e": "\n"}}, `--smtp (--smtp-file): "e" is empty`},
		{"cert without key", sources{args: "--tls-cert c"}, "--tls-key: is missing"},
		{"key without cert", sources{args: "--tls-key c"}, "--tls-cert: is missing"},
		{"ACME and own certificate", sources{args: "--acme-domain a.example.com --tls-cert c --tls-key k"}, "--acme-domain: excludes --tls-cert"},
		{"ACME in dev", sources{mode: ModeDev, args: "--acme-domain a.example.com"}, "is for `serve`"},
		{"ACME for an address", sources{args: "--acme-domain 192.0.2.1"}, "not a full host name"},
		{"ACME for a wildcard", sources{args: "--acme-domain *.example.com"}, "not a full host name"},
		{"redirect to nothing", sources{args: "--http-listen :80"}, "redirects to HTTPS, but there is none"},
		{"plain address for a TLS server", sources{args: "--tls-cert c --tls-key k --public-url http://x.example.com"}, "must begin with https://"},
		{"dev in public", sources{mode: ModeDev, env: []string{"LATCHKEY_LISTEN=:8080"}}, "--listen (LATCHKEY_LISTEN): must be a loopback address"},
		{"serve with lan", sources{args: "--lan"}, "is only for `dev`"},
		{"profiles on the public port", sources{args: "--listen 127.0.0.1:80 --metrics-listen :80"}, "must not be the address of --listen"},
		{"little memory", sources{args: "--hash-memory 8 --hash-threads 2"}, "RFC 9106"},
		{"a listen name", sources{args: "--listen example.com:80"}, "must name an IP address"},
		{"a bare IPv6", sources{args: "--listen ::1:80"}, "in brackets"},
		{"a port too many", sources{args: "--listen 127.0.0.1:65536"}, "no port between 0 and 65535"},
		{"no port", sources{args: "--listen localhost"}, "has no port"},
		{"a mask too short", sources{args: "--trusted-proxies 10.1.2.3/8"}, "write 10.0.0.0/8 or 10.1.2.3"},
		{"a path in the address", sources{args: "--public-url https://x.example.com/auth"}, "only scheme, host and port"},
		{"mail from nobody", sources{args: "--smtp smtp://u:canary@h"}, "does not say who mails are from"},
		{"a flag without value", sources{args: "--listen --lan=false"}, "needs a value: --listen=ADDR"},
		{"a flag without value at the end", sources{args: "--hash-queue"}, "needs a value"},
		{"a misspelt flag", sources{args: "--lisen=:80"}, "--lisen: unknown flag (did you mean --listen?)"},
		{"a misspelt secret", sources{args: "--master-kye canary"}, "--master-kye: unknown flag (did you mean --master-key?)"},
		{"an argument", sources{args: "prod.yaml"}, "prod.yaml: unexpected argument"},
		{"a misspelt variable", sources{env: []string{"LATCHKEY_RATE_LIMIT=on"}}, "LATCHKEY_RATE_LIMIT: unknown variable (did you mean LATCHKEY_RATE_LIMITS?)"},
		{"a variable in small letters", sources{env: []string{"LATCHKEY_Data=on"}}, "did you mean LATCHKEY_DATA?"},
		{"a strange variable", sources{env: []string{"LATCHKEY_FROBNICATE=1"}}, "LATCHKEY_FROBNICATE: unknown variable"},
		{"a misspelt key", sources{args: "--config f", files: map[string]string{"f": "data: x\npublic-uri: x\n"}}, "f:2: unknown key public-uri (did you mean public-url?)"},
		{"a nested key", sources{args: "--config f", files: map[string]string{"f": "smtp:\n  host: x\n"}}, "--smtp (f:1): must be a plain value"},
		{"a list for one value", sources{args: "--config f", files: map[string]string{"f": "data: [a, b]\n"}}, "takes one value, not a list"},
		{"a key twice", sources{args: "--config f", files: map[string]string{"f": "data: a\ndata: b\n"}}, "f: is not YAML: line 2"},
		{"a file that is no map", sources{args: "--config f", files: map[string]string{"f": "- data\n"}}, "must be a map of settings"},
		{"a file that is no YAML", sources{args: "--config f", files: map[string]string{"f": "data: [a\n"}}, "f: is not YAML: line 1"},
		{"a file that is absent", sources{env: []string{"LATCHKEY_CONFIG=f"}}, `--config (LATCHKEY_CONFIG): "f" cannot be read: file does not exist`},
		{"a file in a file", sources{args: "--config f", files: map[string]string{"f": "config: g\n"}}, "cannot name another file"},
		{"a secret twice", sources{env: []string{"LATCHKEY_SMS=webhook+https://:s@h/x", "LATCHKEY_SMS_FILE=s"}, files: map[string]string{"s": "webhook+https://:s@h/x"}}, "is given twice"},
		{"an empty value", sources{args: "--data="}, "--data: must not be empty"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := c.load()
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("no faults, want %q", c.want)
			}
			if len(faults) != 1 || !strings.Contains(faults[0].String(), c.want) {
				t.Errorf("got %v\nwant one fault with %q", err, c.want)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("a secret in the message: %v", err)
			}
		})
	}
}

// TestEveryFaultAtOnce makes a mistake in nearly every setting, in all three sources, and compares the
// whole report. The secrets in it must not appear.
func TestEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	yaml, err := os.ReadFile(filepath.Join("testdata", "every-fault.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = sources{
		args: "--listen nonsense --config latchkey.yaml --hash-time many --acme-domain=* --log-levle=debug extra --tls-key=k",
		env: []string{
			"HOME=/root", "LATCHKEY_MASTER_KEY=canary", "LATCHKEY_DATABASE=mysql://u:canary@h/db", "LATCHKEY_SMTP_FILE=secret",
			"LATCHKEY_RATE_LIMITS=maybe", "LATCHKEY_PUBLICURL=x", "LATCHKEY_SHUTDOWN_TIMEOUT=1 fortnight", "LATCHKEY_ACME_EMAIL=nobody",
		},
		files: map[string]string{"latchkey.yaml": string(yaml), "secret": "canary\n"},
	}.load()
	if err == nil {
		t.Fatal("no fault was found")
	}
	if strings.Contains(err.Error(), "canary") {
		t.Error("the report holds a secret")
	}
	golden(t, filepath.Join("testdata", "every-fault.golden"), err.Error()+"\n")
}

// TestSplitLeavesTheCommandItsOwn checks that settings may stand anywhere and that what belongs to the
// command stays in order.
func TestSplitLeavesTheCommandItsOwn(t *testing.T) {
	t.Parallel()
	f := Split([]string{"--data", "/d", "key", "create", "--scopes=*", "-v", "--lan", "demo", "--log-level=debug", "--", "--data", "x"})
	if diff := cmp.Diff([]string{"key", "create", "--scopes=*", "-v", "demo", "--", "--data", "x"}, f.Rest); diff != "" {
		t.Error(diff)
	}
	if len(f.given) != 3 || len(f.faults) != 0 {
		t.Errorf("took %v, faults %v", f.given, f.faults)
	}
}

// TestNothingShowsASecret prints a configuration in every way that comes to mind.
func TestNothingShowsASecret(t *testing.T) {
	t.Parallel()
	c, err := sources{env: []string{
		"LATCHKEY_MASTER_KEY=" + hexKey, "LATCHKEY_DATABASE=postgres://canary:canary@db.example.com/canary?password=canary",
		"LATCHKEY_SMTP=smtp://canary:canary@mail.example.com?from=canary@example.com", "LATCHKEY_SMS=webhook+https://:canary@sms.example.com/canary",
	}}.load()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "config", c)
	all := log.String() + fmt.Sprintf("%v %+v %#v %s", c, c, c, c) + fmt.Sprint(c.Redacted())
	for _, secret := range []string{"canary", hexKey} {
		if strings.Contains(all, secret) {
			t.Errorf("%q shows in %s", secret, all)
		}
	}
	for _, wanted := range []string{"config.database=postgres://db.example.com/", "{master-key (set) LATCHKEY_MASTER_KEY}", "{data ./latchkey-data default}"} {
		if !strings.Contains(all, wanted) {
			t.Errorf("%q is missing in %s", wanted, all)
		}
	}
}

// TestReferenceIsFresh compares the reference page with the table; -update writes it.
func TestReferenceIsFresh(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	if err := Reference(&page); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("..", "..", "docs", "reference", "configuration.md"), page.String())
}

// TestOperationsNamesOnlyWhatExists reads the operator's guide: every flag, key file and variable in it must
// be one of ours, and the faults it shows must be what Load says.
func TestOperationsNamesOnlyWhatExists(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range regexp.MustCompile(`--[a-z]+(-[a-z]+)*|LATCHKEY_[A-Z_]*[A-Z]`).FindAllString(string(page), -1) {
		found++
		flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(name, "--"), envPrefix), "_", "-"))
		if option, _ := settable(flag); option == nil && !slices.Contains([]string{"--help", "LATCHKEY_PORT", "LATCHKEY_RATE_LIMIT"}, name) {
			t.Errorf("the guide speaks of %s, which is no setting", name)
		}
	}
	if found < 20 {
		t.Errorf("only %d settings found in the guide", found)
	}
	_, err = sources{args: "--config /etc/latchkey.yaml", env: []string{"LATCHKEY_RATE_LIMIT=off"},
		files: map[string]string{"/etc/latchkey.yaml": "# settings\nlisten: 0.0.0.0:8080\n\ndata: /var/lib/latchkey\ntrusted-proxies: [10.1.2.3/8]\n"}}.load()
	if err == nil || !strings.Contains(string(page), "\n"+err.Error()+"\n") {
		t.Errorf("the guide shows other faults than these:\n%v", err)
	}
}

// TestUsage keeps the text of --help under review.
func TestUsage(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	if err := Usage(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "usage.golden"), text.String())
}

// TestTable checks what every row must have.
func TestTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, o := range Options() {
		if seen[o.Name] || o.Help == "" || o.Group == "" || o.set == nil {
			t.Errorf("--%s is double or incomplete", o.Name)
		}
		seen[o.Name] = true
		if strings.HasSuffix(o.Help, ".") {
			t.Errorf("--%s: the help ends with a full stop", o.Name)
		}
		if o.Default != "" {
			if err := o.set(&Config{}, o.Default); err != nil {
				t.Errorf("--%s: its own default %s", o.Name, err)
			}
		}
	}
}

// FuzzLoad gives arbitrary arguments, variables and files to Load: it must answer, and a fault must
// never be empty.
func FuzzLoad(f *testing.F) {
	f.Add("--listen=:80 --config c x", "LATCHKEY_DATA=x", "listen: [127.0.0.1:80]\n")
	f.Add("--smtp --", "LATCHKEY_=", "a: &b {c: *b}\n")
	f.Add("--config=c", "", "? x\n: |\n  y\n---\n- z")
	f.Fuzz(func(t *testing.T, args, env, file string) {
		_, err := sources{args: args + " --config c", env: []string{env}, files: map[string]string{"c": file}}.load()
		var faults Faults
		if err != nil && (!errors.As(err, &faults) || len(faults) == 0) {
			t.Fatalf("not a list of faults: %v", err)
		}
		for _, fault := range faults {
			if fault.Problem == "" || fault.Option == "" && fault.Origin == "" {
				t.Fatalf("a fault that says nothing: %#v", fault)
			}
		}
	})
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not fresh (go generate ./internal/config writes the reference, `go test -update` all of them):\n%s", file, diff)
	}
}
