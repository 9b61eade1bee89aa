package pages_test

import (
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/pages"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

const (
	public   = "https://auth.example.com" // of the test server, in its links
	email    = "walter@example.com"
	fresh    = "quite another horse 2"
	phone    = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
	formType = "application/x-www-form-urlencoded"
)

var bases = []string{"/console/auth", "/auth", "/v1/auth"}

// start starts a server; its project has an app for telephones.
func start(t *testing.T, db *store.DB, change func(*model.Settings)) *testkit.Server {
	t.Helper()
	return testkit.Serve(t, db, testkit.NewClock(), testkit.Options{
		Settings:  change,
		Platforms: []model.Platform{{Type: model.PlatformApple, ID: "ios", Name: "iOS", Value: "com.example.app"}},
	})
}

// stay is a client that reports where it is led and does not go there.
var stay = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// browse sends a request as a browser does: no header of an SDK.
func browse(t *testing.T, s *testkit.Server, route, body string, headers ...testkit.Header) *testkit.Reply {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range append([]testkit.Header{{"Accept", "text/html"}}, headers...) {
		r.Header.Del(h[0])
		if h[1] != "" {
			r.Header.Set(h[0], h[1])
		}
	}
	response, err := stay.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &testkit.Reply{T: t, Status: response.StatusCode, Header: response.Header, Body: text}
}

// open opens a page.
func open(t *testing.T, s *testkit.Server, path string, headers ...testkit.Header) *testkit.Reply {
	t.Helper()
	return browse(t, s, "GET "+path, "", headers...)
}

// press sends the form of a page as its browser would.
func press(t *testing.T, s *testkit.Server, page *testkit.Reply, fill url.Values, headers ...testkit.Header) *testkit.Reply {
	t.Helper()
	action := regexp.MustCompile(`<form method="post" action="([^"]+)"`).FindSubmatch(page.Body)
	if action == nil {
		t.Fatalf("the page has no form: %d %s", page.Status, page.Body)
	}
	form := url.Values{}
	for _, field := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllSubmatch(page.Body, -1) {
		form.Set(string(field[1]), html.UnescapeString(string(field[2])))
	}
	for name, values := range fill {
		form[name] = values
	}
	return browse(t, s, "POST "+string(action[1]), form.Encode(), append([]testkit.Header{
		{"Content-Type", formType}, {"Sec-Fetch-Site", "same-origin"}, {"Origin", "null"},
	}, headers...)...)
}

// wantPage fails unless an answer is a page with a status and a text, protected as every page is.
func wantPage(t *testing.T, r *testkit.Reply, status int, text string) {
	t.Helper()
	plain := strings.NewReplacer("\u2068", "", "\u2069", "").Replace(html.UnescapeString(string(r.Body)))
	if r.Status != status || !strings.Contains(plain, text) {
		_, body, _ := strings.Cut(plain, "<main>")
		t.Fatalf("%d, want %d with %q: %s", r.Status, status, text, body)
	}
	wantProtected(t, r)
}

func wantProtected(t *testing.T, r *testkit.Reply) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-cache, no-store, must-revalidate", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		"Access-Control-Allow-Origin": "", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := r.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
}

// wantDone follows a form that worked to the page that says so.
func wantDone(t *testing.T, s *testkit.Server, r *testkit.Reply, text string, headers ...testkit.Header) *testkit.Reply {
	t.Helper()
	there := r.Header.Get("Location")
	if r.Status != http.StatusSeeOther || strings.Contains(there, "secret") {
		_, body, _ := strings.Cut(string(r.Body), "<main>")
		t.Fatalf("%d to %q: %s", r.Status, there, body)
	}
	wantProtected(t, r)
	done := open(t, s, there, headers...)
	wantPage(t, done, 200, text)
	return done
}

// magicLink asks for a magic link without a page of the app's own, and returns its query.
func magicLink(t *testing.T, s *testkit.Server) string {
	t.Helper()
	s.Call(t, "POST /v1/account/tokens/magic-url", testkit.Map{"userId": "unique()", "email": email}).Want(201)
	link := s.Message(t).Values["redirect"]
	query, ours := strings.CutPrefix(link, public+"/console/auth/magic-url?")
	if !ours {
		t.Fatal(link)
	}
	return query
}

