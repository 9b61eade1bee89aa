package auth_test

import (
	"context"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"latchkey/internal/app"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// hashing is a second server over the parts of s that hashes at a cost and through a gate of the test's own.
func hashing(t testing.TB, s *testkit.Server, cost secret.Cost, gate *secret.Gate) *testkit.Server {
	t.Helper()
	return twin(t, s, func(p *app.Parts) { p.Hasher = secret.NewHasher(cost, s.Random, gate) })
}

// twin is a second server over the parts of s, some of them changed.
func twin(t testing.TB, s *testkit.Server, change func(*app.Parts)) *testkit.Server {
	t.Helper()
	other := *s
	change(&other.Parts)
	other.Assembly = app.Assemble(other.Parts)
	server := httptest.NewServer(other.Handler)
	t.Cleanup(server.Close)
	other.URL = server.URL
	return &other
}

// hold waits for a place in the gate and keeps it until it is let go.
func hold(gate *secret.Gate, name string) (inside <-chan struct{}, letGo func()) {
	entered, over, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		if gate.Run(secret.WithFairKey(context.Background(), name), func() { close(entered); <-over }) != nil {
			close(entered)
		}
	}()
	return entered, func() { close(over); <-left }
}

// until waits for something that another goroutine is about to do.
func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// hashes counts how often a call goes through the gate, which lets one through at a time. Whenever the call
// waits there, a holder lines up behind it before it is let in, and so stops whatever it hashes next. While the
// call waits for its n-th turn, meanwhile (if there is one) is called with n.
func hashes(t testing.TB, gate *secret.Gate, call func(), meanwhile func(n int)) (n int) {
	t.Helper()
	waiting := func() int { _, n := gate.Stats(); return n }
	inside, letGo := hold(gate, "holder")
	<-inside
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	for {
		until(t, "the call to hash or to end", func() bool {
			select {
			case <-done:
				return true
			default:
				return waiting() == 1
			}
		})
		if waiting() == 0 {
			letGo()
			return n
		}
		n++
		if meanwhile != nil {
			meanwhile(n)
		}
		next, letNextGo := hold(gate, "holder")
		until(t, "the holder to line up", func() bool { return waiting() == 2 })
		letGo()
		<-next
		letGo = letNextGo
	}
}

// Whoever measures the time that a sign-in takes must not learn who has an account.
func TestEveryRefusedSignInHashesOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		gate := secret.NewGate(1, 10)
		s = hashing(t, s, testkit.CheapHash, gate)
		blocked, passwordless := s.SignUp(t, "blocked@example.com"), "passwordless"
		s.SignUp(t, walter)
		s.Write(t, func(tx *store.Tx) {
			user := stored(t, s, blocked)
			user.Status = false
			tx.UpdateUserStatus(user)
			tx.InsertUser(&model.User{Project: testkit.Demo, ID: "imported", Email: "imported@example.com", Status: true, Prefs: "{}",
				PasswordUpdate: tx.Now, Password: md5})
			tx.InsertUser(&model.User{Project: testkit.Demo, ID: passwordless, Email: "otp@example.com", Status: true, Prefs: "{}"})
		})
		for _, c := range []struct {
			name, email, password string
			status, want          int
		}{
			{"nobody", "nobody@example.com", testkit.Password, 401, 1},
			{"a wrong password", walter, "wrong password", 401, 1},
			{"the right password", walter, testkit.Password, 201, 1},
			{"somebody without a password", "otp@example.com", testkit.Password, 401, 1},
			{"somebody blocked, a wrong password", "blocked@example.com", "wrong password", 401, 1},
			{"somebody blocked, the right password", "blocked@example.com", testkit.Password, 403, 1},
			{"an old hash, a wrong password: ours as well", "imported@example.com", "wrong password", 401, 2},
			{"an old hash, the right password: replaced by ours", "imported@example.com", testkit.Password, 201, 2},
			{"a password too short for anybody", walter, "1234567", 400, 0},
		} {
			var reply *testkit.Reply
			n := hashes(t, gate, func() { reply = s.Call(t, signIn, credentials(c.email, c.password)) }, nil)
			if n != c.want || reply.Status != c.status {
				t.Errorf("%s: %d hashes for a %d, want %d for a %d", c.name, n, reply.Status, c.want, c.status)
			}
		}
	})
}

// While the gate is full, what needs a hash is told to come back, and everything else goes on.
func TestAFullHashQueue(t *testing.T) {
	each(t, testkit.Options{Proxies: true}, func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		_, anonymous := guest(t, s)
		gate := secret.NewGate(1, 0)
		s = hashing(t, s, testkit.CheapHash, gate)
		inside, letGo := hold(gate, "holder")
		<-inside
		me := testkit.As(session)
		for range 12 { // more often than anybody may guess: none of these was a guess
			for route, reply := range map[string]*testkit.Reply{
				"known":   s.Call(t, signIn, credentials(walter, testkit.Password), testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}),
				"unknown": s.Call(t, signIn, credentials("nobody@example.com", testkit.Password), testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}),
				"email":   s.Call(t, email, credentials("w@example.com", testkit.Password), me),
				"phone":   s.Call(t, phone, testkit.Map{"phone": "+4915112345678", "password": testkit.Password}, me),
				"first":   s.Call(t, email, credentials("first@example.com", testkit.Password), testkit.As(anonymous)),
			} {
				if reply.Status != 503 || reply.Text("type") != "general_server_busy" || reply.Header.Get("Retry-After") != "1" || reply.Session() != "" {
					t.Errorf("%s: %d %v %s", route, reply.Status, reply.Header, reply.Body)
				}
			}
		}
		s.Call(t, signUp, filled(testkit.Map{"email": "new@example.com"})).Want(503, "general_server_busy")
		s.Call(t, password, change(other, testkit.Password), me).Want(503, "general_server_busy")
		s.Call(t, whoAmI, nil, me).Want(200)
		s.Call(t, "POST /v1/account/sessions/anonymous", nil).Want(201)
		letGo()
		s.SignUp(t, "new@example.com")
		s.Call(t, email, credentials("w@example.com", testkit.Password), me).Want(200)
		s.Call(t, email, credentials("first@example.com", testkit.Password), testkit.As(anonymous)).Want(200)
	})
}
