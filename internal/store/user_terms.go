package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/internal/model"
)

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
			for _, text := range termsIn("label:" + strings.ToLower(label)) {
				list = append(list, term{"labels", text})
			}
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
