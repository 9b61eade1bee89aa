package mock

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const public = "http://localhost:8080"

// ask asks the provider and returns status, Location and body.
func ask(t *testing.T, method, path, form string, headers ...string) (int, string, string) {
	t.Helper()
	r := httptest.NewRequest(method, public+path, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler(public).ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, w.Header().Get("Location"), string(body)
}

func authorize(change func(url.Values)) string {
	q := url.Values{"client_id": {"1"}, "redirect_uri": {public + "/v1/account/sessions/oauth2/callback/mock/demo"}, "scope": {"email"}, "state": {"s"}}
	if change != nil {
		change(q)
	}
	return Path + "?" + q.Encode()
}

func TestProgramsAreSomebodyAtOnce(t *testing.T) {
	t.Parallel()
	status, to, _ := ask(t, http.MethodGet, authorize(nil), "")
	if status != http.StatusMovedPermanently || to != public+"/v1/account/sessions/oauth2/callback/mock/demo?code=abcdef&state=s" {
		t.Errorf("%d %s", status, to)
	}
	status, _, body := ask(t, http.MethodGet, authorize(nil), "", "Accept", "text/html")
	if status != http.StatusOK || !strings.Contains(body, "Who are you?") {
		t.Errorf("%d %s", status, body)
	}
}

func TestCodesGoToOurCallbackAlone(t *testing.T) {
	t.Parallel()
	for _, redirect := range []string{"https://evil.example/", public + ".evil.example/", public + "/v1/account/sessions/oauth2/callback/mockery/demo", public + "/"} {
		if status, to, _ := ask(t, http.MethodGet, authorize(func(q url.Values) { q.Set("redirect_uri", redirect) }), ""); status != http.StatusBadRequest || to != "" {
			t.Errorf("%s: %d %s", redirect, status, to)
		}
	}
}

func TestWhoeverIsPickedIsTold(t *testing.T) {
	t.Parallel()
	_, to, _ := ask(t, http.MethodPost, authorize(nil), "name=Grace&email=grace@example.test&verified=1")
	at, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	_, _, tokens := ask(t, http.MethodPost, Path+"/token", "client_id=1&client_secret=123456&code="+at.Query().Get("code"))
	if !strings.Contains(tokens, at.Query().Get("code")) {
		t.Errorf("%s", tokens)
	}
	_, _, who := ask(t, http.MethodGet, Path+"/user", "", "Authorization", "Bearer "+at.Query().Get("code"))
	if !strings.Contains(who, `"id":"mock-grace@example.test","name":"Grace","email":"grace@example.test","verified":true`) {
		t.Errorf("%s", who)
	}
	for form, want := range map[string]int{"client_id=1&client_secret=wrong&code=abcdef": 401, "client_id=1&client_secret=123456&code=other": 400,
		"client_id=1&client_secret=123456&grant_type=refresh_token&refresh_token=tuvwxyz": 200} {
		if status, _, _ := ask(t, http.MethodPost, Path+"/token", form); status != want {
			t.Errorf("%s: %d", form, status)
		}
	}
}
