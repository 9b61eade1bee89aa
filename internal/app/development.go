package app

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/courier"
	"latchkey/internal/door"
	"latchkey/internal/mailbox"
	"latchkey/internal/post"
)

// DevToken is the token that a development server asks for once it serves the local network; empty while it serves
// this machine alone. It stays the same between starts.
func (a *App) DevToken() string {
	if !a.Config.Lan {
		return ""
	}
	return hex.EncodeToString(a.Keys.Derive("development door", "")[:12])
}

// Development is what only `latchkey dev` has. Nothing of it exists in `latchkey serve`.
type Development struct {
	Mailbox *mailbox.Mailbox
	Door    *door.Door
}

// development makes it.
func (a *App) development(projects *admin.Projects) *Development {
	return &Development{
		Mailbox: &mailbox.Mailbox{Stationery: stationery(projects)},
		Door:    &door.Door{Token: a.DevToken()},
	}
}

// Before serves what development adds, behind the door, and everything else by next.
func (d *Development) Before(next http.Handler) http.Handler {
	box := d.Door.Guard(d.Mailbox.Handler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if path == mailbox.MessagesPath || path == mailbox.PagePath || strings.HasPrefix(path, mailbox.PagePath+"/") {
			box.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// stationery finds what a project gives to its messages.
func stationery(projects *admin.Projects) mailbox.Stationery {
	return func(ctx context.Context, id string) (post.Look, []post.Template, error) {
		return courier.Stationery(ctx, projects, id)
	}
}
