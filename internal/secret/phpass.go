package secret

import (
	"crypto/md5" // what phpass is made of
	"strings"
)

// phpassAlphabet is the base64 of crypt(3), least significant bits first.
const phpassAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// maxPHPass bounds the iterations: 2 to the 18th, about 50 ms.
const maxPHPass = 18

// checkPHPass accepts portable hashes ($P$, $H$) and the bcrypt ones that phpass makes where it can.
func checkPHPass(hash string) error {
	if strings.HasPrefix(hash, "$2") {
		return checkBcrypt(hash)
	}
	if len(hash) != 34 || !strings.HasPrefix(hash, "$P$") && !strings.HasPrefix(hash, "$H$") {
		return ErrMalformed
	}
	rounds := strings.IndexByte(phpassAlphabet, hash[3])
	if rounds < 7 {
		return ErrMalformed
	}
	if rounds > maxPHPass {
		return ErrTooCostly
	}
	return nil
}

func verifyPHPass(password, stored string) (bool, error) {
	if err := checkPHPass(stored); err != nil {
		return false, err
	}
	if strings.HasPrefix(stored, "$2") {
		return verifyBcrypt(password, stored)
	}
	sum := md5.Sum([]byte(stored[4:12] + password))
	for range 1 << strings.IndexByte(phpassAlphabet, stored[3]) {
		sum = md5.Sum(append(sum[:], password...))
	}
	return Equal([]byte(stored[:12]+phpassEncode(sum[:])), []byte(stored)), nil
}

// phpassEncode writes bytes in the order of crypt(3): three bytes become four characters.
func phpassEncode(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); {
		value, n := 0, 0
		for ; n < 3 && i < len(b); n++ {
			value |= int(b[i]) << (8 * n)
			i++
		}
		for range n + 1 {
			out.WriteByte(phpassAlphabet[value&63])
			value >>= 6
		}
	}
	return out.String()
}
