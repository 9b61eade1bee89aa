package auth_test

import (
	"net/url"
	"strings"
	"testing"

	"latchkey/internal/testkit"
)

const identities = "GET /v1/account/identities"

func TestIdentitiesAreListedAndUnlinked(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		secret := session(t, r.browser(t).signIn("oidc", ada()))
		secret = session(t, r.browser(t).as(secret).signIn("github", claims{"sub": 7, "name": "A", "email": "hub@example.com", "email_verified": true}))
		list := r.Call(t, identities, nil, testkit.As(secret)).Want(200)
		if list.Get("total") != 2.0 || list.Text("identities.0.provider") != "oidc" || list.Text("identities.1.providerUid") != "7" ||
			!strings.HasPrefix(list.Text("identities.0.providerAccessToken"), "access-") || list.Text("identities.1.providerEmail") != "hub@example.com" {
			t.Errorf("%s", list.Body)
		}
		query := url.QueryEscape(`{"method":"equal","attribute":"provider","values":["github"]}`)
		one := r.Call(t, identities+"?total=false&queries[0]="+query, nil, testkit.As(secret)).Want(200)
		if one.Get("total") != 0.0 || one.Text("identities.0.provider") != "github" || one.Get("identities.1") != nil {
			t.Errorf("%s", one.Body)
		}
		after := url.QueryEscape(`{"method":"cursorAfter","values":["` + list.Text("identities.0.$id") + `"]}`)
		if rest := r.Call(t, identities+"?queries[0]="+after, nil, testkit.As(secret)).Want(200); rest.Text("identities.0.provider") != "github" {
			t.Errorf("%s", rest.Body)
		}
		// Another person sees nothing of them, not even by a cursor, and can take none away.
		_, other := r.Member(t, walter)
		if r.Call(t, identities, nil, testkit.As(other)).Want(200).Get("total") != 0.0 {
			t.Error("somebody sees another person's identities")
		}
		r.Call(t, identities+"?queries[0]="+after, nil, testkit.As(other)).Want(400, "general_cursor_not_found")
		unlink := "DELETE /v1/account/identities/" + list.Text("identities.0.$id")
		r.Call(t, unlink, nil, testkit.As(other)).Want(404, "user_identity_not_found")
		r.Call(t, "DELETE /v1/account/identities/nobody", nil, testkit.As(other)).Want(404, "user_identity_not_found")

		r.Call(t, unlink, nil, testkit.As(secret)).Want(204)
		r.Call(t, unlink, nil, testkit.As(secret)).Want(404, "user_identity_not_found")
		r.me(t, secret)                                                                    // the session goes on
		r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Want(200) // by the identity that is left
		if again := r.me(t, session(t, r.browser(t).signIn("github", claims{"sub": 7}))); again.Text("email") != "ada@example.com" {
			t.Error("the other identity no longer leads to the account")
		}
	})
}
