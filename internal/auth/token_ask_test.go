package auth_test

import (
	"net/url"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// The routes that send secrets and take them back.
const (
	emailToken    = "POST /v1/account/tokens/email"
	magicURL      = "POST /v1/account/tokens/magic-url"
	phoneToken    = "POST /v1/account/tokens/phone"
	redeem        = "POST /v1/account/sessions/token"
	redeemMagic   = "PUT /v1/account/sessions/magic-url"
	redeemPhone   = "PUT /v1/account/sessions/phone"
	verify        = "POST /v1/account/verifications/email"
	verifiedMail  = "PUT /v1/account/verifications/email"
	verifyOTP     = "POST /v1/account/verifications/email/otp"
	verifiedOTP   = "PUT /v1/account/verifications/email/otp"
	verifyPhone   = "POST /v1/account/verifications/phone"
	verifiedPhone = "PUT /v1/account/verifications/phone"
	recovery      = "POST /v1/account/recovery"
	recovered     = "PUT /v1/account/recovery"
	recoveryOTP   = "POST /v1/account/recovery/otp"
	recoveredOTP  = "PUT /v1/account/recovery/otp"
)

// page is where links lead in these tests.
const page = "http://localhost:5173/page"

// mobile is Walter's phone.
const mobile = "+4915112345678"

// sent is a secret on its way to a person.
type sent struct {
	userID, secret string
	message        *model.Message
}

// secretOf reads the secret that a message carries, as its reader would.
func secretOf(t testing.TB, m *model.Message) string {
	t.Helper()
	if code := m.Values["otp"]; code != "" {
		return code
	}
	at, err := url.Parse(m.Values["redirect"])
	if err != nil {
		t.Fatal(err)
	}
	return at.Query().Get("secret")
}

// ask asks for a secret and takes it out of the message that follows.
func ask(t testing.TB, s *testkit.Server, route string, body testkit.Map, headers ...testkit.Header) sent {
	t.Helper()
	reply := s.Call(t, route, body, headers...).Want(201)
	if reply.Text("secret") != "" {
		t.Fatalf("a client is told the secret: %s", reply.Body)
	}
	m := s.Message(t)
	return sent{reply.Text("userId"), secretOf(t, m), m}
}

// code asks for a code by mail.
func code(t testing.TB, s *testkit.Server, email string) sent {
	t.Helper()
	return ask(t, s, emailToken, testkit.Map{"userId": "unique()", "email": email})
}

// magic asks for a link by mail.
func magic(t testing.TB, s *testkit.Server, email string) sent {
	t.Helper()
	return ask(t, s, magicURL, testkit.Map{"userId": "unique()", "email": email, "url": page})
}

// text asks for a code by text message.
func text(t testing.TB, s *testkit.Server, phone string) sent {
	t.Helper()
	return ask(t, s, phoneToken, testkit.Map{"userId": "unique()", "phone": phone})
}

// proof is the body that brings a secret back.
func proof(userID, secret string) testkit.Map { return testkit.Map{"userId": userID, "secret": secret} }

func (x sent) proof() testkit.Map { return proof(x.userID, x.secret) }

// newPassword is a proof with a password to set.
func (x sent) newPassword(password string) testkit.Map {
	return testkit.Map{"userId": x.userID, "secret": x.secret, "password": password}
}

// wrong is a code that is not the one that was sent.
func (x sent) wrong() string {
	if x.secret == "000000" {
		return "000001"
	}
	return "000000"
}

// enter signs in with a secret and returns the session.
func enter(t testing.TB, s *testkit.Server, x sent) string {
	t.Helper()
	return s.Call(t, redeem, x.proof()).Want(201).Session()
}

// kinds lists what kinds of messages have been put since they were last looked at, and to whom.
func kinds(t testing.TB, s *testkit.Server) []string {
	t.Helper()
	list := []string{}
	for _, m := range s.Messages(t) {
		list = append(list, m.Kind+" "+m.To)
	}
	return list
}

// block blocks a user as an operator would, or opens the account again.
func block(t testing.TB, s *testkit.Server, id string, blocked bool) {
	t.Helper()
	user := stored(t, s, id)
	user.Status = !blocked
	s.Write(t, func(tx *store.Tx) { tx.UpdateUserStatus(user) })
}
