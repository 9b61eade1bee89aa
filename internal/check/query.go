package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"latchkey/internal/model"
)

// AttrType is what an attribute of a list holds.
type AttrType int

// The attribute types.
const (
	AttrText AttrType = iota + 1
	AttrBool
	AttrTime
	AttrWords // a list of texts
)

// QueryRules say what a list can be asked.
type QueryRules struct {
	Attributes map[string]AttrType // nil: only limit and offset
}

// Queries is what a list was asked. Cursor, orders and filters are as checked; Limit is 0 when none was given.
type Queries struct {
	Limit        int
	Offset       int
	Cursor       string
	CursorBefore bool
	Random       bool
	Orders       []Order
	Filters      []Filter
}

// DefaultLimit is how many items a list has when nothing is asked.
const DefaultLimit = 25

// Order is one attribute to sort by; an empty one means the order of insertion.
type Order struct {
	Attribute string
	Desc      bool
}

// Filter is a condition: a method on an attribute with values, or (`and`, `or`) conditions joined. Values are
// string, bool or model.Time, by the attribute's type.
type Filter struct {
	Method    string
	Attribute string
	Values    []any
	Children  []Filter
}

// The bounds of the contract, and one of ours on nesting.
const (
	maxQueries     = 100
	maxQueryLength = 4096
	maxQueryValues = 500
	maxQueryDepth  = 5
)

// common attributes of every list with filters.
func withDates(attributes map[string]AttrType) QueryRules {
	attributes["$id"], attributes["$createdAt"], attributes["$updatedAt"] = AttrText, AttrTime, AttrTime
	return QueryRules{Attributes: attributes}
}

// What the lists of the Account and Users services can be asked.
var (
	LogQueries      = QueryRules{}
	IdentityQueries = withDates(map[string]AttrType{"userId": AttrText, "provider": AttrText, "providerUid": AttrText, "providerEmail": AttrText,
		"providerAccessTokenExpiry": AttrTime})
	UserQueries = withDates(map[string]AttrType{"name": AttrText, "email": AttrText, "phone": AttrText, "status": AttrBool, "passwordUpdate": AttrTime,
		"registration": AttrTime, "emailVerification": AttrBool, "phoneVerification": AttrBool, "labels": AttrWords, "impersonator": AttrBool, "accessedAt": AttrTime})
	ActivityQueries = QueryRules{Attributes: map[string]AttrType{"event": AttrText, "resource": AttrText, "actorId": AttrText, "userId": AttrText, "actorType": AttrText, "time": AttrTime}}
	WebhookQueries  = withDates(map[string]AttrType{"name": AttrText, "url": AttrText, "authUsername": AttrText, "tls": AttrBool, "events": AttrWords, "enabled": AttrBool, "logs": AttrText})
	ProviderQueries = withDates(map[string]AttrType{"name": AttrText, "provider": AttrText, "type": AttrText, "enabled": AttrBool})
	ProjectQueries  = withDates(map[string]AttrType{"name": AttrText, "teamId": AttrText, "labels": AttrWords, "region": AttrText})
	KeyQueries      = withDates(map[string]AttrType{"name": AttrText, "scopes": AttrWords, "expire": AttrTime, "accessedAt": AttrTime})
	PlatformQueries = withDates(map[string]AttrType{"type": AttrText, "name": AttrText, "hostname": AttrText, "applicationId": AttrText, "bundleIdentifier": AttrText,
		"packageName": AttrText, "packageIdentifierName": AttrText, "scheme": AttrText})
	TeamQueries       = withDates(map[string]AttrType{"name": AttrText, "total": AttrText, "billingPlan": AttrText})
	MembershipQueries = withDates(map[string]AttrType{"userId": AttrText, "teamId": AttrText, "invited": AttrTime, "joined": AttrTime, "confirm": AttrBool, "roles": AttrWords})
	TargetQueries     = withDates(map[string]AttrType{"userId": AttrText, "providerId": AttrText, "identifier": AttrText, "providerType": AttrText})
)

// arity is how many values a filter takes: at least and at most (0: the bound of all filters).
type arity struct{ min, max int }

