package store_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// crowd is how many users the lists are measured over: LATCHKEY_BENCH_USERS, or a number that is seeded in seconds.
func crowd() int {
	if n, err := strconv.Atoi(os.Getenv("LATCHKEY_BENCH_USERS")); err == nil {
		return n
	}
	return 20_000
}

var (
	firstNames = []string{"Walter", "Jesse", "Skyler", "Marie", "Hank", "Saul", "Gustavo", "Mike", "Lydia", "Todd"}
	lastNames  = []string{"White", "Pinkman", "Schrader", "Goodman", "Fring", "Ehrmantraut", "Quayle", "Alquist"}
)

// seedCrowd adds users as sign-ups would have, several hundred a transaction and a few transactions at once.
func seedCrowd(b *testing.B, db *store.DB, users int) {
	const batch, writers = 500, 4
	starts := make(chan int)
	var wait sync.WaitGroup
	for range writers {
		wait.Go(func() {
			for start := range starts {
				write(b, db, func(tx *store.Tx) {
					for n := start; n < min(start+batch, users); n++ {
						tx.InsertUser(oneOfMany(n))
					}
				})
			}
		})
	}
	for start := 0; start < users; start += batch {
		starts <- start
		if start%(20*batch) == 0 {
			analyze(b, db)
		}
	}
	close(starts)
	wait.Wait()
	settle(b, db)
}

// settle leaves PostgreSQL as its own housekeeping does a little later: what was written in a rush is on the disk, and
// pages are known to hold nothing that is gone.
func settle(b *testing.B, db *store.DB) {
	analyze(b, db)
	if db.Engine() != store.Postgres {
		return
	}
	for _, text := range []string{"vacuum users", "vacuum user_terms", "checkpoint"} {
		if _, err := store.Texts(b.Context(), db, text); err != nil {
			b.Fatal(err)
		}
	}
}

func analyze(b *testing.B, db *store.DB) {
	if _, err := db.Analyze(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// oneOfMany is the user of a number.
func oneOfMany(n int) *model.User {
	u := anonymous(benchID(n))
	u.Name = firstNames[n%len(firstNames)] + " " + lastNames[n/10%len(lastNames)] + strconv.Itoa(n%5000)
	u.Email, u.Phone = fmt.Sprintf("person%d@%d.example.com", n, n%1000), fmt.Sprintf("+4915%08d", n)
	at := noon + model.Time(n)
	u.CreatedAt, u.UpdatedAt, u.AccessedAt, u.PasswordUpdate = at, at, at, at
	u.EmailVerification, u.PhoneVerification, u.Status, u.Impersonator = n%3 == 0, n%5000 == 0, n%1000 != 0, n%100_000 == 0
	if n%2000 == 0 {
		u.Labels = []string{"vip"}
	}
	return u
}

// BenchmarkUserLists measures the first page of every list that an index serves, with its total.
func BenchmarkUserLists(b *testing.B) {
	users := crowd()
	lists := map[string]store.List{
		"all":            {},
		"newest":         {Orders: []store.Order{{Attribute: "$createdAt", Desc: true}}},
		"by name":        {Orders: []store.Order{{Attribute: "name"}}},
		"id":             {Where: []store.Condition{where("equal", "$id", benchID(users/2))}},
		"email":          {Where: []store.Condition{where("equal", "email", fmt.Sprintf("person%d@%d.example.com", users/2, users/2%1000))}},
		"email prefix":   {Where: []store.Condition{where("startsWith", "email", "person1234")}},
		"phone":          {Where: []store.Condition{where("equal", "phone", fmt.Sprintf("+4915%08d", users/3))}},
		"name":           {Where: []store.Condition{where("equal", "name", "Walter White1000")}},
		"name prefix":    {Where: []store.Condition{where("startsWith", "name", "Gustavo F")}},
		"created range":  {Where: []store.Condition{where("greaterThan", "$createdAt", noon+model.Time(users-1000))}},
		"accessed range": {Where: []store.Condition{where("lessThan", "accessedAt", noon+model.Time(1000))}, Orders: []store.Order{{Attribute: "accessedAt", Desc: true}}},
		"blocked":        {Where: []store.Condition{where("equal", "status", false)}},
		"verified":       {Where: []store.Condition{where("equal", "emailVerification", true)}},
		"unverified":     {Where: []store.Condition{where("equal", "emailVerification", false)}, Orders: []store.Order{{Attribute: "$createdAt", Desc: true}}},
		"phone verified": {Where: []store.Condition{where("equal", "phoneVerification", true)}},
		"impersonators":  {Where: []store.Condition{where("equal", "impersonator", true)}},
		"phone prefix":   {Where: []store.Condition{where("startsWith", "phone", "+491500")}},
		"id prefix":      {Where: []store.Condition{where("startsWith", "$id", benchID(users / 2)[:12])}},
		"updated range":  {Where: []store.Condition{where("between", "$updatedAt", noon+model.Time(users/2), noon+model.Time(users/2+900))}},
		"signed up":      {Where: []store.Condition{where("greaterThanEqual", "registration", noon+model.Time(users/2))}},
		"password since": {Where: []store.Condition{where("lessThanEqual", "passwordUpdate", noon+model.Time(users/2))}, Orders: []store.Order{{Attribute: "passwordUpdate", Desc: true}}},
		"next page":      {Cursor: benchID(users / 2)},
		"label":          {Where: []store.Condition{where("contains", "labels", "vip")}},
		"search rare":    {Search: "person" + strconv.Itoa(users/2)},
		"search common":  {Search: "walter"},
		"search two":     {Search: "skyler alquist"},
		"search nothing": {Search: "heisenberg"},
	}
	names := []string{}
	for name := range lists {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, engine := range []string{store.SQLite, store.Postgres} {
		b.Run(engine, func(b *testing.B) {
			db := engines.Open(b, store.Options{}, engine)
			seedCrowd(b, db, users)
			for _, name := range names {
				b.Run(name, func(b *testing.B) {
					list := lists[name]
					list.Limit = 25
					times := make([]time.Duration, 0, b.N)
					for b.Loop() {
						began := time.Now()
						if _, _, err := db.Users(b.Context(), project, &list); err != nil {
							b.Fatal(err)
						}
						times = append(times, time.Since(began))
					}
					slices.Sort(times)
					b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
				})
			}
		})
	}
}

// BenchmarkUsage measures what telling figures costs whoever asks, and what the count of the hour costs behind them.
func BenchmarkUsage(b *testing.B) {
	for _, engine := range []string{store.SQLite, store.Postgres} {
		b.Run(engine, func(b *testing.B) {
			db := engines.Open(b, store.Options{}, engine)
			write(b, db, func(tx *store.Tx) { tx.UpsertProject(&model.Project{ID: project, Name: project}) })
			seedCrowd(b, db, crowd())
			b.Run("ask", func(b *testing.B) {
				for b.Loop() {
					if _, _, err := db.CountFirst(b.Context(), project); err != nil {
						b.Fatal(err)
					}
					if _, err := db.UsageCounts(b.Context(), project); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("count", func(b *testing.B) {
				for b.Loop() {
					if err := db.CountUsage(b.Context(), project, noon); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
