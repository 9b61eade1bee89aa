package store

import (
	"context"

	"latchkey/internal/model"
)

// TextRoute is what became of the text messages of one route (a country, a block of numbers, an address that asks)
// over a time.
type TextRoute struct {
	Route     string
	Sent      int
	Confirmed int // codes that came back
	Refused   int
}

// TextRouteKept is how long the counts of an hour are kept after it began; textWindow is how long they count.
const (
	TextRouteKept = 2 * day
	textWindow    = day
	hour          = day / 24
)

// maxTextRoutes is how many routes one question about them names.
const maxTextRoutes = 6

var (
	// turnOfTextRoutes makes or locks the row that writers of a project take turns on.
	turnOfTextRoutes = statement("TurnOfTextRoutes", `insert into text_routes (project_id, route, start, sent, confirmed, refused)
		values ($1, '', 0, 0, 0, 0)
		on conflict (project_id, route, start) do update set sent = 0`)
	textRoutesNamed = statement("TextRoutesNamed", `select route, cast(sum(sent) as bigint), cast(sum(confirmed) as bigint), cast(sum(refused) as bigint)
		from text_routes where project_id = $1 and route in ($3, $4, $5, $6, $7, $8) and start > $2 group by route`)
	textRoutesOf = statement("TextRoutesOf", `select route, cast(sum(sent) as bigint), cast(sum(confirmed) as bigint), cast(sum(refused) as bigint)
		from text_routes where project_id = $1 and start > $2 group by route order by 4 desc, 2 desc, route limit $3`)
	countText = statement("CountText", `insert into text_routes (project_id, route, start, sent, confirmed, refused)
		values ($1, $2, $3, $4, $5, $6)
		on conflict (project_id, route, start) do update set sent = text_routes.sent + excluded.sent,
			confirmed = text_routes.confirmed + excluded.confirmed, refused = text_routes.refused + excluded.refused`)
	forgetTextRoutes = statement("ForgetTextRoutes", `delete from text_routes where project_id = $1 and start > 0`)
	deleteTextRoutes = statement("DeleteTextRoutes", `delete from text_routes where project_id = $1`)
	sweepTextRoutes  = statement("SweepTextRoutes", `delete from text_routes where (project_id, route, start) in (
		select project_id, route, start from text_routes where start > 0 and start < $1 limit $2) returning 1`)
)

func scanTextRoute(r row, t *TextRoute) {
	t.Route, t.Sent, t.Confirmed, t.Refused = r.text(), int(r.number()), int(r.number()), int(r.number())
}

// WeighText tells what became of the messages on some routes of a project (six at most) since a moment, and adds to
// the counts of the hour that began at start what decide answers. Until that is written nobody else is told: of any
// number of calls at once, each sees those before it.
func (db *DB) WeighText(ctx context.Context, project string, routes []string, now model.Time, decide func(map[string]TextRoute) []TextRoute) error {
	args := []any{project, now - textWindow, "", "", "", "", "", ""}
	for i, route := range routes[:min(len(routes), maxTextRoutes)] {
		args[2+i] = route
	}
	return db.Write(ctx, func(tx *Tx) error {
		tx.do(turnOfTextRoutes, project)
		list, err := many(ctx, tx, textRoutesNamed.with(args...), scanTextRoute)
		if err != nil {
			return err
		}
		found := make(map[string]TextRoute, len(list))
		for _, route := range list {
			found[route.Route] = route
		}
		for _, by := range decide(found) {
			tx.do(countText, project, by.Route, now-now%hour, by.Sent, by.Confirmed, by.Refused)
		}
		return nil
	})
}

// TextRoutes lists what became of a project's messages within a day, by route, those with most refusals first.
func (db *DB) TextRoutes(ctx context.Context, project string, now model.Time, limit int) ([]TextRoute, error) {
	return many(ctx, db, textRoutesOf.with(project, now-textWindow, limit), scanTextRoute)
}

// ForgetTextRoutes drops the counts of a project: every route begins anew.
func (db *DB) ForgetTextRoutes(ctx context.Context, project string) error {
	return db.Write(ctx, func(tx *Tx) error {
		tx.do(forgetTextRoutes, project)
		return nil
	})
}
