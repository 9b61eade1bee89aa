package app_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/event"
	"latchkey/internal/mock"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// update writes the answers of this run into the transcripts instead of comparing.
var update = flag.Bool("update", false, "rewrite the transcripts from what the server answers")

// A transcript is a text file: requests and the answers to them, as they look on the wire. Lines starting
// with > are a request, lines starting with < its answer, everything else is prose. Values that differ from
// run to run appear as {name} placeholders; a name seen again must be the same value again.
//
//	> POST /v1/account
//	> X-Appwrite-Project: demo
//	> {"userId": "walter", …}
//	< 201
//	< X-RateLimit-Limit: 10
//	< {"$id": "walter", …}

func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		told := map[string]bool{}
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { play(t, db, file, told) })
		}
		for _, name := range event.Names {
			if !told[name] && !t.Failed() && flag.Lookup("test.run").Value.String() == "" {
				t.Errorf("nobody was ever told %s", name)
			}
		}
	})
}

func TestEveryEndpointHasATranscript(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	for _, e := range table() {
		pattern := regexp.MustCompile(`(?m)^> ` + e.Method + " " + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(e.Path), `[^/ ?]+`) + `(\?.*)?$`)
		if !pattern.Match(all) {
			t.Errorf("%s has no transcript: testdata/transcripts holds no request like %s", e.Name(), pattern)
		}
	}
}

// play sends the requests of a transcript to a fresh server and compares, or rewrites.
func play(t *testing.T, db *store.DB, file string, told map[string]bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := testkit.Serve(t, testkit.Sibling(t, db), testkit.NewClock(), testkit.Options{Proxies: true, MockProvider: true, Providers: mocked{}})
	p := &player{t: t, s: s, values: map[string]string{}, events: told, entries: map[string]bool{}, device: testkit.Authenticator{Origin: "http://localhost"}}
	p.values["key"] = s.Key(t, nil, "sessions.write", "health.read", "locale.read", "providers.read", "providers.write")
	p.values["admin"] = s.Key(t, nil, "*")
	p.values["operator"] = s.Operator(t, "operator", "owner")
	if filepath.Base(file) != "webhooks.txt" { // which has its own
		p.listen()
	}
	got := p.run(string(text))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), got); diff != "" {
		t.Errorf("%s (rewrite with -update, then read the change):\n%s", file, diff)
	}
}

// player carries the values met so far through a transcript.
type player struct {
	t         *testing.T
	s         *testkit.Server
	values    map[string]string
	names     []string
	secrets   []string        // that requests have given
	entries   map[string]bool // of the audit trail, seen so far
	listening bool
	events    map[string]bool // that webhooks were told of
	device    testkit.Authenticator
	asked     any // options of the last challenge for a passkey
	codes     int // codes of the authenticator app that were shown: a code is good once
}

// run returns the transcript with the answers of this run.
func (p *player) run(text string) string {
	var out strings.Builder
	var request []string
	flush := func() {
		if len(request) > 0 {
			out.WriteString(p.exchange(request))
			request = nil
		}
	}
	for _, line := range strings.SplitAfter(text, "\n") {
		switch {
		case strings.HasPrefix(line, "> "):
			request = append(request, strings.TrimSuffix(line[2:], "\n"))
			out.WriteString(line)
		case strings.HasPrefix(line, "< "):
			flush()
		default:
			flush()
			out.WriteString(line)
		}
	}
	flush()
	return out.String()
}

// exchange sends one request and writes its answer.
func (p *player) exchange(lines []string) string {
	var headers []testkit.Header
	var body any
	for _, line := range lines[1:] {
		line = p.fill(line)
		if name, value, is := strings.Cut(line, ": "); is && !strings.HasPrefix(line, "{") && body == nil {
			headers = append(headers, testkit.Header{name, value})
			continue
		}
		previous, _ := body.(string)
		body = previous + line
	}
	headers = append(headers, testkit.Header{"Accept-Encoding", "identity"})
	p.s.Clock.Advance(time.Second)
	reply := p.s.Call(p.t, p.fill(lines[0]), body, headers...)
	messages := append(p.s.Messages(p.t), p.s.MessagesOf(p.t, model.ConsoleProject)...)
	for _, m := range messages {
		p.name("secret", secretOf(p.t, m))
	}
	sent, _ := body.(string)
	defer p.audited(lines[0], sent, reply)
	if p.listening {
		defer p.heard(lines[0], reply) // once the secrets of the answer are known
	}
	return p.show(reply) + p.mask(caught(messages))
}

// caught writes the messages that a request has put on their way.
func caught(messages []*model.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "< (%s %s to %s)\n", m.Channel, m.Kind, strings.TrimSpace(m.ToName+" "+m.To))
		for _, name := range slices.Sorted(maps.Keys(m.Values)) {
			if value := m.Values[name]; value != "" {
				fmt.Fprintf(&b, "< (%s: %s)\n", name, value)
			}
		}
	}
	return b.String()
}

// name gives a value that differs from run to run a name, by which later requests call it.
func (p *player) name(kind, value string) {
	if value == "" {
		return
	}
	for _, known := range p.values {
		if known == value {
			return
		}
	}
	name := kind
	for n := 2; p.values[name] != ""; n++ {
		name = fmt.Sprintf("%s%d", kind, n)
	}
	p.values[name] = value
	p.names = append(p.names, name)
}

