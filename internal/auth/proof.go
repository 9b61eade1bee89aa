package auth

import (
	"context"
	"errors"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// VerifyJWT finds the user a JWT stands for and the session it names (empty for a JWT without one). The
// session must live: signing out ends its JWTs. A JWT without a session ends with the user's counter, which
// every new password and every block raise.
// Faults: user_jwt_invalid for a bad token, user_session_not_found for a good one whose user or session is gone.
func (r *Rules) VerifyJWT(ctx context.Context, project, token string) (*model.SessionUser, error) {
	keys, err := r.SigningKeys(ctx, project)
	if err != nil {
		return nil, err
	}
	claims, err := secret.VerifySignedJWT(r.jwtKey(project), keys.Published, token, r.Clock())
	if err != nil {
		return nil, fault.UserJWTInvalid.Say("The JWT is not valid: " + err.Error() + ".")
	}
	user, err := r.DB.UserByID(ctx, project, claims.UserID)
	if errors.Is(err, fault.UserNotFound) {
		return nil, fault.UserSessionNotFound.Because(err)
	}
	if err != nil {
		return nil, err
	}
	found := &model.SessionUser{User: *user}
	if claims.SessionID == "" {
		if claims.Counter != user.TokenCounter {
			return nil, fault.UserSessionNotFound
		}
		return found, nil
	}
	session, err := r.DB.Session(ctx, project, user.ID, claims.SessionID, r.now())
	if err != nil {
		return nil, err
	}
	found.Session = *session
	return found, nil
}

// jwtKey is a project's own signing key: ids may be chosen, so a token of one project must be nothing in
// another.
func (r *Rules) jwtKey(project string) []byte { return r.Keys.Derive("jwt", project) }

// FindKey finds the API key of a project by its whole text, on every call anew: a deleted key must be refused
// by the next request on every node. A key without a kind is a very old standard one.
// Faults: key_not_found, project_key_expired.
func (r *Rules) FindKey(ctx context.Context, project *model.Project, text string) (*model.Key, error) {
	kind, _ := secret.ParseKey(text)
	if kind == secret.KeyEphemeral || kind == secret.KeyDynamic {
		return r.ephemeralKey(project, text)
	}
	key, err := r.DB.KeyByHash(ctx, project.ID, secret.HashToken(text))
	if err != nil {
		return nil, err
	}
	if key.Expire != 0 && key.Expire < r.now() {
		return nil, fault.ProjectKeyExpired
	}
	return key, nil
}

// ephemeralKey reads a key that is a signed statement of its own project, scopes and end.
func (r *Rules) ephemeralKey(project *model.Project, text string) (*model.Key, error) {
	_, token := secret.ParseKey(text)
	claims, err := secret.VerifyEphemeralKey(r.Keys.Derive("ephemeral-key", project.ID), token, r.Clock())
	if errors.Is(err, secret.ErrExpired) {
		return nil, fault.ProjectKeyExpired
	}
	if err != nil || claims.ProjectID != project.ID || claims.Since != int64(project.CreatedAt) {
		return nil, fault.KeyNotFound
	}
	return &model.Key{Project: project.ID, Name: claims.Name, Scopes: claims.Scopes, Expire: model.At(claims.ExpiresAt.Time)}, nil
}

// OperatorRole returns the role a user of the console project has in another project; empty for none.
func (r *Rules) OperatorRole(ctx context.Context, project, user string) (string, error) {
	return r.DB.OperatorRole(ctx, project, user)
}
