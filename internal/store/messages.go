package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// StoredMessage is a message on its way as its row holds it. What the message says lies in Sealed, encrypted by
// the caller; the row itself tells an operator no more than a hint at whom it is for.
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

// ErrNotHeld says that a message is not, or no longer, held by this claim: its lease ran out and somebody else
// has it, or it has ended, or it was deleted with its project.
var ErrNotHeld = errors.New("store: the message is not held by this claim")

// messageColumns are read by scanMessage.
const messageColumns = `project_id, id, kind, channel, state, created_at, due_at, holder, attempts, expire, sealed, recipient_hint, last_error, ended_at`

// held finds the row of a claim: the same holder may have lost a message and claimed it once more, so the number
// of the claim counts too.
const held = `where project_id = $1 and id = $2 and state = 'queued' and holder = $3 and attempts = $4`

var (
	insertMessage = statement("InsertMessage", `insert into messages (`+messageColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`)
	// dueProjects jumps from project to project along the index, so that a queue of a million messages of one
	// project costs no more than one of a single message.
	dueProjects = statement("DueProjects", `with recursive waiting (id) as (
			select (select m.project_id from messages m where m.state = 'queued' and m.project_id > $1 order by m.project_id limit 1)
			union all
			select (select m.project_id from messages m where m.state = 'queued' and m.project_id > w.id order by m.project_id limit 1)
			from waiting w where w.id is not null)
		select w.id from waiting w where w.id is not null
			and exists (select 1 from messages m where m.state = 'queued' and m.project_id = w.id and m.due_at <= $2) limit $3`)
	// claimMessages finds and takes in one statement. Whoever comes at the same time passes over locked rows; one
	// that has been taken in between is no longer due.
	claimMessages = statement("ClaimMessages", `with picked as (
			select m.id from messages m where m.state = 'queued' and m.project_id = $1 and m.due_at <= $2
			order by m.due_at, m.id limit $3 /*postgres: for update skip locked*/)
		update messages set holder = $4, due_at = $5, attempts = attempts + 1
		where project_id = $1 and state = 'queued' and due_at <= $2 and id in (select p.id from picked p)
		returning `+messageColumns)

	markMessageSent = statement("MarkMessageSent", `update messages set state = 'sent', holder = '', sealed = $5, last_error = '', ended_at = $6 `+held)
	markMessageDead = statement("MarkMessageDead", `update messages set state = 'dead', holder = '', last_error = $5, ended_at = $6,
		sealed = case when expire > 0 and expire < $6 then $7 else sealed end `+held)
	postponeMessage = statement("PostponeMessage", `update messages set holder = '', due_at = $5, last_error = $6 `+held)
	giveMessageBack = statement("GiveMessageBack", `update messages set holder = '', due_at = $5, attempts = attempts - 1 `+held)
	renewMessage    = statement("RenewMessage", `update messages set due_at = $5 `+held+` returning project_id, id`)
	releaseMessages = statement("ReleaseMessages", `update messages set holder = '', due_at = $2 where state = 'queued' and holder <> '' and holder <> $1 returning 1`)
	retryMessage    = statement("RetryMessage", `update messages set state = 'queued', due_at = $3, attempts = 0, ended_at = 0
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

// InsertMessage adds a message, in the transaction of what it tells about. Conflict: UniqueMessageID.
func (tx *Tx) InsertMessage(m *StoredMessage) {
	tx.do(insertMessage, m.Project, m.ID, m.Kind, m.Channel, m.State, m.CreatedAt, m.DueAt, m.Holder, m.Attempts, m.Expire,
		blob(m.Sealed), m.RecipientHint, cut(m.LastError), m.EndedAt)
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

// DueProjects lists projects with a message that is due, in order of their ids, behind a project; at most limit.
func (db *DB) DueProjects(ctx context.Context, after string, now model.Time, limit int) ([]string, error) {
	return many(ctx, db, dueProjects.with(after, now, limit), func(r row, id *string) { *id = r.text() })
}

// Claim says which messages to take, and for how long.
type Claim struct {
	Project    string
	Holder     string // who takes them; not empty
	Now        model.Time
	LeaseUntil model.Time // if nothing is heard of the holder by then, somebody else may take them
	Most       int
}

// ClaimMessages takes a project's messages that are due, those that wait longest first. No message is taken by
// two claims: neither from here nor from another node.
func (db *DB) ClaimMessages(ctx context.Context, c *Claim) ([]StoredMessage, error) {
	var list []StoredMessage
	question := claimMessages.with(c.Project, c.Now, c.Most, c.Holder, c.LeaseUntil)
	err := db.change(ctx, func(from source) (err error) {
		list, err = many(ctx, from, question, scanMessage)
		return err
	})
	return list, err
}

// change runs a statement that changes something and answers. By itself it is a transaction where connections
// write; on SQLite only the writer's does.
func (db *DB) change(ctx context.Context, run func(source) error) error {
	if db.engine.name() == Postgres {
		return run(db)
	}
	return db.Write(ctx, func(tx *Tx) error { return run(tx) })
}

// MessageSent ends a claim: the message was sent. What it said is wiped. Error: ErrNotHeld.
func (db *DB) MessageSent(ctx context.Context, m *StoredMessage, now model.Time) error {
	return db.endClaim(ctx, markMessageSent, m, []byte{}, now)
}

// MessageLater ends a claim: the message is to be tried again when it is due. The reason must hold no secrets.
// Error: ErrNotHeld.
func (db *DB) MessageLater(ctx context.Context, m *StoredMessage, due model.Time, reason string) error {
	return db.endClaim(ctx, postponeMessage, m, due, cut(reason))
}

// MessageDead ends a claim: the message is given up. The reason must hold no secrets. What the message said is
// kept for RetryMessage unless it is past its life. Error: ErrNotHeld.
func (db *DB) MessageDead(ctx context.Context, m *StoredMessage, now model.Time, reason string) error {
	return db.endClaim(ctx, markMessageDead, m, cut(reason), now, []byte{})
}

func (db *DB) endClaim(ctx context.Context, s *Statement, m *StoredMessage, args ...any) error {
	c := s.with(append([]any{m.Project, m.ID, m.Holder, m.Attempts}, args...)...)
	c.must = ErrNotHeld
	return db.Write(ctx, func(tx *Tx) error {
		tx.enqueue(c)
		return nil
	})
}

// GiveMessagesBack ends claims without a try: somebody else may take the messages at once.
func (db *DB) GiveMessagesBack(ctx context.Context, list []StoredMessage, now model.Time) error {
	return db.Write(ctx, func(tx *Tx) error {
		for _, m := range list {
			tx.do(giveMessageBack, m.Project, m.ID, m.Holder, m.Attempts, now)
		}
		return nil
	})
}

// RenewLeases moves the end of leases and returns the messages that are still held.
func (db *DB) RenewLeases(ctx context.Context, list []StoredMessage, until model.Time) (still []StoredMessage, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		still = nil
		for _, m := range list {
			n, err := rowsOf(ctx, tx, renewMessage.with(m.Project, m.ID, m.Holder, m.Attempts, until))
			if err != nil {
				return err
			}
			if n > 0 {
				still = append(still, m)
			}
		}
		return nil
	})
	return still, err
}

// ReleaseMessages gives up all leases but those of a holder and returns how many there were. It is for a database
// that one program has to itself: whoever held them is dead.
func (db *DB) ReleaseMessages(ctx context.Context, except string, now model.Time) (n int, err error) {
	err = db.change(ctx, func(from source) error {
		n, err = rowsOf(ctx, from, releaseMessages.with(except, now))
		return err
	})
	return n, err
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
