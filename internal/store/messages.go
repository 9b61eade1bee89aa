package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// StoredMessage is a message on its way as its row holds it. What the message says lies in Sealed, encrypted by
// the caller; the row itself tells an operator no more than a hint at whom it is for. Of a delivery to a webhook, Kind
// is the event, Channel the webhook and RecipientHint the person that the event is about.
type StoredMessage struct {
	Project   string
	ID        string
	Kind      string
	Channel   string
	State     string // MessageQueued, MessageSent or MessageDead
	CreatedAt model.Time
	DueAt     model.Time // nobody takes it before; while it is held, the end of the lease
	Holder    string     // who is at it; empty for nobody
	Attempts  int        // how often it was claimed
	Expire    model.Time // not worth sending afterwards; 0: always
	Sealed    []byte     // empty once the message was sent, or was given up when it was past its life

	RecipientHint string     // the recipient, masked
	LastError     string     // why the last try failed, without secrets
	EndedAt       model.Time // when it was sent or given up
}

// The states of a message.
const (
	MessageQueued = "queued"
	MessageSent   = "sent"
	MessageDead   = "dead"
)

// Days for which messages are kept once they have ended, for operators.
const (
	SentMessageDays = 1
	DeadMessageDays = 14
)

// messageColumns are read by scanMessage.
const messageColumns = `project_id, id, kind, channel, state, created_at, due_at, holder, attempts, expire, sealed, recipient_hint, last_error, ended_at`

var (
	insertMessage = statement("InsertMessage", `insert into messages (`+messageColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
	retryMessage = statement("RetryMessage", `update messages set state = 'queued', due_at = $3, attempts = 0, ended_at = 0
		where project_id = $1 and id = $2 and state = 'dead' and (expire = 0 or expire >= $3)`)

	messageByID    = statement("Message", `select `+messageColumns+` from messages where project_id = $1 and id = $2`)
	messagesQueued = statement("MessagesQueued", `select `+messageColumns+` from messages
		where state = 'queued' and project_id = $1 and due_at > 0 order by due_at, id limit $2`)
	messagesSent = statement("MessagesSent", `select `+messageColumns+` from messages
		where state = 'sent' and project_id = $1 order by id desc limit $2`)
	messagesDead = statement("MessagesDead", `select `+messageColumns+` from messages
		where state = 'dead' and project_id = $1 and ended_at > 0 order by ended_at desc, id desc limit $2`)
	countMessages = statement("CountMessages", `select
		(select count(*) from (select 1 from messages where state = 'queued' limit $1) a),
		(select count(*) from (select 1 from messages where state = 'sent' limit $1) b),
		(select count(*) from (select 1 from messages where state = 'dead' limit $1) c)`)

	sweepSentMessages = statement("SweepSentMessages", `delete from messages where (project_id, id) in (
		select m.project_id, m.id from messages m where m.state = 'sent' and m.ended_at < $1 order by m.ended_at limit $2) returning 1`)
	sweepDeadMessages = statement("SweepDeadMessages", `delete from messages where (project_id, id) in (
		select m.project_id, m.id from messages m where m.state = 'dead' and m.ended_at < $1 order by m.ended_at limit $2) returning 1`)
	dropMessage             = statement("DropMessage", `delete from messages where project_id = $1 and id = $2`)
	deleteMessagesOfProject = statement("DeleteMessagesOfProject", `delete from messages where project_id = $1`)
)

func scanMessage(r row, m *StoredMessage) {
	m.Project, m.ID, m.Kind, m.Channel, m.State = r.text(), r.text(), r.text(), r.text(), r.text()
	m.CreatedAt, m.DueAt, m.Holder, m.Attempts, m.Expire = moment(r), moment(r), r.text(), int(r.number()), moment(r)
	m.Sealed, m.RecipientHint, m.LastError, m.EndedAt = r.bytes(), r.text(), r.text(), moment(r)
}

// outboxQueue is the queue of the table messages.
var outboxQueue = queueOf("Message", "messages", "project_id", messageColumns, endings{sent: "1 = 1", dead: "1 = 0"})

// Outbox is the queue of mails and text messages, in turns by project.
func (db *DB) Outbox() *Queue { return &Queue{db, outboxQueue} }

// InsertMessage adds a message, in the transaction of what it tells about. Conflict: UniqueMessageID.
func (tx *Tx) InsertMessage(m *StoredMessage) { tx.do(insertMessage, m.columns()...) }

// columns are the values of messageColumns.
func (m *StoredMessage) columns() []any {
	return []any{m.Project, m.ID, m.Kind, m.Channel, m.State, m.CreatedAt, m.DueAt, m.Holder, m.Attempts, m.Expire,
		blob(m.Sealed), m.RecipientHint, cut(m.LastError), m.EndedAt}
}

// DropMessage takes back a message that this transaction has put. What is put for nobody, so that nobody takes
// as long as somebody, must not be sent.
func (tx *Tx) DropMessage(project, id string) { tx.do(dropMessage, project, id) }

// blob makes sure that no bytes are stored as none, not as NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// errorBytes is how much of an error is kept.
const errorBytes = 500

// cut shortens an error to what is kept, between characters.
func cut(text string) string {
	if len(text) <= errorBytes {
		return text
	}
	end := errorBytes
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimSpace(text[:end])
}

// Message finds a message. Fault: message_not_found.
func (db *DB) Message(ctx context.Context, project, id string) (*StoredMessage, error) {
	return one(ctx, db, messageByID.with(project, id), scanMessage, fault.MessageNotFound)
}

// Messages lists a project's messages in a state, at most limit: queued ones in the order in which they are due,
// those that have ended latest first.
func (db *DB) Messages(ctx context.Context, project, state string, limit int) ([]StoredMessage, error) {
	questions := map[string]*Statement{MessageQueued: messagesQueued, MessageSent: messagesSent, MessageDead: messagesDead}
	if questions[state] == nil {
		return nil, fmt.Errorf("store: messages have no state %q", state)
	}
	return many(ctx, db, questions[state].with(project, limit), scanMessage)
}

// RetryMessage puts a message that was given up back into the queue. Fault: message_not_found when there is none
// that was given up, or it is past its life.
func (db *DB) RetryMessage(ctx context.Context, project, id string, now model.Time) error {
	return db.Write(ctx, func(tx *Tx) error {
		tx.must(fault.MessageNotFound, retryMessage, project, id, now)
		return nil
	})
}

// MessageCounts says how many messages are in which state, over all projects.
type MessageCounts struct{ Queued, Sent, Dead int }

// countedMessages is where CountMessages stops: beyond it a number says "too many" anyway.
const countedMessages = 100_000

// CountMessages counts messages by state, each up to 100,000.
func (db *DB) CountMessages(ctx context.Context) (counts MessageCounts, err error) {
	err = db.ask(ctx, countMessages.with(countedMessages), func(r row) error {
		counts = MessageCounts{Queued: int(r.number()), Sent: int(r.number()), Dead: int(r.number())}
		return nil
	})
	return counts, err
}
