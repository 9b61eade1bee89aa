package auth_test

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/app"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

// hidden are the options of a server that keeps who has an account.
func hidden() testkit.Options {
	return unlimited(func(p *model.Policies) { p.HideAccounts.Enabled = true })
}

// seen is all that a caller sees of an answer, but for what is drawn anew each time.
func seen(reply *testkit.Reply) string {
	var lines []string
	for name, values := range reply.Header {
		if name != "Date" && name != "X-Request-Id" && !strings.HasPrefix(name, "X-Ratelimit") {
			lines = append(lines, name+": "+strings.Join(values, ", "))
		}
	}
	sort.Strings(lines)
	body := regexp.MustCompile(`"[0-9a-f]{20}"`).ReplaceAllString(string(reply.Body), `"id"`)
	return strings.Join(append(lines, body), "\n")
}

// work counts the statements and commits that a call costs, which is what makes time.
func work(t testing.TB, s *testkit.Server, call func(*testkit.Server) *testkit.Reply) (*testkit.Reply, []string) {
	t.Helper()
	var mu sync.Mutex
	var done []string
	watched := twin(t, s, func(p *app.Parts) {
		p.DB = p.DB.WithWatch(func(step string) {
			mu.Lock()
			defer mu.Unlock()
			done = append(done, step)
		})
	})
	if _, err := watched.Projects.Find(t.Context(), testkit.Demo); err != nil { // so that the project is cached
		t.Fatal(err)
	}
	done = nil
	reply := call(watched)
	mu.Lock()
	defer mu.Unlock()
	return reply, slices.Clone(done)
}

// madeAt reads the time in an id.
func madeAt(t testing.TB, id string) time.Time {
	t.Helper()
	seconds, err := strconv.ParseInt(id[:8], 16, 64)
	micros, err2 := strconv.ParseInt(id[8:13], 16, 64)
	if err != nil || err2 != nil || len(id) != 20 || micros >= 1_000_000 {
		t.Fatalf("%s is no id", id)
	}
	return time.UnixMicro(seconds*1_000_000 + micros)
}

func TestRecoveryTellsNobodyWhoHasAnAccount(t *testing.T) {
	each(t, hidden(), func(t *testing.T, s *testkit.Server) {
		id := s.SignUp(t, walter)
		blockedID := s.SignUp(t, "jesse@example.com")
		block(t, s, blockedID, true)
		for _, route := range []string{recovery, recoveryOTP} {
			ask := func(email string) func(*testkit.Server) *testkit.Reply {
				return func(s *testkit.Server) *testkit.Reply {
					return s.Call(t, route, testkit.Map{"email": email, "url": page})
				}
			}
			known, doneKnown := work(t, s, ask(walter))
			if list := s.Messages(t); len(list) != 1 || list[0].To != walter {
				t.Fatalf("%d messages", len(list))
			}
			nobody, doneNobody := work(t, s, ask("ghost1@example.com"))
			blocked, doneBlocked := work(t, s, ask("jesse@example.com"))
			if list := kinds(t, s); len(list) != 0 {
				t.Errorf("nobody is sent %v", list)
			}
			for label, c := range map[string]struct {
				reply *testkit.Reply
				done  []string
			}{"nobody": {nobody, doneNobody}, "somebody blocked": {blocked, doneBlocked}} {
				if diff := cmp.Diff(seen(known), seen(c.reply)); diff != "" || c.reply.Status != 201 || len(c.reply.Body) != len(known.Body) {
					t.Errorf("%s: %s is answered otherwise than somebody: %s", route, label, diff)
				}
				if diff := cmp.Diff(doneKnown, c.done); diff != "" || len(c.done) < 5 {
					t.Errorf("%s: %s costs otherwise than somebody (-somebody +%s)\n%s", route, label, label, diff)
				}
			}
			if known.Text("userId") != id || blocked.Text("userId") != blockedID {
				t.Error("who has an account has no other id in the answer")
			}
			decoy := nobody.Text("userId")
			if again := ask("Ghost1@Example.com")(s).Text("userId"); again != decoy {
				t.Errorf("asked twice, nobody is %s and %s", decoy, again)
			}
			if next := ask("ghost2@example.com")(s).Text("userId"); next == decoy || !regexp.MustCompile(`^[0-9a-f]{20}$`).MatchString(next) {
				t.Errorf("two nobodies are %s and %s", decoy, next)
			}
			// Coming back with the ids tells no more than asking did.
			back := map[string]string{recovery: recovered, recoveryOTP: recoveredOTP}[route]
			try := func(id string) func(*testkit.Server) *testkit.Reply {
				return func(s *testkit.Server) *testkit.Reply {
					return s.Call(t, back, testkit.Map{"userId": id, "secret": "000000", "password": other})
				}
			}
			wrong, doneWrong := work(t, s, try(id))
			ghost, doneGhost := work(t, s, try(decoy))
			if diff := cmp.Diff(seen(wrong), seen(ghost)); diff != "" || wrong.Text("type") != "user_invalid_token" {
				t.Errorf("%s: %s", back, diff)
			}
			if len(doneWrong) != len(doneGhost)-1 || doneWrong[len(doneWrong)-1] != doneGhost[len(doneGhost)-1] {
				t.Errorf("%s: a wrong secret costs %v, an id of nobody %v", back, doneWrong, doneGhost)
			}
		}
		for _, route := range []string{verifiedMail, verifiedOTP, verifiedPhone, redeem} {
			s.Call(t, route, proof("nobody", "000000")).Want(401, "user_invalid_token")
		}
		// A server may look it up anyway: it is told.
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
		s.Call(t, recovery, testkit.Map{"email": "ghost1@example.com", "url": page}, key).Want(404, "user_not_found")
		s.Call(t, recovery, testkit.Map{"email": "jesse@example.com", "url": page}, key).Want(403, "user_blocked")
	})
}

