package pages

import (
	"net/url"

	"latchkey/internal/api"
	"latchkey/internal/fault"
)

var showMagicURL = api.Spec{About: "Ask whether to sign in."}

func (s *Service) showMagicURL(c *api.Call, in *linkIn) (*api.Page, error) {
	v := visitOf(c)
	switch {
	case v.project() == "":
		return v.nowhere()
	case in.over(c.Now):
		return v.bad(fault.UserInvalidToken.Status)
	}
	f := v.form(in, "signIn.button")
	if v.inApp() {
		f.Choice, f.Button = v.say("signIn.app"), v.say("signIn.here")
		f.Scheme = appScheme(c.Project.ID)
	}
	return v.show(200, content{Title: v.say("signIn.title"), Body: []string{v.say("signIn.body")}, Form: f})
}

// redeemMagicURL shares its counters with the endpoint that redeems: nobody has twice the guesses.
var redeemMagicURL = api.Spec{
	About: "Sign in by the link of a mail.",
	Scope: api.ScopeSessionsWrite,
	Limit: api.Limit{Max: 10, By: []string{"ip:{ip},userId:{param-userId}"}, Reset: 200},
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create",
}

type magicURLIn struct {
	linkIn
	to string
}

func (in *magicURLIn) Params(p *api.Params) {
	in.linkIn.Params(p)
	p.String("to", &in.to, nil, "`app`: the secret is handed to the app, which signs in with it.", api.Default(""))
}

// redeemMagicURL signs this browser in. Where the person goes on in their app it is the app that must be signed
// in: it gets the secret as the link had it, unused.
func (s *Service) redeemMagicURL(c *api.Call, in *magicURLIn) (*api.Page, error) {
	v := visitOf(c)
	if v.project() == "" {
		return v.nowhere()
	}
	if in.to == "app" && v.inApp() {
		c.StaysCounted() // the secret has not been looked at
		query := url.Values{"userId": {in.userID}, "secret": {in.secret}, "expire": {in.expire}, "project": {c.Project.ID}}
		return &api.Page{Status: 303, Location: appLink(c.Project.ID, query.Encode())}, nil
	}
	signed, err := s.Rules.SignInWithToken(c.Context(), c.Request(), in.userID, in.secret)
	if err != nil {
		return nil, err
	}
	c.SetSession(signed.Secret, signed.Session.Expire)
	return v.on(), nil
}

func (s *Service) magicURLDone(c *api.Call, _ *api.None) (*api.Page, error) {
	v := visitOf(c)
	if v.project() == "" {
		return v.nowhere()
	}
	// The browser is signed in and the app is not: there is no way to it from here.
	return v.show(200, content{Mark: markDone, Title: v.say("signIn.done"), Body: []string{v.say("close")}})
}
