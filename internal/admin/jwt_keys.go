package admin

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// The states of a project's signing key, in the order it goes through them. All of them are published: a verifier
// that has fetched the keys lately knows every key that any token it meets can be signed with.
const (
	keyStandby = "standby" // published and not used yet
	keyActive  = "active"  // signs
	keyRetired = "retired" // no longer signs; its last tokens may still be about
)

// signingBody is the part of a signing key's document that may be shown.
type signingBody struct {
	Algorithm string     `json:"algorithm"`
	State     string     `json:"state"`
	Since     model.Time `json:"since"` // when it came into this state
}

// SigningKeys returns the keys of a project.
func (p *Projects) SigningKeys(ctx context.Context, project string) (*auth.SigningKeys, error) {
	documents, err := p.Documents(ctx, project, store.KindJWTKey)
	if err != nil {
		return nil, err
	}
	keys := &auth.SigningKeys{}
	for _, d := range documents {
		key, err := secret.ParseSigningKey(d.ID, d.Text("algorithm"), d.Text("private"))
		if err != nil {
			return nil, err
		}
		keys.Published = append(keys.Published, key)
		if d.Text("state") == keyActive {
			keys.Active = key
		}
	}
	return keys, nil
}

// Rotator makes, changes and deletes signing keys by each project's policy.
type Rotator struct {
	DB     *store.DB
	Keys   *secret.KeyRing
	Random *secret.Random
	Clock  func() time.Time
	Log    *slog.Logger
	Holder string        // this node's name in the lease
	Ahead  time.Duration // how long a key is published before it signs: longer than verifiers keep what they fetched
	After  time.Duration // how long one is published after its last signature: longer than a JWT lives
	Every  time.Duration // how long a key signs; 0: as each project's policy says
}

// What a server uses.
const (
	PublishAhead = time.Hour
	PublishAfter = time.Hour + 5*time.Minute
	rotateEvery  = 15 * time.Second
)

// Run rotates until the context ends.
func (r *Rotator) Run(ctx context.Context) {
	tick := time.NewTicker(rotateEvery)
	defer tick.Stop()
	for {
		held, err := r.DB.AcquireLease(ctx, "jwt-keys", r.Holder, 4*rotateEvery)
		if err == nil && held {
			err = r.Turn(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.Log.Error("signing keys could not be rotated", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Turn brings every project's keys to where its policy and the time want them.
func (r *Rotator) Turn(ctx context.Context) error {
	projects, err := r.DB.Projects(ctx)
	if err != nil {
		return err
	}
	for i := range projects {
		p := &projects[i]
		stored, err := r.DB.Documents(ctx, p.ID, store.KindJWTKey)
		if err != nil {
			return err
		}
		if p.Settings.Policies.JWTSigning.Algorithm == "" && len(stored) == 0 {
			continue
		}
		if err := r.turn(ctx, p, stored); err != nil {
			return err
		}
	}
	return nil
}

// period is how long a key signs.
func (r *Rotator) period(policy model.JWTSigning) time.Duration {
	if r.Every > 0 {
		return r.Every
	}
	return policy.Period()
}

// signingAlgorithm checks the policy's algorithm; none means the shared key.
func signingAlgorithm(text string) error {
	switch text {
	case "", secret.EdDSA, secret.ES256:
		return nil
	}
	return errors.New("must be EdDSA, ES256 or empty")
}

// held is a stored key while its project's turn is decided.
type held struct {
	*store.Document
	body signingBody
}

// turn decides for one project and writes what changes, in one transaction, so that there is one active key before
// and after.
func (r *Rotator) turn(ctx context.Context, p *model.Project, stored []store.Document) error {
	policy := p.Settings.Policies.JWTSigning
	now := model.At(r.Clock())
	var active, standby *held
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		active, standby = nil, nil
		for i := range stored {
			h := &held{Document: &stored[i]}
			if err := json.Unmarshal([]byte(h.Body), &h.body); err != nil {
				return err
			}
			switch {
			case h.body.State == keyRetired && h.body.Since.Add(r.After) <= now:
				tx.DeleteDocument(p.ID, store.KindJWTKey, h.ID)
			case h.body.State == keyActive:
				active = h
			case h.body.State == keyStandby:
				standby = h
			}
		}
		due := active == nil || active.body.Since.Add(r.period(policy)) <= now && standby != nil && standby.body.Since.Add(r.Ahead) <= now
		switch {
		case policy.Algorithm == "":
			r.move(tx, active, keyRetired, now)
			if standby != nil {
				tx.DeleteDocument(p.ID, store.KindJWTKey, standby.ID)
			}
			return nil
		case standby == nil && due:
			r.move(tx, active, keyRetired, now)
			if err := r.make(tx, p, keyActive, now); err != nil {
				return err
			}
		case due:
			r.move(tx, active, keyRetired, now)
			r.move(tx, standby, keyActive, now)
			standby = nil
		}
		if standby == nil {
			return r.make(tx, p, keyStandby, now)
		}
		return nil
	})
}

// move brings a key into a state.
func (r *Rotator) move(tx *store.Tx, h *held, state string, now model.Time) {
	if h == nil {
		return
	}
	h.body.State, h.body.Since = state, now
	h.Body, h.UpdatedAt = bodyOf(h.body), now
	tx.UpsertDocument(h.Document)
}

// make makes a key.
func (r *Rotator) make(tx *store.Tx, p *model.Project, state string, now model.Time) error {
	key, err := secret.NewSigningKey(r.Random, p.Settings.Policies.JWTSigning.Algorithm)
	if err != nil {
		return err
	}
	private, err := key.Private()
	if err != nil {
		return err
	}
	secrets, err := json.Marshal(map[string]string{"private": private})
	if err != nil {
		return err
	}
	tx.UpsertDocument(&store.Document{Project: p.ID, Kind: store.KindJWTKey, ID: key.ID, CreatedAt: now, UpdatedAt: now,
		Body:   bodyOf(signingBody{key.Algorithm, state, now}),
		Sealed: r.Keys.SealText(sealedFor, sealPlace(p.ID, store.KindJWTKey, key.ID), string(secrets))})
	return nil
}

func bodyOf(b signingBody) model.Object {
	text, err := json.Marshal(b)
	if err != nil {
		panic("admin: " + err.Error()) // three plain fields always have a JSON form
	}
	return model.Object(text)
}
