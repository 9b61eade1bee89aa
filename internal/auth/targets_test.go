package auth_test

import (
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

const (
	push  = "POST /v1/account/targets/push"
	pixel = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
)

// device is what an app says of the device it runs on.
func device(id, token string) testkit.Map { return testkit.Map{"targetId": id, "identifier": token} }

// targetsOf counts a user's targets of a kind.
func targetsOf(t testing.TB, s *testkit.Server, user, kind string) (list []model.Target) {
	t.Helper()
	for _, target := range stored(t, s, user).Targets {
		if target.ProviderType == kind {
			list = append(list, target)
		}
	}
	return list
}

func TestAPushTargetFromItsMakingToItsEnd(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me, agent := testkit.As(session), testkit.Header{"User-Agent", pixel}
		for label, body := range map[string]testkit.Map{"no id": {"identifier": "t"}, "a bad id": device("_x", "t"), "no token": {"targetId": "x"}, "an empty token": device("x", ""),
			"a number": {"targetId": "x", "identifier": 1}, "an empty provider": {"targetId": "x", "identifier": "t", "providerId": ""}} {
			if reply := s.Call(t, push, body, me); reply.Status != 400 || reply.Text("type") != "general_argument_invalid" {
				t.Errorf("%s: %d %s", label, reply.Status, reply.Body)
			}
		}
		s.Call(t, push, testkit.Map{"targetId": "x", "identifier": "t", "providerId": "fcm"}, me).Want(404, "provider_not_found")
		made := s.Call(t, push, device("phone", "token-1"), me, agent).Want(201)
		if made.Text("$id") != "phone" || made.Text("providerType") != "push" || made.Get("providerId") != nil || made.Text("identifier") != "token-1" ||
			made.Text("name") != "Google Pixel 8" || made.Get("expired") != false || made.Text("userId") != id {
			t.Errorf("made %s", made.Body)
		}
		// The same session again: the same row, found by the first id and by the one sent last.
		again := s.Call(t, push, device("phone-2", "token-2"), me, agent).Want(201)
		if again.Text("$id") != "phone" || again.Text("identifier") != "token-2" || len(targetsOf(t, s, id, model.TargetPush)) != 1 {
			t.Errorf("made again %s", again.Body)
		}
		for i, target := range []string{"phone", "phone-2"} {
			token := []string{"token-3", "token-4"}[i]
			changed := s.Call(t, "PUT /v1/account/targets/"+target+"/push", testkit.Map{"identifier": token}, me).Want(200)
			if changed.Text("$id") != "phone" || changed.Text("identifier") != token {
				t.Errorf("changed by %s: %s", target, changed.Body)
			}
		}
		s.Call(t, "DELETE /v1/account/targets/phone-2/push", nil, me).Want(204)
		s.Call(t, "DELETE /v1/account/targets/phone/push", nil, me).Want(404, "user_target_not_found")
		if got := events(t, s, id); len(got) != 7 || got[2] != "target.create" || got[4] != "target.update" || got[6] != "target.delete" {
			t.Errorf("the log says %v", got)
		}
	})
}

func TestAProviderMayBeNamedThatTheProjectHas(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		s.Write(t, func(tx *store.Tx) {
			tx.UpsertDocument(&store.Document{Project: testkit.Demo, Kind: store.KindMessaging, ID: "fcm", Body: `{"type":"push"}`})
			tx.UpsertDocument(&store.Document{Project: testkit.Demo, Kind: store.KindMessaging, ID: "mail", Body: `{"type":"email"}`})
		})
		s.Call(t, push, testkit.Map{"targetId": "x", "identifier": "t", "providerId": "mail"}, testkit.As(session)).Want(400, "provider_incorrect_type")
		body := device("a", "token-1")
		body["providerId"] = "fcm"
		if made := s.Call(t, push, body, testkit.As(session)).Want(201); made.Text("providerId") != "fcm" {
			t.Errorf("made %s", made.Body)
		}
		// One a session and provider: without the provider it is another target.
		if made := s.Call(t, push, device("b", "token-2"), testkit.As(session)).Want(201); made.Text("$id") != "b" {
			t.Errorf("made %s", made.Body)
		}
	})
}

