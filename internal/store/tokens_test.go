package store_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func someToken(user, id, purpose string) *model.Token {
	return &model.Token{Project: project, ID: id, UserID: user, Purpose: purpose, SecretHash: hashOf("secret of " + id), Address: user + "@example.com",
		Expire: noon + 1000, Attempts: 1, IP: "203.0.113.7", UserAgent: "Mozilla/5.0", CreatedAt: noon}
}

// claimFor is the claim that redeems a token.
func claimFor(t *model.Token) *store.TokenClaim {
	return &store.TokenClaim{Project: t.Project, UserID: t.UserID, Purposes: []string{t.Purpose}, SecretHash: t.SecretHash, Addresses: []string{t.Address}}
}

// redeem consumes a token in a transaction of its own.
func redeem(t *testing.T, db *store.DB, claim *store.TokenClaim) (found *model.Token, err error) {
	t.Helper()
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		found, err = tx.ConsumeToken(claim)
		return err
	})
	return found, err
}

func TestATokenIsRedeemedOnceByWhatItIsFor(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		token, other := someToken("walter", "t1", model.PurposeMagicURL), someToken("skyler", "t2", model.PurposeMagicURL)
		unbound := someToken("walter", "t3", model.PurposeGeneric)
		unbound.Address = ""
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(anonymous("walter"))
			tx.InsertUser(anonymous("skyler"))
			for _, token := range []*model.Token{token, other, unbound} {
				tx.InsertToken(token)
			}
		})
		for name, change := range map[string]func(*store.TokenClaim){
			"another project": func(c *store.TokenClaim) { c.Project = "other" },
			"another user":    func(c *store.TokenClaim) { c.UserID = "skyler" },
			"another purpose": func(c *store.TokenClaim) { c.Purposes = []string{model.PurposeRecovery, model.PurposeEmailOTP} },
			"another secret":  func(c *store.TokenClaim) { c.SecretHash = hashOf("guess") },
			"another address": func(c *store.TokenClaim) { c.Addresses = []string{"new@example.com", "+4930123", ""} },
			"no address":      func(c *store.TokenClaim) { c.Addresses = nil },
		} {
			claim := claimFor(token)
			change(claim)
			if _, err := redeem(t, at(db, noon), claim); !errors.Is(err, fault.UserInvalidToken) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := db.Token(t.Context(), claim, noon); !errors.Is(err, fault.UserInvalidToken) {
				t.Errorf("%s, looked at: %v", name, err)
			}
		}
		if _, err := redeem(t, at(db, noon+1001), claimFor(token)); !errors.Is(err, fault.UserInvalidToken) {
			t.Error("a millisecond too late:", err)
		}
		claim := claimFor(token)
		claim.Purposes = []string{model.PurposeEmailOTP, model.PurposePhone, model.PurposeGeneric, model.PurposeOAuth2, model.PurposeRecovery, model.PurposeMagicURL}
		claim.Addresses = []string{"", "+4930123", token.Address}
		seen, err := db.Token(t.Context(), claim, noon+1000)
		if err != nil || cmp.Diff(token, seen) != "" {
			t.Error(err, cmp.Diff(token, seen))
		}
		got, err := redeem(t, at(db, noon+1000), claim)
		if err != nil || cmp.Diff(token, got) != "" {
			t.Error(err, cmp.Diff(token, got))
		}
		if _, err := redeem(t, at(db, noon), claim); !errors.Is(err, fault.UserInvalidToken) {
			t.Error("redeemed twice:", err)
		}
		for _, token := range []*model.Token{other, unbound} {
			if _, err := redeem(t, at(db, noon), claimFor(token)); err != nil {
				t.Error(token.ID, err)
			}
		}
		claim.Purposes = append(claim.Purposes, "one too many")
		if _, err := redeem(t, db, claim); err == nil || errors.Is(err, fault.UserInvalidToken) {
			t.Error("a claim that does not fit its statement:", err)
		}
	})
}

