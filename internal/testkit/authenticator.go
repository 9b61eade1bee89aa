package testkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Authenticator is a device with passkeys and the browser in front of it, in software. The zero value of each field
// is the usual one: it verifies the person, counts, and copies nothing anywhere.
type Authenticator struct {
	Origin     string // of the page; as the browser tells it
	Count      uint32 // of the last signature
	Countless  bool   // does not count
	Unverified bool   // is touched and asks for nothing else
	Copied     bool   // its passkeys are copied to other devices
	// Change alters what is signed, or the response, before it leaves.
	Change func(client Map)
	keys   []*softKey
}

// softKey is a passkey.
type softKey struct {
	id, handle []byte
	rpID       string
	private    *ecdsa.PrivateKey
}

// Create answers the options of a registration with a new passkey, as navigator.credentials.create does.
func (a *Authenticator) Create(t testing.TB, options any) Map {
	t.Helper()
	o := options.(Map)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := &softKey{id: make([]byte, 16), handle: unbase64(t, o["user"].(Map)["id"].(string)), rpID: o["rp"].(Map)["id"].(string), private: private}
	_, _ = rand.Read(key.id)
	a.keys = append(a.keys, key)
	data := a.data(key, 0x40) // with a credential
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(key.id)))
	data = append(append(data, key.id...), key.cose(t)...)
	object := append([]byte{0xa3}, cborText("fmt")...)
	object = append(append(object, cborText("none")...), cborText("attStmt")...)
	object = append(append(object, 0xa0), cborText("authData")...)
	object = append(object, cborBytes(data)...)
	client := a.client(t, "webauthn.create", o["challenge"].(string))
	return credential(key.id, Map{"clientDataJSON": base64url(client), "attestationObject": base64url(object), "transports": []string{"internal"}})
}

// Get answers the options of a sign-in with a passkey of its domain, as navigator.credentials.get does.
func (a *Authenticator) Get(t testing.TB, options any) Map {
	t.Helper()
	o := options.(Map)
	for _, key := range a.keys {
		if key.rpID == o["rpId"] && named(o["allowCredentials"], base64url(key.id)) {
			return a.sign(t, key, o["challenge"].(string))
		}
	}
	t.Fatalf("no passkey fits %v", o)
	return nil
}

// named says whether a list of credentials holds one; an empty list holds all.
func named(list any, id string) bool {
	items := list.([]any)
	for _, item := range items {
		if item.(Map)["id"] == id {
			return true
		}
	}
	return len(items) == 0
}

// sign answers a challenge with a passkey.
func (a *Authenticator) sign(t testing.TB, key *softKey, challenge string) Map {
	t.Helper()
	if !a.Countless {
		a.Count++
	}
	data, client := a.data(key, 0), a.client(t, "webauthn.get", challenge)
	sum := sha256.Sum256(client)
	sum = sha256.Sum256(append(data[:len(data):len(data)], sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, key.private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return credential(key.id, Map{"clientDataJSON": base64url(client), "authenticatorData": base64url(data), "signature": base64url(signature), "userHandle": base64url(key.handle)})
}

// data is what the authenticator says of itself, before any credential.
func (a *Authenticator) data(key *softKey, flags byte) []byte {
	sum := sha256.Sum256([]byte(key.rpID))
	flags |= 0x01 // the person is there
	if !a.Unverified {
		flags |= 0x04
	}
	if a.Copied {
		flags |= 0x18
	}
	return binary.BigEndian.AppendUint32(append(sum[:], flags), a.Count)
}

// client is what the browser says.
func (a *Authenticator) client(t testing.TB, kind, challenge string) []byte {
	t.Helper()
	said := Map{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false}
	if a.Change != nil {
		a.Change(said)
	}
	text, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// cose is the public key.
func (k *softKey) cose(t testing.TB) []byte {
	t.Helper()
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}, cborBytes(point[1:33])...)
	return append(append(text, 0x22), cborBytes(point[33:])...)
}

// credential is the JSON form of a response.
func credential(id []byte, response Map) Map {
	return Map{"id": base64url(id), "rawId": base64url(id), "type": "public-key", "response": response, "clientExtensionResults": Map{}, "authenticatorAttachment": "platform"}
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unbase64(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// cborText and cborBytes write what is shorter than 64 KiB the shortest way that always fits.
func cborText(text string) []byte { return append([]byte{0x60 | byte(len(text))}, text...) }

func cborBytes(b []byte) []byte {
	if len(b) < 256 {
		return append([]byte{0x58, byte(len(b))}, b...)
	}
	return append(binary.BigEndian.AppendUint16([]byte{0x59}, uint16(len(b))), b...)
}
