package app_test

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/app"
)

// contract is what the servers of both ends declare about the routes of the Account service.
//
//go:embed testdata/contract.json
var contract []byte

// row is one route of the contract.
type row struct {
	Version    string
	Route      string
	SDK        []string
	Scope      string
	Params     []string
	Aliases    []string
	Gate       string
	Status     int
	Unsigned   bool
	HalfSigned bool
	Fresh      bool
	Limit      *struct {
		Max, Seconds int
		Keys         []string
		Reset        []int
	}
}

// differences are the places where our row is not the contract's, with the reason. An entry that no longer
// differs fails the test, so the list cannot grow stale.
var differences = map[string]string{
	"1.6 GET /v1/account/identities params":                                          "total came with the newest",
	"1.6 GET /v1/account/sessions/oauth2/{provider}/redirect params":                 "the contract passes on whatever comes; ours names what is",
	"1.6 GET /v1/account/sessions/oauth2/{provider}/redirect status":                 "the contract names none",
	"1.6 GET /v1/account/sessions/oauth2/{provider}/redirect unsigned":               "the contract excepts every path with oauth2 in it",
	"1.6 GET /v1/account/sessions/oauth2/{provider}/redirect max":                    "the row of the sign-in can be used once; a login counts once, at its start",
	"1.6 GET /v1/account/sessions/oauth2/{provider}/redirect keys":                   "not counted",
	"1.6 GET /v1/account/sessions/oauth2/callback/{provider}/{projectId} params":     "as at the redirect",
	"1.6 GET /v1/account/sessions/oauth2/callback/{provider}/{projectId} status":     "the contract names none",
	"1.6 POST /v1/account/sessions/oauth2/callback/{provider}/{projectId} params":    "as at the redirect",
	"1.6 POST /v1/account/sessions/oauth2/callback/{provider}/{projectId} status":    "the contract names none",
	"newest GET /v1/account/sessions/oauth2/{provider}/redirect params":              "the contract passes on whatever comes; ours names what is",
	"newest GET /v1/account/sessions/oauth2/{provider}/redirect status":              "the contract names none",
	"newest GET /v1/account/sessions/oauth2/{provider}/redirect unsigned":            "the contract excepts every path with oauth2 in it",
	"newest GET /v1/account/sessions/oauth2/{provider}/redirect max":                 "the row of the sign-in can be used once; a login counts once, at its start",
	"newest GET /v1/account/sessions/oauth2/{provider}/redirect keys":                "not counted",
	"newest GET /v1/account/sessions/oauth2/callback/{provider}/{projectId} params":  "as at the redirect",
	"newest GET /v1/account/sessions/oauth2/callback/{provider}/{projectId} status":  "the contract names none",
	"newest POST /v1/account/sessions/oauth2/callback/{provider}/{projectId} params": "as at the redirect",
	"newest POST /v1/account/sessions/oauth2/callback/{provider}/{projectId} status": "the contract names none",
	"1.6 POST /v1/account/sessions/email reset":                                      "successes give the counter back since 1.8; nobody depends on being locked out by ten good sign-ins",
	"1.6 POST /v1/account/jwts params":                                               "the length of a JWT can be chosen since 1.8",
	"newest POST /v1/account/jwts max":                                               "100 an hour, as the documented limit says",
	"newest POST /v1/account/jwts window":                                            "100 an hour, as the documented limit says",
	"1.6 GET /v1/account/logs params":                                                "lists can be left uncounted since 1.8",
	"1.6 POST /v1/account/tokens/email keys":                                         "counted by address of the network as well, as the newest servers do: one machine must not mail to everybody",
	"1.6 POST /v1/account/sessions/token reset":                                      "as for sessions/email",
	"1.6 PUT /v1/account/sessions/magic-url reset":                                   "as for sessions/email",
	"1.6 PUT /v1/account/sessions/phone reset":                                       "as for sessions/email",
	"newest PUT /v1/account/sessions/phone reset":                                    "the three routes that redeem share one counter, so one reset is that of all",
	"1.6 DELETE /v1/account/mfa/authenticators/{type} params":                        "a code may stand for the fresh challenge, as clients of 1.5 send it",
	"newest DELETE /v1/account/mfa/authenticators/{type} params":                     "a code may stand for the fresh challenge, as clients of 1.5 send it",
	"newest POST /v1/account/mfa/challenges keys":                                    "what sends no message is counted apart, so that a thief of the password cannot use up the owner's way in",
	"newest PUT /v1/account/mfa/challenges keys":                                     "all wrong codes of a person count together, whatever challenge or session they are for",
	"newest PUT /v1/account/mfa/challenges reset":                                    "a right code gives the tries back",
}

