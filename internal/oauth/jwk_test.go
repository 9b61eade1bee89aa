package oauth

import (
	"crypto/rsa"

	jose "github.com/go-jose/go-jose/v4"
)

func jwkOf(key *rsa.PrivateKey) jose.JSONWebKey {
	return jose.JSONWebKey{Key: &key.PublicKey, KeyID: "key-1", Algorithm: "RS256", Use: "sig"}
}
