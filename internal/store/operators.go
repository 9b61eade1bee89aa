package store

import (
	"context"
	"slices"

	"latchkey/internal/model"
)

// Operator is a role that a user of the project `console` has in a project.
type Operator struct {
	Project   string
	UserID    string
	Role      string // owner, developer, editor, analyst, billing …
	CreatedAt model.Time
}

var (
	operatorRole = statement("OperatorRole", `select o.role from operators o where o.project_id = $1 and o.user_id = $2
		union all select m.roles from projects p join memberships m on m.team_id = p.team_id
		where p.id = $1 and p.team_id <> '' and m.user_id = $2 and m.confirmed`)
	operatorsOf = statement("Operators", `select o.project_id, o.user_id, o.role, o.created_at
		from operators o where o.project_id = $1 order by o.created_at, o.user_id`)
	// keepers holds somebody once for each role. The cross join is for SQLite, which would begin with all users.
	keepers = statement("Keepers", `select u.id, u.name, coalesce(u.email, ''), u.prefs, o.role
		from operators o cross join users u where o.project_id = $1 and u.project_id = $2 and u.id = o.user_id and u.status
		union all select u.id, u.name, coalesce(u.email, ''), u.prefs, m.roles
		from projects p join memberships m on m.team_id = p.team_id join users u on u.project_id = m.project_id and u.id = m.user_id
		where p.id = $1 and p.team_id <> '' and m.confirmed and u.status`)
	upsertOperator = statement("UpsertOperator", `insert into operators (project_id, user_id, role, created_at) values ($1, $2, $3, $4)
		on conflict (project_id, user_id) do update set role = excluded.role`)
	deleteOperator = statement("DeleteOperator", `delete from operators where project_id = $1 and user_id = $2`)
	// deleteRolesOf spares whoever is there.
	deleteRolesOf = statement("DeleteRolesOf", `delete from operators where user_id = $2
		and not exists (select 1 from users u where u.project_id = $1 and u.id = $2)`)
)

// roles that operators have, the strongest first; the first ones may change things.
var operatorRoles = []string{"owner", "admin", "developer", "analyst"}

const changing = 3

// OperatorRole returns the strongest role a console user has in a project, of their own or by the team that looks
// after it; empty for none.
func (db *DB) OperatorRole(ctx context.Context, project, user string) (string, error) {
	var roles []string
	err := db.ask(ctx, operatorRole.with(project, user), func(r row) error {
		roles = append(roles, words(r)...)
		return nil
	})
	for _, role := range operatorRoles {
		if slices.Contains(roles, role) {
			return role, err
		}
	}
	return "", err
}

// Operators lists who has a role in a project.
func (db *DB) Operators(ctx context.Context, project string) ([]Operator, error) {
	return many(ctx, db, operatorsOf.with(project), func(r row, o *Operator) {
		o.Project, o.UserID, o.Role, o.CreatedAt = r.text(), r.text(), r.text(), moment(r)
	})
}

// Keeper is a console user who looks after a project.
type Keeper struct {
	ID, Name, Email string
	Prefs           model.Object
}

// Keepers lists whoever may change a project, be it by a role of their own or by the team that looks after it: nobody who only
// reads, and nobody who is blocked.
func (tx *Tx) Keepers(project string) ([]Keeper, error) {
	var list []Keeper
	err := tx.ask(tx.ctx, keepers.with(project, model.ConsoleProject), func(r row) error {
		k := Keeper{r.text(), r.text(), r.text(), model.Object(r.text())}
		changes := slices.ContainsFunc(words(r), func(role string) bool { return slices.Contains(operatorRoles[:changing], role) })
		if changes && !slices.ContainsFunc(list, func(other Keeper) bool { return other.ID == k.ID }) {
			list = append(list, k)
		}
		return nil
	})
	return list, err
}

// UpsertOperator gives a console user a role in a project.
func (tx *Tx) UpsertOperator(o *Operator) {
	tx.do(upsertOperator, o.Project, o.UserID, o.Role, o.CreatedAt)
}

// DeleteOperator takes a console user's role in a project away; one that is not there is no error.
func (tx *Tx) DeleteOperator(project, user string) { tx.do(deleteOperator, project, user) }

// dropRoles takes away what somebody who is not, or no more, a user of the console has left to look after: ids may be
// chosen, and roles must not wait for whoever has the id next.
func (tx *Tx) dropRoles(project, user string) {
	if project == model.ConsoleProject {
		tx.do(deleteRolesOf, project, user)
	}
}
