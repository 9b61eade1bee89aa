package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// userColumns are read by scanUser; u is the table.
const userColumns = `u.id, u.created_at, u.updated_at, u.name, u.email, u.phone, u.status, u.self_blocked, u.labels, u.prefs,
	u.email_verified, u.phone_verified, u.email_canonical, u.email_is_free, u.email_is_disposable, u.email_is_corporate, u.email_is_canonical,
	u.password_kind, u.password_options, u.password_hash, u.password_update, u.accessed_at,
	u.reset_required, u.mfa, u.impersonator, u.token_counter, u.delete_at, u.passkeys,
	exists (select 1 from authenticators a where a.project_id = u.project_id and a.user_id = u.id and a.type = 'totp' and a.verified)`

// A user comes with their targets: one row a target, the target's columns first, so that all but the first
// row are read no further than that.
var (
	userByID = statement("UserByID", `select `+targetColumns+`, `+userColumns+`
		from users u left join targets t on t.project_id = u.project_id and t.user_id = u.id
		where u.project_id = $1 and u.id = $2`)
	userByEmail = statement("UserByEmail", `select `+targetColumns+`, `+userColumns+`
		from users u left join targets t on t.project_id = u.project_id and t.user_id = u.id
		where u.project_id = $1 and u.email = $2`)
	userByPhone = statement("UserByPhone", `select `+targetColumns+`, `+userColumns+`
		from users u left join targets t on t.project_id = u.project_id and t.user_id = u.id
		where u.project_id = $1 and u.phone = $2`)
	passwordHistory = statement("PasswordHistory", `select password_history from users where project_id = $1 and id = $2`)
	countUsers      = statement("CountUsers", `select count(*) from (select 1 from users where project_id = $1 limit $2) counted`)

	insertUser = statement("InsertUser", `insert into users (project_id, id, created_at, updated_at, name, name_folded, email, phone,
			status, self_blocked, labels, prefs, email_verified, phone_verified,
			email_canonical, email_is_free, email_is_disposable, email_is_corporate, email_is_canonical,
			password_kind, password_options, password_hash, password_update, password_history, accessed_at,
			reset_required, mfa, impersonator, token_counter, delete_at, audit_salt)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
			$27, $28, $29, $30, $31)`)

	updateUserName = statement("UpdateUserName", `update users set name = $3, name_folded = $4, updated_at = $5
		where project_id = $1 and id = $2`)
	updateUserPrefs = statement("UpdateUserPrefs", `update users set prefs = $3, updated_at = $4 where project_id = $1 and id = $2`)
	updateUserEmail = statement("UpdateUserEmail", `update users set email = $3, email_verified = $4, email_canonical = $5,
			email_is_free = $6, email_is_disposable = $7, email_is_corporate = $8, email_is_canonical = $9, updated_at = $10
		where project_id = $1 and id = $2`)
	updateUserPhone = statement("UpdateUserPhone", `update users set phone = $3, phone_verified = $4, updated_at = $5
		where project_id = $1 and id = $2`)
	updateUserStatus = statement("UpdateUserStatus", `update users set status = $3, self_blocked = $4, token_counter = token_counter + 1, updated_at = $5
		where project_id = $1 and id = $2`)
	updateUserPassword = statement("UpdateUserPassword", `update users set password_kind = $3, password_options = $4, password_hash = $5,
			password_update = $6, token_counter = token_counter + 1, updated_at = $6
		where project_id = $1 and id = $2 and password_hash = $7`)
	updateUserMFA        = statement("UpdateUserMFA", `update users set mfa = $3, updated_at = $4 where project_id = $1 and id = $2`)
	updateUserLabels     = statement("UpdateUserLabels", `update users set labels = $3, updated_at = $4 where project_id = $1 and id = $2`)
	updateUserVerified   = statement("UpdateUserVerified", `update users set email_verified = $3, phone_verified = $4, updated_at = $5 where project_id = $1 and id = $2`)
	updateImpersonator   = statement("UpdateUserImpersonator", `update users set impersonator = $3, updated_at = $4 where project_id = $1 and id = $2`)
	rehashPassword       = statement("RehashPassword", `update users set password_kind = $3, password_options = $4, password_hash = $5 where project_id = $1 and id = $2 and password_hash = $6`)
	setPasswordHistory   = statement("SetPasswordHistory", `update users set password_history = $3 where project_id = $1 and id = $2`)
	setDeleteAt          = statement("SetDeleteAt", `update users set delete_at = $3 where project_id = $1 and id = $2`)
	touchUser            = statement("TouchUser", `update users set accessed_at = $3 where project_id = $1 and id = $2 and accessed_at < $3`)
	lockUser             = statement("LockUser", `update users set token_counter = token_counter where project_id = $1 and id = $2`)
	lockUserWithPassword = statement("LockUserWithPassword", `update users set token_counter = token_counter where project_id = $1 and id = $2 and token_counter = $3`)
	// wipeUser takes from an account whatever somebody other than the owner of its address may have put there.
	wipeUser = statement("WipeUser", `update users set password_kind = '', password_options = '', password_hash = '', password_update = 0,
			password_history = '', mfa = false, passkeys = 0, phone = case when phone_verified then phone else null end,
			token_counter = token_counter + 1, updated_at = $3
		where project_id = $1 and id = $2`)
	prepared = statement("Prepared", `select exists (select 1 from sessions where project_id = $1 and user_id = $2)
		or exists (select 1 from identities where project_id = $1 and user_id = $2)
		or exists (select 1 from users where project_id = $1 and id = $2 and (password_hash <> '' or passkeys > 0 or phone is not null and not phone_verified))`)
	wipeIdentities = statement("WipeIdentities", `delete from identities where project_id = $1 and id in (
		select i.id from identities i where i.project_id = $1 and i.user_id = $2)`)  // asked so, SQLite takes the index of owners
	wipeAuthenticators = statement("WipeAuthenticators", `delete from authenticators where project_id = $1 and user_id = $2`)
	wipeNumbers        = statement("WipeNumbers", `delete from targets where project_id = $1 and user_id = $2 and provider_type = 'sms'
		and not exists (select 1 from users u where u.project_id = targets.project_id and u.id = targets.user_id and u.phone = targets.identifier)`)

	deleteUser            = statement("DeleteUser", `delete from users where project_id = $1 and id = $2`)
	usersToDelete         = statement("UsersToDelete", `select project_id, id from users where delete_at > 0 and delete_at <= $1 order by delete_at limit $2`)
	deleteUserWhenPastDue = statement("DeleteUserPastDue", `delete from users where project_id = $1 and id = $2 and delete_at > 0 and delete_at <= $3`)
)

