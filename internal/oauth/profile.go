package oauth

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
)

const (
	maxUID   = 2048
	maxEmail = 320
)

// profile finds out who the tokens belong to.
func (a *App) profile(ctx context.Context, at endpoints, l *Login, t *Tokens, extras Extras) (*Profile, error) {
	if at.issuer != "" {
		if t.ID == "" {
			return nil, &Refusal{Text: a.Name + " sent no id token."}
		}
		claims, err := a.verified(ctx, at, t.ID)
		if err != nil {
			return nil, &Refusal{Text: a.Name + ": the id token was refused: " + Printable(err.Error())}
		}
		// A nonce that is not ours is a code that somebody else's login was given (OpenID Connect Core, 3.1.3.7).
		if subtle.ConstantTimeCompare([]byte(claims.text("nonce")), []byte(l.Nonce)) != 1 {
			return nil, &Refusal{Text: a.Name + ": the id token was refused: its nonce is not of this login"}
		}
		t.claims = claims
	}
	info, err := a.info(ctx, at, t)
	if err != nil {
		return nil, err
	}
	return a.read(t.claims, info, extras)
}

// info reads what the provider says about the owner of the tokens.
func (a *App) info(ctx context.Context, at endpoints, t *Tokens) (object, error) {
	if a.InfoInAnswer {
		return t.answer, nil
	}
	if at.userInfo == "" {
		return t.claims, nil
	}
	holes := map[string]string{"access": t.Access}
	if a.hooks.holes != nil {
		for name, value := range a.hooks.holes(a, t) {
			holes[name] = value
		}
	}
	info, err := a.ask(ctx, at.userInfo, holes)
	if err != nil {
		return nil, err
	}
	// The answer must be about the same person as the id token (OpenID Connect Core, 5.3.2).
	if a.UserID == "sub" && t.claims != nil && info.text("sub") != t.claims.text("sub") {
		return nil, &Refusal{Text: a.Name + ": the profile is about somebody else than the id token."}
	}
	for name, template := range a.Also {
		more, err := a.ask(ctx, template, holes)
		if err != nil {
			return nil, err
		}
		if list, is := more["values"]; is && more[""] == true {
			info[name] = list
		} else {
			info[name] = map[string]any(more)
		}
	}
	return info, nil
}

// ask reads one document about a person. A list comes as the member `values`.
func (a *App) ask(ctx context.Context, template string, holes map[string]string) (object, error) {
	method := a.InfoMethod
	if method == "" {
		method = http.MethodGet
	}
	request, err := http.NewRequestWithContext(ctx, method, a.expand(template, holes), nil)
	if err != nil {
		return nil, a.failed("the profile request", err)
	}
	scheme := a.InfoScheme
	if scheme == "" {
		scheme = "Bearer"
	}
	if !strings.Contains(template, "{access}") { // once is enough
		request.Header.Set("Authorization", scheme+" "+holes["access"])
	}
	request.Header.Set("Accept", "application/json")
	raw := map[string]string{"raw": "yes"} // a header is no URL
	for name, value := range holes {
		raw[name] = value
	}
	for name, value := range a.InfoHeaders {
		request.Header.Set(name, a.expand(value, raw))
	}
	answer, err := a.client.send(request)
	if err != nil {
		return nil, a.failed("the profile request", err)
	}
	var list []any
	if answer.decode(&list) == nil && answer.status < 400 {
		return object{"values": list, "": true}, nil
	}
	body, err := answer.object()
	if answer.status >= 300 || err == nil && refused(body) {
		return nil, a.said(answer.status, "the profile request", body)
	}
	if err != nil {
		return nil, a.failed("the profile request", err)
	}
	return body, nil
}

// read maps a profile by the row's paths.
func (a *App) read(claims, info object, extras Extras) (*Profile, error) {
	p := &Profile{UID: info.choose(a.UserID), Name: info.choose(a.User)}
	if p.UID == "" {
		return nil, ErrNoUserID
	}
	if len(p.UID) > maxUID {
		return nil, a.failed("the profile", errors.New("the user id is too long"))
	}
	if a.hooks.decide != nil {
		p.Email, p.Verified = a.hooks.decide(claims, info)
	} else if a.Address != nil {
		p.Email, p.Verified = a.Address(info)
	}
	p.Email = strings.TrimSpace(p.Email)
	if len(p.Email) > maxEmail || Printable(p.Email) != p.Email {
		p.Email = ""
	}
	p.Verified = p.Verified && p.Email != ""
	if p.Name == "" && a.hooks.name != nil {
		p.Name = a.hooks.name(extras)
	}
	p.Name = cleanName(p.Name)
	return p, nil
}
