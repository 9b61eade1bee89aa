package auth_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/app"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// fill calls until it is refused for asking too often, and returns how often it was not.
func fill(t testing.TB, most int, call func(i int) *testkit.Reply) int {
	t.Helper()
	for i := range most {
		if reply := call(i); reply.Status == 429 {
			reply.Want(429, "general_rate_limit_exceeded")
			return i
		}
	}
	return most
}

func TestHowOftenSecretsAreSent(t *testing.T) {
	each(t, testkit.Options{Proxies: true}, func(t *testing.T, s *testkit.Server) {
		from := func(i int) testkit.Header { return s.From(fmt.Sprint("somewhere", i)) }
		one := s.From("one place")
		for _, c := range []struct {
			route, alias string
			body         func(who int) testkit.Map
			max          int
		}{
			{emailToken, "", func(i int) testkit.Map {
				return testkit.Map{"userId": "unique()", "email": fmt.Sprintf("w%d@example.com", i)}
			}, 10},
			{magicURL, "POST /v1/account/sessions/magic-url", func(i int) testkit.Map {
				return testkit.Map{"userId": "unique()", "email": fmt.Sprintf("w%d@example.com", i), "url": page}
			}, 60},
			{phoneToken, "POST /v1/account/sessions/phone", func(i int) testkit.Map {
				return testkit.Map{"userId": "unique()", "phone": fmt.Sprintf("+4915112345%03d", i)}
			}, 10},
			{recovery, "", func(i int) testkit.Map { return testkit.Map{"email": fmt.Sprintf("w%d@example.com", i), "url": page} }, 10},
			{recoveryOTP, "", func(i int) testkit.Map { return testkit.Map{"email": fmt.Sprintf("w%d@example.com", i)} }, 10},
		} {
			route := func(i int) string {
				if i%2 == 1 && c.alias != "" {
					return c.alias // two paths, one counter
				}
				return c.route
			}
			// One address, asked for from many places and in many spellings; and one place that asks for many.
			n := fill(t, c.max+1, func(i int) *testkit.Reply {
				body := c.body(0)
				if email, is := body["email"].(string); is && i%3 == 1 {
					body["email"] = " " + strings.ToUpper(email)
				}
				return s.Call(t, route(i), body, from(i))
			})
			m := fill(t, c.max+1, func(i int) *testkit.Reply { return s.Call(t, route(i), c.body(i+1), one) })
			if n != c.max || m != c.max {
				t.Errorf("%s: %d for one address, %d from one place, want %d", c.route, n, m, c.max)
			}
			key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
			if reply := s.Call(t, c.route, c.body(0), one, key); reply.Status == 429 {
				t.Errorf("%s: a server is held back", c.route)
			}
			s.Clock.Advance(time.Hour)
		}
	})
}

func TestHowOftenSecretsAreTried(t *testing.T) {
	each(t, testkit.Options{Proxies: true}, func(t *testing.T, s *testkit.Server) {
		routes := []string{redeem, redeemMagic, redeemPhone}
		here := s.From("here")
		x, spare := magic(t, s, walter), magic(t, s, walter)
		// Nine wrong tries by whatever route, a right one, which gives all of them back, and ten more.
		fill(t, 9, func(i int) *testkit.Reply { return s.Call(t, routes[i%3], proof(x.userID, "wrong"), here) })
		s.Call(t, redeemPhone, x.proof(), here).Want(201)
		if n := fill(t, 11, func(i int) *testkit.Reply { return s.Call(t, routes[i%3], proof(x.userID, "wrong"), here) }); n != 10 {
			t.Errorf("%d tries after a success", n)
		}
		s.Call(t, redeem, spare.proof(), here).Want(429, "general_rate_limit_exceeded") // be it the right one
		s.Call(t, redeem, spare.proof(), s.From("elsewhere")).Want(201)
		for _, route := range []string{verifiedMail, verifiedOTP, verifiedPhone, recovered, recoveredOTP} {
			n := fill(t, 11, func(i int) *testkit.Reply {
				return s.Call(t, route, testkit.Map{"userId": "nobody", "secret": "wrong", "password": other}, s.From(fmt.Sprint(i)))
			})
			if n != 10 {
				t.Errorf("%s: %d tries for one user", route, n)
			}
		}
		_, session := s.Member(t, "jesse@example.com")
		for _, route := range []string{verify, verifyOTP} {
			n := fill(t, 11, func(i int) *testkit.Reply {
				return s.Call(t, route, testkit.Map{"url": page}, testkit.As(session), s.From(fmt.Sprint(i)))
			})
			if n != 10 {
				t.Errorf("%s: %d mails for one user", route, n)
			}
		}
	})
}