// UserByID finds a user with targets. Fault: user_not_found.
func (db *DB) UserByID(ctx context.Context, project, id string) (*model.User, error) {
	return oneUser(ctx, db, project, userByID.with(project, id))
}

// UserByEmail finds the user who has an address, given in its stored form. Fault: user_not_found.
func (db *DB) UserByEmail(ctx context.Context, project, email string) (*model.User, error) {
	return oneUser(ctx, db, project, userByEmail.with(project, email))
}

// UserByPhone finds the user who has a number. Fault: user_not_found.
func (db *DB) UserByPhone(ctx context.Context, project, phone string) (*model.User, error) {
	return oneUser(ctx, db, project, userByPhone.with(project, phone))
}

// UserByID finds a user with targets as the transaction sees them. Fault: user_not_found.
func (tx *Tx) UserByID(project, id string) (*model.User, error) {
	return oneUser(tx.ctx, tx, project, userByID.with(project, id))
}

// UserByEmail finds the user who has an address as the transaction sees it. Fault: user_not_found.
func (tx *Tx) UserByEmail(project, email string) (*model.User, error) {
	return oneUser(tx.ctx, tx, project, userByEmail.with(project, email))
}

func oneUser(ctx context.Context, from source, project string, question call) (*model.User, error) {
	var user *model.User
	var targets []model.Target
	err := from.ask(ctx, question, func(r row) error {
		targets = scanTargetOf(r, project, targets)
		if user == nil {
			user = &model.User{Project: project}
			scanUser(r, user)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if user == nil {
		return nil, fault.UserNotFound
	}
	user.Targets = sortTargets(targets, user.ID)
	return user, nil
}

func scanUser(r row, u *model.User) {
	u.ID, u.CreatedAt, u.UpdatedAt = r.text(), moment(r), moment(r)
	u.Name, u.Email, u.Phone = r.text(), r.text(), r.text()
	u.Status, u.SelfBlocked = r.flag(), r.flag()
	u.Labels, u.Prefs = words(r), model.Object(r.text())
	u.EmailVerification, u.PhoneVerification = r.flag(), r.flag()
	facts := model.EmailFacts{Canonical: r.text(), IsFree: r.flag(), IsDisposable: r.flag(), IsCorporate: r.flag(), IsCanonical: r.flag()}
	if facts.Canonical != "" {
		u.EmailFacts = &facts
	}
	u.Password = model.Password{Kind: r.text(), Options: model.Object(r.text()), Hash: r.text()}
	u.PasswordUpdate, u.AccessedAt = moment(r), moment(r)
	u.ResetRequired, u.MFA, u.Impersonator = r.flag(), r.flag(), r.flag()
	u.TokenCounter, u.DeleteAt = r.number(), moment(r)
	u.Passkeys, u.HasTOTP = int(r.number()), r.flag()
}

// PasswordHistory returns the passwords a user is remembered to have had, oldest first. Fault: user_not_found.
func (db *DB) PasswordHistory(ctx context.Context, project, id string) ([]model.Password, error) {
	text, err := one(ctx, db, passwordHistory.with(project, id), func(r row, s *string) { *s = r.text() }, fault.UserNotFound)
	if err != nil {
		return nil, err
	}
	history := []model.Password{}
	if *text == "" {
		return history, nil
	}
	if err := json.Unmarshal([]byte(*text), &history); err != nil {
		return nil, fmt.Errorf("store: the password history of user %s: %w", id, err)
	}
	return history, nil
}

// MostUsers is the number up to which CountUsers counts: no limit on users is larger, and counting on would
// make every sign-up of a big project slow.
const MostUsers = 10_001

// CountUsers counts the users of a project, blocked ones too, up to MostUsers.
func (db *DB) CountUsers(ctx context.Context, project string) (int, error) {
	n, err := number(ctx, db, countUsers.with(project, MostUsers))
	return int(n), err
}

// CountUsers counts the users of a project as the transaction sees them, up to MostUsers. Take
// LockProjectUsers first.
func (tx *Tx) CountUsers(project string) (int, error) {
	n, err := number(tx.ctx, tx, countUsers.with(project, MostUsers))
	return int(n), err
}

// InsertUser adds a user. Conflicts: UniqueUserID, UniqueUserEmail, UniqueUserPhone.
func (tx *Tx) InsertUser(u *model.User) {
	tx.dropRoles(u.Project, u.ID) // of somebody who was deleted while a role was given to them
	facts := factsOf(u)
	tx.do(insertUser, u.Project, u.ID, u.CreatedAt, u.UpdatedAt, u.Name, fold(u.Name), orNull(u.Email), orNull(u.Phone),
		u.Status, u.SelfBlocked, joined(u.Labels), u.Prefs, u.EmailVerification, u.PhoneVerification,
		facts[0], facts[1], facts[2], facts[3], facts[4],
		u.Password.Kind, u.Password.Options, u.Password.Hash, u.PasswordUpdate, "", u.AccessedAt,
		u.ResetRequired, u.MFA, u.Impersonator, u.TokenCounter, u.DeleteAt, rand.Text())
	tx.putTerms(u, termsOf(u, ""))
}

// factsOf gives what is known about the address, or five NULLs.
func factsOf(u *model.User) [5]any {
	if u.EmailFacts == nil {
		return [5]any{}
	}
	f := u.EmailFacts
	return [5]any{f.Canonical, f.IsFree, f.IsDisposable, f.IsCorporate, f.IsCanonical}
}

// fold is the form of a name that searches compare.
func fold(name string) string { return strings.ToLower(name) }

// The updates below write the columns of one change and updated_at, taken from the user given. All of them
// end the transaction with general_unauthorized_scope when the user is gone: whoever asked went with them.

// UpdateUserName writes the name.
func (tx *Tx) UpdateUserName(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateUserName, u.Project, u.ID, u.Name, fold(u.Name), u.UpdatedAt)
	tx.renewTerms(u, "name")
}

// UpdateUserPrefs writes the preferences.
func (tx *Tx) UpdateUserPrefs(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateUserPrefs, u.Project, u.ID, u.Prefs, u.UpdatedAt)
}

// UpdateUserEmail writes the address, whether it is verified, and what is known about it.
// Conflict: UniqueUserEmail.
func (tx *Tx) UpdateUserEmail(u *model.User) {
	facts := factsOf(u)
	tx.must(fault.UnauthorizedScope, updateUserEmail, u.Project, u.ID, orNull(u.Email), u.EmailVerification,
		facts[0], facts[1], facts[2], facts[3], facts[4], u.UpdatedAt)
	tx.renewTerms(u, "email")
}

// UpdateUserPhone writes the number and whether it is verified. Conflict: UniqueUserPhone.
func (tx *Tx) UpdateUserPhone(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateUserPhone, u.Project, u.ID, orNull(u.Phone), u.PhoneVerification, u.UpdatedAt)
	tx.renewTerms(u, "phone")
}

