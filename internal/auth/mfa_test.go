package auth_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

const (
	switchMFA     = "PATCH /v1/account/mfa"
	listFactors   = "GET /v1/account/mfa/factors"
	enrol         = "POST /v1/account/mfa/authenticators/totp"
	confirmApp    = "PUT /v1/account/mfa/authenticators/totp"
	removeTOTP    = "DELETE /v1/account/mfa/authenticators/totp"
	makeCodes     = "POST /v1/account/mfa/recovery-codes"
	remakeCodes   = "PATCH /v1/account/mfa/recovery-codes"
	showCodes     = "GET /v1/account/mfa/recovery-codes"
	challenge     = "POST /v1/account/mfa/challenges"
	answer        = "PUT /v1/account/mfa/challenges"
	notFresh      = "user_challenge_required"
	moreFactors   = "user_more_factors_required"
	invalidToken  = "user_invalid_token"
	codeLifetime  = 30 * time.Second
	freshLifetime = 30 * time.Minute
)

// otp is the body of whatever takes a code.
func otp(code string) testkit.Map { return testkit.Map{"otp": code} }

// phoneApp is an authenticator app that a person has enrolled.
type phoneApp struct {
	s      *testkit.Server
	secret string
}

// next waits for a code that has not been shown and returns it.
func (a phoneApp) next(t testing.TB) string {
	t.Helper()
	a.s.Clock.Advance(codeLifetime)
	return testkit.TOTP(t, a.secret, a.s.Clock.Now())
}

// enrolled sets up an authenticator app for whoever has a session.
func enrolled(t testing.TB, s *testkit.Server, session string) phoneApp {
	t.Helper()
	a := phoneApp{s, s.Call(t, enrol, nil, testkit.As(session)).Want(200).Text("secret")}
	s.Call(t, confirmApp, otp(testkit.TOTP(t, a.secret, s.Clock.Now())), testkit.As(session)).Want(200)
	return a
}

// challenged asks for a challenge and returns its id.
func challenged(t testing.TB, s *testkit.Server, factor string, who testkit.Header) string {
	t.Helper()
	return s.Call(t, challenge, testkit.Map{"factor": factor}, who).Want(201).Text("$id")
}

// response is the body that answers a challenge.
func response(id, code string) testkit.Map { return testkit.Map{"challengeId": id, "otp": code} }

// proven marks a user's addresses as verified.
func proven(t testing.TB, s *testkit.Server, id, phone string) {
	t.Helper()
	user := stored(t, s, id)
	user.EmailVerification, user.PhoneVerification, user.Phone = user.Email != "", phone != "", phone
	s.Write(t, func(tx *store.Tx) {
		tx.UpdateUserPhone(user)
		tx.UpdateUserVerified(user)
	})
}

func factorsOf(reply *testkit.Reply) (list []string) {
	items, _ := reply.Get("factors").([]any)
	for _, item := range items {
		list = append(list, item.(string))
	}
	return list
}

