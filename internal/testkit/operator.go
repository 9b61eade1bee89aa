package testkit

import (
	"net/http/httptest"
	"testing"

	"latchkey/internal/app"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Operator makes a user of the console with a role in the demo project (empty: none) and returns their encoded session.
func (s *Server) Operator(t testing.TB, id, role string) string {
	t.Helper()
	now := model.At(s.Clock.Now())
	text := secret.NewSessionSecret(s.Random)
	s.Write(t, func(tx *store.Tx) {
		tx.InsertUser(&model.User{Project: model.ConsoleProject, ID: id, CreatedAt: now, UpdatedAt: now, AccessedAt: now, Name: id, Email: id + "@console.example",
			Status: true, Labels: []string{}, Prefs: "{}"})
		tx.InsertSession(&model.Session{Project: model.ConsoleProject, ID: id, CreatedAt: now, UpdatedAt: now, UserID: id, SecretHash: secret.HashToken(text),
			Expire: now + 365*24*60*60*1000, Provider: "email", Factors: []string{"password"}, IP: "127.0.0.1"})
		if role != "" {
			tx.UpsertOperator(&store.Operator{Project: Demo, UserID: id, Role: role, CreatedAt: now})
		}
	})
	return secret.EncodeSession(id, text)
}

// InConsole sends a call to the project `console` as an operator.
func InConsole(session string) []Header {
	return []Header{{"X-Appwrite-Project", model.ConsoleProject}, {"X-Appwrite-Session", session}}
}

// Node starts another server over the same database with the same keys: a second node.
func (s *Server) Node(t testing.TB) *Server {
	t.Helper()
	node := &Server{T: t, DB: s.DB, Clock: s.Clock, Random: s.Random, Keys: s.Keys, Parts: s.Parts, spec: s.spec}
	node.Assembly = app.Assemble(s.Parts)
	node.http = httptest.NewServer(node.Handler)
	t.Cleanup(node.http.Close)
	node.URL = node.http.URL
	return node
}
