// Package webhook owns what receivers of events are told: what an event says, how it is signed, the way to the
// receiver and what became of it. When a delivery is tried again is the outbox's matter. It may import admin,
// api/wire, auth, event, model, outbox, outgoing, secret and store.
package webhook

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/event"
	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// SealedFor is what deliveries are sealed for.
const SealedFor = "delivery"

// Life is how long a delivery is tried.
const Life = 24 * time.Hour

// Ping is the event of a trial, which nobody subscribes to.
const Ping = "ping"

// Herald puts events on their way.
type Herald struct {
	Box    *outbox.Box // sealed for SealedFor
	Random *secret.Random
	Clock  func() time.Time
}

// Tell puts an event on its way to every webhook of the request's project that listens to it, inside the transaction
// of what has happened. What is told is worded now: it says how things were then, however late it arrives.
func (h *Herald) Tell(tx *store.Tx, req *auth.Request, e event.Event) {
	forms, body := e.Forms(), ""
	for _, hook := range req.Project.Webhooks {
		if !fits(forms, hook.Events) {
			continue
		}
		if body == "" {
			body = payload(&e, req.Locale)
		}
		h.put(tx, &model.Message{Project: req.Project.ID, Kind: e.Name, Channel: hook.ID,
			Values: map[string]string{"events": strings.Join(forms, ","), "body": body, "user": e.By}}, e.IDs[0])
	}
}

func fits(forms, subscriptions []string) bool {
	for _, s := range subscriptions {
		for _, form := range forms {
			if s == form {
				return true
			}
		}
	}
	return false
}

// PutPing puts a trial on its way to a webhook and returns the delivery's id.
func (h *Herald) PutPing(tx *store.Tx, project, webhook string) string {
	body := encoded(map[string]any{"webhookId": webhook, "projectId": project, "time": tx.Now})
	return h.put(tx, &model.Message{Project: project, Kind: Ping, Channel: webhook, Values: map[string]string{"events": Ping, "body": body}}, "")
}

// put adds one delivery, which is about a user.
func (h *Herald) put(tx *store.Tx, m *model.Message, user string) string {
	m.ID, m.CreatedAt, m.Expire = h.Random.ID(h.Clock()), tx.Now, tx.Now.Add(Life)
	row := h.Box.Row(tx, m)
	row.RecipientHint = user
	tx.InsertDelivery(row)
	tx.After(h.Box.Ring)
	return m.ID
}

// Told lists what webhooks are and were told about a user, latest first, at most limit.
func (h *Herald) Told(ctx context.Context, db *store.DB, user *model.User, limit int) ([]auth.Telling, error) {
	rows, err := db.DeliveriesAbout(ctx, user.Project, user.ID, limit)
	if err != nil {
		return nil, err
	}
	list := []auth.Telling{}
	for i := range rows {
		m, err := h.Box.Open(&rows[i])
		if err != nil {
			return nil, err
		}
		list = append(list, auth.Telling{ID: m.ID, Event: event.General(m.Kind), CreatedAt: rows[i].CreatedAt, Arrived: rows[i].State == store.MessageSent, Payload: model.Object(m.Values["body"])})
	}
	return list, nil
}

// payload is what an event says: the wire's model of what it is about, in the newest format, without anything secret.
func payload(e *event.Event, locale string) string {
	switch p := e.Payload.(type) {
	case *model.User:
		if e.By != "" && strings.HasPrefix(e.Name, "users.[userId].update.") {
			return encoded(wire.AccountOf(p, nil)) // what they see of themselves
		}
		return encoded(wire.UserOf(p, false))
	case *model.Session:
		shown := wire.SessionOf(p, locale)
		shown.ProviderAccessToken, shown.ProviderRefreshToken, shown.Current = "", "", e.Current
		return encoded(shown)
	case *model.Token:
		return encoded(wire.TokenOf(p))
	case *model.Target:
		return encoded(wire.TargetOf(p))
	case *model.Identity:
		return encoded(wire.IdentityOf(p))
	case *model.Passkey:
		return encoded(wire.PasskeyOf(p))
	case *model.Challenge:
		return encoded(wire.MFAChallengeOf(p))
	}
	return "{}"
}

func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("webhook: " + err.Error()) // the wire's models always have a JSON form
	}
	return string(text)
}
