package auth

import (
	"context"
	"time"

	"latchkey/internal/check"
	"latchkey/internal/client"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/passkey"
	"latchkey/internal/store"
)

const (
	ceremonyLife = 5 * time.Minute // for finding the authenticator and answering it
	ceremonySize = 32              // bytes of a challenge; WebAuthn asks for 16
	maxPasskeys  = 25              // of a user
)

// Place is where a ceremony is held.
type Place struct {
	RPID   string // the domain asked for; empty: what the project prefers there
	Origin string // of the page that asks; empty for an app or a server
}

// relyingParty is where a project's passkeys belong. Fault: user_auth_method_unsupported if it has none.
func relyingParty(req *Request) (*check.RelyingParty, error) {
	policy := &req.Project.Settings.Policies.Passkeys
	if !policy.Enabled {
		return nil, fault.UserAuthMethodUnsupported
	}
	return check.NewRelyingParty(req.Project.Platforms, policy), nil
}

// begin prepares a ceremony at a place. Faults: user_auth_method_unsupported, general_argument_invalid.
func (r *Rules) begin(req *Request, kind string, at Place) (*model.OpenCeremony, error) {
	party, err := relyingParty(req)
	if err != nil {
		return nil, err
	}
	id, err := party.RPID(at.RPID, at.Origin)
	if err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `rpId` param: " + err.Error())
	}
	c := &model.OpenCeremony{Domain: req.Project.Name}
	c.Project, c.ID, c.Kind, c.RPID, c.Challenge = req.Project.ID, r.newID(), kind, id, r.Random.Bytes(ceremonySize)
	return c, nil
}

// open writes a ceremony, whose time begins now.
func open(tx *store.Tx, c *model.OpenCeremony) {
	c.CreatedAt, c.Expire = tx.Now, tx.Now.Add(ceremonyLife)
	tx.InsertCeremony(&c.Ceremony)
}

// userHandle is the name by which authenticators know a user. It is shown to whoever holds one, so it says nothing.
func (r *Rules) userHandle(project, user string) []byte {
	return r.Keys.MAC("passkey-user", []byte(project), []byte(user))
}

// BeginPasskey opens the making of a passkey for a user, within the session that asks (empty: a caller without one).
// Faults: user_auth_method_unsupported, general_argument_invalid, user_passkey_limit_exceeded.
func (r *Rules) BeginPasskey(ctx context.Context, req *Request, user *model.User, session string, at Place) (*model.OpenCeremony, error) {
	c, err := r.begin(req, model.CeremonyRegister, at)
	if err != nil {
		return nil, err
	}
	if c.Known, err = r.DB.Passkeys(ctx, user.Project, user.ID); err != nil {
		return nil, err
	}
	if len(c.Known) >= maxPasskeys {
		return nil, fault.UserPasskeyLimitExceeded
	}
	c.UserID, c.SessionID = user.ID, session
	c.User, c.Name, c.Algorithms = r.userHandle(user.Project, user.ID), calledBy(user), passkey.Algorithms
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		open(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// calledBy is the name under which a browser lists a user's passkey.
func calledBy(user *model.User) string {
	for _, name := range []string{user.Email, user.Phone, user.Name} {
		if name != "" {
			return name
		}
	}
	return user.ID
}

// PasskeyAnswer is what an authenticator gave.
type PasskeyAnswer struct {
	Challenge  string // the id of the ceremony
	Credential string // the response in the JSON form of WebAuthn
	Session    string // of the caller; empty for none
}

// ceremony finds what an answer is to. Faults: user_auth_method_unsupported, user_passkey_invalid.
func (r *Rules) ceremony(ctx context.Context, req *Request, kind, user string, a PasskeyAnswer) (*model.Ceremony, passkey.Expect, error) {
	party, err := relyingParty(req)
	if err != nil {
		return nil, passkey.Expect{}, err
	}
	c, err := r.DB.Ceremony(ctx, req.Project.ID, a.Challenge, r.now())
	if err != nil {
		return nil, passkey.Expect{}, err
	}
	if c.Kind != kind || kind != model.CeremonySignIn && c.UserID != user || c.SessionID != a.Session {
		return nil, passkey.Expect{}, fault.UserPasskeyInvalid
	}
	return c, passkey.Expect{Challenge: c.Challenge, RPID: c.RPID, Origin: party.Origin(c.RPID)}, nil
}

// spoil uses up a ceremony that was answered wrongly, and says so: an authenticator signs a challenge once, and
// nobody tries twice. Fault: user_passkey_invalid.
func (r *Rules) spoil(ctx context.Context, c *model.Ceremony, cause error) error {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.DropCeremony(c.Project, c.ID)
		return nil
	})
	if err != nil {
		return err
	}
	return fault.UserPasskeyInvalid.Because(cause)
}

