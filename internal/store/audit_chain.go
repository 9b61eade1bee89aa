package store

import (
	"context"
	"errors"

	"latchkey/internal/model"
)

// The chain of a project's audit trail. What goes into a hash, and what is sealed with which key, is not decided
// here.

var (
	unchainedProjects = statement("UnchainedProjects", `select a.project_id from audits a where a.seq = 0 group by a.project_id`)
	unchainedAudits   = statement("UnchainedAudits", `select `+auditColumns+` from audits a where a.project_id = $1 and a.seq = 0 order by a.time, a.id limit $2`)
	countUnchained    = statement("CountUnchained", `select count(*) from audits a where a.project_id = $1 and a.seq = 0`)
	chainAudit        = statement("ChainAudit", `update audits set seq = $5, hash = $6, personal = $7, actor_name = '', actor_mail = '', ip = '', user_agent = ''
		where project_id = $1 and actor_id = $2 and time = $3 and id = $4 and seq = 0 returning 1`)
	auditChain  = statement("AuditChain", `select `+auditColumns+` from audits a where a.project_id = $1 and a.seq > $2 and a.seq > 0 order by a.seq limit $3`)
	pruneAudits = statement("PruneAudits", `delete from audits where project_id = $1 and seq > 0 and seq in (
		select a.seq from audits a where a.project_id = $1 and a.seq > 0 and a.seq <= $2 order by a.seq limit $3) returning 1`)

	auditHead       = statement("AuditHead", `select seq, hash from audit_heads where project_id = $1`)
	insertAuditHead = statement("InsertAuditHead", `insert into audit_heads (project_id, seq, hash) values ($1, $2, $3)`)
	moveAuditHead   = statement("MoveAuditHead", `update audit_heads set seq = $2, hash = $3 where project_id = $1 and seq = $4 returning 1`)

	insertCheckpoint    = statement("InsertAuditCheckpoint", `insert into audit_checkpoints (project_id, seq, hash, time, signature) values ($1, $2, $3, $4, $5)`)
	checkpointsOf       = statement("AuditCheckpoints", `select seq, hash, time, signature from audit_checkpoints where project_id = $1 and seq >= $2 order by seq limit $3`)
	checkpointBefore    = statement("AuditCheckpointBefore", `select seq, hash, time, signature from audit_checkpoints where project_id = $1 and time < $2 order by time desc, seq desc limit 1`)
	deleteCheckpoints   = statement("DeleteAuditCheckpoints", `delete from audit_checkpoints where project_id = $1 and seq < $2`)
	deleteAuditHead     = statement("DeleteAuditHead", `delete from audit_heads where project_id = $1`)
	deleteCheckpointsOf = statement("DeleteAuditCheckpointsOfProject", `delete from audit_checkpoints where project_id = $1`)

	auditKey       = statement("AuditKey", `select sealed from audit_keys where project_id = $1 and user_id = $2`)
	insertAuditKey = statement("InsertAuditKey", `insert into audit_keys (project_id, user_id, sealed)
		select u.project_id, u.id, cast($3 as text) from users u where u.project_id = $1 and u.id = $2 on conflict do nothing`)
)

// errHeadMoved says that somebody else has moved the head of a chain: a second sealer.
var errHeadMoved = errors.New("store: the head of an audit chain has moved")

// errChained says that an entry is chained already or gone.
var errChained = errors.New("store: an audit entry cannot be chained")

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

// AuditKey returns the sealed key that a person's entries are sealed with; empty for somebody without one.
func (db *DB) AuditKey(ctx context.Context, project, user string) (sealed string, err error) {
	return readAuditKey(ctx, db, project, user)
}

func readAuditKey(ctx context.Context, from source, project, user string) (sealed string, err error) {
	err = from.ask(ctx, auditKey.with(project, user), func(r row) error {
		sealed = r.text()
		return nil
	})
	return sealed, err
}

// AuditKeyOr returns a person's sealed key, giving them the one offered if they have none; empty for somebody who
// does not exist.
func (tx *Tx) AuditKeyOr(project, user, offered string) (string, error) {
	tx.do(insertAuditKey, project, user, offered)
	return readAuditKey(tx.ctx, tx, project, user)
}

// AuditHead returns where a project's chain ends; position 0 for one that has not begun.
func (db *DB) AuditHead(ctx context.Context, project string) (AuditHead, error) {
	return readAuditHead(ctx, db, project)
}

// AuditHead returns where a project's chain ends as the transaction sees it.
func (tx *Tx) AuditHead(project string) (AuditHead, error) { return readAuditHead(tx.ctx, tx, project) }

func readAuditHead(ctx context.Context, from source, project string) (head AuditHead, err error) {
	err = from.ask(ctx, auditHead.with(project), func(r row) error {
		head = AuditHead{r.number(), r.bytes()}
		return nil
	})
	return head, err
}

// UnchainedAudits lists entries of a project that wait to be chained, oldest first.
func (tx *Tx) UnchainedAudits(project string, limit int) ([]model.Audit, error) {
	return many(tx.ctx, tx, unchainedAudits.with(project, limit), scanAudit)
}

// ChainAudit writes an entry's position, hash and sealed fields, and takes the plain ones away.
func (tx *Tx) ChainAudit(a *model.Audit) error {
	n, err := rowsOf(tx.ctx, tx, chainAudit.with(a.Project, a.ActorID, a.Time, a.ID, a.Seq, a.Hash, a.Personal))
	if err == nil && n != 1 {
		err = errChained
	}
	return err
}

// MoveAuditHead moves the end of a chain from where it was read, and writes the checkpoint. Of two that move it
// from the same position, one fails.
func (tx *Tx) MoveAuditHead(project string, from AuditHead, to *AuditCheckpoint) error {
	if from.Seq == 0 {
		tx.do(insertAuditHead, project, to.Seq, to.Hash)
	} else {
		n, err := rowsOf(tx.ctx, tx, moveAuditHead.with(project, to.Seq, to.Hash, from.Seq))
		if err != nil {
			return err
		}
		if n != 1 {
			return errHeadMoved
		}
	}
	tx.do(insertCheckpoint, project, to.Seq, to.Hash, to.Time, to.Signature)
	return nil
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
