package app

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/door"
	"latchkey/internal/mailbox"
	"latchkey/internal/post"
	"latchkey/internal/store"
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
		project, err := projects.Find(ctx, id)
		if err != nil {
			return post.Look{}, nil, err
		}
		documents, err := projects.Documents(ctx, id, store.KindTemplate)
		if err != nil {
			return post.Look{}, nil, err
		}
		var templates []post.Template
		for _, d := range documents {
			templates = append(templates, post.Template{
				Kind: d.Text("templateId"), Locale: d.Text("locale"), Subject: d.Text("subject"), Message: d.Text("message"),
				SenderName: d.Text("senderName"), SenderEmail: d.Text("senderEmail"), ReplyToEmail: d.Text("replyToEmail"), ReplyToName: d.Text("replyToName"),
			})
		}
		return post.Look{Name: project.Name, Accent: project.Settings.Branding.Accent}, templates, nil
	}
}
