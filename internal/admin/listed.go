package admin

import (
	"slices"
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// sift picks, sorts and pages a list that is read whole, and says how many fit. An attribute is text that sorts as the
// attribute does. Fault: general_cursor_not_found.
func sift[T any](all []T, attribute func(*T, string) string, q check.Queries) ([]T, int, error) {
	fit := slices.DeleteFunc(all, func(one T) bool {
		of := func(name string) string { return attribute(&one, name) }
		return slices.ContainsFunc(q.Filters, func(f check.Filter) bool { return !fits(of, f) })
	})
	for _, order := range slices.Backward(q.Orders) {
		slices.SortStableFunc(fit, func(a, b T) int {
			if order.Desc {
				a, b = b, a
			}
			return strings.Compare(attribute(&a, order.Attribute), attribute(&b, order.Attribute))
		})
	}
	count := len(fit)
	at := -1
	if q.Cursor != "" {
		if at = slices.IndexFunc(fit, func(one T) bool { return attribute(&one, "$id") == q.Cursor }); at < 0 {
			return nil, 0, fault.CursorNotFound
		}
	}
	return page(fit, at, q), count, nil
}

// page cuts a page out of a sorted list; at is where the cursor stands, -1 for none.
func page[T any](fit []T, at int, q check.Queries) []T {
	switch {
	case at >= 0 && q.CursorBefore:
		fit = fit[:at]
	case at >= 0:
		fit = fit[at+1:]
	}
	fit = fit[min(q.Offset, len(fit)):]
	limit := q.Limit
	if limit == 0 {
		limit = check.DefaultLimit
	}
	if q.CursorBefore && len(fit) > limit {
		return fit[len(fit)-limit:]
	}
	return fit[:min(limit, len(fit))]
}

// fits says whether something with attributes meets a condition.
func fits(of func(string) string, f check.Filter) bool {
	meets := func(child check.Filter) bool { return fits(of, child) }
	switch f.Method {
	case "and":
		return !slices.ContainsFunc(f.Children, func(child check.Filter) bool { return !meets(child) })
	case "or":
		return slices.ContainsFunc(f.Children, meets)
	case "isNull":
		return false
	case "isNotNull":
		return true
	case "between", "notBetween":
		inside := compares(of, "greaterThanEqual", f.Attribute, f.Values[0]) && compares(of, "lessThanEqual", f.Attribute, f.Values[1])
		return inside == (f.Method == "between")
	}
	positive, negated := strings.CutPrefix(f.Method, "not")
	if negated {
		positive = strings.ToLower(positive[:1]) + positive[1:]
	}
	any := slices.ContainsFunc(f.Values, func(value any) bool { return compares(of, positive, f.Attribute, value) })
	return any != negated
}

// compares holds an attribute against one value.
func compares(of func(string) string, method, attribute string, value any) bool {
	have, want := of(attribute), textOf(value)
	switch method {
	case "equal":
		return have == want
	case "lessThan":
		return have < want
	case "lessThanEqual":
		return have <= want
	case "greaterThan":
		return have > want
	case "greaterThanEqual":
		return have >= want
	case "startsWith":
		return strings.HasPrefix(have, want)
	case "endsWith":
		return strings.HasSuffix(have, want)
	}
	return strings.Contains(have, want) // contains, search
}

// textOf is a queried value in the form of attribute.
func textOf(value any) string {
	switch value := value.(type) {
	case bool:
		if value {
			return "1"
		}
		return "0"
	case model.Time:
		return value.String()
	case string:
		return value
	}
	return ""
}

// SiftKeys picks of a project's keys what a list is asked for, and says how many fit. Fault: general_cursor_not_found.
func SiftKeys(keys []model.Key, q check.Queries) ([]model.Key, int, error) {
	return sift(keys, func(k *model.Key, name string) string {
		switch name {
		case "$id":
			return k.ID
		case "name":
			return k.Name
		case "scopes":
			return strings.Join(k.Scopes, " ")
		case "expire":
			if k.Expire == 0 {
				return "never" // after every date
			}
			return k.Expire.String()
		case "accessedAt":
			return k.AccessedAt.String()
		case "$updatedAt":
			return k.UpdatedAt.String()
		}
		return k.CreatedAt.String()
	}, q)
}

// SiftPlatforms is SiftKeys for platforms.
func SiftPlatforms(platforms []model.Platform, q check.Queries) ([]model.Platform, int, error) {
	return sift(platforms, func(p *model.Platform, name string) string {
		switch name {
		case "$id":
			return p.ID
		case "name":
			return p.Name
		case "type":
			return p.Type
		case "$createdAt":
			return p.CreatedAt.String()
		case "$updatedAt":
			return p.UpdatedAt.String()
		case platformValues[p.Type]:
			return p.Value
		case "":
			return p.CreatedAt.String()
		}
		return ""
	}, q)
}
