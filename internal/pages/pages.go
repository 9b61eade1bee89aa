// Package pages owns the pages that Latchkey shows to people itself: where the link of a message leads when the
// app has no page of its own, and where a sign-in through a provider ends for apps that run in no browser. They
// are made on the server and work without JavaScript. Opening one changes nothing, because programs that scan
// mail open every link; what a link is for happens when its button is pressed, by the same rules as through the
// API. It may import api, auth, check, fault, locale and model.
package pages

import (
	"net/url"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Service holds the rules that the buttons call.
type Service struct {
	Rules *auth.Rules
}

// bases are where every page stands: the first is the one that links name, the others are of older and newer apps.
var bases = []string{"/console/auth", "/auth", "/v1/auth"}

// Endpoints are the rows, for the server's pages.
func (s *Service) Endpoints() []api.Endpoint {
	return []api.Endpoint{
		api.Define(at("GET /magic-url", showMagicURL), s.showMagicURL),
		api.Define(at("POST /magic-url", redeemMagicURL), s.redeemMagicURL),
		api.Define(at("GET /magic-url/done", done), s.magicURLDone),
		api.Define(at("GET /verification", showVerification), s.showVerification),
		api.Define(at("POST /verification", confirmEmail), s.confirmEmail),
		api.Define(at("GET /verification/done", done), s.verificationDone),
		api.Define(at("GET /recovery", showRecovery), s.showRecovery),
		api.Define(at("POST /recovery", recoverAccount), s.recover),
		api.Define(at("GET /recovery/done", done), s.recoveryDone),
		api.Define(at("GET /set-password", showSetPassword), s.showSetPassword),
		api.Define(at("POST /set-password", setPassword), s.setPassword),
		api.Define(at("GET /set-password/done", done), s.setPasswordDone),
		api.Define(at("GET "+firstOperatorPage, showFirstOperator), s.showFirstOperator),
		api.Define(at("POST "+firstOperatorPage, signUpFirstOperator), s.signUpFirstOperator),
		api.Define(at("GET "+firstOperatorPage+"/done", done), s.firstOperatorDone),
		api.Define(at("GET "+invitationPage, showInvitation), s.showInvitation),
		api.Define(at("POST "+invitationPage, acceptInvitation), s.acceptInvitation),
		api.Define(at("GET "+invitationPage+"/done", done), s.invitationDone),
		api.Define(at("GET /oauth2/success", oauth2Success), s.oauth2Success),
		api.Define(at("GET /oauth2/failure", oauth2Failure), s.oauth2Failure),
		api.Define(at("GET /page.js", script), s.script),
	}
}

// at makes a row of what a page says about itself: on every base, and with failures shown as a page.
func at(route string, spec api.Spec) api.Spec {
	method, path, _ := strings.Cut(route, " ")
	spec.Route = method + " " + bases[0] + path
	for _, base := range bases[1:] {
		spec.Alias = append(spec.Alias, base+path)
	}
	spec.Hosted, spec.Status, spec.Failure = true, 200, fail
	if spec.Scope == "" {
		spec.Scope = api.ScopePublic
	}
	return spec
}

// done is the row of every page that says it has worked. It shows nothing that is not known to everybody.
var done = api.Spec{About: "Say that it has worked."}

// linkIn is what stands in the link of a message.
type linkIn struct{ userID, secret, expire string }

func (in *linkIn) Params(p *api.Params) {
	p.String("userId", &in.userID, check.UID, "Id of the user the secret was made for.")
	p.String("secret", &in.secret, check.Text(1, 256), "The one-time secret of the link.")
	p.String("expire", &in.expire, check.Text(0, 64), "When the link ends, as it says itself.", api.Default(""))
}

// over says whether the link says of itself that it has ended. Whoever changes that only deceives themselves: what
// counts is asked when the button is pressed.
func (in *linkIn) over(now model.Time) bool {
	var end model.Time
	return in.expire != "" && end.UnmarshalJSON([]byte(`"`+in.expire+`"`)) == nil && end < now
}

// visit is a page in the making: who looks at it, in which language.
type visit struct {
	*api.Call
	words *words
}

func visitOf(c *api.Call) *visit {
	return &visit{c, speak(c.Sent("locale"), c.HTTP.Header.Get("Accept-Language"))}
}

// project is the project the link names; the page cannot stand without one.
func (v *visit) project() string {
	if v.Sent("project") == "" || v.Project == nil {
		return ""
	}
	return v.Project.ID
}

// show lays a page out.
func (v *visit) show(status int, c content) (*api.Page, error) {
	html, policy, err := render(v.look(), v.words, c)
	if err != nil {
		return nil, err
	}
	return &api.Page{Status: status, Policy: policy, HTML: html}, nil
}

// form is the page's form with what it must carry: the link's values, and what proves that it is ours.
func (v *visit) form(in *linkIn, button string) *form {
	f := &form{Action: v.HTTP.URL.Path, Button: v.say(button)}
	f.add("project", v.Project.ID)
	f.add("userId", in.userID)
	f.add("secret", in.secret)
	f.add("expire", in.expire)
	f.add("locale", v.words.code)
	f.add(api.TicketField, v.Ticket())
	return f
}

// say puts a text into the visitor's language.
func (v *visit) say(key string) string {
	return v.words.say(key, v.look().name)
}

// look is the look of the project that was named; without one the call counts as the console's, which means
// nothing to whoever has followed a broken link.
func (v *visit) look() look {
	if v.project() == "" {
		return look{name: ours}
	}
	return lookOf(&v.Project.Project)
}

// on leads to the page that says it has worked, by an address without secrets.
func (v *visit) on() *api.Page {
	query := url.Values{"project": {v.Project.ID}, "locale": {v.words.code}}
	return &api.Page{Status: 303, Location: v.HTTP.URL.Path + "/done?" + query.Encode()}
}

// worked is the page that says so, with the way back into the app on the person's phone.
func (v *visit) worked(title, body string) (*api.Page, error) {
	if v.project() == "" {
		return v.nowhere()
	}
	c := content{Mark: markDone, Title: v.say(title), Body: []string{v.say(body)}}
	if v.inApp() {
		c.App, c.AppLabel = appLink(v.Project.ID, ""), v.say("openApp")
	}
	return v.show(200, c)
}

// inApp says whether the person has the app where they are: it is a telephone, and the project has an app for one.
func (v *visit) inApp() bool {
	if !schemeSafe(v.Project.ID) || !onPhone(v.HTTP.UserAgent()) {
		return false
	}
	for i := range v.Project.Platforms {
		if t := v.Project.Platforms[i].Type; t == model.PlatformAndroid || t == model.PlatformApple {
			return true
		}
	}
	return false
}

// onPhone says whether a browser is one of a telephone or a tablet.
func onPhone(agent string) bool {
	for _, sign := range []string{"Android", "iPhone", "iPad", "iPod"} {
		if strings.Contains(agent, sign) {
			return true
		}
	}
	return false
}

// schemeSafe says whether an id can be part of a scheme (RFC 3986, 3.1).
func schemeSafe(id string) bool {
	return id != "" && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.')
	})
}