// A decoy's id has the form and the age of a real one, on any day.
func TestDecoysLookLikeIDs(t *testing.T) {
	each(t, hidden(), func(t *testing.T, s *testkit.Server) {
		began := s.Clock.Now()
		for _, age := range []time.Duration{0, time.Second, time.Hour, 30 * 24 * time.Hour, 5 * 365 * 24 * time.Hour} {
			s.Clock.Advance(began.Add(age).Sub(s.Clock.Now()))
			for _, name := range []string{"a", "b", "c", "d"} {
				id := s.Call(t, recovery, testkit.Map{"email": name + "@example.com", "url": page}).Want(201).Text("userId")
				made := madeAt(t, id)
				if made.Before(began.Add(-time.Second)) || made.After(s.Clock.Now().Add(time.Second)) {
					t.Errorf("after %s %s was made at %s", age, id, made)
				}
			}
		}
	})
}

// A code and a link are sent to everybody who asks. Whether an account was there shows neither in the answer nor
// in what it costs.
func TestCodesAndLinksTellNobodyWhoHasAnAccount(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		text(t, s, mobile)
		for _, c := range []struct {
			route      string
			known, new testkit.Map
		}{
			{emailToken, testkit.Map{"userId": "unique()", "email": walter}, testkit.Map{"userId": "unique()", "email": "ghost1@example.com"}},
			{magicURL, testkit.Map{"userId": "unique()", "email": walter, "url": page}, testkit.Map{"userId": "unique()", "email": "ghost2@example.com", "url": page}},
			{phoneToken, testkit.Map{"userId": "unique()", "phone": mobile}, testkit.Map{"userId": "unique()", "phone": "+4915112345670"}},
		} {
			known, doneKnown := work(t, s, func(s *testkit.Server) *testkit.Reply { return s.Call(t, c.route, c.known).Want(201) })
			nobody, doneNobody := work(t, s, func(s *testkit.Server) *testkit.Reply { return s.Call(t, c.route, c.new).Want(201) })
			if diff := cmp.Diff(seen(known), seen(nobody)); diff != "" || len(known.Body) != len(nobody.Body) {
				t.Errorf("%s: %s", c.route, diff)
			}
			if len(doneKnown) != len(doneNobody) || len(doneKnown) < 6 {
				t.Errorf("%s: somebody costs %v, nobody %v", c.route, doneKnown, doneNobody)
			}
		}
	})
}
