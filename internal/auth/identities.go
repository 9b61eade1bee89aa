package auth

import (
	"context"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// ListIdentities lists the accounts at providers that sign a user in, with what the providers gave: it is the
// person's own. Faults: general_cursor_not_found, database_query_order_null.
func (r *Rules) ListIdentities(ctx context.Context, user *model.User, q ListQuery) ([]model.Identity, int, error) {
	list, total, err := r.DB.Identities(ctx, user.Project, user.ID, q.list())
	if err == nil {
		err = r.openIdentities(list)
	}
	return list, total, err
}

// openIdentities opens the tokens of the providers.
func (r *Rules) openIdentities(list []model.Identity) error {
	for i := range list {
		for _, text := range []*string{&list[i].ProviderAccessToken, &list[i].ProviderRefreshToken} {
			if err := r.openToken(list[i].Project, list[i].UserID, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// Unlink takes an account at a provider away from a user. Sessions made through it go on, and renew no tokens any
// more. It may be the last way in: whoever unlinks it has asked for that.
// Fault: user_identity_not_found, also for an identity of somebody else.
func (r *Rules) Unlink(ctx context.Context, req *Request, user *model.User, id string) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		if r.listened(req) {
			identity, err := tx.Identity(user.Project, user.ID, id)
			if err != nil {
				return err
			}
			r.happened(tx, req, identity, user.ID, id)
		}
		tx.DeleteIdentity(user.Project, user.ID, id)
		r.audit(tx, req, req.Actor, "identity/"+id)
		return nil
	})
}
