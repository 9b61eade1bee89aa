package oauth

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRowsAreComplete(t *testing.T) {
	t.Parallel()
	for _, id := range IDs() {
		p := Find(id)
		if p.ID != id || p.Name == "" {
			t.Errorf("%s: no name", id)
		}
		if p.Refused != "" {
			continue
		}
		if len(p.Fields) < 2 || p.Fields[0].Secret() || secretAt(p) == 0 || p.Site == "" || p.UserID == "" {
			t.Errorf("%s: the row lacks settings, a site or a user id", id)
		}
		if p.Trust > TrustNever && p.Address == nil && p.hooks.decide == nil {
			t.Errorf("%s is trusted with addresses, and has no rule which", id)
		}
		names := []string{}
		for _, f := range p.Fields {
			if slices.Contains(names, f.Name) || f.About == "" && f.Name != p.Fields[0].Name {
				t.Errorf("%s: the setting %s is twice there or says nothing", id, f.Name)
			}
			names = append(names, f.Name)
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	_, p8 := testKeys()
	tests := []struct {
		provider, field string
		value           any
		fault           string // empty: fine
	}{
		{"github", "clientId", "Iv1.8a61f9b3a7aba766", ""},
		{"github", "clientId", 5, "must be a text"},
		{"github", "clientId", "a\nb", "control characters"},
		{"github", "clientSecret", strings.Repeat("x", 513), "at most 512"},
		{"gitlab", "endpoint", "https://git.example.com/x/", ""},
		{"gitlab", "endpoint", "git.example.com", ""},
		{"gitlab", "endpoint", "ftp://git.example.com", "host name or a full"},
		{"gitlab", "endpoint", "https://user@git.example.com", "host name or a full"},
		{"gitlab", "endpoint", "https://git.example.com/?a=b", "host name or a full"},
		{"gitlab", "endpoint", "https://git.example.com/{secret}", "host name or a full"},
		{"auth0", "trustEmail", "always", "one of claim, never"},
		{"google", "prompt", []any{"consent", "select_account"}, ""},
		{"google", "prompt", []any{"none", "consent"}, "beside none"},
		{"google", "prompt", []any{"login"}, "some of none, consent"},
		{"oidc", "maxAge", 0, ""},
		{"oidc", "maxAge", float64(600), ""},
		{"oidc", "maxAge", -1, "whole number"},
		{"oidc", "maxAge", 1.5, "whole number"},
		{"oidc", "wellKnownURL", "op.example.com", "full http"},
		{"keycloak", "realmName", "a/b", "letters, digits"},
		{"keycloak", "realmName", "..", "letters, digits"},
		{"apple", "p8File", p8, ""},
		{"apple", "p8File", "AuthKey_ABC.p8", ".p8 file"},
		{"zoho", "endpoint", "https://accounts.evil.example", "one of https://accounts.zoho.com"},
	}
	for _, test := range tests {
		f, known := Find(test.provider).Field(test.field)
		err := f.Check(test.value)
		if !known || (err != nil) != (test.fault != "") || err != nil && !strings.Contains(err.Error(), test.fault) {
			t.Errorf("%s.%s = %v: %v, want %q", test.provider, test.field, test.value, err, test.fault)
		}
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	t.Parallel()
	c := NewClient(http.DefaultClient, time.Now)
	_, p8 := testKeys()
	tests := []struct {
		provider string
		shown    map[string]any
		secrets  map[string]string
		missing  string
	}{
		{"github", map[string]any{"clientId": "1"}, map[string]string{"clientSecret": "2"}, ""},
		{"github", map[string]any{"clientId": "1"}, nil, "clientSecret"},
		{"github", nil, map[string]string{"clientSecret": "2"}, "clientId"},
		{"auth0", map[string]any{"clientId": "1"}, map[string]string{"clientSecret": "2"}, "endpoint"},
		{"keycloak", map[string]any{"clientId": "1", "endpoint": "a.example"}, map[string]string{"clientSecret": "2"}, "realmName"},
		{"apple", map[string]any{"serviceId": "1", "keyId": "2"}, map[string]string{"p8File": p8}, "teamId"},
		{"oidc", map[string]any{"clientId": "1", "authorizationURL": "https://a.example", "tokenURL": "https://a.example"}, map[string]string{"clientSecret": "2"}, "userInfoURL"},
	}
	for _, test := range tests {
		_, err := c.Configure(Find(test.provider), test.shown, test.secrets)
		if errors.Is(err, ErrIncomplete) != (test.missing != "") || err != nil && !strings.Contains(err.Error(), test.missing) {
			t.Errorf("%s: %v, want %q missing", test.provider, err, test.missing)
		}
	}
	for provider, shown := range map[string]map[string]any{
		"microsoft": {"applicationId": "1", "tenant": "contoso.onmicrosoft.com"},
		"oidc":      {"clientId": "1", "wellKnownURL": "https://op.example.com/"},
	} {
		p := Find(provider)
		if _, err := c.Configure(p, shown, map[string]string{p.Fields[1].Name: "2"}); err == nil || errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: %v", provider, err)
		}
		if err := p.CheckShown(shown); err == nil {
			t.Errorf("%s: nobody notices", provider)
		}
	}
}

// TestNothingSentIsToldAgain lets a provider echo what it was sent into its error.
func TestNothingSentIsToldAgain(t *testing.T) {
	t.Parallel()
	echo := tripper(func(r *http.Request) (*http.Response, error) {
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		return respond(400, "application/json", mustJSON(map[string]any{"error": "invalid_grant", "error_description": "you sent " + r.PostForm.Encode()})), nil
	})
	c := NewClient(&http.Client{Transport: echo}, time.Now)
	a, err := c.Configure(Find("github"), map[string]any{"clientId": "1"}, map[string]string{"clientSecret": "canary-secret"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = a.Exchange(t.Context(), &Login{Verifier: "canary-verifier"}, "canary-code", Extras{})
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Status != 400 || !strings.Contains(refusal.Text, "invalid_grant") || strings.Contains(refusal.Text, "canary") {
		t.Errorf("%v", err)
	}
	if _, err := a.Refresh(t.Context(), "canary-refresh"); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
}

type tripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
