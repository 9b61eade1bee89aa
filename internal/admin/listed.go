package admin

import (
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/model"
)

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
