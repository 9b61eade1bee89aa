package auth_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestVerifyingAnAddress(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		_, stranger := s.Member(t, "jesse@example.com")
		s.Call(t, verify, testkit.Map{"url": page}).Want(401, "general_unauthorized_scope")
		s.Call(t, verify, testkit.Map{}, testkit.As(session)).Want(400, "general_argument_invalid")
		s.Call(t, verify, testkit.Map{"url": "https://evil.example"}, testkit.As(session)).Want(400, "general_argument_invalid")
		reply := s.Call(t, verify, testkit.Map{"url": page + "?a=1"}, testkit.As(session)).Want(201)
		m := s.Message(t)
		link, err := url.Parse(m.Values["redirect"])
		if err != nil {
			t.Fatal(err)
		}
		week := model.At(s.Clock.Now().Add(7 * 24 * time.Hour))
		if m.Kind != model.MessageVerification || m.To != walter || m.ToName != "Walter" || m.Expire != week || m.Values["minutes"] != "10080" ||
			!strings.HasPrefix(m.Values["redirect"], page+"?a=1&userId="+id+"&secret=") || link.Query().Get("expire") != week.String() || link.Query().Has("project") ||
			len(link.Query().Get("secret")) != 256 || reply.Text("expire") != week.String() || reply.Text("secret") != "" {
			t.Errorf("%+v\n%s", m, reply.Body)
		}
		first, second := sent{id, secretOf(t, m), m}, ask(t, s, "POST /v1/account/verification", testkit.Map{"url": page}, testkit.As(session))
		s.Clock.Advance(7 * 24 * time.Hour)
		s.Call(t, verifiedMail, proof("nobody", first.secret)).Want(404, "user_not_found")
		s.Call(t, verifiedMail, proof(id, second.secret[:255]+"x")).Want(401, "user_invalid_token")
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
		s.Call(t, verifiedMail, first.proof(), key).Want(401, "general_unauthorized_scope")
		// Opened in a browser where somebody else is signed in: the address is verifiedMail all the same.
		done := s.Call(t, verifiedMail, first.proof(), testkit.As(stranger)).Want(200)
		if done.Text("$id") != reply.Text("$id") || done.Text("secret") != "" || done.Session() != "" {
			t.Errorf("%s", done.Body)
		}
		if me := s.Call(t, whoAmI, nil, testkit.As(session)).Want(200); me.Get("emailVerification") != true || me.Text("$updatedAt") != model.At(s.Clock.Now()).String() {
			t.Errorf("%s", me.Body)
		}
		s.Call(t, verifiedMail, first.proof()).Want(401, "user_invalid_token")
		s.Call(t, verify, testkit.Map{"url": page}, testkit.As(session)).Want(409, "user_email_already_verified")
		s.Call(t, "PUT /v1/account/verification", second.proof()).Want(200) // an older mail does no harm
		_, nameless := guest(t, s)
		s.Call(t, verify, testkit.Map{"url": page}, testkit.As(nameless)).Want(400, "user_email_not_found")
	})
}

func TestVerifyingAnAddressByCode(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		reply := s.Call(t, verifyOTP, testkit.Map{"phrase": true}, testkit.As(session)).Want(201)
		m := s.Message(t)
		if m.Kind != model.MessageVerificationOTP || m.Values["phrase"] == "" || m.Values["phrase"] != reply.Text("phrase") || len(m.Values["otp"]) != 6 || m.Values["minutes"] != "15" {
			t.Errorf("%+v", m)
		}
		x := ask(t, s, verifyOTP, testkit.Map{}, testkit.As(session))
		if x.secret != m.Values["otp"] {
			s.Call(t, verifiedOTP, proof(id, m.Values["otp"])).Want(401, "user_invalid_token") // a new code ends the old one
		}
		for range 3 {
			s.Call(t, verifiedOTP, proof(id, x.wrong())).Want(401, "user_invalid_token")
		}
		s.Call(t, verifiedOTP, x.proof()).Want(200)
		s.Call(t, verifyOTP, testkit.Map{}, testkit.As(session)).Want(409, "user_email_already_verified")
		if !stored(t, s, id).EmailVerification {
			t.Error("not verifiedMail")
		}
	})
}

func TestVerifyingANumber(t *testing.T) {
	o := unlimited(nil)
	o.Settings = func(s *model.Settings) { s.MockPhones = []model.MockPhone{{Number: "+16175551212", OTP: "000123"}} }
	each(t, o, func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		s.Call(t, verifyPhone, nil, testkit.As(session)).Want(400, "user_phone_not_found")
		s.Call(t, phone, testkit.Map{"phone": mobile, "password": testkit.Password}, testkit.As(session)).Want(200)
		s.Messages(t)
		x := ask(t, s, "POST /v1/account/verification/phone", testkit.Map{}, testkit.As(session))
		if m := x.message; m.To != mobile || m.Channel != model.ChannelSMS || m.Expire != model.At(s.Clock.Now().Add(15*time.Minute)) {
			t.Errorf("%+v", m)
		}
		s.Call(t, verifiedPhone, proof("nobody", x.secret)).Want(404, "user_not_found")
		s.Call(t, verifiedPhone, proof(id, x.wrong())).Want(401, "user_invalid_token")
		// A code is its own user's: somebody else's verifies nobody.
		thief, theirs := s.Member(t, "jesse@example.com")
		s.Call(t, verifiedPhone, proof(thief, x.secret), testkit.As(theirs)).Want(401, "user_invalid_token")
		s.Call(t, "PUT /v1/account/verification/phone", x.proof()).Want(200)
		if user := stored(t, s, id); !user.PhoneVerification || user.EmailVerification {
			t.Errorf("%+v", user)
		}
		s.Call(t, verifyPhone, nil, testkit.As(session)).Want(409, "user_phone_already_verified")
		s.Call(t, phone, testkit.Map{"phone": "+16175551212", "password": testkit.Password}, testkit.As(session)).Want(200)
		s.Messages(t)
		s.Call(t, verifyPhone, nil, testkit.As(session)).Want(201)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("a mock number is sent %v", list)
		}
		s.Call(t, verifiedPhone, proof(id, "000123")).Want(200)
		project, err := s.DB.Project(t.Context(), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		project.Settings.AuthMethods.Phone = false
		s.Write(t, func(tx *store.Tx) { tx.UpsertProject(project) })
		if err := s.Projects.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.Call(t, verifyPhone, nil, testkit.As(session)).Want(501, "user_auth_method_unsupported")
	})
}
