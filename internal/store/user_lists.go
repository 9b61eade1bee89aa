package store

import (
	"context"
	"math/rand/v2"
	"slices"

	"latchkey/internal/model"
)

// userList is the users of a project.
var userList = &listing{
	table: "users", alias: "u",
	fields: map[string]field{
		"$id":               {column: "id", index: true, terms: "id"},
		"$createdAt":        insertion,
		"$updatedAt":        {column: "updated_at", kind: timeField, index: true},
		"name":              {column: "name_folded", folded: true, collate: true, index: true, terms: "name"},
		"email":             {column: "email", null: true, folded: true, lookup: true, terms: "email"},
		"phone":             {column: "phone", null: true, lookup: true, terms: "phone"},
		"status":            {column: "status", kind: flagField},
		"passwordUpdate":    {column: "password_update", kind: timeField, index: true},
		"registration":      insertion, // the same moment
		"accessedAt":        {column: "accessed_at", kind: timeField, index: true},
		"emailVerification": {column: "email_verified", kind: flagField, lookup: true},
		"phoneVerification": {column: "phone_verified", kind: flagField, lookup: true},
		"labels":            {column: "labels", kind: wordsField},
		"impersonator":      {column: "impersonator", kind: flagField},
	},
	flags:  map[string]bool{"status=false": true, "impersonator=true": true},
	search: termOf,
	found:  usersWithTerm,
}

// Users lists users with their targets, and says how many there are, up to MostCounted. Faults:
// general_cursor_not_found, database_query_order_null, database_timeout.
func (db *DB) Users(ctx context.Context, project string, list *List) (users []model.User, total int, err error) {
	p := &page{ctx: ctx, from: db, budget: db.budget, list: list, l: userList, project: project, scope: ownedBy(project, "")}
	wrap := func(inner, order string) string {
		return "select " + targetColumns + ", " + userColumns + " from (" + inner + ") u left join targets t on t.project_id = u.project_id and t.user_id = u.id" + order
	}
	users = []model.User{}
	total, err = p.run(reader{wrap, func(text string, b *builder) (int, error) {
		users = users[:0]
		var targets []model.Target
		err := p.ask(text, b, func(r row) error {
			before := len(targets)
			targets = scanTargetOf(r, project, targets)
			user := model.User{Project: project}
			scanUser(r, &user)
			if len(users) == 0 || users[len(users)-1].ID != user.ID {
				users = append(users, user)
			}
			last := &users[len(users)-1]
			last.Targets = append(last.Targets, targets[before:]...)
			return nil
		})
		return len(users), err
	}})
	if list.Before {
		slices.Reverse(users)
	}
	if list.Random {
		rand.Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
	}
	for i := range users {
		users[i].Targets = sortTargets(users[i].Targets, users[i].ID)
	}
	return users, total, err
}

// ownedBy is the scope of a list: the rows of a project, or of one user of it.
func ownedBy(project, user string) func(b *builder, alias string) string {
	return func(b *builder, alias string) string {
		where := alias + ".project_id = " + b.arg(project)
		if user != "" {
			where += " and " + alias + ".user_id = " + b.arg(user)
		}
		return where
	}
}