// filterMethods are the conditions on an attribute.
var filterMethods = map[string]arity{
	"equal": {1, 0}, "notEqual": {1, 1}, "lessThan": {1, 1}, "lessThanEqual": {1, 1}, "greaterThan": {1, 1}, "greaterThanEqual": {1, 1},
	"contains": {1, 0}, "notContains": {1, 0}, "containsAny": {1, 0}, "containsAll": {1, 0}, "search": {1, 1}, "notSearch": {1, 1},
	"isNull": {0, 0}, "isNotNull": {0, 0}, "between": {2, 2}, "notBetween": {2, 2},
	"startsWith": {1, 1}, "notStartsWith": {1, 1}, "endsWith": {1, 1}, "notEndsWith": {1, 1},
}

// wordMethods are the conditions that make sense on a list of texts; textMethods those on a text alone.
var (
	wordMethods = map[string]bool{"contains": true, "notContains": true, "containsAny": true, "containsAll": true, "isNull": true, "isNotNull": true}
	textMethods = map[string]bool{"contains": true, "notContains": true, "search": true, "notSearch": true, "startsWith": true, "notStartsWith": true,
		"endsWith": true, "notEndsWith": true}
)

// query is one query as it is written.
type query struct {
	Method    string            `json:"method"`
	Attribute string            `json:"attribute"`
	Values    []json.RawMessage `json:"values"`
}

// ParseQueries reads what a list is asked. old says that the queries are in the text form of formats before
// 1.5.0. An error's text follows "Invalid `queries` param: ".
func ParseQueries(texts []string, rules QueryRules, old bool) (Queries, error) {
	var q Queries
	if len(texts) > maxQueries {
		return q, fmt.Errorf("A list takes at most %d queries.", maxQueries)
	}
	for _, text := range texts {
		if len(text) > maxQueryLength {
			return q, fmt.Errorf("A query has at most %d characters.", maxQueryLength)
		}
		read := readQuery
		if old {
			read = readTextQuery
		}
		parsed, err := read(text)
		if err != nil {
			return q, err
		}
		if err := q.take(parsed, rules); err != nil {
			return q, err
		}
	}
	return q, nil
}

// readQuery reads the JSON form.
func readQuery(text string) (query, error) {
	var q query
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	if err := decoder.Decode(&q); err != nil || decoder.More() || q.Method == "" {
		return q, errors.New("A query must be a JSON object with a method.")
	}
	return q, nil
}

// take adds one query.
func (q *Queries) take(one query, rules QueryRules) error {
	switch one.Method {
	case "limit":
		return one.number(1, &q.Limit)
	case "offset":
		return one.number(0, &q.Offset)
	}
	if rules.Attributes == nil {
		return fmt.Errorf("Query method %s is not supported here; limit and offset are.", named(one.Method))
	}
	switch one.Method {
	case "cursorAfter", "cursorBefore":
		return q.takeCursor(one)
	case "orderAsc", "orderDesc":
		if one.Attribute != "" && rules.Attributes[one.Attribute] == 0 {
			return fmt.Errorf("The list cannot be ordered by %s.", named(one.Attribute))
		}
		q.Orders = append(q.Orders, Order{one.Attribute, one.Method == "orderDesc"})
		return nil
	case "orderRandom":
		q.Random = true
		return nil
	}
	filter, err := one.filter(rules, 0)
	if err == nil {
		q.Filters = append(q.Filters, filter)
	}
	return err
}

// takeCursor keeps the first cursor; later ones do not count.
func (q *Queries) takeCursor(one query) error {
	id, err := one.onlyText()
	if err != nil || UID(id) != nil {
		return errors.New("A cursor must be the id of an item.")
	}
	if q.Cursor == "" {
		q.Cursor, q.CursorBefore = id, one.Method == "cursorBefore"
	}
	return nil
}

