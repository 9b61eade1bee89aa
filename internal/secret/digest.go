package secret

import (
	"crypto/md5"  // imported hashes only
	"crypto/sha1" // imported hashes only
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"latchkey/internal/model"
)

// hexOf checks that text is the hex form of n bytes.
func hexOf(text string, n int) error {
	if raw, err := hex.DecodeString(text); err != nil || len(raw) != n {
		return ErrMalformed
	}
	return nil
}

// sameHex compares a digest with its hex form, in either case, in constant time.
func sameHex(digest []byte, text string) bool {
	return Equal([]byte(hex.EncodeToString(digest)), []byte(strings.ToLower(text)))
}

func verifyMD5(password, stored string) (bool, error) {
	sum := md5.Sum([]byte(password))
	return sameHex(sum[:], stored), nil
}

// shaVersions are the plain digests that can be imported.
var shaVersions = map[string]func() hash.Hash{
	"sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
	"sha512/224": sha512.New512_224, "sha512/256": sha512.New512_256,
	"sha3-224": func() hash.Hash { return sha3.New224() }, "sha3-256": func() hash.Hash { return sha3.New256() },
	"sha3-384": func() hash.Hash { return sha3.New384() }, "sha3-512": func() hash.Hash { return sha3.New512() },
}

// shaOf finds the digest that a hash was made with; without a version it is sha3-512.
func shaOf(stored model.Password) (func() hash.Hash, error) {
	var o struct {
		Version string `json:"version"`
	}
	if err := options(stored, &o); err != nil {
		return nil, err
	}
	if o.Version == "" {
		o.Version = "sha3-512"
	}
	digest := shaVersions[o.Version]
	if digest == nil {
		return nil, fmt.Errorf("%w: unknown version", ErrMalformed)
	}
	return digest, hexOf(stored.Hash, digest().Size())
}

func verifySHA(password string, stored model.Password) (bool, error) {
	digest, err := shaOf(stored)
	if err != nil {
		return false, err
	}
	h := digest()
	h.Write([]byte(password))
	return sameHex(h.Sum(nil), stored.Hash), nil
}