func TestASignInWithAnAuthenticatorApp(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		made := s.Call(t, enrol, nil, me).Want(200)
		uri, err := url.Parse(made.Text("uri"))
		if err != nil || uri.Scheme != "otpauth" || uri.Path != "/Demo:"+walter || uri.Query().Get("secret") != made.Text("secret") || uri.Query().Get("issuer") != "Demo" {
			t.Errorf("uri %s, %v", made.Text("uri"), err)
		}
		app := phoneApp{s, made.Text("secret")}
		if s.Call(t, listFactors, nil, me).Want(200).Get("totp") != false {
			t.Error("an unverified app counts")
		}
		s.Call(t, confirmApp, otp("000000"), me).Want(401, invalidToken)
		s.Call(t, confirmApp, otp(testkit.TOTP(t, app.secret, s.Clock.Now())), me).Want(200)
		s.Call(t, enrol, nil, me).Want(409, "user_authenticator_already_verified")
		s.Call(t, confirmApp, otp("000000"), me).Want(409, "user_authenticator_already_verified")
		if reply := s.Call(t, switchMFA, testkit.Map{"mfa": true}, me).Want(200); reply.Get("mfa") != true || reply.Text("$id") != id {
			t.Errorf("switched on: %s", reply.Body)
		}
		if got := factorsOf(s.Call(t, "GET /v1/account/sessions/current", nil, me).Want(200)); !slices.Equal(got, []string{"password", "totp"}) {
			t.Errorf("the session that enrolled has proved %v", got)
		}

		fresh := s.Call(t, signIn, credentials(walter, testkit.Password)).Want(201)
		if got := factorsOf(fresh); !slices.Equal(got, []string{"password"}) {
			t.Errorf("a new sign-in has proved %v", got)
		}
		half := testkit.As(fresh.Session())
		s.Call(t, whoAmI, nil, half).Want(401, moreFactors)
		if got := string(s.Call(t, listFactors, nil, half).Want(200).Body); got != `{"totp":true,"phone":false,"email":false,"recoveryCode":false,"custom":false}` {
			t.Errorf("factors %s", got)
		}
		made = s.Call(t, "POST /v1/account/mfa/challenge", testkit.Map{"factor": "TOTP"}, half).Want(201)
		if made.Text("userId") != id || made.Text("expire") == "" || made.Get("code") != nil || made.Get("type") != nil {
			t.Errorf("challenge %s", made.Body)
		}
		code := app.next(t)
		s.Call(t, "PUT /v1/account/mfa/challenge", response(made.Text("$id"), "000000"), half).Want(401, invalidToken)
		done := s.Call(t, answer, response(made.Text("$id"), code), half).Want(200)
		if got := factorsOf(done); !slices.Equal(got, []string{"password", "totp"}) || done.Text("mfaUpdatedAt") == "" || done.Get("current") != true || done.Text("secret") != "" ||
			done.Text("countryName") != "Unknown" {
			t.Errorf("confirmed: %s", done.Body)
		}
		if len(done.Header.Values("Set-Cookie")) > 0 {
			t.Error("a cookie is set")
		}
		s.Call(t, whoAmI, nil, half).Want(200)
		s.Call(t, answer, response(made.Text("$id"), code), half).Want(401, invalidToken)

		// Switched off, a password is enough again, here and for those who wait.
		third := testkit.As(s.SignIn(t, walter))
		s.Call(t, switchMFA, testkit.Map{"mfa": false}, half).Want(200)
		s.Call(t, whoAmI, nil, third).Want(200)
	})
}

func TestACodeIsGoodOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		app := enrolled(t, s, session)
		used := testkit.TOTP(t, app.secret, s.Clock.Now())
		s.Call(t, answer, response(challenged(t, s, "totp", me), used), me).Want(401, invalidToken) // it has verified the app already
		early := testkit.TOTP(t, app.secret, s.Clock.Now().Add(codeLifetime))
		s.Call(t, answer, response(challenged(t, s, "totp", me), early), me).Want(200) // a clock may be a step ahead
		s.Clock.Advance(codeLifetime)
		s.Call(t, answer, response(challenged(t, s, "totp", me), early), me).Want(401, invalidToken)
		s.Clock.Advance(2 * codeLifetime)
		late := testkit.TOTP(t, app.secret, s.Clock.Now().Add(-codeLifetime))
		s.Call(t, answer, response(challenged(t, s, "totp", me), late), me).Want(200) // or behind
		s.Clock.Advance(3 * codeLifetime)
		tooLate := testkit.TOTP(t, app.secret, s.Clock.Now().Add(-2*codeLifetime))
		s.Call(t, answer, response(challenged(t, s, "totp", me), tooLate), me).Want(401, invalidToken)
	})
}

