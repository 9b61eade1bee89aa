package outgoing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Sign signs a call by the Standard Webhooks specification (https://www.standardwebhooks.com): the id, the time in
// seconds and the body, joined by full stops, under HMAC-SHA256. The id tells a repetition, the time keeps what was
// overheard from being played again.
func Sign(header http.Header, secret, id string, now time.Time, body []byte) {
	moment := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, signingKey(secret))
	mac.Write([]byte(id + "." + moment + "."))
	mac.Write(body)
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", moment)
	header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// signingKey is the key of a secret: the specification writes it in base64 behind "whsec_"; any other text is
// the key itself.
func signingKey(secret string) []byte {
	if text, marked := strings.CutPrefix(secret, "whsec_"); marked {
		if key, err := base64.StdEncoding.DecodeString(text); err == nil {
			return key
		}
	}
	return []byte(secret)
}
