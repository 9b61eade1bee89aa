package app

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/courier"
	"latchkey/internal/egress"
	"latchkey/internal/outbox"
	"latchkey/internal/outgoing"
	"latchkey/internal/post"
	"latchkey/internal/post/relay"
	"latchkey/internal/post/sms"
	"latchkey/internal/store"
)

// carrier builds what carries messages. To the server's own mail server it connects wherever that is: whoever set
// it runs this machine. To the mail server of a project only where projects may send us.
func (a *App) carrier(projects *admin.Projects, calls *outgoing.Client, host string) (*courier.Courier, error) {
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" {
		host = "" // no name to introduce ourselves with; the machine's own then
	}
	c := &courier.Courier{
		Projects: projects, Log: a.Log, RootCAs: a.MailRoots, Mailer: &post.Mailer{Hello: host},
		Guest: &post.Mailer{Hello: host, Dial: egress.Dialer(a.Config.AllowPrivate)}, Relay: &relay.Mailer{Calls: calls, Clock: time.Now},
	}
	if a.Config.SMTP != nil {
		settings, err := post.ParseSMTP(a.Config.SMTP)
		if err != nil {
			return nil, fmt.Errorf("--smtp: %w", err)
		}
		c.SMTP = &settings
	}
	texts := &courier.Texts{Projects: projects, Log: a.Log, Sender: &sms.Sender{Calls: calls, Clock: time.Now}}
	if a.Config.SMS != nil {
		settings, err := sms.ParseURL(a.Config.SMS)
		if err != nil {
			return nil, fmt.Errorf("--sms: %w", err)
		}
		texts.Server = settings
	}
	c.Texter = texts
	return c, nil
}

// messages is the worker that sends. When it is told to stop, it gives back what it has not begun and ends what it
// has, which takes as long as a mail server may take at most.
func (a *App) messages(assembly *Assembly, sender outbox.Courier, metrics *Metrics) *outbox.Workers {
	metrics.Watch("messages_waiting", "Messages that wait to be sent, up to 100,000; -1 if the database does not say.", func() int {
		return a.count(func(c store.MessageCounts) int { return c.Queued })
	})
	metrics.Watch("messages_dead", "Messages given up that are still kept, up to 100,000; -1 if the database does not say.", func() int {
		return a.count(func(c store.MessageCounts) int { return c.Dead })
	})
	return &outbox.Workers{
		DB: a.DB, Box: assembly.Box, Courier: sender, Clock: time.Now, Log: a.Log, Holder: a.Random.Hex(8), Random: a.Random, Observer: metrics,
	}
}

// countTime is how long a scrape waits for the database.
const countTime = 2 * time.Second

// count asks for one of the numbers of messages.
func (a *App) count(which func(store.MessageCounts) int) int {
	ctx, cancel := context.WithTimeout(context.Background(), countTime)
	defer cancel()
	counts, err := a.DB.CountMessages(ctx)
	if err != nil {
		return -1
	}
	return which(counts)
}
