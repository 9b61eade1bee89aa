package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"latchkey/internal/model"
)

// Cost is how hard an argon2id hash is made.
type Cost struct {
	MemoryKiB uint32
	Time      uint32
	Threads   uint8
}

// DefaultCost is OWASP's first choice for argon2id: about 22 ms on one core of 2026.
var DefaultCost = Cost{MemoryKiB: 19456, Time: 2, Threads: 1}

// The kinds of stored hash, by their names on the wire.
const (
	KindArgon2    = "argon2"
	KindBcrypt    = "bcrypt"
	KindMD5       = "md5"
	KindSHA       = "sha"
	KindPHPass    = "phpass"
	KindScrypt    = "scrypt"
	KindScryptMod = "scryptMod"
)

// ErrTooCostly answers a stored hash whose parameters would cost more than any honest one: whoever may import
// hashes must not be able to stop the server with one.
var ErrTooCostly = errors.New("the hash's parameters ask for too much work")

// ErrMalformed answers a stored hash that cannot be read.
var ErrMalformed = errors.New("the hash is malformed")

// Hasher hashes and verifies passwords, everything through the gate.
type Hasher struct {
	cost   Cost
	random *Random
	gate   *Gate
	nobody model.Password // stands in for users that do not exist
}

// NewHasher returns a hasher of a cost.
func NewHasher(cost Cost, random *Random, gate *Gate) *Hasher {
	h := &Hasher{cost: cost, random: random, gate: gate}
	h.nobody = h.nobodys()
	return h
}

// Hash makes an argon2id hash. Fault: general_server_busy.
func (h *Hasher) Hash(ctx context.Context, password string) (hash model.Password, err error) {
	err = h.gate.Run(ctx, func() { hash = h.argon2(password) })
	return hash, err
}

// Verify compares a password with a stored hash of any kind. A hash that is malformed or too costly is an
// error, not a mismatch. Fault: general_server_busy.
func (h *Hasher) Verify(ctx context.Context, password string, stored model.Password) (ok bool, err error) {
	if err := CheckImported(stored); err != nil {
		return false, err
	}
	var failed error
	err = h.gate.Run(ctx, func() { ok, failed = verify(password, stored) })
	return ok, errors.Join(err, failed)
}

// VerifyNobody does the work of a verification for a user who does not exist.
func (h *Hasher) VerifyNobody(ctx context.Context, password string) error {
	_, err := h.Verify(ctx, password, h.nobody)
	return err
}

// NeedsRehash says whether a hash is of another kind, or weaker than new ones are made.
func (h *Hasher) NeedsRehash(stored model.Password) bool {
	if stored.Kind != KindArgon2 {
		return true
	}
	p, err := parseArgon2(stored.Hash)
	return err != nil || p.variant != "argon2id" || p.memory < h.cost.MemoryKiB || p.time < h.cost.Time
}

// CheckImported refuses a stored hash that is malformed, of an unknown kind, or too costly to verify.
func CheckImported(stored model.Password) error {
	switch stored.Kind {
	case KindArgon2:
		p, err := parseArgon2(stored.Hash)
		if err != nil {
			return err
		}
		return p.check()
	case KindBcrypt:
		return checkBcrypt(stored.Hash)
	case KindMD5:
		return hexOf(stored.Hash, 16)
	case KindSHA:
		_, err := shaOf(stored)
		return err
	case KindPHPass:
		return checkPHPass(stored.Hash)
	case KindScrypt:
		_, err := scryptOf(stored)
		return err
	case KindScryptMod:
		_, err := firebaseOf(stored)
		return err
	}
	return fmt.Errorf("%w: unknown kind", ErrMalformed)
}

// verify computes and compares.
func verify(password string, stored model.Password) (bool, error) {
	switch stored.Kind {
	case KindArgon2:
		return verifyArgon2(password, stored.Hash)
	case KindBcrypt:
		return verifyBcrypt(password, stored.Hash)
	case KindMD5:
		return verifyMD5(password, stored.Hash)
	case KindSHA:
		return verifySHA(password, stored)
	case KindPHPass:
		return verifyPHPass(password, stored.Hash)
	case KindScrypt:
		return verifyScrypt(password, stored)
	case KindScryptMod:
		return verifyFirebase(password, stored)
	}
	return false, ErrMalformed
}

// options reads a hash's options.
func options(stored model.Password, into any) error {
	if stored.Options == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(stored.Options), into); err != nil {
		return fmt.Errorf("%w: options: %w", ErrMalformed, err)
	}
	return nil
}