// number reads the only value as a whole number, which may be written as text.
func (one query) number(min int, into *int) error {
	if len(one.Values) != 1 {
		return fmt.Errorf("Query %s takes one number.", one.Method)
	}
	text := string(one.Values[0])
	if unquoted, err := one.onlyText(); err == nil {
		text = unquoted
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < min || n > 1<<31-1 {
		return fmt.Errorf("Query %s takes a whole number from %d on.", one.Method, min)
	}
	*into = n
	return nil
}

// onlyText reads the only value as text.
func (one query) onlyText() (text string, err error) {
	if len(one.Values) != 1 || len(one.Values[0]) == 0 || one.Values[0][0] != '"' {
		return "", errors.New("one text is needed")
	}
	return text, json.Unmarshal(one.Values[0], &text)
}

// filter reads a condition.
func (one query) filter(rules QueryRules, depth int) (Filter, error) {
	if one.Method == "and" || one.Method == "or" {
		return one.joined(rules, depth)
	}
	count, known := filterMethods[one.Method]
	if !known {
		return Filter{}, fmt.Errorf("Query method %s is not supported.", named(one.Method))
	}
	kind := rules.Attributes[one.Attribute]
	if kind == 0 {
		return Filter{}, fmt.Errorf("The list has no attribute %s that can be queried.", named(one.Attribute))
	}
	if kind == AttrWords && !wordMethods[one.Method] || kind != AttrText && kind != AttrWords && textMethods[one.Method] {
		return Filter{}, fmt.Errorf("Query method %s does not fit the attribute %s.", one.Method, one.Attribute)
	}
	most := count.max
	if most == 0 {
		most = maxQueryValues
	}
	if count.min == 0 {
		return Filter{Method: one.Method, Attribute: one.Attribute}, nil
	}
	if len(one.Values) < count.min || len(one.Values) > most {
		return Filter{}, fmt.Errorf("Query %s on %s has the wrong number of values.", one.Method, one.Attribute)
	}
	filter := Filter{Method: one.Method, Attribute: one.Attribute}
	for _, raw := range one.Values {
		value, err := typed(raw, kind)
		if err != nil {
			return Filter{}, fmt.Errorf("Query %s on %s: %w", one.Method, one.Attribute, err)
		}
		filter.Values = append(filter.Values, value)
	}
	return filter, nil
}

// joined reads conditions joined by `and` or `or`: at least two, and nothing but conditions.
func (one query) joined(rules QueryRules, depth int) (Filter, error) {
	if depth >= maxQueryDepth {
		return Filter{}, errors.New("Queries are nested too deeply.")
	}
	if len(one.Values) < 2 || len(one.Values) > maxQueryValues {
		return Filter{}, fmt.Errorf("Query %s joins at least two conditions.", one.Method)
	}
	filter := Filter{Method: one.Method}
	for _, raw := range one.Values {
		inner, err := readQuery(string(raw))
		if err != nil {
			return Filter{}, err
		}
		child, err := inner.filter(rules, depth+1)
		if err != nil {
			return Filter{}, err
		}
		filter.Children = append(filter.Children, child)
	}
	return filter, nil
}

// typed reads a value by the type of its attribute.
func typed(raw json.RawMessage, kind AttrType) (any, error) {
	var text string
	var flag bool
	switch kind {
	case AttrBool:
		if string(raw) != "true" && string(raw) != "false" {
			return nil, errors.New("the value must be true or false.")
		}
		return flag || string(raw) == "true", nil
	case AttrTime:
		if json.Unmarshal(raw, &text) != nil {
			return nil, errors.New("the value must be a date.")
		}
		return parseTime(text)
	}
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return nil, errors.New("the value must be a text.")
	}
	return text, plainQueryText(text)
}

// plainQueryText refuses what no database text can hold.
func plainQueryText(text string) error { return Text(0, maxQueryLength)(text) }

// timeForms are the ways a moment may be written.
var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"}

// parseTime reads a moment; without an offset it is UTC.
func parseTime(text string) (model.Time, error) {
	for _, form := range timeForms {
		if t, err := time.Parse(form, text); err == nil {
			return model.At(t), nil
		}
	}
	return 0, errors.New("the value must be a date such as 2026-01-31T12:00:00.000Z.")
}

// named quotes a name from a query for a message, at a bounded length.
func named(name string) string {
	if len(name) > 40 {
		name = name[:40] + "…"
	}
	return strconv.Quote(name)
}