// mailed asks for a link to one of our pages, on a base, and returns its address.
func mailed(t *testing.T, s *testkit.Server, route string, body testkit.Map, page string, headers ...testkit.Header) string {
	t.Helper()
	body["url"] = public + page + "?project=demo"
	s.Call(t, route, body, headers...).Want(201)
	link := s.Message(t).Values["redirect"]
	path, ours := strings.CutPrefix(link, public)
	if !ours {
		t.Fatal(link)
	}
	return path
}

func recovery(t *testing.T, s *testkit.Server, base string) string {
	t.Helper()
	return mailed(t, s, "POST /v1/account/recovery", testkit.Map{"email": email}, base+"/recovery")
}

func TestAMagicLinkSignsInOnEveryBase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		for _, base := range bases {
			page := open(t, s, base+"/magic-url?"+magicLink(t, s))
			wantPage(t, page, 200, "Sign in to Demo")
			if page.Session() != "" || strings.Contains(string(page.Body), "Continue in the app") {
				t.Errorf("%s: %v %s", base, page.Header, page.Body)
			}
			signed := press(t, s, page, nil)
			wantDone(t, s, signed, "You are signed in")
			account := s.Call(t, "GET /v1/account", nil, testkit.As(signed.Session())).Want(200)
			if account.Text("email") != email || account.Get("emailVerification") != true {
				t.Errorf("%s", account.Body)
			}
			wantPage(t, press(t, s, page, nil), 401, "This link does not work")
		}
	})
}

// The cookies are those of the endpoint, to the letter but for the secret.
func TestThePageSetsTheEndpointsCookies(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		values, _ := url.ParseQuery(magicLink(t, s))
		endpoint := s.Call(t, "POST /v1/account/sessions/token", testkit.Map{"userId": values.Get("userId"), "secret": values.Get("secret")}).Want(201)
		page := press(t, s, open(t, s, "/auth/magic-url?"+magicLink(t, s)), nil)
		cookies := func(r *testkit.Reply) string {
			return regexp.MustCompile(`=[A-Za-z0-9%]{40,}`).ReplaceAllString(strings.Join(r.Header.Values("Set-Cookie"), "\n"), "=…")
		}
		if cookies(page) != cookies(endpoint) || !strings.Contains(cookies(page), "a_session_demo=…") {
			t.Errorf("the page sets\n%s\nthe endpoint\n%s", cookies(page), cookies(endpoint))
		}
	})
}

func TestOpeningALinkTakesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		address := "/console/auth/magic-url?" + magicLink(t, s)
		for range 3 { // a scanner of mail, a preview, the person
			wantPage(t, open(t, s, address), 200, "Sign in")
			if r := browse(t, s, "HEAD "+address, ""); r.Status != 200 || len(r.Body) != 0 {
				t.Errorf("HEAD: %d %s", r.Status, r.Body)
			}
		}
		wantDone(t, s, press(t, s, open(t, s, address), nil), "You are signed in")
	})
}

func TestOnATelephoneTheAppGetsTheLinkUnused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		agent := testkit.Header{"User-Agent", phone}
		query := magicLink(t, s)
		page := open(t, s, "/auth/magic-url?"+query, agent)
		wantPage(t, page, 200, "Continue in the app")
		if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' appwrite-callback-demo:") {
			t.Error(policy)
		}
		there := press(t, s, page, url.Values{"to": {"app"}}, agent)
		values, _ := url.ParseQuery(query)
		deep, err := url.Parse(there.Header.Get("Location"))
		if err != nil || there.Status != 303 || deep.Scheme != "appwrite-callback-demo" || deep.Query().Get("secret") != values.Get("secret") || deep.Query().Get("userId") != values.Get("userId") || there.Session() != "" {
			t.Errorf("%d to %s, %v", there.Status, deep, err)
		}
		s.Call(t, "POST /v1/account/sessions/token", testkit.Map{"userId": values.Get("userId"), "secret": values.Get("secret")}).Want(201)
		wantPage(t, press(t, s, page, nil, agent), 401, "This link does not work")
	})
}

