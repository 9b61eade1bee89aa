package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func somePlatform(id, value string) *model.Platform {
	return &model.Platform{Project: project, ID: id, CreatedAt: noon, UpdatedAt: noon + 1, Type: model.PlatformWeb, Name: "Site", Value: value}
}

func TestProjects(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		want := someProject(project)
		want.Settings.Labels = []string{"a"}
		want.Settings.Services = map[string]bool{"account": false}
		want.Settings.Policies.SessionLimit.Total = 3
		want.Platforms = []model.Platform{*somePlatform("p1", "localhost"), *somePlatform("p2", "example.com")}
		write(t, db, func(tx *store.Tx) {
			tx.InsertProject(want)
			tx.InsertPlatform(somePlatform("p1", "localhost"))
			tx.InsertPlatform(somePlatform("p2", "old.example"))
			tx.UpsertPlatform(somePlatform("p2", "example.com"))
		})
		got, err := db.Project(t.Context(), project)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		changed := *want
		changed.Name, changed.UpdatedAt, changed.CreatedAt = "Renamed", noon+9, noon+9 // when it was made stays
		write(t, db, func(tx *store.Tx) { tx.UpsertProject(&changed); tx.DeletePlatform(project, "p1") })
		list, err := db.Projects(t.Context())
		if err != nil || len(list) != 1 || list[0].Name != "Renamed" || list[0].CreatedAt != noon {
			t.Error(list, err)
		}
		if platforms, err := db.Platforms(t.Context(), project); err != nil || len(platforms) != 1 {
			t.Error(platforms, err)
		}
		_, err = db.Project(t.Context(), "gone")
		wantFault(t, err, fault.ProjectNotFound)
		wantConflict(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertProject(want); return nil }), store.UniqueProjectID)
		wantConflict(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertPlatform(somePlatform("p2", "")); return nil }), store.UniquePlatformID)
		wantFault(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.DeletePlatform(project, "p1"); return nil }), fault.PlatformNotFound)
	})
}

func TestSettingsVersionMovesWithEveryChange(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		version := func() int64 {
			v, err := db.SettingsVersion(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		write(t, db, func(tx *store.Tx) { tx.UpsertProject(someProject(project)) })
		doc := &store.Document{Project: project, Kind: store.KindSMTP, ID: "smtp", Body: "{}", CreatedAt: noon, UpdatedAt: noon}
		changes := []func(tx *store.Tx){
			func(tx *store.Tx) { tx.UpsertProject(someProject(project)) },
			func(tx *store.Tx) { tx.InsertPlatform(somePlatform("p1", "a")) },
			func(tx *store.Tx) { tx.UpsertPlatform(somePlatform("p1", "b")) },
			func(tx *store.Tx) { tx.DeletePlatform(project, "p1") },
			func(tx *store.Tx) { tx.InsertDocument(doc) },
			func(tx *store.Tx) { tx.UpsertDocument(doc) },
			func(tx *store.Tx) { tx.DeleteDocument(project, store.KindSMTP, "smtp") },
			func(tx *store.Tx) { tx.DeleteProject(project) },
			func(tx *store.Tx) { tx.InsertProject(someProject(project)); tx.UpsertPlatform(somePlatform("p", "x")) }, // once
		}
		for i, change := range changes {
			before := version()
			write(t, db, change)
			if after := version(); after != before+1 {
				t.Errorf("change %d moved the version from %d to %d", i, before, after)
			}
		}
		before := version()
		write(t, db, func(tx *store.Tx) { tx.InsertUser(someUser("walter")); tx.InsertKey(someKey("k")) })
		if version() != before {
			t.Error("a user or a key is no setting")
		}
	})
}

