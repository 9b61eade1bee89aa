package store

import (
	"context"
	"log/slog"
	"time"
)

// grownTables lists tables whose files have doubled since the planner's figures were taken, once they are so large that
// an index is worth its while. The size is asked of the files themselves: the server's own count of changes comes late.
// Those of another owner are left out: the server would refuse with a warning in its log, every time.
var grownTables = &Statement{name: "GrownTables", text: `select quote_ident(c.relname) from pg_class c
	where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and pg_has_role(c.relowner, 'usage')
	and pg_relation_size(c.oid) / current_setting('block_size')::bigint >= greatest(2 * c.relpages, 8) order by 1`}

// Analyze makes PostgreSQL count what has grown, and names those tables. Of a table it knows nothing of it takes every
// index that begins with the project to be as good as the key, and keeps such plans, for foreign keys too: until its
// own housekeeping comes by, within a minute, each sign-up reads as many entries as there are people. SQLite plans
// without figures: there is nothing to do.
func (db *DB) Analyze(ctx context.Context) (tables []string, err error) {
	e, is := db.engine.(*postgresEngine)
	if !is {
		return nil, nil
	}
	err = e.ask(ctx, grownTables.with(), func(r row) error {
		tables = append(tables, r.text())
		return nil
	})
	for _, table := range tables {
		if err == nil {
			err = e.ask(ctx, (&Statement{name: "Analyze", text: "analyze (skip_locked) " + table, once: true}).with(), nil)
		}
	}
	return tables, err
}

// analyzeEvery is how long plans for small tables outlive them.
const analyzeEvery = 5 * time.Second

// KeepAnalyzed runs Analyze now and then until the context ends. A server that only speaks PostgreSQL's language may
// not know the question; it plans in its own way.
func (db *DB) KeepAnalyzed(ctx context.Context) {
	tick := time.NewTicker(analyzeEvery)
	defer tick.Stop()
	for {
		if _, err := db.Analyze(ctx); err != nil && ctx.Err() == nil {
			db.log.LogAttrs(ctx, slog.LevelDebug, "the planner's figures were not taken", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