func TestWhatAnAuthenticatorRouteRefuses(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		const odd = "/v1/account/mfa/authenticators/sms"
		s.Call(t, "POST "+odd, nil, me).Want(400, "general_argument_invalid")
		s.Call(t, "PUT "+odd, otp("1"), me).Want(400, "general_argument_invalid")
		s.Call(t, "DELETE "+odd, nil, me).Want(401, notFresh) // freshness comes before parameters
		for label, body := range map[string]testkit.Map{"none": {}, "empty": otp(""), "a number": {"otp": 123456}, "too long": otp(strings.Repeat("1", 257))} {
			if reply := s.Call(t, confirmApp, body, me); reply.Status != 400 {
				t.Errorf("%s: %d %s", label, reply.Status, reply.Body)
			}
		}
		s.Call(t, confirmApp, otp("000000"), me).Want(404, "user_authenticator_not_found")
		s.Call(t, removeTOTP, otp("000000"), me).Want(404, "user_authenticator_not_found")
		for label, body := range map[string]any{"text": `{"mfa":"true"}`, "a number": `{"mfa":1}`, "null": `{"mfa":null}`, "nothing": `{}`} {
			if reply := s.Call(t, switchMFA, body, me); reply.Status != 400 {
				t.Errorf("mfa %s: %d %s", label, reply.Status, reply.Body)
			}
		}
		// A second secret kills the first.
		first := s.Call(t, enrol, nil, me).Want(200).Text("secret")
		second := s.Call(t, "POST /v1/account/mfa/authenticators/TOTP", nil, me).Want(200).Text("secret")
		s.Call(t, confirmApp, otp(testkit.TOTP(t, first, s.Clock.Now())), me).Want(401, invalidToken)
		s.Call(t, answer, response(challenged(t, s, "totp", me), testkit.TOTP(t, second, s.Clock.Now())), me).Want(401, invalidToken) // not verified yet
		s.Call(t, confirmApp, otp(testkit.TOTP(t, second, s.Clock.Now())), me).Want(200)
	})
}

func TestRemovingAnAuthenticator(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		app := enrolled(t, s, session)
		s.Call(t, removeTOTP, nil, me).Want(401, notFresh)
		s.Call(t, removeTOTP, otp("000000"), me).Want(401, invalidToken)
		open := challenged(t, s, "totp", me)
		s.Call(t, answer, response(challenged(t, s, "totp", me), app.next(t)), me).Want(200)
		s.Clock.Advance(freshLifetime)
		s.Clock.Advance(time.Millisecond)
		s.Call(t, removeTOTP, nil, me).Want(401, notFresh)
		s.Call(t, answer, response(challenged(t, s, "totp", me), app.next(t)), me).Want(200)
		s.Clock.Advance(freshLifetime) // to the millisecond
		s.Call(t, removeTOTP, nil, me).Want(204)
		s.Call(t, removeTOTP, nil, me).Want(404, "user_authenticator_not_found")
		s.Call(t, answer, response(open, app.next(t)), me).Want(401, invalidToken)

		// With a code of its own, as clients of 1.5 do; or with a recovery code, which is used up.
		app = enrolled(t, s, session)
		s.Call(t, removeTOTP, otp(app.next(t)), me).Want(204)
		codes, _ := s.Call(t, makeCodes, nil, me).Want(201).Get("recoveryCodes").([]any)
		for range 2 {
			s.Clock.Advance(codeLifetime)
			enrolled(t, s, session)
			if reply := s.Call(t, removeTOTP, otp(codes[0].(string)), me); reply.Status != 204 {
				reply.Want(401, invalidToken)
				return
			}
		}
		t.Error("a recovery code is good twice")
	})
}

func TestRecoveryCodes(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		for _, route := range []string{remakeCodes, showCodes} {
			s.Call(t, route, nil, me).Want(401, notFresh)
		}
		list := func(reply *testkit.Reply) (codes []string) {
			items, _ := reply.Get("recoveryCodes").([]any)
			for _, item := range items {
				codes = append(codes, item.(string))
			}
			return codes
		}
		codes := list(s.Call(t, makeCodes, nil, me).Want(201))
		if len(codes) != 6 || len(codes[0]) != 10 || codes[0] == codes[1] {
			t.Fatalf("codes %v", codes)
		}
		s.Call(t, makeCodes, nil, me).Want(409, "user_recovery_codes_already_exists")
		// Either spelling, typed with blanks and capitals.
		done := s.Call(t, answer, response(challenged(t, s, "recoverycode", me), " "+strings.ToUpper(codes[2])+" "), me).Want(200)
		if got := factorsOf(done); !slices.Equal(got, []string{"password", "recoveryCode"}) {
			t.Errorf("factors %v", got)
		}
		s.Call(t, answer, response(challenged(t, s, "recoveryCode", me), codes[2]), me).Want(401, invalidToken)
		left := list(s.Call(t, showCodes, nil, me).Want(200))
		if diff := cmp.Diff(slices.Delete(slices.Clone(codes), 2, 3), left); diff != "" {
			t.Errorf("what is left (-want +got)\n%s", diff)
		}
		again := list(s.Call(t, remakeCodes, nil, me).Want(200))
		if len(again) != 6 || slices.Contains(again, codes[0]) {
			t.Errorf("made anew %v", again)
		}
		s.Call(t, answer, response(challenged(t, s, "recoveryCode", me), codes[0]), me).Want(401, invalidToken)
		for _, code := range again {
			s.Call(t, answer, response(challenged(t, s, "recoveryCode", me), code), me).Want(200)
		}
		s.Call(t, showCodes, nil, me).Want(404, "user_recovery_codes_not_found")
		s.Call(t, remakeCodes, nil, me).Want(404, "user_recovery_codes_not_found")
		s.Call(t, makeCodes, nil, me).Want(201)
	})
}

