package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"

	"golang.org/x/crypto/scrypt"

	"latchkey/internal/model"
)

// maxScrypt bounds the memory of one hash, in bytes.
const maxScrypt = 256 << 20

// scryptOptions are the parameters of a scrypt hash. The salt is used as text.
type scryptOptions struct {
	Salt     string `json:"salt"`
	CPU      int    `json:"costCpu"`
	Memory   int    `json:"costMemory"`
	Parallel int    `json:"costParallel"`
	Length   int    `json:"length"`
}

// scryptOf reads and bounds the options of a scrypt hash.
func scryptOf(stored model.Password) (scryptOptions, error) {
	var o scryptOptions
	if err := options(stored, &o); err != nil {
		return o, err
	}
	if o.CPU < 2 || o.CPU&(o.CPU-1) != 0 || o.Memory < 1 || o.Parallel < 1 || o.Length < 16 || o.Length > 256 || hexOf(stored.Hash, o.Length) != nil {
		return o, ErrMalformed
	}
	if o.CPU > 1<<20 || o.Memory > 64 || o.Parallel > 16 || 128*o.CPU*o.Memory*o.Parallel > maxScrypt {
		return o, ErrTooCostly
	}
	return o, nil
}

func verifyScrypt(password string, stored model.Password) (bool, error) {
	o, err := scryptOf(stored)
	if err != nil {
		return false, err
	}
	digest, err := scrypt.Key([]byte(password), []byte(o.Salt), o.CPU, o.Memory, o.Parallel, o.Length)
	return err == nil && sameHex(digest, stored.Hash), err
}

// firebaseOptions are the parameters of Firebase's modified scrypt.
type firebaseOptions struct {
	Salt      string `json:"salt"`
	Separator string `json:"saltSeparator"`
	SignerKey string `json:"signerKey"`
}

// firebase is firebaseOptions decoded.
type firebase struct{ salt, signer, digest []byte }

// anyBase64 reads standard or URL base64.
func anyBase64(text string) ([]byte, error) {
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.DecodeString(text); err == nil {
			return raw, nil
		}
	}
	return nil, ErrMalformed
}

// firebaseOf reads the options of a modified scrypt hash.
func firebaseOf(stored model.Password) (firebase, error) {
	var o firebaseOptions
	var f firebase
	if err := options(stored, &o); err != nil {
		return f, err
	}
	salt, err1 := anyBase64(o.Salt)
	separator, err2 := anyBase64(o.Separator)
	signer, err3 := anyBase64(o.SignerKey)
	digest, err4 := anyBase64(stored.Hash)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || len(signer) == 0 || len(signer) > 256 || len(digest) != len(signer) {
		return f, ErrMalformed
	}
	f.salt, f.signer, f.digest = append(salt, separator...), signer, digest
	return f, nil
}

// verifyFirebase derives a key from the password and encrypts the project's signer key with it.
func verifyFirebase(password string, stored model.Password) (bool, error) {
	f, err := firebaseOf(stored)
	if err != nil {
		return false, err
	}
	key, err := scrypt.Key([]byte(password), f.salt, 16384, 8, 1, 64)
	if err != nil {
		return false, err
	}
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return false, err
	}
	out := make([]byte, len(f.signer))
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(out, f.signer)
	return Equal([]byte(hex.EncodeToString(out)), []byte(hex.EncodeToString(f.digest))), nil
}
