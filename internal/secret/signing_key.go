package secret

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The algorithms of signing keys (RFC 8037, RFC 7518).
const (
	EdDSA = "EdDSA"
	ES256 = "ES256"
)

// SigningKey is an asymmetric key that signs JWTs, so that others can verify them without a call.
type SigningKey struct {
	ID        string // the token's kid
	Algorithm string // EdDSA or ES256
	private   crypto.Signer
}

// NewSigningKey makes a key.
func NewSigningKey(r *Random, algorithm string) (*SigningKey, error) {
	key := &SigningKey{ID: r.Hex(8), Algorithm: algorithm}
	switch algorithm {
	case EdDSA:
		key.private = ed25519.NewKeyFromSeed(r.Bytes(ed25519.SeedSize))
	case ES256:
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		key.private = private
	default:
		return nil, errAlgorithm
	}
	return key, nil
}

var errAlgorithm = errors.New("secret: a signing key is EdDSA or ES256")

// Private returns the private key as text, to be sealed: PKCS 8 in base64.
func (k *SigningKey) Private() (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	return base64.StdEncoding.EncodeToString(der), err
}

// ParseSigningKey is the way back.
func ParseSigningKey(id, algorithm, private string) (*SigningKey, error) {
	der, err := base64.StdEncoding.DecodeString(private)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	key := &SigningKey{ID: id, Algorithm: algorithm}
	switch parsed := parsed.(type) {
	case ed25519.PrivateKey:
		key.private = parsed
	case *ecdsa.PrivateKey:
		key.private = parsed
	default:
		return nil, errAlgorithm
	}
	return key, nil
}

// JWK is the public half of a signing key (RFC 7517).
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y,omitempty"`
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
}

// JWK returns the public half.
func (k *SigningKey) JWK() JWK {
	jwk := JWK{ID: k.ID, Algorithm: k.Algorithm, Use: "sig"}
	switch public := k.private.Public().(type) {
	case ed25519.PublicKey:
		jwk.KeyType, jwk.Curve, jwk.X = "OKP", "Ed25519", base64.RawURLEncoding.EncodeToString(public)
	case *ecdsa.PublicKey:
		coordinate := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, 32))) }
		jwk.KeyType, jwk.Curve, jwk.X, jwk.Y = "EC", "P-256", coordinate(public.X), coordinate(public.Y)
	}
	return jwk
}

// method is the library's name of the algorithm.
func (k *SigningKey) method() jwt.SigningMethod {
	if k.Algorithm == ES256 {
		return jwt.SigningMethodES256
	}
	return jwt.SigningMethodEdDSA
}

// SignJWT makes a user's JWT that carries the key's id. Whoever verifies it elsewhere looks for the registered
// names, and for whom it was made.
func (k *SigningKey) SignJWT(claims JWTClaims, audience string, now time.Time) (string, error) {
	claims.Subject, claims.Audience, claims.IssuedAt = claims.UserID, jwt.ClaimStrings{audience}, jwt.NewNumericDate(now)
	token := jwt.NewWithClaims(k.method(), claims)
	token.Header["kid"] = k.ID
	return token.SignedString(k.private)
}

// VerifySignedJWT reads a user's JWT that one of some keys has signed, or else the shared one. Which key is asked
// follows from the token's algorithm and key id, and a key verifies its own algorithm alone (RFC 8725 section 3.1):
// a public key is never taken for the shared secret.
func VerifySignedJWT(shared []byte, keys []*SigningKey, token string, now time.Time) (JWTClaims, error) {
	var claims JWTClaims
	choose := func(t *jwt.Token) (any, error) {
		if t.Method.Alg() == jwt.SigningMethodHS256.Alg() {
			return shared, nil
		}
		for _, key := range keys {
			if key.ID == t.Header["kid"] && key.method().Alg() == t.Method.Alg() {
				return key.private.Public(), nil
			}
		}
		return nil, errJWT
	}
	if err := parseWith(choose, []string{"HS256", EdDSA, ES256}, token, now, &claims); err != nil {
		return JWTClaims{}, err
	}
	if claims.UserID == "" {
		return JWTClaims{}, errJWT
	}
	return claims, nil
}
