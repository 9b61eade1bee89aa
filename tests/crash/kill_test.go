package crash_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// rounds is how often the server is killed: a few times in an ordinary run, as often as
// LATCHKEY_TEST_ROUNDS says in a long one.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("LATCHKEY_TEST_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return 2
}

const (
	anonymousCalls = 5000
	passwordCalls  = 200
	crashPassword  = "correct horse 1"
)

// promises is what clients were told: every 201 they saw.
type promises struct {
	mu       sync.Mutex
	sessions []string // encoded sessions
	emails   []string // addresses that signed up
}

// some says whether there is something of each kind to be lost.
func (p *promises) some() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sessions) > 0 && len(p.emails) > 0
}

func TestNothingPromisedIsLostWhenKilled(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		sessions, emails := 0, 0
		for round := range rounds() {
			s.start()
			told := work(s, round)
			s.kill()
			s.start()
			verify(t, s, told)
			s.kill()
			sessions, emails = sessions+len(told.sessions), emails+len(told.emails)
		}
		t.Logf("%d rounds: %d sessions and %d accounts were promised, all were there", rounds(), sessions, emails)
		if sessions == 0 || emails == 0 {
			t.Error("nothing was promised before the kill: the test shows nothing")
		}
	})
}

// work sends sign-ins and sign-ups from many clients and kills the server somewhere in the middle.
func work(s *server, round int) *promises {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	told := &promises{}
	var clients sync.WaitGroup
	for i := range 24 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			for n := range anonymousCalls / 24 {
				status, _, session, err := s.call(ctx, "POST", "/v1/account/sessions/anonymous", map[string]any{}, "")
				if err != nil {
					return
				}
				if status == 201 {
					told.mu.Lock()
					told.sessions = append(told.sessions, session)
					told.mu.Unlock()
				}
				_ = n
			}
		}()
		if i >= 4 {
			continue
		}
		clients.Add(1)
		go func() {
			defer clients.Done()
			for n := range passwordCalls / 4 {
				email := fmt.Sprintf("u%d-%d-%d@example.com", round, i, n)
				status, _, _, err := s.call(ctx, "POST", "/v1/account", map[string]any{"userId": "unique()", "email": email, "password": crashPassword}, "")
				if err != nil {
					return
				}
				if status == 201 {
					told.mu.Lock()
					told.emails = append(told.emails, email)
					told.mu.Unlock()
				}
			}
		}()
	}
	// Some moment while they work, once something of each kind was promised; which one is the point of repeating.
	for !told.some() && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(time.Duration(rand.IntN(600)) * time.Millisecond)
	s.kill()
	clients.Wait()
	return told
}

// verify asks the restarted server for everything that was promised.
func verify(t *testing.T, s *server, told *promises) {
	t.Helper()
	ctx := context.Background()
	var clients sync.WaitGroup
	jobs := make(chan func())
	for range 8 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			for job := range jobs {
				job()
			}
		}()
	}
	for _, session := range told.sessions {
		jobs <- func() {
			if status, reply, _, err := s.call(ctx, "GET", "/v1/account", nil, session); err != nil || status != 200 {
				t.Errorf("a session that was promised is gone: %d %v %v", status, reply, err)
			}
		}
	}
	for _, email := range told.emails {
		jobs <- func() {
			body := map[string]any{"email": email, "password": crashPassword}
			if status, reply, _, err := s.call(ctx, "POST", "/v1/account/sessions/email", body, ""); err != nil || status != 201 {
				t.Errorf("the account %s that was promised is gone: %d %v %v", email, status, reply, err)
			}
		}
	}
	close(jobs)
	clients.Wait()
}
