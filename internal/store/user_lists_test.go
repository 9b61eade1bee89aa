package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// seedPeople adds a hundred people who differ in everything a list can be asked.
func seedPeople(t testing.TB, db *store.DB) []model.User {
	t.Helper()
	var people []model.User
	write(t, db, func(tx *store.Tx) {
		people = nil
		for n := range 100 {
			u := someUser(fmt.Sprintf("user%03d", n))
			u.Name = []string{"Walter White", "Jesse Pinkman", "Skyler White", "Åsa Öberg"}[n%4]
			u.Email = fmt.Sprintf("person.%d@%s", n, []string{"example.com", "mail.example.org"}[n%2])
			u.Phone, u.Labels, u.Impersonator = "", nil, n == 50
			if n%3 == 0 {
				u.Phone = fmt.Sprintf("+4930%06d", n)
			}
			if n%10 == 0 {
				u.Labels = []string{"vip", "tenth"}
			}
			if n%25 == 0 {
				u.Email = ""
			}
			u.Status, u.EmailVerification, u.PhoneVerification = n%20 != 0, n%2 == 0, n%6 == 0
			if n == 77 {
				u.Name = `Jesse Pinkman 50%_off\now`
			}
			u.TokenCounter, u.UpdatedAt, u.CreatedAt = 0, noon+model.Time(n%5), noon+model.Time(n)
			u.AccessedAt, u.PasswordUpdate = noon+model.Time(1000-n), noon+model.Time(n%7)
			tx.InsertUser(u)
			target := someTarget(u.ID, u.ID+"t")
			target.Identifier = u.ID + "@target"
			tx.InsertTarget(target)
			people = append(people, *u)
		}
	})
	return people
}

func namesOf(users []model.User) []string {
	ids := []string{}
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}

// where is a condition of one method.
func where(method, attribute string, values ...any) store.Condition {
	return store.Condition{Method: method, Attribute: attribute, Values: values}
}

