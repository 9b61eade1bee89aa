package auth

import (
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// CreateJWT signs a statement that its bearer is the user of a session, good for a time. Nothing is stored:
// the session it names is looked up whenever it is shown, so it ends with that session at the latest.
func (r *Rules) CreateJWT(project string, session *model.Session, lifetime time.Duration) (string, error) {
	return secret.SignJWT(r.jwtKey(project), secret.JWTClaims{
		UserID: session.UserID, SessionID: session.ID,
		RegisteredClaims: secret.Until(r.Clock().Add(lifetime)),
	})
}
