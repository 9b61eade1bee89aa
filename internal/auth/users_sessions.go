package auth

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// SessionsOf lists a user's live sessions, oldest first. Fault: user_not_found.
func (r *Rules) SessionsOf(ctx context.Context, req *Request, id string) ([]model.Session, error) {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return nil, err
	}
	return r.Sessions(ctx, user)
}

// CreateSession signs a user in on a server's word. Faults: user_not_found, user_blocked.
func (r *Rules) CreateSession(ctx context.Context, req *Request, id string) (*SignedIn, error) {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return nil, err
	}
	if !user.Status {
		return nil, fault.UserBlocked
	}
	signed := r.newSession(req, user, "server", "server")
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UserNotFound)
		tx.InsertSession(signed.Session)
		if limit := req.Project.Settings.Policies.SessionLimit.Total; limit > 0 {
			tx.TrimSessions(user.Project, user.ID, limit)
		}
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.signedIn(tx, req, signed.Session)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return signed, nil
}

// EndSessionOf signs a user out on one device. Faults: user_not_found, user_session_not_found.
func (r *Rules) EndSessionOf(ctx context.Context, req *Request, id, session string) error {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return err
	}
	return r.EndSession(ctx, req, user, session)
}

// EndSessionsOf signs a user out everywhere. Fault: user_not_found.
func (r *Rules) EndSessionsOf(ctx context.Context, req *Request, id string) error {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return err
	}
	return r.EndSessions(ctx, req, user)
}
