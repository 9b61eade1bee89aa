package auth

import (
	"context"

	"latchkey/internal/audit"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Export is everything that is held about a person, but for what only proves who they are: hashes and secrets.
type Export struct {
	User          *model.User
	Sessions      []model.Session
	Identities    []model.Identity
	Passkeys      []model.Passkey
	Logs          []model.Audit
	RecoveryCodes int                // left
	Memberships   []model.Membership // of the console's teams, taken and offered
	Tellings      []Telling
}

// Telling is what the servers of a project are or were told about a person, as long as it is kept.
type Telling struct {
	ID, Event string
	CreatedAt model.Time
	Arrived   bool
	Payload   model.Object
}

// mostTellings bounds what an export holds of them.
const mostTellings = 1000

// ExportAccount gathers everything held about a person. That it was asked for is an event like others: a thief of
// a session would leave it as a trace.
func (r *Rules) ExportAccount(ctx context.Context, req *Request, user *model.User) (*Export, error) {
	e := &Export{User: user}
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if e.Sessions, err = r.DB.Sessions(ctx, user.Project, user.ID, r.now()); err != nil {
		return nil, err
	}
	if e.Identities, err = r.DB.UserIdentities(ctx, user.Project, user.ID); err != nil {
		return nil, err
	}
	codes, err := r.DB.RecoveryCodes(ctx, user.Project, user.ID)
	if err != nil {
		return nil, err
	}
	e.RecoveryCodes = len(codes)
	if e.Passkeys, err = r.DB.Passkeys(ctx, user.Project, user.ID); err != nil {
		return nil, err
	}
	if user.Project == model.ConsoleProject {
		if e.Memberships, err = r.DB.MembershipsByUser(ctx, user.ID); err != nil {
			return nil, err
		}
	}
	if r.Told != nil {
		if e.Tellings, err = r.Told(ctx, user, mostTellings); err != nil {
			return nil, err
		}
	}
	if e.Logs, err = r.DB.AuditsByActor(ctx, user.Project, user.ID, mostLogs, 0); err != nil {
		return nil, err
	}
	return e, audit.Open(ctx, r.DB, r.Keys, e.Logs)
}
