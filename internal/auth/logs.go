package auth

import (
	"context"

	"latchkey/internal/audit"
	"latchkey/internal/model"
)

// mostLogs bounds one page of the security log, in entries. A larger wish is no error: the page ends there.
const mostLogs = 5000

// Page is the part of a list that was asked for.
type Page struct {
	Limit, Offset int
	Total         bool // count the whole list too
}

// Logs lists what a person has done, newest first, and how much that is in all (0 when nobody asks). What keys
// and operators did to the account is not the person's doing and not in it.
func (r *Rules) Logs(ctx context.Context, user *model.User, page Page) (entries []model.Audit, total int, err error) {
	entries, err = r.DB.AuditsByActor(ctx, user.Project, user.ID, min(page.Limit, mostLogs), page.Offset)
	if err == nil {
		err = audit.Open(ctx, r.DB, r.Keys, entries)
	}
	if err == nil && page.Total {
		total, err = r.DB.CountAuditsByActor(ctx, user.Project, user.ID)
	}
	return entries, total, err
}