func TestAnAddressIsConfirmedOnEveryBase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		_, session := s.Member(t, email)
		for _, base := range bases {
			address := mailed(t, s, "POST /v1/account/verifications/email", testkit.Map{}, base+"/verification", testkit.As(session))
			page := open(t, s, address)
			wantPage(t, page, 200, "Confirm your email address")
			if base != bases[len(bases)-1] {
				continue // an address is confirmed once: on the last base
			}
			confirmed := press(t, s, page, nil)
			done := wantDone(t, s, confirmed, "Your address is confirmed")
			if confirmed.Session() != "" || strings.Contains(string(done.Body), "appwrite-callback") {
				t.Errorf("%v %s", confirmed.Header, done.Body)
			}
			wantPage(t, open(t, s, confirmed.Header.Get("Location"), testkit.Header{"User-Agent", phone}), 200, `href="appwrite-callback-demo://"`)
			if got := s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(200); got.Get("emailVerification") != true {
				t.Errorf("%s", got.Body)
			}
			wantPage(t, press(t, s, page, nil), 401, "This link does not work")
		}
	})
}

func TestAPasswordIsRecoveredOnEveryBase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		_, session := s.Member(t, email)
		for _, base := range bases {
			page := open(t, s, recovery(t, s, base))
			wantPage(t, page, 200, "Choose a new password")
			password := fresh + base
			wantDone(t, s, press(t, s, page, url.Values{"password": {password}, "again": {password}}), "Your password is changed")
			s.Messages(t) // the notice
			s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(401)
			session = s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": email, "password": password}).Want(201).Session()
			wantPage(t, press(t, s, page, url.Values{"password": {password}, "again": {password}}), 401, "This link does not work")
		}
	})
}

// What is wrong with a password is said beside the field, and costs neither the link nor what was typed into it.
func TestWrongPasswordsAreRefusedInPlace(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, func(settings *model.Settings) {
			p := &settings.Policies
			p.PasswordStrength = model.Strength{Min: 12, Uppercase: true, Number: true}
			p.PasswordHistory.Total, p.PasswordPersonal.Enabled, p.PasswordDictionary.Enabled = 3, true, true
		})
		const first = "Correct horse 1"
		s.Call(t, "POST /v1/account", testkit.Map{"userId": "unique()", "email": email, "password": first, "name": "Heisenberg"}).Want(201)
		page := open(t, s, recovery(t, s, "/auth"))
		for _, rule := range []string{"At least 12 characters", "A capital letter", "A digit", "Not a commonly used", "Not your name", "Not a password you have used"} {
			wantPage(t, page, 200, rule)
		}
		for _, rule := range []string{"A small letter", "A special character"} {
			if strings.Contains(string(page.Body), rule) {
				t.Errorf("the page asks for %q, which no policy does", rule)
			}
		}
		for name, test := range map[string]struct{ password, again, want string }{
			"none":     {"", "", "Enter the new password in both fields."},
			"once":     {fresh, "", "Enter the new password in both fields."},
			"differ":   {"Quite another 2", "Quite another 3", "The two passwords are not the same."},
			"short":    {"Short 1", "Short 1", "This password does not meet the conditions."},
			"weak":     {"no capital letter 1", "no capital letter 1", "This password does not meet the conditions."},
			"used":     {first, first, "You have used this password recently."},
			"personal": {"Heisenberg 12345", "Heisenberg 12345", "The password contains your name"},
		} {
			refused := press(t, s, page, url.Values{"password": {test.password}, "again": {test.again}}, s.From(name))
			wantPage(t, refused, 400, test.want)
			for _, want := range []string{`role="alert"`, `aria-invalid="true"`, `aria-describedby="wrong rules"`} {
				if !strings.Contains(string(refused.Body), want) {
					t.Errorf("%s: the page lacks %s", name, want)
				}
			}
			if test.password != "" && strings.Contains(string(refused.Body), test.password) {
				t.Errorf("%s: the page repeats the password", name)
			}
		}
		wantDone(t, s, press(t, s, page, url.Values{"password": {"Quite another 2"}, "again": {"Quite another 2"}}), "Your password is changed")
	})
}

func TestAFirstPasswordIsSet(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		s.SignUp(t, email)
		address := strings.Replace(recovery(t, s, "/console/auth"), "/recovery", "/set-password", 1)
		page := open(t, s, address)
		wantPage(t, page, 200, "Set your password")
		wantDone(t, s, press(t, s, page, url.Values{"password": {fresh}, "again": {fresh}}), "Your password is set")
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": email, "password": fresh}).Want(201)
	})
}

