package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/app"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// limited is a row that does nothing but count.
func limited(route string, l api.Limit, alias ...string) api.Endpoint {
	return api.Define(api.Spec{Route: route, Alias: alias, Scope: api.ScopeGlobal, Limit: l, Status: 200, About: "Counts."},
		func(*api.Call, *heardIn) (*heard, error) { return &heard{Prefs: "{}"}, nil })
}

// counted are rows with a limit of three of every kind.
func counted() []api.Endpoint {
	return []api.Endpoint{
		limited("POST /v1/a", api.Limit{Max: 3, Per: time.Minute, By: []string{"url:{url},ip:{ip}"}}, "/v1/a2", "/v1/a/{id}"),
		limited("PUT /v1/a", api.Limit{Max: 3, Per: time.Minute, By: []string{"url:{url},ip:{ip}"}}),
		limited("POST /v1/b", api.Limit{Max: 3, By: []string{"ip:{ip}"}}),
		limited("POST /v1/c", api.Limit{Max: 3, By: []string{"ip:{ip}"}}),
		limited("POST /v1/user", api.Limit{Max: 3, By: []string{"url:{url},userId:{userId}"}}),
		limited("POST /v1/param", api.Limit{Max: 3, By: []string{"url:{url},email:{param-email}"}}),
		limited("POST /v1/both", api.Limit{Max: 3, By: []string{"url:{url},phone:{param-phone}", "url:{url},ip:{ip}"}}),
		limited("POST /v1/reset", api.Limit{Max: 3, By: []string{"url:{url},ip:{ip}"}, Reset: 200}),
	}
}

// left is what the answer says of a limit: how many are left, -1 for a refusal, -2 for no word about it.
func left(t testing.TB, reply *testkit.Reply) int {
	t.Helper()
	text := reply.Header.Get("X-RateLimit-Remaining")
	if reply.Status == http.StatusTooManyRequests {
		reply.Want(429, "general_rate_limit_exceeded")
		seconds, err := strconv.Atoi(reply.Header.Get("Retry-After"))
		if err != nil || seconds < 1 || seconds > 3600 || text != "0" {
			t.Errorf("429 with Retry-After %q, %q left", reply.Header.Get("Retry-After"), text)
		}
		return -1
	}
	if text == "" {
		return -2
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Error(err)
	}
	return n
}