func TestChallengesThatAreSent(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		for factor, kind := range map[string]string{"email": "user_email_not_verified", "phone": "user_phone_not_found"} {
			s.Call(t, challenge, testkit.Map{"factor": factor}, me).Want(400, kind)
		}
		_, anonymous := guest(t, s)
		s.Call(t, challenge, testkit.Map{"factor": "email"}, testkit.As(anonymous)).Want(400, "user_email_not_found")
		proven(t, s, id, "+4915112345678")
		s.Messages(t)
		for _, c := range []struct{ factor, kind, channel, to string }{
			{"Email", model.MessageMFAChallenge, model.ChannelEmail, walter},
			{"phone", model.MessagePhoneCode, model.ChannelSMS, "+4915112345678"},
		} {
			made := challenged(t, s, c.factor, me)
			m := s.Message(t)
			if m.Kind != c.kind || m.Channel != c.channel || m.To != c.to || len(m.Values["otp"]) != 6 || m.Values["minutes"] != "60" {
				t.Errorf("%s: sent %+v", c.factor, m)
			}
			s.Call(t, answer, response(made, "wrong"), me).Want(401, invalidToken)
			s.Call(t, answer, response(made, m.Values["otp"]), me).Want(200)
			s.Call(t, answer, response(made, m.Values["otp"]), me).Want(401, invalidToken)
		}
		if got := factorsOf(s.Call(t, "GET /v1/account/sessions/current", nil, me).Want(200)); !slices.Equal(got, []string{"password", "email", "phone"}) {
			t.Errorf("factors %v", got)
		}
		made := challenged(t, s, "email", me)
		code := s.Message(t).Values["otp"]
		s.Clock.Advance(time.Hour + time.Millisecond)
		s.Call(t, answer, response(made, code), me).Want(401, invalidToken)
	})
}

func TestAMockNumberGetsNoChallengeMessage(t *testing.T) {
	o := unlimited(nil)
	o.Settings = func(set *model.Settings) {
		set.MockPhones = []model.MockPhone{{Number: "+4915112345678", OTP: "424242"}}
	}
	each(t, o, func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		proven(t, s, id, "+4915112345678")
		s.Messages(t)
		made := challenged(t, s, "phone", testkit.As(session))
		if n := len(s.Messages(t)); n != 0 {
			t.Errorf("%d messages", n)
		}
		s.Call(t, answer, response(made, "424242"), testkit.As(session)).Want(200)
	})
}

