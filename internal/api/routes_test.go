package api_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"latchkey/internal/testkit"
)

func TestWhatIsNoRoute(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	for _, route := range []string{
		"GET /", "GET /v1", "GET /v1/", "GET /v1/accounts", "GET /v1/Account", "GET /V1/account", "GET /account", "GET /v2/account", "GET /v1/acc%6Funt",
		"GET /v1/account/sessions/a/b", "GET /v1/account%2Fsessions", "GET /v1/./account", "GET /v1/x/../account", "GET /v1/account;x=1",
		"GET /v1/account.json", "GET /*", "GET /v1/{sessionId}", "POST /v1/account/name", "PUT /v1/account", "POST /v1/account/sessions/email/x", "HEAD /v1/nothing",
		"HEAD /v1/account/sessions/email", "PROPFIND /v1/account", "TRACE /v1/account", "get /v1/account", "INVENTED /v1/account", "GET /" + strings.Repeat("a/", 5000),
		"GET /v1/\u00e9", "GET /v1/%F0%9F%94%91", "PATCH /v1/ping", "POST /v1/health",
		"DELETE /v1/account/", "DELETE /v1/account/sessions/", "DELETE /v1/account/sessions//", "DELETE /v1//account/sessions/", "DELETE /v1/account/sessions/?x=1",
	} {
		_, session := person(t, s, nil)
		reply := ask(t, s.URL, route, "", testkit.As(session))
		if kind := reply.Text("type"); reply.Status != 404 || kind != "general_route_not_found" && !strings.HasPrefix(route, "HEAD") {
			t.Errorf("%.60s: %d %s", route, reply.Status, reply.Body)
		}
		ask(t, s.URL, whoAmI, "", testkit.As(session)).Want(200)
		ask(t, s.URL, "GET /v1/account/sessions", "", testkit.As(session)).Want(200)
	}
}

func TestEmptySegmentsAreDropped(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, session := person(t, s, nil)
	for _, route := range []string{"GET /v1/account/", "GET //v1/account", "GET /v1//account///", "GET /v1/account//sessions/current/", "GET /v1/account/?x=1", "HEAD /v1//account/",
		"PATCH /v1/account/name/", "DELETE /v1//account//sessions//current"} {
		body := ""
		if strings.HasPrefix(route, "PATCH") {
			body = `{"name":"Walter"}`
		}
		if reply := ask(t, s.URL, route, body, testkit.As(session)); reply.Status >= 300 {
			t.Errorf("%s: %d %s", route, reply.Status, reply.Body)
		}
	}
	ask(t, s.URL, whoAmI, "", testkit.As(session)).Want(401)
}

func TestHeadIsGetWithoutItsBody(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, session := person(t, s, nil)
	for _, route := range []string{"/v1/account", "/v1/account/prefs", "/v1/ping", "/v1/health/version", "/v1/locale", "/v1/account/sessions/current"} {
		for _, list := range [][]header{nil, headers(testkit.As(session))} {
			get, head := ask(t, s.URL, "GET "+route, "", list...), ask(t, s.URL, "HEAD "+route, "", list...)
			if head.Status != get.Status || len(head.Body) > 0 {
				t.Errorf("HEAD %s: %d %q", route, head.Status, head.Body)
			}
			for _, name := range []string{"Content-Type", "Content-Length", "Cache-Control"} {
				if head.Header.Get(name) != get.Header.Get(name) {
					t.Errorf("HEAD %s: %s is %q, of GET %q", route, name, head.Header.Get(name), get.Header.Get(name))
				}
			}
		}
	}
}

func TestAnAnswerWithoutContentHasNoType(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, session := person(t, s, nil)
	reply := ask(t, s.URL, "DELETE /v1/account/sessions/current", "{}", testkit.As(session)).Want(204)
	if len(reply.Body) > 0 || reply.Header.Get("Content-Type") != "" || reply.Header.Get("Content-Length") != "" {
		t.Errorf("%v %q", reply.Header, reply.Body)
	}
}

// TestRequestsThatNoClientSends writes to the socket what an HTTP library would not.
func TestRequestsThatNoClientSends(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	const host = "Host: localhost\r\nConnection: close\r\n"
	for _, c := range []struct{ name, request, want string }{
		{"a full address", "GET http://localhost/v1/ping HTTP/1.1\r\n" + host + "X-Appwrite-Project: demo\r\n\r\n", "200"},
		{"a tunnel", "CONNECT localhost:1 HTTP/1.1\r\n" + host + "\r\n", "404"},
		{"no host", "GET /v1/ping HTTP/1.0\r\nX-Appwrite-Project: demo\r\n\r\n", "200"},
		{"a host that is none", "GET /v1/ping HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", "400"},
		{"a broken escape", "GET /v1/%zz HTTP/1.1\r\n" + host + "\r\n", "400"},
		{"a body that ends early", "POST /v1/account HTTP/1.1\r\n" + host + "X-Appwrite-Project: demo\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
		{"two lengths", "POST /v1/account HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "400"},
		{"a project twice", "GET /v1/ping HTTP/1.1\r\n" + host + "X-Appwrite-Project: demo\r\nX-Appwrite-Project: nowhere\r\n\r\n", "200"},
		{"two content types", "POST /v1/account HTTP/1.1\r\n" + host + "X-Appwrite-Project: demo\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", "400"},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(conn, c.request); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(line, " "+c.want+" ") {
			t.Errorf("%s: %q %v", c.name, line, err)
		}
		conn.Close()
	}
}
