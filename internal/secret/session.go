package secret

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// maxSession bounds the encoded session that is looked at, in bytes.
const maxSession = 4096

// NewSessionSecret returns the secret of a new session: 128 random bytes as 256 hex characters.
func NewSessionSecret(r *Random) string { return r.Hex(128) }

// HashToken returns what is stored of a random secret. One round of SHA-256 is enough: nobody guesses 128
// random bytes, so there is nothing for a slow hash to slow down.
func HashToken(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Equal compares in constant time.
func Equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// EncodeSession joins a user id and a session secret into the text that cookies and headers carry: base64 of
// a JSON object with exactly these two keys in this order.
func EncodeSession(userID, text string) string {
	return base64.StdEncoding.EncodeToString([]byte(`{"id":"` + userID + `","secret":"` + text + `"}`))
}

// DecodeSession reads an encoded session: standard or URL base64, padded or not, perhaps URL-encoded. Keys
// beyond id and secret are ignored.
func DecodeSession(text string) (userID, value string, ok bool) {
	if len(text) == 0 || len(text) > maxSession {
		return "", "", false
	}
	if strings.Contains(text, "%") {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			return "", "", false
		}
		text = decoded
	}
	text = strings.TrimRight(text, "=")
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		encoding = base64.RawURLEncoding
	}
	raw, err := encoding.DecodeString(text)
	if err != nil {
		return "", "", false
	}
	if userID, value, ok = asEncoded(string(raw)); ok {
		return userID, value, len(userID) <= maxUserID
	}
	var session struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
	if json.Unmarshal(raw, &session) != nil || session.ID == "" || session.Secret == "" {
		return "", "", false
	}
	if len(session.ID) > maxUserID || strings.IndexByte(session.ID, 0) >= 0 {
		return "", "", false
	}
	return session.ID, session.Secret, true
}

// maxUserID is the longest user id that is looked up, in bytes.
const maxUserID = 64

// asEncoded reads exactly what EncodeSession writes, without the cost of a JSON parser on every request. What
// it declines the parser reads; what it reads the parser would read alike.
func asEncoded(raw string) (userID, value string, ok bool) {
	inner, starts := strings.CutPrefix(raw, `{"id":"`)
	inner, ends := strings.CutSuffix(inner, `"}`)
	userID, value, parts := strings.Cut(inner, `","secret":"`)
	ok = starts && ends && parts && userID != "" && value != "" && unescaped(userID) && unescaped(value)
	return userID, value, ok
}

// unescaped says whether text stands for itself inside a JSON string.
func unescaped(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			return false
		}
	}
	return true
}
