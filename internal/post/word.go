package post

import (
	"html"
	"html/template"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"latchkey/internal/model"
)

// fallbackName stands for a project without a name: a sentence needs one.
const fallbackName = "Latchkey"

// nameLimit is how many characters of a name a message repeats. Names are free text of strangers: a mail from
// us must not carry a page of it.
const nameLimit = 128

// unknownAgent is what the contract's agent values hold when nothing was recognised.
const unknownAgent = "UNKNOWN"

// Unwordable is a message that cannot be put into words, today or later: an unknown kind, or no code or link
// where the kind is about one.
type Unwordable struct{ Reason string }

// Error implements error.
func (u *Unwordable) Error() string { return "the message cannot be worded: " + u.Reason }

// Permanent says that trying again is no use.
func (u *Unwordable) Permanent() bool { return true }

// Word puts a mail into words: by the operator's template for its kind and language if there is one, else by
// our own texts. Its errors are permanent ones (Unwordable).
func Word(m *model.Message, project Look, custom []Template) (*Wording, error) {
	f, known := forms[m.Kind]
	if !known {
		return nil, &Unwordable{"there is no mail of the kind " + strconv.Quote(m.Kind)}
	}
	if f.key != "" && m.Values[f.key] == "" {
		return nil, &Unwordable{"a mail of the kind " + m.Kind + " needs a value for " + f.key}
	}
	if err := checkLink(m.Values["redirect"]); f.key == "redirect" && err != nil {
		return nil, err
	}
	if t := choose(custom, m.Kind, m.Locale); t != nil {
		return wordByTemplate(m, project, t)
	}
	t := speak(m.Locale)
	d := draft{kind: m.Kind, texts: t, values: valuesOf(m, project, t)}
	subject := clip(line(d.text(m.Kind+".subject")), subjectLimit)
	blocks := d.blocks(f)
	inner, err := renderBlocks(blocks, t.code, project.Accent)
	if err != nil {
		return nil, err
	}
	page, err := renderPage(inner, t.code, d.preview(f))
	if err != nil {
		return nil, err
	}
	return &Wording{Subject: subject, HTML: page, Text: d.plain(f, blocks), RightToLeft: rightToLeft(t.code)}, nil
}

// checkLink refuses what would run in a mail client instead of leading somewhere. The rules that made the link
// have checked where it leads; this is the last gate before it stands in an href.
func checkLink(link string) error {
	scheme, _, found := strings.Cut(link, ":")
	if !found || slices.Contains([]string{"javascript", "data", "vbscript", "file", "blob"}, strings.ToLower(strings.TrimSpace(scheme))) {
		return &Unwordable{"the link is no address that can be followed"}
	}
	if strings.ContainsFunc(link, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return &Unwordable{"the link holds a blank or a control character"}
	}
	if _, err := url.Parse(link); err != nil {
		return &Unwordable{"the link is not well formed"}
	}
	return nil
}

// valuesOf gathers what the placeholders stand for: what the message carries, what follows from it, and the
// rest of the list empty.
func valuesOf(m *model.Message, project Look, t *texts) map[string]string {
	v := make(map[string]string, len(Placeholders))
	for _, p := range Placeholders {
		v[p.Name] = ""
	}
	for name, value := range m.Values {
		v[name] = clip(line(value), nameLimit)
	}
	v["redirect"] = m.Values["redirect"]
	fallBack(v, "project", clip(line(project.Name), nameLimit))
	fallBack(v, "project", fallbackName)
	fallBack(v, "owner", v["project"])
	for _, name := range []string{"agentDevice", "agentClient", "agentOs"} {
		fallBack(v, name, unknownAgent)
	}
	if m.Channel != model.ChannelSMS {
		fallBack(v, "email", line(m.To))
	}
	at := m.CreatedAt.Std()
	fallBack(v, "date", at.Format("January 2"))
	fallBack(v, "time", at.Format("15:04:05"))
	fallBack(v, "year", at.Format("2006"))
	v["when"] = at.Format("2006-01-02 15:04 UTC")
	derive(v, t)
	return v
}

// derive adds the values that are sentences made of others.
func derive(v map[string]string, t *texts) {
	v["lifetime"] = t.lifetime(v["minutes"])
	v["hello"] = t.table["helloNobody"]
	if greetable(v["user"]) {
		v["hello"] = fill(t.table["hello"], v, asText)
	}
	if agent := agentOf(v); agent != "" {
		v["clientInfo"] = fill(t.table["agent"], map[string]string{"agent": agent}, asText)
	}
	if v["phrase"] != "" {
		v["securityPhrase"] = fill(t.table["phrase"], v, asText)
	}
	if name, known := t.table["factor."+v["factor"]]; known {
		v["factor"] = name
	}
}

func fallBack(v map[string]string, name, value string) {
	if v[name] == "" {
		v[name] = value
	}
}

// agentOf names what asked, as far as it was recognised: "Firefox, Ubuntu".
func agentOf(v map[string]string) string {
	var known []string
	for _, name := range []string{"agentClient", "agentOs", "agentDevice"} {
		if value := v[name]; value != "" && value != unknownAgent {
			known = append(known, value)
		}
	}
	return strings.Join(known, ", ")
}

