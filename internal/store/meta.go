package store

import (
	"context"
	"time"

	"latchkey/internal/model"
)

var (
	metaValue    = statement("Meta", `select value from server_meta where name = $1`)
	setMeta      = statement("SetMeta", `insert into server_meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`)
	setMetaOnce  = statement("SetMetaOnce", `insert into server_meta (name, value) values ($1, $2) on conflict (name) do nothing`)
	acquireLease = statement("AcquireLease", `insert into leases (name, holder, expire) values ($1, $2, $3)
		on conflict (name) do update set holder = excluded.holder, expire = excluded.expire
		where leases.holder = excluded.holder or leases.expire < $4
		returning holder`)
	releaseLease = statement("ReleaseLease", `delete from leases where name = $1 and holder = $2`)
)

// MetaKeyCheck is the name of the value by which a node sees whether its master key is the database's.
const MetaKeyCheck = "master-key-check"

// MetaFirstOperator is the name of the number behind the link by which the console gets its first person.
const MetaFirstOperator = "first-operator"

// Meta returns a value that belongs to the database as a whole; empty if there is none.
func (db *DB) Meta(ctx context.Context, name string) (string, error) { return readMeta(ctx, db, name) }

// MetaOnce returns the value of a name, setting it first if it has none. Of several nodes that start at the
// same time all get the same value.
func (db *DB) MetaOnce(ctx context.Context, name, value string) (kept string, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		tx.do(setMetaOnce, name, value)
		kept, err = readMeta(ctx, tx, name)
		return err
	})
	return kept, err
}

// SetMeta writes a value that belongs to the database as a whole.
func (tx *Tx) SetMeta(name, value string) { tx.do(setMeta, name, value) }

func readMeta(ctx context.Context, from source, name string) (value string, err error) {
	err = from.ask(ctx, metaValue.with(name), func(r row) error {
		value = r.text()
		return nil
	})
	return value, err
}

// AcquireLease takes or renews a lease for a time and says whether holder has it now. Work that only one node
// should do at a time runs under one; a node that dies loses it when the time is over.
func (db *DB) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (held bool, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		n, err := rowsOf(ctx, tx, acquireLease.with(name, holder, tx.Now.Add(ttl), tx.Now))
		held = n > 0
		return err
	})
	return held, err
}

// ReleaseLease gives a lease back early; one that is not held is no error.
func (db *DB) ReleaseLease(ctx context.Context, name, holder string) error {
	return db.Write(ctx, func(tx *Tx) error {
		tx.do(releaseLease, name, holder)
		return nil
	})
}

const day = model.Time(24 * 60 * 60 * 1000)

var (
	sweepSessions = statement("SweepSessions", `delete from sessions where (project_id, user_id, secret_hash) in (
		select s.project_id, s.user_id, s.secret_hash from sessions s where s.expire < $1 order by s.expire limit $2) returning 1`)
	sweepTokens = statement("SweepTokens", `delete from tokens where (project_id, user_id, id) in (
		select t.project_id, t.user_id, t.id from tokens t where t.expire < $1 order by t.expire limit $2) returning 1`)
	sweepLimits = statement("SweepLimits", `delete from limits where (hash, start) in (
		select l.hash, l.start from limits l where l.expire < $1 order by l.expire limit $2) returning 1`)
)

// SweepExpired deletes what has expired by now, at most limit rows of each kind, each kind in a transaction of
// its own: sessions with their push targets, tokens, challenges, sign-ins under way, counters, and messages
// that were sent or given up a while ago.
// It returns how many rows went; 0 means that it is clean.
func (db *DB) SweepExpired(ctx context.Context, now model.Time, limit int) (n int, err error) {
	sweeps := []call{
		sweepSessions.with(now, limit), sweepTokens.with(now, limit), sweepChallenges.with(now, limit), sweepCeremonies.with(now, limit), sweepLimits.with(now, limit),
		sweepTextRoutes.with(now-TextRouteKept, limit),
		sweepSentMessages.with(now-SentMessageDays*day, limit), sweepDeadMessages.with(now-DeadMessageDays*day, limit),
		sweepDeliveries.with(now-DeliveryDays*day, limit), sweepManyDeliveries.with(deliveriesKept, limit),
		sweepOAuth2Logins.with(now, limit), sweepIDTokens.with(now, limit),
	}
	for _, sweep := range sweeps {
		swept := 0
		err := db.Write(ctx, func(tx *Tx) (err error) {
			swept, err = rowsOf(ctx, tx, sweep)
			return err
		})
		if err != nil {
			return n, err
		}
		n += swept
	}
	return n, nil
}
