package post

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textOf writes HTML as plain text: for operators' templates, which have no text of their own. Blocks become
// lines, entities become characters, and a link that the text does not show gets a line to itself.
func textOf(markup string) string {
	var p plainText
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end: a tokenizer accepts any text
			return p.finish()
		case html.TextToken:
			p.write(string(tokens.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			p.open(tokens.Token())
		case html.EndTagToken:
			p.close(tokens.Token().DataAtom)
		}
	}
}

// plainText collects lines.
type plainText struct {
	lines  []string
	line   strings.Builder
	hidden atom.Atom // inside an element that is not text
	href   string    // of the link that is open
	seen   string    // the text of the link so far
}

// write takes a text whose entities the tokenizer has resolved. To resolve them again would spoil what only looks
// like one: a link with &region= would lead elsewhere.
func (p *plainText) write(text string) {
	if p.hidden != 0 {
		return
	}
	if p.href != "" {
		p.seen += text
	}
	p.line.WriteString(text)
}

func (p *plainText) open(token html.Token) {
	if p.hidden != 0 {
		return
	}
	switch token.DataAtom {
	case atom.Style, atom.Script, atom.Title, atom.Head:
		if token.Type == html.StartTagToken {
			p.hidden = token.DataAtom
		}
	case atom.A:
		p.href, p.seen = "", ""
		for _, attribute := range token.Attr {
			if attribute.Key == "href" && !strings.HasPrefix(attribute.Val, "#") {
				p.href = attribute.Val
			}
		}
	case atom.Li:
		p.breakLine()
		p.line.WriteString("- ")
	default:
		p.edge(token.DataAtom)
	}
}

func (p *plainText) close(name atom.Atom) {
	if p.hidden != 0 {
		if name == p.hidden {
			p.hidden = 0
		}
		return
	}
	if name == atom.A && p.href != "" {
		if strings.TrimSpace(p.seen) != p.href {
			p.breakLine()
			p.line.WriteString(p.href)
			p.breakLine()
		}
		p.href = ""
		return
	}
	p.edge(name)
}

// edge ends a line where an element of its own block begins or ends, with a blank line around paragraphs.
func (p *plainText) edge(name atom.Atom) {
	switch name {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Pre, atom.Hr:
		p.breakLine()
		p.lines = append(p.lines, "")
	case atom.Br, atom.Div, atom.Tr, atom.Li, atom.Section, atom.Header, atom.Footer, atom.Article:
		p.breakLine()
	case atom.Td, atom.Th:
		p.line.WriteString(" ")
	}
}

func (p *plainText) breakLine() {
	if text := strings.Join(strings.Fields(p.line.String()), " "); text != "" {
		p.lines = append(p.lines, text)
	}
	p.line.Reset()
}

// finish joins the lines, at most one of them empty in a row.
func (p *plainText) finish() string {
	p.breakLine()
	var b strings.Builder
	gap := false
	for _, text := range p.lines {
		if text == "" {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteString("\n")
		}
		gap = false
		b.WriteString(text + "\n")
	}
	return b.String()
}
