package app

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/config"
	"latchkey/internal/courier"
	"latchkey/internal/door"
	"latchkey/internal/mailbox"
	"latchkey/internal/mock"
	"latchkey/internal/oauth"
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
	Mock    http.Handler // the sign-in provider to play with
}

// development makes it.
func (a *App) development(projects *admin.Projects, public string) *Development {
	return &Development{
		Mailbox: &mailbox.Mailbox{Stationery: stationery(projects)},
		Door:    &door.Door{Token: a.DevToken()},
		Mock:    mock.Handler(public),
	}
}

// Before serves what development adds, behind the door, and everything else by next.
func (d *Development) Before(next http.Handler) http.Handler {
	box, mocked := d.Door.Guard(d.Mailbox.Handler()), d.Door.Guard(d.Mock)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if path == mailbox.MessagesPath || path == mailbox.PagePath || strings.HasPrefix(path, mailbox.PagePath+"/") {
			box.ServeHTTP(w, r)
			return
		}
		switch {
		case path == mock.Path && byPerson(r):
			mocked.ServeHTTP(w, r) // where somebody may be anybody
			return
		case path == mock.Path || strings.HasPrefix(path, mock.Path+"/"):
			d.Mock.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// byPerson says whether somebody from elsewhere could pick who they are: with a token, the door asks everybody
// but the program that wrote the address itself, which is somebody fixed.
func byPerson(r *http.Request) bool { return r.Method != http.MethodGet || mock.Page(r) }

// mocks are the rows of the provider to play with; none outside of development. The server asks itself on this
// machine, whatever name people reach it by.
func (a *App) mocks(listeners *Listeners) []*oauth.Provider {
	if a.Config.Mode != config.ModeDev {
		return nil
	}
	public := listeners.PublicURL()
	return mock.Rows(public.String(), "http://localhost:"+public.Port())
}

// stationery finds what a project gives to its messages.
func stationery(projects *admin.Projects) mailbox.Stationery {
	return func(ctx context.Context, id string) (post.Look, []post.Template, error) {
		return courier.Stationery(ctx, projects, id)
	}
}
