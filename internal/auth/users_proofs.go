package auth

import (
	"context"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// RecentSession stands for a user's newest session where a server asks for a JWT.
const RecentSession = "recent"

// CreateUserJWT signs a statement that its bearer is a user, for a time. With a session it ends with that session; without
// one it ends with the next new password or block. Faults: user_not_found, user_session_not_found.
func (r *Rules) CreateUserJWT(ctx context.Context, req *Request, id, session string, life time.Duration) (string, error) {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return "", err
	}
	claims := secret.JWTClaims{UserID: user.ID, Counter: user.TokenCounter, RegisteredClaims: secret.Until(r.Clock().Add(life))}
	switch session {
	case "":
	case RecentSession:
		sessions, err := r.Sessions(ctx, user)
		if err != nil {
			return "", err
		}
		if len(sessions) > 0 {
			claims.SessionID, claims.Counter = sessions[len(sessions)-1].ID, 0
		}
	default:
		found, err := r.Session(ctx, user, session)
		if err != nil {
			return "", err
		}
		claims.SessionID, claims.Counter = found.ID, 0
	}
	return secret.SignJWT(r.jwtKey(req.Project.ID), claims)
}

// unguessable is from how many hexadecimal digits on a secret need not be counted: 64 bits.
const unguessable = 16

// CreateUserToken makes a one-time secret for a user, which signs them in through sessions/token. The server that asks
// hands it on; nothing is sent. One that is short enough to be guessed is a code: wrong tries end it, and a new one
// takes its place. Faults: user_not_found, user_blocked.
func (r *Rules) CreateUserToken(ctx context.Context, req *Request, id string, length int, life time.Duration) (*Issued, error) {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return nil, err
	}
	if !user.Status {
		return nil, fault.UserBlocked
	}
	purpose := model.PurposeGeneric
	if length < unguessable {
		purpose = model.PurposeGenericCode
	}
	issued := r.issueSecret(req, user, purpose, "", r.Random.Hex((length + 1) / 2)[:length])
	issued.Token.Expire = issued.Token.CreatedAt.Add(life)
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UserNotFound)
		issued.insert(tx)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, issued.Token, user.ID, issued.Token.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return issued, nil
}
