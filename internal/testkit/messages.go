package testkit

import (
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Messages takes out what has been put into the outbox for the demo project since it was last asked, in order,
// as a courier would get it.
func (s *Server) Messages(t testing.TB) []*model.Message {
	t.Helper()
	return s.MessagesOf(t, Demo)
}

// MessagesOf is Messages for another project.
func (s *Server) MessagesOf(t testing.TB, project string) []*model.Message {
	t.Helper()
	now := model.At(s.Clock.Now())
	rows, err := s.DB.Outbox().Claim(t.Context(), &store.Claim{Turn: project, Holder: "testkit", Now: now, LeaseUntil: now.Add(time.Minute), Most: 1000})
	if err != nil {
		t.Fatal(err)
	}
	list := make([]*model.Message, len(rows))
	for i := range rows {
		if list[i], err = s.Box.Open(&rows[i]); err != nil {
			t.Fatal(err)
		}
		if err := s.DB.Outbox().Sent(t.Context(), &rows[i], now); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// Message takes out the one message that has been put since Messages was last asked, and fails if there is none
// or more than one.
func (s *Server) Message(t testing.TB) *model.Message {
	t.Helper()
	list := s.Messages(t)
	if len(list) != 1 {
		t.Fatalf("%d messages were put, want one", len(list))
	}
	return list[0]
}
