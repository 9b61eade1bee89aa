package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/outgoing"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
	"latchkey/internal/webhook"
)

// told is one request that a receiver got.
type told struct {
	path   string
	header http.Header
	body   string
}

// receiver is a server of an app that is told events.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request) // nil: 200
	told   chan told
}

func receive(t *testing.T, start func(http.Handler) *httptest.Server) *receiver {
	r := &receiver{told: make(chan told, 1000)}
	r.Server = start(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.told <- told{request.URL.RequestURI(), request.Header, string(body)}
		r.mu.Lock()
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, request)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answering(answer func(w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// ends is an observer that a test can wait for.
type ends chan string

func (e ends) Sent(kind, _ string, _ time.Duration) { e <- "sent " + kind }
func (e ends) Failed(kind, _ string)                { e <- "failed " + kind }
func (e ends) Dead(kind, _ string)                  { e <- "dead " + kind }

// rig is a server that tells webhooks.
type rig struct {
	*testing.T
	*testkit.Server
	key  string
	ends ends
	log  *bytes.Buffer
	logs *slog.Logger // into log
	stop func()
}

// each runs a test on every engine. The workers run until the test is over.
func each(t *testing.T, test func(t *rig)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, AllowLoopback: true})
		r := &rig{T: t, Server: s, ends: make(ends, 1000), log: &bytes.Buffer{}}
		r.key, r.logs = s.Key(t, nil, "*"), slog.New(slog.NewTextHandler(r.log, nil))
		r.start("node-1", outgoing.Options{AllowPrivate: testkit.Loopback})
		test(r)
	})
}

// start starts a process that delivers.
func (r *rig) start(holder string, o outgoing.Options) {
	any := o
	any.AnyCert = true
	courier := &webhook.Courier{DB: r.DB, Projects: r.Projects, Verified: outgoing.New(o), AnyCert: outgoing.New(any), Clock: r.Clock.Now, Log: r.logs, Paused: r.Admin.TellOfPause}
	workers := &outbox.Workers{DB: r.DB, Queue: r.DB.Deliveries(), Box: r.Events.Box, Courier: courier, Clock: r.Clock.Now, Log: r.logs, Holder: holder, Observer: r.ends}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { workers.Run(ctx); close(done) }()
	r.stop = sync.OnceFunc(func() { cancel(); <-done; courier.Verified.Close(); courier.AnyCert.Close() })
	r.Cleanup(r.stop)
}

// call calls the API with the key.
func (r *rig) call(route string, body any) *testkit.Reply {
	r.Helper()
	return r.Call(r.T, route, body, testkit.Header{"X-Appwrite-Key", r.key})
}

// webhook makes a webhook that listens to events; more members of the request may be given.
func (r *rig) webhook(id, url string, more testkit.Map, events ...string) *testkit.Reply {
	r.Helper()
	body := testkit.Map{"webhookId": id, "name": "App", "url": url, "events": events}
	for name, value := range more {
		body[name] = value
	}
	reply := r.call("POST /v1/webhooks", body)
	return reply.Want(201)
}

// next waits for the end of a try.
func (r *rig) next() string {
	r.Helper()
	select {
	case end := <-r.ends:
		return end
	case <-time.After(10 * time.Second):
		r.Fatal("nothing ended")
		return ""
	}
}

// later moves the clock and wakes whoever delivers.
func (r *rig) later(d time.Duration) {
	r.Clock.Advance(d)
	r.Events.Box.Ring()
}

