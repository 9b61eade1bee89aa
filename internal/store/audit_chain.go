package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// The chain of a project's audit trail. What goes into a hash, and what is sealed with which key, is not decided
// here.

var (
	unchainedProjects = statement("UnchainedProjects", `select a.project_id from audits a where a.seq = 0 group by a.project_id`)
	unchainedAudits   = statement("UnchainedAudits", `select coalesce(u.audit_salt, ''), `+auditColumns+` from audits a
		left join users u on u.project_id = case when a.actor_type = 'admin' then 'console' else a.project_id end
			and u.id = case when a.actor_type in ('user', 'admin') then a.actor_id when a.resource like 'user/%' then substr(a.resource, 6) end
		where a.project_id = $1 and a.seq = 0 order by a.time, a.id limit $2`)
	countUnchained = statement("CountUnchained", `select count(*) from audits a where a.project_id = $1 and a.seq = 0`)
	chainAudit     = statement("ChainAudit", `update audits set seq = $5, hash = $6, personal = $7, actor_name = '', actor_mail = '', ip = '', user_agent = ''
		where project_id = $1 and actor_id = $2 and time = $3 and id = $4 and seq = 0`)
	auditChain  = statement("AuditChain", `select `+auditColumns+` from audits a where a.project_id = $1 and a.seq > $2 and a.seq > 0 order by a.seq limit $3`)
	pruneAudits = statement("PruneAudits", `delete from audits where project_id = $1 and seq > 0 and seq in (
		select a.seq from audits a where a.project_id = $1 and a.seq > 0 and a.seq <= $2 order by a.seq limit $3) returning 1`)

	auditHead       = statement("AuditHead", `select seq, hash from audit_heads where project_id = $1`)
	insertAuditHead = statement("InsertAuditHead", `insert into audit_heads (project_id, seq, hash) values ($1, $2, $3)`)
	moveAuditHead   = statement("MoveAuditHead", `update audit_heads set seq = $2, hash = $3 where project_id = $1 and seq = $4`)

	insertCheckpoint    = statement("InsertAuditCheckpoint", `insert into audit_checkpoints (project_id, seq, hash, time, signature) values ($1, $2, $3, $4, $5)`)
	checkpointsOf       = statement("AuditCheckpoints", `select seq, hash, time, signature from audit_checkpoints where project_id = $1 and seq >= $2 order by seq limit $3`)
	checkpointBefore    = statement("AuditCheckpointBefore", `select seq, hash, time, signature from audit_checkpoints where project_id = $1 and time < $2 order by time desc, seq desc limit 1`)
	deleteCheckpoints   = statement("DeleteAuditCheckpoints", `delete from audit_checkpoints where project_id = $1 and seq < $2`)
	deleteAuditHead     = statement("DeleteAuditHead", `delete from audit_heads where project_id = $1`)
	deleteCheckpointsOf = statement("DeleteAuditCheckpointsOfProject", `delete from audit_checkpoints where project_id = $1`)

	auditSalt = statement("AuditSalt", `select audit_salt from users where project_id = $1 and id = $2`)
)

// AuditHead is where a chain ends.
type AuditHead struct {
	Seq  int64
	Hash []byte
}

// AuditCheckpoint is a signed statement of where a chain ended at a time.
type AuditCheckpoint struct {
	Seq       int64
	Hash      []byte
	Time      model.Time
	Signature []byte
}

func scanCheckpoint(r row, c *AuditCheckpoint) {
	c.Seq, c.Hash, c.Time, c.Signature = r.number(), r.bytes(), moment(r), r.bytes()
}

// UnchainedProjects lists the projects that have entries waiting to be chained.
func (db *DB) UnchainedProjects(ctx context.Context) ([]string, error) {
	return many(ctx, db, unchainedProjects.with(), func(r row, id *string) { *id = r.text() })
}

// CountUnchained counts the entries of a project that wait to be chained.
func (db *DB) CountUnchained(ctx context.Context, project string) (int, error) {
	n, err := number(ctx, db, countUnchained.with(project))
	return int(n), err
}

// AuditChain lists chained entries after a position, in their order.
func (db *DB) AuditChain(ctx context.Context, project string, after int64, limit int) ([]model.Audit, error) {
	return many(ctx, db, auditChain.with(project, after, limit), scanAudit)
}

// AuditCheckpoints lists checkpoints from a position on.
func (db *DB) AuditCheckpoints(ctx context.Context, project string, from int64, limit int) ([]AuditCheckpoint, error) {
	return many(ctx, db, checkpointsOf.with(project, from, limit), scanCheckpoint)
}

// AuditCheckpointBefore finds the last checkpoint made before a time; nil for none.
func (db *DB) AuditCheckpointBefore(ctx context.Context, project string, before model.Time) (found *AuditCheckpoint, err error) {
	err = db.ask(ctx, checkpointBefore.with(project, before), func(r row) error {
		found = &AuditCheckpoint{}
		scanCheckpoint(r, found)
		return nil
	})
	return found, err
}

// AuditSalt returns what a person's entries are sealed with beside the master key; empty for somebody who is not there.
func (db *DB) AuditSalt(ctx context.Context, project, user string) (salt string, err error) {
	err = db.ask(ctx, auditSalt.with(project, user), func(r row) error {
		salt = r.text()
		return nil
	})
	return salt, err
}

// AuditHead returns where a project's chain ends; position 0 for one that has not begun.
func (db *DB) AuditHead(ctx context.Context, project string) (head AuditHead, err error) {
	err = db.ask(ctx, auditHead.with(project), func(r row) error {
		head = AuditHead{r.number(), r.bytes()}
		return nil
	})
	return head, err
}

// Unchained is an entry that waits to be chained, with the salt of the person it is about; empty for nobody, and for
// somebody who is gone.
type Unchained struct {
	model.Audit
	Salt string
}

// UnchainedAudits lists entries of a project that wait to be chained, oldest first.
func (db *DB) UnchainedAudits(ctx context.Context, project string, limit int) ([]Unchained, error) {
	return many(ctx, db, unchainedAudits.with(project, limit), func(r row, u *Unchained) {
		u.Salt = r.text()
		scanAudit(r, &u.Audit)
	})
}

// ChainAudit writes an entry's position, hash and sealed fields, and takes the plain ones away. Chained or gone by
// then, it ends the transaction.
func (tx *Tx) ChainAudit(a *model.Audit) {
	tx.must(fault.DocumentUpdateConflict, chainAudit, a.Project, a.ActorID, a.Time, a.ID, a.Seq, a.Hash, a.Personal)
}

// MoveAuditHead moves the end of a chain from where it was read, and writes the checkpoint. Of two that move it
// from the same position, one fails.
func (tx *Tx) MoveAuditHead(project string, from AuditHead, to *AuditCheckpoint) {
	if from.Seq == 0 {
		tx.do(insertAuditHead, project, to.Seq, to.Hash)
	} else {
		tx.must(fault.DocumentUpdateConflict, moveAuditHead, project, to.Seq, to.Hash, from.Seq)
	}
	tx.do(insertCheckpoint, project, to.Seq, to.Hash, to.Time, to.Signature)
}

// PruneAudits deletes entries up to a position, at most limit, and says how many; the checkpoints before that
// position go with the last of them.
func (tx *Tx) PruneAudits(project string, through int64, limit int) (int, error) {
	n, err := rowsOf(tx.ctx, tx, pruneAudits.with(project, through, limit))
	if err == nil && n < limit {
		tx.do(deleteCheckpoints, project, through)
	}
	return n, err
}
