package admin

import (
	"context"
	"errors"
	"slices"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Whoever acts through a key can hand on no more than the key itself may do: a key that may write keys would be a key
// to everything otherwise.

// errScopes answers scopes that no key has.
var errScopes = errors.New("Value must be a list of at most 200 scopes of a key.")

// CheckScopes checks the scopes of a key.
func CheckScopes(list []string) error {
	if len(list) > 200 {
		return errScopes
	}
	for _, scope := range list {
		if KnownScope(scope) != nil {
			return errScopes
		}
	}
	return nil
}

// within refuses scopes that a key does not have itself. by is nil for an operator.
func within(by *model.Key, wanted []string) error {
	if by == nil || slices.Contains(by.Scopes, AllScopes) {
		return nil
	}
	for _, scope := range wanted {
		if !slices.Contains(by.Scopes, scope) {
			return fault.UnauthorizedScope.Say("A key cannot hand on a scope that it does not have itself: " + scope + ".")
		}
	}
	return nil
}

// AddKey makes a standing API key for an operator and returns its text, which is shown this once. A key may not make
// another one, which would outlive it. Faults: key_creation_denied, key_already_exists.
func (r *Rules) AddKey(ctx context.Context, req *auth.Request, by *model.Key, in NewKey) (*model.Key, string, error) {
	if by != nil {
		return nil, "", fault.KeyCreationDenied
	}
	in.ID = r.idOr(in.ID)
	text := secret.NewKey(r.Random)
	key := r.newKey(req.Project.ID, in, text)
	err := r.changed(ctx, req, "keys/"+key.ID, func(tx *store.Tx, what *auth.Details) error {
		tx.InsertKey(key)
		*what = keyDetails(&model.Key{}, key)
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, "", fault.KeyAlreadyExists.Because(err)
	}
	return key, text, err
}

// outlives says whether an end (0: never) lies behind that of the key that asks. What it hands on must end with it, or a
// key that leaked would be renewed for ever.
func outlives(by *model.Key, expire model.Time) bool {
	return by != nil && by.Expire != 0 && (expire == 0 || expire > by.Expire)
}

// EphemeralKey makes a key that is a signed statement and is stored nowhere: it cannot be taken back, and lives short. One
// made by a key ends with that key at the latest. Fault: general_unauthorized_scope.
func (r *Rules) EphemeralKey(ctx context.Context, req *auth.Request, by *model.Key, scopes []string, life time.Duration) (*model.Key, string, error) {
	if err := within(by, scopes); err != nil {
		return nil, "", err
	}
	expire := r.Clock().Add(life)
	if outlives(by, model.At(expire)) {
		expire = by.Expire.Std()
	}
	token, err := secret.SignEphemeralKey(r.Keys.Derive("ephemeral-key", req.Project.ID), secret.EphemeralClaims{
		ProjectID: req.Project.ID, Since: int64(req.Project.CreatedAt), Name: "Ephemeral", Scopes: scopes, RegisteredClaims: secret.Until(expire)})
	if err != nil {
		return nil, "", err
	}
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		r.audit(tx, req, "keys/ephemeral", auth.Details{}.Value("scopes", nil, scopes).Value("expire", nil, model.At(expire)))
		return nil
	})
	now := r.now()
	key := &model.Key{Project: req.Project.ID, ID: r.Random.ID(r.Clock()), CreatedAt: now, UpdatedAt: now, Name: "Ephemeral", Scopes: scopes, Expire: model.At(expire)}
	return key, string(secret.KeyEphemeral) + "_" + token, err
}

// Key finds one of a project's API keys. Fault: key_not_found.
func (r *Rules) Key(ctx context.Context, project, id string) (*model.Key, error) {
	keys, err := r.DB.Keys(ctx, project)
	if err != nil {
		return nil, err
	}
	return keyByID(keys, id)
}

// keyDetails says how two keys differ.
func keyDetails(before, after *model.Key) auth.Details {
	return auth.Details{}.Value("name", before.Name, after.Name).Value("scopes", before.Scopes, after.Scopes).Value("expire", before.Expire, after.Expire).
		Value("dev", before.Dev, after.Dev)
}

func keyByID(keys []model.Key, id string) (*model.Key, error) {
	for i := range keys {
		if keys[i].ID == id {
			return &keys[i], nil
		}
	}
	return nil, fault.KeyNotFound
}

// ChangeKey changes a key's name, scopes and end; its text stays. The next request with it is held to them. A key gives no
// key a longer life than its own, itself included.
// Faults: key_not_found, general_unauthorized_scope.
func (r *Rules) ChangeKey(ctx context.Context, req *auth.Request, by *model.Key, in NewKey) (*model.Key, error) {
	if err := within(by, in.Scopes); err != nil {
		return nil, err
	}
	var key *model.Key
	err := r.changed(ctx, req, "keys/"+in.ID, func(tx *store.Tx, what *auth.Details) error {
		keys, err := tx.Keys(req.Project.ID)
		if err != nil {
			return err
		}
		if key, err = keyByID(keys, in.ID); err != nil || key.Dev != in.Dev {
			return firstOf(err, fault.KeyNotFound)
		}
		if err := within(by, key.Scopes); err != nil {
			return err // a stronger key is not its to weaken
		}
		if in.Expire != key.Expire && outlives(by, in.Expire) {
			return fault.UnauthorizedScope.Say("A key cannot let a key live longer than it does itself.")
		}
		before := *key
		key.Name, key.Scopes, key.Expire, key.UpdatedAt = in.Name, in.Scopes, in.Expire, tx.Now
		*what = keyDetails(&before, key)
		tx.UpsertKey(key)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return key, nil
}

func firstOf(err error, kind *fault.Kind) error {
	if err != nil {
		return err
	}
	return kind
}

// RemoveKey deletes a key; the next request with it is refused, on every node. A key deletes none that is stronger.
// Faults: key_not_found, general_unauthorized_scope.
func (r *Rules) RemoveKey(ctx context.Context, req *auth.Request, by *model.Key, id string) error {
	return r.changed(ctx, req, "keys/"+id, func(tx *store.Tx, what *auth.Details) error {
		if by != nil {
			keys, err := tx.Keys(req.Project.ID)
			if err != nil {
				return err
			}
			key, err := keyByID(keys, id)
			if err == nil {
				err = within(by, key.Scopes)
			}
			if err != nil {
				return err
			}
		}
		tx.DeleteKey(req.Project.ID, id)
		return nil
	})
}