// signed computes a signature as a receiver would.
func signed(algorithm func() hash.Hash, key []byte, parts ...string) string {
	mac := hmac.New(algorithm, key)
	mac.Write([]byte(strings.Join(parts, "")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestAReceiverIsToldWhatHappens(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		made := r.webhook("app", app.URL+"/events?a=b%20c", testkit.Map{"authUsername": "latchkey", "authPassword": "a password"}, "users.*.create", "users.*.sessions.*.create")
		r.webhook("deaf", app.URL+"/deaf", nil, "users.*.delete", "users.*.update")
		r.webhook("off", app.URL+"/off", testkit.Map{"enabled": false}, "users.*")
		secret := made.Text("secret")

		user := r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "walter", "email": "walter@example.com", "password": "correct horse 1", "name": "Wälter"}).Want(201)
		got := <-app.told
		if end := r.next(); end != "sent users.[userId].create" {
			r.Error(end)
		}
		want := map[string]string{
			"Content-Type": "application/json", "X-Appwrite-Webhook-Id": "app", "X-Appwrite-Webhook-Name": "App", "X-Appwrite-Webhook-Project-Id": "demo",
			"X-Appwrite-Webhook-User-Id": "", "X-Appwrite-Webhook-Events": "users.walter.create,users.*.create,users.walter,users.*",
			"X-Appwrite-Webhook-Signature": signed(sha1.New, []byte(secret), app.URL+"/events?a=b c", got.body),
			"Authorization":                "Basic " + base64.StdEncoding.EncodeToString([]byte("latchkey:a password")),
		}
		for name, value := range want {
			if got.header.Get(name) != value {
				r.Errorf("%s is %q, want %q", name, got.header.Get(name), value)
			}
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			r.Fatal(err)
		}
		id, at := got.header.Get("Webhook-Id"), got.header.Get("Webhook-Timestamp")
		if today := "v1," + signed(sha256.New, key, id, ".", at, ".", got.body); got.header.Get("Webhook-Signature") != today || at != "1772366400" {
			r.Errorf("signed %s at %s", got.header.Get("Webhook-Signature"), at)
		}
		if got.path != "/events?a=b%20c" {
			r.Error("posted to", got.path)
		}
		var shown, answered map[string]any
		if json.Unmarshal([]byte(got.body), &shown) != nil || json.Unmarshal(user.Body, &answered) != nil {
			r.Fatal(got.body)
		}
		for _, name := range []string{"password", "hash", "hashOptions"} {
			if shown[name] != nil {
				r.Errorf("%s is told: %v", name, shown[name])
			}
			delete(shown, name)
		}
		if diff := cmp.Diff(answered, shown); diff != "" {
			r.Errorf("what is told is not what was answered:\n%s", diff)
		}
		log := r.call("GET /v1/webhooks/app/deliveries", nil)
		if log.Text("deliveries.0.$id") != id || log.Text("deliveries.0.status") != "delivered" || log.Get("deliveries.0.responseStatusCode") != 200.0 || log.Get("deliveries.0.attempts") != 1.0 {
			r.Error(string(log.Body))
		}
	})
}

// A session is told to be whose it is, with every field of its device a text, and nothing that proves it.
func TestASessionIsToldWithoutItsSecret(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*.sessions.*")
		r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "walter", "email": "walter@example.com", "password": "correct horse 1"}).Want(201)
		signIn := r.Call(r.T, "POST /v1/account/sessions/email", testkit.Map{"email": "walter@example.com", "password": "correct horse 1"}, testkit.Header{"X-Appwrite-Key", r.key}).Want(201)
		got := <-app.told
		var shown map[string]any
		if err := json.Unmarshal([]byte(got.body), &shown); err != nil {
			r.Fatal(err)
		}
		if signIn.Text("secret") == "" || strings.Contains(got.body, signIn.Text("secret")) || shown["secret"] != "" {
			r.Error("the secret was told:", got.body)
		}
		for name, value := range shown {
			if _, text := value.(string); !text && name != "current" && name != "factors" {
				r.Errorf("%s is no text: %v", name, value)
			}
		}
		if got.header.Get("X-Appwrite-Webhook-User-Id") != "walter" || shown["current"] != true {
			r.Error(got.header.Get("X-Appwrite-Webhook-User-Id"), got.body)
		}
		r.Call(r.T, "DELETE /v1/account/sessions/current", nil, testkit.Header{"X-Appwrite-Session", signIn.Text("secret")}).Want(204)
		gone := <-app.told
		if !strings.HasSuffix(strings.Split(gone.header.Get("X-Appwrite-Webhook-Events"), ",")[0], ".delete") || !strings.Contains(gone.body, `"current":true`) {
			r.Error(gone.header.Get("X-Appwrite-Webhook-Events"), gone.body)
		}
	})
}