func TestTheConsolesFirstOperatorSignsUp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		secret, err := s.Rules.FirstOperatorSecret(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		page := open(t, s, pages.FirstOperatorPath(secret))
		wantPage(t, page, 200, "Set up the console")
		wantPage(t, open(t, s, pages.FirstOperatorPath(secret)+"&project=demo"), 401, "This link does not work")
		wantPage(t, open(t, s, "/auth/first-operator"), 400, "This link does not work")
		fill := url.Values{"email": {email}, "password": {fresh}, "again": {fresh}}
		with := func(name, value string) url.Values {
			changed := maps.Clone(fill)
			changed[name] = []string{value}
			return changed
		}
		refused := press(t, s, page, with("email", "nobody"))
		wantPage(t, refused, 400, "This is not an email address.")
		wantPage(t, refused, 400, `name="email" type="email" value="nobody"`)
		refused = press(t, s, page, with("again", "other"))
		wantPage(t, refused, 400, "The two passwords are not the same.")
		wantPage(t, refused, 400, `value="`+email+`"`)
		wantPage(t, press(t, s, page, with("secret", strings.Repeat("0", 64))), 401, "This link does not work")
		wantDone(t, s, press(t, s, page, fill), "Your account is ready")
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": email, "password": fresh}, testkit.Header{"X-Appwrite-Project", "console"}).Want(201)
		wantPage(t, press(t, s, page, fill), 401, "This link does not work")
	})
}

func TestOnlyOurOwnPageSendsItsForm(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		s.SignUp(t, email)
		page := open(t, s, recovery(t, s, "/auth"))
		cookie := "latchkey-page=" + page.Cookie("latchkey-page")
		host := strings.TrimPrefix(s.URL, "http://")
		fill := url.Values{"password": {fresh}, "again": {fresh}}
		for name, headers := range map[string][]testkit.Header{
			"another site":              {{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}},
			"another port":              {{"Sec-Fetch-Site", "same-site"}, {"Origin", "http://localhost:3000"}},
			"another site, its cookie":  {{"Sec-Fetch-Site", "cross-site"}, {"Cookie", cookie}},
			"an old browser":            {{"Sec-Fetch-Site", ""}, {"Origin", "https://evil.example"}, {"Cookie", cookie}},
			"an old browser, platform":  {{"Sec-Fetch-Site", ""}, {"Origin", "http://localhost:3000"}},
			"another scheme":            {{"Sec-Fetch-Site", ""}, {"Origin", "https://" + host}},
			"no origin and no cookie":   {{"Sec-Fetch-Site", ""}, {"Origin", ""}},
			"null origin and no cookie": {{"Sec-Fetch-Site", ""}},
			"a cookie of somebody else": {{"Sec-Fetch-Site", ""}, {"Cookie", "latchkey-page=" + strings.Repeat("0", 32)}},
			"an empty cookie":           {{"Sec-Fetch-Site", ""}, {"Cookie", "latchkey-page="}},
		} {
			r := press(t, s, page, fill, headers...)
			if r.Status != 403 {
				t.Errorf("%s: %d %s", name, r.Status, r.Body)
				continue
			}
			wantPage(t, r, 403, "This form is out of date")
		}
		empty := press(t, s, page, url.Values{"ticket": {""}, "password": {fresh}, "again": {fresh}}, testkit.Header{"Sec-Fetch-Site", ""}, testkit.Header{"Cookie", "latchkey-page="})
		wantPage(t, empty, 403, "This form is out of date")
		// The link is good after all this: an old browser that tells no origin shows its ticket.
		wantDone(t, s, press(t, s, page, fill, testkit.Header{"Sec-Fetch-Site", ""}, testkit.Header{"Cookie", cookie}), "Your password is changed")
		s.Messages(t)
		page = open(t, s, recovery(t, s, "/auth"))
		fill = url.Values{"password": {fresh + "!"}, "again": {fresh + "!"}}
		wantDone(t, s, press(t, s, page, fill, testkit.Header{"Sec-Fetch-Site", ""}, testkit.Header{"Origin", "http://" + host}), "Your password is changed")
	})
}

