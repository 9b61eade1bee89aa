package auth

import (
	"context"
	"errors"
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/event"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// OAuth2Return is what a browser brings back from a provider.
type OAuth2Return struct {
	Provider    string
	State       string
	Browser     string // the cookie of the start
	Code        string
	Error       string
	Description string
	Extras      oauth.Extras

	app    *oauth.App
	caller *model.SessionUser
}

// OAuth2Done is how a sign-in at a provider ended: in exactly one of a session, a token and a failure.
type OAuth2Done struct {
	Login  *model.OAuth2Login
	Signed *SignedIn // the session flow
	Token  *Issued   // the token flow
	Failed error     // to be told to the failure URL
}

// FinishOAuth2 takes a sign-in up again when the browser is back. The caller may be signed in; that counts only if
// they were at the start, by the same session.
// Faults: project_provider_unsupported and general_argument_invalid, when there is nothing that says where a
// failure could be told; project_invalid_success_url and project_invalid_failure_url, when the place is no longer
// allowed. Every other failure is in the answer.
func (r *Rules) FinishOAuth2(ctx context.Context, req *Request, in OAuth2Return, allow *check.Allow, caller *model.SessionUser) (*OAuth2Done, error) {
	app, appErr := r.Provider(ctx, req.Project.ID, in.Provider)
	if errors.Is(appErr, fault.ProjectProviderUnsupported) {
		return nil, appErr
	}
	row, err := r.takeLogin(ctx, req, in)
	if err != nil {
		return nil, err
	}
	// A platform may have been removed since the start, and the secret is about to go there.
	switch {
	case row.Success != "" && allow.Redirect(row.Success) != nil:
		return nil, fault.ProjectInvalidSuccessURL
	case row.Failure != "" && allow.Redirect(row.Failure) != nil:
		return nil, fault.ProjectInvalidFailureURL
	}
	done := &OAuth2Done{Login: row}
	if done.Failed = appErr; appErr == nil {
		in.app, in.caller = app, caller
		done.Failed = r.finish(ctx, req, in, done)
	}
	return done, nil
}

// errNoLogin is the one answer to a state that does not fit, for whatever reason.
var errNoLogin = fault.ArgumentInvalid.Say("This sign-in cannot be finished: it is unknown, used or older than ten minutes, or it was started in another browser. Start it again.")

// takeLogin takes the sign-in's row. Whether the state is unknown, used, late, of another project, or shown by
// another browser than the one that started is nobody's to find out.
func (r *Rules) takeLogin(ctx context.Context, req *Request, in OAuth2Return) (*model.OAuth2Login, error) {
	claim := &store.OAuth2Claim{StateHash: secret.HashToken(in.State), Project: req.Project.ID, Provider: in.Provider}
	if in.Browser != "" {
		claim.Browser = secret.HashToken(in.Browser)
	}
	var row *model.OAuth2Login
	err := r.DB.Write(ctx, func(tx *store.Tx) (err error) {
		row, err = tx.TakeOAuth2Login(claim)
		return err
	})
	if errors.Is(err, fault.ArgumentInvalid) {
		return nil, errNoLogin
	}
	return row, err
}

// finish exchanges the code and lets the person in. No transaction is open while the provider is asked.
func (r *Rules) finish(ctx context.Context, req *Request, in OAuth2Return, done *OAuth2Done) error {
	row, app, caller := done.Login, in.app, in.caller
	if in.Error != "" {
		return fault.UserOAuth2ProviderError.Say(app.Name + " refused the sign-in: " + oauth.Printable(in.Error+" "+in.Description))
	}
	if in.Code == "" {
		return fault.UserOAuth2ProviderError.Say(app.Name + " sent no code.")
	}
	way, err := r.openPassage(row)
	if err != nil {
		return err
	}
	in.Extras.User = row.NameHint
	tokens, profile, err := app.Exchange(ctx, &oauth.Login{RedirectURI: way.RedirectURI, Verifier: way.Verifier, Nonce: way.Nonce}, in.Code, in.Extras)
	if err != nil {
		r.Log.Warn("a provider refused a sign-in", "project", req.Project.ID, "provider", app.ID, "error", err)
		return exchangeFault(app, err)
	}
	who := r.arrival(req, app, profile, tokens)
	if caller != nil && row.UserID == caller.User.ID && row.SessionID == caller.Session.ID {
		who.caller = caller
	}
	return r.enter(ctx, req, who, func(tx *store.Tx, user *model.User, identity *model.Identity) error {
		if row.Token {
			done.Token, done.Signed = r.issueOAuth2(req, user, identity), nil
			done.Token.insert(tx)
			r.audit(tx, req, ActorOf(user), "user/"+user.ID)
			r.tell(tx, req, event.Event{Name: tokenCreated, IDs: []string{user.ID, done.Token.Token.ID}, Payload: done.Token.Token, By: user.ID})
			return who.leave(tx, "")
		}
		done.Signed = r.identitySession(req, user, identity) // nobody is alerted: the provider is who tells of sign-ins there
		r.insertSession(tx, req, done.Signed)
		return who.leave(tx, done.Signed.Session.ID)
	})
}

// exchangeFault names what went wrong between us and the provider.
func exchangeFault(app *oauth.App, err error) error {
	var refusal *oauth.Refusal
	switch {
	case errors.Is(err, oauth.ErrNoUserID):
		return fault.UserMissingID.Because(err)
	case errors.As(err, &refusal) && refusal.AtProfile:
		return providerFault(fault.UserOAuth2ProviderError, err)
	case errors.As(err, &refusal):
		return providerFault(fault.UserOAuth2ProviderFailure, err)
	}
	return fault.ProjectProviderDisabled.Say(app.Name + " is not fully set up.").Because(err)
}

// identitySession prepares the session of somebody who came by an identity. The second factor that a person has
// set up is the provider's to ask for.
func (r *Rules) identitySession(req *Request, user *model.User, identity *model.Identity) *SignedIn {
	signed := r.newSession(req, user, identity.Provider, "email", "oauth2")
	s := signed.Session
	s.ProviderUID = identity.ProviderUID
	s.ProviderAccessToken, s.ProviderRefreshToken, s.ProviderAccessTokenExpiry = identity.ProviderAccessToken, identity.ProviderRefreshToken, identity.ProviderAccessTokenExpiry
	return signed
}

// issueOAuth2 makes the one-time token of the token flow. It begins with the id of the identity that it is about,
// which the hash covers: a person may have two of one provider.
func (r *Rules) issueOAuth2(req *Request, user *model.User, identity *model.Identity) *Issued {
	return r.issueSecret(req, user, model.PurposeOAuth2, "", identity.ID+"."+r.Random.Hex(passes[model.PurposeOAuth2].bytes))
}

// redeemedIdentity prepares the session of the token flow: that of the very identity the token is about. One that
// was unlinked meanwhile signs nobody in.
func (r *Rules) redeemedIdentity(tx *store.Tx, req *Request, user *model.User, text string) (*SignedIn, error) {
	id, _, _ := strings.Cut(text, ".")
	identity, err := tx.Identity(user.Project, user.ID, id)
	if errors.Is(err, fault.UserIdentityNotFound) {
		return nil, fault.UserInvalidToken.Because(err)
	}
	if err != nil {
		return nil, err
	}
	return r.identitySession(req, user, identity), nil
}

// sealTokens seals what a provider gave, for one person's rows.
func (r *Rules) sealTokens(project, user, text string) string {
	if text == "" {
		return ""
	}
	return r.Keys.SealText("provider-token", project+"/"+user, text)
}

// openTokens makes a session showable: what its provider gave is sealed in the store.
func (r *Rules) openTokens(s *model.Session) error {
	for _, text := range []*string{&s.ProviderAccessToken, &s.ProviderRefreshToken} {
		if err := r.openToken(s.Project, s.UserID, text); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rules) openToken(project, user string, text *string) (err error) {
	if *text != "" {
		*text, err = r.Keys.OpenText("provider-token", project+"/"+user, *text)
	}
	return err
}
