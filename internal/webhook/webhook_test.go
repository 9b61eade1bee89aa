package webhook_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/outgoing"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

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
