package admin_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/admin"
	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

var background = context.Background()

func rulesOn(db *store.DB) *admin.Rules {
	random := secret.NewRandom(nil)
	return &admin.Rules{DB: db, Random: random, Keys: secret.NewKeyRing(secret.NewMasterKey(random)), Clock: time.Now}
}

// declared reads a file of one project.
func declared(t *testing.T, text string) *admin.Declaration {
	t.Helper()
	d, err := admin.ReadDeclaration([]byte(text), func(name string) (string, bool) { return "secret-of-" + name, true })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// apply applies a file and returns what it did.
func apply(t *testing.T, r *admin.Rules, text string, o admin.ApplyOptions) *admin.Plan {
	t.Helper()
	plan, err := r.Apply(background, declared(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

const small = `projects:
  - id: shop
    name: Shop
    platforms: [{type: web, id: a, hostname: a.example.com}, {type: web, id: b, hostname: b.example.com}]
    keys: [{id: one, scopes: [users.read]}, {id: two, scopes: ["*"], secret: standard_0123456789abcdef0123456789abcdef}]
    policies: {session-limit: {total: 3}}
    smtp: {host: mail.example.com, password: "${MAIL}"}
`

func TestApplyingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../docs/examples/project.yaml")
	if err != nil {
		t.Fatal(err)
	}
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := rulesOn(db)
		for _, text := range []string{small, string(example)} {
			if first := apply(t, r, text, admin.ApplyOptions{}); len(first.Steps) == 0 {
				t.Error("the first time did nothing")
			}
			if again := apply(t, r, text, admin.ApplyOptions{}); len(again.Steps) != 0 {
				t.Errorf("the second time did:\n%s", again)
			}
		}
	})
}

func TestListsBecomeWhatTheFileSays(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := rulesOn(db)
		first := apply(t, r, small, admin.ApplyOptions{})
		text := first.Secrets["shop/one"]
		if text == "" || len(first.Secrets) != 1 {
			t.Errorf("made keys: %v", first.Secrets)
		}
		if key, err := db.KeyByHash(background, "shop", secret.HashToken(text)); err != nil || key.ID != "one" {
			t.Errorf("the key that was shown is not the one that was stored: %v", err)
		}
		changed := strings.NewReplacer("b.example.com", "c.example.com", "{type: web, id: a, hostname: a.example.com}, ", "", "total: 3", "total: 5",
			", {id: two, scopes: [\"*\"], secret: standard_0123456789abcdef0123456789abcdef}", "", "name: Shop", "name: Store").Replace(small)
		dry := apply(t, r, changed, admin.ApplyOptions{DryRun: true})
		plan := apply(t, r, changed, admin.ApplyOptions{})
		if diff := cmp.Diff(dry.String(), plan.String()); diff != "" {
			t.Errorf("what was told is not what was done:\n%s", diff)
		}
		want := "~ shop: name (Store)\n~ shop: settings (session-limit)\n~ shop: platform b (web c.example.com)\n- shop: platform a\n- shop: key two\n"
		if diff := cmp.Diff(want, plan.String()); diff != "" {
			t.Error(diff)
		}
		p, err := db.Project(background, "shop")
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != "Store" || len(p.Platforms) != 1 || p.Settings.Policies.SessionLimit.Total != 5 || p.Settings.Policies.SessionDuration.Duration != 31536000 {
			t.Errorf("%+v", p)
		}
		if _, err := db.KeyByHash(background, "shop", secret.HashToken(text)); err != nil {
			t.Errorf("a key without a declared secret lost its own: %v", err)
		}
		if _, err := db.KeyByHash(background, "shop", secret.HashToken("standard_0123456789abcdef0123456789abcdef")); !errors.Is(err, fault.KeyNotFound) {
			t.Errorf("a removed key is still there: %v", err)
		}
	})
}

func TestOtherProjectsStayUnlessPruned(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := rulesOn(db)
		if err := r.EnsureConsole(background); err != nil {
			t.Fatal(err)
		}
		if _, err := r.CreateProject(background, "other", ""); err != nil {
			t.Fatal(err)
		}
		apply(t, r, small, admin.ApplyOptions{})
		if _, err := db.Project(background, "other"); err != nil {
			t.Error("a project that the file does not name is gone")
		}
		plan := apply(t, r, small, admin.ApplyOptions{Prune: true})
		if diff := cmp.Diff("- other: project (with everybody in it)\n", plan.String()); diff != "" {
			t.Error(diff)
		}
		if _, err := db.Project(background, "console"); err != nil {
			t.Error("the console went with the pruning")
		}
	})
}

func TestNodesThatApplyAtOnceTakeTurns(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := rulesOn(db)
		d := declared(t, small)
		var mu sync.Mutex
		var made, steps int
		var wait sync.WaitGroup
		for range 5 {
			wait.Go(func() {
				plan, err := r.Apply(background, d, admin.ApplyOptions{})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				made, steps = made+len(plan.Secrets), steps+len(plan.Steps)
			})
		}
		wait.Wait()
		if made != 1 || steps != 7 {
			t.Errorf("five nodes made %d keys in %d steps", made, steps)
		}
	})
}