func TestTheProjectSaysWhichFactorsThereAre(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		proven(t, s, id, "")
		app := enrolled(t, s, session)
		made := challenged(t, s, "totp", me)
		s.Call(t, challenge, testkit.Map{"factor": "custom"}, me).Want(501, "user_auth_method_unsupported")
		set(t, s, func(p *model.Policies) { p.MFAFactors = model.MFAFactors{Custom: true} })
		for _, factor := range []string{"totp", "Email", "phone"} {
			s.Call(t, challenge, testkit.Map{"factor": factor}, me).Want(501, "user_auth_method_unsupported")
		}
		s.Call(t, answer, response(made, app.next(t)), me).Want(501, "user_auth_method_unsupported")
		if reply := s.Call(t, listFactors, nil, me).Want(200); reply.Get("totp") != false || reply.Get("email") != false || reply.Get("custom") != true {
			t.Errorf("factors %s", reply.Body)
		}
		// The project's own server reads the code and delivers it.
		custom := challenged(t, s, "custom", me)
		c, err := s.DB.Challenge(t.Context(), testkit.Demo, id, custom, 0)
		if err != nil {
			t.Fatal(err)
		}
		code, err := s.Rules.ChallengeCode(c)
		if err != nil || len(code) != 6 {
			t.Fatalf("%q, %v", code, err)
		}
		s.Call(t, answer, response(custom, "wrong"), me).Want(401, invalidToken)
		s.Call(t, answer, response(custom, code), me).Want(200)
		// Recovery codes are the way out: they cannot be switched off.
		challenged(t, s, "recoveryCode", me)
	})
}

func TestAChallengeBelongsToItsSessionAndItsUser(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		_, stranger := s.Member(t, "skyler@example.com")
		codes, _ := s.Call(t, makeCodes, nil, testkit.As(session)).Want(201).Get("recoveryCodes").([]any)
		phone := s.SignIn(t, walter)
		made := challenged(t, s, "recoveryCode", testkit.As(session))
		for _, other := range []string{stranger, phone} {
			s.Call(t, answer, response(made, codes[0].(string)), testkit.As(other)).Want(401, invalidToken)
		}
		s.Call(t, answer, response("never", codes[0].(string)), testkit.As(session)).Want(401, invalidToken)
		s.Call(t, answer, response(made, codes[0].(string)), testkit.As(session)).Want(200)
		s.Call(t, showCodes, nil, testkit.As(phone)).Want(401, notFresh) // what one session has passed does not help another
	})
}

// A mailbox is one factor, however often it is opened.
func TestTheSameMailboxTwiceIsOneFactor(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		proven(t, s, id, "")
		s.Call(t, switchMFA, testkit.Map{"mfa": true}, testkit.As(session)).Want(200)
		here, err := s.DB.Sessions(t.Context(), testkit.Demo, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		one := here[0]
		one.Factors = []string{"email"}
		s.Write(t, func(tx *store.Tx) { tx.UpdateSessionFactors(&one) })
		s.Messages(t)
		made := challenged(t, s, "email", testkit.As(session))
		s.Call(t, answer, response(made, s.Message(t).Values["otp"]), testkit.As(session)).Want(200)
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(401, moreFactors)
	})
}

func TestNoticesOfFactors(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		s.Messages(t)
		app := enrolled(t, s, session)
		s.Call(t, switchMFA, testkit.Map{"mfa": true}, me).Want(200)
		s.Call(t, switchMFA, testkit.Map{"mfa": true}, me).Want(200) // no change, no notice
		s.Call(t, makeCodes, nil, me).Want(201)
		s.Call(t, removeTOTP, otp(app.next(t)), me).Want(204)
		var told []string
		for _, m := range s.Messages(t) {
			if m.Kind != model.NoticeFactor || m.To != walter {
				t.Errorf("sent %+v", m)
			}
			told = append(told, m.Values["factor"])
		}
		if diff := cmp.Diff([]string{"totp", "on", "recoverycode", "totp"}, told); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if got := events(t, s, id); !slices.Equal(got[2:], []string{"user.update", "user.update", "user.update", "user.update", "user.update", "user.update"}) {
			t.Errorf("the log says %v", got)
		}
	})
}

// Whoever calls by JWT is measured by the session it names.
func TestFactorsByJWT(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		by := bearer(jwtOf(t, s, session))
		app := phoneApp{s, s.Call(t, enrol, nil, by).Want(200).Text("secret")}
		s.Call(t, confirmApp, otp(app.next(t)), by).Want(200)
		s.Call(t, switchMFA, testkit.Map{"mfa": true}, by).Want(200)
		s.Call(t, showCodes, nil, by).Want(401, notFresh)
		s.Call(t, answer, response(challenged(t, s, "totp", by), app.next(t)), by).Want(200)
		s.Call(t, showCodes, nil, by).Want(404, "user_recovery_codes_not_found")
		s.Call(t, showCodes, nil, me).Want(404, "user_recovery_codes_not_found")
	})
}