func TestUsersAreListedByEveryCondition(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		list store.List
		want func(n int, u *model.User) bool
	}{
		{"all", store.List{}, func(int, *model.User) bool { return true }},
		{"id", store.List{Where: []store.Condition{where("equal", "$id", "user007", "user008")}}, func(n int, _ *model.User) bool { return n == 7 || n == 8 }},
		{"created", store.List{Where: []store.Condition{where("greaterThan", "$createdAt", noon+90)}}, func(n int, _ *model.User) bool { return n > 90 }},
		{"between", store.List{Where: []store.Condition{where("between", "registration", noon+10, noon+12)}}, func(n int, _ *model.User) bool { return n >= 10 && n <= 12 }},
		{"not between", store.List{Where: []store.Condition{where("notBetween", "registration", noon+10, noon+98)}}, func(n int, _ *model.User) bool { return n < 10 || n > 98 }},
		{"name in any case", store.List{Where: []store.Condition{where("equal", "name", "walter WHITE")}}, func(n int, _ *model.User) bool { return n%4 == 0 }},
		{"name, not", store.List{Where: []store.Condition{where("notEqual", "name", "Walter White")}}, func(n int, _ *model.User) bool { return n%4 != 0 }},
		{"prefix", store.List{Where: []store.Condition{where("startsWith", "name", "Ås")}}, func(n int, _ *model.User) bool { return n%4 == 3 }},
		{"no prefix", store.List{Where: []store.Condition{where("notStartsWith", "email", "person.1")}}, func(n int, u *model.User) bool { return u.Email == "" || !strings.HasPrefix(u.Email, "person.1") }},
		{"ending", store.List{Where: []store.Condition{where("endsWith", "email", "example.ORG")}}, func(n int, u *model.User) bool { return strings.HasSuffix(u.Email, "org") }},
		{"inside", store.List{Where: []store.Condition{where("contains", "name", "ink", "öb")}}, func(n int, _ *model.User) bool { return n%4 == 1 || n%4 == 3 }},
		{"not inside", store.List{Where: []store.Condition{where("notContains", "phone", "30")}}, func(n int, _ *model.User) bool { return n%3 != 0 }},
		{"blocked", store.List{Where: []store.Condition{where("equal", "status", false)}}, func(n int, _ *model.User) bool { return n%20 == 0 }},
		{"not blocked", store.List{Where: []store.Condition{where("notEqual", "status", false)}}, func(n int, _ *model.User) bool { return n%20 != 0 }},
		{"verified", store.List{Where: []store.Condition{where("equal", "emailVerification", true)}}, func(n int, _ *model.User) bool { return n%2 == 0 }},
		{"not verified", store.List{Where: []store.Condition{where("equal", "emailVerification", false)}}, func(n int, _ *model.User) bool { return n%2 != 0 }},
		{"phone verified", store.List{Where: []store.Condition{where("equal", "phoneVerification", true)}}, func(n int, _ *model.User) bool { return n%6 == 0 }},
		{"phone not verified", store.List{Where: []store.Condition{where("equal", "phoneVerification", false)}}, func(n int, _ *model.User) bool { return n%6 != 0 }},
		{"phone, either", store.List{Where: []store.Condition{where("equal", "phoneVerification", false, true)}}, func(int, *model.User) bool { return true }},
		{"impersonator", store.List{Where: []store.Condition{where("equal", "impersonator", true)}}, func(n int, _ *model.User) bool { return n == 50 }},
		{"label", store.List{Where: []store.Condition{where("contains", "labels", "vip")}}, func(n int, _ *model.User) bool { return n%10 == 0 }},
		{"part of a label", store.List{Where: []store.Condition{where("contains", "labels", "vi")}}, func(int, *model.User) bool { return false }},
		{"all labels", store.List{Where: []store.Condition{where("containsAll", "labels", "vip", "tenth")}}, func(n int, _ *model.User) bool { return n%10 == 0 }},
		{"no address", store.List{Where: []store.Condition{where("isNull", "email")}}, func(n int, u *model.User) bool { return u.Email == "" }},
		{"an address", store.List{Where: []store.Condition{where("isNotNull", "email")}}, func(n int, u *model.User) bool { return u.Email != "" }},
		{"or", store.List{Where: []store.Condition{{Method: "or", Children: []store.Condition{where("equal", "$id", "user001"), where("equal", "phone", "+4930000099")}}}},
			func(n int, _ *model.User) bool { return n == 1 || n == 99 }},
		{"and", store.List{Where: []store.Condition{where("startsWith", "name", "walter"), where("equal", "status", false)}}, func(n int, _ *model.User) bool { return n%20 == 0 }},
		{"search by words", store.List{Search: "whi wal"}, func(n int, _ *model.User) bool { return n%4 == 0 }},
		{"search an address", store.List{Search: `"person.17@mail.example.org"`}, func(n int, _ *model.User) bool { return n == 17 }},
		{"search a domain", store.List{Search: "example.org"}, func(n int, u *model.User) bool { return strings.HasSuffix(u.Email, "org") }},
		{"search an id", store.List{Search: "USER042"}, func(n int, _ *model.User) bool { return n == 42 }},
		{"search a number", store.List{Search: "4930000009"}, func(n int, _ *model.User) bool { return n == 9 }},
		{"search a label", store.List{Search: "label:tenth"}, func(n int, _ *model.User) bool { return n%10 == 0 }},
		{"search a label by its name", store.List{Search: "tent"}, func(n int, _ *model.User) bool { return n%10 == 0 }},
		{"search signs", store.List{Search: `50%_off\now`}, func(n int, _ *model.User) bool { return n == 77 }},
		{"search one sign", store.List{Search: `50%_of\`}, func(int, *model.User) bool { return false }},
		{"search within a word", store.List{Search: "whi alter"}, func(int, *model.User) bool { return false }},
		{"search nothing", store.List{Search: "heisenberg"}, func(int, *model.User) bool { return false }},
		{"search a name alone", store.List{Where: []store.Condition{where("search", "name", "person")}}, func(int, *model.User) bool { return false }},
	}
	engines.Each(t, func(t *testing.T, db *store.DB) {
		people := seedPeople(t, db)
		for _, c := range cases {
			want := []string{}
			for n := range people {
				if c.want(n, &people[n]) {
					want = append(want, people[n].ID)
				}
			}
			c.list.Limit = 1000
			users, total, err := db.Users(t.Context(), project, &c.list)
			if err != nil || total != len(want) || !slices.Equal(namesOf(users), want) {
				t.Errorf("%s: %v, total %d\n got %v\nwant %v", c.name, err, total, namesOf(users), want)
			}
			for _, u := range users {
				if len(u.Targets) != 1 || u.Targets[0].UserID != u.ID {
					t.Errorf("%s: targets of %s: %v", c.name, u.ID, u.Targets)
				}
			}
		}
	})
}

func TestUsersArePagedInEveryOrder(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		seedPeople(t, db)
		for _, attribute := range []string{"", "$id", "$createdAt", "$updatedAt", "name", "registration", "accessedAt", "passwordUpdate", "status", "labels"} {
			for _, desc := range []bool{false, true} {
				for _, search := range []string{"", "example.org"}[:1+len(attribute)%2] {
					list := store.List{Limit: 1000, Orders: []store.Order{{Attribute: attribute, Desc: desc}}, Search: search}
					all, total, err := db.Users(t.Context(), project, &list)
					if err != nil || total != len(all) || len(all) < 40 {
						t.Fatalf("order by %q: %v, total %d of %d", attribute, err, total, len(all))
					}
					var paged []string
					list.Limit, list.Cursor = 23, ""
					for len(paged) < len(all) {
						page, count, err := db.Users(t.Context(), project, &list)
						if err != nil || len(page) == 0 || count != len(all) {
							t.Fatalf("order by %q after %q: %v, %d rows, total %d", attribute, list.Cursor, err, len(page), count)
						}
						paged = append(paged, namesOf(page)...)
						list.Cursor = page[len(page)-1].ID
					}
					if !slices.Equal(paged, namesOf(all)) {
						t.Errorf("order by %q %v in pages:\n got %v\nwant %v", attribute, desc, paged, namesOf(all))
					}
					list.Before, list.Cursor, list.Limit = true, all[20].ID, 7
					if page, _, err := db.Users(t.Context(), project, &list); err != nil || !slices.Equal(namesOf(page), namesOf(all[13:20])) {
						t.Errorf("order by %q %v before the 20th: %v %v", attribute, desc, err, namesOf(page))
					}
				}
			}
		}
		if _, _, err := db.Users(t.Context(), project, &store.List{Limit: 5, Cursor: "nobody"}); !errors.Is(err, fault.CursorNotFound) {
			t.Errorf("a cursor that is nobody: %v", err)
		}
		if _, _, err := db.Users(t.Context(), project, &store.List{Limit: 5, Cursor: "user000", Orders: []store.Order{{Attribute: "email"}}}); !errors.Is(err, fault.QueryOrderNull) {
			t.Errorf("a cursor without what is ordered by: %v", err)
		}
		random, total, err := db.Users(t.Context(), project, &store.List{Limit: 30, Random: true})
		if err != nil || len(random) != 30 || total != 100 || slices.IsSorted(namesOf(random)) {
			t.Errorf("at random: %v, %d of %d: %v", err, len(random), total, namesOf(random))
		}
	})
}

func TestTermsFollowChangesAndGoWithTheUser(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		people := seedPeople(t, db)
		finds := func(search string, want ...string) {
			t.Helper()
			users, _, err := db.Users(t.Context(), project, &store.List{Search: search, Limit: 10})
			if err != nil || !slices.Equal(namesOf(users), append([]string{}, want...)) {
				t.Errorf("searching %q: %v %v, want %v", search, err, namesOf(users), want)
			}
		}
		u := people[1]
		u.Name, u.Email, u.Phone, u.Labels = "Saul Goodman", "better@call.example", "+15055034455", []string{"Lawyer"}
		write(t, db, func(tx *store.Tx) {
			tx.UpdateUserName(&u)
			tx.UpdateUserEmail(&u)
			tx.UpdateUserPhone(&u)
			tx.UpdateUserLabels(&u)
		})
		for _, word := range []string{"goodman", "better@call", "call.example", "1505503", "label:lawyer"} {
			finds(word, "user001")
		}
		finds("person.1@mail.example.org")
		write(t, db, func(tx *store.Tx) { tx.DeleteUser(project, "user001") })
		finds("goodman")
		left, err := store.Texts(t.Context(), db, "select term from user_terms where user_id = 'user001'")
		if err != nil || len(left) != 0 {
			t.Errorf("terms of a user who is gone: %v %v", left, err)
		}
	})
}

// What no index serves stops at its budget instead of reading a table.
func TestAListThatWouldReadTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		seedPeople(t, db)
		db = store.WithBudget(db, 50)
		for name, list := range map[string]store.List{
			"found nowhere in the budget": {Where: []store.Condition{where("contains", "name", "nobody")}},
			"an order without an index":   {Orders: []store.Order{{Attribute: "email"}}},
			"an offset beyond it":         {Offset: 51},
		} {
			list.Limit = 5
			if users, _, err := db.Users(t.Context(), project, &list); !errors.Is(err, fault.DatabaseTimeout) {
				t.Errorf("%s: %v, %d users", name, err, len(users))
			}
		}
		// A common match fills its page within the budget, and what a range of the order leaves is all that is looked at.
		users, _, err := db.Users(t.Context(), project, &store.List{Limit: 5, Where: []store.Condition{where("contains", "name", "white")}})
		if err != nil || len(users) != 5 {
			t.Errorf("a common match: %v, %d users", err, len(users))
		}
		users, _, err = db.Users(t.Context(), project, &store.List{Limit: 50, Where: []store.Condition{where("contains", "name", "white"), where("greaterThanEqual", "$createdAt", noon+60)}})
		if err != nil || len(users) != 20 {
			t.Errorf("a match in a range: %v, %d users", err, len(users))
		}
	})
}