// UpdateUserStatus blocks or unblocks, and raises the counter that ends JWTs without a session. The counter is
// raised by the statement, so that two changes at once raise it twice.
func (tx *Tx) UpdateUserStatus(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateUserStatus, u.Project, u.ID, u.Status, u.SelfBlocked, u.UpdatedAt)
}

// UpdateUserMFA switches the second factor on or off.
func (tx *Tx) UpdateUserMFA(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateUserMFA, u.Project, u.ID, u.MFA, u.UpdatedAt)
}

// UpdateUserLabels writes the labels.
func (tx *Tx) UpdateUserLabels(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateUserLabels, u.Project, u.ID, joined(u.Labels), u.UpdatedAt)
	tx.renewTerms(u, "labels")
}

// UpdateUserVerified writes whether address and number are verified.
func (tx *Tx) UpdateUserVerified(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateUserVerified, u.Project, u.ID, u.EmailVerification, u.PhoneVerification, u.UpdatedAt)
}

// UpdateUserImpersonator writes whether the user may act as others.
func (tx *Tx) UpdateUserImpersonator(u *model.User) {
	tx.must(fault.UnauthorizedScope, updateImpersonator, u.Project, u.ID, u.Impersonator, u.UpdatedAt)
}

// UpdateUserPassword puts a new password in place of old and raises the counter that ends JWTs without a
// session. If the row no longer holds old, the transaction ends with missing.
func (tx *Tx) UpdateUserPassword(u *model.User, old model.Password, missing *fault.Kind) {
	tx.must(missing, updateUserPassword, u.Project, u.ID, u.Password.Kind, u.Password.Options, u.Password.Hash, u.PasswordUpdate, old.Hash)
}

