package secret

import (
	"context"
	"errors"
	"strings"
	"testing"

	"latchkey/internal/model"
)

// cheap is the least argon2id there is.
var cheap = Cost{MemoryKiB: 8, Time: 1, Threads: 1}

func testHasher() *Hasher { return NewHasher(cheap, NewRandom(nil), NewGate(2, 64)) }

// imported are hashes made elsewhere: the published vectors of argon2, bcrypt, phpass and Firebase, and
// digests computed with another implementation.
var imported = []struct {
	name, password string
	stored         model.Password
}{
	{"argon2id", "password", model.Password{Kind: "argon2", Hash: "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}},
	{"bcrypt 2a", "U*U", model.Password{Kind: "bcrypt", Hash: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}},
	{"bcrypt 2y", "U*U", model.Password{Kind: "bcrypt", Hash: "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}},
	{"phpass", "test12345", model.Password{Kind: "phpass", Hash: "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"}},
	{"phpass that is bcrypt", "U*U", model.Password{Kind: "phpass", Hash: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}},
	{"md5", "correct horse 1", model.Password{Kind: "md5", Hash: "26cddb9f7d28f3d57a5a7c824b1216b7"}},
	{"sha1", "correct horse 1", model.Password{Kind: "sha", Options: `{"version":"sha1"}`, Hash: "c797cfbd81600dc6c60131af6835cf3e45b19dcf"}},
	{"sha256, upper case", "correct horse 1", model.Password{Kind: "sha", Options: `{"version":"sha256"}`, Hash: "E11B52DA4A66F9F71373B0C1B4DDB847405E05FC8237570964F1C3A043CA10E7"}},
	{"sha3-512 by default", "correct horse 1", model.Password{Kind: "sha", Hash: "ff75ce685a7ba342c11fd65c1b0f02b728b9607091a7ea2aa7f630e582eefe9b93db12ca3675dcf90b6b9c7730b543215ebc9ac9f0b35b6b248e3a39afeeab92"}},
	{"scrypt", "correct horse 1", model.Password{Kind: "scrypt", Options: `{"salt":"pepper","costCpu":16,"costMemory":8,"costParallel":1,"length":64}`, Hash: "33fd50ebdb2838038e2820734bdaadbfa0c9c393ae178a7b5f79b9ea1766208f57d53e04f8714645f1c66ad261356dd6c585c38174e2edd01c9938aca980bf0f"}},
	{"Firebase", "user1password", model.Password{Kind: "scryptMod",
		Options: `{"salt":"42xEC+ixf3L2lw==","saltSeparator":"Bw==","signerKey":"jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="}`,
		Hash:    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="}},
}

func TestImportedHashes(t *testing.T) {
	t.Parallel()
	h := testHasher()
	for _, c := range imported {
		if ok, err := h.Verify(context.Background(), c.password, c.stored); !ok || err != nil {
			t.Errorf("%s: the right password is refused: %v", c.name, err)
		}
		if ok, err := h.Verify(context.Background(), c.password+"x", c.stored); ok || err != nil {
			t.Errorf("%s: a wrong password: %v, %v", c.name, ok, err)
		}
		if !h.NeedsRehash(c.stored) && c.stored.Kind != KindArgon2 {
			t.Errorf("%s is not replaced at sign-in", c.name)
		}
	}
}

func TestOwnHashes(t *testing.T) {
	t.Parallel()
	h := testHasher()
	for _, password := range []string{"correct horse 1", "", strings.Repeat("ä", 128), "with\x00nul"} {
		hash, err := h.Hash(context.Background(), password)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := h.Verify(context.Background(), password, hash); !ok || err != nil {
			t.Errorf("%q: %v", password, err)
		}
		if h.NeedsRehash(hash) {
			t.Error("a new hash is called weak")
		}
	}
	one, _ := h.Hash(context.Background(), "same")
	two, _ := h.Hash(context.Background(), "same")
	if one.Hash == two.Hash {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	stronger := NewHasher(Cost{MemoryKiB: 16, Time: 1, Threads: 1}, NewRandom(nil), NewGate(1, 1))
	if !stronger.NeedsRehash(one) {
		t.Error("a weaker hash is not replaced")
	}
}

// A hash that somebody imports must not be able to stop the server, nor to let anybody in.
func TestHostileHashes(t *testing.T) {
	t.Parallel()
	h := testHasher()
	cases := map[string]struct {
		stored model.Password
		want   error
	}{
		"argon2 memory":     {model.Password{Kind: "argon2", Hash: "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}, ErrTooCostly},
		"argon2 passes":     {model.Password{Kind: "argon2", Hash: "$argon2id$v=19$m=65536,t=4000000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}, ErrTooCostly},
		"argon2 no passes":  {model.Password{Kind: "argon2", Hash: "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}, ErrMalformed},
		"argon2 empty":      {model.Password{Kind: "argon2", Hash: "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$"}, ErrMalformed},
		"argon2d":           {model.Password{Kind: "argon2", Hash: "$argon2d$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}, ErrMalformed},
		"bcrypt cost":       {model.Password{Kind: "bcrypt", Hash: "$2a$20$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}, ErrTooCostly},
		"bcrypt text":       {model.Password{Kind: "bcrypt", Hash: "x"}, ErrMalformed},
		"scrypt memory":     {model.Password{Kind: "scrypt", Options: `{"salt":"s","costCpu":1048576,"costMemory":64,"costParallel":16,"length":16}`, Hash: strings.Repeat("00", 16)}, ErrTooCostly},
		"scrypt no power":   {model.Password{Kind: "scrypt", Options: `{"salt":"s","costCpu":3,"costMemory":1,"costParallel":1,"length":16}`, Hash: strings.Repeat("00", 16)}, ErrMalformed},
		"scrypt short":      {model.Password{Kind: "scrypt", Options: `{"salt":"s","costCpu":2,"costMemory":1,"costParallel":1,"length":0}`, Hash: ""}, ErrMalformed},
		"phpass rounds":     {model.Password{Kind: "phpass", Hash: "$P$zIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0xxxx"[:34]}, ErrTooCostly},
		"sha of no version": {model.Password{Kind: "sha", Options: `{"version":"rot13"}`, Hash: "00"}, ErrMalformed},
		"options":           {model.Password{Kind: "sha", Options: `[`, Hash: "00"}, ErrMalformed},
		"unknown kind":      {model.Password{Kind: "plaintext", Hash: "secret"}, ErrMalformed},
		"Firebase empty":    {model.Password{Kind: "scryptMod", Options: `{"salt":"","saltSeparator":"","signerKey":""}`, Hash: ""}, ErrMalformed},
	}
	for name, c := range cases {
		if err := CheckImported(c.stored); !errors.Is(err, c.want) {
			t.Errorf("%s: importing says %v, want %v", name, err, c.want)
		}
		if ok, err := h.Verify(context.Background(), "", c.stored); ok || err == nil {
			t.Errorf("%s: verified as %v, %v", name, ok, err)
		}
	}
}

func FuzzCheckImported(f *testing.F) {
	for _, c := range imported {
		f.Add(c.stored.Kind, string(c.stored.Options), c.stored.Hash)
	}
	f.Fuzz(func(t *testing.T, kind, options, hash string) {
		_ = CheckImported(model.Password{Kind: kind, Options: model.Object(options), Hash: hash})
	})
}

func BenchmarkHashDefault(b *testing.B) {
	h := NewHasher(DefaultCost, NewRandom(nil), NewGate(1, 1))
	for b.Loop() {
		if _, err := h.Hash(context.Background(), "correct horse 1"); err != nil {
			b.Fatal(err)
		}
	}
}
