package admin_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"latchkey/internal/admin"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// How long keys of these tests are published before they sign and after, and how long a verifier keeps them.
const ahead, after, kept = 6 * time.Second, time.Hour, 4 * time.Second

// signing is a server whose demo project signs its JWTs so that others can verify them.
func signing(t *testing.T, algorithm string, test func(t *testing.T, s *testkit.Server, r *admin.Rotator)) {
	t.Helper()
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, HashQueue: 1000, Settings: func(set *model.Settings) {
			set.Policies.JWTSigning = model.JWTSigning{Algorithm: algorithm, RotateDays: 1}
		}})
		r := &admin.Rotator{DB: s.DB, Keys: s.Keys, Random: s.Random, Clock: s.Clock.Now, Holder: "test", Ahead: ahead, After: after}
		turn(t, s, r)
		test(t, s, r)
	})
}

// turn lets the rotator do what is due, and the server learn of it.
func turn(t testing.TB, s *testkit.Server, r *admin.Rotator) {
	t.Helper()
	if err := r.Turn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Projects.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// verifier is somebody else's server: it knows the address of the key set, keeps what it has fetched for a while, and
// verifies with nothing of ours.
type verifier struct {
	mu      sync.Mutex
	keys    map[string]any
	fetched time.Time
}

// fetch reads the key set.
func (v *verifier) fetch(t testing.TB, s *testkit.Server) {
	t.Helper()
	var set struct {
		Keys []struct{ Kty, Crv, X, Y, Kid, Alg, Use string }
	}
	reply := s.Call(t, "GET /v1/account/jwks", nil, testkit.Header{"Origin", "https://elsewhere.example"}).Want(200)
	if err := json.Unmarshal(reply.Body, &set); err != nil {
		t.Fatal(err)
	}
	number := func(text string) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	v.keys, v.fetched = map[string]any{}, s.Clock.Now()
	for _, k := range set.Keys {
		switch k.Kty {
		case "OKP":
			v.keys[k.Kid] = ed25519.PublicKey(number(k.X))
		case "EC":
			v.keys[k.Kid] = &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(number(k.X)), Y: new(big.Int).SetBytes(number(k.Y))}
		}
	}
}

// verify reads a token with the keys fetched last, at most a while ago.
func (v *verifier) verify(t testing.TB, s *testkit.Server, token string) error {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.keys == nil || s.Clock.Now().Sub(v.fetched) > kept {
		v.fetch(t, s)
	}
	_, err := jwt.Parse(token, func(token *jwt.Token) (any, error) {
		key := v.keys[fmt.Sprint(token.Header["kid"])]
		if key == nil {
			return nil, fmt.Errorf("key %v is not published", token.Header["kid"])
		}
		return key, nil
	}, jwt.WithValidMethods([]string{"EdDSA", "ES256"}), jwt.WithTimeFunc(s.Clock.Now), jwt.WithAudience(testkit.Demo))
	return err
}

// Keys rotate every few seconds while people sign: nobody's valid token is refused by a verifier that keeps what it
// fetched, and no ended one is accepted by us.
func TestRotatingUnderLoad(t *testing.T) {
	for _, algorithm := range []string{secret.EdDSA, secret.ES256} {
		t.Run(algorithm, func(t *testing.T) {
			signing(t, algorithm, func(t *testing.T, s *testkit.Server, r *admin.Rotator) {
				v := &verifier{}
				r.Every = 8 * time.Second
				seen := map[string]bool{}
				for round := range 20 {
					var wait sync.WaitGroup
					for i := range 4 {
						wait.Go(func() { session(t, s, v, fmt.Sprintf("p%d-%d@example.com", round, i)) })
					}
					wait.Wait()
					keys, err := s.Projects.SigningKeys(t.Context(), testkit.Demo)
					if err != nil || keys.Active == nil {
						t.Fatal(keys, err)
					}
					seen[keys.Active.ID] = true
					s.Clock.Advance(2 * time.Second)
					turn(t, s, r)
				}
				if len(seen) < 4 {
					t.Errorf("only %d keys have signed", len(seen))
				}
			})
		})
	}
}

// session signs somebody up, has a token verified elsewhere and here, ends the session and has it refused here.
func session(t *testing.T, s *testkit.Server, v *verifier, email string) {
	_, cookie := s.Member(t, email)
	token := s.Call(t, "POST /v1/account/jwts", nil, testkit.As(cookie)).Want(201).Text("jwt")
	if err := v.verify(t, s, token); err != nil {
		t.Error(err)
	}
	by := testkit.Header{"X-Appwrite-JWT", token}
	s.Call(t, "GET /v1/account", nil, by).Want(200)
	s.Call(t, "DELETE /v1/account/sessions/current", nil, testkit.As(cookie)).Want(204)
	s.Call(t, "GET /v1/account", nil, by).Want(401, "general_unauthorized_scope")
}

