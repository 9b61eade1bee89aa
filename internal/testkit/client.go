package testkit

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Header is a header of a request: name and value.
type Header [2]string

// Reply is an answer, read to its end.
type Reply struct {
	T      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// Get returns a member of the JSON body by its path, such as "targets.0.identifier"; nil if there is none.
func (r *Reply) Get(path string) any {
	var value any
	if json.Unmarshal(r.Body, &value) != nil {
		return nil
	}
	for _, key := range strings.Split(path, ".") {
		switch node := value.(type) {
		case map[string]any:
			value = node[key]
		case []any:
			i := 0
			for _, c := range key {
				i = i*10 + int(c-'0')
			}
			if i < 0 || i >= len(node) {
				return nil
			}
			value = node[i]
		default:
			return nil
		}
	}
	return value
}

// Text returns a member that is text.
func (r *Reply) Text(path string) string {
	text, _ := r.Get(path).(string)
	return text
}

// Want fails the test unless the answer has a status and, for an error, a type.
func (r *Reply) Want(status int, kind ...string) *Reply {
	r.T.Helper()
	if r.Status != status || len(kind) > 0 && r.Text("type") != kind[0] {
		r.T.Fatalf("got %d %s, want %d %v\n%s", r.Status, r.Text("type"), status, kind, r.Body)
	}
	return r
}

// Cookie returns the value of a cookie that the answer sets; empty for none.
func (r *Reply) Cookie(name string) string {
	for _, line := range r.Header.Values("Set-Cookie") {
		if value, is := strings.CutPrefix(line, name+"="); is {
			value, _, _ = strings.Cut(value, ";")
			return strings.ReplaceAll(value, "%3D", "=")
		}
	}
	return ""
}

// Session returns the encoded session that the answer's cookie carries.
func (r *Reply) Session() string { return r.Cookie("a_session_" + Demo) }

// Call sends a request to the demo project. A body of nil sends none; a string goes as it is, anything else
// as JSON. Headers come after the usual ones; one with an empty value removes.
func (s *Server) Call(t testing.TB, route string, body any, headers ...Header) *Reply {
	t.Helper()
	r := s.request(t, route, body, headers)
	response, err := s.http.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	s.spec.check(t, r, response, text)
	return &Reply{T: t, Status: response.StatusCode, Header: response.Header, Body: text}
}

// request builds a request from "METHOD /path".
func (s *Server) request(t testing.TB, route string, body any, headers []Header) *http.Request {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, s.URL+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Appwrite-Project", Demo)
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		r.Header.Del(h[0])
		if h[1] != "" {
			r.Header.Set(h[0], h[1])
		}
	}
	return r
}

// As carries a session the way a browser does.
func As(session string) Header { return Header{"Cookie", "a_session_" + Demo + "=" + session} }

// Map is a JSON object.
type Map = map[string]any

// Password is the password of every user that SignUp makes.
const Password = "correct horse 1"

// SignUp makes a user with an address and returns their id.
func (s *Server) SignUp(t testing.TB, email string) string {
	t.Helper()
	return s.Call(t, "POST /v1/account", Map{"userId": "unique()", "email": email, "password": Password, "name": "Walter"}, s.From(email)).Want(201).Text("$id")
}

// SignIn signs a user in and returns the encoded session.
func (s *Server) SignIn(t testing.TB, email string) string {
	t.Helper()
	return s.Call(t, "POST /v1/account/sessions/email", Map{"email": email, "password": Password}).Want(201).Session()
}

// Member makes a user and signs them in.
func (s *Server) Member(t testing.TB, email string) (id, session string) {
	t.Helper()
	id = s.SignUp(t, email)
	return id, s.SignIn(t, email)
}

// From spreads callers over addresses where the server believes the proxy header, so that a per-address limit
// is not what a test runs into.
func (s *Server) From(seed string) Header {
	sum := secret.HashToken(seed)
	return Header{"X-Forwarded-For", strings.Join([]string{"10", octet(sum[0]), octet(sum[1]), octet(sum[2])}, ".")}
}

func octet(b byte) string {
	text, _ := json.Marshal(int(b))
	return string(text)
}

// Key adds an API key to the demo project and returns its text.
func (s *Server) Key(t testing.TB, change func(*model.Key), scopes ...string) string {
	t.Helper()
	text := secret.NewKey(s.Random)
	now := model.At(s.Clock.Now())
	key := &model.Key{Project: Demo, ID: s.Random.ID(s.Clock.Now()), Name: "Server", CreatedAt: now, UpdatedAt: now, SecretHash: secret.HashToken(text), Scopes: scopes}
	if change != nil {
		change(key)
	}
	s.Write(t, func(tx *store.Tx) { tx.InsertKey(key) })
	return text
}

// Write changes the database behind the server's back.
func (s *Server) Write(t testing.TB, change func(*store.Tx)) {
	t.Helper()
	err := s.DB.Write(t.Context(), func(tx *store.Tx) error {
		change(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// AtOnce makes n calls at the same time and counts how they ended: the error types, and "ok" for a success.
func AtOnce(n int, call func(i int) *Reply) map[string]int {
	var (
		mu    sync.Mutex
		wait  sync.WaitGroup
		ends  = map[string]int{}
		start = make(chan struct{})
	)
	for i := range n {
		wait.Go(func() {
			<-start
			reply := call(i)
			kind := "ok"
			if reply.Status >= 400 {
				kind = reply.Text("type")
			}
			mu.Lock()
			ends[kind]++
			mu.Unlock()
		})
	}
	close(start)
	wait.Wait()
	return ends
}
