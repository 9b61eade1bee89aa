package store

import "context"

// truncateLog writes what SQLite's log holds into the file and leaves the log empty.
var truncateLog = &Statement{name: "TruncateLog", text: "pragma wal_checkpoint(truncate)"}

// Scrub takes what was deleted out of the files too. SQLite overwrites it in the main file (secure_delete), but its
// log keeps older pages until it is written over: it is emptied here. PostgreSQL does the same by VACUUM and by
// ageing its own log, which is not ours to hurry.
func (db *DB) Scrub(ctx context.Context) error {
	e, is := db.engine.(*sqliteEngine)
	if !is || ctx.Err() != nil {
		return ctx.Err()
	}
	c, err := openSQLiteConn(e.path, writerPragmas)
	if err != nil {
		return err
	}
	defer c.close()
	return c.run(call{statement: truncateLog}, nil)
}

// Removed says whether a user has been deleted since it was last asked.
func (db *DB) Removed() bool { return db.removed.Swap(false) }
