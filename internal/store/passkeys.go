package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// passkeyColumns are read by scanPasskey; p is the table.
const passkeyColumns = `p.project_id, p.id, p.user_id, p.created_at, p.updated_at, p.name, p.rp_id, p.credential_id, p.public_key, p.sign_count,
	p.backup_eligible, p.backed_up, p.transports, p.aaguid, p.used_at`

var (
	passkeysOf = statement("Passkeys", `select `+passkeyColumns+` from passkeys p
		where p.project_id = $1 and p.user_id = $2 order by p.created_at, p.id`)
	passkeyByID = statement("Passkey", `select `+passkeyColumns+` from passkeys p
		where p.project_id = $1 and p.user_id = $2 and p.id = $3`)
	passkeyByCredential = statement("PasskeyByCredential", `select `+passkeyColumns+` from passkeys p
		where p.project_id = $1 and p.credential_id = $2`)
	insertPasskey = statement("InsertPasskey", `insert into passkeys (project_id, id, user_id, created_at, updated_at, name, rp_id, credential_id,
			public_key, sign_count, backup_eligible, backed_up, transports, aaguid, used_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`)
	renamePasskey = statement("RenamePasskey", `update passkeys set name = $4, updated_at = $5 where project_id = $1 and user_id = $2 and id = $3`)
	spendPasskey  = statement("SpendPasskey", `update passkeys set sign_count = $4, backed_up = $5, used_at = $6
		where project_id = $1 and user_id = $2 and id = $3`)
	deletePasskey    = statement("DeletePasskey", `delete from passkeys where project_id = $1 and user_id = $2 and id = $3`)
	deletePasskeysOf = statement("DeletePasskeysOf", `delete from passkeys where project_id = $1 and user_id = $2`)
	countPasskeys    = statement("CountPasskeys", `update users set passkeys = (select count(*) from passkeys p where p.project_id = $1 and p.user_id = $2), updated_at = $3
		where project_id = $1 and id = $2`)
	endPasskeySessions = statement("EndPasskeySessions", `delete from sessions
		where project_id = $1 and user_id = $2 and provider = 'passkey' and provider_uid = $3 and id <> $4`)

	ceremonyByID = statement("Ceremony", `select c.project_id, c.id, c.kind, c.user_id, c.session_id, c.rp_id, c.challenge, c.expire, c.created_at
		from ceremonies c where c.project_id = $1 and c.id = $2 and c.expire >= $3`)
	insertCeremony = statement("InsertCeremony", `insert into ceremonies (project_id, id, kind, user_id, session_id, rp_id, challenge, expire, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	takeCeremony       = statement("TakeCeremony", `delete from ceremonies where project_id = $1 and id = $2 and expire >= $3`)
	dropCeremony       = statement("DropCeremony", `delete from ceremonies where project_id = $1 and id = $2`)
	deleteCeremoniesOf = statement("DeleteCeremoniesOf", `delete from ceremonies where project_id = $1 and id in (
		select c.id from ceremonies c where c.project_id = $1 and c.user_id = $2)`)  // asked so, SQLite takes the index of users
	sweepCeremonies = statement("SweepCeremonies", `delete from ceremonies where (project_id, id) in (
		select c.project_id, c.id from ceremonies c where c.expire < $1 order by c.expire limit $2) returning 1`)
)

func scanPasskey(r row, p *model.Passkey) {
	p.Project, p.ID, p.UserID, p.CreatedAt, p.UpdatedAt = r.text(), r.text(), r.text(), moment(r), moment(r)
	p.Name, p.RPID, p.CredentialID, p.PublicKey, p.SignCount = r.text(), r.text(), r.bytes(), r.bytes(), r.number()
	p.BackupEligible, p.BackedUp, p.Transports, p.AAGUID, p.UsedAt = r.flag(), r.flag(), words(r), r.text(), moment(r)
}

// Passkeys lists a user's passkeys, oldest first.
func (db *DB) Passkeys(ctx context.Context, project, user string) ([]model.Passkey, error) {
	return many(ctx, db, passkeysOf.with(project, user), scanPasskey)
}

// Passkeys lists a user's passkeys as the transaction sees them, oldest first.
func (tx *Tx) Passkeys(project, user string) ([]model.Passkey, error) {
	return many(tx.ctx, tx, passkeysOf.with(project, user), scanPasskey)
}

// Passkey finds a passkey of a user as the transaction sees it. Fault: user_passkey_not_found.
func (tx *Tx) Passkey(project, user, id string) (*model.Passkey, error) {
	return one(tx.ctx, tx, passkeyByID.with(project, user, id), scanPasskey, fault.UserPasskeyNotFound)
}

// PasskeyByCredential finds a passkey by the id that its authenticator gave it. Fault: user_passkey_not_found.
func (db *DB) PasskeyByCredential(ctx context.Context, project string, credential []byte) (*model.Passkey, error) {
	return one(ctx, db, passkeyByCredential.with(project, credential), scanPasskey, fault.UserPasskeyNotFound)
}

// InsertPasskey adds a passkey to a user, whom lock first. Conflict: UniquePasskey.
func (tx *Tx) InsertPasskey(p *model.Passkey) {
	tx.do(insertPasskey, p.Project, p.ID, p.UserID, p.CreatedAt, p.UpdatedAt, p.Name, p.RPID, p.CredentialID, p.PublicKey, p.SignCount,
		p.BackupEligible, p.BackedUp, joined(p.Transports), p.AAGUID, p.UsedAt)
	tx.do(countPasskeys, p.Project, p.UserID, tx.Now)
}

// RenamePasskey names a passkey. Fault: user_passkey_not_found.
func (tx *Tx) RenamePasskey(project, user, id, name string) {
	tx.must(fault.UserPasskeyNotFound, renamePasskey, project, user, id, name, tx.Now)
}

// SpendPasskey writes what an authenticator said when it was used. Lock the user first.
func (tx *Tx) SpendPasskey(p *model.Passkey) {
	tx.must(fault.UserPasskeyInvalid, spendPasskey, p.Project, p.UserID, p.ID, p.SignCount, p.BackedUp, p.UsedAt)
}

// DeletePasskey takes a passkey from a user, whom lock first. Fault: user_passkey_not_found.
func (tx *Tx) DeletePasskey(project, user, id string) {
	tx.must(fault.UserPasskeyNotFound, deletePasskey, project, user, id)
	tx.do(countPasskeys, project, user, tx.Now)
}

// EndPasskeySessions ends what a passkey has signed in, but for one session; an empty except spares none.
func (tx *Tx) EndPasskeySessions(project, user, passkey, except string) {
	tx.do(endPasskeySessions, project, user, passkey, except)
}

// Ceremony finds a live ceremony. Fault: user_passkey_invalid.
func (db *DB) Ceremony(ctx context.Context, project, id string, now model.Time) (*model.Ceremony, error) {
	return one(ctx, db, ceremonyByID.with(project, id, now), func(r row, c *model.Ceremony) {
		c.Project, c.ID, c.Kind, c.UserID, c.SessionID, c.RPID = r.text(), r.text(), r.text(), r.text(), r.text(), r.text()
		c.Challenge, c.Expire, c.CreatedAt = r.bytes(), moment(r), moment(r)
	}, fault.UserPasskeyInvalid)
}

// InsertCeremony adds a ceremony.
func (tx *Tx) InsertCeremony(c *model.Ceremony) {
	tx.do(insertCeremony, c.Project, c.ID, c.Kind, orNull(c.UserID), c.SessionID, c.RPID, c.Challenge, c.Expire, c.CreatedAt)
}

// DropCeremony is TakeCeremony that goes on when the ceremony is gone.
func (tx *Tx) DropCeremony(project, id string) { tx.do(dropCeremony, project, id) }

// TakeCeremony uses a ceremony up. Of any number that answer the same one, all but the first end with
// user_passkey_invalid.
func (tx *Tx) TakeCeremony(project, id string) {
	tx.must(fault.UserPasskeyInvalid, takeCeremony, project, id, tx.Now)
}
