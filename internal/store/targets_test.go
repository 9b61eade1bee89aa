package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func TestTargets(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		want := someTarget("walter", "t1")
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(someUser("walter"))
			tx.InsertUser(someUser("skyler"))
			tx.InsertTarget(want)
		})
		insert := func(change func(*model.Target)) error {
			return db.Write(t.Context(), func(tx *store.Tx) error {
				target := someTarget("skyler", "t2")
				change(target)
				tx.InsertTarget(target)
				return nil
			})
		}
		wantConflict(t, insert(func(t *model.Target) { t.Identifier = want.Identifier }), store.UniqueTargetIdentifier)
		wantConflict(t, insert(func(t *model.Target) { t.ID = "t1" }), store.UniqueTargetID)
		wantConflict(t, insert(func(t *model.Target) { t.ID, t.UserID = "t1", "walter" }), store.UniqueTargetID)
		// Another type may have the same identifier: nobody blocks an address by registering it as a device.
		if err := insert(func(t *model.Target) { t.Identifier, t.ProviderType = want.Identifier, model.TargetPush }); err != nil {
			t.Error(err)
		}
		write(t, db, func(tx *store.Tx) {
			taken := someTarget("skyler", "t3")
			taken.Identifier = want.Identifier
			tx.InsertTargetIfFree(taken)
			tx.InsertTargetIfFree(someTarget("skyler", "t4"))
		})
		list, err := db.Targets(t.Context(), project, "skyler")
		if err != nil || len(list) != 2 || list[1].ID != "t4" {
			t.Error(list, err)
		}
		write(t, db, func(tx *store.Tx) { tx.DeleteTarget(project, "walter", "t1") })
		err = db.Write(t.Context(), func(tx *store.Tx) error { tx.DeleteTarget(project, "walter", "t4"); return nil })
		wantFault(t, err, fault.UserTargetNotFound)
	})
}

func TestRetarget(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			for _, id := range []string{"walter", "skyler", "jesse", "hank"} {
				tx.InsertUser(someUser(id))
			}
			tx.InsertTarget(someTarget("walter", "t1"))
			tx.InsertTarget(someTarget("skyler", "t2"))
		})
		move := func(user, from, to string) error {
			return db.Write(t.Context(), func(tx *store.Tx) error {
				target := someTarget(user, "new-"+user)
				target.Identifier, target.UpdatedAt, target.Name = to, noon+500, ""
				tx.Retarget(target, from)
				return nil
			})
		}
		if err := move("walter", "walter@example.com", "w@example.com"); err != nil {
			t.Fatal(err)
		}
		want := someTarget("walter", "t1") // the row that was there, with its id and its name
		want.Identifier, want.UpdatedAt = "w@example.com", noon+500
		list, err := db.Targets(t.Context(), project, "walter")
		if diff := cmp.Diff([]model.Target{*want}, list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if err := move("jesse", "", "j@example.com"); err != nil { // the first address
			t.Fatal(err)
		}
		if err := move("hank", "h@example.com", "h2@example.com"); err != nil { // the row was never made
			t.Fatal(err)
		}
		for user, address := range map[string]string{"jesse": "j@example.com", "hank": "h2@example.com"} {
			list, err = db.Targets(t.Context(), project, user)
			if err != nil || len(list) != 1 || list[0].ID != "new-"+user || list[0].Identifier != address {
				t.Error(list, err)
			}
		}
		wantConflict(t, move("walter", "w@example.com", "skyler@example.com"), store.UniqueTargetIdentifier)
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			target := someTarget("walter", "fresh")
			target.Identifier = "skyler@example.com"
			tx.Retarget(target, "")
			return nil
		})
		wantConflict(t, err, store.UniqueTargetIdentifier)
	})
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		want := someIdentity("walter", "i1")
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(someUser("walter"))
			tx.InsertUser(someUser("skyler"))
			tx.InsertIdentity(want)
		})
		got, err := db.IdentityByUID(t.Context(), project, "github", "uid-walter")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		_, err = db.IdentityByUID(t.Context(), project, "google", "uid-walter")
		wantFault(t, err, fault.UserIdentityNotFound)
		for except, taken := range map[string]bool{"": true, "skyler": true, "walter": false} {
			got, err := db.IdentityEmailTaken(t.Context(), project, "walter@social.example", except)
			if err != nil || got != taken {
				t.Errorf("except %q: taken %v, want %v (%v)", except, got, taken, err)
			}
		}
		if taken, err := db.IdentityEmailTaken(t.Context(), "other", "walter@social.example", ""); err != nil || taken {
			t.Error(taken, err)
		}
		second := someIdentity("skyler", "i2")
		second.ProviderUID = want.ProviderUID
		wantConflict(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertIdentity(second); return nil }), store.UniqueIdentity)
		wantFault(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.DeleteIdentity(project, "skyler", "i1"); return nil }), fault.UserIdentityNotFound)
		write(t, db, func(tx *store.Tx) { tx.DeleteIdentity(project, "walter", "i1") })
	})
}