func TestDeletingAProjectLeavesNothing(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			tx.UpsertProject(someProject(project))
			tx.UpsertProject(someProject("other"))
			tx.InsertPlatform(somePlatform("p1", "a"))
			tx.InsertKey(someKey("k1"))
			tx.UpsertDocument(&store.Document{Project: project, Kind: store.KindOAuth2, ID: "github", Body: "{}"})
			tx.UpsertOperator(&store.Operator{Project: project, UserID: "walter", Role: "owner", CreatedAt: noon})
			tx.InsertUser(someUser("walter"))
			tx.InsertSession(someSession("walter", "s1"))
			tx.InsertTarget(someTarget("walter", "t1"))
			tx.InsertIdentity(someIdentity("walter", "i1"))
			tx.InsertAudit(someAudit("walter", "a1", noon))
		})
		write(t, db, func(tx *store.Tx) { tx.DeleteProject(project) })
		for _, table := range []string{"platforms", "keys", "documents", "operators", "users", "sessions", "targets", "identities", "audits"} {
			left, err := store.Texts(t.Context(), db, "select project_id from "+table)
			if err != nil || len(left) != 0 {
				t.Errorf("%s: %v, %v", table, left, err)
			}
		}
		if list, err := db.Projects(t.Context()); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		wantFault(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.DeleteProject(project); return nil }), fault.ProjectNotFound)
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		want := someKey("k1")
		write(t, db, func(tx *store.Tx) { tx.UpsertProject(someProject(project)); tx.InsertKey(want) })
		got, err := db.KeyByHash(t.Context(), project, hashOf("k1"))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		_, err = db.KeyByHash(t.Context(), "other", hashOf("k1"))
		wantFault(t, err, fault.KeyNotFound)
		again := someKey("k2")
		again.SecretHash = want.SecretHash
		wantConflict(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertKey(again); return nil }), store.UniqueKeySecret)
		again.ID, again.SecretHash = "k1", hashOf("other")
		wantConflict(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertKey(again); return nil }), store.UniqueKeyID)
		bare := &model.Key{Project: project, ID: "k1", Name: "Other", SecretHash: hashOf("new"), Scopes: []string{}, UpdatedAt: noon + 7}
		write(t, db, func(tx *store.Tx) { tx.UpsertKey(bare) })
		list, err := db.Keys(t.Context(), project)
		bare.CreatedAt, bare.AccessedAt, bare.SDKs = want.CreatedAt, want.AccessedAt, want.SDKs
		if diff := cmp.Diff([]model.Key{*bare}, list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		write(t, db, func(tx *store.Tx) { tx.DeleteKey(project, "k1") })
		wantFault(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.DeleteKey(project, "k1"); return nil }), fault.KeyNotFound)
	})
}

func TestDocumentsAndOperators(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		want := store.Document{Project: project, Kind: store.KindOAuth2, ID: "github", Body: `{"enabled":true}`, Sealed: "sealed", CreatedAt: noon, UpdatedAt: noon + 1}
		write(t, db, func(tx *store.Tx) {
			tx.UpsertProject(someProject(project))
			tx.InsertDocument(&want)
			tx.UpsertDocument(&store.Document{Project: project, Kind: store.KindSMTP, ID: "github", Body: "{}"})
			tx.UpsertOperator(&store.Operator{Project: project, UserID: "walter", Role: "developer", CreatedAt: noon})
			tx.UpsertOperator(&store.Operator{Project: project, UserID: "walter", Role: "owner", CreatedAt: noon + 1})
		})
		list, err := db.Documents(t.Context(), project, store.KindOAuth2)
		if diff := cmp.Diff([]store.Document{want}, list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		wantConflict(t, db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertDocument(&want); return nil }), store.UniqueDocumentID)
		for id, want := range map[string]string{"walter": "owner", "skyler": ""} {
			if role, err := db.OperatorRole(t.Context(), project, id); err != nil || role != want {
				t.Errorf("%s is %q, want %q (%v)", id, role, want, err)
			}
		}
		operators, err := db.Operators(t.Context(), project)
		if diff := cmp.Diff([]store.Operator{{Project: project, UserID: "walter", Role: "owner", CreatedAt: noon}}, operators); err != nil || diff != "" {
			t.Error(err, diff)
		}
		write(t, db, func(tx *store.Tx) {
			tx.DeleteOperator(project, "walter")
			tx.DeleteDocument(project, store.KindOAuth2, "github")
		})
		if role, err := db.OperatorRole(t.Context(), project, "walter"); err != nil || role != "" {
			t.Error(role, err)
		}
	})
}