// appScheme is the scheme that the official SDKs register for a project's app.
func appScheme(id string) string { return "appwrite-callback-" + id }

// appLink leads into a project's app. The id must be schemeSafe.
func appLink(id, query string) string {
	link := appScheme(id) + "://"
	if query != "" {
		link += "?" + query
	}
	return link
}

// fail shows what went wrong, in the visitor's language and without naming what only a developer understands.
func fail(c *api.Call, f *fault.Error) *api.Page {
	v := visitOf(c)
	is := func(kinds ...*fault.Kind) bool {
		for _, kind := range kinds {
			if f.Kind == kind {
				return true
			}
		}
		return false
	}
	var page *api.Page
	var err error
	switch {
	case is(fault.UserInvalidToken, fault.UserNotFound, fault.ArgumentInvalid):
		page, err = v.bad(f.Kind.Status)
	case is(fault.UserBlocked):
		page, err = v.sorry(f.Kind.Status, "blocked")
	case is(fault.RateLimitExceeded):
		page, err = v.sorry(f.Kind.Status, "limit")
	case is(fault.ServerBusy):
		page, err = v.sorry(f.Kind.Status, "busy")
	case is(fault.UnknownOrigin):
		page, err = v.sorry(f.Kind.Status, "origin")
	case is(fault.ProjectNotFound):
		page, err = v.sorry(f.Kind.Status, "nowhere")
	default:
		page, err = v.sorry(f.Kind.Status, "broken")
	}
	if err != nil {
		return nil
	}
	return page
}

func (v *visit) sorry(status int, key string) (*api.Page, error) {
	return v.show(status, content{Mark: markBad, Title: v.say(key + ".title"), Body: []string{v.say(key + ".body")}})
}

// bad is the page of a link that is used, ended or cut off.
func (v *visit) bad(status int) (*api.Page, error) { return v.sorry(status, "bad") }

// nowhere is the page of a link that names no project.
func (v *visit) nowhere() (*api.Page, error) { return v.sorry(400, "nowhere") }