// RehashPassword replaces the hash of a password by another one of the same password, unless the password
// was changed since u was read: then nothing happens. Nothing else of the user moves.
func (tx *Tx) RehashPassword(u *model.User, hash model.Password) {
	tx.do(rehashPassword, u.Project, u.ID, hash.Kind, hash.Options, hash.Hash, u.Password.Hash)
}

// SetPasswordHistory replaces the remembered passwords, oldest first.
func (tx *Tx) SetPasswordHistory(project, id string, history []model.Password) {
	text, err := json.Marshal(history)
	if err != nil {
		tx.fail(fmt.Errorf("store: a password history: %w", err))
		return
	}
	tx.do(setPasswordHistory, project, id, string(text))
}

// Prepared says whether an account holds anything that WipeUser would remove and that its person would miss.
func (tx *Tx) Prepared(project, id string) (is bool, err error) {
	err = tx.ask(tx.ctx, prepared.with(project, id), func(r row) error {
		is = r.flag()
		return nil
	})
	return is, err
}

// WipeUser removes from an account what proves somebody other than the owner of its address: password and its
// history, second factors, passkeys, identities at providers, a number never verified, sessions, open tokens, and JWTs
// without a session. Name, preferences and labels stay. Lock the user first.
func (tx *Tx) WipeUser(project, id string) {
	tx.must(fault.UnauthorizedScope, wipeUser, project, id, tx.Now)
	tx.do(wipeIdentities, project, id)
	tx.do(wipeAuthenticators, project, id)
	tx.do(deleteRecoveryCodes, project, id)
	tx.do(deleteChallengesOf, project, id)
	tx.do(deletePasskeysOf, project, id)
	tx.do(deleteCeremoniesOf, project, id)
	tx.do(wipeNumbers, project, id)
	tx.DeleteSessionsOf(project, id, "")
	tx.DeleteTokensOf(project, id)
}

