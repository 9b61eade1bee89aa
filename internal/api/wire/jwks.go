package wire

import "latchkey/internal/secret"

// JWK is a public key that JWTs are signed with (RFC 7517).
type JWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y,omitempty" since:"2.3.0"`
	ID        string `json:"kid"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
}

// Model implements api.Model.
func (*JWK) Model() string { return "jwk" }

// JWKS is a set of public keys.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// Model implements api.Model.
func (*JWKS) Model() string { return "jwks" }

// JWKSOf shows the public halves of signing keys.
func JWKSOf(keys []*secret.SigningKey) *JWKS {
	set := &JWKS{Keys: []JWK{}}
	for _, key := range keys {
		public := key.JWK()
		set.Keys = append(set.Keys, JWK{public.KeyType, public.Curve, public.X, public.Y, public.ID, public.Algorithm, public.Use})
	}
	return set
}
