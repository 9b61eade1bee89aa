package oauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	jose "github.com/go-jose/go-jose/v4"
)

const (
	maxIDToken  = 16384
	skew        = time.Minute // between the provider's clock and ours
	keysKept    = 6 * time.Hour
	keysAgain   = time.Minute // how soon an unknown key may send us to the provider once more
	longestLife = 24 * time.Hour
)

// algorithms that a provider may sign with: those with a public key.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// verified checks an id token that came for this app and returns its claims: signature by the issuer's own keys,
// issuer, audience, time (OpenID Connect Core, 3.1.3.7). The nonce is the caller's to compare.
func (a *App) verified(ctx context.Context, at endpoints, token string) (object, error) {
	return a.verifiedFor(ctx, at, token, []string{a.clientID}, algorithms)
}

func (a *App) verifiedFor(ctx context.Context, at endpoints, token string, audiences, algs []string) (object, error) {
	unverified, err := peek(token)
	if err != nil {
		return nil, err
	}
	issuer := at.issuer
	if a.hooks.issuer != nil {
		ours := false
		if issuer, ours = a.hooks.issuer(a, unverified); !ours {
			return nil, errors.New("the issuer is not of the tenant that is set up")
		}
	} else if named := unverified.text("iss"); slices.Contains(a.Issuers, named) {
		issuer = named
	}
	keys, err := a.client.keysOf(ctx, issuer, or(a.values["wellKnownURL"], strings.TrimSuffix(at.issuer, "/")+wellKnown), a.hooks.issuer != nil)
	if err != nil {
		return nil, a.failed("the request for its keys", err)
	}
	now := a.client.clock()
	signature := &signature{set: keys}
	verifier := oidc.NewVerifier(issuer, signature, &oidc.Config{SkipClientIDCheck: true, SkipExpiryCheck: true, SupportedSigningAlgs: algs, Now: func() time.Time { return now }})
	id, err := verifier.Verify(ctx, token)
	if signature.unread != nil {
		return nil, a.failed("the request for its keys", signature.unread)
	}
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(id.Audience, func(one string) bool { return slices.Contains(audiences, one) }) {
		return nil, errors.New("it is meant for another client")
	}
	var claims object
	if err := decodeClaims(id, &claims); err != nil {
		return nil, err
	}
	if party := claims.text("azp"); len(id.Audience) > 1 && party != "" && !slices.Contains(audiences, party) {
		return nil, errors.New("it was given to another client")
	}
	return claims, a.timely(id, claims, now)
}

// timely checks the moments in a token, with a minute for clocks that differ.
func (a *App) timely(id *oidc.IDToken, claims object, now time.Time) error {
	switch {
	case id.Expiry.Add(skew).Before(now):
		return errors.New("it has expired")
	case id.IssuedAt.Add(-skew).After(now):
		return errors.New("it is from the future")
	case claims.text("sub") == "":
		return errors.New("it names nobody")
	}
	if limit, set := whole(number(a.values["maxAge"])); set {
		signedIn, has := whole(number(claims.text("auth_time")))
		if !has || time.Unix(int64(signedIn), 0).Add(time.Duration(limit)*time.Second+skew).Before(now) {
			return errors.New("the sign-in it is about is too old")
		}
	}
	return nil
}

// number reads digits; nil for none.
func number(text string) any {
	n, err := json.Number(text).Int64()
	if text == "" || err != nil {
		return -1
	}
	return n
}

// decodeClaims keeps numbers as their text, as everywhere here.
func decodeClaims(id *oidc.IDToken, into *object) error {
	var raw json.RawMessage
	if err := id.Claims(&raw); err != nil {
		return err
	}
	return (&answer{body: raw}).decode(into)
}

// peek reads a token's claims before they are worth anything.
func peek(token string) (object, error) {
	malformed := errors.New("it is malformed")
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxIDToken {
		return nil, malformed
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, malformed
	}
	var claims object
	if (&answer{body: raw}).decode(&claims) != nil || claims == nil {
		return nil, malformed
	}
	return claims, nil
}

// keySet is an issuer's keys, kept for some hours. A key that is not among them is looked for once a minute at
// most: whoever makes up key ids must not make us call the provider each time.
type keySet struct {
	client *Client
	at     string

	mu      sync.Mutex
	keys    jose.JSONWebKeySet
	read    time.Time
	fetched bool
}

