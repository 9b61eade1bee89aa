package store

import (
	"context"
	"slices"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// identityColumns are read by scanIdentity; i is the table.
const identityColumns = `i.project_id, i.id, i.created_at, i.updated_at, i.user_id, i.provider, i.provider_uid, i.provider_email,
	i.provider_access_token, i.provider_access_token_expiry, i.provider_refresh_token`

var (
	identityByUID = statement("IdentityByUID", `select `+identityColumns+` from identities i
		where i.project_id = $1 and i.provider = $2 and i.provider_uid = $3`)
	identityByID = statement("Identity", `select `+identityColumns+` from identities i
		where i.project_id = $1 and i.user_id = $2 and i.id = $3`)
	identityEmailTaken = statement("IdentityEmailTaken", `select exists (select 1 from identities i
		where i.project_id = $1 and i.provider_email = $2 and i.user_id <> $3)`)
	insertIdentity = statement("InsertIdentity", `insert into identities (project_id, id, created_at, updated_at, user_id, provider, provider_uid,
			provider_email, provider_access_token, provider_access_token_expiry, provider_refresh_token)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	updateIdentityTokens = statement("UpdateIdentityTokens", `update identities set provider_access_token = $4, provider_access_token_expiry = $5,
			provider_refresh_token = $6, renewing = 0, updated_at = $7
		where project_id = $1 and user_id = $2 and id = $3`)
	claimRenewal = statement("ClaimRenewal", `update identities set renewing = $5
		where project_id = $1 and provider = $2 and provider_uid = $3 and renewing < $4 and user_id = $6
		returning project_id, id, created_at, updated_at, user_id, provider, provider_uid, provider_email,
			provider_access_token, provider_access_token_expiry, provider_refresh_token`)
	releaseRenewal = statement("ReleaseRenewal", `update identities set renewing = 0 where project_id = $1 and user_id = $2 and id = $3`)
	deleteIdentity = statement("DeleteIdentity", `delete from identities where project_id = $1 and user_id = $2 and id = $3`)
)

// userIdentities finds them by the index of their owner first: asked at once, SQLite would read the whole project.
var userIdentities = statement("UserIdentities", `select `+identityColumns+` from identities i where (i.project_id, i.id) in (
	select o.project_id, o.id from identities o where o.project_id = $1 and o.user_id = $2) order by i.created_at, i.id`)

// UserIdentities lists a person's accounts at providers, oldest first.
func (db *DB) UserIdentities(ctx context.Context, project, user string) ([]model.Identity, error) {
	return many(ctx, db, userIdentities.with(project, user), scanIdentity)
}

func scanIdentity(r row, i *model.Identity) {
	i.Project, i.ID, i.CreatedAt, i.UpdatedAt = r.text(), r.text(), moment(r), moment(r)
	i.UserID, i.Provider, i.ProviderUID, i.ProviderEmail = r.text(), r.text(), r.text(), r.text()
	i.ProviderAccessToken, i.ProviderAccessTokenExpiry, i.ProviderRefreshToken = r.text(), moment(r), r.text()
}

// IdentityByUID finds whom an account at a provider belongs to. Fault: user_identity_not_found.
func (db *DB) IdentityByUID(ctx context.Context, project, provider, uid string) (*model.Identity, error) {
	return one(ctx, db, identityByUID.with(project, provider, uid), scanIdentity, fault.UserIdentityNotFound)
}

// IdentityByUID finds whom an account at a provider belongs to, as the transaction sees it.
// Fault: user_identity_not_found.
func (tx *Tx) IdentityByUID(project, provider, uid string) (*model.Identity, error) {
	return one(tx.ctx, tx, identityByUID.with(project, provider, uid), scanIdentity, fault.UserIdentityNotFound)
}

// Identity finds an identity of a user. Fault: user_identity_not_found.
func (tx *Tx) Identity(project, user, id string) (*model.Identity, error) {
	return one(tx.ctx, tx, identityByID.with(project, user, id), scanIdentity, fault.UserIdentityNotFound)
}

// IdentityEmailTaken says as the transaction sees it whether an identity of anybody but one user has an address.
func (tx *Tx) IdentityEmailTaken(project, email, except string) (taken bool, err error) {
	err = tx.ask(tx.ctx, identityEmailTaken.with(project, email, except), func(r row) error {
		taken = r.flag()
		return nil
	})
	return taken, err
}

// UpdateIdentityTokens writes the provider's tokens, sealed by the caller.
func (tx *Tx) UpdateIdentityTokens(i *model.Identity) {
	tx.do(updateIdentityTokens, i.Project, i.UserID, i.ID, i.ProviderAccessToken, i.ProviderAccessTokenExpiry, i.ProviderRefreshToken, tx.Now)
}

// ClaimRenewal takes it upon the caller to renew an identity's tokens until a moment. Fault:
// user_identity_not_found, also while somebody else is at it.
func (tx *Tx) ClaimRenewal(i *model.Identity, until model.Time) (*model.Identity, error) {
	return one(tx.ctx, tx, claimRenewal.with(i.Project, i.Provider, i.ProviderUID, tx.Now, until, i.UserID), scanIdentity, fault.UserIdentityNotFound)
}

// ReleaseRenewal gives a claim back.
func (tx *Tx) ReleaseRenewal(i *model.Identity) { tx.do(releaseRenewal, i.Project, i.UserID, i.ID) }

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

// identityList is the identities of a project.
var identityList = &listing{
	table: "identities", alias: "i",
	fields: map[string]field{
		"$id":                       {column: "id", index: true},
		"$createdAt":                {column: "created_at", kind: timeField, index: true},
		"$updatedAt":                {column: "updated_at", kind: timeField},
		"userId":                    {column: "user_id", lookup: true},
		"provider":                  {column: "provider"},
		"providerUid":               {column: "provider_uid"},
		"providerEmail":             {column: "provider_email", folded: true, lookup: true},
		"providerAccessTokenExpiry": {column: "provider_access_token_expiry", kind: timeField},
	},
	search: func(b *builder, alias, word, _ string) string {
		low, high := b.arg(word), b.arg(word+highest)
		parts := []string{}
		for _, column := range []string{"id", "user_id", "provider_email", "provider_uid"} {
			parts = append(parts, alias+"."+column+" >= "+low+" and "+alias+"."+column+" < "+high)
		}
		return "(" + strings.Join(parts, " or ") + ")"
	},
}

// Identities lists identities, of one user or (user empty) of the whole project.
func (db *DB) Identities(ctx context.Context, project, user string, list *List) (identities []model.Identity, total int, err error) {
	p := &page{ctx: ctx, from: db, budget: db.budget, list: list, l: identityList, project: project, scope: ownedBy(project, user)}
	wrap := func(inner, order string) string {
		return "select " + identityColumns + " from (" + inner + ") i" + order
	}
	identities = []model.Identity{}
	total, err = p.run(reader{wrap, func(text string, b *builder) (int, error) {
		identities = identities[:0]
		err := p.ask(text, b, func(r row) error {
			var one model.Identity
			scanIdentity(r, &one)
			identities = append(identities, one)
			return nil
		})
		return len(identities), err
	}})
	if list.Before {
		slices.Reverse(identities)
	}
	return identities, total, err
}