func TestGuessesOfFactorsAreCounted(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		secret := s.Call(t, enrol, nil, me).Want(200).Text("secret")
		app := phoneApp{s, secret}
		for range 3 {
			s.Call(t, confirmApp, otp("000000"), me).Want(401, invalidToken)
		}
		s.Call(t, confirmApp, otp(app.next(t)), me).Want(200) // a right one costs nothing
		made := challenged(t, s, "totp", me)
		for i := range 6 {
			reply := s.Call(t, answer, response(made, "000000"), me).Want(401, invalidToken)
			if want := string(rune('0' + 10 - 3 - i - 1)); reply.Header.Get("X-RateLimit-Remaining") != want {
				t.Errorf("%s tries are left, want %s", reply.Header.Get("X-RateLimit-Remaining"), want)
			}
		}
		s.Call(t, removeTOTP, otp("000000"), me).Want(401, invalidToken)
		s.Call(t, removeTOTP, otp(app.next(t)), me).Want(429, "general_rate_limit_exceeded")
		// Another session of the same person has no tries of its own, nor has another challenge.
		phone := testkit.As(s.SignIn(t, walter))
		s.Call(t, answer, response(challenged(t, s, "totp", phone), app.next(t)), phone).Want(429, "general_rate_limit_exceeded")
		s.Clock.Advance(time.Hour)
		s.Call(t, answer, response(challenged(t, s, "totp", phone), app.next(t)), phone).Want(200)
		if left := s.Call(t, answer, response(made, "000000"), me).Want(401).Header.Get("X-RateLimit-Remaining"); left != "9" {
			t.Errorf("%s tries are left after a right answer", left)
		}
	})
}

// Whoever has the password can use up the codes that are sent, but not the owner's way in by app or paper.
func TestSentChallengesDoNotStarveTheOthers(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		proven(t, s, id, "")
		for i := range 10 {
			s.Call(t, challenge, testkit.Map{"factor": []string{"email", "EMAIL", "eMail"}[i%3]}, me).Want(201)
		}
		s.Call(t, challenge, testkit.Map{"factor": "Email"}, me).Want(429, "general_rate_limit_exceeded")
		s.Call(t, "POST /v1/account/mfa/challenge", testkit.Map{"factor": "nonsense"}, me).Want(429, "general_rate_limit_exceeded")
		s.Call(t, challenge, testkit.Map{"factor": "recoverycode"}, me).Want(201)
	})
}

// Whoever set an account up before its owner proved the address must not keep a second factor to it.
func TestFactorsGoWhenAnAccountIsWiped(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		enrolled(t, s, session)
		s.Call(t, makeCodes, nil, testkit.As(session)).Want(201)
		made := challenged(t, s, "recoveryCode", testkit.As(session))
		s.Write(t, func(tx *store.Tx) { tx.WipeUser(testkit.Demo, id) })
		s.Write(t, func(tx *store.Tx) {
			_, challenge := tx.Challenge(testkit.Demo, id, made)
			_, authenticator := tx.Authenticator(testkit.Demo, id, model.FactorTOTP)
			codes, err := tx.RecoveryCodes(testkit.Demo, id)
			if challenge == nil || authenticator == nil || len(codes) > 0 {
				t.Errorf("left: %v, %v, %v, %v", challenge, authenticator, codes, err)
			}
		})
	})
}

func TestFactorsGoWithTheUser(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		enrolled(t, s, session)
		s.Call(t, makeCodes, nil, me).Want(201)
		made := challenged(t, s, "totp", me)
		s.Call(t, "DELETE /v1/account", nil, me).Want(204)
		s.Write(t, func(tx *store.Tx) {
			_, challenge := tx.Challenge(testkit.Demo, id, made)
			_, authenticator := tx.Authenticator(testkit.Demo, id, model.FactorTOTP)
			codes, err := tx.RecoveryCodes(testkit.Demo, id)
			if challenge == nil || authenticator == nil || len(codes) > 0 {
				t.Errorf("left: %v, %v, %v, %v", challenge, authenticator, codes, err)
			}
		})
	})
}