func TestLinksThatLeadNowhere(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		query := magicLink(t, s)
		without := func(name string) string {
			values, _ := url.ParseQuery(query)
			values.Del(name)
			return values.Encode()
		}
		for _, base := range bases {
			for _, page := range []string{"/magic-url", "/verification", "/recovery", "/set-password"} {
				wantPage(t, open(t, s, base+page+"?"+strings.Replace(query, "project=demo", "project=none", 1)), 404, "This link leads nowhere")
				nameless := open(t, s, base+page+"?"+without("project"))
				wantPage(t, nameless, 400, "This link leads nowhere")
				if strings.Contains(string(nameless.Body), "Console") {
					t.Errorf("a link without a project is shown as the console's: %s", nameless.Body)
				}
				wantPage(t, open(t, s, base+page+"?"+without("secret")), 400, "This link does not work")
				wantPage(t, open(t, s, base+page+"?"+without("userId")), 400, "This link does not work")
				wantPage(t, open(t, s, base+page), 400, "This link does not work")
				wantPage(t, open(t, s, base+page+"/done"), 400, "This link leads nowhere")
			}
		}
		unknown := press(t, s, open(t, s, "/auth/magic-url?"+query), url.Values{"userId": {"nobody"}})
		wantPage(t, unknown, 401, "This link does not work")
		unknown = press(t, s, open(t, s, "/auth/recovery?"+query), url.Values{"userId": {"nobody"}, "password": {fresh}, "again": {fresh}})
		wantPage(t, unknown, 404, "This link does not work")
		wantPage(t, press(t, s, open(t, s, "/auth/verification?"+query), nil), 401, "This link does not work") // for another purpose
		page := open(t, s, "/auth/magic-url?"+query)
		s.Clock.Advance(61 * time.Minute)
		wantPage(t, open(t, s, "/auth/magic-url?"+query), 401, "This link does not work")
		wantPage(t, press(t, s, page, nil), 401, "This link does not work")
	})
}

func TestABlockedAccountIsTold(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		_, session := s.Member(t, email)
		page := open(t, s, recovery(t, s, "/auth"))
		s.Call(t, "PATCH /v1/account/status", "{}", testkit.As(session)).Want(200)
		wantPage(t, press(t, s, page, url.Values{"password": {fresh}, "again": {fresh}}), 403, "This account is blocked")
	})
}

// A page is nobody's but whom it is opened by: the browser's own session, even one that may do nothing, is not asked.
func TestTheBrowsersSessionPlaysNoPart(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		_, session := s.Member(t, "other@example.com")
		s.Call(t, "PATCH /v1/account/status", "{}", testkit.As(session)).Want(200)
		s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(403, "user_blocked")
		page := open(t, s, "/auth/magic-url?"+magicLink(t, s), testkit.As(session))
		signed := press(t, s, page, nil, testkit.As(session))
		wantDone(t, s, signed, "You are signed in", testkit.As(session))
		if got := s.Call(t, "GET /v1/account", nil, testkit.As(signed.Session())).Want(200).Text("email"); got != email {
			t.Error(got)
		}
	})
}

func TestPagesShareTheCountersOfTheEndpoints(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		id := s.SignUp(t, email)
		page := open(t, s, "/auth/recovery?project=demo&userId="+id+"&secret=wrong")
		fill := url.Values{"password": {fresh}, "again": {fresh}}
		for range 5 {
			wantPage(t, press(t, s, page, fill), 401, "This link does not work")
			s.Call(t, "PUT /v1/account/recovery", testkit.Map{"userId": id, "secret": "wrong", "password": fresh}).Want(401)
		}
		wantPage(t, press(t, s, page, fill), 429, "Too many attempts")
		s.Call(t, "PUT /v1/account/recovery", testkit.Map{"userId": id, "secret": "wrong", "password": fresh}).Want(429)
	})
}

