package auth

import (
	"context"
	"errors"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Sessions lists a user's live sessions, oldest first.
func (r *Rules) Sessions(ctx context.Context, user *model.User) ([]model.Session, error) {
	list, err := r.DB.Sessions(ctx, user.Project, user.ID, r.now())
	for i := range list {
		err = errors.Join(err, r.openTokens(&list[i]))
	}
	return list, err
}

// Session finds one of a user's live sessions. Fault: user_session_not_found.
func (r *Rules) Session(ctx context.Context, user *model.User, id string) (*model.Session, error) {
	session, err := r.DB.Session(ctx, user.Project, user.ID, id, r.now())
	if err != nil {
		return nil, err
	}
	return session, r.openTokens(session)
}

// ExtendSession moves a session's end to a full duration from now, by today's setting: a lowered one
// shortens. Tokens of a sign-in provider are renewed along with it, or nothing happens at all.
// Faults: user_session_not_found, user_oauth2_bad_request, user_oauth2_unauthorized, user_oauth2_provider_error.
func (r *Rules) ExtendSession(ctx context.Context, req *Request, user *model.User, id string) (*model.Session, error) {
	session, err := r.DB.Session(ctx, user.Project, user.ID, id, r.now())
	if err != nil {
		return nil, err
	}
	renewed, err := r.renewTokens(ctx, req, session)
	if err != nil {
		return nil, err
	}
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		session.UpdatedAt = tx.Now
		session.Expire = tx.Now.Add(req.Project.Settings.Policies.SessionDuration.Of())
		tx.ExtendSession(session)
		renewed.write(tx, session)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, session, user.ID, session.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return session, r.openTokens(session)
}

// EndSession signs a user out on one device, and takes the push targets of that device with it.
// Fault: user_session_not_found.
func (r *Rules) EndSession(ctx context.Context, req *Request, user *model.User, id string) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		if err := r.signingOut(tx, req, user.ID, id); err != nil {
			return err
		}
		tx.DeleteSession(user.Project, user.ID, id)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		return nil
	})
}

// EndSessions signs a user out everywhere, in one statement: a session made meanwhile is not spared by
// having been missing from a list read before.
func (r *Rules) EndSessions(ctx context.Context, req *Request, user *model.User) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		if err := r.signingOut(tx, req, user.ID, ""); err != nil {
			return err
		}
		tx.DeleteSessionsOf(user.Project, user.ID, "")
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		return nil
	})
}
