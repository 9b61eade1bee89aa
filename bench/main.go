// Command bench measures the built server against a floor: the same statements on the same driver behind bare
// net/http. Both are run in turn, on the same data, in the same minutes, because machines are noisy: what
// counts is the ratio. Usage: bench -server bin/latchkey [-postgres postgres://…] [-users 10000] [-seconds 4]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

const benchProject = "bench"

// settings of a run.
type settings struct {
	server   string
	postgres string
	users    int
	seconds  int
	rounds   int
	clients  int
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == "floor" {
		fail(runFloor(os.Args[2], os.Args[3], os.Args[4]))
	}
	var s settings
	flag.StringVar(&s.server, "server", "bin/latchkey", "the built server")
	flag.StringVar(&s.postgres, "postgres", "", "a PostgreSQL with durable settings; empty: SQLite only")
	flag.IntVar(&s.users, "users", 10000, "users with a session each")
	flag.IntVar(&s.seconds, "seconds", 4, "seconds a cell")
	flag.IntVar(&s.rounds, "rounds", 3, "interleaved rounds; medians are printed")
	flag.IntVar(&s.clients, "clients", 32, "connections")
	sqlite := flag.Bool("sqlite", true, "measure SQLite too")
	flag.Parse()
	fmt.Printf("%-10s %-18s %10s %10s %7s %9s %9s %9s\n", "engine", "what", "server/s", "floor/s", "ratio", "p50", "p99", "memory")
	if *sqlite {
		fail(s.engine(store.SQLite, ""))
	}
	if s.postgres != "" {
		fail(s.onPostgres())
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// onPostgres runs the engine on a database of its own.
func (s *settings) onPostgres() error {
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(s.postgres) // the server's pool may be set by the URL
	if err != nil {
		return err
	}
	connection, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	if _, err := connection.Exec(ctx, "create database latchkey_bench"); err != nil {
		return err
	}
	defer func() { _, _ = connection.Exec(ctx, "drop database latchkey_bench with (force)") }()
	address, err := url.Parse(s.postgres)
	if err != nil {
		return err
	}
	address.Path = "/latchkey_bench"
	return s.engine(store.Postgres, address.String())
}

// engine measures one engine.
func (s *settings) engine(name, database string) error {
	directory, err := os.MkdirTemp("", "latchkey-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	file := filepath.Join(directory, "latchkey.db")
	sessions, err := seed(file, database, s.users)
	if err != nil {
		return err
	}
	target := database
	if target == "" {
		target = file
	}
	b := &bench{settings: s, directory: directory, database: database}
	check := func(worker, n int) []byte {
		return []byte("GET /v1/account HTTP/1.1\r\nHost: localhost\r\nX-Appwrite-Project: bench\r\nX-Forwarded-For: " + address(worker, n) +
			"\r\nX-Appwrite-Session: " + sessions[(worker*7919+n*31)%len(sessions)] + "\r\n\r\n")
	}
	create := func(worker, n int) []byte {
		return []byte("POST /v1/account/sessions/anonymous HTTP/1.1\r\nHost: localhost\r\nX-Appwrite-Project: bench\r\nX-Forwarded-For: " + address(worker, n) +
			"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	}
	floorArgs := []string{os.Args[0], "floor", "ADDRESS", name, target}
	for _, cell := range []struct {
		what string
		next func(worker, n int) []byte
	}{{"session check", check}, {"anonymous session", create}} {
		if err := b.compare(name, cell.what, floorArgs, cell.next); err != nil {
			return fmt.Errorf("%s, %s: %w", name, cell.what, err)
		}
	}
	return nil
}

// address spreads clients over so many networks that no limit of fifty an hour is reached. The millions of n
// count the starts: counters in the database outlive a server.
func address(worker, n int) string {
	return fmt.Sprintf("2a01:%x:%x:%x::1", worker, n/1_000_000, n%1_000_000/40)
}

// bench runs servers on one engine's data.
type bench struct {
	*settings
	directory, database string
	starts              int
}

// compare runs server and floor in turn and prints the medians.
func (b *bench) compare(engine, what string, floorArgs []string, next func(worker, n int) []byte) error {
	var servers, floors []result
	var memory int64
	for round := range b.rounds {
		for _, isFloor := range []bool{round%2 == 0, round%2 != 0} {
			r, peak, err := b.cell(isFloor, floorArgs, next)
			if err != nil {
				return err
			}
			if r.requests == 0 {
				return errors.New("nothing was answered")
			}
			if r.failed > 0 {
				return fmt.Errorf("%d of %d requests were refused", r.failed, r.requests)
			}
			if isFloor {
				floors = append(floors, r)
			} else {
				servers, memory = append(servers, r), max(memory, peak)
			}
		}
	}
	server, floor := median(servers), median(floors)
	fmt.Printf("%-10s %-18s %10.0f %10.0f %7.2f %9s %9s %6d MB\n", engine, what, server.rate(), floor.rate(), server.rate()/floor.rate(),
		server.p50.Round(10*time.Microsecond), server.p99.Round(100*time.Microsecond), memory>>10)
	return nil
}

// cell starts a program, warms it up, measures, and stops it.
func (b *bench) cell(isFloor bool, floorArgs []string, next func(worker, n int) []byte) (result, int64, error) {
	b.starts++
	listen, err := freeAddress()
	if err != nil {
		return result{}, 0, err
	}
	args := slices.Clone(floorArgs)
	if isFloor {
		args[2] = listen
	} else {
		args = []string{b.server, "serve", "--listen", listen, "--data", b.directory, "--trusted-proxies", "127.0.0.0/8", "--log-level", "warn"}
	}
	command := exec.Command(args[0], args[1:]...)
	command.Env = append(os.Environ(), "LATCHKEY_MASTER_KEY="+strings.Repeat("00", 32))
	if b.database != "" {
		command.Env = append(command.Env, "LATCHKEY_DATABASE="+b.database)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return result{}, 0, err
	}
	defer func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	}()
	if err := await(listen); err != nil {
		return result{}, 0, err
	}
	// Each start has its own addresses, so that limits of an earlier one do not count.
	offset := b.starts * 1_000_000
	if _, err := drive(listen, b.clients, time.Second/2, func(w, n int) []byte { return next(w, offset+n) }); err != nil {
		return result{}, 0, err
	}
	r, err := drive(listen, b.clients, time.Duration(b.seconds)*time.Second, func(w, n int) []byte { return next(w, offset+500_000+n) })
	_ = command.Process.Signal(syscall.SIGTERM)
	_ = command.Wait()
	usage, _ := command.ProcessState.SysUsage().(*syscall.Rusage)
	return r, usage.Maxrss, err
}

// median picks the result of middle rate.
func median(results []result) result {
	slices.SortFunc(results, func(a, b result) int { return int(a.rate() - b.rate()) })
	return results[len(results)/2]
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// await waits until a program answers.
func await(address string) error {
	var err error
	for range 400 {
		var response *http.Response
		if response, err = http.Get("http://" + address + "/v1/account"); err == nil {
			return response.Body.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

// seed makes a project and users with a session each, whose last access is old, as after a quiet night.
func seed(file, database string, users int) ([]string, error) {
	ctx := context.Background()
	options := store.Options{Path: file}
	if database != "" {
		options = store.Options{URL: database}
	}
	db, err := store.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	random := secret.NewRandom(nil)
	now := time.Now()
	old := model.At(now.Add(-48 * time.Hour))
	if err := db.Write(ctx, func(tx *store.Tx) error {
		tx.InsertProject(&model.Project{ID: benchProject, Name: "Bench", CreatedAt: old, UpdatedAt: old, AccessedAt: old, Settings: model.DefaultSettings()})
		return nil
	}); err != nil {
		return nil, err
	}
	sessions := make([]string, 0, users)
	for len(sessions) < users {
		err := db.Write(ctx, func(tx *store.Tx) error {
			for range min(500, users-len(sessions)) {
				u := &model.User{Project: benchProject, ID: random.ID(now), CreatedAt: old, UpdatedAt: old, AccessedAt: old, Status: true,
					Name: "Walter White", Prefs: `{"theme":"dark"}`}
				u.Email = u.ID + "@example.com"
				u.EmailFacts = &model.EmailFacts{Canonical: u.Email, IsCorporate: true, IsCanonical: true}
				text := secret.NewSessionSecret(random)
				tx.InsertUser(u)
				tx.InsertTarget(&model.Target{Project: benchProject, ID: random.ID(now), CreatedAt: old, UpdatedAt: old, UserID: u.ID, ProviderType: model.TargetEmail, Identifier: u.Email})
				tx.InsertSession(&model.Session{Project: benchProject, ID: random.ID(now), CreatedAt: old, UpdatedAt: old, UserID: u.ID, SecretHash: secret.HashToken(text),
					Expire: model.At(now.Add(time.Hour)), Provider: "email", Factors: []string{"password"}, IP: "127.0.0.1", CountryCode: "--", UserAgent: "bench"})
				sessions = append(sessions, secret.EncodeSession(u.ID, text))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	_, err = db.Analyze(ctx)
	return sessions, err
}