// linkLike finds what mail clients turn into a link by themselves.
var linkLike = regexp.MustCompile(`(?i)://|www\.|[^\s.]\.[\pL]{2,}|[\pL\d]/|@`)

// greetable says whether a name may stand in our greeting. Anybody can sign up with somebody else's address
// and an advertisement for a name; a name that would become a link is left out.
func greetable(name string) bool { return name != "" && !linkLike.MatchString(name) }

// draft is a mail in the making.
type draft struct {
	kind   string
	texts  *texts
	values map[string]string
}

func (d *draft) text(key string) string { return fill(d.texts.table[key], d.values, asText) }

func (d *draft) html(key string) template.HTML {
	return template.HTML(fill(d.texts.table[key], d.values, asHTML)) //nolint:gosec // all of it is escaped by fill
}

// preview is what a mail client shows beside the subject: with a code, the code.
func (d *draft) preview(f form) string {
	if f.key == "otp" {
		return d.text("codeLine")
	}
	return d.text(d.kind + ".body")
}

// block is a piece of a mail in both of its forms.
type block struct {
	Is   string        // which layout
	HTML template.HTML // what it says
	Text string        // the same as plain text; empty: not in the text part
	Href template.HTMLAttr
	Link string
	Rows []row
}

// row is one line of a small table.
type row struct{ Label, Value string }

func (d *draft) blocks(f form) []block {
	list := []block{
		{Is: "brand", HTML: template.HTML(html.EscapeString(d.values["project"]))}, //nolint:gosec // escaped
		{Is: "title", HTML: d.html(d.kind + ".subject")},
	}
	for _, p := range f.parts {
		list = append(list, d.block(p)...)
	}
	return list
}

// block lays out one part; none where there is nothing to say.
func (d *draft) block(p part) []block {
	switch p {
	case partHello:
		return d.value("text", "hello")
	case partBody:
		return d.say("text", d.kind+".body")
	case partCode:
		return d.code()
	case partLink:
		return []block{d.link()}
	case partCodeLife:
		return d.life("codeLife", d.say("text", "secrecy")...)
	case partLinkLife:
		return d.life("linkLife")
	case partPhrase:
		return d.phrase()
	case partAgent:
		return d.value("soft", "clientInfo")
	case partDetails:
		return d.details()
	case partIgnore:
		return append([]block{{Is: "rule"}}, d.say("soft", string(p))...)
	case partAlarm:
		return d.say("text", string(p))
	case partClosing:
		return d.say("sign", "closing")
	case partCopy:
		return []block{d.copy()}
	}
	return nil
}

// say is a sentence of ours.
func (d *draft) say(is, key string) []block {
	return []block{{Is: is, HTML: d.html(key), Text: d.text(key)}}
}

// value is a block that only holds a value.
func (d *draft) value(is, name string) []block {
	value := d.values[name]
	if value == "" {
		return nil
	}
	return []block{{Is: is, HTML: template.HTML(html.EscapeString(value)), Text: value}} //nolint:gosec // escaped
}

// code is not in the text part, which begins with it.
func (d *draft) code() []block {
	list := d.value("code", "otp")
	for i := range list {
		list[i].Text = ""
	}
	return list
}

func (d *draft) life(key string, more ...block) []block {
	if d.values["lifetime"] == "" {
		return more
	}
	list := d.say("text", key)
	if len(more) == 0 {
		return list
	}
	list[0].HTML += " " + more[0].HTML
	list[0].Text += " " + more[0].Text
	return list
}

// phrase is the security phrase in bold; a draft of a template only names the sentence.
func (d *draft) phrase() []block {
	if d.values["phrase"] == "" {
		return d.value("text", "securityPhrase")
	}
	return d.say("text", "phrase")
}

func (d *draft) link() block {
	link := d.values["redirect"]
	return block{
		Is: "link", HTML: d.html(d.kind + ".button"), Text: link,
		Href: template.HTMLAttr(`href="` + html.EscapeString(link) + `"`), //nolint:gosec // escaped, its scheme checked by checkLink
	}
}

// copy shows the link in full. The text part has it already, on a line to itself.
func (d *draft) copy() block {
	b := d.link()
	b.Is, b.HTML, b.Link, b.Text = "copy", d.html("linkHint"), d.values["redirect"], ""
	return b
}

func (d *draft) details() []block {
	var rows []row
	var lines []string
	for _, name := range details[d.kind] {
		if value := d.values[name]; value != "" {
			rows = append(rows, row{d.text("label." + name), value})
			lines = append(lines, d.text("label."+name)+": "+value)
		}
	}
	if rows == nil {
		return nil
	}
	return []block{{Is: "rows", Rows: rows, Text: strings.Join(lines, "\n")}}
}

// plain writes the text part. It is a text of its own, not the HTML without its tags: a code stands in the
// first line, before any number that a name could hold; a link has a line to itself.
func (d *draft) plain(f form, blocks []block) string {
	var paragraphs []string
	if f.key == "otp" {
		paragraphs = append(paragraphs, d.text("codeLine"))
	}
	for _, b := range blocks {
		if b.Text != "" {
			paragraphs = append(paragraphs, b.Text)
		}
	}
	return strings.Join(paragraphs, "\n\n") + "\n"
}
