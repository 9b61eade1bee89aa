package store

import (
	"context"
	"fmt"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// tokenColumns are read by scanToken.
const tokenColumns = `project_id, id, user_id, purpose, secret_hash, address, expire, attempts, ip, user_agent, created_at`

// The parts of a claim that are lists have a fixed number of places in the text: SQL that both engines
// understand has no lists.
const (
	claimPurposes  = 6
	claimAddresses = 3
)

// claimed finds the live tokens that a claim is about: $1 project, $2 user, $3 hash, $4 now, then the places of
// purposes and addresses.
const claimed = `project_id = $1 and user_id = $2 and secret_hash = $3 and expire >= $4
	and purpose in ($5, $6, $7, $8, $9, $10) and address in ('', $11, $12, $13)`

var (
	insertToken = statement("InsertToken", `insert into tokens (project_id, id, user_id, purpose, secret_hash, address, expire, attempts, ip, user_agent, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	// consumeToken looks and takes in one statement: of any number that run at once, one gets the row back.
	consumeToken = statement("ConsumeToken", `delete from tokens where `+claimed+` returning `+tokenColumns)
	tokenByClaim = statement("Token", `select `+tokenColumns+` from tokens where `+claimed+` order by created_at, id limit 1`)

	countWrongTry = statement("CountWrongTry", `update tokens set attempts = attempts + 1
		where project_id = $1 and user_id = $2 and purpose = $3 and expire >= $4`)
	deleteTriedTokens = statement("DeleteTriedTokens", `delete from tokens
		where project_id = $1 and user_id = $2 and purpose = $3 and attempts >= $4`)

	// insertTokenOf adds a token if its user exists, and else does the same work for nothing. The coalesce only
	// tells PostgreSQL that $5 is bytes: a cast would need a type name that both engines know.
	insertTokenOf = statement("InsertTokenOf", `insert into tokens (project_id, id, user_id, purpose, secret_hash, address, expire, attempts, ip, user_agent, created_at)
		select u.project_id, cast($2 as text), u.id, cast($4 as text), coalesce($5, (select t.secret_hash from tokens t where t.project_id = $1 and t.user_id = $3 and t.id = '')),
			cast($6 as text), cast($7 as bigint), cast($8 as bigint), cast($9 as text), cast($10 as text), cast($11 as bigint)
		from users u where u.project_id = $1 and u.id = $3`)

	deleteTokensOf        = statement("DeleteTokensOf", `delete from tokens where project_id = $1 and user_id = $2`)
	deleteTokensOfPurpose = statement("DeleteTokensOfPurpose", `delete from tokens where project_id = $1 and user_id = $2 and purpose = $3`)
)

// TokenClaim is what somebody who redeems a secret says and what must be true for it to count.
type TokenClaim struct {
	Project    string
	UserID     string
	Purposes   []string // any of these, at most six
	SecretHash []byte
	// Addresses are the user's at this moment, at most three; empty ones are none. A token that was sent to an
	// address proves that address alone: when the user has another one by now, the token is worth nothing.
	Addresses []string
}

// call gives a statement the claim as arguments.
func (c *TokenClaim) call(s *Statement, now model.Time) (call, error) {
	if len(c.Purposes) == 0 || len(c.Purposes) > claimPurposes || len(c.Addresses) > claimAddresses {
		return call{}, fmt.Errorf("store: a claim of %d purposes and %d addresses", len(c.Purposes), len(c.Addresses))
	}
	args := []any{c.Project, c.UserID, c.SecretHash, now}
	for i := range claimPurposes {
		args = append(args, c.Purposes[min(i, len(c.Purposes)-1)]) // the last one fills the places left
	}
	for i := range claimAddresses {
		address := ""
		if i < len(c.Addresses) {
			address = c.Addresses[i]
		}
		args = append(args, address)
	}
	return s.with(args...), nil
}

func scanToken(r row, t *model.Token) {
	t.Project, t.ID, t.UserID, t.Purpose = r.text(), r.text(), r.text(), r.text()
	t.SecretHash, t.Address, t.Expire, t.Attempts = r.bytes(), r.text(), moment(r), int(r.number())
	t.IP, t.UserAgent, t.CreatedAt = r.text(), r.text(), moment(r)
}

// Token finds a live token that a claim is about without redeeming it. Fault: user_invalid_token.
func (db *DB) Token(ctx context.Context, claim *TokenClaim, now model.Time) (*model.Token, error) {
	question, err := claim.call(tokenByClaim, now)
	if err != nil {
		return nil, err
	}
	return one(ctx, db, question, scanToken, fault.UserInvalidToken)
}

// Token finds a live token that a claim is about, as the transaction sees it, without redeeming it. Fault:
// user_invalid_token; the transaction is still good after it.
func (tx *Tx) Token(claim *TokenClaim) (*model.Token, error) {
	question, err := claim.call(tokenByClaim, tx.Now)
	if err != nil {
		return nil, err
	}
	return one(tx.ctx, tx, question, scanToken, fault.UserInvalidToken)
}

// InsertTokenOf adds a token if its user exists. Whoever must not learn whether there is one waits as long for
// nobody as for somebody.
func (tx *Tx) InsertTokenOf(t *model.Token) {
	tx.do(insertTokenOf, t.Project, t.ID, t.UserID, t.Purpose, t.SecretHash, t.Address, t.Expire, t.Attempts, t.IP, t.UserAgent, t.CreatedAt)
}

// InsertToken adds a token of a user who exists. Conflict: UniqueTokenID.
func (tx *Tx) InsertToken(t *model.Token) {
	tx.do(insertToken, t.Project, t.ID, t.UserID, t.Purpose, t.SecretHash, t.Address, t.Expire, t.Attempts, t.IP, t.UserAgent, t.CreatedAt)
}

// ConsumeToken redeems a token: it is gone when the transaction is committed, and nobody else has had it. Should
// one secret have been given out twice (a fixed code of a test number), all of them go at once.
//
// Fault: user_invalid_token. The transaction is still good after it, so that WrongTry can follow in the same one;
// whoever does that must not hand the fault to Write, or the try is rolled back too.
func (tx *Tx) ConsumeToken(claim *TokenClaim) (*model.Token, error) {
	question, err := claim.call(consumeToken, tx.Now)
	if err != nil {
		return nil, err
	}
	return one(tx.ctx, tx, question, scanToken, fault.UserInvalidToken)
}

// WrongTry counts a wrong secret on every live code of some purposes and ends those that have had most tries.
// Links and other long secrets are passed over. Take LockUser before ConsumeToken in the same transaction: then
// guesses that come at once are counted one after another, and none is free.
func (tx *Tx) WrongTry(project, user string, purposes []string, most int) {
	for _, purpose := range purposes {
		if model.IsCode(purpose) {
			tx.do(countWrongTry, project, user, purpose, tx.Now)
			tx.do(deleteTriedTokens, project, user, purpose, most)
		}
	}
}

// DeleteTokensOf deletes a user's open tokens of some purposes; without one, all of them.
func (tx *Tx) DeleteTokensOf(project, user string, purposes ...string) {
	if len(purposes) == 0 {
		tx.do(deleteTokensOf, project, user)
	}
	for _, purpose := range purposes {
		tx.do(deleteTokensOfPurpose, project, user, purpose)
	}
}