// Nothing that did not happen is told: the event lies in the transaction of what it tells of.
func TestWhatFailsIsNotTold(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*")
		person := testkit.Map{"userId": "walter", "email": "walter@example.com", "password": "correct horse 1"}
		r.Call(r.T, "POST /v1/account", person).Want(201)
		person["email"] = "another@example.com" // the id is taken: the transaction that would have told of it ends
		r.Call(r.T, "POST /v1/account", person).Want(409)
		list, err := r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10)
		if err != nil || len(list) != 1 {
			r.Error(list, err)
		}
	})
}

func TestAReceiverThatFailsIsTriedAgainAndSwitchedOff(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		app.answering(status(503))
		r.webhook("app", app.URL, nil, "users.*.create")
		r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "walter", "email": "walter@example.com", "password": "correct horse 1"}).Want(201)
		ids := map[string]bool{}
		for try := 1; try <= 10; try++ {
			ids[(<-app.told).header.Get("Webhook-Id")] = true
			if end := r.next(); end != "failed users.[userId].create" {
				r.Fatal(try, end)
			}
			hook := r.call("GET /v1/webhooks/app", nil)
			if hook.Get("attempts") != float64(try) || hook.Text("logs") != "the receiver answered 503" || hook.Get("enabled") != (try < 10) {
				r.Fatal(try, string(hook.Body))
			}
			r.later(16 * time.Minute)
		}
		if len(ids) != 1 {
			r.Error("the tries of one delivery have different ids:", ids)
		}
		if end := r.next(); end != "dead users.[userId].create" { // the try after: it is off
			r.Error(end)
		}
		if !strings.Contains(r.log.String(), "a webhook was switched off") {
			r.Error("nobody was told")
		}
		r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "jesse", "email": "jesse@example.com", "password": "correct horse 1"}).Want(201)
		log := r.call("GET /v1/webhooks/app/deliveries", nil)
		r.call("GET /v1/webhooks/app/deliveries?cursorAfter=nothing", nil).Want(400, "general_cursor_not_found")
		if log.Get("total") != 1.0 || log.Text("deliveries.0.status") != "failed" || log.Get("deliveries.0.responseStatusCode") != 503.0 {
			r.Error("told while it is off:", string(log.Body))
		}
		again := "POST /v1/webhooks/app/deliveries/" + log.Text("deliveries.0.$id") + "/redeliver"
		r.call(again, nil).Want(400, "general_argument_invalid")
		r.call("PUT /v1/webhooks/app", testkit.Map{"name": "App", "url": app.URL, "events": []string{"users.*.create"}}).Want(200)
		app.answering(nil)
		r.call(again, nil).Want(202)
		if id := (<-app.told).header.Get("Webhook-Id"); !ids[id] {
			r.Error("told again under another id:", id)
		}
		if end := r.next(); end != "sent users.[userId].create" {
			r.Error(end)
		}
		if hook := r.call("GET /v1/webhooks/app", nil); hook.Get("attempts") != 0.0 || hook.Text("logs") != "" || hook.Get("enabled") != true {
			r.Error(string(hook.Body))
		}
	})
}

