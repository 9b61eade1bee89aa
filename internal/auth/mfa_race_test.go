package auth_test

import (
	"slices"
	"testing"

	"latchkey/internal/testkit"
)

// atOnceMany is how many use the same thing at the same time.
const atOnceMany = 200

func TestOneCodeUsedManyTimesAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		app := enrolled(t, s, session)
		ids := make([]string, atOnceMany)
		for i := range ids {
			ids[i] = challenged(t, s, "totp", me)
		}
		code := app.next(t)
		ends := testkit.AtOnce(atOnceMany, func(i int) *testkit.Reply { return s.Call(t, answer, response(ids[i], code), me) })
		if ends["ok"] != 1 || ends[invalidToken] != atOnceMany-1 {
			t.Errorf("one code of an app, %d challenges: %v", atOnceMany, ends)
		}
	})
}

func TestOneRecoveryCodeUsedManyTimesAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		codes, _ := s.Call(t, makeCodes, nil, me).Want(201).Get("recoveryCodes").([]any)
		ids := make([]string, atOnceMany)
		for i := range ids {
			ids[i] = challenged(t, s, "recoveryCode", me)
		}
		ends := testkit.AtOnce(atOnceMany, func(i int) *testkit.Reply { return s.Call(t, answer, response(ids[i], codes[0].(string)), me) })
		if ends["ok"] != 1 || ends[invalidToken] != atOnceMany-1 {
			t.Errorf("one recovery code, %d challenges: %v", atOnceMany, ends)
		}
		// Different codes at once: each counts, and none comes back.
		ends = testkit.AtOnce(5, func(i int) *testkit.Reply { return s.Call(t, answer, response(ids[100+i], codes[1+i].(string)), me) })
		if ends["ok"] != 5 {
			t.Errorf("five codes at once: %v", ends)
		}
		s.Call(t, showCodes, nil, me).Want(404, "user_recovery_codes_not_found")
	})
}

func TestOneChallengeAnsweredManyTimesAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		proven(t, s, id, "")
		s.Messages(t)
		made := challenged(t, s, "email", me)
		code := s.Message(t).Values["otp"]
		ends := testkit.AtOnce(atOnceMany, func(int) *testkit.Reply { return s.Call(t, answer, response(made, code), me) })
		if ends["ok"] != 1 || ends[invalidToken] != atOnceMany-1 {
			t.Errorf("one challenge: %v", ends)
		}
	})
}

// Two that add to the factors of a session at once must not lose one.
func TestFactorsThatGrowAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		proven(t, s, id, "+4915112345678")
		codes, _ := s.Call(t, makeCodes, nil, me).Want(201).Get("recoveryCodes").([]any)
		secret := s.Call(t, enrol, nil, me).Want(200).Text("secret")
		s.Messages(t)
		paper, mail := challenged(t, s, "recoveryCode", me), challenged(t, s, "email", me)
		sent := s.Message(t).Values["otp"]
		calls := []func() *testkit.Reply{
			func() *testkit.Reply { return s.Call(t, confirmApp, otp(testkit.TOTP(t, secret, s.Clock.Now())), me) },
			func() *testkit.Reply { return s.Call(t, answer, response(paper, codes[0].(string)), me) },
			func() *testkit.Reply { return s.Call(t, answer, response(mail, sent), me) },
			func() *testkit.Reply { return s.Call(t, switchMFA, testkit.Map{"mfa": true}, me) },
		}
		ends := testkit.AtOnce(len(calls), func(i int) *testkit.Reply { return calls[i]() })
		got := factorsOf(s.Call(t, "GET /v1/account/sessions/current", nil, me).Want(200))
		slices.Sort(got)
		if ends["ok"] != len(calls) || !slices.Equal(got, []string{"email", "password", "phone", "recoveryCode", "totp"}) {
			t.Errorf("%v, factors %v", ends, got)
		}
	})
}

func TestTwoSetUpAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		if ends := testkit.AtOnce(20, func(int) *testkit.Reply { return s.Call(t, enrol, nil, me) }); ends["ok"] != 20 {
			t.Errorf("authenticators: %v", ends)
		}
		if ends := testkit.AtOnce(20, func(int) *testkit.Reply { return s.Call(t, makeCodes, nil, me) }); ends["ok"] != 1 || ends["user_recovery_codes_already_exists"] != 19 {
			t.Errorf("recovery codes: %v", ends)
		}
	})
}