// A way in that is switched off sends nothing more; what was sent still works, and servers are not bound by it.
func TestWaysInThatAreSwitchedOff(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		given := []sent{code(t, s, walter), magic(t, s, walter), text(t, s, mobile)}
		project, err := s.DB.Project(t.Context(), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		project.Settings.AuthMethods = model.AuthMethods{}
		s.Write(t, func(tx *store.Tx) { tx.UpsertProject(project) })
		if err := s.Projects.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
		for _, route := range []string{emailToken, magicURL, phoneToken} {
			body := testkit.Map{"userId": "unique()", "email": walter, "phone": mobile}
			s.Call(t, route, body).Want(501, "user_auth_method_unsupported")
			s.Call(t, route, body, key).Want(201)
		}
		s.Messages(t)
		enter(t, s, given[1])
		ask(t, s, recovery, testkit.Map{"email": walter, "url": page}) // no way in
		set(t, s, func(p *model.Policies) {})
	})
}

// Who may be sent where: our own pages always, with a dev key everybody's.
func TestPagesOfOurOwn(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		ours := twin(t, s, func(p *app.Parts) { p.Hosts = []string{"auth.example.com"} })
		x := ask(t, ours, recovery, testkit.Map{"email": walter, "url": "https://auth.example.com/auth/recovery?project=demo"})
		if !strings.HasPrefix(x.message.Values["redirect"], "https://auth.example.com/auth/recovery?project=demo&userId=") {
			t.Errorf("%s", x.message.Values["redirect"])
		}
		evil := testkit.Map{"email": walter, "url": "https://evil.example/"}
		s.Call(t, recovery, evil).Want(400, "general_argument_invalid")
		dev := testkit.Header{"X-Appwrite-Dev-Key", s.Key(t, func(k *model.Key) { k.Dev = true })}
		ask(t, s, recovery, evil, dev)
		s.Call(t, recovery, testkit.Map{"email": walter, "url": "javascript://evil.example/%0aalert(1)"}, dev).Want(400, "general_argument_invalid")
	})
}

// locked is a log that several goroutines write.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// The log has no secret in it, whether it was right or wrong, and neither has the security log.
func TestSecretsAreNotLogged(t *testing.T) {
	log := &locked{}
	o := unlimited(nil)
	o.Log = log
	o.Settings = func(s *model.Settings) { s.MockPhones = []model.MockPhone{{Number: "+16175551212", OTP: "918273"}} }
	each(t, o, func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		var secrets []string
		for _, x := range []sent{code(t, s, walter), magic(t, s, walter), text(t, s, mobile), lose(t, s, walter),
			ask(t, s, recoveryOTP, testkit.Map{"email": walter}), ask(t, s, verify, testkit.Map{"url": page}, testkit.As(session))} {
			secrets = append(secrets, x.secret)
			for _, route := range []string{redeem, verifiedMail, recovered} {
				s.Call(t, route, x.newPassword("canary "+other))
				s.Call(t, route, proof(x.userID, "canary-guess"))
				s.Call(t, route+"?secret="+x.secret, nil)
			}
		}
		s.Call(t, phoneToken, testkit.Map{"userId": "unique()", "phone": "+16175551212"}).Want(201)
		log.mu.Lock()
		defer log.mu.Unlock()
		text := log.b.String()
		if !strings.Contains(text, "mock number") {
			t.Error("nothing is logged: the test sees no log")
		}
		for _, secret := range append(secrets, "canary", "918273") {
			if strings.Contains(text, secret) {
				t.Errorf("the log holds %s", secret)
			}
		}
		trail, err := s.DB.AuditsByActor(t.Context(), testkit.Demo, id, 100, 0)
		if err != nil || len(trail) < 5 {
			t.Fatalf("%d entries, %v", len(trail), err)
		}
		for _, secret := range secrets {
			if strings.Contains(fmt.Sprintf("%+v", trail), secret) {
				t.Errorf("the security log holds %s", secret)
			}
		}
	})
}
