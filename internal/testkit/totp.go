package testkit

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// TOTP is the code that an authenticator app with a secret shows at a moment.
func TOTP(t testing.TB, secret string, now time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, now)
	if err != nil {
		t.Fatal(err)
	}
	return code
}
