package mailbox

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The addresses: the messages for programs, and the page for people.
const (
	MessagesPath = "/v1/dev/messages"
	PagePath     = "/dev/mailbox"
)

//go:embed page.gohtml style.css live.js
var files embed.FS

var pageTemplate = template.Must(template.ParseFS(files, "page.gohtml"))

// What the answers may do in a browser. The page runs one script of its own. A message runs none whoever wrote
// it, sends no form, and stays in its frame; its links open in a window of their own.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; img-src data:; " +
		"base-uri 'none'; frame-ancestors 'none'"
	messagePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; " +
		"form-action 'none'; frame-ancestors 'self'"
)

// Handler serves the mailbox. Who may see it is the caller's to decide.
func (b *Mailbox) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+MessagesPath, b.serveMessages)
	mux.HandleFunc("DELETE "+MessagesPath, func(w http.ResponseWriter, _ *http.Request) {
		b.Empty()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+PagePath, b.servePage)
	mux.HandleFunc("GET "+PagePath+"/{number}", b.servePage)
	mux.HandleFunc("GET "+PagePath+"/{number}/html", b.serveHTML)
	mux.HandleFunc("POST "+PagePath+"/empty", func(w http.ResponseWriter, r *http.Request) {
		b.Empty()
		http.Redirect(w, r, PagePath, http.StatusSeeOther)
	})
	for name, kind := range map[string]string{"style.css": "text/css", "live.js": "text/javascript"} {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		mux.HandleFunc("GET "+PagePath+"/"+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind+"; charset=utf-8")
			_, _ = w.Write(text)
		})
	}
	return mux
}

// serveMessages answers programs: newest first, by project, kind and recipient where they are asked for.
func (b *Mailbox) serveMessages(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	list := slices.DeleteFunc(b.Messages(), func(c *Caught) bool {
		other := func(name, value string) bool { return query.Has(name) && !strings.EqualFold(query.Get(name), value) }
		return other("project", c.Project) || other("kind", c.Kind) || other("to", c.To)
	})
	if list == nil {
		list = []*Caught{}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(list)
}

// page is what the template shows.
type page struct {
	Path  string
	List  []entry
	Open  *entry // the message that is read
	Gone  bool   // it was asked for and is not there any more
	Text  bool   // it is shown as plain text
	Phone bool   // it is shown as wide as a phone
	Mark  int    // the newest message, so that the script sees newer ones
}

// entry is a message on the page.
type entry struct {
	Number                              int
	Kind, Project, ProjectName          string
	To, ToName, Subject, Text           string
	Code, Link, Date, Time, Direction   string
	SMS, RightToLeft, HasHTML, Selected bool
}

func entryOf(c *Caught) entry {
	at := c.CreatedAt.Std()
	e := entry{
		Number: c.number, Kind: c.Kind, Project: c.Project, ProjectName: c.projectName, To: c.To, ToName: c.toName, Subject: c.Subject, Text: c.Text,
		Code: c.code, Link: c.link, Date: at.Format("2006-01-02"), Time: at.Format("15:04:05"), SMS: c.sms, RightToLeft: c.rightToLeft, HasHTML: c.HTML != "", Direction: "ltr",
	}
	if c.rightToLeft {
		e.Direction = "rtl"
	}
	if c.sms {
		e.Subject, _, _ = strings.Cut(c.Text, "\n")
	}
	return e
}

func (b *Mailbox) servePage(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	p := page{Path: PagePath, Text: query.Get("view") == "text", Phone: query.Get("width") == "phone"}
	number, err := strconv.Atoi(r.PathValue("number"))
	asked := r.PathValue("number") != ""
	for _, c := range b.Messages() {
		e := entryOf(c)
		e.Selected = asked && err == nil && c.number == number
		p.Mark = max(p.Mark, c.number)
		p.List = append(p.List, e)
		if e.Selected {
			p.Open = &e
		}
	}
	header := w.Header()
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Content-Type", "text/html; charset=utf-8")
	if p.Gone = asked && p.Open == nil; p.Gone {
		w.WriteHeader(http.StatusNotFound)
	}
	_ = pageTemplate.Execute(w, p)
}

// serveHTML is the inside of the frame: the message and nothing of ours.
func (b *Mailbox) serveHTML(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("number"))
	c := b.message(number)
	if c == nil || c.HTML == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", messagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// Mail clients open every link in a window of its own; in the frame nothing else would come of it.
	_, _ = w.Write([]byte(strings.Replace(c.HTML, "<head>", `<head><base target="_blank">`, 1)))
}
