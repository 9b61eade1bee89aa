package testkit

import (
	"encoding/json"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// SetProvider sets a sign-in provider of a project up, as an operator would.
func (s *Server) SetProvider(t testing.TB, project, id string, shown Map, secrets map[string]string) {
	t.Helper()
	body, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := json.Marshal(secrets)
	if err != nil {
		t.Fatal(err)
	}
	now := model.At(s.Clock.Now())
	s.Write(t, func(tx *store.Tx) {
		tx.UpsertDocument(&store.Document{Project: project, Kind: store.KindOAuth2, ID: id, Body: model.Object(body), CreatedAt: now, UpdatedAt: now,
			Sealed: s.Keys.SealText("document", project+"/"+store.KindOAuth2+"/"+id, string(sealed))})
		tx.BumpSettingsVersion()
	})
	if err := s.Projects.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}
