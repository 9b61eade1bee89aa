package store

import (
	"context"

	"latchkey/internal/model"
)

// usageStep is how many users one question counts: a long count is many short reads.
const usageStep = 10_000

// Counts are kept by the hour for two days, and by the day for as long as the longest figures go back.
const (
	usageHoursKept = 2 * day
	usageDaysKept  = 92 * day
)

var (
	usersWithin = statement("UsersWithin", `select count(*), coalesce(max(c.id), '') from (
		select u.id from users u where u.project_id = $1 and u.id > $2 order by u.id limit $3) c`)
	sessionsWithin = statement("SessionsWithin", `select count(*) from sessions s where s.project_id = $1 and s.user_id > $2 and s.user_id <= $3`)
	// Ordered by narrow indexes: where rows are kept in the order of their key, counting by that would read all of them.
	firstUsers    = statement("FirstUsers", `select count(*) from (select 1 from users u where u.project_id = $1 order by u.created_at, u.id limit $2) c`)
	firstSessions = statement("FirstSessions", `select count(*) from (select 1 from sessions s where s.project_id = $1 order by s.user_id, s.id limit $2) c`)

	usageCounts      = statement("UsageCounts", `select c.at, c.users, c.sessions from usage_counts c where c.project_id = $1 order by c.at`)
	insertUsageCount = statement("InsertUsageCount", `insert into usage_counts (project_id, at, users, sessions) values ($1, $2, $3, $4) on conflict (project_id, at) do nothing`)
	sweepUsageCounts = statement("SweepUsageCounts", `delete from usage_counts where project_id = $1 and (at < $2 or at < $3 and at % 86400000 <> 0)`)
)

// UsageCounts lists what was counted of a project, oldest first.
func (db *DB) UsageCounts(ctx context.Context, project string) ([]model.UsageCount, error) {
	return many(ctx, db, usageCounts.with(project), func(r row, c *model.UsageCount) {
		c.At, c.Users, c.Sessions = moment(r), int(r.number()), int(r.number())
	})
}

// CountFirst counts people and sessions of a project, up to MostCounted of each.
func (db *DB) CountFirst(ctx context.Context, project string) (users, sessions int, err error) {
	if users, err = numberOf(ctx, db, firstUsers.with(project, MostCounted)); err != nil {
		return 0, 0, err
	}
	sessions, err = numberOf(ctx, db, firstSessions.with(project, MostCounted))
	return users, sessions, err
}

// CountUsage counts people and sessions of a project, step by step, and keeps what it found as that of the hour; what
// is older than any figures are asked for goes. The first count of an hour stays.
func (db *DB) CountUsage(ctx context.Context, project string, now model.Time) error {
	count := model.UsageCount{At: now - now%hour}
	for after := ""; ; {
		n, last := 0, ""
		err := db.ask(ctx, usersWithin.with(project, after, usageStep), func(r row) error {
			n, last = int(r.number()), r.text()
			return nil
		})
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		sessions, err := numberOf(ctx, db, sessionsWithin.with(project, after, last))
		if err != nil {
			return err
		}
		count.Users, count.Sessions, after = count.Users+n, count.Sessions+sessions, last
		if n < usageStep {
			break
		}
	}
	return db.Write(ctx, func(tx *Tx) error {
		tx.do(sweepUsageCounts, project, now-usageDaysKept, now-usageHoursKept)
		tx.do(insertUsageCount, project, count.At, count.Users, count.Sessions)
		return nil
	})
}

// numberOf reads an answer that is one number.
func numberOf(ctx context.Context, from source, c call) (n int, err error) {
	err = from.ask(ctx, c, func(r row) error {
		n = int(r.number())
		return nil
	})
	return n, err
}
