package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// user reads a user who must be there.
func user(t *testing.T, db *store.DB, id string) *model.User {
	t.Helper()
	u, err := db.UserByID(t.Context(), project, id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// wantFault fails the test unless err is of a kind.
func wantFault(t *testing.T, err error, kind *fault.Kind) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want %s", err, kind.Type)
	}
}

// wantConflict fails the test unless err is a violation of a constraint.
func wantConflict(t *testing.T, err error, constraint string) {
	t.Helper()
	if got, ok := store.Conflict(err); !ok || got != constraint {
		t.Fatalf("got %v (%s), want a conflict on %s", err, got, constraint)
	}
}

func TestUsersComeBackWhole(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		want := someUser("walter")
		late, early := someTarget("walter", "t1"), someTarget("walter", "t2")
		early.CreatedAt--
		early.ProviderType, early.SentID, early.Expired = model.TargetSMS, "sent", true
		plain := anonymous("nobody")
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(want)
			tx.InsertTarget(late)
			tx.InsertTarget(early)
			tx.InsertUser(plain)
			tx.Do(`insert into authenticators (project_id, id, user_id, type, verified, sealed, created_at, updated_at)
				values ($1, 'a', 'walter', 'totp', true, '', 1, 1), ($1, 'b', 'nobody', 'totp', false, '', 1, 1)`, project)
		})
		want.Targets = []model.Target{*early, *late}
		want.HasTOTP = true
		for name, find := range map[string]func() (*model.User, error){
			"id":    func() (*model.User, error) { return db.UserByID(t.Context(), project, "walter") },
			"email": func() (*model.User, error) { return db.UserByEmail(t.Context(), project, want.Email) },
			"phone": func() (*model.User, error) { return db.UserByPhone(t.Context(), project, want.Phone) },
		} {
			got, err := find()
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("by %s: %v\n%s", name, err, diff)
			}
		}
		if diff := cmp.Diff(plain, user(t, db, "nobody")); diff != "" {
			t.Error(diff)
		}
		_, err := db.UserByID(t.Context(), "another", "walter")
		wantFault(t, err, fault.UserNotFound)
		_, err = db.UserByEmail(t.Context(), project, "")
		wantFault(t, err, fault.UserNotFound)
	})
}

func TestEachUpdateWritesItsOwnColumns(t *testing.T) {
	t.Parallel()
	updates := map[string]func(tx *store.Tx, u *model.User){
		"name":  func(tx *store.Tx, u *model.User) { u.Name = "New"; tx.UpdateUserName(u) },
		"prefs": func(tx *store.Tx, u *model.User) { u.Prefs = `{"a":[]}`; tx.UpdateUserPrefs(u) },
		"email": func(tx *store.Tx, u *model.User) {
			u.Email, u.EmailVerification = "new@example.com", false
			u.EmailFacts = &model.EmailFacts{Canonical: "new@example.com", IsDisposable: true}
			tx.UpdateUserEmail(u)
		},
		"no email": func(tx *store.Tx, u *model.User) { u.Email, u.EmailFacts = "", nil; tx.UpdateUserEmail(u) },
		"phone":    func(tx *store.Tx, u *model.User) { u.Phone, u.PhoneVerification = "+1", false; tx.UpdateUserPhone(u) },
		"status": func(tx *store.Tx, u *model.User) {
			u.Status, u.SelfBlocked = false, false
			tx.UpdateUserStatus(u)
			u.TokenCounter++
		},
		"mfa":          func(tx *store.Tx, u *model.User) { u.MFA = false; tx.UpdateUserMFA(u) },
		"labels":       func(tx *store.Tx, u *model.User) { u.Labels = []string{}; tx.UpdateUserLabels(u) },
		"verified":     func(tx *store.Tx, u *model.User) { u.EmailVerification = false; tx.UpdateUserVerified(u) },
		"impersonator": func(tx *store.Tx, u *model.User) { u.Impersonator = false; tx.UpdateUserImpersonator(u) },
		"password": func(tx *store.Tx, u *model.User) {
			old := u.Password
			u.Password, u.PasswordUpdate = model.Password{Kind: "bcrypt", Options: "{}", Hash: "new"}, u.UpdatedAt
			tx.UpdateUserPassword(u, old, fault.UserInvalidCredentials)
			u.TokenCounter++
		},
	}
	engines.Each(t, func(t *testing.T, db *store.DB) {
		for name, update := range updates {
			id := "u" + digits(name)
			write(t, db, func(tx *store.Tx) { tx.InsertUser(someUser(id)) })
			want := someUser(id)
			want.UpdatedAt = noon + 999
			write(t, db, func(tx *store.Tx) { update(tx, want) })
			if diff := cmp.Diff(want, user(t, db, id)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				tx.InsertAudit(someAudit("gone", "a1", noon))
				gone := someUser("gone")
				update(tx, gone)
				tx.InsertAudit(someAudit("gone", "a2", noon))
				return nil
			})
			kind := fault.UnauthorizedScope
			if name == "password" {
				kind = fault.UserInvalidCredentials
			}
			wantFault(t, err, kind)
		}
		if n, err := db.CountAuditsByActor(t.Context(), project, "gone"); err != nil || n != 0 {
			t.Errorf("%d entries of failed transactions were kept (%v)", n, err)
		}
	})
}

