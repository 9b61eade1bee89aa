package app_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

// Every transcript is also held to the audit trail: what changes something for an operator or by one leaves an entry
// with the event of its row, and no entry holds a secret that the transcript has sent or met.

// unaudited are rows that change something for operators and leave no entry, with the reason.
var unaudited = map[string]string{
	"users.createJWT":              "nothing is stored: it is the word of a server about its own user",
	"project.createSMTPTest":       "a mail is sent and nothing is changed",
	"projects.createSMTPTest":      "a mail is sent and nothing is changed",
	"projects.updateConsoleAccess": "it notes when an operator has last looked",
}

// changes says whether a row changes something that operators look after: settings, operators, people.
func changes(e *api.Endpoint) bool {
	if e.Method == http.MethodGet || e.Hosted || e.Visit {
		return false
	}
	return !slices.Contains([]string{"account", "locale", "health", "dev"}, e.Service())
}

func TestWhatOperatorsChangeNamesItsEntry(t *testing.T) {
	t.Parallel()
	rows, seen := table(), 0
	for i := range rows {
		if e := &rows[i]; changes(e) {
			seen++
			if (e.Audit == "") != (unaudited[e.Name()] != "") {
				t.Errorf("%s: its row names %q for the audit trail", e.Name(), e.Audit)
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d rows were looked at", seen)
	}
}

// trails reads what is in the audit trails and has not been chained: nothing chains in these tests.
func (p *player) trails() []model.Audit {
	var all []model.Audit
	projects, err := p.s.DB.UnchainedProjects(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, project := range projects {
		entries, err := p.s.DB.UnchainedAudits(p.t.Context(), project, 100_000)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, e := range entries {
			all = append(all, e.Audit)
		}
	}
	return all
}

// audited looks at what a request has left in the audit trail.
func (p *player) audited(request, body string, reply *testkit.Reply) {
	for _, given := range givenSecret.FindAllStringSubmatch(body, -1) {
		p.secrets = append(p.secrets, given[1])
	}
	entries := p.trails()
	var fresh []model.Audit
	for _, e := range entries {
		if !p.entries[e.Project+e.ID] {
			p.entries[e.Project+e.ID] = true
			fresh = append(fresh, e)
		}
	}
	for _, e := range fresh {
		text := strings.Join([]string{e.Event, e.Resource, e.ActorID, e.ActorName, fieldName.ReplaceAllString(e.Details, "")}, "\n")
		for _, secret := range p.secrets {
			if len(secret) >= 6 && strings.Contains(text, secret) {
				p.t.Errorf("%s leaves a secret in the audit trail: %s", request, text)
			}
		}
		for name, value := range p.values {
			if secretive.MatchString(name) && len(value) >= 6 && strings.Contains(text, value) && name != "operator" {
				p.t.Errorf("%s leaves the %s in the audit trail: %s", request, name, text)
			}
		}
	}
	row := rowOf(p.fill(request))
	if row == nil || !changes(row) || row.Audit == "" || reply.Status >= 400 {
		return
	}
	if !slices.ContainsFunc(fresh, func(e model.Audit) bool { return e.Event == row.Audit && e.ActorID != "" && e.IP != "" }) {
		p.t.Errorf("%s leaves no entry %s with who it was and from where: %+v", request, row.Audit, fresh)
	}
}

// fieldName is what something is called in the details of an entry; a transcript may use it as its secret, too.
var fieldName = regexp.MustCompile(`"field":"[^"]*"`)

// givenSecret finds what a request says that is nobody else's business.
var givenSecret = regexp.MustCompile(`(?i)"(?:\w*(?:secret|password|token|apiKey|authKey|secretKey|otp|p8File|hash|salt)\w*)": ?"([^"]+)"`)
