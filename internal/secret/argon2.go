package secret

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"latchkey/internal/model"
)

// argon2Params is a PHC string taken apart.
type argon2Params struct {
	variant      string
	memory, time uint32
	threads      uint8
	salt, digest []byte
}

// argon2 makes a hash with a salt of 16 bytes and a digest of 32.
func (h *Hasher) argon2(password string) model.Password {
	salt := h.random.Bytes(16)
	return h.phc(salt, argon2.IDKey([]byte(password), salt, h.cost.Time, h.cost.MemoryKiB, h.cost.Threads, 32))
}

// nobodys is a hash that no password has: its digest is as random as its salt.
func (h *Hasher) nobodys() model.Password { return h.phc(h.random.Bytes(16), h.random.Bytes(32)) }

// phc writes a hash of the hasher's cost as a PHC string.
func (h *Hasher) phc(salt, digest []byte) model.Password {
	encoding := base64.RawStdEncoding
	return model.Password{
		Kind:    KindArgon2,
		Options: model.Object(fmt.Sprintf(`{"type":"argon2","memoryCost":%d,"timeCost":%d,"threads":%d}`, h.cost.MemoryKiB, h.cost.Time, h.cost.Threads)),
		Hash: fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", h.cost.MemoryKiB, h.cost.Time, h.cost.Threads,
			encoding.EncodeToString(salt), encoding.EncodeToString(digest)),
	}
}

// parseArgon2 reads a PHC string.
func parseArgon2(hash string) (argon2Params, error) {
	var p argon2Params
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[2] != "v=19" {
		return p, ErrMalformed
	}
	p.variant = parts[1]
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, ErrMalformed
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, ErrMalformed
	}
	if p.digest, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return p, ErrMalformed
	}
	return p, nil
}

// check bounds the work: 256 MiB, and no more than 64 passes over 64 MiB altogether.
func (p argon2Params) check() error {
	if p.variant != "argon2id" && p.variant != "argon2i" {
		return fmt.Errorf("%w: %q", ErrMalformed, p.variant)
	}
	if p.time == 0 || p.threads == 0 || len(p.salt) < 4 || len(p.digest) < 12 || len(p.digest) > 128 {
		return ErrMalformed
	}
	if p.memory > 256<<10 || uint64(p.memory)*uint64(p.time) > 1<<20 || p.threads > 16 {
		return ErrTooCostly
	}
	return nil
}

func verifyArgon2(password, hash string) (bool, error) {
	p, err := parseArgon2(hash)
	if err != nil {
		return false, err
	}
	key := argon2.IDKey
	if p.variant == "argon2i" {
		key = argon2.Key
	}
	return Equal(key([]byte(password), p.salt, p.time, p.memory, p.threads, uint32(len(p.digest))), p.digest), nil
}
