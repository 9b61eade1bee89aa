package oauth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// endpoints is where one app's provider is spoken to.
type endpoints struct {
	authorize string
	token     string
	userInfo  string
	issuer    string // whose id tokens are expected; empty: none are looked at
	post      bool   // the token endpoint wants id and secret in the body, not as Basic
	saysIss   bool   // the callback must name the issuer (RFC 9207)
}

// discovery is a provider's document about itself (OpenID Connect Discovery, 3), kept for a while.
type discovery struct {
	Issuer      string   `json:"issuer"`
	Authorize   string   `json:"authorization_endpoint"`
	Token       string   `json:"token_endpoint"`
	UserInfo    string   `json:"userinfo_endpoint"`
	Keys        string   `json:"jwks_uri"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	SaysIss     bool     `json:"authorization_response_iss_parameter_supported"`

	until time.Time
}

const (
	discoveryKept = time.Hour
	mostCached    = 1000 // documents and key sets; anybody's project can name a new one
	wellKnown     = "/.well-known/openid-configuration"
)

// endpoints works out where to go. Only where the settings leave something open is the issuer asked.
func (a *App) endpoints(ctx context.Context) (endpoints, error) {
	at := endpoints{
		authorize: a.expand(a.Authorize, nil), token: a.expand(a.Token, nil), userInfo: a.UserInfo, issuer: a.expand(a.Issuer, nil),
		post: a.Client != ClientByOffer,
	}
	if !a.Discover {
		return at, nil
	}
	at.userInfo = a.expand(a.UserInfo, nil)
	document := a.values["wellKnownURL"]
	if document == "" {
		return at, nil
	}
	found, err := a.client.discover(ctx, document)
	if err != nil {
		return at, a.failed("the discovery document", err)
	}
	// The document must speak for the place it was read from, or one server could name another's keys.
	if strings.TrimSuffix(found.Issuer, "/") != strings.TrimSuffix(document, wellKnown) {
		return at, a.failed("the discovery document", errors.New("its issuer is another one than its address says"))
	}
	at.issuer, at.saysIss = found.Issuer, found.SaysIss
	at.authorize, at.token, at.userInfo = or(at.authorize, found.Authorize), or(at.token, found.Token), or(at.userInfo, found.UserInfo)
	at.post = len(found.AuthMethods) > 0 && !slices.Contains(found.AuthMethods, "client_secret_basic")
	for _, address := range []string{at.authorize, at.token, at.userInfo} {
		if checkURL(address) != nil {
			return at, a.failed("the discovery document", errors.New("an endpoint is missing"))
		}
	}
	return at, nil
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// discover reads a document, or takes the copy of the last hour.
func (c *Client) discover(ctx context.Context, address string) (discovery, error) {
	now := c.clock()
	c.mu.Lock()
	kept, found := c.discovered[address]
	c.mu.Unlock()
	if found && now.Before(kept.until) {
		return kept, nil
	}
	var fresh discovery
	if err := c.getJSON(ctx, address, &fresh); err != nil {
		return discovery{}, err
	}
	fresh.until = now.Add(discoveryKept)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.discovered) >= mostCached {
		clear(c.discovered)
	}
	c.discovered[address] = fresh
	return fresh, nil
}

// getJSON reads a public document.
func (c *Client) getJSON(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	answer, err := c.send(request)
	if err != nil {
		return err
	}
	if answer.status != http.StatusOK {
		return &Refusal{Status: answer.status, Text: "it answered " + http.StatusText(answer.status)}
	}
	return answer.decode(into)
}