// AddPasskey takes the passkey that an authenticator has made for a user. An empty name stands for the device's.
// Faults: user_auth_method_unsupported, user_passkey_invalid, user_passkey_already_exists, user_passkey_limit_exceeded.
func (r *Rules) AddPasskey(ctx context.Context, req *Request, user *model.User, a PasskeyAnswer, name string) (*model.Passkey, error) {
	c, want, err := r.ceremony(ctx, req, model.CeremonyRegister, user.ID, a)
	if err != nil {
		return nil, err
	}
	credential, err := passkey.Register([]byte(a.Credential), want)
	if err != nil {
		return nil, r.spoil(ctx, c, err)
	}
	if name == "" {
		name = passkeyName(req)
	}
	made := &model.Passkey{Project: user.Project, ID: r.newID(), UserID: user.ID, Name: name, RPID: c.RPID, CredentialID: credential.ID, PublicKey: credential.PublicKey,
		SignCount: int64(credential.SignCount), BackupEligible: credential.BackupEligible, BackedUp: credential.BackedUp, Transports: credential.Transports, AAGUID: credential.AAGUID}
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		tx.TakeCeremony(c.Project, c.ID)
		present, err := tx.UserByID(user.Project, user.ID)
		if err != nil {
			return err
		}
		if present.Passkeys >= maxPasskeys {
			return fault.UserPasskeyLimitExceeded
		}
		made.CreatedAt, made.UpdatedAt = tx.Now, tx.Now
		tx.InsertPasskey(made)
		r.tellFactor(ctx, tx, req, present, "passkeyadded")
		r.audit(tx, req, req.Actor, "passkey/"+made.ID)
		r.happened(tx, req, made, user.ID, made.ID)
		return nil
	})
	if err != nil {
		return nil, taken(err, fault.UserPasskeyExists)
	}
	return made, nil
}

// passkeyName is what a passkey is called that nobody has named: by the device it was made on.
func passkeyName(req *Request) string {
	agent := client.ParseAgent(req.Client.UserAgent)
	for _, name := range []string{deviceName(req), agent.OSName, agent.ClientName} {
		if name != "" {
			return name
		}
	}
	return "Passkey"
}

// Passkeys lists a user's passkeys, oldest first.
func (r *Rules) Passkeys(ctx context.Context, user *model.User) ([]model.Passkey, error) {
	return r.DB.Passkeys(ctx, user.Project, user.ID)
}

// RenamePasskey names a user's passkey. Fault: user_passkey_not_found, also for one of somebody else.
func (r *Rules) RenamePasskey(ctx context.Context, req *Request, user *model.User, id, name string) (*model.Passkey, error) {
	var renamed *model.Passkey
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.RenamePasskey(user.Project, user.ID, id, name)
		r.audit(tx, req, req.Actor, "passkey/"+id)
		var err error
		if renamed, err = tx.Passkey(user.Project, user.ID, id); err == nil {
			r.happened(tx, req, renamed, user.ID, id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return renamed, nil
}

// RemovePasskey takes a passkey from a user, and ends, by the policy for changed passwords, the sessions it has
// signed in, all but the one that asks. It may be the last way in: whoever removes it has asked for that.
// Fault: user_passkey_not_found, also for one of somebody else.
func (r *Rules) RemovePasskey(ctx context.Context, req *Request, user *model.User, id, session string) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UserPasskeyNotFound)
		if r.listened(req) {
			leaving, err := tx.Passkey(user.Project, user.ID, id)
			if err != nil {
				return err
			}
			r.happened(tx, req, leaving, user.ID, id)
		}
		tx.DeletePasskey(user.Project, user.ID, id)
		if req.Project.Settings.Policies.SessionInvalidation.Enabled {
			tx.EndPasskeySessions(user.Project, user.ID, id, session)
		}
		r.tellFactor(ctx, tx, req, user, "passkeyremoved")
		r.audit(tx, req, req.Actor, "passkey/"+id)
		return nil
	})
}