// SetDeleteAt sets when a user who asked for it is deleted; 0 takes the wish back.
func (tx *Tx) SetDeleteAt(project, id string, at model.Time) {
	tx.must(fault.UnauthorizedScope, setDeleteAt, project, id, at)
}

// LockUser takes a user's row for the rest of the transaction, so that what is counted next (sessions,
// factors) cannot change. An update is the lock that every engine has. It ends the transaction with missing
// when the user is gone.
func (tx *Tx) LockUser(project, id string, missing *fault.Kind) {
	tx.must(missing, lockUser, project, id)
}

// HoldUser is LockUser that goes on when there is no such user.
func (tx *Tx) HoldUser(project, id string) { tx.do(lockUser, project, id) }

// LockUserWithPassword is LockUser that also ends with missing when the user has been given a new password, or has
// been blocked, since u was read. The counter that both raise tells; the hash would not, because a sign-in at the
// same time may have hashed the same password anew.
func (tx *Tx) LockUserWithPassword(u *model.User, missing *fault.Kind) {
	tx.must(missing, lockUserWithPassword, u.Project, u.ID, u.TokenCounter)
}

// DeleteUser deletes a user with sessions, targets, identities, tokens, authenticators and roles in projects, and what
// webhooks are and were told about them, but for their deletion. The security log stays until its retention ends. Fault:
// general_unauthorized_scope when the user is gone already.
func (tx *Tx) DeleteUser(project, id string) {
	tx.must(fault.UnauthorizedScope, deleteUser, project, id)
	tx.dropRoles(project, id)
	tx.do(deleteDeliveriesOfUser, project, id)
	tx.After(func() { tx.removed.Store(true) })
}

// UserKey names a user.
type UserKey struct{ Project, ID string }

// UsersToDelete lists users whose days of grace are over, longest over first.
func (db *DB) UsersToDelete(ctx context.Context, now model.Time, limit int) ([]UserKey, error) {
	return many(ctx, db, usersToDelete.with(now, limit), func(r row, k *UserKey) { k.Project, k.ID = r.text(), r.text() })
}

// DeleteUserPastDue deletes a user whose days of grace are over, unless they have taken the wish back.
func (tx *Tx) DeleteUserPastDue(project, id string) {
	tx.do(deleteUserWhenPastDue, project, id, tx.Now)
	tx.dropRoles(project, id)
	tx.do(deleteDeliveriesOfUser, project, id)
	tx.After(func() { tx.removed.Store(true) })
}

// touches are the statements behind Touch.
var touches = map[string]*Statement{"users": touchUser, "keys": touchKey, "projects": touchProject}

// Touch moves accessedAt of a row of users, keys or projects to the transaction's moment; never back. For a
// project both names are its id.
func (tx *Tx) Touch(table, project, id string) {
	s := touches[table]
	if s == nil {
		tx.fail(fmt.Errorf("store: %s has no last access", table))
		return
	}
	if table == "projects" {
		tx.do(s, id, tx.Now)
		return
	}
	tx.do(s, project, id, tx.Now)
}

// sortTargets puts targets in the order they were made and gives them their owner.
func sortTargets(targets []model.Target, user string) []model.Target {
	if targets == nil {
		return []model.Target{}
	}
	for i := range targets {
		targets[i].UserID = user
	}
	slices.SortFunc(targets, func(a, b model.Target) int {
		if a.CreatedAt != b.CreatedAt {
			return int(a.CreatedAt - b.CreatedAt)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return targets
}
