package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

const (
	teamColumns = `t.id, t.name, t.prefs, t.created_at, t.updated_at,
		(select count(*) from memberships c where c.team_id = t.id and c.confirmed)`
	membershipColumns = `m.id, m.team_id, m.user_id, m.roles, m.invited, m.joined, m.confirmed, m.secret_hash, m.created_at, m.updated_at,
		u.name, coalesce(u.email, ''), coalesce(u.phone, ''), u.mfa, u.accessed_at, t.name`
	membershipTables = ` from memberships m join users u on u.project_id = m.project_id and u.id = m.user_id join teams t on t.id = m.team_id `
)

var (
	teamByID       = statement("Team", `select `+teamColumns+` from teams t where t.id = $1`)
	teamsOf        = statement("TeamsOf", `select `+teamColumns+` from memberships m join teams t on t.id = m.team_id where m.project_id = $1 and m.user_id = $2 and m.confirmed order by t.created_at, t.id`)
	teamsAll       = statement("Teams", `select `+teamColumns+` from teams t order by t.created_at, t.id`)
	membershipByID = statement("Membership", `select `+membershipColumns+membershipTables+`where m.id = $1 and m.team_id = $2`)
	membershipsOf  = statement("Memberships", `select `+membershipColumns+membershipTables+`where m.team_id = $1 order by m.created_at, m.id`)
	membershipsBy  = statement("MembershipsByUser", `select `+membershipColumns+membershipTables+`where m.project_id = $1 and m.user_id = $2 order by m.created_at, m.id`)
	projectsOf     = statement("ProjectsOfOperator", `select `+projectColumns+` from projects p where p.id in (
		select o.project_id from operators o where o.user_id = $2
		union select q.id from memberships m join projects q on q.team_id = m.team_id where m.project_id = $1 and m.user_id = $2 and m.confirmed and m.team_id <> '')
		order by p.created_at, p.id`)

	upsertTeam = statement("UpsertTeam", `insert into teams (id, name, prefs, created_at, updated_at) values ($1, $2, $3, $4, $5)
		on conflict (id) do update set name = excluded.name, prefs = excluded.prefs, updated_at = excluded.updated_at`)
	insertTeam = statement("InsertTeam", `insert into teams (id, name, prefs, created_at, updated_at) values ($1, $2, $3, $4, $5)`)
	lockTeam   = statement("LockTeam", `update teams set updated_at = updated_at where id = $1`)
	deleteTeam = statement("DeleteTeam", `delete from teams where id = $1`)
	leaveTeam  = statement("LeaveTeam", `update projects set team_id = '' where team_id = $1`)

	insertMembership = statement("InsertMembership", `insert into memberships (id, team_id, project_id, user_id, roles, invited, joined, confirmed, secret_hash, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	updateMembership = statement("UpdateMembership", `update memberships set roles = $3, joined = $4, confirmed = $5, secret_hash = $6, updated_at = $7, invited = $8
		where id = $1 and team_id = $2`)
	deleteMembership = statement("DeleteMembership", `delete from memberships where id = $1 and team_id = $2`)
)

func scanTeam(r row, t *model.Team) {
	t.ID, t.Name, t.Prefs, t.CreatedAt, t.UpdatedAt, t.Total = r.text(), r.text(), model.Object(r.text()), moment(r), moment(r), int(r.number())
}

func scanMembership(r row, m *model.Membership) {
	m.ID, m.TeamID, m.UserID, m.Roles = r.text(), r.text(), r.text(), words(r)
	m.Invited, m.Joined, m.Confirmed, m.SecretHash = moment(r), moment(r), r.flag(), r.bytes()
	m.CreatedAt, m.UpdatedAt = moment(r), moment(r)
	m.UserName, m.UserEmail, m.UserPhone, m.UserMFA, m.UserAccessedAt, m.TeamName = r.text(), r.text(), r.text(), r.flag(), moment(r), r.text()
}

// Team finds a team. Fault: team_not_found.
func (db *DB) Team(ctx context.Context, id string) (*model.Team, error) {
	return one(ctx, db, teamByID.with(id), scanTeam, fault.TeamNotFound)
}

// Teams lists the teams that an operator has joined; without a user, all of them.
func (db *DB) Teams(ctx context.Context, user string) ([]model.Team, error) {
	if user == "" {
		return many(ctx, db, teamsAll.with(), scanTeam)
	}
	return many(ctx, db, teamsOf.with(model.ConsoleProject, user), scanTeam)
}

// Memberships lists who is in a team or invited to it.
func (db *DB) Memberships(ctx context.Context, team string) ([]model.Membership, error) {
	return many(ctx, db, membershipsOf.with(team), scanMembership)
}

// Memberships lists who is in a team as the transaction sees it. Take LockTeam first.
func (tx *Tx) Memberships(team string) ([]model.Membership, error) {
	return many(tx.ctx, tx, membershipsOf.with(team), scanMembership)
}

// MembershipsByUser lists the places of a user of the console.
func (db *DB) MembershipsByUser(ctx context.Context, user string) ([]model.Membership, error) {
	return many(ctx, db, membershipsBy.with(model.ConsoleProject, user), scanMembership)
}

// Membership finds a place in a team. Fault: membership_not_found.
func (db *DB) Membership(ctx context.Context, team, id string) (*model.Membership, error) {
	return one(ctx, db, membershipByID.with(id, team), scanMembership, fault.MembershipNotFound)
}

// ProjectsOf lists the projects that an operator has a role in, without their platforms, oldest first.
func (db *DB) ProjectsOf(ctx context.Context, user string) ([]model.Project, error) {
	return readProjects(ctx, db, projectsOf.with(model.ConsoleProject, user))
}

// LockTeam takes a team for the rest of the transaction, so that its last owner cannot leave twice. It ends the
// transaction with team_not_found.
func (tx *Tx) LockTeam(id string) { tx.must(fault.TeamNotFound, lockTeam, id) }

// InsertTeam adds a team. Conflict: UniqueTeamID.
func (tx *Tx) InsertTeam(t *model.Team) {
	tx.freeProjects(t.ID) // that were given to it while it was deleted, or by a key before it was there
	tx.do(insertTeam, t.ID, t.Name, t.Prefs, t.CreatedAt, t.UpdatedAt)
}

// UpsertTeam writes a team's name and preferences, adding the team if it is not there.
func (tx *Tx) UpsertTeam(t *model.Team) {
	tx.do(upsertTeam, t.ID, t.Name, t.Prefs, t.CreatedAt, t.UpdatedAt)
}

// DeleteTeam deletes a team with everybody's place in it. Its projects stay, without a team. Fault: team_not_found.
func (tx *Tx) DeleteTeam(id string) {
	tx.must(fault.TeamNotFound, deleteTeam, id)
	tx.freeProjects(id)
}

// freeProjects takes its projects from a team that is not: ids may be chosen, and projects must not wait for whoever
// makes a team of the same id next.
func (tx *Tx) freeProjects(team string) {
	tx.do(leaveTeam, team)
	tx.BumpSettingsVersion()
}

// InsertMembership adds a place in a team. Conflicts: UniqueMembershipID, UniqueMembershipUser.
func (tx *Tx) InsertMembership(m *model.Membership) {
	tx.do(insertMembership, m.ID, m.TeamID, model.ConsoleProject, m.UserID, joined(m.Roles), m.Invited, m.Joined, m.Confirmed, m.SecretHash, m.CreatedAt, m.UpdatedAt)
}

// UpdateMembership writes roles, the invitation, and whether it has been taken up. Fault: membership_not_found.
func (tx *Tx) UpdateMembership(m *model.Membership) {
	tx.must(fault.MembershipNotFound, updateMembership, m.ID, m.TeamID, joined(m.Roles), m.Joined, m.Confirmed, m.SecretHash, m.UpdatedAt, m.Invited)
}

// DeleteMembership takes a place in a team away. Fault: membership_not_found.
func (tx *Tx) DeleteMembership(team, id string) {
	tx.must(fault.MembershipNotFound, deleteMembership, id, team)
}
