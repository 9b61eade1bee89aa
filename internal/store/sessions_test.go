package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// sessionIDs lists a user's live sessions by id.
func sessionIDs(t *testing.T, db *store.DB, user string, now model.Time) []string {
	t.Helper()
	list, err := db.Sessions(t.Context(), project, user, now)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestSessionUserFindsExactlyTheSessionOfASecret(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			for _, id := range []string{"walter", "skyler"} {
				tx.InsertUser(someUser(id))
				tx.InsertSession(someSession(id, id+"1"))
				tx.InsertSession(someSession(id, id+"2"))
			}
			tx.InsertTarget(someTarget("walter", "t1"))
			push := someTarget("walter", "t2")
			push.ProviderType, push.SessionID = model.TargetPush, "walter2"
			tx.InsertTarget(push)
		})
		found, err := db.SessionUser(t.Context(), project, "walter", hashOf("walterwalter2"), noon)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(someSession("walter", "walter2"), &found.Session); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(user(t, db, "walter"), &found.User); diff != "" || len(found.User.Targets) != 2 {
			t.Error(diff)
		}
		if found.User.Targets[1].SessionID != "walter2" {
			t.Error("the push target lost its session")
		}
		end := noon + year
		for name, ask := range map[string]struct {
			project, user, secret string
			now                   model.Time
			found                 bool
		}{
			"last millisecond": {project, "walter", "walterwalter1", end, true},
			"expired":          {project, "walter", "walterwalter1", end + 1, false},
			"another project":  {"another", "walter", "walterwalter1", noon, false},
			"another user":     {project, "skyler", "walterwalter1", noon, false},
			"another secret":   {project, "walter", "walterwalter3", noon, false},
			"no user":          {project, "", "", noon, false},
		} {
			_, err := db.SessionUser(t.Context(), ask.project, ask.user, hashOf(ask.secret), ask.now)
			if ask.found && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !ask.found {
				wantFault(t, err, fault.UserSessionNotFound)
			}
		}
	})
}

func TestSessionsAreListedOldestFirst(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(someUser("walter"))
			for i, id := range []string{"c", "a", "b", "dead"} {
				s := someSession("walter", id)
				s.CreatedAt = noon + model.Time(i)
				if id == "dead" {
					s.Expire = noon - 1
				}
				tx.InsertSession(s)
			}
		})
		if diff := cmp.Diff([]string{"c", "a", "b"}, sessionIDs(t, db, "walter", noon)); diff != "" {
			t.Error(diff)
		}
		got, err := db.Session(t.Context(), project, "walter", "a", noon)
		want := someSession("walter", "a")
		want.CreatedAt = noon + 1
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		_, err = db.Session(t.Context(), project, "walter", "dead", noon)
		wantFault(t, err, fault.UserSessionNotFound)
		_, err = db.Session(t.Context(), project, "skyler", "a", noon)
		wantFault(t, err, fault.UserSessionNotFound)
	})
}

// withSessions makes a user with sessions, each with a push target of its own.
func withSessions(t *testing.T, db *store.DB, user string, sessions ...*model.Session) {
	t.Helper()
	write(t, db, func(tx *store.Tx) {
		tx.InsertUser(someUser(user))
		tx.InsertTarget(someTarget(user, user+"-mail"))
		for _, s := range sessions {
			tx.InsertSession(s)
			push := someTarget(user, "push-"+s.ID)
			push.ProviderType, push.SessionID, push.Identifier = model.TargetPush, s.ID, "device-"+s.ID
			tx.InsertTarget(push)
		}
	})
}

// pushTargets lists the sessions that a user's push targets are bound to; the email target must be there.
func pushTargets(t *testing.T, db *store.DB, user string) map[string]bool {
	t.Helper()
	targets, err := db.Targets(t.Context(), project, user)
	if err != nil {
		t.Fatal(err)
	}
	bound := map[string]bool{}
	mail := false
	for _, target := range targets {
		if target.SessionID != "" {
			bound[target.SessionID] = true
		}
		mail = mail || target.ID == user+"-mail"
	}
	if !mail {
		t.Error("the email target went with a session")
	}
	return bound
}

func aged(user, id string, created model.Time) *model.Session {
	s := someSession(user, id)
	s.CreatedAt = created
	return s
}