func TestRowsAgreeWithTheContract(t *testing.T) {
	t.Parallel()
	var rows []row
	if err := json.Unmarshal(contract, &rows); err != nil {
		t.Fatal(err)
	}
	ours := map[string]*api.Endpoint{}
	table := app.Endpoints(nil, nil, nil)
	for i := range table {
		e := &table[i]
		ours[e.Method+" "+e.Path] = e
	}
	compared, used := 0, map[string]bool{}
	for _, want := range rows {
		e := ours[want.Route]
		if e == nil {
			continue // built later; the list of what is missing is in docs/compatibility.md
		}
		compared++
		for _, fault := range differing(e, want) {
			key := want.Version + " " + want.Route + " " + fault.what
			if differences[key] == "" {
				t.Errorf("%s: ours is %v, the contract's %v", key, fault.ours, fault.theirs)
			}
			used[key] = true
		}
	}
	if compared < 30 {
		t.Errorf("only %d rows were compared", compared)
	}
	for key := range differences {
		if !used[key] {
			t.Errorf("%s is listed as a difference and is none", key)
		}
	}
}

// difference is one thing a row says otherwise than the contract.
type difference struct {
	what         string
	ours, theirs any
}

// differing compares a row with the contract's.
func differing(e *api.Endpoint, want row) []difference {
	var list []difference
	note := func(what string, ours, theirs any, same bool) {
		if !same {
			list = append(list, difference{what, ours, theirs})
		}
	}
	var params, sdk []string
	for _, p := range e.Params {
		params = append(params, p.Name)
	}
	for _, name := range e.SDK {
		sdk = append(sdk, strings.TrimPrefix(name, "account."))
	}
	note("scope", e.Scope, want.Scope, string(e.Scope) == want.Scope)
	note("params", params, want.Params, slices.Equal(params, want.Params))
	note("aliases", e.Alias, want.Aliases, containsAll(e.Alias, want.Aliases))
	note("sdk", sdk, want.SDK, containsAll(sdk, want.SDK))
	note("gate", e.Gate, want.Gate, string(e.Gate) == want.Gate)
	note("status", e.Status, want.Status, e.Status == want.Status)
	note("unsigned", e.Unsigned, want.Unsigned, e.Unsigned == want.Unsigned)
	note("halfSigned", e.HalfSigned, want.HalfSigned, e.HalfSigned == want.HalfSigned)
	note("fresh", e.Fresh, want.Fresh, e.Fresh == want.Fresh)
	if want.Limit == nil {
		note("limit", e.Limit.Max, 0, e.Limit.Max == 0)
		return list
	}
	note("max", e.Limit.Max, want.Limit.Max, e.Limit.Max == want.Limit.Max)
	note("window", e.Limit.Window().Seconds(), want.Limit.Seconds, int(e.Limit.Window().Seconds()) == want.Limit.Seconds)
	note("keys", e.Limit.By, want.Limit.Keys, slices.Equal(e.Limit.By, want.Limit.Keys))
	note("reset", e.Limit.Reset, want.Limit.Reset, e.Limit.Reset == 0 && len(want.Limit.Reset) == 0 || slices.Contains(want.Limit.Reset, e.Limit.Reset))
	return list
}

func containsAll(have, want []string) bool {
	for _, one := range want {
		if !slices.Contains(have, one) {
			return false
		}
	}
	return true
}
