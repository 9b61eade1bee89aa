package auth_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// lose asks for a link that sets a new password.
func lose(t testing.TB, s *testkit.Server, email string) sent {
	t.Helper()
	return ask(t, s, recovery, testkit.Map{"email": email, "url": page})
}

func TestRecovery(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		s.Call(t, recovery, testkit.Map{"email": "nobody@example.com", "url": page}).Want(404, "user_not_found")
		s.Call(t, recovery, testkit.Map{"email": walter, "url": "localhost/x"}).Want(400, "general_argument_invalid")
		s.Call(t, recovery, testkit.Map{"email": walter}).Want(400, "general_argument_invalid")
		x := ask(t, s, recovery, testkit.Map{"email": " WALTER@example.com", "url": "https://localhost/recover"})
		link, _ := url.Parse(x.message.Values["redirect"])
		if m := x.message; m.Kind != model.MessageRecovery || m.To != walter || m.ToName != "Walter" || m.Values["minutes"] != "60" || len(x.secret) != 256 || x.userID != id ||
			!strings.HasPrefix(m.Values["redirect"], "https://localhost/recover?userId="+id) || link.Query().Get("expire") != model.At(s.Clock.Now().Add(time.Hour)).String() {
			t.Errorf("%+v", m)
		}
		sibling, spare := lose(t, s, walter), code(t, s, walter)
		// A bad password is told before anything is looked up, and costs nothing.
		s.Call(t, recovered, testkit.Map{"userId": "nobody", "secret": "a", "password": "short"}).Want(400, "general_argument_invalid")
		s.Call(t, recovered, testkit.Map{"userId": "nobody", "secret": x.secret, "password": other}).Want(404, "user_not_found")
		s.Call(t, recovered, sent{id, x.secret[:255] + "x", nil}.newPassword(other)).Want(401, "user_invalid_token")
		reply := s.Call(t, recovered, x.newPassword(other)).Want(200)
		if reply.Session() != "" || reply.Text("secret") != "" || reply.Text("userId") != id {
			t.Errorf("%s", reply.Body)
		}
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(401) // by policy all sessions end
		s.Call(t, signIn, credentials(walter, testkit.Password)).Want(401, "user_invalid_credentials")
		me := s.Call(t, whoAmI, nil, testkit.As(s.Call(t, signIn, credentials(walter, other)).Want(201).Session())).Want(200)
		if me.Get("emailVerification") != true || me.Text("passwordUpdate") != model.At(s.Clock.Now()).String() {
			t.Errorf("%s", me.Body)
		}
		if diff := cmp.Diff([]string{"noticeRecovered " + walter}, kinds(t, s)); diff != "" {
			t.Error(diff)
		}
		// Whoever has the address back has closed every other door.
		s.Call(t, recovered, x.newPassword(testkit.Password)).Want(401, "user_invalid_token")
		s.Call(t, recovered, sibling.newPassword(testkit.Password)).Want(401, "user_invalid_token")
		s.Call(t, redeem, spare.proof()).Want(401, "user_invalid_token")
		// Without the policy sessions go on, and who never had a password gets one.
		set(t, s, func(p *model.Policies) { p.SessionInvalidation.Enabled = false })
		me2 := enter(t, s, code(t, s, "jesse@example.com"))
		s.Call(t, recovered, lose(t, s, "jesse@example.com").newPassword(other)).Want(200)
		s.Call(t, whoAmI, nil, testkit.As(me2)).Want(200)
		s.Call(t, signIn, credentials("jesse@example.com", other)).Want(201)
		s.Messages(t)
		late := lose(t, s, "jesse@example.com")
		s.Clock.Advance(time.Hour + time.Millisecond)
		s.Call(t, recovered, late.newPassword(other)).Want(401, "user_invalid_token")
	})
}

