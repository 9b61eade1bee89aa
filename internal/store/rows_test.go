package store_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// The rows below have every field set to something of its own, so that a column read into the wrong field shows.

const (
	project = "demo"
	noon    = model.Time(1_772_366_400_000)
	year    = model.Time(365 * 24 * 60 * 60 * 1000)
)

// someUser is a user with an address, a number and a password.
func someUser(id string) *model.User {
	return &model.User{
		Project: project, ID: id, CreatedAt: noon + 1, UpdatedAt: noon + 2, Name: "Ärzte " + id, Email: id + "@example.com", Phone: "+4930" + digits(id),
		Status: true, SelfBlocked: true, Labels: []string{"admin", "Beta2"}, Prefs: `{"theme":"dark"}`,
		EmailVerification: true, PhoneVerification: true,
		EmailFacts: &model.EmailFacts{Canonical: id + "@canon.example", IsFree: true, IsDisposable: false, IsCorporate: true, IsCanonical: true},
		Password:   model.Password{Kind: "argon2", Options: `{"time":1}`, Hash: "$argon2id$" + id}, PasswordUpdate: noon + 3,
		AccessedAt: noon + 5, ResetRequired: true, MFA: true, Impersonator: true, TokenCounter: 7, DeleteAt: noon + 6,
		Targets: []model.Target{},
	}
}

// anonymous is a user without any way to sign in.
func anonymous(id string) *model.User {
	return &model.User{Project: project, ID: id, CreatedAt: noon, UpdatedAt: noon, Status: true, Labels: []string{}, Prefs: "{}",
		AccessedAt: noon, Targets: []model.Target{}}
}

func digits(id string) string {
	sum := sha256.Sum256([]byte(id))
	return fmt.Sprint(binary.BigEndian.Uint64(sum[:]) % 1_000_000_000_000)
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func someSession(user, id string) *model.Session {
	return &model.Session{
		Project: project, ID: id, CreatedAt: noon + 10, UpdatedAt: noon + 11, UserID: user, SecretHash: hashOf(user + id), Expire: noon + year,
		Provider: "email", ProviderUID: user + "@example.com", ProviderAccessToken: "access", ProviderAccessTokenExpiry: noon + 12,
		ProviderRefreshToken: "refresh", Factors: []string{"password", "totp"}, MFAUpdatedAt: noon + 13,
		IP: "203.0.113.7", CountryCode: "de", UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
		Agent: model.Agent{OSCode: "LIN", OSName: "GNU/Linux", OSVersion: "1", ClientType: "browser", ClientCode: "CH", ClientName: "Chrome",
			ClientVersion: "120.0", ClientEngine: "Blink", ClientEngineVersion: "120.0.1", DeviceName: "desktop", DeviceBrand: "Some", DeviceModel: "One"},
	}
}

func someTarget(user, id string) *model.Target {
	return &model.Target{Project: project, ID: id, CreatedAt: noon + 20, UpdatedAt: noon + 21, UserID: user, ProviderType: model.TargetEmail,
		ProviderID: "mailer", Identifier: user + "@example.com", Name: "Mail"}
}

func someAudit(actor, id string, at model.Time) *model.Audit {
	return &model.Audit{Project: project, ID: id, Time: at, Event: "session.create", Resource: "user/" + actor, ActorType: "user", ActorID: actor,
		ActorName: "Name", ActorMail: actor + "@example.com", Mode: "default", IP: "203.0.113.7", UserAgent: "Mozilla/5.0", Country: "de"}
}

func someProject(id string) *model.Project {
	return &model.Project{ID: id, Name: "Demo", CreatedAt: noon, UpdatedAt: noon + 1, AccessedAt: noon + 2, Settings: model.DefaultSettings(), Platforms: []model.Platform{}}
}

// write runs a transaction that must succeed.
func write(t testing.TB, db *store.DB, fn func(*store.Tx)) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		fn(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// at is the database with a clock that stands.
func at(db *store.DB, now model.Time) *store.DB {
	return db.WithClock(func() model.Time { return now })
}

func someIdentity(user, id string) *model.Identity {
	return &model.Identity{Project: project, ID: id, CreatedAt: noon, UpdatedAt: noon + 1, UserID: user, Provider: "github", ProviderUID: "uid-" + user,
		ProviderEmail: user + "@social.example", ProviderAccessToken: "sealed", ProviderAccessTokenExpiry: noon + 2, ProviderRefreshToken: "sealed too"}
}

func someKey(id string) *model.Key {
	return &model.Key{Project: project, ID: id, CreatedAt: noon, UpdatedAt: noon + 1, Name: "Server", SecretHash: hashOf(id), Hint: "wxyz",
		Scopes: []string{"users.read", "sessions.write"}, Expire: noon + year, AccessedAt: noon + 2, SDKs: []string{"Node", "React Native"}, Dev: true}
}