// Email and phone targets follow their address. A route for devices must not point them elsewhere, or messages
// would go to an address that nobody has proved.
func TestPushRoutesLeaveOtherTargetsAlone(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		mail := targetsOf(t, s, id, model.TargetEmail)[0].ID
		s.Call(t, "PUT /v1/account/targets/"+mail+"/push", testkit.Map{"identifier": "evil@example.com"}, me).Want(404, "user_target_not_found")
		s.Call(t, "DELETE /v1/account/targets/"+mail+"/push", nil, me).Want(404, "user_target_not_found")
		// Nor can an address be blocked by registering it as a device.
		s.Call(t, push, device("squat", "skyler@example.com"), me).Want(201)
		stranger, _ := s.Member(t, "skyler@example.com")
		if len(targetsOf(t, s, stranger, model.TargetEmail)) != 1 {
			t.Error("the address has no target")
		}
	})
}

func TestATokenOrAnIDThatIsTaken(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		_, stranger := s.Member(t, "skyler@example.com")
		s.Call(t, push, device("hers", "token-1"), testkit.As(stranger)).Want(201)
		me := testkit.As(session)
		s.Call(t, push, device("hers", "token-2"), me).Want(409, "user_target_already_exists")
		s.Call(t, push, device("his", "token-1"), me).Want(409, "user_target_already_exists")
		s.Call(t, push, device("his", "token-2"), me).Want(201)
		s.Call(t, "PUT /v1/account/targets/his/push", testkit.Map{"identifier": "token-1"}, me).Want(409, "user_target_already_exists")
		for _, route := range []string{"PUT /v1/account/targets/hers/push", "DELETE /v1/account/targets/hers/push"} {
			s.Call(t, route, testkit.Map{"identifier": "token-3"}, me).Want(404, "user_target_not_found")
		}
		for _, route := range []string{push, "PUT /v1/account/targets/hers/push", "DELETE /v1/account/targets/hers/push"} {
			s.Call(t, route, device("x", "token-9")).Want(401, "general_unauthorized_scope")
			s.Call(t, route, device("x", "token-9"), testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "targets.write")}).Want(401, "general_unauthorized_scope")
		}
	})
}

func TestAPushTargetGoesWithItsSession(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		left := func() int { return len(targetsOf(t, s, id, model.TargetPush)) }
		phone := s.SignIn(t, walter)
		s.Call(t, push, device("a", "token-1"), testkit.As(session)).Want(201)
		s.Call(t, push, device("b", "token-2"), testkit.As(phone)).Want(201)
		s.Call(t, "DELETE /v1/account/sessions/current", nil, testkit.As(phone)).Want(204)
		if left() != 1 {
			t.Errorf("%d targets after signing out", left())
		}
		// A JWT stands for its session: what it registers goes with that.
		token := jwtOf(t, s, session)
		if again := s.Call(t, push, device("c", "token-3"), bearer(token)).Want(201); again.Text("$id") != "a" {
			t.Errorf("by JWT: %s", again.Body)
		}
		s.Call(t, password, change(other, testkit.Password), testkit.As(s.SignIn(t, walter))).Want(200)
		if left() != 0 {
			t.Errorf("%d targets after a new password", left())
		}
	})
}

// A device whose session has run out signs in again and has the same token: nobody else can use it.
func TestADeviceThatSignsInAnew(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SessionDuration.Duration = 3600 }), func(t *testing.T, s *testkit.Server) {
		first, session := s.Member(t, walter)
		s.Call(t, push, device("a", "token-1"), testkit.As(session)).Want(201)
		s.Clock.Advance(time.Hour + time.Second)
		second, session := s.Member(t, "skyler@example.com")
		if made := s.Call(t, push, device("a", "token-1"), testkit.As(session)).Want(201); made.Text("userId") != second {
			t.Errorf("made %s", made.Body)
		}
		if n := len(targetsOf(t, s, first, model.TargetPush)); n != 0 {
			t.Errorf("%d targets are left to whoever had the device before", n)
		}
	})
}

func TestManyRegistrationsOfOneSessionAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		ends := testkit.AtOnce(20, func(i int) *testkit.Reply {
			return s.Call(t, push, device("unique()", "token-"+string(rune('a'+i))), testkit.As(session))
		})
		if ends["ok"] != 20 || len(targetsOf(t, s, id, model.TargetPush)) != 1 {
			t.Errorf("%v, and %d targets", ends, len(targetsOf(t, s, id, model.TargetPush)))
		}
	})
}
