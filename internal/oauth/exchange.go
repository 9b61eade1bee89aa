package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// Refusal is a provider that said no, or that did not answer as it should. Text is for the developer: it may hold
// what the provider wrote, never what we sent.
type Refusal struct {
	Status    int // the provider's status; 0: no answer
	Text      string
	AtProfile bool // the tokens were given; it was the profile that could not be had
}

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// ErrNoUserID answers a profile without an id.
var ErrNoUserID = errors.New("oauth: the provider returned no user id")

// Exchange turns a code into tokens (RFC 6749, 4.1.3) and finds out who they belong to. An error is a *Refusal or
// ErrNoUserID.
func (a *App) Exchange(ctx context.Context, l *Login, code string, extras Extras) (*Tokens, *Profile, error) {
	at, err := a.endpoints(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := a.checkIssuer(at, extras.Issuer); err != nil {
		return nil, nil, err
	}
	if a.hooks.tokenURL != nil {
		if at.token, err = a.hooks.tokenURL(a, extras); err != nil {
			return nil, nil, err
		}
	}
	form := map[string]string{"grant_type": "authorization_code", "code": code}
	if !a.NoRedirect && !a.OnceRedirect {
		form["redirect_uri"] = l.RedirectURI
	}
	if a.PKCE {
		form["code_verifier"] = l.Verifier
	}
	tokens, err := a.askTokens(ctx, at, at.token, form)
	if err != nil {
		return nil, nil, a.without(err, code, l.Verifier)
	}
	profile, err := a.profile(ctx, at, l, tokens, extras)
	if err != nil {
		err = a.without(err, tokens.Access, tokens.Refresh, tokens.ID)
		var refusal *Refusal
		if errors.As(err, &refusal) {
			refusal.AtProfile = true // a copy of our own, made by without
		}
		return nil, nil, err
	}
	return tokens, profile, nil
}

// checkIssuer refuses a callback that another server has sent (RFC 9207): a code of theirs must not be handed on.
func (a *App) checkIssuer(at endpoints, named string) error {
	if named == "" && !at.saysIss || at.issuer == "" && named == "" {
		return nil
	}
	if at.issuer == "" || named == at.issuer {
		return nil // nothing to compare with, or the right one
	}
	if a.hooks.issuer != nil && named != "" {
		return nil // the issuer of such a provider is known by its id token alone, which is checked there
	}
	return &Refusal{Text: a.Name + " is not who sent this answer: the issuer is another one."}
}

// Refresh asks for new tokens (RFC 6749, 6). Without a new refresh token the old one stays good. An error is a
// *Refusal.
func (a *App) Refresh(ctx context.Context, refresh string) (*Tokens, error) {
	at, err := a.endpoints(ctx)
	if err != nil {
		return nil, err
	}
	address := at.token
	if a.RefreshAt != "" {
		address = a.expand(a.RefreshAt, nil)
	} else if a.hooks.tokenURL != nil {
		if address, err = a.hooks.tokenURL(a, Extras{}); err != nil {
			return nil, err
		}
	}
	form := map[string]string{"refresh_token": refresh}
	if a.RefreshAt == "" {
		form["grant_type"] = "refresh_token"
	}
	tokens, err := a.askTokens(ctx, at, address, form)
	if err != nil {
		return nil, a.without(err, refresh)
	}
	tokens.Refresh = or(tokens.Refresh, refresh)
	return tokens, nil
}

// askTokens sends a token request and reads its answer, which may be JSON or a form.
func (a *App) askTokens(ctx context.Context, at endpoints, address string, form map[string]string) (*Tokens, error) {
	request, err := a.tokenRequest(ctx, at, address, form)
	if err != nil {
		return nil, err
	}
	answer, err := a.client.send(request)
	if err != nil {
		return nil, a.failed("the token request", err)
	}
	body, err := answer.object()
	if answer.status >= 400 || err == nil && refused(body) {
		return nil, a.said(answer.status, "the token request", body)
	}
	if err != nil {
		return nil, a.failed("the token request", err)
	}
	t := &Tokens{Access: body.text("access_token"), Refresh: body.text("refresh_token"), ID: body.text("id_token"), answer: body}
	if t.Access == "" {
		return nil, a.said(answer.status, "the token request", body)
	}
	if seconds, err := strconv.ParseInt(or(body.text("expires_in"), body.text("expires_in_sec")), 10, 64); err == nil && seconds > 0 && seconds < 1<<40 {
		t.Expires = seconds
	}
	return t, nil
}

// tokenRequest makes the request as the provider's row wants it.
func (a *App) tokenRequest(ctx context.Context, at endpoints, address string, form map[string]string) (*http.Request, error) {
	secret := a.secret
	if a.hooks.secret != nil {
		var err error
		if secret, err = a.hooks.secret(a); err != nil {
			return nil, err
		}
	}
	way := a.Client
	if way == ClientByOffer {
		way = ClientBasic
		if at.post {
			way = ClientInBody
		}
	}
	if way != ClientBasic && way != ClientSecret {
		form[a.clientParam()] = a.clientID
	}
	if way == ClientInBody || way == ClientSecret {
		form["client_secret"] = secret
	}
	body, kind := a.tokenBody(form)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return nil, a.failed("the token request", err)
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Accept", "application/json")
	if way == ClientBasic || way == ClientBoth {
		request.SetBasicAuth(url.QueryEscape(a.clientID), url.QueryEscape(secret))
	}
	for name, value := range a.TokenHeaders {
		request.Header.Set(name, value)
	}
	return request, nil
}

// tokenBody writes the parameters of a token request.
func (a *App) tokenBody(form map[string]string) (body, kind string) {
	if a.TokenJSON {
		text, err := json.Marshal(form)
		if err != nil {
			panic("oauth: " + err.Error()) // texts can always be written
		}
		return string(text), "application/json"
	}
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	return values.Encode(), "application/x-www-form-urlencoded"
}

// answer is what came back, read to its end.
type answer struct {
	status int
	kind   string
	body   []byte
}

// send sends a request within the limits on time and size.
func (c *Client) send(request *http.Request) (*answer, error) {
	ctx, cancel := context.WithTimeout(request.Context(), answerWithin)
	defer cancel()
	request.Header.Set("User-Agent", "Latchkey")
	response, err := c.http.Do(request.WithContext(ctx))
	if err != nil {
		var inner *url.Error
		if errors.As(err, &inner) {
			err = inner.Err // without the address, whose query may hold a secret
		}
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, errors.New("the answer is larger than 1 MiB")
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return &answer{response.StatusCode, kind, body}, nil
}

// decode reads JSON.
func (r *answer) decode(into any) error {
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return errors.New("the answer is no JSON of the expected form")
	}
	return nil
}

// object reads a JSON object or, as old providers answer, a form.
func (r *answer) object() (object, error) {
	var o object
	err := r.decode(&o)
	if err == nil && o != nil {
		return o, nil
	}
	form, formErr := url.ParseQuery(string(bytes.TrimSpace(r.body)))
	if formErr == nil && (form.Has("access_token") || form.Has("error")) {
		o = object{}
		for name := range form {
			o[name] = form.Get(name)
		}
		return o, nil
	}
	return nil, errors.New("the answer is no JSON object")
}

// refused says whether an answer of whatever status is an error: some providers send errors with a 200.
func refused(body object) bool {
	return body.at("ok") == false || body.text("error") != "" || body.text("error.message") != "" || body.text("error.code") != "" && body.text("error.code") != "ok"
}

// said makes a refusal of what a provider wrote.
func (a *App) said(status int, what string, body object) *Refusal {
	code := body.choose("error.code|error.status|error.type|error|errorCode|errors[0].errorType|code")
	text := body.choose("error_description|error.message|errorSummary|errors[0].message|message|reason")
	said := strings.TrimSpace(code + " " + text)
	if said == "" {
		said = "status " + strconv.Itoa(status)
		if status < 400 {
			said = "an answer without an access token"
		}
	}
	return &Refusal{Status: status, Text: fmt.Sprintf("%s refused %s: %s", a.Name, what, Printable(said))}
}

// failed makes a refusal of an answer that did not come or made no sense.
func (a *App) failed(what string, err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	text := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		text = "no answer in time"
	}
	return &Refusal{Text: fmt.Sprintf("%s: %s failed: %s", a.Name, what, Printable(text))}
}

// without takes out of a refusal what a provider may have echoed: the client's secret and what it was sent.
func (a *App) without(err error, secrets ...string) error {
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	clean := *refusal
	for _, one := range append(secrets, a.secret) {
		if len(one) > 3 {
			clean.Text = strings.ReplaceAll(clean.Text, one, "…")
		}
	}
	return &clean
}

const maxSaid = 300

// Printable cuts and cleans a text from outside for a log or a person.
func Printable(text string) string {
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == unicode.ReplacementChar {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > maxSaid {
		text = string(runes[:maxSaid]) + "…"
	}
	return text
}
