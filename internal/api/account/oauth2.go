package account

import (
	"bytes"
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"latchkey/internal/api"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
)

// oauth2Limit is one counter for both starts and for anonymous sessions. Coming back is not counted: the sign-in's
// row can be used once.
var oauth2Limit = api.Limit{Max: 50, By: []string{"ip:{ip}"}, Of: createAnonymousSession.Route}

var oauth2Faults = []*fault.Kind{fault.ProjectProviderDisabled, fault.ProjectProviderUnsupported, fault.UserOAuth2ProviderError}

var createOAuth2Session = api.Spec{
	Route: "GET /v1/account/sessions/oauth2/{provider}", SDK: []string{"account.createOAuth2Session"},
	About: "Send the browser to a sign-in provider. It comes back with a session in its cookies.",
	Scope: api.ScopeSessionsWrite, Visit: true, Limit: oauth2Limit, Status: 301, Faults: oauth2Faults, Failure: failurePage,
}

var createOAuth2Token = api.Spec{
	Route: "GET /v1/account/tokens/oauth2/{provider}", SDK: []string{"account.createOAuth2Token"},
	About: "Send the browser to a sign-in provider. The success URL gets `userId` and `secret`, good for POST /v1/account/sessions/token within a minute.",
	Scope: api.ScopeSessionsWrite, Visit: true, Limit: oauth2Limit, Status: 301, Faults: oauth2Faults, Failure: failurePage,
}

type oauth2In struct {
	auth.OAuth2Start
}

func (in *oauth2In) Params(p *api.Params) {
	p.String("provider", &in.Provider, check.Text(1, 36), "Provider id, such as `github`.", api.Example("github"))
	p.String("success", &in.Success, leftOut(p.Redirect()), "Where to lead the person afterwards: a page on a platform of the project, or an app by its scheme. Left out: a page of this server, which hands the result to a native app.",
		api.Default(""), api.Format("url"), api.Example("http://localhost/success"))
	p.String("failure", &in.Failure, leftOut(p.Redirect()), "Where to lead them if it fails; `error` is appended: JSON with message, type and code.",
		api.Default(""), api.Format("url"), api.Example("http://localhost/failure"))
	p.Strings("scopes", &in.Scopes, scopes, "Scopes to ask for beyond the provider's own: up to 100, each at most 4096 characters.", api.Default([]string{}), api.Example([]string{"profile"}))
}

// leftOut takes an empty text as none.
func leftOut(ok check.String) check.String {
	return func(value string) error {
		if value == "" {
			return nil
		}
		return ok(value)
	}
}

var errScopes = errors.New("Value must be a list of up to 100 texts of 1 to 4096 characters.")

func scopes(list []string) error {
	if len(list) > 100 {
		return errScopes
	}
	for _, scope := range list {
		if scope == "" || len(scope) > 4096 {
			return errScopes
		}
	}
	return nil
}

func (s *Service) createOAuth2Session(c *api.Call, in *oauth2In) (*api.Page, error) {
	return s.startOAuth2(c, in.OAuth2Start)
}

func (s *Service) createOAuth2Token(c *api.Call, in *oauth2In) (*api.Page, error) {
	in.Token = true
	return s.startOAuth2(c, in.OAuth2Start)
}

func (s *Service) startOAuth2(c *api.Call, in auth.OAuth2Start) (*api.Page, error) {
	if c.Peeks() {
		return &api.Page{Status: http.StatusNoContent}, nil
	}
	in.Server = c.Caller.Role == api.RoleKey
	started, err := s.Rules.StartOAuth2(c.Context(), c.Request(), in, c.Caller.User, c.SessionID())
	if err != nil {
		return nil, err
	}
	if started.Browser != "" {
		c.SetLogin(started.Cookie, started.Browser, int((started.Expire-c.Now)/1000))
	}
	return &api.Page{Status: http.StatusMovedPermanently, Location: started.Location}, nil
}

// The callbacks name the project in their path: they are called by the provider, which knows no header. All they
// do is lead on to the project's own route, where the browser shows its cookies.
const callbackPath = " /v1/account/sessions/oauth2/callback/{provider}/{projectId}"

var oauth2Callback = api.Spec{
	Route: "GET" + callbackPath, About: "Where a sign-in provider sends the browser back to.",
	Scope: api.ScopePublic, Visit: true, Status: 301, Failure: failurePage,
}

var oauth2CallbackForm = api.Spec{
	Route: "POST" + callbackPath, About: "Where a sign-in provider sends the browser back to with a form (response_mode=form_post).",
	Scope: api.ScopePublic, Visit: true, AnyOrigin: true, Status: 303, Failure: failurePage,
}

// comeback is what a provider's answer may hold. Nothing else is passed on: what the address holds beyond it may
// have been put there by anybody.
type comeback struct{ code, state, failed, description, accountsServer, issuer string }

func (in *comeback) params(p *api.Params) {
	long := check.Text(0, 2048)
	p.String("code", &in.code, long, "The provider's code.", api.Default(""))
	p.String("state", &in.state, check.Text(1, 2048), "What the sign-in was started with.", api.Default(""), api.Example("abc"))
	p.String("error", &in.failed, long, "Why the provider refused.", api.Default(""))
	p.String("error_description", &in.description, long, "The same in words.", api.Default(""))
	p.String("accounts-server", &in.accountsServer, long, "The data centre of the account, where a provider has several.", api.Default(""))
	p.String("iss", &in.issuer, long, "Who answers (RFC 9207).", api.Default(""))
}

