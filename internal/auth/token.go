package auth

import (
	"context"
	"errors"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Issued is a one-time token just made. The secret is nowhere else but in the message that carries it.
type Issued struct {
	Token  *model.Token
	Secret string
	Phrase string // the security phrase; empty if none was asked for
}

// Encoded joins user id and secret in the form that a server has always been given for a phone code. Signing in
// takes it as well as the bare secret.
func (i *Issued) Encoded() string { return secret.EncodeSession(i.Token.UserID, i.Secret) }

// pass is what the tokens of a purpose are like.
type pass struct {
	life  time.Duration
	bytes int // random bytes behind a link's secret, shown as twice as many hex characters; 0: a code of six digits
}

// codeDigits is the length of a code. Leading zeros count: a code is text.
const codeDigits = 6

// wrongTries is how many wrong secrets end a code, from wherever they come. Six digits are guessed with odds of
// five in a million then, for each message that was sent.
const wrongTries = 5

var passes = map[string]pass{
	model.PurposeMagicURL:          {time.Hour, 32},
	model.PurposeEmailOTP:          {15 * time.Minute, 0},
	model.PurposePhone:             {15 * time.Minute, 0},
	model.PurposeVerification:      {7 * 24 * time.Hour, 128},
	model.PurposeVerificationOTP:   {15 * time.Minute, 0},
	model.PurposePhoneVerification: {15 * time.Minute, 0},
	model.PurposeRecovery:          {time.Hour, 128},
	model.PurposeRecoveryOTP:       {15 * time.Minute, 0},
	model.PurposeOAuth2:            {time.Minute, 32},
}

// issue makes a token of a purpose for a user, bound to the address it is sent to.
func (r *Rules) issue(req *Request, user *model.User, purpose, address string) *Issued {
	p := passes[purpose]
	text := ""
	if p.bytes > 0 {
		text = r.Random.Hex(p.bytes)
	} else {
		text = r.Random.Digits(codeDigits)
	}
	return r.issueSecret(req, user, purpose, address, text)
}

// issueSecret is issue with a secret that is given.
func (r *Rules) issueSecret(req *Request, user *model.User, purpose, address, text string) *Issued {
	now := r.now()
	return &Issued{Secret: text, Token: &model.Token{
		Project: user.Project, ID: r.newID(), UserID: user.ID, Purpose: purpose, SecretHash: r.HashSecret(user.Project, user.ID, text),
		Address: address, Expire: now.Add(passes[purpose].life), IP: req.Client.IP.String(), UserAgent: req.Client.UserAgent, CreatedAt: now,
	}}
}

// longSecret is how many characters make a secret that nobody guesses, whatever they know of its hash.
const longSecret = 32

// HashSecret is what is stored of a one-time secret. A short one would fall to a guess at every possible value by
// whoever has read the database, so its hash needs a key that is not in there. A long one needs none, and
// outlives a change of the master key: links are good for days.
func (r *Rules) HashSecret(project, user, text string) []byte {
	if len(text) >= longSecret {
		return secret.HashToken(text)
	}
	return r.Keys.MAC("token", []byte(project), []byte(user), []byte(text))
}

// insert writes a token. Of codes the newest alone is good; links stay good side by side, so that whichever of
// two mails is opened works. Lock the user first, or two codes made at once would both live.
func (i *Issued) insert(tx *store.Tx) {
	if model.IsCode(i.Token.Purpose) {
		tx.DeleteTokensOf(i.Token.Project, i.Token.UserID, i.Token.Purpose)
	}
	tx.InsertToken(i.Token)
}

// life is how long a token holds.
func (i *Issued) life() time.Duration { return passes[i.Token.Purpose].life }

// given is a secret that somebody presents, and what it may be good for.
type given struct {
	userID   string
	secret   string
	purposes []string
	unknown  *fault.Kind // the answer where there is no such user
}

// claim is what must be true of a token so that what is given redeems it: its addresses are those that the user
// has at this moment.
func (r *Rules) claim(g *given, user *model.User) *store.TokenClaim {
	return &store.TokenClaim{Project: user.Project, UserID: user.ID, Purposes: g.purposes,
		SecretHash: r.HashSecret(user.Project, user.ID, g.secret), Addresses: []string{user.Email, user.Phone}}
}

// redeem takes a token and does what it is good for, both or neither. The user is locked and read first: nobody
// else can redeem, guess, or move the address meanwhile. A fault of then leaves the token as it was.
// Faults: unknown, user_invalid_token.
func (r *Rules) redeem(ctx context.Context, req *Request, g given, then func(*store.Tx, *model.User, *model.Token) error) error {
	return r.present(ctx, req, g, (*store.Tx).ConsumeToken, then)
}

// examine says whether what is given would redeem a token, and leaves it. A wrong secret counts as a try like
// one that is redeemed. Whatever is expensive (a hash) comes after this, and is then no gift to guessers.
// Faults: unknown, user_invalid_token.
func (r *Rules) examine(ctx context.Context, req *Request, g given) error {
	return r.present(ctx, req, g, (*store.Tx).Token, func(*store.Tx, *model.User, *model.Token) error { return nil })
}

// present looks a token up in one way or the other, and counts the try if there is none.
func (r *Rules) present(ctx context.Context, req *Request, g given, look func(*store.Tx, *store.TokenClaim) (*model.Token, error),
	then func(*store.Tx, *model.User, *model.Token) error) error {
	project, wrong := req.Project.ID, false
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		wrong = false
		tx.HoldUser(project, g.userID)
		user, err := tx.UserByID(project, g.userID)
		nobody := errors.Is(err, fault.UserNotFound)
		switch {
		case nobody && !r.hides(req):
			return g.unknown
		case nobody:
			// What it takes to refuse a wrong secret must be what it takes to refuse an id of nobody.
			user = &model.User{Project: project, ID: g.userID}
			if err := tx.LockProjectUsers(project); err != nil {
				return err
			}
		case err != nil:
			return err
		}
		token, err := look(tx, r.claim(&g, user))
		if errors.Is(err, fault.UserInvalidToken) {
			// The try has to be kept, so the transaction must not fail.
			tx.WrongTry(project, g.userID, g.purposes, wrongTries)
			wrong = true
			return nil
		}
		if err != nil {
			return err
		}
		return then(tx, user, token)
	})
	if err == nil && wrong {
		return fault.UserInvalidToken
	}
	return err
}
