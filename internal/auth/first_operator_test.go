package auth_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func consoleRequest(t *testing.T, s *testkit.Server) *auth.Request {
	t.Helper()
	project, err := s.Projects.Find(t.Context(), model.ConsoleProject)
	if err != nil {
		t.Fatal(err)
	}
	return &auth.Request{Project: &project.Project, Audit: "user.create"}
}

func TestTheFirstOperatorOwnsWhatThereIs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{})
		req := consoleRequest(t, s)
		first, err := s.Rules.FirstOperatorSecret(t.Context())
		if err != nil || len(first) != 64 {
			t.Fatalf("%q %v", first, err)
		}
		if again, _ := s.Rules.FirstOperatorSecret(t.Context()); again != first {
			t.Errorf("another start prints %q after %q", again, first)
		}
		in := auth.NewAccount{Email: " Ada@Example.com ", Password: testkit.Password}
		demo, _ := s.Projects.Find(t.Context(), testkit.Demo)
		for name, try := range map[string]func() error{
			"wrong": func() error { _, err := s.Rules.SignUpFirstOperator(t.Context(), req, first[1:]+"0", in); return err },
			"empty": func() error { _, err := s.Rules.SignUpFirstOperator(t.Context(), req, "", in); return err },
			"another project": func() error {
				_, err := s.Rules.SignUpFirstOperator(t.Context(), &auth.Request{Project: &demo.Project}, first, in)
				return err
			},
		} {
			if err := try(); !errors.Is(err, fault.UserInvalidToken) {
				t.Errorf("%s: %v", name, err)
			}
		}
		user, err := s.Rules.SignUpFirstOperator(t.Context(), req, first, in)
		if err != nil || user.Email != "ada@example.com" || user.Project != model.ConsoleProject {
			t.Fatalf("%+v %v", user, err)
		}
		if role, err := s.DB.OperatorRole(t.Context(), testkit.Demo, user.ID); role != "owner" || err != nil {
			t.Errorf("%q %v", role, err)
		}
		if _, err := s.Rules.SignUpFirstOperator(t.Context(), req, first, auth.NewAccount{Email: "eve@example.com", Password: testkit.Password}); !errors.Is(err, fault.UserInvalidToken) {
			t.Errorf("twice: %v", err)
		}
		if later, err := s.Rules.FirstOperatorSecret(t.Context()); later != "" || err != nil {
			t.Errorf("a console with people prints %q, %v", later, err)
		}
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "ada@example.com", "password": testkit.Password}, testkit.Header{"X-Appwrite-Project", "console"}).Want(201)
		// Should the console be empty once more, the old link stays dead.
		s.Write(t, func(tx *store.Tx) { tx.DeleteUser(model.ConsoleProject, user.ID) })
		later, err := s.Rules.FirstOperatorSecret(t.Context())
		if err != nil || later == "" || later == first {
			t.Errorf("%q after %q, %v", later, first, err)
		}
		if _, err := s.Rules.SignUpFirstOperator(t.Context(), req, first, in); !errors.Is(err, fault.UserInvalidToken) {
			t.Errorf("the old link: %v", err)
		}
	})
}

func TestOfManyFirstOperatorsOneIs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{HashQueue: 500})
		req := consoleRequest(t, s)
		first, err := s.Rules.FirstOperatorSecret(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var crowd sync.WaitGroup
		results := make(chan error, 50)
		for n := range cap(results) {
			crowd.Go(func() {
				_, err := s.Rules.SignUpFirstOperator(t.Context(), req, first, auth.NewAccount{Email: fmt.Sprintf("o%d@example.com", n), Password: testkit.Password})
				results <- err
			})
		}
		crowd.Wait()
		close(results)
		won := 0
		for err := range results {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, fault.UserInvalidToken):
				t.Error(err)
			}
		}
		if people, err := s.DB.CountUsers(t.Context(), model.ConsoleProject); won != 1 || people != 1 || err != nil {
			t.Errorf("%d won, %d people, %v", won, people, err)
		}
	})
}
