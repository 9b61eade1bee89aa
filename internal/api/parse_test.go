package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/admin"
	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// FuzzBody reads bodies of every kind. Whatever comes out can be stored, and a body that gave nothing and was
// refused says why.
func FuzzBody(f *testing.F) {
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=X", "text/plain", "", ";;="} {
		for _, body := range []string{
			"", "{}", "[]", "null", `{"a":"b","a":["c"],"d":{"e":[]}}`, `{"a":"\u0000\ud800"}`, "{\"a\":\"\xff\"}", `{"a":1}{}`, strings.Repeat("[", 100),
			"a=b&a[]=c&a[1]=d&a[k]=e&[0]=f&a[=g&=h&%zz", "a=%00&b=%ff&c;d", "a[99999999999999999999]=x&a[-1]=y",
			"--X\r\nContent-Disposition: form-data; name=\"a[]\"\r\n\r\nb\r\n--X--\r\n", "--X\r\n\r\n--X--", "--X--",
		} {
			f.Add(kind, body)
		}
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		c := &Call{HTTP: &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {kind}}}}
		c.parseBody([]byte(body))
		if c.bodyBroken && (c.bodyHint == "" || len(c.params) > 0) {
			t.Errorf("refused with %d parameters: %q", len(c.params), c.bodyHint)
		}
		for _, r := range c.params {
			wantStorable(t, r)
		}
	})
}

// FuzzQuery reads query strings. The elements of a list come in the order of their indexes, all of them.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{"", "a=1&b=2", "queries[0]=x&queries[10]=z&queries[2]=y", "a[]=1&a[]=2&a=3", "a%5B0%5D=1", "a[b][c]=1", "a[=1", "[]=1", "a]=1", "a[0]x=1", "%zz=1", "a=%ff", "a;b=1;2&c=100%&%"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values := parseQuery(query)
		params := fold(values)
		texts := 0
		for name, r := range params {
			if r.list != bracketed(values, name) {
				t.Errorf("%q: %+v", name, r)
			}
			texts += len(r.texts)
			wantStorable(t, r)
		}
		sent := 0
		for _, list := range values {
			sent += len(list)
		}
		if texts > sent {
			t.Errorf("%d texts were sent and %d found", sent, texts)
		}
		last := -1
		for _, name := range sortedBrackets(values) {
			if i := bracketIndex(name); i >= 0 {
				if i < last {
					t.Errorf("%q comes after index %d", name, last)
				}
				last = i
			}
		}
	})
}

// Nothing of a query string is dropped, however it is written: a list that was to be narrowed would come whole.
func TestAQueryStringIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]url.Values{
		"search=a;b&total=true":           {"search": {"a;b"}, "total": {"true"}},
		"search=100%&total=true":          {"search": {"100%"}, "total": {"true"}},
		"search=%zz+%C3%A9+50%;%4&&a=%41": {"search": {"%zz é 50%;%4"}, "a": {"A"}},
		"%=1&b":                           {"%": {"1"}, "b": {""}},
		"a=1&a=2%":                        {"a": {"1", "2%"}},
	} {
		if diff := cmp.Diff(want, parseQuery(query)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	c := &Call{HTTP: &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}}
	c.parseBody([]byte("name=a;b&password=c%3Bd"))
	if c.bodyBroken || c.text("name") != "a;b" || c.text("password") != "c;d" {
		t.Errorf("%+v %s", c.params, c.bodyHint)
	}
}

// bracketed says whether a name was sent with brackets.
func bracketed(values url.Values, name string) bool {
	for other := range values {
		if base, _, found := strings.Cut(other, "["); found && base == name && name != "" && strings.HasSuffix(other, "]") {
			return true
		}
	}
	return false
}

// wantStorable reads a value in every way. Text must be what a database can hold, an object what JSON is.
func wantStorable(t *testing.T, r raw) {
	t.Helper()
	check := func(text string) {
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			t.Errorf("%q cannot be stored", text)
		}
	}
	if text, err := r.text(); err == nil {
		check(text)
	}
	if list, err := r.strings(); err == nil {
		for _, text := range list {
			check(text)
		}
	}
	_, _ = r.boolean()
	_, _ = r.integer()
	if !json.Valid(r.document()) {
		t.Errorf("%s is no JSON", r.document())
	}
}

// FuzzSession reads sessions from cookies, headers and the fallback, and sends what it found again: nothing of
// the client's spelling may come along.
func FuzzSession(f *testing.F) {
	good := secret.EncodeSession("walter", strings.Repeat("a", 256))
	for _, value := range []string{good, strings.ReplaceAll(good, "=", "%3D"), good[:9] + "%0D%0A" + good[9:], "deleted", "%zz", `"` + good + `"`, ""} {
		f.Add("a_session_demo="+value, "", "")
		f.Add("x=y; a_session_demo_legacy="+value+"; a_session_demo=", value, "[]")
		f.Add("", value, "")
		f.Add("", "", `{"a_session_demo":"`+value+`"}`)
	}
	f.Add("", "", `{"a_session_demo":["x"]}`)
	f.Fuzz(func(t *testing.T, cookies, header, fallback string) {
		w := httptest.NewRecorder()
		c := &Call{HTTP: &http.Request{Header: http.Header{"Cookie": {cookies}, "X-Appwrite-Session": {header}, "X-Fallback-Cookies": {fallback}}}, w: w,
			Project: &admin.Project{Project: model.Project{ID: "demo"}}, server: &Server{}}
		text, _ := c.sessionText("demo")
		id, value, ok := secret.DecodeSession(text)
		c.RenewSession(1000)
		sent := w.Header().Values("Set-Cookie")
		if ok != (len(sent) == 2) {
			t.Fatalf("%q gave the cookies %q", text, sent)
		}
		if !ok || strings.ContainsAny(id+value, "\"\\") || !plainASCII(id+value) {
			return // no session of ours: ids are letters, secrets are hex
		}
		for _, line := range append(sent, w.Header().Get("X-Fallback-Cookies")) {
			if !plainASCII(line) {
				t.Errorf("%q", line)
			}
		}
		var stored map[string]string
		if err := json.Unmarshal([]byte(w.Header().Get("X-Fallback-Cookies")), &stored); err != nil {
			t.Fatal(err)
		}
		if gotID, gotValue, _ := secret.DecodeSession(stored["a_session_demo"]); gotID != id || gotValue != value {
			t.Errorf("%q %q became %q %q", id, value, gotID, gotValue)
		}
	})
}

// plainASCII says whether a text has nothing but printable ASCII.
func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
