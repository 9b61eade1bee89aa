// Package outbox owns the way of a message from the transaction that makes it due to whoever can send it: sealing,
// the row, claims with a lease, the order of sending between projects, retry times and dead letters. It knows
// neither wording nor mail servers: a Courier does. It may import model, secret and store.
package outbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Box takes messages in. Those who put and the workers of the same process share one box, so that a message put
// here is on its way within milliseconds.
type Box struct {
	Keys    *secret.KeyRing // seals what messages say
	Purpose string          // what they are sealed for; empty: sealPurpose

	once sync.Once
	bell chan struct{}
}

// sealPurpose is what messages are sealed for.
const sealPurpose = "outbox"

// letter is the part of a message that is sealed. Its names are stored: they outlive this program.
type letter struct {
	To     string            `json:"to"`
	ToName string            `json:"toName,omitempty"`
	Locale string            `json:"locale,omitempty"`
	Values map[string]string `json:"values,omitempty"`
}

// Put writes a message inside the caller's transaction: it is sent if, and only if, the transaction is committed.
// The caller makes the id and says until when the message is worth sending; without CreatedAt it is of this moment.
func (b *Box) Put(tx *store.Tx, m *model.Message) {
	tx.InsertMessage(b.Row(tx, m))
	tx.After(b.Ring)
}

// Row is a message as it is stored, due at once.
func (b *Box) Row(tx *store.Tx, m *model.Message) *store.StoredMessage {
	plain, err := json.Marshal(letter{To: m.To, ToName: m.ToName, Locale: m.Locale, Values: m.Values})
	if err != nil {
		panic("outbox: " + err.Error()) // strings and a map of strings always have a JSON form
	}
	row := &store.StoredMessage{
		Project: m.Project, ID: m.ID, Kind: m.Kind, Channel: m.Channel, State: store.MessageQueued, CreatedAt: m.CreatedAt,
		DueAt: tx.Now, Expire: m.Expire, RecipientHint: hint(m.To),
		Sealed: b.Keys.Seal(b.purpose(), place(m.Project, m.ID), plain),
	}
	if row.CreatedAt == 0 {
		row.CreatedAt = tx.Now
	}
	return row
}

func (b *Box) purpose() string {
	if b.Purpose != "" {
		return b.Purpose
	}
	return sealPurpose
}

// Open is the way back from a row to the message.
func (b *Box) Open(row *store.StoredMessage) (*model.Message, error) {
	plain, err := b.Keys.Open(b.purpose(), place(row.Project, row.ID), row.Sealed)
	if err != nil {
		return nil, err
	}
	var l letter
	if err := json.Unmarshal(plain, &l); err != nil {
		return nil, fmt.Errorf("outbox: a sealed message has no form that this program knows")
	}
	return &model.Message{
		Project: row.Project, ID: row.ID, Kind: row.Kind, Channel: row.Channel, CreatedAt: row.CreatedAt, Expire: row.Expire,
		To: l.To, ToName: l.ToName, Locale: l.Locale, Values: l.Values,
	}, nil
}

// place binds a sealed message to its row. An id of a project holds no slash.
func place(project, id string) string { return project + "/" + id }

// calls is the channel that wakes the workers of this process.
func (b *Box) calls() chan struct{} {
	b.once.Do(func() { b.bell = make(chan struct{}, 1) })
	return b.bell
}

// Ring wakes them. Rung many times before anybody listens, it wakes once.
func (b *Box) Ring() {
	select {
	case b.calls() <- struct{}{}:
	default:
	}
}

// hint masks a recipient, so that an operator can tell people apart and cannot write to them: w…@example.com,
// +49…21.
func hint(to string) string {
	name, domain, mail := strings.Cut(to, "@")
	if !mail {
		if len(to) < 8 {
			return "…"
		}
		return to[:3] + "…" + to[len(to)-2:]
	}
	first, _ := utf8.DecodeRuneInString(name)
	if name == "" {
		return "…@" + domain
	}
	return string(first) + "…@" + domain
}
