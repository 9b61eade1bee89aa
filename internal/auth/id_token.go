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

// IDToken is what a native app has got from a provider by itself.
type IDToken struct {
	Provider          string
	Token             string
	Nonce             string // in the clear; the token has it so, or its SHA-256
	AccessToken       string // kept for the app, proves nothing
	AccessTokenExpiry int    // seconds from now; 0: not known
	Name              string // for when the token has none
}

// SignInWithIDToken makes a session for whoever an id token is about, by the rules of OAuth2 sign-in. A caller who
// is signed in gets the identity. A token signs in once: whoever finds it in a log later gets nothing.
// Faults: project_provider_unsupported, project_provider_disabled, user_oauth2_token_invalid,
// user_oauth2_provider_error (the keys cannot be had), and those of OAuth2 sign-in.
func (r *Rules) SignInWithIDToken(ctx context.Context, req *Request, in IDToken, caller *model.SessionUser) (*SignedIn, error) {
	app, err := r.Provider(ctx, req.Project.ID, in.Provider)
	if err != nil {
		return nil, err
	}
	if !app.SignsIDTokens() {
		return nil, fault.ProjectProviderUnsupported.Say(app.Name + " has no id tokens that could be checked.")
	}
	signedToken, err := app.VerifyIDToken(ctx, in.Token, in.Nonce)
	switch {
	case errors.Is(err, oauth.ErrIDToken):
		return nil, fault.UserOAuth2TokenInvalid.Because(err)
	case err != nil:
		return nil, providerFault(fault.UserOAuth2ProviderError, err)
	}
	who := r.arrival(req, app, &signedToken.Profile, &oauth.Tokens{Access: in.AccessToken, Expires: int64(in.AccessTokenExpiry)})
	if in.AccessTokenExpiry == 0 {
		who.identity.ProviderAccessTokenExpiry = 0
	}
	if who.name == "" {
		who.name = in.Name
	}
	who.caller = caller
	who.replay = func(tx *store.Tx) {
		tx.InsertIDToken(req.Project.ID, signedToken.Hash[:], model.At(signedToken.Expires.Add(time.Minute)))
	}
	var signed *SignedIn
	err = r.enter(ctx, req, who, func(tx *store.Tx, user *model.User, identity *model.Identity) error {
		signed = r.identitySession(req, user, identity)
		signed.Session.ProviderRefreshToken = ""
		if err := r.alertSession(ctx, tx, req, signed); err != nil {
			return err
		}
		r.insertSession(tx, req, signed)
		return who.leave(tx, signed.Session.ID)
	})
	if conflict, is := store.Conflict(err); is && conflict == store.UniqueIDToken {
		return nil, fault.UserOAuth2TokenInvalid.Say("The id token has been used already.")
	}
	if err != nil {
		return nil, err
	}
	return signed, r.openTokens(signed.Session)
}