func TestRecoveryByCode(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		reply := s.Call(t, recoveryOTP, testkit.Map{"email": walter, "phrase": true}).Want(201)
		m := s.Message(t)
		if m.Kind != model.MessageRecoveryOTP || m.Values["phrase"] != reply.Text("phrase") || reply.Text("phrase") == "" || m.Values["minutes"] != "15" {
			t.Errorf("%+v", m)
		}
		for tries, status := range map[int]int{4: 200, 5: 401} {
			x := ask(t, s, recoveryOTP, testkit.Map{"email": walter})
			for range tries {
				s.Call(t, recoveredOTP, sent{x.userID, x.wrong(), nil}.newPassword(other)).Want(401, "user_invalid_token")
			}
			if reply := s.Call(t, recoveredOTP, x.newPassword(other)); reply.Status != status {
				t.Errorf("after %d wrong tries: %d", tries, reply.Status)
			}
			s.Messages(t)
		}
		s.Call(t, recoveryOTP, testkit.Map{"email": "nobody@example.com"}).Want(404, "user_not_found")
	})
}

// What a policy refuses must not cost the link: the person chooses better and goes on.
func TestRecoveryByThePolicies(t *testing.T) {
	strict := unlimited(func(p *model.Policies) {
		p.PasswordHistory.Total, p.PasswordPersonal.Enabled, p.PasswordDictionary.Enabled = 3, true, true
	})
	each(t, strict, func(t *testing.T, s *testkit.Server) {
		id, _ := s.Member(t, walter)
		x := lose(t, s, walter)
		s.Call(t, recovered, x.newPassword(testkit.Password)).Want(400, "password_recently_used")
		s.Call(t, recovered, x.newPassword("walter and more")).Want(400, "password_personal_data")
		s.Call(t, recovered, x.newPassword("password123")).Want(400, "general_argument_invalid")
		block(t, s, id, true)
		s.Call(t, recovered, x.newPassword(other)).Want(403, "user_blocked")
		s.Call(t, recovery, testkit.Map{"email": walter, "url": page}).Want(403, "user_blocked")
		block(t, s, id, false)
		s.Call(t, recovered, x.newPassword(other)).Want(200)
		s.Call(t, recovered, lose2(t, s).newPassword(testkit.Password)).Want(400, "password_recently_used")
	})
}

// lose2 is lose after a notice.
func lose2(t testing.TB, s *testkit.Server) sent {
	t.Helper()
	s.Messages(t)
	return lose(t, s, walter)
}

// Between the look at the link and the write is a hash. What happens meanwhile must not be overtaken.
func TestARecoveryThatIsOvertaken(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		slow, gate := stopped(t, s)
		for label, c := range map[string]struct {
			meanwhile func(id, session string, x sent)
			status    int
		}{
			"by another one with the same link": {func(_, _ string, x sent) { s.Call(t, recovered, x.newPassword("the first one wins")).Want(200) }, 401},
			"by a new password": {func(_, session string, _ sent) {
				s.Call(t, password, change("the owner is awake", testkit.Password), testkit.As(session)).Want(200)
			}, 401},
			"by a block": {func(id, _ string, _ sent) { block(t, s, id, true) }, 403},
			"by a new hash of the same password": {func(id, _ string, _ sent) {
				user := stored(t, s, id)
				s.Write(t, func(tx *store.Tx) { tx.RehashPassword(user, md5) })
			}, 200},
			"by the end of the account": {func(id, _ string, _ sent) { remove(t, s, id) }, 404},
		} {
			t.Run(label, func(t *testing.T) {
				id, session := s.Member(t, walter)
				defer remove(t, s, id)
				x := lose2(t, s)
				var reply *testkit.Reply
				hashes(t, gate, func() { reply = slow.Call(t, recovered, x.newPassword(other)) }, func(n int) {
					if n == 1 {
						c.meanwhile(id, session, x)
					}
				})
				if reply.Status != c.status {
					t.Errorf("%d %s", reply.Status, reply.Body)
				}
				if c.status != 200 && c.status != 403 {
					s.Call(t, signIn, credentials(walter, other)).Want(401)
				}
			})
		}
	})
}
