package auth_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// A secret that a server has made for a user signs in and proves nothing else. It is bound to no address, and it may
// be short: then its hash needs the key like a code's.
func TestASecretMadeByAServer(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		now := model.At(s.Clock.Now())
		give := func(secret string) {
			token := &model.Token{Project: testkit.Demo, ID: "t" + secret[:4], UserID: id, Purpose: model.PurposeGeneric, SecretHash: s.Rules.HashSecret(testkit.Demo, id, secret),
				Expire: now.Add(time.Hour), CreatedAt: now}
			s.Write(t, func(tx *store.Tx) { tx.InsertToken(token) })
		}
		for _, secret := range []string{"a1b2", "a1b2c3", strings.Repeat("0f", 64)} {
			give(secret)
			for range 6 { // tries do not end it
				s.Call(t, redeem, proof(id, "wrong")).Want(401, "user_invalid_token")
			}
			reply := s.Call(t, redeem, proof(id, secret)).Want(201)
			if reply.Text("provider") != "token" || reply.Get("factors.0") != "token" {
				t.Errorf("%s", reply.Body)
			}
			s.Call(t, redeem, proof(id, secret)).Want(401, "user_invalid_token")
		}
		give("bound to nothing")
		s.Call(t, email, credentials("new@example.com", testkit.Password), testkit.As(session)).Want(200)
		s.Call(t, redeem, proof(id, "bound to nothing")).Want(401, "user_invalid_token") // a change of address ends it all the same
		if stored(t, s, id).EmailVerification {
			t.Error("a server's secret has verified an address")
		}
	})
}

// Signing in by a code within the days of grace takes back the wish to be deleted, like every sign-in.
func TestACodeTakesBackADeletion(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SelfDeletion.GraceDays = 7 }), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		s.Call(t, "DELETE /v1/account", nil, testkit.As(session)).Want(204)
		if stored(t, s, id).DeleteAt == 0 {
			t.Fatal("no deletion is due")
		}
		enter(t, s, code(t, s, walter))
		if at := stored(t, s, id).DeleteAt; at != 0 {
			t.Errorf("still to be deleted at %s", at)
		}
	})
}

// Sessions beyond the limit go before the answer, whatever opened the new one.
func TestCodesKeepTheSessionLimit(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SessionLimit.Total = 2 }), func(t *testing.T, s *testkit.Server) {
		var session string
		for range 4 {
			s.Clock.Advance(time.Second)
			session = enter(t, s, magic(t, s, walter))
			if n := total(t, s, session); n > 2 {
				t.Errorf("%d sessions", n)
			}
		}
	})
}
