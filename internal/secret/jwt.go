package secret

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ErrExpired answers a token that was good once.
var ErrExpired = errors.New("it has expired")

// errJWT answers every other bad token.
var errJWT = errors.New("its form or signature is wrong")

// maxJWT bounds the token that is looked at, in bytes.
const maxJWT = 4096

// JWTClaims is what a user's JWT says. Of the registered claims only exp is set: Until makes it.
type JWTClaims struct {
	UserID    string `json:"userId"`
	SessionID string `json:"sessionId"`
	Counter   int64  `json:"counter,omitempty"` // for tokens without a session: the user's token counter
	jwt.RegisteredClaims
}

// EphemeralClaims is what an ephemeral API key says.
type EphemeralClaims struct {
	ProjectID string   `json:"projectId"`
	Since     int64    `json:"since"` // when the project was made: another may have its id later
	Name      string   `json:"name"`
	Scopes    []string `json:"scopes"`
	jwt.RegisteredClaims
}

// Until makes the claim that a token holds until a moment, which is cut to seconds.
func Until(moment time.Time) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(moment)}
}

// SignJWT makes a user's JWT.
func SignJWT(key []byte, claims JWTClaims) (string, error) { return sign(key, claims) }

// SignEphemeralKey makes the token part of an ephemeral key.
func SignEphemeralKey(key []byte, claims EphemeralClaims) (string, error) { return sign(key, claims) }

func sign(key []byte, claims jwt.Claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
}

// VerifyJWT reads a user's JWT. Its errors are ErrExpired, or one text for everything else.
func VerifyJWT(key []byte, token string, now time.Time) (JWTClaims, error) {
	var claims JWTClaims
	if err := parse(key, token, now, &claims); err != nil {
		return JWTClaims{}, err
	}
	if claims.UserID == "" {
		return JWTClaims{}, errJWT
	}
	return claims, nil
}

// VerifyEphemeralKey reads the token part of an ephemeral key.
func VerifyEphemeralKey(key []byte, token string, now time.Time) (EphemeralClaims, error) {
	var claims EphemeralClaims
	if err := parse(key, token, now, &claims); err != nil {
		return EphemeralClaims{}, err
	}
	return claims, nil
}

// parse verifies a token. The algorithm is pinned, so a token cannot choose how it is checked (RFC 8725).
func parse(key []byte, token string, now time.Time, into jwt.Claims) error {
	return parseWith(func(*jwt.Token) (any, error) { return key, nil }, []string{"HS256"}, token, now, into)
}

// parseWith verifies a token of some algorithms by the key that is chosen for it.
func parseWith(choose jwt.Keyfunc, algorithms []string, token string, now time.Time, into jwt.Claims) error {
	if len(token) > maxJWT {
		return errJWT
	}
	_, err := jwt.ParseWithClaims(token, into, choose,
		jwt.WithValidMethods(algorithms), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	if errors.Is(err, jwt.ErrTokenExpired) {
		return ErrExpired
	}
	if err != nil {
		return errJWT
	}
	return nil
}
