package client

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"latchkey/internal/model"
)

// expected is model.Agent under the names it has on the wire; fields that a case leaves out are empty.
type expected struct {
	OSCode              string `json:"osCode"`
	OSName              string `json:"osName"`
	OSVersion           string `json:"osVersion"`
	ClientType          string `json:"clientType"`
	ClientCode          string `json:"clientCode"`
	ClientName          string `json:"clientName"`
	ClientVersion       string `json:"clientVersion"`
	ClientEngine        string `json:"clientEngine"`
	ClientEngineVersion string `json:"clientEngineVersion"`
	DeviceName          string `json:"deviceName"`
	DeviceBrand         string `json:"deviceBrand"`
	DeviceModel         string `json:"deviceModel"`
}

type agentCase struct {
	Label     string   `json:"label"`
	UserAgent string   `json:"userAgent"`
	Agent     expected `json:"agent"`
}

func agentCases(t testing.TB) []agentCase {
	t.Helper()
	text, err := os.ReadFile("testdata/user_agents.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []agentCase
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 300 {
		t.Fatalf("%d agents in the table; some are missing", len(cases))
	}
	return cases
}

func TestParseAgent(t *testing.T) {
	t.Parallel()
	for _, c := range agentCases(t) {
		if diff := cmp.Diff(model.Agent(c.Agent), ParseAgent(c.UserAgent)); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", c.Label, c.UserAgent, diff)
		}
	}
}

// TestHostileAgents: nothing that a database or a page could choke on gets through, and nothing is read
// beyond the limit.
func TestHostileAgents(t *testing.T) {
	t.Parallel()
	chrome := "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
	for name, agent := range map[string]string{
		"a model that is no text":   strings.Replace(chrome, "Pixel 8", "Pixel \xff\x008", 1),
		"a model without end":       strings.Replace(chrome, "Pixel 8", "Pixel "+strings.Repeat("8", 500), 1),
		"a version without end":     strings.Replace(chrome, "126.0.0.0", strings.Repeat("1.", 500), 1),
		"parentheses without end":   strings.Repeat("(", 8192),
		"pieces without end":        "(" + strings.Repeat("Android 14;", 800) + ")",
		"products without end":      strings.Repeat("Chrome/1 ", 900),
		"slashes without end":       strings.Repeat("a/", 4096),
		"a command line in no text": "AppwriteCLI/\xff\xfe\x01",
		"only separators":           strings.Repeat(" );]", 512),
	} {
		checkFields(t, name, ParseAgent(agent))
	}
	padded := strings.Repeat(" ", longestAgent) + chrome
	if got := ParseAgent(padded); got != (model.Agent{}) {
		t.Errorf("text beyond the limit was read: %+v", got)
	}
}

// checkFields holds every field to what ParseAgent promises of it.
func checkFields(t interface{ Errorf(string, ...any) }, name string, a model.Agent) {
	for _, field := range []string{
		a.OSCode, a.OSName, a.OSVersion, a.ClientType, a.ClientCode, a.ClientName,
		a.ClientVersion, a.ClientEngine, a.ClientEngineVersion, a.DeviceName, a.DeviceBrand, a.DeviceModel,
	} {
		if printable(field) != field {
			t.Errorf("%s: a field is %q", name, field)
		}
	}
}

// TestCutAgents: an agent cut anywhere is still read, and a case of letters that nobody sends breaks nothing.
func TestCutAgents(t *testing.T) {
	t.Parallel()
	cases := agentCases(t)
	rapid.Check(t, func(t *rapid.T) {
		agent := rapid.SampledFrom(cases).Draw(t, "agent").UserAgent
		cut := rapid.IntRange(0, len(agent)).Draw(t, "cut")
		noise := rapid.SampledFrom([]string{"", "(", ")", "[", ";", "/", "\x00", "é", "Build/", "; "}).Draw(t, "noise")
		checkFields(t, agent, ParseAgent(agent[:cut]+noise+agent[cut:]))
		checkFields(t, agent, ParseAgent(agent[:cut]))
		checkFields(t, agent, ParseAgent(strings.ToUpper(agent)))
	})
}

func FuzzParseAgent(f *testing.F) {
	for _, c := range agentCases(f) {
		f.Add(c.UserAgent)
	}
	f.Fuzz(func(t *testing.T, agent string) {
		first := ParseAgent(agent)
		checkFields(t, "agent", first)
		if first != ParseAgent(agent) {
			t.Error("the same agent was read in two ways")
		}
		if first.ClientType == "" && first.ClientVersion != "" || first.OSName == "" && first.OSVersion != "" {
			t.Errorf("a version of nothing: %+v", first)
		}
	})
}

func BenchmarkParseAgent(b *testing.B) {
	for name, agent := range map[string]string{
		"edge":    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.68",
		"samsung": "Mozilla/5.0 (Linux; Android 13; SM-S908B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
		"iphone":  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
		"okhttp":  "okhttp/4.9.2",
		"hostile": strings.Repeat("A/1 ", 2048),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ParseAgent(agent)
			}
		})
	}
}
