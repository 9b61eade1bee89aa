package post_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"latchkey/internal/model"
	"latchkey/internal/post"
)

const link = "https://app.example.com/verification?userId=u1&secret=0a1b2c&expire=2026-03-01T12%3A15%3A00.000%2B00%3A00"

// everything is what a message could carry.
func everything() map[string]string {
	return map[string]string{
		"user": "Walter White", "otp": "482913", "minutes": "15", "phrase": "Golden harbour", "team": "Lab", "owner": "Gus", "redirect": link,
		"agentClient": "Firefox", "agentOs": "Ubuntu", "device": "Firefox", "ipAddress": "203.0.113.7", "country": "Iceland", "phone": "+3545551234", "factor": "totp", "email": "new@example.com",
		"webhook": "App", "receiver": "app.example.com", "reason": "the receiver answered 503",
	}
}

func messageOf(kind, locale string, values map[string]string) *model.Message {
	return &model.Message{Project: "demo", ID: "m1", Kind: kind, Channel: model.ChannelEmail, CreatedAt: model.At(noon), To: "walter@example.com", Locale: locale, Values: values}
}

func word(t testing.TB, m *model.Message, project string, templates ...post.Template) *post.Wording {
	t.Helper()
	w, err := post.Word(m, post.Look{Name: project}, templates)
	if err != nil {
		t.Fatalf("%s in %s: %v", m.Kind, m.Locale, err)
	}
	return w
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// TestEveryKindInEveryLanguage words every mail there is, with a project whose name looks like a code.
func TestEveryKindInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, kind := range post.Kinds() {
		for _, locale := range post.Languages() {
			w := word(t, messageOf(kind, locale, everything()), "Shop 111111 & Söhne")
			name := kind + " in " + locale
			for part, text := range map[string]string{"subject": w.Subject, "text": w.Text, "HTML": w.HTML} {
				if strings.Contains(text, "{{") || strings.Contains(text, "}}") || strings.Contains(text, "<no value>") || strings.Contains(text, "ZgotmplZ") || strings.TrimSpace(text) == "" {
					t.Errorf("%s: the %s is not filled: %s", name, part, text)
				}
			}
			if err := balanced(w.HTML); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !strings.Contains(w.HTML, "Shop 111111 &amp; Söhne") || !strings.Contains(w.Text, "Shop 111111 & Söhne") || strings.Contains(w.Subject, "&amp;") {
				t.Errorf("%s: the project's name is not as it should be: %s", name, w.Subject)
			}
			if direction := map[bool]string{true: `dir="rtl"`, false: `dir="ltr"`}[w.RightToLeft]; !strings.Contains(w.HTML, "<html lang=") || !strings.Contains(w.HTML, direction+">\n<head>") {
				t.Errorf("%s does not say in which direction it is read", name)
			}
			switch {
			case strings.Contains(w.HTML, link[:20]):
				if !slices.Contains(strings.Split(w.Text, "\n"), link) || strings.Count(w.HTML, `href="`+strings.ReplaceAll(link, "&", "&amp;")+`"`) != 2 {
					t.Errorf("%s: the link is not on a line to itself, or not in both places", name)
				}
			case strings.Contains(w.HTML, "482913"):
				if first := sixDigits.FindString(w.Text); first != "482913" {
					t.Errorf("%s: the first code in the text is %s", name, first)
				}
			case !strings.HasPrefix(kind, "notice") && kind != model.MessageSessionAlert && kind != post.KindTest:
				t.Errorf("%s has neither a code nor a link", name)
			}
			if strings.Contains(w.HTML, "src=") || strings.Contains(w.HTML, "url(") || strings.Contains(w.HTML, "@import") {
				t.Errorf("%s fetches something", name)
			}
		}
	}
}

// void are the elements that have no end.
var void = []string{"meta", "br", "hr", "img"}

