// Package crash_test kills the built server in the middle of its work and looks at what is left. It runs the
// binary, not the packages: what a client was told must hold for the program as it is shipped.
package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const project = `projects:
  - id: demo
    name: Demo
    platforms:
      - {type: web, id: local, name: Local, hostname: localhost}
`

// masterKey is fixed, so that a restarted server opens what the killed one wrote.
const masterKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// binary is the program under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "latchkey-crash")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "latchkey")
	build := exec.Command("go", "build", "-o", binary, "latchkey/cmd/latchkey")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the server does not build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// server is a running latchkey with its data.
type server struct {
	t        *testing.T
	dir      string
	database string // empty: SQLite in dir
	port     int
	prefix   []string // what runs the program, such as strace and its flags
	flags    []string // beside the usual ones
	env      []string
	command  *exec.Cmd
	log      *bytes.Buffer
	worked   time.Duration // of a processor, by the process that ended last
}

// newServer prepares a server; nothing runs yet.
func newServer(t *testing.T, database string) *server {
	t.Helper()
	s := &server{t: t, dir: t.TempDir(), database: database, port: freePort(t)}
	if err := os.WriteFile(filepath.Join(s.dir, "project.yaml"), []byte(project), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

// freePort finds a port nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// launch runs the server.
func (s *server) launch() {
	s.t.Helper()
	arguments := append(append([]string{}, s.prefix...), binary, "serve", "--listen", "127.0.0.1:"+strconv.Itoa(s.port), "--data", filepath.Join(s.dir, "data"),
		"--apply", filepath.Join(s.dir, "project.yaml"), "--rate-limits", "off", "--hash-memory", "8", "--hash-time", "1", "--hash-queue", "10000", "--log-level", "error")
	arguments = append(arguments, s.flags...)
	s.command = exec.Command(arguments[0], arguments[1:]...)
	s.command.Env = append(append(os.Environ(), "LATCHKEY_MASTER_KEY="+masterKey), s.env...)
	if s.database != "" {
		s.command.Env = append(s.command.Env, "LATCHKEY_DATABASE="+s.database)
	}
	s.log = &bytes.Buffer{}
	s.command.Stdout, s.command.Stderr = s.log, s.log
	s.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that a tracer and the server end together
	if err := s.command.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// start runs the server and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	s.launch()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if response, err := http.Get(s.url("/v1/health/version")); err == nil {
			response.Body.Close()
			return
		}
		time.Sleep(20 * time.Millisecond) // a process outside this one: nothing else tells when it listens
	}
	s.kill()
	s.t.Fatalf("the server does not answer:\n%s", s.log)
}

// kill ends the server the hard way and waits until it is gone.
func (s *server) kill() { s.end(syscall.SIGKILL) }

// end sends a signal and waits until the server is gone.
func (s *server) end(signal syscall.Signal) {
	if s.command == nil {
		return
	}
	_ = syscall.Kill(-s.command.Process.Pid, signal)
	_ = s.command.Wait()
	s.worked = s.command.ProcessState.UserTime() + s.command.ProcessState.SystemTime()
	s.command = nil
}

func (s *server) url(path string) string { return "http://127.0.0.1:" + strconv.Itoa(s.port) + path }

// call sends a request; an error means that no whole answer came.
func (s *server) call(ctx context.Context, method, path string, body any, session string) (status int, reply map[string]any, cookie string, err error) {
	text, _ := json.Marshal(body)
	r, err := http.NewRequestWithContext(ctx, method, s.url(path), bytes.NewReader(text))
	if err != nil {
		return 0, nil, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Appwrite-Project", "demo")
	if session != "" {
		r.Header.Set("X-Appwrite-Session", session)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, "", err
	}
	for _, line := range response.Header.Values("Set-Cookie") {
		if value, is := strings.CutPrefix(line, "a_session_demo="); is {
			value, _, _ = strings.Cut(value, ";")
			cookie, _ = url.QueryUnescape(value)
		}
	}
	_ = json.Unmarshal(answer, &reply)
	return response.StatusCode, reply, cookie, nil
}

// eachEngine runs a test on SQLite and on a PostgreSQL that flushes.
func eachEngine(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "") })
	t.Run("postgres", func(t *testing.T) {
		test(t, freshDatabase(t))
	})
}

// freshDatabase makes a database on the durable PostgreSQL that the test script runs.
func freshDatabase(t *testing.T) string {
	t.Helper()
	server := os.Getenv("LATCHKEY_TEST_POSTGRES_DURABLE")
	if server == "" {
		if os.Getenv("LATCHKEY_REQUIRE") == "all" {
			t.Fatal("LATCHKEY_TEST_POSTGRES_DURABLE names no PostgreSQL")
		}
		t.Skip("LEFT OUT: no PostgreSQL with durable settings (LATCHKEY_TEST_POSTGRES_DURABLE)")
	}
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	name := "crash_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if _, err := connection.Exec(ctx, "create database "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = connection.Exec(ctx, "drop database "+name+" with (force)")
		_ = connection.Close(ctx)
	})
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}
