package store

import (
	"context"

	"latchkey/internal/model"
)

// auditColumns are read by scanAudit; a is the table.
const auditColumns = `a.project_id, a.id, a.time, a.event, a.resource, a.actor_type, a.actor_id, a.actor_name, a.actor_mail, a.mode, a.ip,
	a.user_agent, a.country, a.seq, a.hash, a.personal, a.details`

var (
	auditsByActor      = statement("AuditsByActor", `select `+auditColumns+` from audits a where project_id = $1 and actor_id = $2 and actor_type = 'user' order by time desc, id desc limit $3 offset $4`)
	countAuditsByActor = statement("CountAuditsByActor", `select count(*) from audits where project_id = $1 and actor_id = $2 and actor_type = 'user'`)
	insertAudit        = statement("InsertAudit", `insert into audits (project_id, id, time, event, resource, actor_type, actor_id, actor_name, actor_mail, mode, ip, user_agent, country, details)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
)

// AuditsByActor lists what a person has done, newest first. Keys and operators have ids too, which may be chosen:
// what they did is not the person's, even when the ids are the same.
func (db *DB) AuditsByActor(ctx context.Context, project, actor string, limit, offset int) ([]model.Audit, error) {
	return many(ctx, db, auditsByActor.with(project, actor, limit, offset), scanAudit)
}

func scanAudit(r row, a *model.Audit) {
	a.Project, a.ID, a.Time, a.Event, a.Resource = r.text(), r.text(), moment(r), r.text(), r.text()
	a.ActorType, a.ActorID, a.ActorName, a.ActorMail = r.text(), r.text(), r.text(), r.text()
	a.Mode, a.IP, a.UserAgent, a.Country = r.text(), r.text(), r.text(), r.text()
	a.Seq, a.Hash, a.Personal = r.number(), r.bytes(), r.text()
	a.Details = r.text()
	if a.Seq == 0 {
		a.Hash = nil // it is chained later
	}
}

// CountAuditsByActor counts what AuditsByActor lists.
func (db *DB) CountAuditsByActor(ctx context.Context, project, actor string) (int, error) {
	n, err := number(ctx, db, countAuditsByActor.with(project, actor))
	return int(n), err
}

// InsertAudit adds an entry to the security log, in the transaction of what it tells about.
func (tx *Tx) InsertAudit(a *model.Audit) {
	tx.do(insertAudit, a.Project, a.ID, a.Time, a.Event, a.Resource, a.ActorType, a.ActorID, a.ActorName, a.ActorMail, a.Mode, a.IP, a.UserAgent, a.Country, a.Details)
}
