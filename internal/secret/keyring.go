package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// MasterKey is the 32 bytes that everything sealed hangs on.
type MasterKey [32]byte

// ParseMasterKey reads 64 hex digits.
func ParseMasterKey(text string) (MasterKey, error) {
	var key MasterKey
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(key) {
		return key, errors.New("a master key is 64 hex digits")
	}
	copy(key[:], raw)
	return key, nil
}

// NewMasterKey makes one.
func NewMasterKey(r *Random) MasterKey { return MasterKey(r.Bytes(32)) }

// String returns the key's hex form, for the file it is kept in.
func (k MasterKey) String() string { return hex.EncodeToString(k[:]) }

// KeyRing seals with one master key and opens with it or older ones. For each purpose a key of its own is
// derived, so that what is sealed for one cannot be used as another.
type KeyRing struct{ keys []ringKey }

// ringKey is a master key with the id that marks what it sealed.
type ringKey struct {
	id     [4]byte
	master MasterKey
}

// NewKeyRing returns a ring. Values sealed with the old keys can still be opened.
func NewKeyRing(current MasterKey, old ...MasterKey) *KeyRing {
	ring := &KeyRing{}
	for _, master := range append([]MasterKey{current}, old...) {
		key := ringKey{master: master}
		copy(key.id[:], key.derive("key-id", ""))
		ring.keys = append(ring.keys, key)
	}
	return ring
}

// derive makes the key for a purpose by HKDF-SHA256 (RFC 5869).
func (k ringKey) derive(purpose, context string) []byte {
	key, err := hkdf.Key(sha256.New, k.master[:], nil, "latchkey\x00"+purpose+"\x00"+context, 32)
	if err != nil {
		panic("secret: " + err.Error()) // only for lengths beyond what HKDF can give
	}
	return key
}

// Derive returns 32 bytes that only this master key gives for a purpose and a context.
func (r *KeyRing) Derive(purpose, context string) []byte { return r.keys[0].derive(purpose, context) }

// DeriveAll returns what Derive gives for every key of the ring, the present one first: for checking what may have
// been signed before the master key was changed.
func (r *KeyRing) DeriveAll(purpose, context string) (list [][]byte) {
	for _, key := range r.keys {
		list = append(list, key.derive(purpose, context))
	}
	return list
}

// Ring returns a ring of keys that come from this one's for a purpose and a context: whoever has this ring can make it
// again, and nobody else.
func (r *KeyRing) Ring(purpose, context string) *KeyRing {
	all := r.DeriveAll(purpose, context)
	old := make([]MasterKey, 0, len(all))
	for _, key := range all[1:] {
		old = append(old, MasterKey(key))
	}
	return NewKeyRing(MasterKey(all[0]), old...)
}

// CheckValue returns what a database keeps to tell whether a node has the right master key.
func (r *KeyRing) CheckValue() string { return hex.EncodeToString(r.Derive("check-value", "")) }

// MAC returns a keyed hash of parts, for short codes that a plain hash would not hide.
func (r *KeyRing) MAC(purpose string, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, r.Derive("mac", purpose))
	for _, part := range parts {
		_ = binary.Write(mac, binary.BigEndian, uint64(len(part)))
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// errSealed says nothing about why: to whoever tampered, every reason looks the same.
var errSealed = errors.New("secret: a sealed value cannot be opened with this master key")

func (k ringKey) aead(purpose string) cipher.AEAD {
	block, err := aes.NewCipher(k.derive("seal", purpose))
	if err != nil {
		panic("secret: " + err.Error())
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("secret: " + err.Error())
	}
	return aead
}

// Seal encrypts a value for a purpose (which kind of secret) and a context (which row and column): it opens
// nowhere else.
func (r *KeyRing) Seal(purpose, context string, plain []byte) []byte {
	key := r.keys[0]
	return key.aead(purpose).Seal(append([]byte{}, key.id[:]...), nil, plain, []byte(context))
}

// Open decrypts what Seal made for the same purpose and context.
func (r *KeyRing) Open(purpose, context string, sealed []byte) ([]byte, error) {
	for _, key := range r.keys {
		if len(sealed) > 4 && [4]byte(sealed[:4]) == key.id {
			if plain, err := key.aead(purpose).Open(nil, nil, sealed[4:], []byte(context)); err == nil {
				return plain, nil
			}
		}
	}
	return nil, errSealed
}

// SealText seals text into text.
func (r *KeyRing) SealText(purpose, context, plain string) string {
	return base64.RawStdEncoding.EncodeToString(r.Seal(purpose, context, []byte(plain)))
}

// OpenText opens what SealText made.
func (r *KeyRing) OpenText(purpose, context, sealed string) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", errSealed
	}
	plain, err := r.Open(purpose, context, raw)
	return string(plain), err
}
