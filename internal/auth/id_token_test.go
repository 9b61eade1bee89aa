package auth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
	"time"

	"latchkey/internal/testkit"
)

const idTokenSession = "POST /v1/account/sessions/id-token"

func TestIDTokensSignIn(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		token := func(nonce string, who claims) string { return r.op.idToken("app", nonce, who) }
		body := func(token, nonce string) testkit.Map {
			return testkit.Map{"provider": "oidc", "idToken": token, "nonce": nonce, "accessToken": "native", "accessTokenExpiry": 60}
		}
		first := token("", ada())
		signed := r.Call(t, idTokenSession, body(first, "")).Want(201)
		if signed.Text("provider") != "oidc" || signed.Text("providerUid") != "ada" || signed.Text("providerAccessToken") != "native" || signed.Text("providerRefreshToken") != "" {
			t.Errorf("%s", signed.Body)
		}
		me := r.me(t, signed.Session())
		if me.Text("email") != "ada@example.com" || me.Get("emailVerification") != true {
			t.Errorf("%s", me.Body)
		}
		// The same token once more, be it by the person themselves.
		r.Call(t, idTokenSession, body(first, "")).Want(401, "user_oauth2_token_invalid")
		// The nonce in the clear, and hashed as on phones.
		sum := sha256.Sum256([]byte("raw"))
		r.Call(t, idTokenSession, body(token("raw", ada()), "raw")).Want(201)
		r.Call(t, idTokenSession, body(token(hex.EncodeToString(sum[:]), ada()), "raw")).Want(201)
		for name, bad := range map[string]testkit.Map{
			"no nonce":         body(token("raw", ada()), ""),
			"another nonce":    body(token("raw", ada()), "other"),
			"another client":   body(r.op.idToken("other", "", ada()), ""),
			"another issuer":   body(token("", with(ada(), claims{"iss": "https://other.example"})), ""),
			"expired":          body(token("", with(ada(), claims{"exp": r.Clock.Now().Add(-2 * time.Minute).Unix()})), ""),
			"of the future":    body(token("", with(ada(), claims{"iat": r.Clock.Now().Add(2 * time.Minute).Unix()})), ""),
			"for a year":       body(token("", with(ada(), claims{"exp": r.Clock.Now().Add(365 * 24 * time.Hour).Unix()})), ""),
			"nobody":           body(token("", with(ada(), claims{"sub": ""})), ""),
			"not signed":       body("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.", ""),
			"no token at all":  body("x", ""),
			"a changed letter": body(first[:len(first)-4]+"AAAA", ""),
		} {
			if reply := r.Call(t, idTokenSession, bad); reply.Status != 401 || reply.Text("type") != "user_oauth2_token_invalid" {
				t.Errorf("%s: %d %s", name, reply.Status, reply.Body)
			}
		}
		// Linking follows the same rules, and whoever is signed in gets the identity.
		r.SignUp(t, "taken@example.com")
		r.Call(t, idTokenSession, body(token("", claims{"sub": "m", "email": "taken@example.com", "email_verified": false}), "")).Want(400, "general_bad_request")
		id, member := r.Member(t, walter)
		added := r.Call(t, idTokenSession, body(token("", claims{"sub": "w", "email": "w@example.com", "email_verified": true}), ""), testkit.As(member)).Want(201)
		if r.me(t, added.Session()).Text("$id") != id {
			t.Error("the identity was not added to whoever is signed in")
		}
		r.Call(t, idTokenSession, testkit.Map{"provider": "github", "idToken": first}).Want(400, "project_provider_unsupported")
		r.Call(t, idTokenSession, testkit.Map{"provider": "google", "idToken": first}).Want(412, "project_provider_disabled")
	})
}

// What cannot be read of a provider is the provider's fault, and no token's.
func TestAProviderThatCannotBeRead(t *testing.T) {
	torn := func(path string) func(*http.Request) *http.Response {
		return func(r *http.Request) *http.Response {
			if answer := at(path, 200, "")(r); answer != nil {
				answer.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
				return answer
			}
			return nil
		}
	}
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		token := testkit.Map{"provider": "oidc", "idToken": r.op.idToken("app", "", ada())}
		start := oauth2Session + "oidc?project=" + testkit.Demo
		for _, c := range []struct {
			name   string
			broken func(*http.Request) *http.Response
			route  string
			body   any
		}{
			{"its document is torn", torn("/.well-known/openid-configuration"), "GET " + start, nil},
			{"its document is garbage", at("/.well-known/openid-configuration", 200, "[1"), "GET " + start, nil},
			{"its document is an error", at("/.well-known/openid-configuration", 503, "{}"), "GET " + start, nil},
			{"its document is torn", torn("/.well-known/openid-configuration"), idTokenSession, token},
			{"its keys are torn", torn("/jwks"), idTokenSession, token},
			{"its keys are garbage", at("/jwks", 200, "<html>"), idTokenSession, token},
			{"its keys are an error", at("/jwks", 503, "{}"), idTokenSession, token},
		} {
			r.op.broken = c.broken
			if reply := r.Call(t, c.route, c.body, testkit.Header{"Accept", "application/json"}); reply.Status != 424 || reply.Text("type") != "user_oauth2_provider_error" {
				t.Errorf("%s, %s: %d %s", c.route, c.name, reply.Status, reply.Body)
			}
		}
		r.op.broken = nil
		r.Call(t, idTokenSession, token).Want(201) // and the token is as good as before
	})
}
