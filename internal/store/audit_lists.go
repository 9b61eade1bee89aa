package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// AuditFilter says which entries of a project's audit trail are asked for. Empty parts ask for all.
type AuditFilter struct {
	Actor    string // id of who acted
	Kind     string // of actor: user, guest, keyProject, admin, cli
	Event    string
	Resource string // it, and everything below it
	Operated bool   // what operators, keys and the command line did
	From, To model.Time
	Before   int64 // position that the page lies before; 0: the end of the chain
	Limit    int
	Offset   int
}

// auditReach is how many positions a page looks through: a trail of a million sign-ins is not read for one page.
const auditReach = 100_000

// audited is the condition that every list of entries has; what follows narrows it.
const audited = `a.project_id = $1 and a.seq > 0 and a.seq < $2 and a.seq >= $3 and (cast($4 as text) = '' or a.event = $4)
	and (cast($5 as text) = '' or a.resource = $5 or substr(a.resource, 1, length(cast($5 as text)) + 1) = $5 || '/')
	and (cast($6 as text) = '' or a.actor_type = $6) and a.time >= $7 and a.time <= $8`

var (
	// listAudits are the lists: of everything; of what operators, keys and the command line did; of one actor. Each has an
	// index of its own.
	listAudits = [3]*Statement{
		statement("AuditsOfProject", `select `+auditColumns+` from audits a where `+audited+` and cast($9 as text) = '' order by a.seq desc limit $10 offset $11`),
		statement("AuditsOperated", `select `+auditColumns+` from audits a where a.actor_type in ('admin', 'keyProject', 'cli') and `+audited+` and cast($9 as text) = ''
			order by a.seq desc limit $10 offset $11`),
		statement("AuditsOfActor", `select `+auditColumns+` from audits a where `+audited+` and a.actor_id = $9 order by a.time desc, a.id desc limit $10 offset $11`),
	}
	auditAt = statement("AuditAt", `select `+auditColumns+` from audits a where a.project_id = $1 and a.seq = $2 and a.seq > 0`)
)

// ListAudits lists entries of a project's audit trail that are chained, latest first. Fault: database_timeout, when a
// page is not full and there is more than can be looked through.
func (db *DB) ListAudits(ctx context.Context, project string, f *AuditFilter) ([]model.Audit, error) {
	which, before, from := 0, f.Before, int64(0)
	if before == 0 {
		head, err := db.AuditHead(ctx, project)
		if err != nil {
			return nil, err
		}
		before = head.Seq + 1
	}
	switch {
	case f.Actor != "":
		which = 2
	case f.Operated:
		which = 1
	default:
		from = max(0, before-auditReach)
	}
	to := f.To
	if to == 0 {
		to = model.Time(1) << 60
	}
	list, err := many(ctx, db, listAudits[which].with(project, before, from, f.Event, f.Resource, f.Kind, f.From, to, f.Actor, f.Limit, f.Offset), scanAudit)
	if err == nil && len(list) < f.Limit && from > 1 {
		return nil, tooMuch
	}
	return list, err
}

// AuditAt finds the entry at a position of a project's audit trail. Fault: log_not_found.
func (db *DB) AuditAt(ctx context.Context, project string, seq int64) (*model.Audit, error) {
	return one(ctx, db, auditAt.with(project, seq), scanAudit, fault.LogNotFound)
}
