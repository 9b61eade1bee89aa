package pages

import (
	"errors"

	"latchkey/internal/api"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

const firstOperatorPage = "/first-operator"

// FirstOperatorPath leads to the page on which the console gets its first person.
func FirstOperatorPath(secret string) string {
	return bases[0] + firstOperatorPage + "?secret=" + secret
}

var showFirstOperator = api.Spec{About: "Ask for the address and the password of the console's first person."}

var signUpFirstOperator = api.Spec{
	About: "Make the console's first person, by the printed link.",
	Scope: api.ScopeSessionsWrite,
	Limit: api.Limit{Max: 30, By: []string{"url:{url},ip:{ip}"}},
	Audit: "user.create", Event: "users.[userId].create",
}

// firstOperatorIn names no project: the link is the console's.
type firstOperatorIn struct{ secret, email, password, again string }

func (in *firstOperatorIn) Params(p *api.Params) {
	p.String("secret", &in.secret, check.Text(1, 256), "The secret of the printed link.")
	p.String("email", &in.email, nil, "Email address.", api.Default(""), api.Format("email"))
	p.String("password", &in.password, nil, "Password.", api.Default(""), api.Format("password"))
	p.String("again", &in.again, nil, "The same once more.", api.Default(""), api.Format("password"))
}

func (s *Service) showFirstOperator(c *api.Call, in *firstOperatorIn) (*api.Page, error) {
	return visitOf(c).firstOperatorPage(200, in, "")
}

func (s *Service) signUpFirstOperator(c *api.Call, in *firstOperatorIn) (*api.Page, error) {
	v := visitOf(c)
	wrong := v.wrongPassword(in.password, in.again)
	if check.Email(in.email) != nil {
		wrong = wrongEmail
	}
	if wrong != "" {
		return v.firstOperatorPage(400, in, wrong)
	}
	_, err := s.Rules.SignUpFirstOperator(c.Context(), c.Request(), in.secret, auth.NewAccount{Email: in.email, Password: in.password})
	for _, refused := range refusals {
		if errors.Is(err, refused.kind) {
			return v.firstOperatorPage(refused.kind.Status, in, refused.key)
		}
	}
	if err != nil {
		return nil, err
	}
	return v.on(), nil
}

const wrongEmail = "wrong.email"

func (v *visit) firstOperatorPage(status int, in *firstOperatorIn, wrong string) (*api.Page, error) {
	if v.Project.ID != model.ConsoleProject {
		return v.bad(fault.UserInvalidToken.Status)
	}
	f := v.form(&linkIn{secret: in.secret}, "first.button")
	f.Password = v.passwordFields(wrong)
	f.Password.EmailLabel, f.Password.Email, f.Password.EmailWrong = v.say("first.email"), in.email, wrong == wrongEmail
	return v.show(status, content{Title: v.say("first.title"), Body: []string{v.say("first.body")}, Form: f})
}

func (s *Service) firstOperatorDone(c *api.Call, _ *api.None) (*api.Page, error) {
	return visitOf(c).worked("first.done", "close")
}