func TestWhatIsUniqueAboutUsers(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(someUser("first"))
			elsewhere := someUser("first")
			elsewhere.Project = "another"
			tx.InsertUser(elsewhere)
			tx.InsertUser(anonymous("a"))
			tx.InsertUser(anonymous("b")) // no address collides with no address
		})
		insert := func(change func(*model.User)) error {
			return db.Write(t.Context(), func(tx *store.Tx) error {
				u := someUser("second")
				change(u)
				tx.InsertAudit(someAudit("second", "a", noon))
				tx.InsertUser(u)
				return nil
			})
		}
		wantConflict(t, insert(func(u *model.User) { u.ID = "first" }), store.UniqueUserID)
		wantConflict(t, insert(func(u *model.User) { u.Email = "first@example.com" }), store.UniqueUserEmail)
		wantConflict(t, insert(func(u *model.User) { u.Phone = someUser("first").Phone }), store.UniqueUserPhone)
		if err := insert(func(*model.User) {}); err != nil {
			t.Error(err)
		}
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			u := someUser("second")
			u.Email = "first@example.com"
			tx.UpdateUserEmail(u)
			return nil
		})
		wantConflict(t, err, store.UniqueUserEmail)
	})
}

func TestSearchHoldsWhatTheRowHolds(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		search := func(id string) string {
			list, err := store.Texts(t.Context(), db, "select search from users where id = $1", id)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return list[0]
		}
		u := someUser("Walter")
		u.Email = "w@example.com"
		write(t, db, func(tx *store.Tx) { tx.InsertUser(u); tx.InsertUser(anonymous("Anon")) })
		if got, want := search("Walter"), "walter w@example.com ärzte walter "+u.Phone+" label:admin label:beta2"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := search("Anon"); got != "anon   " {
			t.Errorf("got %q", got)
		}
		u.Name = "ÉMILE"
		write(t, db, func(tx *store.Tx) { tx.UpdateUserName(u) })
		if got, want := search("Walter"), "walter w@example.com émile "+u.Phone+" label:admin label:beta2"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestPasswordsAreReplacedOnlyIfTheyAreStillTheSame(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		u := someUser("walter")
		write(t, db, func(tx *store.Tx) { tx.InsertUser(u) })
		stale := *u
		stale.Password.Hash = "old"
		fresh := model.Password{Kind: "argon2", Options: `{"time":9}`, Hash: "rehashed"}

		write(t, db, func(tx *store.Tx) { tx.RehashPassword(&stale, fresh) })
		if diff := cmp.Diff(u, user(t, db, "walter")); diff != "" {
			t.Errorf("a password changed meanwhile was rehashed: %s", diff)
		}
		write(t, db, func(tx *store.Tx) { tx.RehashPassword(u, fresh) })
		want := *u
		want.Password = fresh
		if diff := cmp.Diff(&want, user(t, db, "walter")); diff != "" {
			t.Error(diff)
		}
		lock := func(u *model.User, id string) error {
			return db.Write(t.Context(), func(tx *store.Tx) error {
				tx.LockUserWithPassword(u, fault.UserInvalidCredentials)
				tx.InsertSession(someSession("walter", id))
				return nil
			})
		}
		if err := lock(u, "s1"); err != nil {
			t.Errorf("a new hash of the same password counts as another one: %v", err)
		}
		old := want.Password
		want.Password.Hash = "changed"
		write(t, db, func(tx *store.Tx) { tx.UpdateUserPassword(&want, old, fault.UserInvalidCredentials) })
		wantFault(t, lock(u, "s2"), fault.UserInvalidCredentials)
		wantFault(t, lock(&want, "s2"), fault.UserInvalidCredentials)
		if list, err := db.Sessions(t.Context(), project, "walter", noon); err != nil || len(list) != 1 {
			t.Errorf("%d sessions, want 1 (%v)", len(list), err)
		}
	})
}

func TestPasswordHistory(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("walter")) })
		history, err := db.PasswordHistory(t.Context(), project, "walter")
		if err != nil || history == nil || len(history) != 0 {
			t.Fatal(history, err)
		}
		want := []model.Password{{Kind: "md5", Options: "{}", Hash: "a"}, {Kind: "argon2", Options: `{"time":1}`, Hash: "b"}}
		write(t, db, func(tx *store.Tx) { tx.SetPasswordHistory(project, "walter", want) })
		history, err = db.PasswordHistory(t.Context(), project, "walter")
		if diff := cmp.Diff(want, history); err != nil || diff != "" {
			t.Error(err, diff)
		}
		_, err = db.PasswordHistory(t.Context(), project, "gone")
		wantFault(t, err, fault.UserNotFound)
	})
}

