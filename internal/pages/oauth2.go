package pages

import (
	_ "embed" // the script
	"encoding/json"
	"strconv"

	"latchkey/internal/api"
	"latchkey/internal/check"
)

var (
	oauth2Success = api.Spec{About: "Lead back into the app that a sign-in through a provider was started from."}
	oauth2Failure = api.Spec{About: "Lead back into the app with what went wrong at the provider."}
	script        = api.Spec{About: "The one script: it takes the query out of the address bar and opens the app.", Scope: api.ScopeGlobal}
)

//go:embed page.js
var scriptText []byte

func (s *Service) script(*api.Call, *api.None) (*api.Page, error) {
	return &api.Page{Status: 200, Type: "text/javascript; charset=utf-8", HTML: scriptText}, nil
}

// oauth2Success hands everything it was given to the app: the session of one flow, the token of the other.
func (s *Service) oauth2Success(c *api.Call, _ *api.None) (*api.Page, error) {
	v := visitOf(c)
	if v.project() == "" || !schemeSafe(c.Project.ID) {
		return v.show(400, content{Mark: markBad, Title: v.say("nowhere.title"), Body: []string{v.say("oauth.nowhere")}, Script: v.scriptPath()})
	}
	return v.show(200, content{
		Mark: markDone, Title: v.say("oauth.done"), Body: []string{v.say("oauth.doneBody")},
		App: appLink(c.Project.ID, c.HTTP.URL.RawQuery), AppLabel: v.say("openApp"), Go: true, Script: v.scriptPath(),
	})
}

type failureIn struct{ text string }

func (in *failureIn) Params(p *api.Params) {
	p.String("error", &in.text, check.Text(0, 4096), "What went wrong: a JSON object of message, type and code.", api.Default(""))
}

// oauth2Failure shows what went wrong. Its words come from wherever the address was written: they are shown as
// text, apart from our own.
func (s *Service) oauth2Failure(c *api.Call, in *failureIn) (*api.Page, error) {
	v := visitOf(c)
	page := content{Mark: markBad, Title: v.say("oauth.failed"), Body: []string{v.say("oauth.failedBody")}, Script: v.scriptPath()}
	var told struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    int    `json:"code"`
	}
	if json.Unmarshal([]byte(in.text), &told) == nil && told.Message+told.Type != "" {
		page.DetailsTitle = v.say("oauth.details")
		for _, text := range []string{told.Message, told.Type} {
			if text != "" {
				page.Details = append(page.Details, clip(text))
			}
		}
		if told.Code != 0 {
			page.Details = append(page.Details, strconv.Itoa(told.Code))
		}
	}
	switch {
	case v.project() != "" && schemeSafe(c.Project.ID):
		page.App, page.AppLabel, page.Go = appLink(c.Project.ID, c.HTTP.URL.RawQuery), v.say("openApp"), true
	case page.Details == nil:
		page.Body = []string{v.say("oauth.nowhere")}
	}
	return v.show(200, page)
}

// scriptPath is the script's address on the base of this page.
func (v *visit) scriptPath() string {
	return v.HTTP.URL.Path[:len(v.HTTP.URL.Path)-len("/oauth2/success")] + "/page.js"
}

// longest is how much of a foreign text a page repeats, in characters.
const longest = 500

func clip(text string) string {
	letters := []rune(text)
	if len(letters) > longest {
		return string(letters[:longest]) + "…"
	}
	return text
}