func TestOfManyRedemptionsAtOnceOneWins(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		token := someToken("walter", "t1", model.PurposeMagicURL)
		twin := someToken("walter", "t2", model.PurposeMagicURL)
		twin.SecretHash = token.SecretHash // a fixed code that was asked for twice
		write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("walter")); tx.InsertToken(token); tx.InsertToken(twin) })
		var won, lost atomic.Int32
		together(500, func(n int) {
			err := at(db, noon).Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.ConsumeToken(claimFor(token)); err != nil {
					return err
				}
				tx.InsertSession(someSession("walter", fmt.Sprint("s", n)))
				return nil
			})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, fault.UserInvalidToken):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
		sessions, err := store.Texts(t.Context(), db, "select id from sessions")
		if won.Load() != 1 || lost.Load() != 499 || len(sessions) != 1 || err != nil {
			t.Errorf("%d won, %d lost, %d sessions (%v)", won.Load(), lost.Load(), len(sessions), err)
		}
	})
}

func TestARedemptionThatFailsLaterLeavesTheToken(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		token := someToken("walter", "t1", model.PurposeRecovery)
		write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("walter")); tx.InsertToken(token) })
		err := at(db, noon).Write(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.ConsumeToken(claimFor(token)); err != nil {
				t.Error(err)
			}
			return fault.PasswordRecentlyUsed
		})
		if !errors.Is(err, fault.PasswordRecentlyUsed) {
			t.Error(err)
		}
		if _, err := redeem(t, at(db, noon), claimFor(token)); err != nil {
			t.Error("the token went with a transaction that was rolled back:", err)
		}
	})
}

func TestWrongTriesEndCodesAlone(t *testing.T) {
	t.Parallel()
	purposes := []string{model.PurposeEmailOTP, model.PurposeMagicURL, model.PurposePhone}
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			for _, user := range []string{"walter", "skyler"} {
				tx.InsertUser(anonymous(user))
				for _, purpose := range []string{model.PurposeEmailOTP, model.PurposeMagicURL, model.PurposePhone, model.PurposeRecoveryOTP} {
					token := someToken(user, purpose, purpose)
					token.Attempts = 0
					tx.InsertToken(token)
				}
				old := someToken(user, "old", model.PurposeEmailOTP)
				old.Expire = noon - 1
				tx.InsertToken(old)
			}
		})
		left := func(user string) string {
			list, err := store.Texts(t.Context(), db, "select id || ' ' || attempts from tokens where user_id = $1 order by id", user)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(list)
		}
		untouched := left("skyler")
		// Sixty guesses at once, each a transaction as the rules write it: look, and count where it was wrong.
		var looked atomic.Int32
		together(60, func(int) {
			guess := claimFor(someToken("walter", "guess", ""))
			guess.Purposes = purposes
			live := ""
			err := at(db, noon).Write(t.Context(), func(tx *store.Tx) error {
				tx.LockUser(project, "walter", fault.UserNotFound)
				if _, err := tx.ConsumeToken(guess); !errors.Is(err, fault.UserInvalidToken) {
					return fmt.Errorf("a guess was right: %w", err)
				}
				live = ""
				if err := tx.Ask("select id from tokens where user_id = 'walter' and id = 'phone'", func(id string) { live = id }); err != nil {
					return err
				}
				tx.WrongTry(project, "walter", purposes, 5)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if live != "" {
				looked.Add(1)
			}
		})
		if got, want := left("walter"), "[magic-url 0 old 1 recovery-otp 0]"; got != want {
			t.Errorf("left: %s, want %s", got, want)
		}
		if looked.Load() != 5 {
			t.Errorf("%d guesses met a live code, want 5", looked.Load())
		}
		if got := left("skyler"); got != untouched {
			t.Errorf("somebody else's codes: %s, want %s", got, untouched)
		}
	})
}