func TestDeletingAUserLeavesNothingButTheLog(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		fill := func(tx *store.Tx) {
			tx.InsertUser(someUser("walter"))
			tx.InsertSession(someSession("walter", "s1"))
			tx.InsertTarget(someTarget("walter", "t1"))
			push := someTarget("walter", "t2")
			push.ProviderType, push.SessionID = model.TargetPush, "s1"
			tx.InsertTarget(push)
			tx.InsertIdentity(someIdentity("walter", "i1"))
			tx.Do(`insert into tokens (project_id, id, user_id, purpose, secret_hash, address, expire, attempts, ip, user_agent, created_at)
				values ($1, 'k', 'walter', 'recovery', $2, '', 9, 0, '', '', 1)`, project, []byte("x"))
			tx.Do(`insert into authenticators (project_id, id, user_id, type, verified, sealed, created_at, updated_at)
				values ($1, 'a', 'walter', 'totp', true, '', 1, 1)`, project)
		}
		write(t, db, fill)
		write(t, db, func(tx *store.Tx) {
			tx.InsertAudit(someAudit("walter", "a1", noon))
			tx.DeleteUser(project, "walter")
		})
		_, err := db.UserByID(t.Context(), project, "walter")
		wantFault(t, err, fault.UserNotFound)
		write(t, db, fill) // everything that was unique is free again
		if n, err := db.CountAuditsByActor(t.Context(), project, "walter"); err != nil || n != 1 {
			t.Error(n, err)
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error { tx.DeleteUser(project, "gone"); return nil })
		wantFault(t, err, fault.UnauthorizedScope)
	})
}

func TestTouchesMoveForwardOnly(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			tx.UpsertProject(someProject(project))
			tx.InsertUser(someUser("walter"))
			tx.InsertKey(someKey("k1"))
		})
		touch := func(db *store.DB) {
			write(t, db, func(tx *store.Tx) {
				tx.Touch("users", project, "walter")
				tx.Touch("keys", project, "k1")
				tx.Touch("projects", project, project)
				tx.Touch("users", project, "gone") // losing a touch is no error
			})
		}
		touch(at(db, noon+500))
		touch(at(db, noon+400))
		key, err := db.KeyByHash(t.Context(), project, someKey("k1").SecretHash)
		if err != nil {
			t.Fatal(err)
		}
		p, err := db.Project(t.Context(), project)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]model.Time{"user": user(t, db, "walter").AccessedAt, "key": key.AccessedAt, "project": p.AccessedAt} {
			if got != noon+500 {
				t.Errorf("%s: %d, want %d", name, got, noon+500)
			}
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { tx.Touch("audits", "", ""); return nil }); err == nil {
			t.Error("a table without last access was touched")
		}
	})
}

func TestUsersWhoAskedToBeDeleted(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			for _, id := range []string{"due", "later", "stays", "back"} {
				tx.InsertUser(anonymous(id))
			}
			tx.SetDeleteAt(project, "due", noon-1)
			tx.SetDeleteAt(project, "back", noon)
			tx.SetDeleteAt(project, "later", noon+1)
		})
		due, err := db.UsersToDelete(t.Context(), noon, 10)
		if diff := cmp.Diff([]store.UserKey{{Project: project, ID: "due"}, {Project: project, ID: "back"}}, due); err != nil || diff != "" {
			t.Fatal(err, diff)
		}
		write(t, db, func(tx *store.Tx) { tx.SetDeleteAt(project, "back", 0) })
		write(t, at(db, noon), func(tx *store.Tx) {
			for _, id := range []string{"due", "later", "stays", "back"} {
				tx.DeleteUserPastDue(project, id)
			}
		})
		if n, err := db.CountUsers(t.Context(), project); err != nil || n != 3 {
			t.Errorf("%d users are left, want 3 (%v)", n, err)
		}
	})
}

// What a webhook is told about a user while they are being deleted goes with them, too: the session that somebody else is
// ending at that moment.
func TestNothingIsToldOfWhoIsGone(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		if db.Engine() != store.Postgres {
			t.Skip("one transaction at a time")
		}
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(someUser("walter"))
			tx.InsertSession(someSession("walter", "s"))
		})
		under, removed := make(chan bool), make(chan error)
		go func() {
			<-under
			removed <- db.Write(t.Context(), func(tx *store.Tx) error {
				tx.DeleteUser(project, "walter")
				return nil
			})
		}()
		write(t, db, func(tx *store.Tx) {
			tx.DeleteSession(project, "walter", "s")
			tx.InsertDelivery(&store.StoredMessage{Project: project, ID: "d", Kind: "users.[userId].sessions.[sessionId].delete", Channel: "app", State: store.MessageQueued, RecipientHint: "walter", Sealed: []byte("x")})
			if err := tx.Ask("select 'sent' as flushed", func(string) {}); err != nil {
				t.Error(err)
			}
			close(under)
			for waits := 0; waits == 0 && t.Context().Err() == nil; {
				waiting, err := store.Texts(t.Context(), db, "select pid::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
				if err != nil {
					t.Error(err)
					return
				}
				waits = len(waiting)
			}
		})
		if err := <-removed; err != nil {
			t.Error(err)
		}
		if list, err := db.DeliveriesAbout(t.Context(), project, "walter", 10); err != nil || len(list) != 0 {
			t.Error("told of somebody who is gone:", len(list), err)
		}
	})
}
