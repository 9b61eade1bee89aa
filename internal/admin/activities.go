package admin

import (
	"cmp"
	"context"
	"strconv"

	"latchkey/internal/audit"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Activities lists what has happened in a project, latest first unless it is ordered otherwise, and says how many entries
// there are as far as totals are told: what people did and, with it or by itself, what operators, keys and the command line
// did. An entry is in it within a second, once it is chained.
// Faults: general_argument_invalid, general_cursor_not_found, database_timeout.
func (r *Rules) Activities(ctx context.Context, project string, q check.Queries) ([]model.Audit, int, error) {
	f := &store.AuditFilter{Limit: cmp.Or(q.Limit, check.DefaultLimit), Offset: q.Offset, Before: q.CursorBefore}
	f.Limit = min(f.Limit, mostActivities)
	if q.Random {
		return nil, 0, notListed("The list has no order but that of time.")
	}
	for i, order := range q.Orders {
		if order.Attribute != "" && order.Attribute != "time" {
			return nil, 0, notListed("The list has no order but that of time.")
		}
		if i == 0 {
			f.Oldest = !order.Desc
		}
	}
	if q.Cursor != "" {
		at, err := strconv.ParseInt(q.Cursor, 10, 64)
		if err != nil || at < 1 {
			return nil, 0, fault.CursorNotFound
		}
		f.Cursor = at
	}
	for _, c := range q.Filters {
		if !narrow(f, c) {
			return nil, 0, notListed("The list is narrowed by equal on event, resource, actorId, userId and actorType, and by a range of time.")
		}
	}
	if f.To > 0 && f.From > f.To {
		return []model.Audit{}, 0, nil
	}
	list, total, err := r.DB.ListAudits(ctx, project, f)
	if err != nil {
		return nil, 0, err
	}
	return list, total, audit.Open(ctx, r.DB, r.Keys, list)
}

func notListed(why string) error { return fault.ArgumentInvalid.Say("Invalid `queries` param: " + why) }

// mostActivities bounds a page.
const mostActivities = 500

// attributes are what conditions on a trail speak of, by the names they are asked for by. A person is an actor.
var attributes = map[string]string{"event": "event", "resource": "resource", "actorId": "actor", "userId": "actor", "actorType": "kind"}

// narrow takes one condition; false for one that the list does not know. All of them hold.
func narrow(f *store.AuditFilter, c check.Filter) bool {
	if c.Attribute == "time" {
		return narrowTime(f, c)
	}
	attribute, known := attributes[c.Attribute]
	if !known || c.Method != "equal" {
		return false
	}
	condition := store.AuditCondition{Attribute: attribute}
	for _, value := range c.Values {
		text, _ := value.(string)
		condition.Values = append(condition.Values, text)
	}
	f.Where = append(f.Where, condition)
	return true
}

func narrowTime(f *store.AuditFilter, c check.Filter) bool {
	at := func(i int) model.Time { t, _ := c.Values[i].(model.Time); return t }
	from, to, ends := model.Time(0), model.Time(0), true
	switch c.Method {
	case "greaterThan":
		from, ends = at(0)+1, false
	case "greaterThanEqual":
		from, ends = at(0), false
	case "lessThan":
		to = at(0) - 1
	case "lessThanEqual":
		to = at(0)
	case "between":
		from, to = at(0), at(1)
	case "equal":
		if len(c.Values) > 1 {
			return false
		}
		from, to = at(0), at(0)
	default:
		return false
	}
	f.From = max(f.From, from)
	if to = max(to, 1); ends && (f.To == 0 || to < f.To) { // nothing has happened before there was time
		f.To = to
	}
	return true
}

// Activity finds one entry by its position. Fault: log_not_found.
func (r *Rules) Activity(ctx context.Context, project, id string) (*model.Audit, error) {
	at, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, fault.LogNotFound
	}
	found, err := r.DB.AuditAt(ctx, project, at)
	if err != nil {
		return nil, err
	}
	list := []model.Audit{*found}
	return &list[0], audit.Open(ctx, r.DB, r.Keys, list)
}