// fill puts remembered values into a line.
func (p *player) fill(line string) string {
	if strings.Contains(line, "{otp}") {
		code := testkit.TOTP(p.t, p.values["totp"], p.s.Clock.Now().Add(time.Duration(p.codes)*30*time.Second))
		line = strings.ReplaceAll(line, "{otp}", code)
		p.codes++
	}
	for name, value := range p.values {
		line = strings.ReplaceAll(line, "{"+name+"}", value)
	}
	for name, answer := range map[string]func(testing.TB, any) testkit.Map{"{created}": p.device.Create, "{signed}": p.device.Get} {
		if strings.Contains(line, name) {
			text, err := json.Marshal(answer(p.t, p.asked))
			if err != nil {
				p.t.Fatal(err)
			}
			line = strings.ReplaceAll(line, name, string(text))
		}
	}
	return line
}

// shownHeaders are the headers that are part of the contract; others are the transport's business.
var shownHeaders = []string{"Access-Control-Allow-Origin", "Cache-Control", "Content-Type", "Location", "Retry-After", "Set-Cookie", "X-Fallback-Cookies",
	"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"}

// show writes an answer with its varying values replaced.
func (p *player) show(reply *testkit.Reply) string {
	var b strings.Builder
	fmt.Fprintf(&b, "< %d %s\n", reply.Status, http.StatusText(reply.Status))
	for _, name := range shownHeaders {
		for _, value := range reply.Header[name] {
			fmt.Fprintf(&b, "< %s: %s\n", name, value)
		}
	}
	for _, line := range readable(reply.Body) {
		b.WriteString("< " + line + "\n")
	}
	p.remember(reply)
	return p.mask(b.String())
}

// longest is how many lines of a body are shown; of a longer one only the first few.
const longest, shown = 80, 16

// readable returns a body as indented lines.
func readable(body []byte) []string {
	if len(body) == 0 {
		return nil
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, body, "", "  ") != nil {
		return strings.Split(string(body), "\n")
	}
	lines := strings.Split(pretty.String(), "\n")
	if len(lines) > longest {
		lines = append(lines[:shown], "…")
	}
	return lines
}

// remember names the ids and secrets of an answer.
func (p *player) remember(reply *testkit.Reply) {
	if !strings.Contains(strings.Join(reply.Header["Set-Cookie"], ""), "Max-Age=0") {
		p.name("session", reply.Session())
		p.name("session", reply.Cookie("a_session_console"))
	}
	if phrase := reply.Text("phrase"); phrase != "" {
		p.name("phrase", phrase)
	}
	p.name("jwt", reply.Text("jwt"))
	if options := reply.Get("options"); options != nil {
		p.asked = options
		p.name("nonce", reply.Text("options.challenge"))
		p.name("handle", reply.Text("options.user.id"))
	}
	p.name("credential", reply.Text("credentialId"))
	if reply.Text("uri") != "" {
		p.name("totp", reply.Text("secret"))
	}
	for i := range 6 {
		p.name("recovery", reply.Text(fmt.Sprintf("recoveryCodes.%d", i)))
	}
	if reply.Text("expire") != "" && reply.Get("provider") == nil && reply.Get("secret") == nil {
		p.name("challenge", reply.Text("$id"))
	}
	for _, made := range madeSecret.FindAllStringSubmatch(string(reply.Body), -1) {
		p.name("secret", made[1])
	}
	p.sought(reply)
	for _, id := range generatedID.FindAllString(string(reply.Body), -1) {
		p.name("id", strings.Trim(id, `"`))
	}
}

// sought names what an address or a cookie of a sign-in at a provider holds.
func (p *player) sought(reply *testkit.Reply) {
	if at, err := url.Parse(reply.Header.Get("Location")); err == nil {
		for _, name := range []string{"state", "code_challenge", "secret"} {
			p.name(name, at.Query().Get(name))
		}
		p.name("id", at.Query().Get("userId"))
	}
	for _, line := range reply.Header["Set-Cookie"] {
		name, value, _ := strings.Cut(line, "=")
		if id, is := strings.CutPrefix(name, "lk_oauth_"); is {
			value, _, _ = strings.Cut(value, ";")
			p.name("login", id)
			p.name("browser", value)
		}
	}
}

// mocked answers for the provider to play with.
type mocked struct{}

// RoundTrip implements http.RoundTripper.
func (mocked) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	mock.Handler("https://auth.example.com").ServeHTTP(w, r)
	return w.Result(), nil
}

// generatedID is an id made by the server.
var generatedID = regexp.MustCompile(`"[0-9a-f]{20}"`)

// madeSecret is what differs from run to run besides ids: a hash that was made here, the secret of a session.
var madeSecret = regexp.MustCompile(`"(\$argon2id\$v=19\$m=8,[^"]+|eyJpZCI6[^"]{100,}|whsec_[^"]+)"`)

// mask replaces remembered values by their names, longest first.
func (p *player) mask(text string) string {
	names := append([]string{}, p.names...)
	sort.Slice(names, func(i, j int) bool { return len(p.values[names[i]]) > len(p.values[names[j]]) })
	for _, name := range names {
		value := p.values[name]
		text = strings.ReplaceAll(text, strings.ReplaceAll(value, "=", "%3D"), "{"+name+"}")
		text = strings.ReplaceAll(text, value, "{"+name+"}")
	}
	return text
}
