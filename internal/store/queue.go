package store

import (
	"context"
	"errors"

	"latchkey/internal/model"
)

// Queue is a table of what is on its way: rows that are due, claimed under a lease, and end as sent or dead. Claims
// are made by turn: of one project, or of one webhook.
type Queue struct {
	db *DB
	*queueText
}

// queueText are the statements of a queue.
type queueText struct {
	due, claim, sent, dead, later, giveBack, renew, release *Statement
}

// ErrNotHeld says that a message is not, or no longer, held by this claim: its lease ran out and somebody else
// has it, or it has ended, or it was deleted with its project.
var ErrNotHeld = errors.New("store: the message is not held by this claim")

// endings are the conditions on which the sealed part of a row goes when it was sent, and when it is given up before its
// life is over.
type endings struct{ sent, dead string }

// queueOf declares the statements of a queue in a table. turn is the column that claims are made by; columns are read
// by scanMessage.
func queueOf(name, table, turn, columns string, wiped endings) *queueText {
	// The same holder may have lost a message and claimed it once more, so the number of the claim counts too.
	const held = `where project_id = $1 and id = $2 and state = 'queued' and holder = $3 and attempts = $4`
	update := `update ` + table + ` set `
	return &queueText{
		// due jumps from turn to turn along the index, so that a queue of a million messages of one project costs no
		// more than one of a single message.
		due: statement("Due"+name, `with recursive waiting (id) as (
			select (select m.`+turn+` from `+table+` m where m.state = 'queued' and m.`+turn+` > $1 order by m.`+turn+` limit 1)
			union all
			select (select m.`+turn+` from `+table+` m where m.state = 'queued' and m.`+turn+` > w.id order by m.`+turn+` limit 1)
			from waiting w where w.id is not null)
		select w.id from waiting w where w.id is not null
			and exists (select 1 from `+table+` m where m.state = 'queued' and m.`+turn+` = w.id and m.due_at <= $2) limit $3`),
		// claim finds and takes in one statement. Whoever comes at the same time passes over locked rows; one that has
		// been taken in between is no longer due.
		claim: statement("Claim"+name, `with picked as (
			select m.id from `+table+` m where m.state = 'queued' and m.`+turn+` = $1 and m.due_at <= $2
			order by m.due_at, m.id limit $3 /*postgres: for update skip locked*/)
		`+update+`holder = $4, due_at = $5, attempts = attempts + 1
		where `+turn+` = $1 and state = 'queued' and due_at <= $2 and id in (select p.id from picked p)
		returning `+columns),
		sent: statement("Sent"+name, update+`state = 'sent', holder = '', sealed = case when `+wiped.sent+` then $5 else sealed end, last_error = '', ended_at = $6 `+held),
		dead: statement("Dead"+name, update+`state = 'dead', holder = '', last_error = $5, ended_at = $6,
		sealed = case when `+wiped.dead+` or expire > 0 and expire < $6 then $7 else sealed end `+held),
		later:    statement("Later"+name, update+`holder = '', due_at = $5, last_error = $6 `+held),
		giveBack: statement("GiveBack"+name, update+`holder = '', due_at = $5, attempts = attempts - 1 `+held),
		renew:    statement("Renew"+name, update+`due_at = $5 `+held+` returning project_id, id`),
		release:  statement("Release"+name, update+`holder = '', due_at = $2 where state = 'queued' and holder <> '' and holder <> $1 returning 1`),
	}
}

// Turn names the turn that a row belongs to.
func (q *Queue) Turn(m *StoredMessage) string {
	if q.queueText == deliveryQueue {
		return deliveryTurn(m.Project, m.Channel)
	}
	return m.Project
}

// Due lists turns with something that is due, in order, behind one of them; at most limit.
func (q *Queue) Due(ctx context.Context, after string, now model.Time, limit int) ([]string, error) {
	return many(ctx, q.db, q.due.with(after, now, limit), func(r row, id *string) { *id = r.text() })
}

// Claim says what to take, and for how long.
type Claim struct {
	Turn       string
	Holder     string // who takes it; not empty
	Now        model.Time
	LeaseUntil model.Time // if nothing is heard of the holder by then, somebody else may take it
	Most       int
}

// Claim takes what is due of a turn, what waits longest first. Nothing is taken by two claims: neither from here nor
// from another node.
func (q *Queue) Claim(ctx context.Context, c *Claim) ([]StoredMessage, error) {
	var list []StoredMessage
	question := q.claim.with(c.Turn, c.Now, c.Most, c.Holder, c.LeaseUntil)
	err := q.db.change(ctx, func(from source) (err error) {
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

// Sent ends a claim: the message was sent. What it said is wiped, but for what may be asked for once more. Error:
// ErrNotHeld.
func (q *Queue) Sent(ctx context.Context, m *StoredMessage, now model.Time) error {
	return q.endClaim(ctx, q.sent, m, []byte{}, now)
}

// Later ends a claim: the message is to be tried again when it is due. The reason must hold no secrets.
// Error: ErrNotHeld.
func (q *Queue) Later(ctx context.Context, m *StoredMessage, due model.Time, reason string) error {
	return q.endClaim(ctx, q.later, m, due, cut(reason))
}

// Dead ends a claim: the message is given up. The reason must hold no secrets. What the message said is kept for
// another try unless it is past its life. Error: ErrNotHeld.
func (q *Queue) Dead(ctx context.Context, m *StoredMessage, now model.Time, reason string) error {
	return q.endClaim(ctx, q.dead, m, cut(reason), now, []byte{})
}

func (q *Queue) endClaim(ctx context.Context, s *Statement, m *StoredMessage, args ...any) error {
	c := s.with(append([]any{m.Project, m.ID, m.Holder, m.Attempts}, args...)...)
	c.must = ErrNotHeld
	return q.db.Write(ctx, func(tx *Tx) error {
		tx.enqueue(c)
		return nil
	})
}

// GiveBack ends claims without a try: somebody else may take the messages at once.
func (q *Queue) GiveBack(ctx context.Context, list []StoredMessage, now model.Time) error {
	return q.db.Write(ctx, func(tx *Tx) error {
		for _, m := range list {
			tx.do(q.giveBack, m.Project, m.ID, m.Holder, m.Attempts, now)
		}
		return nil
	})
}

// Renew moves the end of leases and returns what is still held.
func (q *Queue) Renew(ctx context.Context, list []StoredMessage, until model.Time) (still []StoredMessage, err error) {
	err = q.db.Write(ctx, func(tx *Tx) error {
		still = nil
		for _, m := range list {
			n, err := rowsOf(ctx, tx, q.renew.with(m.Project, m.ID, m.Holder, m.Attempts, until))
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

// Release gives up all leases but those of a holder and returns how many there were. It is for a database that one
// program has to itself: whoever held them is dead.
func (q *Queue) Release(ctx context.Context, except string, now model.Time) (n int, err error) {
	err = q.db.change(ctx, func(from source) error {
		n, err = rowsOf(ctx, from, q.release.with(except, now))
		return err
	})
	return n, err
}
