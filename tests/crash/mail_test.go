package crash_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"latchkey/internal/testkit/mailserver"
)

// amount reads how much a long run does, and gives what an ordinary one does.
func amount(variable string, ordinary int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return ordinary
}

// patience is how long mails may take to arrive after the last kill: on PostgreSQL another node could be at work on
// what the dead one held, so that its lease of a minute has to run out.
const patience = 3 * time.Minute

// sink is a mail server in the test, which lives on when the program is killed.
func sink(t *testing.T, s *server) *mailserver.Server {
	t.Helper()
	m := mailserver.Start(t, mailserver.Options{Username: "latchkey", Password: "s3cret"})
	roots := filepath.Join(s.dir, "roots.pem")
	if err := os.WriteFile(roots, m.Certificate.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "SSL_CERT_FILE="+roots)
	s.flags = append(s.flags, fmt.Sprintf("--smtp=smtp://latchkey:s3cret@localhost:%d?from=auth@example.org&tls=required", m.Port))
	return m
}

// requested is what clients were told: the addresses that a mail was promised to, and when they had asked.
type requested struct {
	mutex sync.Mutex
	asked map[string]time.Time
	told  chan bool // one for each
}

func newRequested() *requested {
	return &requested{asked: map[string]time.Time{}, told: make(chan bool, 100_000)}
}

// ask asks for codes from several clients until told to stop, or until n were asked for.
func (r *requested) ask(ctx context.Context, servers []*server, n int, name string) {
	var clients sync.WaitGroup
	next := make(chan int)
	for client := range 8 {
		clients.Go(func() {
			for i := range next {
				address, at := fmt.Sprintf("%s-%d@example.com", name, i), time.Now()
				status, _, _, err := servers[client%len(servers)].call(ctx, "POST", "/v1/account/tokens/email", map[string]any{"userId": "unique()", "email": address}, "")
				if err == nil && status == 201 {
					r.mutex.Lock()
					r.asked[address] = at
					r.mutex.Unlock()
					r.told <- true
				}
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	clients.Wait()
}

// await waits until everybody has a mail.
func (r *requested) await(t *testing.T, m *mailserver.Server) {
	t.Helper()
	missing := map[string]bool{}
	for address := range r.asked {
		missing[address] = true
	}
	for _, mail := range m.Mails() {
		delete(missing, mail.To)
	}
	deadline := time.After(patience)
	for len(missing) > 0 {
		select {
		case mail := <-m.Arrived:
			delete(missing, mail.To)
		case <-deadline:
			t.Fatalf("%d of %d mails that were promised never came", len(missing), len(r.asked))
		}
	}
}

var messageID = regexp.MustCompile(`(?m)^Message-ID: (<\S+>)\r$`)

// twice checks mails that came more than once: the same Message-ID, and a kill between one and the next.
func twice(t *testing.T, mails []mailserver.Mail, kills []time.Time) int {
	t.Helper()
	first, again := map[string]mailserver.Mail{}, 0
	for _, mail := range mails {
		before, seen := first[mail.To]
		first[mail.To] = mail
		if !seen {
			continue
		}
		again++
		if id := messageID.FindStringSubmatch(mail.Raw); id == nil || id[1] != messageID.FindStringSubmatch(before.Raw)[1] {
			t.Errorf("%s has two different mails", mail.To)
		}
		if !slices.ContainsFunc(kills, func(kill time.Time) bool { return before.At.Before(kill) && kill.Before(mail.At) }) {
			t.Errorf("%s has two mails and nobody was killed in between", mail.To)
		}
	}
	return again
}

// TestEveryPromisedMailArrives kills the program at random moments while codes are asked for and sent.
func TestEveryPromisedMailArrives(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, database string) {
		t.Parallel()
		s := newServer(t, database)
		m := sink(t, s)
		kills, each := amount("LATCHKEY_TEST_KILLS", 4), amount("LATCHKEY_TEST_CODES", 100)/amount("LATCHKEY_TEST_KILLS", 4)
		told := newRequested()
		var killed []time.Time
		for round := range kills {
			s.start()
			ctx, stop := context.WithCancel(t.Context())
			asked := make(chan bool)
			go func() {
				told.ask(ctx, []*server{s}, each, fmt.Sprint("r", round))
				close(asked)
			}()
			// Some moment while they ask or while mails are sent; which one is the point of repeating.
			for range 1 + rand.IntN(each) {
				select {
				case <-told.told:
				case <-asked:
				}
			}
			time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
			s.kill()
			killed = append(killed, time.Now())
			stop()
			<-asked
		}
		s.start()
		told.await(t, m)
		s.kill()
		again := twice(t, m.Mails(), killed)
		t.Logf("%d kills, %d codes promised, %d mails: all there, %d came twice", kills, len(told.asked), len(m.Mails()), again)
		if len(told.asked) == 0 {
			t.Error("nothing was promised before the kills: the test shows nothing")
		}
		if again > 8*kills {
			t.Error("more mails came twice than were on their way")
		}
	})
}

// TestProcessesShareTheMail runs several servers on one database: every mail goes out once.
func TestProcessesShareTheMail(t *testing.T) {
	t.Parallel()
	for nodes := 2; nodes <= 3; nodes++ {
		t.Run(fmt.Sprint(nodes), func(t *testing.T) {
			t.Parallel()
			database := freshDatabase(t)
			var servers []*server
			var m *mailserver.Server
			for n := range nodes {
				s := newServer(t, database)
				if n == 0 {
					m = sink(t, s)
				} else {
					s.env, s.flags = servers[0].env, slices.Clone(servers[0].flags[:1])
				}
				s.flags = append(s.flags, fmt.Sprintf("--public-url=http://node%d.example.com", n))
				s.start()
				servers = append(servers, s)
			}
			told := newRequested()
			messages := amount("LATCHKEY_TEST_MESSAGES", 300)
			begun := time.Now()
			told.ask(t.Context(), servers, messages, "shared")
			told.await(t, m)
			took := time.Since(begun)
			mails, by := m.Mails(), map[string]int{}
			for _, mail := range mails {
				by[mail.Hello]++
			}
			t.Logf("%d nodes: %d mails in %s (%.0f a second), by %v", nodes, len(mails), took.Round(time.Millisecond), float64(len(mails))/took.Seconds(), by)
			if twice(t, mails, nil); len(told.asked) != messages || len(mails) != messages || len(by) != nodes {
				t.Errorf("%d promised, %d sent, by %v", len(told.asked), len(mails), by)
			}
		})
	}
}
