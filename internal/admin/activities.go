package admin

import (
	"context"
	"strconv"

	"latchkey/internal/audit"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Activities lists what has happened in a project, latest first: what people did and, with it or by itself, what
// operators, keys and the command line did. An entry is in it within a second, once it is chained.
// Faults: general_argument_invalid, database_timeout.
func (r *Rules) Activities(ctx context.Context, project string, q check.Queries) ([]model.Audit, error) {
	f := &store.AuditFilter{Limit: q.Limit, Offset: q.Offset}
	if f.Limit == 0 {
		f.Limit = check.DefaultLimit
	}
	f.Limit = min(f.Limit, mostActivities)
	for _, order := range q.Orders {
		if !order.Desc || order.Attribute != "" && order.Attribute != "time" {
			return nil, fault.ArgumentInvalid.Say("Invalid `queries` param: The list is in order of time, latest first.")
		}
	}
	if q.Cursor != "" {
		at, err := strconv.ParseInt(q.Cursor, 10, 64)
		if err != nil || at < 1 || q.CursorBefore {
			return nil, fault.CursorNotFound
		}
		f.Before = at
	}
	for _, c := range q.Filters {
		if !narrow(f, c) {
			return nil, fault.ArgumentInvalid.Say("Invalid `queries` param: The list is narrowed by equal on event, resource, actorId, userId and actorType, and by a range of time.")
		}
	}
	list, err := r.DB.ListAudits(ctx, project, f)
	if err != nil {
		return nil, err
	}
	return list, audit.Open(ctx, r.DB, r.Keys, list)
}

// mostActivities bounds a page.
const mostActivities = 500

// operatedBy are the kinds of actor that set things up.
var operatedBy = map[string]bool{"admin": true, "keyProject": true, CLI: true}

// narrow takes one condition; false for one that the list does not know.
func narrow(f *store.AuditFilter, c check.Filter) bool {
	if c.Attribute == "time" {
		return narrowTime(f, c)
	}
	if c.Method != "equal" {
		return false
	}
	text, _ := c.Values[0].(string)
	if c.Attribute == "actorType" {
		operated := true
		for _, value := range c.Values {
			kind, _ := value.(string)
			operated = operated && operatedBy[kind]
		}
		f.Operated = operated
		if len(c.Values) == 1 {
			f.Kind = text
			return true
		}
		return operated && len(c.Values) == len(operatedBy)
	}
	if len(c.Values) != 1 {
		return false
	}
	switch c.Attribute {
	case "event":
		f.Event = text
	case "resource":
		f.Resource = text
	case "actorId", "userId":
		f.Actor = text
	default:
		return false
	}
	return true
}

func narrowTime(f *store.AuditFilter, c check.Filter) bool {
	at := func(i int) model.Time { t, _ := c.Values[i].(model.Time); return t }
	switch c.Method {
	case "greaterThan":
		f.From = at(0) + 1
	case "greaterThanEqual":
		f.From = at(0)
	case "lessThan":
		f.To = at(0) - 1
	case "lessThanEqual":
		f.To = at(0)
	case "between":
		f.From, f.To = at(0), at(1)
	default:
		return false
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