// balanced says whether every element ends where it should.
func balanced(page string) error {
	var open []string
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				return fmt.Errorf("%v never end", open)
			}
			return nil
		case html.StartTagToken:
			if name, _ := tokens.TagName(); !slices.Contains(void, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return fmt.Errorf("</%s> ends %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// TestWhatStrangersCanWrite puts into every value what somebody could who wants to write a mail of his own.
func TestWhatStrangersCanWrite(t *testing.T) {
	t.Parallel()
	for name, evil := range map[string]string{
		"markup":        `<img src=x onerror=alert(1)><a href="https://evil.example">here</a>`,
		"a header":      "Walter\r\nBcc: everybody@example.com\r\n\r\nbody",
		"a placeholder": "{{otp}} {{ redirect }} {{b}}",
		"directions":    "Walter\u202e\u2066etihW\u2069",
		"a page":        strings.Repeat("Buy now! ", 500),
		"controls":      "Wal\x00ter\x1b[31m\u2028line",
		"no UTF-8":      "Walter\xff\xfe",
	} {
		for _, kind := range post.Kinds() {
			values := everything()
			for key := range values {
				if key != "otp" && key != "redirect" && key != "minutes" {
					values[key] = evil
				}
			}
			w := word(t, messageOf(kind, "en", values), evil)
			if err := balanced(w.HTML); err != nil {
				t.Errorf("%s in %s: %v", name, kind, err)
			}
			if strings.Contains(w.HTML, "<img") || strings.Contains(w.HTML, `href="https://evil`) || strings.ContainsAny(w.Subject, "\r\n\x00\x1b") || len([]rune(w.Subject)) > 255 {
				t.Errorf("%s in %s: %q", name, kind, w.Subject)
			}
			if strings.Contains(w.Text, "\r\n") || strings.Contains(w.Text, "\u202e") || strings.Contains(w.HTML, "\u202e") || len(w.Text) > 4000 {
				t.Errorf("%s in %s: %q", name, kind, w.Text)
			}
			if name == "a placeholder" && strings.Count(w.Subject+w.Text, "482913") > 1 {
				t.Errorf("%s in %s: a name reads the code: %s", name, kind, w.Text)
			}
		}
	}
	values := everything()
	for _, name := range []string{"Win at www.evil.example", "evil.example/free", "call me@evil.example", "https://evil.example"} {
		values["user"] = name
		if w := word(t, messageOf(model.MessageRecovery, "en", values), "Demo"); strings.Contains(w.HTML, "evil") || !strings.Contains(w.Text, "Hello,\n") {
			t.Errorf("the greeting advertises %s", name)
		}
	}
}

func TestMailsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	links := []string{"", "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:x", "example.com/x",
		"https://example.com/a b", "https://example.com/\r\nBcc: x", "https://example.com/\x00", "https://example.com/%zz", "java\tscript:alert(1)"}
	for _, target := range links {
		values := everything()
		values["redirect"] = target
		var why *post.Unwordable
		if _, err := post.Word(messageOf(model.MessageMagicURL, "en", values), post.Look{}, nil); !errors.As(err, &why) || !why.Permanent() {
			t.Errorf("the link %q: %v", target, err)
		}
	}
	for _, target := range []string{"https://example.com/?a=1&b=2", "appwrite-callback-demo://recovery?secret=1", "exp://127.0.0.1:19000/--/x", "http://localhost:3000/#/verification"} {
		values := everything()
		values["redirect"] = target
		if w := word(t, messageOf(model.MessageMagicURL, "en", values), "Demo"); !strings.Contains(w.Text, "\n"+target+"\n") {
			t.Error(w.Text)
		}
	}
	for _, m := range []*model.Message{messageOf("chat", "en", everything()), messageOf(model.MessageOTP, "en", nil)} {
		if _, err := post.Word(m, post.Look{}, nil); err == nil {
			t.Errorf("%+v was worded", m)
		}
	}
}

func TestWhatIsNotKnownIsLeftOut(t *testing.T) {
	t.Parallel()
	w := word(t, messageOf(model.MessageOTP, "en", map[string]string{"otp": "482913", "agentClient": "UNKNOWN", "agentOs": "UNKNOWN"}), "")
	for _, absent := range []string{"UNKNOWN", "Security phrase", "expires", "Requested"} {
		if strings.Contains(w.Text, absent) {
			t.Errorf("%q: %s", absent, w.Text)
		}
	}
	if !strings.Contains(w.Text, "Hello,\n") || !strings.Contains(w.Subject, "Latchkey") {
		t.Error(w.Subject, w.Text)
	}
	w = word(t, messageOf(model.NoticePassword, "en", map[string]string{"ipAddress": "203.0.113.7"}), "Demo")
	if !strings.Contains(w.Text, "IP address: 203.0.113.7\nTime: 2026-03-01 12:00 UTC\n") || strings.Contains(w.Text, "Device") {
		t.Error(w.Text)
	}
}

func TestTemplatesOfOperators(t *testing.T) {
	t.Parallel()
	all := "<ul>"
	for _, p := range post.Placeholders {
		all += "<li>" + p.Name + "={{" + p.Name + "}}</li>"
	}
	all += "<li>{{ unknown }} {{otp}}x {{b}}bold{{/b}} {{{otp}}}</li></ul><a href=\"{{redirect}}\">go</a>"
	template := post.Template{Kind: model.MessageOTP, Locale: "en", Subject: "{{project}}: {{otp}} for {{user}}", Message: all, SenderName: "{{project}} team", ReplyToEmail: "help@example.com"}
	values := everything()
	values["user"] = "Walter <b>& Sons</b> {{otp}}"
	w := word(t, messageOf(model.MessageOTP, "en", values), "Demo", template)
	for _, want := range []string{
		"<li>user=Walter &lt;b&gt;&amp; Sons&lt;/b&gt; {{otp}}</li>", "<li>project=Demo</li>", "<li>otp=482913</li>", "<li>redirect=" + strings.ReplaceAll(link, "&", "&amp;") + "</li>",
		"<li>agentDevice=UNKNOWN</li>", "<li>agentClient=Firefox</li>", "<li>date=March 1</li>", "<li>time=12:00:00</li>", "<li>year=2026</li>", "<li>lifetime=15 minutes</li>",
		"<li>hello=Hello Walter", "<li>{{ unknown }} 482913x <strong>bold</strong> {482913}</li>", `<a href="` + strings.ReplaceAll(link, "&", "&amp;") + `">go</a>`, "<html lang=",
	} {
		if !strings.Contains(w.HTML, want) {
			t.Errorf("%q is missing in\n%s", want, w.HTML)
		}
	}
	if w.Subject != "Demo: 482913 for Walter <b>& Sons</b> {{otp}}" || w.SenderName != "Demo team" || w.ReplyTo != "help@example.com" {
		t.Errorf("%+v", w)
	}
	if !strings.Contains(w.Text, "- otp=482913\n") || !strings.Contains(w.Text, "go\n"+link+"\n") || strings.Contains(w.Text, "<li>") {
		t.Error(w.Text)
	}
	template.Subject, template.Message = "", ""
	if w = word(t, messageOf(model.MessageOTP, "en", values), "Demo", template); !strings.Contains(w.HTML, "Use this code") {
		t.Error("a template without a message is none")
	}
	template.Message = "{{otp}}"
	if w = word(t, messageOf(model.MessageOTP, "en", values), "Demo", template); w.Subject != "Your OTP for the Demo Login" {
		t.Error("a template without a subject has ours:", w.Subject)
	}
}

// TestOurOwnWordingAsATemplate: what an operator starts from says the same as what it replaces.
// What stands in a link or a name is not an entity because it looks like one.
func TestATextPartKeepsWhatLooksLikeAnEntity(t *testing.T) {
	t.Parallel()
	link := "https://app.example.com/confirm?lang=de&region=eu&copy=1&lt=2&userId=u&secret=s"
	message := model.Message{Kind: model.MessageVerification, Locale: "en", To: "ada@example.com", Values: map[string]string{"redirect": link, "user": "&lt;Ada&gt; & Co"}}
	for _, markup := range []string{`<p>{{user}}</p><p><a href="{{redirect}}">{{redirect}}</a></p>`, `<p>{{user}}</p><a href="{{redirect}}">Confirm</a>`, `{{user}}<br>{{redirect}}`} {
		w, err := post.Word(&message, post.Look{Name: "Demo"}, []post.Template{{Kind: message.Kind, Locale: "en", Subject: "s", Message: markup}})
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(w.Text, "\n")
		if !slices.Contains(lines, link) || !slices.Contains(lines, "&lt;Ada&gt; & Co") || strings.Count(w.Text, "https:") != 1 {
			t.Errorf("%s became\n%s", markup, w.Text)
		}
	}
}

func TestOurOwnWordingAsATemplate(t *testing.T) {
	t.Parallel()
	for _, kind := range post.Kinds() {
		for _, locale := range post.Languages() {
			template := post.DefaultTemplate(kind, locale)
			if err := post.CheckTemplate(template); err != nil {
				t.Errorf("%s in %s: %v", kind, locale, err)
			}
			m := messageOf(kind, locale, everything())
			ours, theirs := word(t, m, "Demo"), word(t, m, "Demo", template)
			if ours.Subject != theirs.Subject {
				t.Errorf("%s in %s: %q became %q", kind, locale, ours.Subject, theirs.Subject)
			}
			plain := func(page string) string {
				return strings.Join(strings.Fields(strings.ReplaceAll(visible(page), "Golden harbour", "")), "")
			}
			if a, b := plain(ours.HTML), plain(theirs.HTML); a != b && !strings.HasPrefix(kind, "notice") {
				t.Errorf("%s in %s:\n%s\nbecame\n%s", kind, locale, a, b)
			}
		}
	}
	if got := post.DefaultTemplate("chat", "en"); got.Message != "" {
		t.Error(got)
	}
}

// visible is the text between the tags of a page's body.
func visible(page string) string {
	var b strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(page[strings.Index(page, "<h1"):]))
	for tokens.Next() != html.ErrorToken {
		if token := tokens.Token(); token.Type == html.TextToken {
			b.WriteString(token.Data + " ")
		}
	}
	return b.String()
}

