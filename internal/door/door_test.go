package door_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/internal/door"
)

const token = "0123456789abcdef"

// knock sends a request through a door and returns the answer; behind it is a 418.
func knock(d *door.Door, method, target string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	d.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).ServeHTTP(w, r)
	return w
}

func with(headers ...string) func(*http.Request) {
	return func(r *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
}

func TestWithoutATokenOnlyThisMachineMayPass(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"http://localhost:8080/": 418, "http://127.0.0.1:8080/": 418, "http://[::1]:8080/": 418, "http://localhost/": 418,
		"http://rebound.example:8080/": 403, "http://192.168.1.9:8080/": 403, "http://localhost.evil.example/": 403, "http://0.0.0.0:8080/": 403,
	} {
		if got := knock(&door.Door{}, "GET", name, nil).Code; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "Forwarded"} {
		if got := knock(&door.Door{}, "GET", "http://localhost/", with(header, "203.0.113.9")).Code; got != http.StatusForbidden {
			t.Errorf("a request that came through a tunnel (%s): %d", header, got)
		}
	}
}

func TestWithATokenOnlyItsHolderMayPass(t *testing.T) {
	t.Parallel()
	d := &door.Door{Token: token}
	for name, test := range map[string]struct {
		target string
		change func(*http.Request)
		want   int
	}{
		"nothing":          {"http://localhost/", nil, 401},
		"header":           {"http://10.0.0.2/", with("Authorization", "Bearer "+token), 418},
		"a wrong header":   {"http://localhost/", with("Authorization", "Bearer "+token+"0"), 401},
		"an empty header":  {"http://localhost/", with("Authorization", "Bearer "), 401},
		"query":            {"http://10.0.0.2/?token=" + token, nil, 418},
		"a wrong query":    {"http://10.0.0.2/?token=x", nil, 401},
		"cookie":           {"http://10.0.0.2/", with("Cookie", "latchkey_dev="+token), 418},
		"a wrong cookie":   {"http://10.0.0.2/", with("Cookie", "latchkey_dev=x"), 401},
		"an empty cookie":  {"http://10.0.0.2/", with("Cookie", "latchkey_dev="), 401},
		"a page's visitor": {"http://10.0.0.2/", with("Accept", "text/html"), 401},
	} {
		if got := knock(d, "GET", test.target, test.change).Code; got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

func TestATokenMovesFromTheAddressIntoACookie(t *testing.T) {
	t.Parallel()
	d := &door.Door{Token: token}
	w := knock(d, "GET", "http://10.0.0.2//evil.example/x?a=1&token="+token, with("Accept", "text/html"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/evil.example/x?a=1" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Header().Get("Set-Cookie")
	for _, want := range []string{"latchkey_dev=" + token, "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	if got := knock(d, "GET", "http://10.0.0.2/?token=wrong", with("Accept", "text/html")); got.Code != 401 || !strings.Contains(got.Body.String(), "That is not the token") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

func TestOtherOriginsChangeNothing(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{
		"fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "another port": {"Sec-Fetch-Site", "same-site"}, "origin": {"Origin", "https://evil.example"}, "no origin": {"Origin", "null"},
	} {
		for _, method := range []string{"POST", "DELETE"} {
			if got := knock(&door.Door{}, method, "http://localhost/", with(headers...)).Code; got != http.StatusForbidden {
				t.Errorf("%s by %s: %d", method, name, got)
			}
		}
	}
	if got := knock(&door.Door{}, "POST", "http://localhost/", with("Sec-Fetch-Site", "same-origin", "Origin", "http://localhost")).Code; got != 418 {
		t.Errorf("the page itself: %d", got)
	}
	if got := knock(&door.Door{}, "DELETE", "http://localhost/", nil).Code; got != 418 {
		t.Errorf("a program: %d", got)
	}
}

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*httptest.ResponseRecorder{
		"let in":  knock(&door.Door{}, "GET", "http://localhost/", nil),
		"refused": knock(&door.Door{}, "GET", "http://evil.example/", nil),
		"asked":   knock(&door.Door{Token: token}, "GET", "http://localhost/", with("Accept", "text/html")),
	} {
		header := w.Header()
		if header.Get("Cache-Control") != "no-store" || header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Access-Control-Allow-Origin") != "" ||
			!strings.Contains(header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || strings.Contains(w.Body.String(), token) {
			t.Errorf("%s: %v %s", name, header, w.Body)
		}
	}
}