// Handing a link to the app proves nothing: a guesser cannot set the counter back with it.
func TestGuessesOfALinkStayCountedOnATelephone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		id := s.SignUp(t, email)
		agent := testkit.Header{"User-Agent", phone}
		page := open(t, s, "/auth/magic-url?project=demo&userId="+id+"&secret=wrong", agent)
		guess := testkit.Map{"userId": id, "secret": "wrong"}
		for range 5 {
			s.Call(t, "POST /v1/account/sessions/token", guess).Want(401)
			if there := press(t, s, page, url.Values{"to": {"app"}}, agent); there.Status != 303 {
				t.Errorf("%d %s", there.Status, there.Body)
			}
		}
		s.Call(t, "POST /v1/account/sessions/token", guess).Want(429)
	})
}

func TestPagesSpeakTheVisitorsLanguage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		query := magicLink(t, s)
		german := testkit.Header{"Accept-Language", "de-CH, en;q=0.5"}
		page := open(t, s, "/auth/magic-url?"+query, german)
		wantPage(t, page, 200, "Bei Demo anmelden")
		arabic := open(t, s, "/auth/magic-url?locale=ar&"+query, german)
		wantPage(t, arabic, 200, `<html lang="ar" dir="rtl">`)
		// The form takes the language along, whatever the browser says.
		signed := press(t, s, arabic, nil, german)
		wantDone(t, s, signed, "تم تسجيل دخولك", german)
		wantPage(t, press(t, s, page, nil), 401, "Dieser Link funktioniert nicht")
		wantPage(t, open(t, s, "/auth/magic-url", testkit.Header{"Accept-Language", "ja"}), 400, "このリンクは使えません")
	})
}

func TestSignInsThroughAProviderEndInTheApp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		for _, base := range bases {
			page := open(t, s, base+"/oauth2/success?project=demo&domain=.example.com&key=a_session_demo&secret=abc%22%3E")
			wantPage(t, page, 200, "You are signed in")
			link := `href="appwrite-callback-demo://?project=demo&amp;domain=.example.com&amp;key=a_session_demo&amp;secret=abc%22%3E" data-go`
			if !strings.Contains(string(page.Body), link) || !strings.Contains(string(page.Body), `<script src="`+base+`/page.js" defer>`) {
				t.Errorf("%s", page.Body)
			}
			script := open(t, s, base+"/page.js")
			if script.Status != 200 || !strings.HasPrefix(script.Header.Get("Content-Type"), "text/javascript") || !strings.Contains(string(script.Body), "replaceState") {
				t.Errorf("%d %v %s", script.Status, script.Header, script.Body)
			}
			failed := open(t, s, base+"/oauth2/failure?project=demo&error="+url.QueryEscape(`{"message":"<script>no</script>","type":"user_oauth2_provider_error","code":424}`))
			wantPage(t, failed, 200, "user_oauth2_provider_error")
			if strings.Contains(string(failed.Body), "<script>no") || !strings.Contains(string(failed.Body), `href="appwrite-callback-demo://?project=demo&amp;error=`) {
				t.Errorf("%s", failed.Body)
			}
			told := open(t, s, base+"/oauth2/failure?error="+url.QueryEscape(`{"message":"denied","type":"user_oauth2_unauthorized","code":401}`))
			wantPage(t, told, 200, "denied")
			if strings.Contains(string(told.Body), "appwrite-callback") {
				t.Errorf("%s", told.Body)
			}
			wantPage(t, open(t, s, base+"/oauth2/failure"), 200, "This page does not know which app you came from")
			wantPage(t, open(t, s, base+"/oauth2/failure?error=%7B"), 200, "This page does not know which app you came from")
			wantPage(t, open(t, s, base+"/oauth2/success"), 400, "This page does not know which app you came from")
			wantPage(t, open(t, s, base+"/oauth2/success?project=none&secret=x"), 404, "This link leads nowhere")
			wantPage(t, open(t, s, base+"/oauth2/success?project=javascript%3Aalert(1)&secret=x"), 404, "This link leads nowhere")
		}
	})
}

func TestSecretsOfPagesAreNotLogged(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		log := &lines{}
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{Log: log})
		query := magicLink(t, s)
		values, _ := url.ParseQuery(query)
		page := open(t, s, "/auth/magic-url?"+query)
		press(t, s, page, url.Values{"secret": {values.Get("secret") + "x"}})
		press(t, s, page, nil)
		if text := log.text(); strings.Contains(text, values.Get("secret")) || !strings.Contains(text, "magic-url") {
			t.Error(text)
		}
	})
}

// lines is a log that many may write.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
