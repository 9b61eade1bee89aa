package oauth

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// NewVerifier makes the secret of a PKCE exchange.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// WantedScopes joins the provider's own scopes with the caller's, without doubles. Some providers take none.
func (a *App) WantedScopes(asked []string) []string {
	scopes := slices.Clone(a.Scopes)
	if a.FixedScopes {
		return scopes
	}
	for _, scope := range asked {
		if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// AuthorizationURL returns where to send somebody (RFC 6749, 4.1.1). The provider's discovery document may have
// to be asked for; a provider that cannot be reached is an error.
func (a *App) AuthorizationURL(ctx context.Context, l *Login) (string, error) {
	at, err := a.endpoints(ctx)
	if err != nil {
		return "", err
	}
	q := url.Values{}
	q.Set("response_type", "code")
	q.Set(a.clientParam(), a.clientID)
	q.Set("state", l.State)
	if !a.NoRedirect {
		q.Set("redirect_uri", l.RedirectURI)
	}
	if len(l.Scopes) > 0 {
		q.Set("scope", strings.Join(l.Scopes, a.separator()))
	}
	if a.PKCE {
		q.Set("code_challenge", oauth2.S256ChallengeFromVerifier(l.Verifier))
		q.Set("code_challenge_method", "S256")
	}
	if at.issuer != "" {
		q.Set("nonce", l.Nonce)
	}
	for name, value := range a.Params {
		q.Set(name, value)
	}
	if a.Prompt && len(a.prompt) > 0 {
		q.Set("prompt", strings.Join(a.prompt, " "))
	}
	for _, extra := range [][2]string{{"max_age", "maxAge"}, {"tenantId", "tenantId"}} {
		if value := a.values[extra[1]]; value != "" {
			q.Set(extra[0], value)
		}
	}
	return withQuery(at.authorize, q), nil
}

// withQuery appends parameters to a URL that may have some.
func withQuery(at string, q url.Values) string {
	join := "?"
	if strings.Contains(at, "?") {
		join = "&"
	}
	return at + join + q.Encode()
}

func (a *App) clientParam() string {
	if a.ClientParam != "" {
		return a.ClientParam
	}
	return "client_id"
}

func (a *App) separator() string {
	if a.Separator != "" {
		return a.Separator
	}
	return " "
}
