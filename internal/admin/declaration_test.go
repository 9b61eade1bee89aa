package admin

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// holes fills every hole of the example.
func holes(name string) (string, bool) { return "hole-" + strings.ToLower(name), name != "NOT_THERE" }

func TestTheExampleIsRight(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/examples/project.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := ReadDeclaration(text, holes)
	if err != nil {
		t.Fatal(err)
	}
	p := d.Projects[0]
	if len(p.Platforms) != 7 || len(p.Keys) != 2 || len(p.Documents) != 6 || p.Documents["oauth2"][0].Secrets["clientSecret"] != "hole-github_client_secret" {
		t.Errorf("%+v", p)
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := ReadDeclaration([]byte(`
projects:
  - id: Upper Case
    nmae: Demo
    platforms:
      - {type: web, id: a, applicationId: com.x}
      - {type: toaster, id: a}
    keys:
      - {id: k, scopes: [everything]}
      - {id: k, scopes: ["*"], secret: short, expire: tomorrow}
    auth-methods: {email-pasword: true, phone: 1}
    policies:
      session-limit: {total: 101}
      session-duration: {duration: 59}
      password-strength: {min: 7}
      session-alert: yes please
    oauth2:
      github: {clientID: x}
      gitlab: {endpoint: "ftp://gitlab"}
      keycloak: {enabled: true, clientId: x, endpoint: sso.example.com}
      resend: {}
      myspace: {}
    smtp: {port: 70000, secure: maybe, senderEmail: nobody}
    sms: {provider: pigeon}
    providers:
      - {id: a, provider: smtp, enabled: true, port: many, encryption: rot13, fromEmail: me}
      - {id: a, provider: apns, authKey: no key, sandbox: "yes"}
      - {id: b, provider: pigeon}
      - {provider: ses, region: "x/y"}
    templates: {email: [{templateId: birthday, locale: xx}]}
    mock-phones: [{number: "123", otp: "12"}]
    webhooks: [{id: "-", url: ftp://x, events: []}]
    services: {fax: true}
    labels: one
  - id: console
  - {}
  - 7
  - {id: twice, name: "${NOT_THERE}"}
  - {id: twice}
`), holes)
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	golden, readErr := os.ReadFile("testdata/faults.txt")
	if os.Getenv("LATCHKEY_TEST_UPDATE") != "" {
		readErr = os.WriteFile("testdata/faults.txt", []byte(err.Error()+"\n"), 0o644)
		golden = []byte(err.Error() + "\n")
	}
	if readErr != nil {
		t.Fatal(readErr)
	}
	if diff := cmp.Diff(string(golden), err.Error()+"\n"); diff != "" {
		t.Error(diff)
	}
}

// A file that somebody else has written neither holds a command up nor says less than it seems to.
func TestFilesThatAreNotWhatTheySeem(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 8), i)
	}
	bomb.WriteString("projects: *a9\n")
	none := func(string) (string, bool) { return "", false }
	for name, c := range map[string]struct{ text, want string }{
		"aliases of aliases":  {bomb.String(), "more than 1000000 values"},
		"a list in itself":    {"projects: &a\n  - *a\n", "must be a mapping"},
		"a second document":   {"projects: []\n---\nprojects:\n  - {id: shop}\n", "several documents"},
		"a document in front": {"projects:\n  - {id: shop}\n---\nprojects: []\n", "several documents"},
	} {
		if _, err := ReadDeclaration([]byte(c.text), none); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"---\nprojects:\n  - {id: shop}\n", "projects:\n  - {id: shop}\n---\n", "projects:\n  - {id: shop}\n...\n"} {
		if d, err := ReadDeclaration([]byte(text), none); err != nil || len(d.Projects) != 1 {
			t.Errorf("%q: %v", text, err)
		}
	}
	// What two aliases share is filled once for each, however often it is written.
	var asked int
	shared := "labels: &labels [\"${LABEL}\"]\n"
	text := strings.Replace("projects:\n  - {id: one, "+shared+"}\n  - {id: two, labels: *labels}\n", "\n}", "}", 1)
	d, err := ReadDeclaration([]byte(text), func(string) (string, bool) { asked++; return "a", true })
	if err != nil || len(d.Projects) != 2 || asked != 2 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

func TestBrokenYAMLIsAnErrorWithItsPlace(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"projects: [", "\t- x", "a: b: c", "projects: {id: [}"} {
		if _, err := ReadDeclaration([]byte(text), holes); err == nil || !strings.Contains(err.Error(), "[") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzReadDeclaration(f *testing.F) {
	text, err := os.ReadFile("../../docs/examples/project.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("projects: [{id: a, policies: {session-limit: {total: 1}}}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := ReadDeclaration(text, holes)
		if (d == nil) == (err == nil) {
			t.Error("neither a declaration nor an error")
		}
	})
}
