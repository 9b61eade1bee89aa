package relay

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/post/provider"
)

// The case post-x-www-form-urlencoded of the test suite that AWS has published for Signature Version 4.
func TestSignaturesAreThoseOfThePublishedSuite(t *testing.T) {
	t.Parallel()
	d := provider.Draft{Path: "/", Body: []byte("Param1=value1"), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}}
	sign(&d, "example.amazonaws.com", scope{"service", "us-east-1", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
		time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	const want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, " +
		"Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
	if got := d.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d.Body = []byte("Param1=value2")
	sign(&d, "example.amazonaws.com", scope{"service", "us-east-1", "AKIDEXAMPLE", "x"}, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	if strings.HasSuffix(want, d.Header.Get("Authorization")[len(want)-64:]) {
		t.Error("another body and key give the same signature")
	}
}