func TestTheLifeOfASigningKey(t *testing.T) {
	signing(t, secret.EdDSA, func(t *testing.T, s *testkit.Server, r *admin.Rotator) {
		keys := func() (active string, published int) {
			k, err := s.Projects.SigningKeys(t.Context(), testkit.Demo)
			if err != nil {
				t.Fatal(err)
			}
			if k.Active != nil {
				active = k.Active.ID
			}
			return active, len(k.Published)
		}
		first, published := keys()
		if first == "" || published != 2 {
			t.Fatalf("%q of %d", first, published)
		}
		_, cookie := s.Member(t, "walter@example.com")
		token := s.Call(t, "POST /v1/account/jwts", testkit.Map{"duration": 3600}, testkit.As(cookie)).Want(201).Text("jwt")
		by := testkit.Header{"X-Appwrite-JWT", token}
		turn(t, s, r)
		if again, n := keys(); again != first || n != 2 {
			t.Errorf("nothing was due, and there are %q of %d", again, n)
		}
		s.Clock.Advance(24*time.Hour - 30*time.Minute)
		token = s.Call(t, "POST /v1/account/jwts", testkit.Map{"duration": 3600}, testkit.As(cookie)).Want(201).Text("jwt")
		by = testkit.Header{"X-Appwrite-JWT", token}
		s.Clock.Advance(30 * time.Minute)
		turn(t, s, r)
		second, n := keys()
		if second == first || n != 3 {
			t.Errorf("after a day %q of %d", second, n)
		}
		s.Call(t, "GET /v1/account", nil, by).Want(200) // signed by the key that has retired
		s.Clock.Advance(after)
		turn(t, s, r)
		if _, n := keys(); n != 2 {
			t.Errorf("%d keys after the last token of the first has expired", n)
		}
		// Switched off, the shared key signs again; what is about stays good until it ends.
		token = s.Call(t, "POST /v1/account/jwts", nil, testkit.As(cookie)).Want(201).Text("jwt")
		project, err := s.DB.Project(t.Context(), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		project.Settings.Policies.JWTSigning.Algorithm = ""
		s.Write(t, func(tx *store.Tx) { tx.UpsertProject(project) })
		turn(t, s, r)
		if active, n := keys(); active != "" || n != 1 {
			t.Errorf("switched off: %q of %d", active, n)
		}
		s.Call(t, "GET /v1/account", nil, testkit.Header{"X-Appwrite-JWT", token}).Want(200)
		shared := s.Call(t, "POST /v1/account/jwts", nil, testkit.As(cookie)).Want(201).Text("jwt")
		s.Call(t, "GET /v1/account", nil, testkit.Header{"X-Appwrite-JWT", shared}).Want(200)
	})
}

// A token cannot choose how it is verified: a public key is no shared secret, and another project's key is nothing.
func TestTokensThatLieAboutTheirAlgorithm(t *testing.T) {
	signing(t, secret.EdDSA, func(t *testing.T, s *testkit.Server, _ *admin.Rotator) {
		_, cookie := s.Member(t, "walter@example.com")
		token := s.Call(t, "POST /v1/account/jwts", nil, testkit.As(cookie)).Want(201).Text("jwt")
		var claims secret.JWTClaims
		if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
			t.Fatal(err)
		}
		keys, err := s.Projects.SigningKeys(context.WithoutCancel(t.Context()), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		public, err := base64.RawURLEncoding.DecodeString(keys.Active.JWK().X)
		if err != nil {
			t.Fatal(err)
		}
		forged := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
		forged.Header["kid"] = keys.Active.ID
		text, err := forged.SignedString(public)
		if err != nil {
			t.Fatal(err)
		}
		s.Call(t, "GET /v1/account", nil, testkit.Header{"X-Appwrite-JWT", text}).Want(401, "user_jwt_invalid")
		stranger, err := secret.NewSigningKey(s.Random, secret.EdDSA)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{stranger.ID, keys.Active.ID} {
			stranger.ID = id
			text, err := stranger.SignJWT(claims, testkit.Demo, s.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			s.Call(t, "GET /v1/account", nil, testkit.Header{"X-Appwrite-JWT", text}).Want(401, "user_jwt_invalid")
		}
	})
}
