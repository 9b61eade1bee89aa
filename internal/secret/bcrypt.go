package secret

import (
	"errors"

	"golang.org/x/crypto/bcrypt"
)

// maxBcrypt is the highest cost that is verified: two or three seconds, once for each person, who has a hash of ours then.
const maxBcrypt = 15

func checkBcrypt(hash string) error {
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil {
		return ErrMalformed
	}
	if cost > maxBcrypt {
		return ErrTooCostly
	}
	return nil
}

// verifyBcrypt looks at the first 72 bytes of a password, as PHP does: beyond them bcrypt cannot tell
// passwords apart, and hashes made there were made so.
func verifyBcrypt(password, hash string) (bool, error) {
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password[:min(len(password), 72)]))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	return err == nil, err
}
