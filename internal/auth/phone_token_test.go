package auth_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/app"
	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

func TestACodeByTextMessage(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		x := text(t, s, mobile)
		m := x.message
		if m.Channel != model.ChannelSMS || m.Kind != model.MessagePhoneCode || m.To != mobile || m.Values["minutes"] != "15" || len(x.secret) != 6 {
			t.Errorf("%+v", m)
		}
		if again := ask(t, s, "POST /v1/account/sessions/phone", testkit.Map{"userId": "unique()", "phone": mobile}); again.userID != x.userID {
			t.Error("one number has two accounts")
		} else {
			x = again
		}
		s.Call(t, redeemPhone, proof("ewewe", x.secret)).Want(401, "user_invalid_token")
		s.Call(t, redeemPhone, proof(x.userID, x.wrong())).Want(401, "user_invalid_token")
		session := s.Call(t, redeemPhone, x.proof()).Want(201)
		if session.Text("provider") != "phone" || session.Get("factors.0") != "phone" {
			t.Errorf("%s", session.Body)
		}
		s.Call(t, redeemPhone, x.proof()).Want(401, "user_invalid_token")
		me := s.Call(t, whoAmI, nil, testkit.As(session.Session())).Want(200)
		if me.Get("phoneVerification") != true || me.Get("emailVerification") != false || me.Text("targets.0.identifier") != mobile || me.Text("targets.0.providerType") != "sms" || me.Text("email") != "" {
			t.Errorf("%s", me.Body)
		}
	})
}

func TestMockNumbers(t *testing.T) {
	o := unlimited(nil)
	o.Settings = func(s *model.Settings) { s.MockPhones = []model.MockPhone{{Number: "+16175551212", OTP: "000123"}} }
	each(t, o, func(t *testing.T, s *testkit.Server) {
		mute := without(t, s, func(string) bool { return false })
		for _, server := range []*testkit.Server{s, mute} {
			id := server.Call(t, phoneToken, testkit.Map{"userId": "unique()", "phone": "+16175551212"}).Want(201).Text("userId")
			server.Call(t, phoneToken, testkit.Map{"userId": "unique()", "phone": "+16175551212"}).Want(201) // the same code twice is one code
			if list := kinds(t, s); len(list) != 0 {
				t.Errorf("a mock number is sent %v", list)
			}
			s.Call(t, redeem, proof(id, "123")).Want(401, "user_invalid_token")
			s.Call(t, redeem, proof(id, "000123")).Want(201)
			s.Call(t, redeem, proof(id, "000123")).Want(401, "user_invalid_token")
		}
		mute.Call(t, phoneToken, testkit.Map{"userId": "unique()", "phone": mobile}).Want(503, "general_phone_disabled")
	})
}

// watcher is a guard that writes down what it is asked and refuses one number.
type watcher struct {
	mu   sync.Mutex
	seen []string
}

func (w *watcher) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, what)
}

func (w *watcher) Allow(_ context.Context, _ *auth.Request, number string) error {
	w.note("allow " + number)
	if number == "+4915112345670" {
		return fault.RateLimitExceeded
	}
	return nil
}

func (w *watcher) Confirmed(_ context.Context, req *auth.Request, number string) {
	w.note("confirmed " + req.Project.ID + " " + number)
}

func TestTheGuardOfTextMessages(t *testing.T) {
	o := unlimited(nil)
	o.Settings = func(s *model.Settings) { s.MockPhones = []model.MockPhone{{Number: "+16175551212", OTP: "000123"}} }
	each(t, o, func(t *testing.T, s *testkit.Server) {
		guard := &watcher{}
		guarded := twin(t, s, func(p *app.Parts) { p.Guard = guard })
		x := text(t, guarded, mobile)
		guarded.Call(t, redeem, proof(x.userID, x.wrong())).Want(401)
		session := enter(t, guarded, x)
		enter(t, guarded, code(t, guarded, walter)) // no text message, no guard
		guarded.Call(t, phoneToken, testkit.Map{"userId": "refused", "phone": "+4915112345670"}).Want(429, "general_rate_limit_exceeded")
		if _, err := s.DB.UserByID(t.Context(), testkit.Demo, "refused"); err == nil || len(s.Messages(t)) != 0 {
			t.Error("what the guard refuses leaves an account or a message")
		}
		guarded.Call(t, phoneToken, testkit.Map{"userId": "unique()", "phone": "+16175551212"}).Want(201)
		guarded.Call(t, email, credentials("with@example.com", testkit.Password), testkit.As(session)).Want(200)
		guarded.Call(t, phone, testkit.Map{"phone": "+4915112345679", "password": testkit.Password}, testkit.As(session)).Want(200)
		s.Messages(t)
		check := ask(t, guarded, verifyPhone, nil, testkit.As(session))
		guarded.Call(t, verifiedPhone, check.proof()).Want(200)
		want := []string{"allow " + mobile, "confirmed demo " + mobile, "allow +4915112345670", "allow +4915112345679", "confirmed demo +4915112345679"}
		if diff := cmp.Diff(want, guard.seen); diff != "" {
			t.Errorf("the guard saw otherwise (-want +got)\n%s", diff)
		}
	})
}
