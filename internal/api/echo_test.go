package api_test

import (
	"latchkey/internal/api"
	"latchkey/internal/model"
)

// heard is what a route understood of a request.
type heard struct {
	ID    string       `json:"id,omitempty"`
	Text  string       `json:"text"`
	List  []string     `json:"list"`
	Flag  bool         `json:"flag"`
	Count int          `json:"count"`
	Prefs model.Object `json:"prefs"`
}

// heardIn takes one parameter of every kind. The zero value of model.Object is no JSON, so it starts as {}.
type heardIn struct{ heard }

func (in *heardIn) Params(p *api.Params) {
	in.Prefs = "{}"
	p.String("text", &in.Text, nil, "Text.", api.Optional)
	p.Strings("list", &in.List, nil, "List.", api.Optional)
	p.Bool("flag", &in.Flag, "Flag.", api.Optional)
	p.Int("count", &in.Count, nil, "Count.", api.Optional)
	p.Prefs("prefs", &in.Prefs, "Object.", api.Optional)
}

// namedIn is heardIn with a parameter of the path.
type namedIn struct{ heardIn }

func (in *namedIn) Params(p *api.Params) {
	p.String("id", &in.ID, nil, "Id.")
	in.heardIn.Params(p)
}

// askedIn has a parameter that must be there.
type askedIn struct{ heardIn }

func (in *askedIn) Params(p *api.Params) {
	p.String("text", &in.Text, nil, "Text.")
	in.Prefs = "{}"
}

// echoes are routes that answer what they understood: GET, POST and DELETE /v1/echo, POST /v1/echo/{id}, and
// POST /v1/asked, which wants a text.
func echoes() []api.Endpoint {
	spec := func(route string) api.Spec {
		return api.Spec{Route: route, Scope: api.ScopePublic, Status: 200, About: "Repeats."}
	}
	echo := func(_ *api.Call, in *heardIn) (*heard, error) { return &in.heard, nil }
	return []api.Endpoint{
		api.Define(spec("GET /v1/echo"), echo),
		api.Define(spec("POST /v1/echo"), echo),
		api.Define(spec("DELETE /v1/echo"), echo),
		api.Define(spec("POST /v1/echo/{id}"), func(_ *api.Call, in *namedIn) (*heard, error) { return &in.heard, nil }),
		api.Define(spec("POST /v1/asked"), func(_ *api.Call, in *askedIn) (*heard, error) { return &in.heard, nil }),
	}
}