func TestTemplatesThatAreRefused(t *testing.T) {
	t.Parallel()
	good := post.Template{Kind: model.MessageRecovery, Locale: "en", Subject: "s", Message: "{{ redirect }}"}
	if err := post.CheckTemplate(good); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*post.Template){
		"no such kind":          func(x *post.Template) { x.Kind = "chat" },
		"no subject":            func(x *post.Template) { x.Subject = " " },
		"long subject":          func(x *post.Template) { x.Subject = strings.Repeat("ü", 256) },
		"subject of two lines":  func(x *post.Template) { x.Subject = "a\r\nBcc: b" },
		"no message":            func(x *post.Template) { x.Message = "" },
		"message without link":  func(x *post.Template) { x.Message = "{{otp}}" },
		"huge message":          func(x *post.Template) { x.Message = "{{redirect}}" + strings.Repeat("x", 300_000) },
		"sender of two lines":   func(x *post.Template) { x.SenderName = "a\nb" },
		"sender is no address":  func(x *post.Template) { x.SenderEmail = "Walter <w@example.com>" },
		"replies to no address": func(x *post.Template) { x.ReplyToEmail = "nowhere" },
	} {
		template := good
		change(&template)
		if err := post.CheckTemplate(template); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestAccents(t *testing.T) {
	t.Parallel()
	for accent, want := range map[string][2]string{"": {"#2f5fe0", "#ffffff"}, "#ffe14d": {"#ffe14d", "#14181f"}, "#101010": {"#101010", "#ffffff"}, "red;}": {"#2f5fe0", "#ffffff"}, "#12345g": {"#2f5fe0", "#ffffff"}} {
		w, err := post.Word(messageOf(model.MessageRecovery, "en", everything()), post.Look{Name: "Demo", Accent: accent}, nil)
		if err != nil || !strings.Contains(w.HTML, "background-color:"+want[0]) || !strings.Contains(w.HTML, "color:"+want[1]+";text-decoration") {
			t.Errorf("%q: %v", accent, err)
		}
	}
}

func FuzzWord(f *testing.F) {
	f.Add("Walter", "https://example.com/?a=b", "{{otp}}", "<p>{{redirect}}")
	f.Add("{{b}}\r\n", "javascript:x", "\x00", "{{")
	f.Fuzz(func(t *testing.T, name, target, subject, message string) {
		values := everything()
		maps.Copy(values, map[string]string{"user": name, "redirect": target, "team": name})
		for _, templates := range [][]post.Template{nil, {{Kind: model.MessageInvitation, Locale: "en", Subject: subject, Message: message}}} {
			w, err := post.Word(messageOf(model.MessageInvitation, "en", values), post.Look{Name: name}, templates)
			if err != nil {
				continue
			}
			if strings.ContainsAny(w.Subject, "\r\n\x00") {
				t.Errorf("%q", w.Subject)
			}
			if templates == nil {
				if err := balanced(w.HTML); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
