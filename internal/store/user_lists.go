package store

import (
	"context"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

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
	flags:  map[string]bool{"status=false": true, "impersonator=true": true, "emailVerification=true": true, "emailVerification=false": true, "phoneVerification=true": true, "phoneVerification=false": true},
	search: termOf,
	found:  usersWithTerm,
}

// termOf says that a user has a term that begins so. Most who have not are told from the row itself: it holds all that
// terms were made of.
func termOf(b *builder, alias, word, terms string) string {
	low, high := b.prefix(word)
	term := "select 1 from user_terms s where s.project_id = " + alias + ".project_id and s.user_id = " + alias + ".id" + ofField(b, terms) +
		" and s.term || '' >= " + low + " and s.term || '' < " + high // by the user, whose terms are few: SQLite would go by the term
	if ofID(terms) { // not `or` beside it: PostgreSQL would look all users up who have the term, and then compare
		term += " union all select 1 from users i where i.project_id = " + alias + ".project_id and i.id = " + alias + ".id and i.id >= " + low + " and i.id < " + high
	}
	return "(" + alias + ".search like " + b.arg(holding(word)) + " and exists (" + term + "))"
}

// holding is the pattern of texts that hold a word, and of a few more: its signs that mean something in a pattern
// stand for any sign.
func holding(word string) string { return "%" + strings.ReplaceAll(cutTerm(word), `\`, "_") + "%" }

// usersWithTerm asks for the ids of the users who have a term that begins so, some of them more than once.
func usersWithTerm(b *builder, word, terms string) string {
	low, high := b.prefix(word)
	of := b.arg(b.project)
	found := "select s.user_id as id from user_terms s where s.project_id = " + of + ofField(b, terms) + " and s.term >= " + low + " and s.term < " + high
	if ofID(terms) {
		found += " union all select i.id as id from users i where i.project_id = " + of + " and i.id >= " + low + " and i.id < " + high
	}
	return found
}

// prefix writes the bounds of what begins with a word.
func (b *builder) prefix(word string) (low, high string) {
	word = cutTerm(word)
	return b.arg(word), b.arg(word + highest)
}

// ofID says whether terms of a field (empty: of any) include ids. An id in lower case, which is nearly every one, is
// no row of the terms: the key of the users finds it, and a sign-up without a name or an address writes no term.
func ofID(terms string) bool { return terms == "" || terms == "id" }

func ofField(b *builder, terms string) string {
	if terms == "" {
		return ""
	}
	return " and s.field = " + b.arg(terms)
}

// Users lists users with their targets, and says how many there are, up to MostCounted. Faults:
// general_cursor_not_found, database_query_order_null, database_timeout.
func (db *DB) Users(ctx context.Context, project string, list *List) (users []model.User, total int, err error) {
	p := &page{ctx: ctx, from: db, budget: db.budget, list: list, l: userList, project: project, scope: func(b *builder, alias string) string { return alias + ".project_id = " + b.arg(project) }}
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
		reverse(users)
	}
	if list.Random {
		rand.Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
	}
	for i := range users {
		users[i].Targets = sortTargets(users[i].Targets, users[i].ID)
	}
	return users, total, err
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
		reverse(identities)
	}
	return identities, total, err
}

// targetList is the targets of a user.
var targetList = &listing{
	table: "targets", alias: "t",
	fields: map[string]field{
		"$id":          {column: "id"},
		"$createdAt":   {column: "created_at", kind: timeField},
		"$updatedAt":   {column: "updated_at", kind: timeField},
		"userId":       {column: "user_id"},
		"providerId":   {column: "provider_id"},
		"identifier":   {column: "identifier"},
		"providerType": {column: "provider_type"},
	},
	search: func(b *builder, alias, word, _ string) string {
		return b.contains(alias+".identifier", field{}, word)
	},
}

// ListTargets lists a user's targets by a query.
func (db *DB) ListTargets(ctx context.Context, project, user string, list *List) (targets []model.Target, total int, err error) {
	p := &page{ctx: ctx, from: db, budget: db.budget, list: list, l: targetList, project: project, scope: ownedBy(project, user)}
	wrap := func(inner, order string) string { return "select " + targetColumns + " from (" + inner + ") t" + order }
	targets = []model.Target{}
	total, err = p.run(reader{wrap, func(text string, b *builder) (int, error) {
		targets = targets[:0]
		err := p.ask(text, b, func(r row) error {
			targets = scanTargetOf(r, project, targets)
			return nil
		})
		return len(targets), err
	}})
	if list.Before {
		reverse(targets)
	}
	for i := range targets {
		targets[i].UserID = user
	}
	return targets, total, err
}

func ownedBy(project, user string) func(b *builder, alias string) string {
	return func(b *builder, alias string) string {
		where := alias + ".project_id = " + b.arg(project)
		if user != "" {
			where += " and " + alias + ".user_id = " + b.arg(user)
		}
		return where
	}
}

func reverse[T any](list []T) {
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
}

// The longest term that is kept, in bytes, and how many a field has at most: names can be long, and nobody types more.
const (
	maxTerm  = 64
	maxTerms = 24
)

// cutTerm cuts a term to its longest, between characters.
func cutTerm(term string) string {
	if len(term) <= maxTerm {
		return term
	}
	end := maxTerm
	for end > 0 && !utf8.RuneStart(term[end]) {
		end--
	}
	return term[:end]
}

// termsIn lists what a text is found by: its words, and the rest of a word behind each sign in it.
func termsIn(text string) []string {
	var list []string
	seen := map[string]bool{}
	add := func(term string) {
		if term = cutTerm(term); term != "" && !seen[term] && len(list) < maxTerms {
			seen[term] = true
			list = append(list, term)
		}
	}
	for _, word := range strings.Fields(text) {
		add(word)
		inside := false
		for i, c := range word {
			letter := unicode.IsLetter(c) || unicode.IsDigit(c)
			if letter && !inside && i > 0 {
				add(word[i:])
			}
			inside = letter
		}
	}
	return list
}

// termPlaces is how many terms one statement takes; a place too many repeats the last one.
const termPlaces = 8

var (
	insertTerms = statement("InsertTerms", `insert into user_terms (project_id, user_id, field, term) values ($1, $2, $3, $4), ($1, $2, $5, $6),
		($1, $2, $7, $8), ($1, $2, $9, $10), ($1, $2, $11, $12), ($1, $2, $13, $14), ($1, $2, $15, $16), ($1, $2, $17, $18) on conflict do nothing`)
	// insertTerm is for a user of whom one thing is known: seven repetitions would be most of the work.
	insertTerm  = statement("InsertTerm", `insert into user_terms (project_id, user_id, field, term) values ($1, $2, $3, $4) on conflict do nothing`)
	deleteTerms = statement("DeleteTerms", `delete from user_terms where project_id = $1 and user_id = $2 and field = $3`)
)

// term is a term of a field.
type term struct{ field, text string }

// termsOf lists the terms of a user, or of one field of theirs.
func termsOf(u *model.User, only string) []term {
	var list []term
	for _, f := range []struct{ field, text string }{{"id", strings.ToLower(u.ID)}, {"name", fold(u.Name)}, {"email", u.Email}, {"phone", u.Phone}} {
		if only == "" || only == f.field {
			for _, text := range termsIn(f.text) {
				if f.field != "id" || text != u.ID {
					list = append(list, term{f.field, text})
				}
			}
		}
	}
	if only == "" || only == "labels" {
		for _, label := range u.Labels {
			list = append(list, term{"labels", cutTerm("label:" + strings.ToLower(label))})
		}
	}
	return list
}

// putTerms writes terms of a user who is there.
func (tx *Tx) putTerms(u *model.User, list []term) {
	if len(list) == 1 {
		tx.do(insertTerm, u.Project, u.ID, list[0].field, list[0].text)
		return
	}
	for len(list) > 0 {
		args := []any{u.Project, u.ID}
		for i := range termPlaces {
			t := list[min(i, len(list)-1)]
			args = append(args, t.field, t.text)
		}
		tx.do(insertTerms, args...)
		list = list[min(termPlaces, len(list)):]
	}
}

// KeepTerms writes a user's terms again, which changes nothing and costs what adding them does: where nobody may see
// by the time taken whether an account was made.
func (tx *Tx) KeepTerms(u *model.User) {
	list := termsOf(u, "")
	tx.putTerms(u, list[:min(termPlaces, len(list))])
}

// renewTerms replaces the terms of one field, after the row itself has been written and is locked by that.
func (tx *Tx) renewTerms(u *model.User, field string) {
	tx.do(deleteTerms, u.Project, u.ID, field)
	tx.putTerms(u, termsOf(u, field))
}
