package auth

import (
	"context"
	"errors"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/store"
)

// renewWithin is how long one caller may take to renew an identity's tokens before another may try.
const renewWithin = 30 * time.Second

// renewal is new tokens of an identity, sealed, to be written with what the caller writes.
type renewal struct {
	rules    *Rules
	identity *model.Identity
}

// renewTokens asks a session's provider for new tokens. Where there is nothing to renew (no such provider any
// more, no refresh token, no identity since it was unlinked) or somebody is at it already, the answer is nil and
// everything stays as it is.
//
// Two who send one refresh token at once burn it where tokens rotate, so whoever goes first claims the identity's
// row; no transaction is open while the provider is asked.
// Faults: user_oauth2_bad_request, user_oauth2_unauthorized, user_oauth2_provider_error.
func (r *Rules) renewTokens(ctx context.Context, req *Request, session *model.Session) (*renewal, error) {
	if session.ProviderRefreshToken == "" || session.ProviderUID == "" {
		return nil, nil //nolint:nilnil // nothing to renew is an answer
	}
	app, err := r.Provider(ctx, req.Project.ID, session.Provider)
	if errors.Is(err, fault.ProjectProviderUnsupported) || errors.Is(err, fault.ProjectProviderDisabled) || err == nil && app.NoRefresh {
		return nil, nil //nolint:nilnil // nothing to renew is an answer
	}
	if err != nil {
		return nil, err
	}
	identity, err := r.claimRenewal(ctx, session)
	if identity == nil || err != nil {
		return nil, err
	}
	refresh := identity.ProviderRefreshToken
	if err := r.openToken(identity.Project, identity.UserID, &refresh); err != nil || refresh == "" {
		return nil, errors.Join(err, r.releaseRenewal(identity))
	}
	tokens, err := app.Refresh(ctx, refresh)
	if err != nil {
		r.Log.Warn("a provider refused to renew tokens", "project", req.Project.ID, "provider", app.ID, "error", err)
		return nil, errors.Join(r.releaseRenewal(identity), renewalFault(err))
	}
	identity.ProviderAccessToken = r.sealTokens(identity.Project, identity.UserID, tokens.Access)
	identity.ProviderRefreshToken = r.sealTokens(identity.Project, identity.UserID, tokens.Refresh)
	identity.ProviderAccessTokenExpiry = r.now().Add(tokens.Life())
	return &renewal{r, identity}, nil
}

// claimRenewal takes the identity of a session for the time it takes to renew its tokens.
func (r *Rules) claimRenewal(ctx context.Context, session *model.Session) (identity *model.Identity, err error) {
	wanted := &model.Identity{Project: session.Project, UserID: session.UserID, Provider: session.Provider, ProviderUID: session.ProviderUID}
	err = r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		identity, err = tx.ClaimRenewal(wanted, tx.Now.Add(renewWithin))
		return err
	})
	if errors.Is(err, fault.UserIdentityNotFound) {
		return nil, nil //nolint:nilnil // unlinked, or somebody is at it
	}
	return identity, err
}

// releaseRenewal gives the claim back, even if whoever asked has gone.
func (r *Rules) releaseRenewal(identity *model.Identity) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.ReleaseRenewal(identity)
		return nil
	})
}

// renewalFault names a provider's refusal by its status, as the contract does.
func renewalFault(err error) error {
	var refusal *oauth.Refusal
	if !errors.As(err, &refusal) {
		return fault.UserOAuth2ProviderError.Because(err)
	}
	switch refusal.Status {
	case 400:
		return providerFault(fault.UserOAuth2BadRequest, err)
	case 401:
		return providerFault(fault.UserOAuth2Unauthorized, err)
	}
	return providerFault(fault.UserOAuth2ProviderError, err)
}

// write puts the new tokens where the old ones are: the identity and every session made through it.
func (n *renewal) write(tx *store.Tx, session *model.Session) {
	if n == nil {
		return
	}
	tx.UpdateIdentityTokens(n.identity)
	tx.UpdateTokensOfSessions(n.identity)
	session.ProviderAccessToken, session.ProviderRefreshToken = n.identity.ProviderAccessToken, n.identity.ProviderRefreshToken
	session.ProviderAccessTokenExpiry = n.identity.ProviderAccessTokenExpiry
}
