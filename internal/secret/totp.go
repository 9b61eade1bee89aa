package secret

import (
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
)

// The parameters of RFC 6238 that every authenticator app assumes. The URI does not name them, so they cannot be
// changed for those who have scanned it.
const (
	totpPeriod  = 30 // seconds
	totpDigits  = 6
	totpDrift   = 1  // steps that a device's clock may be off, either way
	totpEntropy = 20 // bytes of a secret: what RFC 4226 recommends for SHA-1
)

// NewTOTPSecret makes the secret that an authenticator shares with the server, in base32 without padding.
func NewTOTPSecret(r *Random) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(r.Bytes(totpEntropy))
}

// TOTPStep finds the time step that a code is right for, among those that a device may be in at the moment and
// that lie after the last one accepted. Every step is computed and compared whatever the others say.
func TOTPStep(secretText, code string, now time.Time, last int64) (step int64, ok bool) {
	current := now.Unix() / totpPeriod
	for at := current - totpDrift; at <= current+totpDrift; at++ {
		if at < 0 {
			continue
		}
		right, err := hotp.GenerateCode(secretText, uint64(at))
		if err != nil {
			return 0, false
		}
		if Equal([]byte(right), []byte(code)) && at > last && !ok {
			step, ok = at, true
		}
	}
	return step, ok
}

// TOTPURI is what an authenticator app scans (Google's key URI format). A colon would end the issuer early, so
// none is left in issuer and label.
func TOTPURI(issuer, label, secretText string) string {
	issuer, label = strings.ReplaceAll(issuer, ":", " "), strings.ReplaceAll(label, ":", " ")
	return "otpauth://totp/" + percent(issuer+":"+label) + "?issuer=" + percent(issuer) + "&secret=" + percent(secretText)
}

// percent encodes everything but what RFC 3986 leaves unreserved; apps take a plus for a plus.
func percent(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"), "%7E", "~")
}
