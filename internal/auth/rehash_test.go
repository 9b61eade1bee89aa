package auth_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// imported makes the hashes that people come with, all of the password given or of one of their own.
func imported(t testing.TB) map[string]struct {
	password string
	hash     model.Password
} {
	t.Helper()
	type found = struct {
		password string
		hash     model.Password
	}
	blowfish, err := bcrypt.GenerateFromPassword([]byte(testkit.Password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	salt := []byte("somesalt")
	weak := fmt.Sprintf("$argon2id$v=19$m=8,t=1,p=1$%s$%s", base64.RawStdEncoding.EncodeToString(salt),
		base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(testkit.Password), salt, 1, 8, 1, 32)))
	old := fmt.Sprintf("$argon2i$v=19$m=64,t=4,p=3$%s$%s", base64.RawStdEncoding.EncodeToString(salt),
		base64.RawStdEncoding.EncodeToString(argon2.Key([]byte(testkit.Password), salt, 4, 64, 3, 32)))
	return map[string]found{
		"md5":    {testkit.Password, model.Password{Kind: "md5", Hash: "26cddb9f7d28f3d57a5a7c824b1216b7"}},
		"sha1":   {testkit.Password, model.Password{Kind: "sha", Options: `{"version":"sha1"}`, Hash: "c797cfbd81600dc6c60131af6835cf3e45b19dcf"}},
		"bcrypt": {testkit.Password, model.Password{Kind: "bcrypt", Hash: string(blowfish)}},
		"phpass": {"test12345", model.Password{Kind: "phpass", Hash: "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"}},
		"scrypt": {testkit.Password, model.Password{Kind: "scrypt", Options: `{"salt":"pepper","costCpu":16,"costMemory":8,"costParallel":1,"length":64}`,
			Hash: "33fd50ebdb2838038e2820734bdaadbfa0c9c393ae178a7b5f79b9ea1766208f57d53e04f8714645f1c66ad261356dd6c585c38174e2edd01c9938aca980bf0f"}},
		"scrypt of Firebase": {"user1password", model.Password{Kind: "scryptMod",
			Options: `{"salt":"42xEC+ixf3L2lw==","saltSeparator":"Bw==","signerKey":"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="}`,
			Hash:    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="}},
		"argon2 of a lower cost": {testkit.Password, model.Password{Kind: "argon2", Hash: weak}},
		"argon2i":                {testkit.Password, model.Password{Kind: "argon2", Hash: old}},
	}
}

// insert adds a user with an address and a stored hash, as an import does.
func insert(t testing.TB, s *testkit.Server, id string, hash model.Password) {
	t.Helper()
	now := model.At(s.Clock.Now())
	s.Write(t, func(tx *store.Tx) {
		tx.InsertUser(&model.User{Project: testkit.Demo, ID: id, CreatedAt: now, UpdatedAt: now, AccessedAt: now, Email: id + "@example.com",
			Status: true, Prefs: "{}", PasswordUpdate: now, Password: hash})
	})
}

// A sign-in is the moment at which an old hash can be replaced: only then is the password known.
func TestOldHashesAreReplacedAtSignIn(t *testing.T) {
	cases := imported(t)
	if len(cases) == 0 {
		t.Fatal("there are no old hashes")
	}
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s = hashing(t, s, secret.Cost{MemoryKiB: 16, Time: 1, Threads: 1}, secret.NewGate(2, 64))
		n := 0
		for name, c := range cases {
			n++
			id := fmt.Sprintf("user%d", n)
			t.Run(name, func(t *testing.T) {
				insert(t, s, id, c.hash)
				before := stored(t, s, id)
				s.Clock.Advance(time.Second)
				s.Call(t, signIn, credentials(id+"@example.com", "wrong password")).Want(401, "user_invalid_credentials")
				if got := stored(t, s, id).Password; got != before.Password {
					t.Errorf("a wrong password was stored: %v", got)
				}
				first := s.Call(t, signIn, credentials(id+"@example.com", c.password)).Want(201)
				after := stored(t, s, id)
				if after.Password.Kind != secret.KindArgon2 || after.Password.Hash == before.Password.Hash || s.Parts.Hasher.NeedsRehash(after.Password) {
					t.Errorf("it is %v now", after.Password)
				}
				// It is the same password: it has not been changed, and nothing that hangs on it ends.
				if after.PasswordUpdate != before.PasswordUpdate || after.UpdatedAt != before.UpdatedAt || after.TokenCounter != before.TokenCounter {
					t.Errorf("more than the hash has moved: %+v", after)
				}
				s.Call(t, signIn, credentials(id+"@example.com", c.password)).Want(201)
				if again := stored(t, s, id); again.Password != after.Password {
					t.Error("a new hash was replaced again")
				}
				s.Call(t, signIn, credentials(id+"@example.com", "wrong password")).Want(401, "user_invalid_credentials")
				s.Call(t, whoAmI, nil, testkit.As(first.Session())).Want(200)
				if got := events(t, s, id); len(got) != 2 {
					t.Errorf("the log says %q", got)
				}
			})
		}
	})
}

// A hash that cannot be read is nobody's wrong password: the operator is told, the caller learns nothing.
func TestABrokenHashLetsNobodyIn(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		for id, hash := range map[string]model.Password{"unknown": {Kind: "rot13", Hash: testkit.Password}, "cut": {Kind: "argon2", Hash: "$argon2id$v=19$m=8"}, "costly": {Kind: "bcrypt",
			Hash: "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}} {
			insert(t, s, id, hash)
			s.Call(t, signIn, credentials(id+"@example.com", testkit.Password)).Want(500)
			if got := stored(t, s, id).Password; got.Hash != hash.Hash {
				t.Errorf("%s: it was replaced by %v", id, got)
			}
		}
	})
}

// Of several first sign-ins at once each replaces the hash; none may take the other's for another password.
func TestSignInsThatReplaceAHashAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		const crowd = 20
		for i := range 3 {
			id := fmt.Sprintf("user%d", i)
			insert(t, s, id, model.Password{Kind: "md5", Hash: "26cddb9f7d28f3d57a5a7c824b1216b7"})
			ends := testkit.AtOnce(crowd, func(int) *testkit.Reply { return s.Call(t, signIn, credentials(id+"@example.com", testkit.Password)) })
			if ends["ok"] != crowd {
				t.Errorf("%d sign-ins by the right password ended as %v", crowd, ends)
			}
		}
	})
}