// Everybody who looks after a project is told once that a webhook was switched off, however many nodes saw its receiver fail.
func TestAPauseIsToldToThoseWhoLookAfterTheProject(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		for _, node := range []string{"node-2", "node-3"} {
			r.start(node, outgoing.Options{AllowPrivate: testkit.Loopback})
		}
		for id, role := range map[string]string{"owner": "owner", "reader": "analyst", "blocked": "owner", "member": "", "guest": "", "invited": "", "stranger": ""} {
			r.Operator(r.T, id, role)
		}
		r.Write(r.T, func(tx *store.Tx) {
			tx.UpsertTeam(&model.Team{ID: "crew", Name: "Crew", Prefs: "{}"})
			for id, roles := range map[string][]string{"owner": {"developer"}, "member": {"developer"}, "guest": {"analyst"}, "invited": {"owner"}} {
				tx.InsertMembership(&model.Membership{ID: id, TeamID: "crew", UserID: id, Roles: roles, Confirmed: id != "invited", SecretHash: []byte{}})
			}
			project, err := tx.Project(testkit.Demo)
			if err != nil {
				r.Error(err)
				return
			}
			project.Team = "crew"
			tx.UpsertProject(project)
			tx.UpdateUserStatus(&model.User{Project: model.ConsoleProject, ID: "blocked"})
			tx.UpdateUserPrefs(&model.User{Project: model.ConsoleProject, ID: "member", Prefs: `{"locale": "de"}`})
		})
		app := receive(r.T, httptest.NewServer)
		app.answering(status(503))
		r.webhook("app", app.URL+"/a-secret-path?key=1", testkit.Map{"name": "Billing"}, "users.*.create")
		const people = 12
		waiting := 0 // deliveries that will be tried again
		told := func(pauses int) []*model.Message {
			for range people {
				r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
			}
			for range people { // at once, when it does not matter yet
				r.next()
			}
			r.later(11 * time.Minute)
			tries := people + waiting
			waiting = 0
			for range tries { // and once more: three nodes count to ten, and some find it switched off
				if strings.HasPrefix(r.next(), "failed ") {
					waiting++
				}
			}
			if hook := r.call("GET /v1/webhooks/app", nil); hook.Get("enabled") != false || hook.Text("logs") != "the receiver answered 503" {
				r.Error(string(hook.Body))
			}
			if n := strings.Count(r.log.String(), "a webhook was switched off"); n != pauses {
				r.Error(n, "lines in the log")
			}
			return r.MessagesOf(r.T, model.ConsoleProject)
		}
		mails := told(1)
		slices.SortFunc(mails, func(a, b *model.Message) int { return strings.Compare(a.To, b.To) })
		if len(mails) != 2 || mails[0].To != "member@console.example" || mails[0].Locale != "de" || mails[1].To != "owner@console.example" || mails[1].Locale != "" {
			for _, m := range mails {
				r.Errorf("%+v", m)
			}
			r.FailNow()
		}
		want := map[string]string{"user": "owner", "project": "Demo", "webhook": "Billing", "receiver": "127.0.0.1", "reason": "the receiver answered 503"}
		if diff := cmp.Diff(want, mails[1].Values); diff != "" || mails[1].Kind != model.NoticeWebhook {
			r.Error(diff)
		}
		r.call("PUT /v1/webhooks/app", testkit.Map{"name": "Billing", "url": app.URL, "events": []string{"users.*.create"}}).Want(200)
		r.Rules.Reach = func(context.Context, *model.Project, string) bool { return false }
		if mails := told(2); len(mails) != 0 {
			r.Error("put where no mail can leave:", len(mails))
		}
	})
}

// A receiver that is restarted while many events come in is not switched off.
func TestManyFailuresInAMomentSwitchNothingOff(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		app.answering(status(502))
		r.webhook("app", app.URL, nil, "users.*.create")
		for range 15 {
			r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		}
		for range 15 {
			r.next()
		}
		if hook := r.call("GET /v1/webhooks/app", nil); hook.Get("enabled") != true || hook.Get("attempts") != 15.0 {
			r.Error(string(hook.Body))
		}
		page := r.call("GET /v1/webhooks/app/deliveries?limit=10", nil)
		if rest := r.call("GET /v1/webhooks/app/deliveries?cursorAfter="+page.Text("deliveries.9.$id"), nil); page.Get("total") != 15.0 || rest.Get("total") != 15.0 || len(rest.Get("deliveries").([]any)) != 5 {
			r.Error(string(page.Body), string(rest.Body))
		}
	})
}

func TestWhatAReceiverMayNot(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		elsewhere := receive(r.T, httptest.NewServer)
		app.answering(func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, elsewhere.URL, http.StatusTemporaryRedirect)
		})
		r.webhook("app", app.URL, nil, "users.*.create")
		r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		r.next()
		if hook := r.call("GET /v1/webhooks/app", nil); !strings.Contains(hook.Text("logs"), "redirects are not followed") || len(elsewhere.told) > 0 {
			r.Error(string(hook.Body), len(elsewhere.told))
		}
		// An endless answer is not read to its end, and a 410 ends a delivery at once.
		app.answering(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusGone)
			for i := 0; i < 1<<10; i++ {
				if _, err := w.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		})
		r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		if end := r.next(); end != "dead users.[userId].create" {
			r.Error(end)
		}
		// Nobody finds out what stands beside the server: neither at set-up nor, for a name, when it is connected to.
		r.stop()
		r.start("node-2", outgoing.Options{})
		r.later(time.Minute)
		for range 10 {
			if end := r.next(); end != "failed users.[userId].create" {
				r.Fatal(end)
			}
			if hook := r.call("GET /v1/webhooks/app", nil); strings.Contains(hook.Text("logs"), "private network") {
				break
			}
		}
	})
}

func TestCertificatesAreVerifiedUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewTLSServer)
		app.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		r.webhook("strict", app.URL, nil, "users.*.create")
		r.webhook("lax", app.URL, testkit.Map{"tls": false}, "users.*.create")
		r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		got := []string{r.next(), r.next()}
		slices.Sort(got)
		if diff := cmp.Diff([]string{"failed users.[userId].create", "sent users.[userId].create"}, got); diff != "" {
			r.Error(diff)
		}
		if hook := (<-app.told).header.Get("X-Appwrite-Webhook-Id"); hook != "lax" {
			r.Error(hook)
		}
	})
}

// A promised event is told after the process that was about to tell it has been killed.
func TestWhatAKilledProcessHadBegunIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*.create")
		r.stop()
		r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		now := model.At(r.Clock.Now())
		dead, err := r.DB.Deliveries().Claim(r.Context(), &store.Claim{Turn: "demo/app", Holder: "killed", Now: now, LeaseUntil: now.Add(time.Minute), Most: 8})
		if err != nil || len(dead) != 1 {
			r.Fatal(dead, err)
		}
		r.start("node-2", outgoing.Options{AllowPrivate: testkit.Loopback})
		r.later(61 * time.Second) // several nodes: its lease has run out by then
		if end := r.next(); end != "sent users.[userId].create" {
			r.Error(end)
		}
		if id := (<-app.told).header.Get("Webhook-Id"); id != dead[0].ID {
			r.Error("told under another id:", id)
		}
	})
}

// A receiver that keeps us waiting holds up no other one.
func TestASlowReceiverHoldsUpNobody(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		slow, quick := receive(r.T, httptest.NewServer), receive(r.T, httptest.NewServer)
		release := make(chan struct{})
		slow.answering(func(http.ResponseWriter, *http.Request) { <-release })
		r.Cleanup(sync.OnceFunc(func() { close(release) }))
		r.webhook("slow", slow.URL, nil, "users.*.create")
		r.webhook("quick", quick.URL, nil, "users.*.create")
		for range 30 {
			r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		}
		for range 30 {
			if end := r.next(); end != "sent users.[userId].create" {
				r.Fatal(end)
			}
		}
		if len(quick.told) != 30 {
			r.Error(len(quick.told))
		}
	})
}

// Who is gone is gone from what webhooks were told, too.
func TestDeliveriesGoWithWhomTheyAreAbout(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*.create", "users.*.delete")
		for _, id := range []string{"walter", "jesse"} {
			r.Call(r.T, "POST /v1/account", testkit.Map{"userId": id, "email": id + "@example.com", "password": "correct horse 1"}).Want(201)
			r.next()
		}
		r.call("DELETE /v1/users/walter", nil).Want(204)
		if end := r.next(); end != "sent users.[userId].delete" {
			r.Error(end)
		}
		list, err := r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10)
		if err != nil || len(list) != 2 || list[0].Event != "users.[userId].delete" || list[0].Kept || !list[1].Kept {
			r.Errorf("%+v %v", list, err)
		}
		// Nor is anything left of them when nobody wants to hear that they are gone.
		app.answering(status(410))
		r.call("DELETE /v1/users/jesse", nil).Want(204)
		if end := r.next(); end != "dead users.[userId].delete" {
			r.Error(end)
		}
		list, err = r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10)
		if err != nil || len(list) != 2 || list[0].Kept || list[1].Kept {
			r.Errorf("%+v %v", list, err)
		}
		r.Clock.Advance(7*24*time.Hour + time.Minute)
		for n := 1; n > 0; {
			if n, err = r.DB.SweepExpired(r.Context(), model.At(r.Clock.Now()), 100); err != nil {
				r.Fatal(err)
			}
		}
		if list, err := r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10); err != nil || len(list) != 0 {
			r.Error("kept for longer than said:", list, err)
		}
	})
}