func TestWhatALimitCounts(t *testing.T) {
	each(t, testkit.Options{Proxies: true}, func(t *testing.T, s *testkit.Server) {
		other(t, s, "other")
		url := extended(t, s, counted()...)
		_, walter := person(t, s, nil)
		_, jesse := person(t, s, nil)
		from := func(ip string) header { return header{"X-Forwarded-For", ip} }
		key := header{"X-Appwrite-Key", s.Key(t, nil)}
		dev := header{"X-Appwrite-Dev-Key", s.Key(t, func(k *model.Key) { k.Dev = true })}
		for _, c := range []struct {
			name, route, body string
			list              []header
			want              int
		}{
			{"the first", "POST /v1/a", "{}", headers(from("192.0.2.1")), 2},
			{"an alias", "POST /v1/a2", "{}", headers(from("192.0.2.1")), 1},
			{"an alias with a path of its own", "POST /v1/a/x", "{}", headers(from("192.0.2.1")), 0},
			{"one too many", "POST /v1/a", "{}", headers(from("192.0.2.1")), -1},
			{"one too many by the alias", "POST /v1/a/y", "{}", headers(from("192.0.2.1")), -1},
			{"one too many by an untidy path", "POST //v1/a/", "{}", headers(from("192.0.2.1")), -1},
			{"one too many by another host", "POST /v1/a", "{}", headers(from("192.0.2.1"), header{"Host", "other.example"}), -1},
			{"another method", "PUT /v1/a", "{}", headers(from("192.0.2.1")), 2},
			{"another address", "POST /v1/a", "{}", headers(from("192.0.2.2")), 2},
			{"another project", "POST /v1/a", "{}", headers(from("192.0.2.1"), header{"X-Appwrite-Project", "other"}), 2},
			{"a key", "POST /v1/a", "{}", headers(from("192.0.2.1"), key), 0},
			{"a dev key", "POST /v1/a", "{}", headers(from("192.0.2.1"), dev), 0},
			{"a person is no exception", "POST /v1/a", "{}", headers(from("192.0.2.1"), testkit.As(walter)), -1},
			{"a bad key is no exception", "POST /v1/a", "{}", headers(from("192.0.2.1"), header{"X-Appwrite-Dev-Key", "x"}), -1},

			{"an IPv6 address", "POST /v1/a", "{}", headers(from("2001:db8::1")), 2},
			{"a neighbour within its /64", "POST /v1/a", "{}", headers(from("2001:db8::2")), 1},
			{"beyond its /64", "POST /v1/a", "{}", headers(from("2001:db8:0:1::1")), 2},
			{"an IPv4 address in IPv6's clothes", "POST /v1/a", "{}", headers(from("::ffff:192.0.2.1")), -1},

			{"by address alone", "POST /v1/b", "{}", headers(from("192.0.2.1")), 2},
			{"by address alone, another route", "POST /v1/c", "{}", headers(from("192.0.2.1")), 1},

			{"a guest without a counter by user", "POST /v1/user", "{}", nil, -2},
			{"by user", "POST /v1/user", "{}", headers(testkit.As(walter)), 2},
			{"the user from elsewhere", "POST /v1/user", "{}", headers(testkit.As(walter), from("192.0.2.9")), 1},
			{"another user", "POST /v1/user", "{}", headers(testkit.As(jesse)), 2},

			{"by parameter", "POST /v1/param", `{"email":"a@b.de"}`, nil, 2},
			{"spelled differently", "POST /v1/param", `{"email":" A@B.de"}`, headers(from("192.0.2.9")), 1},
			{"in a form", "POST /v1/param", "email=a%40b.de", headers(header{"Content-Type", formBody}), 0},
			{"refused", "POST /v1/param", `{"email":"a@b.de"}`, nil, -1},
			{"another", "POST /v1/param", `{"email":"c@b.de"}`, nil, 2},
			{"without it", "POST /v1/param", `{}`, nil, -2},
			{"with a list for it", "POST /v1/param", `{"email":["a@b.de"]}`, nil, -2},
			{"with something malformed", "POST /v1/param", `{"email":"x"}`, nil, 2},

			{"two counters", "POST /v1/both", `{"phone":"1"}`, nil, 2},
			{"the tighter of two", "POST /v1/both", `{"phone":"2"}`, nil, 1},
			{"only one can be filled", "POST /v1/both", `{}`, nil, 0},
			{"either is full", "POST /v1/both", `{"phone":"3"}`, nil, -1},
			{"from elsewhere", "POST /v1/both", `{"phone":"1"}`, headers(from("192.0.2.9")), 1},
			{"which counted the refused call too", "POST /v1/both", `{"phone":"3"}`, headers(from("192.0.2.8")), 1},

			{"bad parameters count", "POST /v1/reset", `{"flag":"?"}`, nil, 2},
			{"a malformed body counts", "POST /v1/reset", `{`, nil, 1},
			{"a success", "POST /v1/reset", `{}`, nil, 0},
			{"sets the counter back", "POST /v1/reset", `{}`, nil, 2},
		} {
			if got := left(t, ask(t, url, c.route, c.body, c.list...)); got != c.want {
				t.Errorf("%s: %d left, want %d", c.name, got, c.want)
			}
		}
	})
}

func TestTheWindowOfALimit(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		url := extended(t, s, counted()...)
		s.Clock.Advance(17 * time.Second)
		call := func() *testkit.Reply { return ask(t, url, "POST /v1/a", "{}") }
		reply := call().Want(200)
		end := strconv.FormatInt(testkit.Start.Add(time.Minute).Unix(), 10)
		if h := reply.Header; h.Get("X-RateLimit-Limit") != "3" || h.Get("X-RateLimit-Remaining") != "2" || h.Get("X-RateLimit-Reset") != end || h.Get("Retry-After") != "" {
			t.Errorf("%v", h)
		}
		call().Want(200)
		call().Want(200)
		if got := call().Want(429).Header; got.Get("Retry-After") != "43" || got.Get("X-RateLimit-Reset") != end {
			t.Errorf("%v", got)
		}
		s.Clock.Advance(43*time.Second - time.Millisecond)
		if got := call().Want(429).Header.Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %s", got)
		}
		s.Clock.Advance(time.Millisecond)
		if got := left(t, call()); got != 2 {
			t.Errorf("a new window has %d left", got)
		}
		if got := ask(t, url, health, "").Header.Get("X-RateLimit-Limit"); got != "" {
			t.Errorf("a route without a limit says %s", got)
		}
	})
}

