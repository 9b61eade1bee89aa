package client

import (
	"strings"

	"latchkey/internal/model"
)

// longestAgent is how much of a user agent is read, in bytes. Real ones stay below 500.
const longestAgent = 2048

// ParseAgent tells operating system, program and device from a User-Agent header, in the vocabulary that
// Appwrite's clients know (the names and short codes of Matomo's device detector). It is a description for
// people who look at their sessions, never a proof: anybody can send any agent.
//
// What it does not recognise it leaves empty; robots are not told apart. Every value is printable ASCII of at
// most 64 bytes, whatever was sent, and the time is linear in the length.
func ParseAgent(agent string) model.Agent {
	if len(agent) > longestAgent {
		agent = agent[:longestAgent]
	}
	var t tokens
	t.read(agent)
	var a model.Agent
	s := t.signs()
	s.system(&a)
	t.program(&s, &a)
	t.device(&s, &a)
	if cli := strings.Index(agent, "AppwriteCLI/"); cli >= 0 {
		commandLine(agent[cli+len("AppwriteCLI/"):], &a)
	}
	return a
}

// commandLine names Appwrite's command line program, whose version is kept whole.
func commandLine(rest string, a *model.Agent) {
	rest, _, _ = strings.Cut(rest, " ")
	a.ClientType, a.ClientCode, a.ClientName = "desktop", "cli", "Appwrite CLI"
	a.ClientVersion = printable(rest)
	a.ClientEngine, a.ClientEngineVersion = "", ""
}

// product is a "name/version" outside the parentheses of an agent (RFC 9110 section 10.1.5).
type product struct {
	name    string
	version string
}

// tokens is an agent taken apart in one pass: its products, and the pieces of its comments. The arrays bound
// what a hostile agent can cost; what does not fit is not looked at.
type tokens struct {
	products     [24]product
	items        [32]string
	productCount int
	itemCount    int
}

func (t *tokens) read(agent string) {
	for i := 0; i < len(agent); {
		switch agent[i] {
		case ' ', '\t', ')', ']', ',', ';':
			i++
		case '(', '[':
			i = t.comment(agent, i)
		default:
			end := i
			for end < len(agent) && !separates(agent[end]) {
				end++
			}
			t.addProduct(agent[i:end])
			i = end
		}
	}
}

func separates(c byte) bool { return c == ' ' || c == '(' || c == '[' || c == '\t' }

// comment splits the comment that opens at position start at its semicolons and returns where it ends.
// Comments nest ("moto g(60)").
func (t *tokens) comment(agent string, start int) int {
	opening, closing := agent[start], byte(')')
	if opening == '[' {
		closing = ']'
	}
	depth, from := 1, start+1
	for i := start + 1; i < len(agent); i++ {
		switch c := agent[i]; {
		case c == opening:
			depth++
		case c == closing:
			if depth--; depth == 0 {
				t.addItem(agent[from:i])
				return i + 1
			}
		case c == ';' && depth == 1:
			t.addItem(agent[from:i])
			from = i + 1
		}
	}
	t.addItem(agent[from:])
	return len(agent)
}

func (t *tokens) addItem(item string) {
	item = strings.Trim(item, " \t")
	if item != "" && t.itemCount < len(t.items) {
		t.items[t.itemCount] = item
		t.itemCount++
	}
}

// addProduct takes a word outside the comments. "XiaoMi/MiuiBrowser/14.4" is two products, and a number
// after a product without version ("Instagram 329.0") is its version.
func (t *tokens) addProduct(word string) {
	name, rest, slash := strings.Cut(word, "/")
	if !slash && t.productCount > 0 && version(word) != "" {
		if last := &t.products[t.productCount-1]; last.version == "" {
			last.version = word
			return
		}
	}
	if t.productCount == len(t.products) {
		return
	}
	if slash && version(rest) == "" && strings.IndexByte(rest, '/') > 0 {
		t.products[t.productCount] = product{name: name}
		t.productCount++
		t.addProduct(rest)
		return
	}
	t.products[t.productCount] = product{name, rest}
	t.productCount++
}

// product returns the first product of that name, which must be in lower case; found in either case.
func (t *tokens) product(name string) (product, bool) {
	for i := range t.productCount {
		if len(t.products[i].name) == len(name) && strings.EqualFold(t.products[i].name, name) {
			return t.products[i], true
		}
	}
	return product{}, false
}

// version returns the number that a version starts with, without a leading "v".
func version(text string) string {
	if text != "" && (text[0] == 'v' || text[0] == 'V') {
		text = text[1:]
	}
	end := 0
	for end < len(text) && end < 64 && (text[end] >= '0' && text[end] <= '9' || text[end] == '.' && end > 0) {
		end++
	}
	return strings.TrimRight(text[:end], ".")
}

// short cuts a version to its first two numbers, which is all that a session shows.
func short(text string) string {
	number := version(text)
	if first := strings.IndexByte(number, '.'); first >= 0 {
		if second := strings.IndexByte(number[first+1:], '.'); second >= 0 {
			return number[:first+1+second]
		}
	}
	return number
}

// dotted is short for versions that Apple writes with underscores ("17_5_1").
func dotted(text string) string {
	end := 0
	for end < len(text) && end < 32 && (text[end] >= '0' && text[end] <= '9' || text[end] == '.' || text[end] == '_') {
		end++
	}
	if strings.IndexByte(text[:end], '_') < 0 {
		return short(text[:end])
	}
	return short(strings.ReplaceAll(text[:end], "_", "."))
}

// printable returns text if it can stand in a list as it is: printable ASCII, not too long.
func printable(text string) string {
	if len(text) > 64 {
		return ""
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return ""
		}
	}
	return text
}

// hasPrefix is strings.HasPrefix for an ASCII prefix in lower case, in either case of the text.
func hasPrefix(text, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}

// after returns what follows a prefix (see hasPrefix) and one separator.
func after(text, prefix string) (string, bool) {
	if !hasPrefix(text, prefix) {
		return "", false
	}
	rest := text[len(prefix):]
	if rest == "" {
		return "", true
	}
	switch rest[0] {
	case ' ', '/', '-', ',', '_':
		return rest[1:], true
	}
	return "", false
}
