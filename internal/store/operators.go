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
	upsertOperator = statement("UpsertOperator", `insert into operators (project_id, user_id, role, created_at) values ($1, $2, $3, $4)
		on conflict (project_id, user_id) do update set role = excluded.role`)
	deleteOperator = statement("DeleteOperator", `delete from operators where project_id = $1 and user_id = $2`)
)

// roles that operators have, the strongest first.
var operatorRoles = []string{"owner", "admin", "developer", "analyst"}

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

// UpsertOperator gives a console user a role in a project.
func (tx *Tx) UpsertOperator(o *Operator) {
	tx.do(upsertOperator, o.Project, o.UserID, o.Role, o.CreatedAt)
}

// DeleteOperator takes a console user's role in a project away; one that is not there is no error.
func (tx *Tx) DeleteOperator(project, user string) { tx.do(deleteOperator, project, user) }
