package audit_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// traces are what must not be found once their person is gone.
var traces = []string{"heisenberg.walter@example.com", "walter.new@example.com", "+4915112345678", "4915112345678", "Walter Heisenberg White", "walter heisenberg", "81.2.69.142",
	"WalterPhone/7.3", "walter-device-token", "walter-at-github", "octo.walter@example.com", "walter-passkey-ring"}

// A person leaves traces wherever a person can: addresses, sessions, a device, factors, codes on their way, an identity, the log.
func lived(t *testing.T, a *trail) (id, session string) {
	t.Helper()
	s := a.s
	phone := []testkit.Header{{"User-Agent", "WalterPhone/7.3"}, {"X-Forwarded-For", "81.2.69.142"}}
	id = s.Call(t, "POST /v1/account", testkit.Map{"userId": "unique()", "email": "heisenberg.walter@example.com", "password": testkit.Password, "name": "Walter Heisenberg White"}, phone...).Want(201).Text("$id")
	session = s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "heisenberg.walter@example.com", "password": testkit.Password}, phone...).Want(201).Session()
	me := append([]testkit.Header{testkit.As(session)}, phone...)
	a.seal()
	s.Call(t, "PATCH /v1/account/email", testkit.Map{"email": "walter.new@example.com", "password": testkit.Password}, me...).Want(200)
	s.Call(t, "PATCH /v1/account/phone", testkit.Map{"phone": "+4915112345678", "password": testkit.Password}, me...).Want(200)
	s.Call(t, "POST /v1/account/targets/push", testkit.Map{"targetId": "unique()", "identifier": "walter-device-token"}, me...).Want(201)
	s.Call(t, "POST /v1/account/mfa/authenticators/totp", nil, me...).Want(200)
	s.Call(t, "POST /v1/account/mfa/recovery-codes", nil, me...).Want(201)
	s.Call(t, "POST /v1/account/verifications/email", testkit.Map{"url": "http://localhost/verify"}, me...).Want(201)
	s.Write(t, func(tx *store.Tx) {
		tx.InsertPasskey(&model.Passkey{Project: testkit.Demo, ID: "p", UserID: id, Name: "walter-passkey-ring", RPID: "localhost", CredentialID: []byte("c"), PublicKey: []byte("k")})
		tx.InsertIdentity(&model.Identity{Project: testkit.Demo, ID: "i", CreatedAt: tx.Now, UpdatedAt: tx.Now, UserID: id, Provider: "github",
			ProviderUID: "walter-at-github", ProviderEmail: "octo.walter@example.com"})
	})
	return id, session
}

func TestThePersonIsInTheExport(t *testing.T) {
	each(t, func(t *testing.T, a *trail) {
		_, session := lived(t, a)
		body := string(a.s.Call(t, "GET /v1/account/export", nil, testkit.As(session)).Want(200).Body)
		for _, want := range []string{"walter.new@example.com", "+4915112345678", "Walter Heisenberg White", "81.2.69.142", "walter-device-token", "walter-at-github", "octo.walter@example.com", "walter-passkey-ring",
			"heisenberg.walter@example.com", `"recoveryCodes":6`, "user.export"} {
			if !strings.Contains(body, want) {
				t.Errorf("the export does not hold %s:\n%s", want, body)
			}
		}
		for _, secret := range []string{"$argon2", session} {
			if strings.Contains(body, secret) {
				t.Errorf("the export holds %s", secret)
			}
		}
	})
}

// After the account is gone, at once or after its days of grace, nothing that names the person is found: in no row, and
// on SQLite in no byte of any file.
func TestNothingIsLeftOfAPerson(t *testing.T) {
	for label, days := range map[string]int{"at once": 0, "after days of grace": 7} {
		t.Run(label, func(t *testing.T) {
			each(t, func(t *testing.T, a *trail) {
				project, err := a.s.DB.Project(t.Context(), testkit.Demo)
				if err != nil {
					t.Fatal(err)
				}
				project.Settings.Policies.SelfDeletion.GraceDays = days
				a.s.Write(t, func(tx *store.Tx) { tx.UpsertProject(project) })
				if err := a.s.Projects.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				_, session := lived(t, a)
				a.events(1)
				if found := a.search(); len(found) == 0 {
					t.Fatal("the search finds nobody, even while they live")
				}
				a.s.Call(t, "DELETE /v1/account", nil, testkit.As(session), testkit.Header{"User-Agent", "WalterPhone/7.3"}).Want(204)
				a.seal()
				janitor := &auth.Janitor{DB: a.s.DB, Clock: a.s.Clock.Now, Holder: "test"}
				a.s.Clock.Advance(time.Duration(days)*24*time.Hour + time.Minute)
				for n := 1; n > 0; {
					if n, err = janitor.Sweep(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				a.s.Messages(t) // mails about the person have gone out: what they said is wiped
				if !a.s.DB.Removed() {
					t.Error("nobody is said to have been deleted")
				}
				if err := a.s.DB.Scrub(t.Context()); err != nil {
					t.Fatal(err)
				}
				if found := a.search(); len(found) > 0 {
					t.Errorf("left: %v", found)
				}
				if r := a.verify(); r.Broken != "" {
					t.Errorf("the trail: %+v", r)
				}
			})
		})
	}
}

// search looks for the traces in every row of every table and, on SQLite, in every byte of every file.
func (a *trail) search() (found []string) {
	a.t.Helper()
	look := func(where string, text []byte) {
		for _, trace := range traces {
			if bytes.Contains(text, []byte(trace)) {
				found = append(found, where+": "+trace)
			}
		}
	}
	if a.s.DB.Engine() == store.SQLite {
		err := filepath.WalkDir(a.dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			look(filepath.Base(path), text)
			return err
		})
		if err != nil {
			a.t.Fatal(err)
		}
		return found
	}
	a.tamper("vacuum")
	tables, err := a.raw.QueryContext(a.t.Context(), "select tablename from pg_tables where schemaname = 'public'")
	if err != nil {
		a.t.Fatal(err)
	}
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			a.t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := tables.Err(); err != nil {
		a.t.Fatal(err)
	}
	for _, name := range names {
		rows, err := a.raw.QueryContext(a.t.Context(), "select t::text from "+name+" t")
		if err != nil {
			a.t.Fatal(err)
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				a.t.Fatal(err)
			}
			look(name, []byte(text))
		}
		if err := rows.Err(); err != nil {
			a.t.Fatal(err)
		}
	}
	return found
}
