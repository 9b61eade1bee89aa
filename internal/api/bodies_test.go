package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/testkit"
)

const (
	jsonBody = "application/json"
	formBody = "application/x-www-form-urlencoded"
	partBody = "multipart/form-data; boundary=X"
)

// part writes a field of a multipart form whose boundary is X.
func part(disposition, value string) string {
	return "--X\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n"
}

func TestBodies(t *testing.T) {
	t.Parallel()
	url := extended(t, alone(t, testkit.Options{}), echoes()...)
	for _, c := range []struct{ name, route, kind, body, want string }{ // want: the members that differ from nothing, or the type of the refusal
		{"JSON", "POST /v1/echo", jsonBody, `{"text":"é","list":["a","b"],"flag":true,"count":-3,"prefs":{"b":1,"a":[]}}`, `text=é list=[a b] flag count=-3 prefs={"b":1,"a":[]}`},
		{"JSON with attributes", "POST /v1/echo", "Application/JSON; charset=utf-8", `{"text":"x"}`, "text=x"},
		{"JSON with broken attributes", "POST /v1/echo", "application/json; ;;=", `{"text":"x"}`, "text=x"},
		{"JSON in a DELETE", "DELETE /v1/echo", jsonBody, `{"text":"x"}`, "text=x"},
		{"JSON with blanks around", "POST /v1/echo", jsonBody, "\r\n\t {\"text\":\"x\"} \n", "text=x"},
		{"the query beside a body", "POST /v1/echo?text=q", jsonBody, `{}`, ""},
		{"the query without a body", "POST /v1/echo?text=q", "", "", ""},
		{"a body of a GET", "GET /v1/echo", jsonBody, `{"text":"x"}`, ""},
		{"no body", "POST /v1/echo", "", "", ""},
		{"an empty body of JSON", "POST /v1/asked", jsonBody, "", "general_argument_invalid"},
		{"only blanks", "POST /v1/echo", jsonBody, " \n", ""},
		{"an empty object", "POST /v1/echo", jsonBody, "{}", ""},
		{"a list", "POST /v1/echo", jsonBody, `[1,2]`, ""},
		{"a list where a text is wanted", "POST /v1/asked", jsonBody, `[1,2]`, "general_argument_invalid"},
		{"null", "POST /v1/echo", jsonBody, "null", ""},
		{"a number", "POST /v1/echo", jsonBody, "7", "general_argument_invalid"},
		{"a text", "POST /v1/echo", jsonBody, `"text"`, "general_argument_invalid"},
		{"cut short", "POST /v1/echo", jsonBody, `{"text":"x"`, "general_argument_invalid"},
		{"two objects", "POST /v1/echo", jsonBody, `{"text":"x"}{}`, "general_argument_invalid"},
		{"a comma too many", "POST /v1/echo", jsonBody, `{"text":"x",}`, "general_argument_invalid"},
		{"single quotes", "POST /v1/echo", jsonBody, `{'text':'x'}`, "general_argument_invalid"},
		{"a byte order mark", "POST /v1/echo", jsonBody, "\xef\xbb\xbf{}", "general_argument_invalid"},
		{"no UTF-8", "POST /v1/echo", jsonBody, "{\"text\":\"\xff\"}", "general_argument_invalid"},
		{"NUL in a text", "POST /v1/echo", jsonBody, `{"text":"a\u0000"}`, "general_argument_invalid"},
		{"NUL in a list", "POST /v1/echo", jsonBody, `{"list":["a\u0000"]}`, "general_argument_invalid"},
		{"NUL between", "POST /v1/echo", jsonBody, "{\"text\":\"a\"\x00}", "general_argument_invalid"},
		{"a lone surrogate", "POST /v1/echo", jsonBody, `{"text":"\ud800"}`, "text=\uFFFD"},
		{"a member twice", "POST /v1/echo", jsonBody, `{"text":"a","text":"b"}`, "text=b"},
		{"a name in other letters", "POST /v1/echo", jsonBody, `{"TEXT":"a","Text":"b"}`, ""},
		{"unknown members", "POST /v1/echo", jsonBody, `{"x":{"y":[1]},"text":"a","":0}`, "text=a"},
		{"nulls", "POST /v1/echo", jsonBody, `{"text":null,"list":null,"flag":null,"count":null,"prefs":null}`, ""},
		{"null for what must be there", "POST /v1/asked", jsonBody, `{"text":null}`, "general_argument_invalid"},
		{"a number for a text", "POST /v1/echo", jsonBody, `{"text":7}`, "general_argument_invalid"},
		{"a text for a list", "POST /v1/echo", jsonBody, `{"list":"a"}`, "general_argument_invalid"},
		{"numbers in a list", "POST /v1/echo", jsonBody, `{"list":["a",7]}`, "general_argument_invalid"},
		{"a number too large", "POST /v1/echo", jsonBody, `{"count":99999999999999999999}`, "general_argument_invalid"},
		{"a broken number", "POST /v1/echo", jsonBody, `{"count":1.5}`, "general_argument_invalid"},
		{"a list for an object", "POST /v1/echo", jsonBody, `{"prefs":[1]}`, "general_argument_invalid"},
		{"deep nesting", "POST /v1/echo", jsonBody, `{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, "general_argument_invalid"},
		{"deep objects", "POST /v1/echo", jsonBody, strings.Repeat(`{"a":`, 100_000), "general_argument_invalid"},
		{"a name of many letters", "POST /v1/echo", jsonBody, `{"` + strings.Repeat("n", 500_000) + `":1,"text":"x"}`, "text=x"},

		{"a form", "POST /v1/echo", formBody, "text=a+b%20c&list[]=x&list[]=y&flag=1&count=3", "text=a b c list=[x y] flag count=3"},
		{"brackets with numbers", "POST /v1/echo", formBody, "list[10]=c&list[2]=b&list[0]=a", "list=[a b c]"},
		{"brackets with names", "POST /v1/echo", formBody, "list[k]=c&list[1]=b&list[]=d", "list=[b d c]"},
		{"brackets, escaped", "POST /v1/echo", formBody, "list%5B0%5D=a", "list=[a]"},
		{"brackets and none", "POST /v1/echo", formBody, "list=z&list[0]=a", "list=[a]"},
		{"a list for a text", "POST /v1/echo", formBody, "text[]=a", "general_argument_invalid"},
		{"no list", "POST /v1/echo", formBody, "list=a", "general_argument_invalid"},
		{"brackets that do not close", "POST /v1/echo", formBody, "list[0=a&text=x", "text=x"},
		{"brackets without a name", "POST /v1/echo", formBody, "[0]=a&text=x", "text=x"},
		{"a name twice", "POST /v1/echo", formBody, "text=a&text=b", "text=b"},
		{"a broken escape", "POST /v1/echo", formBody, "text=%zz", "general_argument_invalid"},
		{"a form with no UTF-8", "POST /v1/echo", formBody, "text=%ff", "general_argument_invalid"},
		{"a form with NUL", "POST /v1/echo", formBody, "text=%00", "general_argument_invalid"},
		{"JSON said to be a form", "POST /v1/echo", formBody, `{"text":"x"}`, ""},
		{"a form said to be JSON", "POST /v1/echo", jsonBody, "text=x", "general_argument_invalid"},

		{"a multipart form", "POST /v1/echo", partBody, part(`name="text"`, "ü") + part(`name="list[]"`, "a") + part(`name="list[]"`, "b") + "--X--\r\n", "text=ü list=[a b]"},
		{"a file", "POST /v1/echo", partBody, part(`name="text"; filename="x"`, "f") + part(`name="list[]"`, "a") + "--X--\r\n", "list=[a]"},
		{"a multipart form cut short", "POST /v1/echo", partBody, part(`name="text"`, "x"), "general_argument_invalid"},
		{"another boundary", "POST /v1/echo", partBody, strings.ReplaceAll(part(`name="text"`, "x"), "--X", "--Y"), "general_argument_invalid"},
		{"no boundary", "POST /v1/echo", "multipart/form-data", part(`name="text"`, "x"), "general_argument_invalid"},
		{"very many parts", "POST /v1/echo", partBody, strings.Repeat(part(`name="text"`, ""), 15_000) + "--X--\r\n", "general_argument_invalid"},

		{"text", "POST /v1/echo", "text/plain", `{"text":"x"}`, ""},
		{"XML where a text is wanted", "POST /v1/asked", "text/xml", `<text/>`, "general_argument_invalid"},
		{"no content type where a text is wanted", "POST /v1/asked", "", `{"text":"x"}`, "general_argument_invalid"},
		{"a content type that is none", "POST /v1/echo", ";;", `{"text":"x"}`, ""},

		{"a query", "GET /v1/echo?text=a+b&list[0]=x&list[1]=y&flag=true&count=2", "", "", "text=a b list=[x y] flag count=2"},
		{"a query with no and with 0", "GET /v1/echo?flag=0&text=", "", "", ""},
		{"a truth that is none", "GET /v1/echo?flag=yes", "", "", "general_argument_invalid"},
		{"a query with a broken escape", "GET /v1/echo?text=%zz&count=2", "", "", "text=%zz count=2"},
		{"a query with a semicolon", "GET /v1/echo?text=a;count=2&flag=1", "", "", "text=a;count=2 flag"},
		{"a query with NUL", "GET /v1/echo?text=%00", "", "", "general_argument_invalid"},
		{"a query of many names", "GET /v1/echo?" + strings.Repeat("list[]=a&", 5_000) + "text=x", "", "", "text=x list=[" + strings.Repeat("a ", 4_999) + "a]"},
		{"a query of more names than net/url reads", "GET /v1/echo?" + strings.Repeat("list[]=a&", 20_000) + "text=x", "", "", "text=x list=[" + strings.Repeat("a ", 19_999) + "a]"},

		{"a path", "POST /v1/echo/a%2Fb%20c%25d+e", jsonBody, `{"id":"body","text":"x"}`, "id=a/b c%d+e text=x"},
		{"an escape in a path", "POST /v1/echo/a%2541", jsonBody, `{}`, "id=a%41"},
		{"an escape in a path beside a slash", "POST /v1/echo/a%2541%2F", jsonBody, `{}`, "id=a%41/"},
		{"a path with NUL", "POST /v1/echo/a%00", jsonBody, "{}", "general_argument_invalid"},
		{"a path with no UTF-8", "POST /v1/echo/a%ff", jsonBody, "{}", "general_argument_invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			reply := ask(t, url, c.route, c.body, header{"Content-Type", c.kind})
			if strings.HasPrefix(c.want, "general_") {
				reply.Want(400, c.want)
			} else if got := understood(reply.Want(200)); got != c.want {
				t.Errorf("understood %.200q, want %.200q", got, c.want)
			}
		})
	}
}

// understood writes what an echo understood, leaving out what is empty.
func understood(reply *testkit.Reply) string {
	var list []string
	add := func(name, value string) { list = append(list, name+value) }
	for _, name := range []string{"id", "text"} {
		if value := reply.Text(name); value != "" {
			add(name, "="+value)
		}
	}
	if items, _ := reply.Get("list").([]any); len(items) > 0 {
		var texts []string
		for _, item := range items {
			texts = append(texts, item.(string))
		}
		add("list", "=["+strings.Join(texts, " ")+"]")
	}
	if reply.Get("flag") == true {
		add("flag", "")
	}
	if count, _ := reply.Get("count").(float64); count != 0 {
		add("count", "="+text(reply.T, count))
	}
	if _, after, found := strings.Cut(string(reply.Body), `"prefs":`); found && !strings.HasPrefix(after, "{}") {
		add("prefs", "="+strings.TrimSuffix(after, "}"))
	}
	return strings.Join(list, " ")
}

func TestARefusalSaysWhatWasWrongWithTheBody(t *testing.T) {
	t.Parallel()
	url := extended(t, alone(t, testkit.Options{}), echoes()...)
	for _, c := range []struct{ kind, body, want string }{
		{jsonBody, "{", "The body is not valid JSON."},
		{jsonBody, "7", "The body must be a JSON object."},
		{jsonBody, "\"\xff\"", "The body is not valid UTF-8."},
		{jsonBody, "{}", `Param "text" is not optional.`},
		{jsonBody, `{"text":1}`, "Invalid `text` param: Value must be a text."},
		{"", `{"text":"x"}`, `Param "text" is not optional. The request has no Content-Type header; send application/json.`},
		{"text/plain", `{"text":"x"}`, `Param "text" is not optional. The body's content type is not understood; send application/json.`},
		{formBody, "%zz", "The form in the body is malformed."},
		{partBody, "x", "The multipart form in the body is malformed."},
	} {
		if got := ask(t, url, "POST /v1/asked", c.body, header{"Content-Type", c.kind}).Want(400, "general_argument_invalid").Text("message"); got != c.want {
			t.Errorf("%q as %s: %s", c.body, c.kind, got)
		}
	}
}

func TestTheLargestBody(t *testing.T) {
	t.Parallel()
	url := extended(t, alone(t, testkit.Options{}), echoes()...)
	body := func(size int) string { return `{"text":"x"}` + strings.Repeat(" ", size-len(`{"text":"x"}`)) }
	ask(t, url, "POST /v1/echo", body(api.MaxBody)).Want(200)
	reply := ask(t, url, "POST /v1/echo", body(api.MaxBody+1)).Want(413, "general_payload_too_large")
	ask(t, url, "POST /v1/nothing", body(api.MaxBody+1)).Want(413, "general_payload_too_large")
	if reply.Text("message") != "The request body is larger than 1 MiB." {
		t.Errorf("%s", reply.Body)
	}
	for _, kind := range []string{jsonBody, formBody, "multipart/form-data; boundary=x", "text/plain", ""} {
		ask(t, url, "POST /v1/echo", body(4*api.MaxBody), header{"Content-Type", kind}).Want(413, "general_payload_too_large")
	}
	// A body of unknown length, as a stream sends it.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/echo", io.MultiReader(strings.NewReader(body(api.MaxBody)), strings.NewReader(" ")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Appwrite-Project", testkit.Demo)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 413 || !response.Close {
		t.Errorf("a stream that is too long: %d, and the connection is closed: %v", response.StatusCode, response.Close)
	}
}
