package relay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"latchkey/internal/post/provider"
)

// scope is what a signature is good for, and whose it is.
type scope struct{ service, region, accessKey, secretKey string }

// sign signs a request by AWS Signature Version 4:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. The path must be one
// that needs no encoding.
func sign(d *provider.Draft, host string, s scope, now time.Time) {
	moment := now.UTC().Format("20060102T150405Z")
	d.Header.Set("X-Amz-Date", moment)
	names, lines := canonicalHeaders(d, host)
	path, query, _ := strings.Cut(d.Path, "?")
	canonical := strings.Join([]string{"POST", path, query, lines, names, digest(d.Body)}, "\n")
	day := moment[:8]
	place := strings.Join([]string{day, s.region, s.service, "aws4_request"}, "/")
	text := strings.Join([]string{"AWS4-HMAC-SHA256", moment, place, digest([]byte(canonical))}, "\n")
	key := []byte("AWS4" + s.secretKey)
	for _, part := range []string{day, s.region, s.service, "aws4_request", text} {
		key = mac(key, part)
	}
	d.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+s.accessKey+"/"+place+", SignedHeaders="+names+", Signature="+hex.EncodeToString(key))
}

// canonicalHeaders lists the headers that are signed: host, type and date. Others may be changed on the way.
func canonicalHeaders(d *provider.Draft, host string) (names, lines string) {
	values := map[string]string{"host": host, "content-type": d.Header.Get("Content-Type"), "x-amz-date": d.Header.Get("X-Amz-Date")}
	list := []string{"content-type", "host", "x-amz-date"}
	slices.Sort(list)
	for _, name := range list {
		lines += name + ":" + strings.TrimSpace(values[name]) + "\n"
	}
	return strings.Join(list, ";"), lines
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
