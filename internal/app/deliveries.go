package app

import (
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/outgoing"
	"latchkey/internal/webhook"
)

// deliveryTries is how many receivers are told something at the same time. Each may keep us waiting, and one of them
// takes no more than three quarters, so that the others never wait for it.
const deliveryTries = 16

// deliveries is the worker that tells webhooks, beside the one that sends messages: a receiver that is slow holds up no
// mail. hangUp is for afterwards.
func (a *App) deliveries(assembly *Assembly, metrics *Metrics) (workers *outbox.Workers, hangUp func()) {
	calls := func(anyCert bool) *outgoing.Client {
		return outgoing.New(outgoing.Options{AllowPrivate: a.Config.AllowPrivate, Timeout: webhook.TryTime, AnyCert: anyCert})
	}
	courier := &webhook.Courier{DB: a.DB, Projects: assembly.Projects, Verified: calls(false), AnyCert: calls(true), Clock: time.Now, Log: a.Log, Paused: assembly.Admin.TellOfPause}
	return &outbox.Workers{
			DB: a.DB, Queue: a.DB.Deliveries(), Box: assembly.Events.Box, Courier: courier, Clock: time.Now, Log: a.Log, Holder: a.Random.Hex(8), Random: a.Random,
			Observer: hooked{metrics}, Parallel: deliveryTries, Timeout: 2 * webhook.TryTime,
		}, func() {
			courier.Verified.Close()
			courier.AnyCert.Close()
		}
}

// hooked counts deliveries as one kind of message: the events are too many to be counted one by one, and the ids of
// webhooks say nothing to whoever looks at figures.
type hooked struct{ outbox.Observer }

const webhookKind, webhookChannel = "event", "webhook"

// Sent implements outbox.Observer.
func (h hooked) Sent(_, _ string, waited time.Duration) {
	h.Observer.Sent(webhookKind, webhookChannel, waited)
}

// Failed implements outbox.Observer.
func (h hooked) Failed(_, _ string) { h.Observer.Failed(webhookKind, webhookChannel) }

// Dead implements outbox.Observer.
func (h hooked) Dead(_, _ string) { h.Observer.Dead(webhookKind, webhookChannel) }
