package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var (
	insertOAuth2Login = statement("InsertOAuth2Login", `insert into oauth2_logins (state_hash, project_id, provider, browser, success, failure,
			token, user_id, session_id, sealed, name_hint, expire)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	// takeOAuth2Login looks, compares and takes in one statement: of any number of callbacks at once one gets the
	// row, and whoever comes from another project, provider or browser gets nothing and spoils nothing.
	takeOAuth2Login = statement("TakeOAuth2Login", `delete from oauth2_logins
		where state_hash = $1 and project_id = $2 and provider = $3 and (browser = $4 or browser = $5) and expire >= $6
		returning state_hash, project_id, provider, browser, success, failure, token, user_id, session_id, sealed, name_hint, expire`)
	noteOAuth2Name = statement("NoteOAuth2Name", `update oauth2_logins set name_hint = $4
		where state_hash = $1 and project_id = $2 and provider = $3 and name_hint = ''`)
	insertIDToken = statement("InsertIDToken", `insert into id_tokens (project_id, hash, expire) values ($1, $2, $3)`)

	sweepOAuth2Logins = statement("SweepOAuth2Logins", `delete from oauth2_logins where state_hash in (
		select o.state_hash from oauth2_logins o where o.expire < $1 order by o.expire limit $2) returning 1`)
	sweepIDTokens = statement("SweepIDTokens", `delete from id_tokens where (project_id, hash) in (
		select i.project_id, i.hash from id_tokens i where i.expire < $1 order by i.expire limit $2) returning 1`)
)

// InsertOAuth2Login adds a sign-in under way.
func (tx *Tx) InsertOAuth2Login(l *model.OAuth2Login) {
	browser := l.Browser
	if browser == nil {
		browser = []byte{}
	}
	tx.do(insertOAuth2Login, l.StateHash, l.Project, l.Provider, browser, l.Success, l.Failure, l.Token, l.UserID, l.SessionID,
		l.Sealed, l.NameHint, l.Expire)
}

// OAuth2Claim is what somebody who comes back from a provider shows.
type OAuth2Claim struct {
	StateHash []byte
	Project   string
	Provider  string
	Browser   []byte // hash of their cookie; empty for none
}

// TakeOAuth2Login takes the sign-in that a claim is about; nobody else gets it, now or later.
// Fault: general_argument_invalid, whatever it is that does not fit.
func (tx *Tx) TakeOAuth2Login(c *OAuth2Claim) (*model.OAuth2Login, error) {
	browser := c.Browser
	if len(browser) == 0 {
		browser = []byte("-") // no hash has this length
	}
	return one(tx.ctx, tx, takeOAuth2Login.with(c.StateHash, c.Project, c.Provider, browser, []byte{}, tx.Now), scanOAuth2Login, fault.ArgumentInvalid)
}

func scanOAuth2Login(r row, l *model.OAuth2Login) {
	l.StateHash, l.Project, l.Provider, l.Browser = r.bytes(), r.text(), r.text(), r.bytes()
	l.Success, l.Failure, l.Token = r.text(), r.text(), r.flag()
	l.UserID, l.SessionID, l.Sealed, l.NameHint, l.Expire = r.text(), r.text(), r.text(), r.text(), moment(r)
}

// NoteOAuth2Name keeps what a callback says about the person's name. The first word counts.
func (db *DB) NoteOAuth2Name(ctx context.Context, c *OAuth2Claim, hint string) error {
	return db.Write(ctx, func(tx *Tx) error {
		tx.do(noteOAuth2Name, c.StateHash, c.Project, c.Provider, hint)
		return nil
	})
}

// InsertIDToken notes that an id token has been used. Conflict: UniqueIDToken.
func (tx *Tx) InsertIDToken(project string, hash []byte, expire model.Time) {
	tx.do(insertIDToken, project, hash, expire)
}