// keysOf finds the keys of an issuer, whose document names where they lie.
func (c *Client) keysOf(ctx context.Context, issuer, document string, ownDocument bool) (*keySet, error) {
	if ownDocument {
		document = issuer + wellKnown
	}
	found, err := c.discover(ctx, document)
	if err != nil {
		return nil, err
	}
	if ownDocument && found.Issuer != issuer {
		return nil, errors.New("the issuer's document is about another one")
	}
	if checkURL(found.Keys) != nil {
		return nil, errors.New("the issuer names no keys")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	set := c.keySets[found.Keys]
	if set == nil {
		if len(c.keySets) >= mostCached {
			clear(c.keySets)
		}
		set = &keySet{client: c, at: found.Keys}
		c.keySets[found.Keys] = set
	}
	return set, nil
}

// signature is the look at one token's signature. That keys could not be read is no fault of the token, and go-oidc tells
// both by a text.
type signature struct {
	set    *keySet
	unread error // why there are no keys
}

// VerifySignature implements oidc.KeySet.
func (s *signature) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	algs := make([]jose.SignatureAlgorithm, len(algorithms))
	for i, alg := range algorithms {
		algs[i] = jose.SignatureAlgorithm(alg)
	}
	signed, err := jose.ParseSignedCompact(token, algs)
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errors.New("it is malformed")
	}
	keys, err := s.set.byID(ctx, signed.Signatures[0].Header.KeyID)
	if err != nil {
		s.unread = err
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("it is signed with an unknown key")
	}
	for i := range keys {
		if payload, err := signed.Verify(&keys[i]); err == nil {
			return payload, nil
		}
	}
	return nil, errors.New("its signature is wrong")
}

// byID returns the keys of an id; of an empty one, all. An error says that the provider could not be asked.
func (s *keySet) byID(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.client.clock()
	old := !s.fetched || s.read.Add(keysKept).Before(now)
	if !old && len(s.pick(id)) == 0 && !s.read.Add(keysAgain).After(now) {
		old = true
	}
	if old {
		var fresh jose.JSONWebKeySet
		if err := s.client.getJSON(ctx, s.at, &fresh); err != nil {
			return nil, err
		}
		s.keys, s.read, s.fetched = fresh, now, true
	}
	return s.pick(id), nil
}

func (s *keySet) pick(id string) []jose.JSONWebKey {
	var found []jose.JSONWebKey
	for _, key := range s.keys.Keys {
		if (id == "" || key.KeyID == id) && (key.Use == "" || key.Use == "sig") && key.IsPublic() {
			found = append(found, key)
		}
	}
	return found
}

// ErrIDToken answers an id token that is not good; its cause says why.
var ErrIDToken = errors.New("oauth: the id token was refused")

// SignedToken is an id token that an app got by itself.
type SignedToken struct {
	Profile Profile
	Expires time.Time // until when it could be sent again
	Hash    [32]byte  // by which a second use is noticed
}

// SignsIDTokens says whether VerifyIDToken can check this provider's tokens.
func (a *App) SignsIDTokens() bool {
	return a.Issuer != "" || a.Discover && a.values["wellKnownURL"] != ""
}

// VerifyIDToken checks an id token that an app has got from the provider by itself. The raw nonce must be the
// token's, or its SHA-256 in hex; where the token has one it must be given. Errors are ErrIDToken with a cause,
// or a *Refusal when the provider's keys cannot be read.
func (a *App) VerifyIDToken(ctx context.Context, token, nonce string) (*SignedToken, error) {
	at, err := a.endpoints(ctx)
	if err != nil {
		return nil, err
	}
	if at.issuer == "" {
		return nil, errors.Join(ErrIDToken, errors.New("the provider has no issuer"))
	}
	claims, err := a.verifiedFor(ctx, at, token, a.ClientIDs(), algorithms)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return nil, refusal
	}
	if err == nil {
		err = a.nonceOf(claims, nonce)
	}
	if err != nil {
		return nil, errors.Join(ErrIDToken, err)
	}
	profile, err := a.read(claims, claims, Extras{})
	if err != nil {
		return nil, errors.Join(ErrIDToken, err)
	}
	expires, _ := whole(number(claims.text("exp")))
	signed := &SignedToken{Profile: *profile, Expires: time.Unix(int64(expires), 0).Add(skew), Hash: sha256.Sum256([]byte(token))}
	if most := a.client.clock().Add(longestLife); signed.Expires.After(most) {
		return nil, errors.Join(ErrIDToken, errors.New("it lives for longer than a day"))
	}
	return signed, nil
}

// nonceOf compares nonces.
func (a *App) nonceOf(claims object, raw string) error {
	claim := claims.text("nonce")
	if claim == "" {
		if a.ID == "apple" {
			return errors.New("it has no nonce")
		}
		return nil
	}
	sum := sha256.Sum256([]byte(raw))
	same := subtle.ConstantTimeCompare([]byte(claim), []byte(raw)) | subtle.ConstantTimeCompare([]byte(claim), []byte(hex.EncodeToString(sum[:])))
	if raw == "" || same != 1 {
		return errors.New("the nonce is another one")
	}
	return nil
}
