package admin

import (
	"errors"
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