// query writes it for the next address, the code first.
func (in *comeback) query(project string) string {
	text := ""
	for _, pair := range [][2]string{{"code", in.code}, {"state", in.state}, {"error", in.failed}, {"error_description", in.description},
		{"accounts-server", in.accountsServer}, {"iss", in.issuer}, {"project", project}} {
		if pair[1] == "" {
			continue
		}
		if text != "" {
			text += "&"
		}
		text += pair[0] + "=" + url.QueryEscape(pair[1])
	}
	return text
}

type oauth2CallbackIn struct {
	comeback
	provider, project, user string
}

func (in *oauth2CallbackIn) Params(p *api.Params) {
	p.String("projectId", &in.project, check.Text(1, 36), "Project id.", api.Example("demo"))
	p.String("provider", &in.provider, check.Text(1, 36), "Provider id.", api.Example("github"))
	in.params(p)
	p.String("user", &in.user, check.Text(0, 4096), "What some providers tell about the person, once.", api.Default(""))
}

func (s *Service) oauth2Callback(c *api.Call, in *oauth2CallbackIn) (*api.Page, error) {
	return s.forward(c, in, http.StatusMovedPermanently)
}

// oauth2CallbackForm leads on with 303, so that the form is not sent again. The browser sent no cookie along: the
// form came from another site. It does with the next request.
func (s *Service) oauth2CallbackForm(c *api.Call, in *oauth2CallbackIn) (*api.Page, error) {
	return s.forward(c, in, http.StatusSeeOther)
}

func (s *Service) forward(c *api.Call, in *oauth2CallbackIn, status int) (*api.Page, error) {
	if in.user != "" && in.state != "" && !c.Peeks() {
		if err := s.Rules.NoteOAuth2Name(c.Context(), in.project, in.provider, in.state, in.user); err != nil {
			return nil, err
		}
	}
	return &api.Page{Status: status, Location: s.Rules.PublicURL + "/v1/account/sessions/oauth2/" + url.PathEscape(in.provider) + "/redirect?" + in.query(in.project)}, nil
}

var oauth2Redirect = api.Spec{
	Route: "GET /v1/account/sessions/oauth2/{provider}/redirect", About: "The last step of a sign-in at a provider: leads the browser back to the app.",
	Scope: api.ScopePublic, Visit: true, Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 301, Failure: failurePage,
	Faults: []*fault.Kind{fault.ProjectProviderUnsupported, fault.ProjectInvalidSuccessURL, fault.ProjectInvalidFailureURL},
}

type oauth2RedirectIn struct {
	comeback
	provider string
}

func (in *oauth2RedirectIn) Params(p *api.Params) {
	p.String("provider", &in.provider, check.Text(1, 36), "Provider id.", api.Example("github"))
	in.params(p)
}

func (s *Service) oauth2Redirect(c *api.Call, in *oauth2RedirectIn) (*api.Page, error) {
	if c.Peeks() {
		return &api.Page{Status: http.StatusNoContent}, nil
	}
	login := auth.LoginCookie(in.state)
	done, err := s.Rules.FinishOAuth2(c.Context(), c.Request(), auth.OAuth2Return{
		Provider: in.provider, State: in.state, Browser: c.Login(login), Code: in.code, Error: in.failed, Description: in.description,
		Extras: oauth.Extras{AccountsServer: in.accountsServer, Issuer: in.issuer},
	}, c.Project.Allow, signedInCaller(c))
	if err != nil {
		return nil, err
	}
	c.ClearLogin(login)
	if done.Failed != nil {
		c.Told(done.Failed)
	} else if done.Signed != nil {
		c.SetSession(done.Signed.Secret, done.Signed.Session.Expire)
	}
	return &api.Page{Status: http.StatusMovedPermanently, Location: s.Rules.OAuth2Landing(done, c.CookieDomain())}, nil
}

// signedInCaller is the caller with their own session; nil for everybody else.
func signedInCaller(c *api.Call) *model.SessionUser {
	if c.Caller.Session == nil || c.Caller.User == nil || c.Caller.Impersonator != nil {
		return nil
	}
	return &model.SessionUser{Session: *c.Caller.Session, User: *c.Caller.User}
}

// failed is the page that shows a person a failure which no app can be told of.
var failed = template.Must(template.New("failed").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Project}} - Error</title></head>
<body><h1>{{.Status}}</h1><p>{{.Message}}</p><p><code>{{.Type}}</code></p></body></html>
`))

// failurePage shows a failure to a person. Programs get JSON.
func failurePage(c *api.Call, f *fault.Error) *api.Page {
	if c.ByProgram() {
		return nil
	}
	name := "Latchkey"
	if c.Project != nil && c.Project.ID != model.ConsoleProject {
		name = c.Project.Name
	}
	var page bytes.Buffer
	err := failed.Execute(&page, struct {
		Project, Message, Type string
		Status                 int
	}{name, f.Message, f.Kind.Type, f.Kind.Status})
	if err != nil {
		return nil
	}
	return &api.Page{Status: f.Kind.Status, HTML: page.Bytes()}
}