// A person reads in their export what an app was told about them, and nothing about others.
func TestWhatWasToldIsInTheExport(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*")
		r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "jesse", "email": "jesse@example.com", "password": "correct horse 1"}).Want(201)
		r.next()
		app.answering(status(410))
		_, session := r.Member(r.T, "walter@example.com")
		for range 2 {
			r.next()
		}
		reply := r.Call(r.T, "GET /v1/account/export", nil, testkit.As(session)).Want(200)
		if reply.Text("webhooks.0.event") != "users.*.sessions.*.create" || reply.Text("webhooks.1.event") != "users.*.create" || reply.Get("webhooks.2") != nil ||
			reply.Text("webhooks.1.payload.email") != "walter@example.com" || reply.Get("webhooks.1.delivered") != false || reply.Text("webhooks.1.payload.password") != "" ||
			reply.Text("webhooks.0.payload.ip") != "127.0.0.1" || reply.Text("webhooks.0.payload.secret") != "" || strings.Contains(string(reply.Body), app.URL) {
			r.Error(string(reply.Body))
		}
	})
}

// A trial is told once, whether the webhook is on or not, and counts for nothing.
func TestATrial(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		app.answering(status(500))
		r.webhook("app", app.URL, testkit.Map{"enabled": false, "secret": "a key of ours"}, "users.*")
		r.call("POST /v1/webhooks/app/test", nil).Want(201)
		if end := r.next(); end != "dead ping" {
			r.Error(end)
		}
		got := <-app.told
		if got.header.Get("X-Appwrite-Webhook-Events") != "ping" || got.header.Get("X-Appwrite-Webhook-Signature") != signed(sha1.New, []byte("a key of ours"), app.URL, got.body) {
			r.Error(got)
		}
		log := r.call("GET /v1/webhooks/app/deliveries", nil)
		hook := r.call("GET /v1/webhooks/app", nil)
		if log.Text("deliveries.0.error") != "the receiver answered 500" || hook.Get("attempts") != 0.0 {
			r.Error(string(log.Body), string(hook.Body))
		}
	})
}

// Who has asked to be deleted is told of when they are gone, and not when they ask: they may take it back.
func TestADeletionAfterDaysOfGraceIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*.delete")
		r.call("PATCH /v1/project/policies/self-deletion", testkit.Map{"enabled": true, "graceDays": 3}).Want(200)
		id, session := r.Member(r.T, "walter@example.com")
		r.Call(r.T, "DELETE /v1/account", nil, testkit.Header{"X-Appwrite-Session", session}).Want(204)
		r.Clock.Advance(3*24*time.Hour + time.Minute)
		janitor := &auth.Janitor{DB: r.DB, Clock: r.Clock.Now, Log: slog.New(slog.DiscardHandler), Holder: "test", Tell: r.Events.Tell, Project: r.Projects.Plain}
		if _, err := janitor.Sweep(r.Context()); err != nil {
			r.Fatal(err)
		}
		if got := <-app.told; !strings.HasPrefix(got.header.Get("X-Appwrite-Webhook-Events"), "users."+id+".delete,") || !strings.Contains(got.body, "walter@example.com") {
			r.Error(got.header.Get("X-Appwrite-Webhook-Events"), got.body)
		}
		if end := r.next(); end != "sent users.[userId].delete" || len(app.told) > 0 {
			r.Error(end, len(app.told))
		}
	})
}

func TestDeliveriesGoWithTheirProject(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		app.answering(status(500))
		r.webhook("app", app.URL, nil, "users.*.create")
		r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		r.next()
		r.call("DELETE /v1/project", nil).Want(204)
		list, err := r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10)
		failures, failed := r.DB.WebhookFailures(r.Context(), testkit.Demo)
		if err != nil || failed != nil || len(list) > 0 || len(failures) > 0 {
			r.Error(list, failures, err, failed)
		}
	})
}
