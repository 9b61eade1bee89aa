package auth

import (
	"context"

	"latchkey/internal/model"
)

// PasskeysOf lists a user's passkeys for a server or an operator. Fault: user_not_found.
func (r *Rules) PasskeysOf(ctx context.Context, req *Request, id string) ([]model.Passkey, error) {
	return ofUser(ctx, r, req, id, func(user *model.User) ([]model.Passkey, error) { return r.Passkeys(ctx, user) })
}

// RemovePasskeyOf takes a passkey from a user, with the sessions it made, by policy: the way out for whoever has lost
// the device. Faults: user_not_found, user_passkey_not_found.
func (r *Rules) RemovePasskeyOf(ctx context.Context, req *Request, id, passkey string) error {
	_, err := ofUser(ctx, r, req, id, func(user *model.User) (none struct{}, err error) {
		return none, r.RemovePasskey(ctx, req, user, passkey, "")
	})
	return err
}
