package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestSessionText(t *testing.T) {
	t.Parallel()
	text := EncodeSession("walter", "abc")
	if raw, _ := base64.StdEncoding.DecodeString(text); string(raw) != `{"id":"walter","secret":"abc"}` {
		t.Errorf("encoded as %s", raw)
	}
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	good := []string{text, strings.TrimRight(text, "="), strings.ReplaceAll(text, "=", "%3D"), encode(`{"id":"walter","secret":"abc","more":1}`),
		base64.URLEncoding.EncodeToString([]byte(`{"id":"walter","secret":"abc"}`))}
	for _, one := range good {
		if id, secret, ok := DecodeSession(one); !ok || id != "walter" || secret != "abc" {
			t.Errorf("%q is read as %q %q %v", one, id, secret, ok)
		}
	}
	bad := []string{"", "x", "%", "%zz", encode("{}"), encode(`{"id":"","secret":"a"}`), encode(`{"id":"a"}`), encode(`[]`), encode(`{"id":1,"secret":"a"}`),
		encode(`{"id":"a\u0000","secret":"a"}`), strings.Repeat("A", 5000), text + "xx"}
	for _, one := range bad {
		if _, _, ok := DecodeSession(one); ok {
			t.Errorf("%q is taken for a session", one)
		}
	}
}

func FuzzDecodeSession(f *testing.F) {
	f.Add(EncodeSession("walter", "abc"))
	f.Add("%7B%7D")
	f.Fuzz(func(t *testing.T, text string) {
		id, secret, ok := DecodeSession(text)
		if ok && (id == "" || secret == "") {
			t.Error("a session of nobody")
		}
	})
}

// FuzzSessionShortcut holds the short way of reading a session against the JSON parser.
func FuzzSessionShortcut(f *testing.F) {
	for _, seed := range []string{`{"id":"walter","secret":"abc"}`, `{"id":"a","secret":"b","secret":"c"}`, `{"id":"a\","secret":"b"}`, `{"id":"ä","secret":"b"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		id, secret, ok := asEncoded(raw)
		var parsed struct{ ID, Secret string }
		if ok && (json.Unmarshal([]byte(raw), &parsed) != nil || parsed.ID != id || parsed.Secret != secret) {
			t.Errorf("%q is read as %q and %q, and parsed as %+v", raw, id, secret, parsed)
		}
	})
}

func TestSecretsHaveTheirLength(t *testing.T) {
	t.Parallel()
	r := NewRandom(nil)
	if n := len(NewSessionSecret(r)); n != 256 {
		t.Errorf("a session secret has %d characters", n)
	}
	if kind, rest := ParseKey(NewKey(r)); kind != KeyStandard || len(rest) != 256 {
		t.Errorf("a key has %d characters", len(rest))
	}
	counts := map[rune]int{}
	for range 500 {
		for _, digit := range r.Digits(6) {
			counts[digit]++
		}
	}
	for digit := '0'; digit <= '9'; digit++ {
		if counts[digit] < 200 || counts[digit] > 400 { // 300 expected, six standard deviations
			t.Errorf("digit %c came %d times of 3000", digit, counts[digit])
		}
	}
	if first, second := r.ID(noon), r.ID(noon.Add(time.Microsecond)); len(first) != 20 || first[:13] >= second[:13] {
		t.Errorf("ids do not sort by time: %s, %s", first, second)
	}
}

func TestSealed(t *testing.T) {
	t.Parallel()
	r := NewRandom(nil)
	old, current := NewMasterKey(r), NewMasterKey(r)
	before, after, stranger := NewKeyRing(old), NewKeyRing(current, old), NewKeyRing(NewMasterKey(r))
	sealed := before.Seal("smtp", "demo/1", []byte("secret"))
	if bytes.Contains(sealed, []byte("secret")) {
		t.Error("the secret can be read")
	}
	if plain, err := after.Open("smtp", "demo/1", sealed); err != nil || string(plain) != "secret" {
		t.Errorf("a rotated ring cannot open what the old key sealed: %v", err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another key":     func() ([]byte, error) { return stranger.Open("smtp", "demo/1", sealed) },
		"another purpose": func() ([]byte, error) { return before.Open("sms", "demo/1", sealed) },
		"another row":     func() ([]byte, error) { return before.Open("smtp", "demo/2", sealed) },
		"a changed byte": func() ([]byte, error) {
			changed := bytes.Clone(sealed)
			changed[len(changed)-1] ^= 1
			return before.Open("smtp", "demo/1", changed)
		},
		"nothing": func() ([]byte, error) { return before.Open("smtp", "demo/1", nil) },
	} {
		if plain, err := open(); err == nil {
			t.Errorf("%s opens it: %q", name, plain)
		}
	}
	if bytes.Equal(before.Derive("jwt", "a"), before.Derive("jwt", "b")) || before.CheckValue() == stranger.CheckValue() {
		t.Error("derived keys collide")
	}
	if bytes.Equal(before.MAC("otp", []byte("ab"), []byte("c")), before.MAC("otp", []byte("a"), []byte("bc"))) {
		t.Error("parts of a keyed hash run together")
	}
}

func TestJWT(t *testing.T) {
	t.Parallel()
	key := []byte("0123456789abcdef0123456789abcdef")
	claims := JWTClaims{UserID: "walter", SessionID: "s", RegisteredClaims: Until(noon.Add(900 * time.Second))}
	token, err := SignJWT(key, claims)
	if err != nil {
		t.Fatal(err)
	}
	if head, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0]); !strings.Contains(string(head), `"alg":"HS256"`) {
		t.Errorf("header %s", head)
	}
	if got, err := VerifyJWT(key, token, noon); err != nil || got.UserID != claims.UserID || got.SessionID != claims.SessionID || !got.ExpiresAt.Equal(claims.ExpiresAt.Time) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := VerifyJWT(key, token, noon.Add(901*time.Second)); !errors.Is(err, ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
	none, _ := jwt.NewWithClaims(jwt.SigningMethodNone, claims).SignedString(jwt.UnsafeAllowNoneSignatureType)
	longer, _ := jwt.NewWithClaims(jwt.SigningMethodHS512, claims).SignedString(key)
	nobody, _ := SignJWT(key, JWTClaims{RegisteredClaims: Until(noon.Add(9 * time.Second))})
	for name, bad := range map[string]string{"no signature": none, "another algorithm": longer, "a changed one": token[:len(token)-2] + "xx", "nobody's": nobody,
		"nothing": "", "noise": "a.b.c", "a long one": strings.Repeat("a", 5000)} {
		if _, err := VerifyJWT(key, bad, noon); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := VerifyJWT([]byte("another key, as long as the first"), token, noon); err == nil {
		t.Error("a token of another project is taken")
	}
}

func FuzzVerifyJWT(f *testing.F) {
	token, _ := SignJWT([]byte("key"), JWTClaims{UserID: "a", RegisteredClaims: Until(noon.Add(1 * time.Second))})
	f.Add(token)
	f.Fuzz(func(t *testing.T, text string) {
		if claims, err := VerifyJWT([]byte("key"), text, noon); err == nil && claims.UserID == "" {
			t.Error("a token of nobody")
		}
	})
}
