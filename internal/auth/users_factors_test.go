package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestAServerHelpsWhoeverHasLostTheirSecondFactor(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me, key := testkit.As(session), testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "users.read", "users.write")}
		enrolled(t, s, session)
		s.Call(t, "PATCH /v1/users/"+id+"/mfa", testkit.Map{"mfa": true}, key).Want(200)
		made := s.Call(t, "PATCH /v1/users/"+id+"/mfa/recovery-codes", nil, key).Want(201)
		if factors := s.Call(t, "GET /v1/users/"+id+"/mfa/factors", nil, key).Want(200); factors.Get("totp") != true || factors.Get("recoveryCode") != true {
			t.Errorf("factors %s", factors.Body)
		}
		// A code that the server was shown opens a sign-in that waits for the second factor, once.
		phone := testkit.As(s.SignIn(t, walter))
		s.Call(t, "GET /v1/account", nil, phone).Want(401, "user_more_factors_required")
		s.Call(t, answer, response(challenged(t, s, "recoveryCode", phone), made.Text("recoveryCodes.0")), phone).Want(200)
		s.Call(t, "GET /v1/account", nil, phone).Want(200)
		left, _ := s.Call(t, "GET /v1/users/"+id+"/mfa/recovery-codes", nil, key).Want(200).Get("recoveryCodes").([]any)
		if len(left) != 5 || slices.Contains(left, any(made.Text("recoveryCodes.0"))) {
			t.Errorf("left of six after one was used: %v", left)
		}
		// New codes end the old ones, and without the app nothing asks for it any more.
		s.Call(t, "PUT /v1/users/"+id+"/mfa/recovery-codes", nil, key).Want(200)
		s.Call(t, answer, response(challenged(t, s, "recoveryCode", me), made.Text("recoveryCodes.1")), me).Want(401, invalidToken)
		open := challenged(t, s, "totp", me)
		s.Call(t, "DELETE /v1/users/"+id+"/mfa/authenticators/totp", nil, key).Want(204)
		s.Call(t, "DELETE /v1/users/"+id+"/mfa/authenticators/totp", nil, key).Want(404, "user_authenticator_not_found")
		s.Call(t, answer, response(open, "123456"), me).Want(401, invalidToken)
		s.Call(t, "GET /v1/account", nil, testkit.As(s.SignIn(t, walter))).Want(200)
	})
}

func TestWhoeverOnlyReadsUsersDoesNotReadWhatSignsInAsThem(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		other, _ := s.Member(t, "jesse@example.com")
		me, reader, key := testkit.As(session), testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "users.read")}, testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "*")}
		set(t, s, func(p *model.Policies) { p.MFAFactors = model.MFAFactors{Custom: true, TOTP: true} })
		custom, path := challenged(t, s, "custom", me), "/v1/users/"+id+"/mfa/challenges/"
		for _, route := range []string{"GET " + path + custom, "GET /v1/users/" + id + "/mfa/recovery-codes", "PATCH /v1/users/" + id + "/mfa/recovery-codes", "DELETE /v1/users/" + id + "/mfa/authenticators/totp"} {
			s.Call(t, route, nil, reader).Want(401, "general_unauthorized_scope")
			s.Call(t, route, nil, me).Want(401, "general_unauthorized_scope")
		}
		s.Call(t, "GET /v1/users/"+other+"/mfa/challenges/"+custom, nil, key).Want(401, invalidToken)
		enrolled(t, s, session)
		s.Call(t, "GET "+path+challenged(t, s, "totp", me), nil, key).Want(401, invalidToken)
		code := s.Call(t, "GET "+path+custom, nil, key).Want(200).Text("code")
		s.Call(t, answer, response(custom, code), me).Want(200)
		s.Call(t, "GET "+path+custom, nil, key).Want(401, invalidToken)
	})
}

func TestFiguresTellWhatIsThereAndHowItChanged(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "users.read", "users.write")}
		keeper := janitor(s, "test")
		count := func() {
			t.Helper()
			if err := keeper.CountUsage(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		count() // nobody is there
		walterID, _ := s.Member(t, walter)
		s.Member(t, "jesse@example.com")
		s.Clock.Advance(time.Hour)
		count()
		count() // once an hour is enough
		s.Call(t, "DELETE /v1/users/"+walterID, nil, key).Want(204)
		s.Clock.Advance(24 * time.Hour)
		count()
		s.Clock.Advance(time.Minute)
		s.Member(t, "skyler@example.com")
		s.Member(t, "saul@example.com")
		day := s.Call(t, "GET /v1/users/usage?range=24h", nil, key).Want(200)
		values, _ := day.Get("users").([]any)
		if len(values) != 24 || day.Get("usersTotal") != 3.0 || day.Get("sessionsTotal") != 3.0 || day.Get("users.23.value") != 2.0 || day.Get("users.22.value") != -1.0 || day.Get("users.0.value") != 0.0 {
			t.Errorf("a day: %s", day.Body)
		}
		month := s.Call(t, "GET /v1/users/usage", nil, key).Want(200)
		if values, _ := month.Get("sessions").([]any); len(values) != 30 || month.Get("range") != "30d" || month.Text("users.29.date") != "2026-03-02T00:00:00.000+00:00" {
			t.Errorf("a month: %s", month.Body)
		}
		if values, _ := s.Call(t, "GET /v1/users/usage?range=90d", nil, key).Want(200).Get("users").([]any); len(values) != 90 {
			t.Errorf("%d days of 90", len(values))
		}
	})
}

func TestCountsOfOldHoursGoAndThoseOfDaysStay(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		for range 5 * 24 {
			if err := s.DB.CountUsage(t.Context(), testkit.Demo, model.At(s.Clock.Now())); err != nil {
				t.Fatal(err)
			}
			s.Clock.Advance(time.Hour)
		}
		counts, err := s.DB.UsageCounts(t.Context(), testkit.Demo)
		if err != nil || len(counts) < 48+2 || len(counts) > 48+5 {
			t.Errorf("%d counts are left of five days, %v", len(counts), err)
		}
		s.Write(t, func(tx *store.Tx) { tx.DeleteProject(testkit.Demo) })
		if counts, _ := s.DB.UsageCounts(t.Context(), testkit.Demo); len(counts) != 0 {
			t.Errorf("%d counts have outlived their project", len(counts))
		}
	})
}

func TestWhoeverHasLostEveryFactorIsLetInAgain(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		enrolled(t, s, session)
		s.Call(t, "PATCH /v1/account/mfa", testkit.Map{"mfa": true}, me).Want(200)
		s.Call(t, makeCodes, nil, me).Want(201)
		phone := testkit.As(s.SignIn(t, walter))
		s.Call(t, "GET /v1/account", nil, phone).Want(401, "user_more_factors_required")
		project, err := s.Projects.Find(t.Context(), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		req := &auth.Request{Project: &project.Project, Audit: "user.update"}
		for range 2 { // there is nothing left the second time, which is no fault
			if user, err := s.Rules.ResetFactors(t.Context(), req, id); err != nil || user.MFA || user.HasTOTP {
				t.Errorf("%+v %v", user, err)
			}
		}
		s.Call(t, "GET /v1/account", nil, phone).Want(200)
		if factors := s.Call(t, listFactors, nil, phone).Want(200); factors.Get("totp") != false || factors.Get("recoveryCode") != false {
			t.Errorf("%s", factors.Body)
		}
		if _, err := s.Rules.ResetFactors(t.Context(), req, "nobody"); !errors.Is(err, fault.UserNotFound) {
			t.Error(err)
		}
	})
}
