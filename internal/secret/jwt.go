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

// JWTClaims is what a user's JWT says.
type JWTClaims struct {
	UserID    string `json:"userId"`
	SessionID string `json:"sessionId"`
	Exp       int64  `json:"exp"`               // seconds of the epoch
	Counter   int64  `json:"counter,omitempty"` // for tokens without a session: the user's token counter
}

// EphemeralClaims is what an ephemeral API key says.
type EphemeralClaims struct {
	ProjectID string   `json:"projectId"`
	Name      string   `json:"name"`
	Scopes    []string `json:"scopes"`
	Exp       int64    `json:"exp"`
}

// The methods make both kinds of claims usable by the library. Only exp is part of them.
func (c JWTClaims) GetExpirationTime() (*jwt.NumericDate, error) { return expires(c.Exp) }
func (JWTClaims) GetIssuedAt() (*jwt.NumericDate, error)         { return nil, nil }
func (JWTClaims) GetNotBefore() (*jwt.NumericDate, error)        { return nil, nil }
func (JWTClaims) GetIssuer() (string, error)                     { return "", nil }
func (JWTClaims) GetSubject() (string, error)                    { return "", nil }
func (JWTClaims) GetAudience() (jwt.ClaimStrings, error)         { return nil, nil }

func (c EphemeralClaims) GetExpirationTime() (*jwt.NumericDate, error) { return expires(c.Exp) }
func (EphemeralClaims) GetIssuedAt() (*jwt.NumericDate, error)         { return nil, nil }
func (EphemeralClaims) GetNotBefore() (*jwt.NumericDate, error)        { return nil, nil }
func (EphemeralClaims) GetIssuer() (string, error)                     { return "", nil }
func (EphemeralClaims) GetSubject() (string, error)                    { return "", nil }
func (EphemeralClaims) GetAudience() (jwt.ClaimStrings, error)         { return nil, nil }

func expires(at int64) (*jwt.NumericDate, error) { return jwt.NewNumericDate(time.Unix(at, 0)), nil }

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
	if claims.UserID == "" || claims.Exp == 0 {
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
	if claims.Exp == 0 {
		return EphemeralClaims{}, errJWT
	}
	return claims, nil
}

// parse verifies a token. The algorithm is pinned, so a token cannot choose how it is checked (RFC 8725).
func parse(key []byte, token string, now time.Time, into jwt.Claims) error {
	if len(token) > maxJWT {
		return errJWT
	}
	_, err := jwt.ParseWithClaims(token, into, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(func() time.Time { return now }))
	if errors.Is(err, jwt.ErrTokenExpired) {
		return ErrExpired
	}
	if err != nil {
		return errJWT
	}
	return nil
}