func TestSecretsCannotBeReadInTheFile(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/latchkey.db"
	db, err := store.Open(background, store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(background); err != nil {
		t.Fatal(err)
	}
	r := rulesOn(db)
	plan := apply(t, r, small, admin.ApplyOptions{})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	if !bytes.Contains(all, []byte("mail.example.com")) {
		t.Error("the search does not see the file's texts")
	}
	for _, text := range []string{"secret-of-MAIL", "0123456789abcdef0123456789abcdef", plan.Secrets["shop/one"]} {
		if bytes.Contains(all, []byte(text)) {
			t.Errorf("%q lies in the database", text)
		}
	}
}

func TestByHand(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := rulesOn(db)
		want := func(err error, kind *fault.Kind) {
			t.Helper()
			if !errors.Is(err, kind) {
				t.Errorf("got %v, want %s", err, kind.Type)
			}
		}
		_, err := r.CreateProject(background, "console", "")
		want(err, fault.ProjectReserved)
		_, err = r.CreateProject(background, "Bad Id", "")
		want(err, fault.ArgumentInvalid)
		if _, err = r.CreateProject(background, "shop", "Shop"); err != nil {
			t.Fatal(err)
		}
		_, err = r.CreateProject(background, "shop", "Shop")
		want(err, fault.ProjectAlreadyExists)
		_, _, err = r.CreateKey(background, "nowhere", admin.NewKey{Name: "k"})
		want(err, fault.ProjectNotFound)
		_, _, err = r.CreateKey(background, "shop", admin.NewKey{Name: "k", Scopes: []string{"everything"}})
		want(err, fault.ArgumentInvalid)
		key, text, err := r.CreateKey(background, "shop", admin.NewKey{ID: "k", Scopes: []string{"users.read"}})
		if err != nil || !strings.HasSuffix(text, key.Hint) {
			t.Errorf("%v %v", key, err)
		}
		_, _, err = r.CreateKey(background, "shop", admin.NewKey{ID: "k"})
		want(err, fault.KeyAlreadyExists)
		want(r.DeleteKey(background, "shop", "x"), fault.KeyNotFound)
		if err := r.DeleteKey(background, "shop", "k"); err != nil {
			t.Error(err)
		}
		_, err = db.KeyByHash(background, "shop", secret.HashToken(text))
		want(err, fault.KeyNotFound)
		want(r.DeleteProject(background, "console"), fault.ProjectReserved)
		want(r.DeleteProject(background, "nowhere"), fault.ProjectNotFound)
		if err := r.DeleteProject(background, "shop"); err != nil {
			t.Error(err)
		}
	})
}

// everyProvider makes a messaging provider of every kind, as the API does.
func everyProvider(t *testing.T, r *admin.Rules) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	account, err := json.Marshal(map[string]string{"type": "service_account", "project_id": "p", "client_email": "a@p.example.com", "private_key": text})
	if err != nil {
		t.Fatal(err)
	}
	special := map[string]any{"authKey": text, "serviceAccountJSON": string(account), "port": 587, "fromEmail": "a@example.com", "replyToEmail": "b@example.com", "encryption": "tls"}
	on := true
	for _, name := range []string{"smtp", "mailgun", "sendgrid", "resend", "ses", "twilio", "vonage", "msg91", "telesign", "textmagic", "fcm", "apns"} {
		kind, title, values := admin.ProviderKindNamed(name), "My "+name, map[string]any{}
		for _, f := range kind.Fields {
			switch value := special[f.Name]; {
			case value != nil && (name == "apns" || f.Name != "authKey"):
				values[f.Name] = value
			case f.Form == "boolean":
				values[f.Name] = true
			default:
				values[f.Name] = "sample-" + name + "-" + strings.ToLower(f.Name)
			}
		}
		if made, err := r.CreateProvider(background, &auth.Request{Project: &model.Project{ID: "shop"}}, kind, "my-"+name, admin.ProviderChange{Name: &title, Enabled: &on, Values: values}); err != nil || !made.Enabled {
			t.Fatalf("%s: %v %+v", name, err, made)
		}
	}
}

// What is exported can be applied and changes nothing, with holes filled and with secrets left out.
func TestApplyingAnExportChangesNothing(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../docs/examples/project.yaml")
	if err != nil {
		t.Fatal(err)
	}
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := rulesOn(db)
		apply(t, r, small, admin.ApplyOptions{})
		apply(t, r, string(example), admin.ApplyOptions{})
		everyProvider(t, r)
		// What a file would refuse, the API refuses, too, of what is switched off; an empty list is one.
		req := &auth.Request{Project: &model.Project{ID: "shop"}}
		if _, err := r.SetProvider(background, req, "microsoft", map[string]any{"applicationId": "1", "tenant": "nonsense"}); !errors.Is(err, fault.ArgumentInvalid) {
			t.Error("a tenant that is none:", err)
		}
		if _, err := r.SetProvider(background, req, "google", map[string]any{"clientId": "1", "prompt": []string(nil)}); err != nil {
			t.Error(err)
		}
		for _, bare := range []bool{false, true} {
			text, err := r.Export(background, bare)
			if err != nil {
				t.Fatal(err)
			}
			secrets := map[string]string{}
			for _, project := range []string{"shop", "demo"} {
				for _, kind := range []string{store.KindOAuth2, store.KindSMTP, store.KindSMS, store.KindMessaging, store.KindTemplate, store.KindWebhook} {
					documents, err := r.Stored(background, project, kind)
					if err != nil {
						t.Fatal(err)
					}
					for _, d := range documents {
						for name, value := range d.Secrets {
							secrets[admin.HoleName(project, kind, d.ID, name)] = value
							if strings.Contains(string(text), value) {
								t.Errorf("a secret is in the export: %s %s", d.ID, name)
							}
						}
					}
				}
			}
			again, err := admin.ReadDeclaration(text, func(name string) (string, bool) { value, found := secrets[name]; return value, found })
			if err != nil {
				t.Fatalf("the export is no declaration: %v\n%s", err, text)
			}
			plan, err := r.Apply(background, again, admin.ApplyOptions{Prune: true})
			if err != nil || len(plan.Steps) != 0 {
				t.Errorf("applying the export did:\n%s%v\n%s", plan, err, text)
			}
		}
	})
}