func TestALimitIsExactUnderConcurrency(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		nodes := []http.Handler{s.Handler, s.Handler}
		if s.DB.Engine() == store.Postgres {
			nodes[1] = app.Assemble(s.Parts).Handler // another node over the same database
		}
		const attempts = 1000
		paths := []string{"/v1/account/sessions/email", "/v1/account/sessions"}
		remaining := make([]string, attempts)
		var group sync.WaitGroup
		for i := range attempts {
			group.Go(func() {
				r := httptest.NewRequest(http.MethodPost, paths[i%2], strings.NewReader(guess))
				r.Header.Set("X-Appwrite-Project", testkit.Demo)
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				nodes[i/2%2].ServeHTTP(w, r)
				//lint:ignore SA1008 the server writes this spelling, which Header.Get would not find in a recorder
				remaining[i] = fmt.Sprint(w.Code, " ", w.Header()["X-RateLimit-Remaining"])
			})
		}
		group.Wait()
		slices.Sort(remaining)
		passed := slices.Compact(slices.Clone(remaining))
		// Ten get through, each with a number of its own, and everybody else is refused.
		want := []string{"401 [0]", "401 [1]", "401 [2]", "401 [3]", "401 [4]", "401 [5]", "401 [6]", "401 [7]", "401 [8]", "401 [9]", "429 [0]"}
		if !slices.Equal(passed, want) || remaining[9] != "401 [9]" || remaining[10] != "429 [0]" {
			t.Errorf("%q of %q", passed, remaining[:20])
		}
	})
}

func TestASignInSetsItsLimitBack(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, "walter@example.com")
		wrong := text(t, testkit.Map{"email": "walter@example.com", "password": "wrong password"})
		right := text(t, testkit.Map{"email": " Walter@Example.com", "password": testkit.Password})
		for _, c := range []struct {
			body         string
			status, left int
		}{{wrong, 401, 9}, {wrong, 401, 8}, {right, 201, 7}, {wrong, 401, 9}, {"{}", 400, -2}, {`{"email":"walter@example.com"}`, 400, 8}} {
			if reply := ask(t, s.URL, signIn, c.body).Want(c.status); left(t, reply) != c.left {
				t.Errorf("%s: %d left, want %d", c.body, left(t, reply), c.left)
			}
		}
		for range 8 {
			ask(t, s.URL, signIn, wrong).Want(401)
		}
		ask(t, s.URL, signIn, right).Want(429, "general_rate_limit_exceeded") // the right one, too late
		s.Clock.Advance(time.Hour)
		ask(t, s.URL, signIn, right).Want(201)
	})
}

func TestWithoutRateLimitsNobodyIsRefused(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{NoLimits: true})
	for range 15 {
		if got := left(t, ask(t, s.URL, signIn, guess).Want(401)); got != 9 {
			t.Fatalf("%d left", got)
		}
	}
}

// lost are counters that cannot be reached.
type lost struct{ limit.Counter }

func (lost) Take(context.Context, []limit.Key, time.Time) (limit.Result, error) {
	return limit.Result{}, errors.New("connection refused")
}

func (lost) Peek(context.Context, limit.Key, time.Time) (limit.Result, error) {
	return limit.Result{}, errors.New("connection refused")
}

func TestWithoutCountersThereAreNoGuesses(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	blind := *s.Server
	blind.Limits = lost{}
	address := extended(t, &testkit.Server{Assembly: &app.Assembly{Server: &blind}})
	reply := ask(t, address, signIn, guess).Want(503, "general_server_busy")
	if reply.Header.Get("Retry-After") != "1" || strings.Contains(string(reply.Body), "refused") {
		t.Errorf("%v %s", reply.Header, reply.Body)
	}
	ask(t, address, health, "").Want(200)
	ask(t, address, anonymous, "{}", header{"X-Appwrite-Key", s.Key(t, nil, "*")}).Want(201)
}
