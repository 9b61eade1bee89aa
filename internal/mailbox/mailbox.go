// Package mailbox owns what becomes of messages on a development server: they are worded as they would be, kept
// in memory and shown, and nobody is sent anything. It is a courier for the outbox. It may import model and post.
package mailbox

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"latchkey/internal/model"
	"latchkey/internal/post"
)

// Stationery returns what a project gives to its messages: its look, and the operators' own templates.
type Stationery func(ctx context.Context, project string) (post.Look, []post.Template, error)

// Mailbox catches messages. The zero value but for Stationery is empty and ready.
type Mailbox struct {
	Stationery Stationery

	mu     sync.Mutex
	number int       // of the last message caught
	list   []*Caught // oldest first
}

// most is how many messages are kept; the oldest make room.
const most = 1000

// Caught is a message as its recipient would have got it. Its JSON form is what tests of apps read.
type Caught struct {
	Kind      string     `json:"kind"`
	Project   string     `json:"project"`
	To        string     `json:"to"`
	Subject   string     `json:"subject"` // empty for a text message
	Text      string     `json:"text"`
	HTML      string     `json:"html"` // empty for a text message
	CreatedAt model.Time `json:"createdAt"`

	id          string
	number      int
	sms         bool
	rightToLeft bool
	toName      string
	projectName string
	code, link  string
}

// Deliver implements outbox.Courier. A message that comes twice is kept once, as a mail client would.
func (b *Mailbox) Deliver(ctx context.Context, m *model.Message) error {
	look, templates, err := b.Stationery(ctx, m.Project)
	if err != nil {
		return err
	}
	c := &Caught{
		Kind: m.Kind, Project: m.Project, To: m.To, CreatedAt: m.CreatedAt, id: m.ID, sms: m.Channel == model.ChannelSMS,
		toName: m.ToName, projectName: cmp.Or(look.Name, m.Project), code: m.Values["otp"], link: m.Values["redirect"],
	}
	if c.sms {
		c.Text, err = post.WordSMS(m, look)
	} else {
		var w *post.Wording
		if w, err = post.Word(m, look, templates); err == nil {
			c.Subject, c.Text, c.HTML, c.rightToLeft = w.Subject, w.Text, w.HTML, w.RightToLeft
		}
	}
	if err != nil {
		return err
	}
	b.keep(c)
	return nil
}

func (b *Mailbox) keep(c *Caught) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.list, func(old *Caught) bool { return old.id == c.id && old.Project == c.Project }) {
		return
	}
	b.number++
	c.number = b.number
	b.list = append(b.list, c)
	if len(b.list) > most {
		b.list = slices.Delete(b.list, 0, len(b.list)-most)
	}
}

// Messages returns what was caught, newest first.
func (b *Mailbox) Messages() []*Caught {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.list)
	slices.Reverse(list)
	// Workers deliver side by side: what was put first may arrive last.
	slices.SortStableFunc(list, func(a, c *Caught) int { return cmp.Compare(c.CreatedAt, a.CreatedAt) })
	return list
}

// message finds one by its number; nil if it is gone.
func (b *Mailbox) message(number int) *Caught {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.list {
		if c.number == number {
			return c
		}
	}
	return nil
}

// Empty forgets everything.
func (b *Mailbox) Empty() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = nil
}
