package auth

import (
	"context"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// CreateJWT signs a statement that its bearer is the user of a session, good for a time. Nothing is stored:
// the session it names is looked up whenever it is shown, so it ends with that session at the latest.
func (r *Rules) CreateJWT(ctx context.Context, project string, session *model.Session, lifetime time.Duration) (string, error) {
	keys, err := r.SigningKeys(ctx, project)
	if err != nil {
		return "", err
	}
	now := r.Clock()
	claims := secret.JWTClaims{UserID: session.UserID, SessionID: session.ID, RegisteredClaims: secret.Until(now.Add(lifetime))}
	if keys.Active == nil {
		return secret.SignJWT(r.jwtKey(project), claims)
	}
	return keys.Active.SignJWT(claims, project, now)
}

// SigningKeys are a project's asymmetric keys for JWTs.
type SigningKeys struct {
	Active    *secret.SigningKey   // nil: JWTs are signed with the shared key
	Published []*secret.SigningKey // oldest first
}

// SigningKeys returns a project's keys for JWTs that others verify.
func (r *Rules) SigningKeys(ctx context.Context, project string) (*SigningKeys, error) {
	if r.Signing == nil {
		return &SigningKeys{}, nil
	}
	return r.Signing(ctx, project)
}
