package store

import (
	"context"

	"latchkey/internal/limit"
)

var _ limit.Store = (*DB)(nil)

var (
	countUp = statement("CountUp", `insert into limits (hash, start, expire, count)
		values ($1, $2, $3, case when cast($4 as bigint) > 0 then cast($4 as bigint) else 0 end)
		on conflict (hash, start) do update set count = case when limits.count + $4 > 0 then limits.count + $4 else 0 end
		returning count`)
	countOf    = statement("CountOf", `select count from limits where hash = $1 and start = $2`)
	countClear = statement("CountClear", `delete from limits where hash = $1`)
)

// CountUp implements limit.Store.
func (db *DB) CountUp(ctx context.Context, counter limit.Counted, by int) (count int, err error) {
	question := countUp.with(counter.Hash, counter.Start, counter.Expire, by)
	// One statement is a transaction by itself where connections write; on SQLite only the writer's does.
	if db.engine.name() == Postgres {
		if by == 1 {
			return db.counting.up(ctx, db, counter)
		}
		n, err := number(ctx, db, question)
		return int(n), err
	}
	err = db.Write(ctx, func(tx *Tx) error {
		n, err := number(ctx, tx, question)
		count = int(n)
		return err
	})
	return count, err
}

// CountOf implements limit.Store.
func (db *DB) CountOf(ctx context.Context, counter limit.Counted) (int, error) {
	n, err := number(ctx, db, countOf.with(counter.Hash, counter.Start))
	return int(n), err
}

// CountClear implements limit.Store.
func (db *DB) CountClear(ctx context.Context, hash []byte) error {
	return db.Write(ctx, func(tx *Tx) error {
		tx.do(countClear, hash)
		return nil
	})
}
