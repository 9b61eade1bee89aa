package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// identityColumns are read by scanIdentity; i is the table.
const identityColumns = `i.project_id, i.id, i.created_at, i.updated_at, i.user_id, i.provider, i.provider_uid, i.provider_email,
	i.provider_access_token, i.provider_access_token_expiry, i.provider_refresh_token`

var (
	identityByUID = statement("IdentityByUID", `select `+identityColumns+` from identities i
		where i.project_id = $1 and i.provider = $2 and i.provider_uid = $3`)
	identityEmailTaken = statement("IdentityEmailTaken", `select exists (select 1 from identities i
		where i.project_id = $1 and i.provider_email = $2 and i.user_id <> $3)`)
	insertIdentity = statement("InsertIdentity", `insert into identities (project_id, id, created_at, updated_at, user_id, provider, provider_uid,
			provider_email, provider_access_token, provider_access_token_expiry, provider_refresh_token)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	deleteIdentity = statement("DeleteIdentity", `delete from identities where project_id = $1 and user_id = $2 and id = $3`)
)

func scanIdentity(r row, i *model.Identity) {
	i.Project, i.ID, i.CreatedAt, i.UpdatedAt = r.text(), r.text(), moment(r), moment(r)
	i.UserID, i.Provider, i.ProviderUID, i.ProviderEmail = r.text(), r.text(), r.text(), r.text()
	i.ProviderAccessToken, i.ProviderAccessTokenExpiry, i.ProviderRefreshToken = r.text(), moment(r), r.text()
}

// IdentityByUID finds whom an account at a provider belongs to. Fault: user_identity_not_found.
func (db *DB) IdentityByUID(ctx context.Context, project, provider, uid string) (*model.Identity, error) {
	return one(ctx, db, identityByUID.with(project, provider, uid), scanIdentity, fault.UserIdentityNotFound)
}

// IdentityEmailTaken says whether an identity of anybody but one user has an address.
func (db *DB) IdentityEmailTaken(ctx context.Context, project, email, except string) (taken bool, err error) {
	err = db.ask(ctx, identityEmailTaken.with(project, email, except), func(r row) error {
		taken = r.flag()
		return nil
	})
	return taken, err
}

// InsertIdentity adds an identity; its tokens are sealed by the caller. Conflicts: UniqueIdentityID,
// UniqueIdentity.
func (tx *Tx) InsertIdentity(i *model.Identity) {
	tx.do(insertIdentity, i.Project, i.ID, i.CreatedAt, i.UpdatedAt, i.UserID, i.Provider, i.ProviderUID, i.ProviderEmail,
		i.ProviderAccessToken, i.ProviderAccessTokenExpiry, i.ProviderRefreshToken)
}

// DeleteIdentity deletes an identity of a user. Fault: user_identity_not_found.
func (tx *Tx) DeleteIdentity(project, user, id string) {
	tx.must(fault.UserIdentityNotFound, deleteIdentity, project, user, id)
}
