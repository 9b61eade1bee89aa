package auth

import (
	"encoding/json"
	"net/url"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// The pages of our own that end a sign-in at a provider: for apps that name none, and for native apps, which the
// page hands the result to.
const (
	successPage = "/console/auth/oauth2/success"
	failurePage = "/console/auth/oauth2/failure"
)

// pageBases are the paths under which the pages answer: older SDKs and consoles know others than newer ones.
var pageBases = []string{"/console/auth/oauth2/", "/auth/oauth2/", "/v1/auth/oauth2/"}

// OAuth2Landing is where the browser goes when a sign-in at a provider has ended, with what the app is told. The
// domain is that of the session's cookie; native apps keep it.
//
// A whole session stands in the address only where the app reads it: on our own page, in the session flow. There
// it is the very scheme, host and path that decide: a path alone would let any allowed host have it.
func (r *Rules) OAuth2Landing(done *OAuth2Done, domain string) string {
	project := done.Login.Project
	if done.Failed != nil {
		return r.failureURL(done.Login, done.Failed)
	}
	to := done.Login.Success
	if to == "" {
		to = r.PublicURL + successPage
	}
	own := r.ownPage(to, "success")
	var more []pair
	switch {
	case done.Token != nil:
		more = []pair{{"secret", done.Token.Secret}, {"userId", done.Token.Token.UserID}}
		if own {
			more = append(more, pair{"project", project})
		}
	case own:
		more = append(more, pair{"project", project})
		if domain != "" {
			more = append(more, pair{"domain", domain})
		}
		more = append(more, pair{"key", "a_session_" + project}, pair{"secret", done.Signed.Secret})
	}
	return landing(to, more)
}

// failureURL tells the app what went wrong, in the order of members that its readers know.
func (r *Rules) failureURL(login *model.OAuth2Login, err error) string {
	f := fault.From(err)
	text, marshalErr := json.Marshal(struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    int    `json:"code"`
	}{f.Message, f.Kind.Type, f.Kind.Status})
	if marshalErr != nil {
		panic("auth: " + marshalErr.Error()) // texts can always be written
	}
	to := login.Failure
	if to == "" {
		to = r.PublicURL + failurePage
	}
	more := []pair{{"error", string(text)}}
	if r.ownPage(to, "failure") {
		more = append(more, pair{"project", login.Project})
	}
	return landing(to, more)
}

// ownPage says whether an address is a page of ours.
func (r *Rules) ownPage(address, page string) bool {
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	for _, base := range pageBases {
		if address == r.PublicURL+base+page {
			return true
		}
	}
	return false
}

// landing appends parameters to an address that the strict reader has passed. Its own query stays byte for byte,
// but for parameters of the same names, which only one of may be there. The fragment ends it: without one an empty
// one does, or the browser would carry over what the provider has left there (Facebook's #_=_), also where there is
// nothing to append.
func landing(address string, more []pair) string {
	address, fragment, _ := strings.Cut(address, "#")
	address, query, _ := strings.Cut(address, "?")
	if _, rest, full := strings.Cut(address, "://"); full && !strings.Contains(rest, "/") {
		address += "/"
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if part != "" && !named(more, decoded(name)) {
			kept = append(kept, part)
		}
	}
	for _, p := range more {
		kept = append(kept, p.name+"="+url.QueryEscape(p.value))
	}
	if kept != nil {
		address += "?" + strings.Join(kept, "&")
	}
	return address + "#" + fragment
}

func named(list []pair, name string) bool {
	for _, p := range list {
		if p.name == name {
			return true
		}
	}
	return false
}
