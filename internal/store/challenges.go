package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

const challengeColumns = `c.project_id, c.id, c.user_id, c.session_id, c.type, c.code_hash, c.sealed, c.expire, c.created_at`

var (
	challengeByID = statement("Challenge", `select `+challengeColumns+` from challenges c
		where c.project_id = $1 and c.user_id = $2 and c.id = $3 and c.expire >= $4`)
	insertChallenge = statement("InsertChallenge", `insert into challenges (project_id, id, user_id, session_id, type, code_hash, sealed, expire, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	deleteChallenge        = statement("DeleteChallenge", `delete from challenges where project_id = $1 and user_id = $2 and id = $3`)
	deleteChallengesOf     = statement("DeleteChallengesOf", `delete from challenges where project_id = $1 and user_id = $2`)
	deleteChallengesOfType = statement("DeleteChallengesOfType", `delete from challenges where project_id = $1 and user_id = $2 and type = $3`)
	sweepChallenges        = statement("SweepChallenges", `delete from challenges where (project_id, user_id, id) in (
		select c.project_id, c.user_id, c.id from challenges c where c.expire < $1 order by c.expire limit $2) returning 1`)
)

func scanChallenge(r row, c *model.Challenge) {
	c.Project, c.ID, c.UserID, c.SessionID, c.Type = r.text(), r.text(), r.text(), r.text(), r.text()
	c.CodeHash, c.Sealed, c.Expire, c.CreatedAt = r.bytes(), r.text(), moment(r), moment(r)
}

// Challenge finds a live challenge of a user. Fault: user_invalid_token.
func (db *DB) Challenge(ctx context.Context, project, user, id string, now model.Time) (*model.Challenge, error) {
	return one(ctx, db, challengeByID.with(project, user, id, now), scanChallenge, fault.UserInvalidToken)
}

// Challenge finds a live challenge of a user as the transaction sees it. Fault: user_invalid_token.
func (tx *Tx) Challenge(project, user, id string) (*model.Challenge, error) {
	return one(tx.ctx, tx, challengeByID.with(project, user, id, tx.Now), scanChallenge, fault.UserInvalidToken)
}

// InsertChallenge adds a challenge of a user who exists.
func (tx *Tx) InsertChallenge(c *model.Challenge) {
	hash := c.CodeHash
	if hash == nil {
		hash = []byte{}
	}
	tx.do(insertChallenge, c.Project, c.ID, c.UserID, c.SessionID, c.Type, hash, c.Sealed, c.Expire, c.CreatedAt)
}

// DeleteChallenge takes a challenge away. Of any number that pass the same one, all but the first end with
// user_invalid_token.
func (tx *Tx) DeleteChallenge(project, user, id string) {
	tx.must(fault.UserInvalidToken, deleteChallenge, project, user, id)
}

// DeleteChallengesOfType takes away what can no longer be answered.
func (tx *Tx) DeleteChallengesOfType(project, user, kind string) {
	tx.do(deleteChallengesOfType, project, user, kind)
}
