package crash_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"latchkey/internal/model"
)

// operatorKey is declared, so that a test may ask the server what there is.
const operatorKey = "standard_00112233445566778899aabbccddeeff"

// telling is one delivery as a receiver got it.
type telling struct {
	events, body string
	at           time.Time
}

// listener is a receiver in the test, which lives on when the program is killed.
type listener struct {
	*httptest.Server
	mutex sync.Mutex
	told  map[string][]telling // by the id that tells repeats
}

// listen makes a project's webhook listen to everything.
func listen(t *testing.T, s *server) *listener {
	t.Helper()
	l := &listener{told: map[string][]telling{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // killed while it told
		}
		l.mutex.Lock()
		id := r.Header.Get("Webhook-Id")
		l.told[id] = append(l.told[id], telling{r.Header.Get("X-Appwrite-Webhook-Events"), string(body), time.Now()})
		l.mutex.Unlock()
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) // taken, and the program does not know yet
	}))
	t.Cleanup(l.Close)
	declared := project + fmt.Sprintf(`    keys:
      - {id: operator, scopes: ["*"], secret: %s}
    webhooks:
      - {id: app, url: "%s", events: ["users.*"], secret: a secret of ours}
`, operatorKey, l.URL)
	if err := os.WriteFile(filepath.Join(s.dir, "project.yaml"), []byte(declared), 0o600); err != nil {
		t.Fatal(err)
	}
	s.flags = append(s.flags, "--allow-private=127.0.0.0/8")
	return l
}

// ask asks the server as the operator does.
func (l *listener) ask(t *testing.T, s *server, path string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.url(path), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Appwrite-Project", "demo")
	r.Header.Set("X-Appwrite-Key", operatorKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil || response.StatusCode != 200 {
		t.Fatalf("%s: %d %v", path, response.StatusCode, err)
	}
}

// delivery is a line of the log of deliveries.
type delivery struct {
	ID     string `json:"$id"`
	Event  string `json:"event"`
	Status string `json:"status"`
}

// log reads the whole log of deliveries.
func (l *listener) log(t *testing.T, s *server) []delivery {
	t.Helper()
	var all []delivery
	for {
		var page struct{ Deliveries []delivery }
		path := "/v1/webhooks/app/deliveries?limit=100"
		if len(all) > 0 {
			path += "&cursorAfter=" + all[len(all)-1].ID
		}
		l.ask(t, s, path, &page)
		all = append(all, page.Deliveries...)
		if len(page.Deliveries) < 100 {
			return all
		}
	}
}

// settled reads the log once everything in it has arrived.
func (l *listener) settled(t *testing.T, s *server) []delivery {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) { // another process: nothing tells
		all := l.log(t, s)
		if !slices.ContainsFunc(all, func(d delivery) bool { return d.Status != "delivered" }) {
			return all
		}
		if time.Now().After(deadline) {
			t.Fatal("deliveries of committed actions never arrived")
		}
	}
}

// people lists the ids of everybody there is.
func (l *listener) people(t *testing.T, s *server) []string {
	t.Helper()
	var all []string
	for {
		var page struct {
			Users []struct {
				ID string `json:"$id"`
			}
		}
		path := `/v1/users?total=false&queries[]={"method":"limit","values":[1000]}`
		if len(all) > 0 {
			path += `&queries[]={"method":"cursorAfter","values":["` + all[len(all)-1] + `"]}`
		}
		l.ask(t, s, path, &page)
		for _, user := range page.Users {
			all = append(all, user.ID)
		}
		if len(page.Users) < 1000 {
			return all
		}
	}
}

// outlive lets the leases of whoever was killed run out at once: the test knows that nobody lives who holds any.
func outlive(t *testing.T, database string) {
	t.Helper()
	if database == "" {
		return // one program has the file to itself, and gives the leases up by itself
	}
	connection, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(context.WithoutCancel(t.Context()))
	if _, err := connection.Exec(t.Context(), "update deliveries set due_at = $1 where state = 'queued' and holder <> ''", int64(model.At(time.Now()))); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsCommittedIsTold kills the program at random moments while people sign up and a receiver is told of it.
func TestWhatIsCommittedIsTold(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, database string) {
		t.Parallel()
		s := newServer(t, database)
		l := listen(t, s)
		promised := map[string]bool{}
		var kills []time.Time
		for range amount("LATCHKEY_TEST_KILLS", 4) {
			s.start()
			signUpUntilKilled(t, s, promised)
			outlive(t, database)
			kills = append(kills, time.Now())
		}
		s.start()
		log, people := l.settled(t, s), l.people(t, s)
		s.kill()
		again := l.check(t, log, people, kills)
		t.Logf("%d kills, %d sign-ups promised, %d people, %d deliveries: all arrived, %d came again", len(kills), len(promised), len(people), len(log), again)
		for _, id := range people {
			delete(promised, id)
		}
		if len(promised) > 0 {
			t.Errorf("%d people who were promised are not there", len(promised))
		}
		if len(log) == 0 {
			t.Error("nothing was told: the test shows nothing")
		}
	})
}

// signUpUntilKilled signs people up from several clients and kills the server at some moment; the moment is the point of
// repeating.
func signUpUntilKilled(t *testing.T, s *server, promised map[string]bool) {
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	told := make(chan string, 100_000)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for ctx.Err() == nil {
				status, reply, _, err := s.call(ctx, "POST", "/v1/account/sessions/anonymous", map[string]any{}, "")
				if err != nil {
					return
				}
				if id, _ := reply["userId"].(string); status == 201 {
					told <- id
				}
			}
		})
	}
	for range 1 + rand.IntN(60) {
		select {
		case id := <-told:
			promised[id] = true
		case <-ctx.Done():
		}
	}
	time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
	s.kill()
	clients.Wait()
	close(told)
	for id := range told {
		promised[id] = true
	}
}

// check holds what the receiver got against the log of deliveries and the people there are, and returns how many
// deliveries it got more than once.
func (l *listener) check(t *testing.T, log []delivery, people []string, kills []time.Time) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	created, again := map[string]bool{}, 0
	for _, d := range log {
		all := l.told[d.ID]
		if len(all) == 0 {
			t.Errorf("the delivery %s (%s) counts as delivered and never arrived", d.ID, d.Event)
			continue
		}
		if strings.HasSuffix(all[0].events, ",users.*.create,users."+userOf(all[0].events)+",users.*") {
			created[userOf(all[0].events)] = true
		}
		for i, one := range all[1:] {
			again++
			if one.body != all[0].body || one.events != all[0].events {
				t.Errorf("the delivery %s says two different things", d.ID)
			}
			if !slices.ContainsFunc(kills, func(kill time.Time) bool { return all[i].at.Before(kill) && kill.Before(one.at) }) {
				t.Errorf("the delivery %s came twice and nobody was killed in between", d.ID)
			}
		}
	}
	if len(l.told) > len(log) {
		t.Errorf("%d deliveries were told, %d are known: something was told that was never committed", len(l.told), len(log))
	}
	for _, id := range people {
		if !created[id] {
			t.Errorf("nobody was told of the sign-up of %s", id)
		}
	}
	return again
}

// userOf reads the user out of the forms of an event.
func userOf(events string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(events, "users."), ".")
	return id
}