func TestTrimSessions(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		dead := aged("walter", "dead", noon+50)
		dead.Expire = noon - 1
		withSessions(t, db, "walter", aged("walter", "s3", noon+3), aged("walter", "s1", noon+1), aged("walter", "s2", noon+2), dead)
		withSessions(t, db, "skyler", aged("skyler", "o1", noon), aged("skyler", "o2", noon))
		// The new session is the oldest by its clock and still not its own victim.
		write(t, at(db, noon), func(tx *store.Tx) {
			tx.LockUser(project, "walter", fault.UserNotFound)
			tx.InsertSession(aged("walter", "new", noon))
			tx.TrimSessions(project, "walter", 2)
		})
		if diff := cmp.Diff([]string{"new", "s3"}, sessionIDs(t, db, "walter", noon)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(map[string]bool{"s3": true}, pushTargets(t, db, "walter")); diff != "" {
			t.Error(diff)
		}
		if got := sessionIDs(t, db, "skyler", noon); len(got) != 2 {
			t.Errorf("somebody else lost sessions: %v", got)
		}
	})
}

func TestEndingSessions(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		db = at(db, noon)
		withSessions(t, db, "walter", someSession("walter", "s1"), someSession("walter", "s2"), someSession("walter", "s3"))
		write(t, db, func(tx *store.Tx) { tx.DeleteSession(project, "walter", "s1") })
		if diff := cmp.Diff(map[string]bool{"s2": true, "s3": true}, pushTargets(t, db, "walter")); diff != "" {
			t.Error(diff)
		}
		for name, key := range map[string][2]string{"gone": {"walter", "s1"}, "of another": {"skyler", "s2"}} {
			err := db.Write(t.Context(), func(tx *store.Tx) error { tx.DeleteSession(project, key[0], key[1]); return nil })
			if err == nil {
				t.Errorf("%s: deleted", name)
			}
			wantFault(t, err, fault.UserSessionNotFound)
		}
		write(t, db, func(tx *store.Tx) { tx.DeleteSessionsOf(project, "walter", "s3") })
		if diff := cmp.Diff([]string{"s3"}, sessionIDs(t, db, "walter", noon)); diff != "" {
			t.Error(diff)
		}
		write(t, db, func(tx *store.Tx) { tx.DeleteSessionsOf(project, "walter", "") })
		if got := sessionIDs(t, db, "walter", noon); len(got) != 0 {
			t.Error(got)
		}
		if got := pushTargets(t, db, "walter"); len(got) != 0 {
			t.Error(got)
		}
	})
}

func TestChangingASession(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		db = at(db, noon)
		withSessions(t, db, "walter", someSession("walter", "s1"))
		want := someSession("walter", "s1")
		want.Expire, want.UpdatedAt = noon+5, noon+100
		write(t, db, func(tx *store.Tx) { tx.ExtendSession(want) })
		want.Factors, want.MFAUpdatedAt, want.UpdatedAt = []string{"password"}, noon+7, noon+101
		write(t, db, func(tx *store.Tx) { tx.UpdateSessionFactors(want) })
		want.ProviderAccessToken, want.ProviderRefreshToken, want.ProviderAccessTokenExpiry = "a2", "r2", noon+8
		write(t, db, func(tx *store.Tx) { tx.UpdateSessionTokens(want) })
		got, err := db.Session(t.Context(), project, "walter", "s1", noon)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		late := at(db, noon+6) // it has expired by then: nothing brings it back
		err = late.Write(t.Context(), func(tx *store.Tx) error { tx.ExtendSession(someSession("walter", "s1")); return nil })
		wantFault(t, err, fault.UserSessionNotFound)
		err = late.Write(t.Context(), func(tx *store.Tx) error { tx.UpdateSessionFactors(someSession("walter", "s1")); return nil })
		wantFault(t, err, fault.UserSessionNotFound)
	})
}

func TestAgentsKeepTheirFields(t *testing.T) {
	t.Parallel()
	full := someSession("u", "s").Agent
	broken := model.Agent{OSName: "Linux\nMint", DeviceModel: "last"}
	for want, given := range map[model.Agent]model.Agent{full: full, {}: {}, {OSName: "Linux Mint", DeviceModel: "last"}: broken} {
		if diff := cmp.Diff(want, store.Agents(given)); diff != "" {
			t.Error(diff)
		}
	}
}
