package guard_test

import (
	"fmt"
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// Over the wire: a block of numbers is held back with the contract's error, before anything is written, and a code
// that comes back opens it again.
func TestAStoppedBlockOverTheWire(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{SMSGuard: true, NoLimits: true})
		ask := func(i int) *testkit.Reply {
			return s.Call(t, "POST /v1/account/tokens/phone", testkit.Map{"userId": fmt.Sprintf("user%d", i), "phone": fmt.Sprintf("+4915112340%03d", i)})
		}
		for i := range 10 {
			ask(i).Want(201)
		}
		last := s.Messages(t)[9]
		ask(10).Want(429, "general_rate_limit_exceeded")
		if _, err := s.DB.UserByID(t.Context(), testkit.Demo, "user10"); err == nil || len(s.Messages(t)) != 0 {
			t.Error("what is held back leaves an account or a message")
		}
		s.Call(t, "PUT /v1/account/sessions/phone", testkit.Map{"userId": "user9", "secret": last.Values["otp"]}).Want(201)
		ask(11).Want(201)
	})
}
