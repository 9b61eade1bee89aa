// Package admin owns the rules for operators: projects, platforms, keys, policies and settings, whether they
// come from a declared file, the command line or the API. It may import everything but the HTTP side.
package admin

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"latchkey/internal/check"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Project is a project as the entry pipeline needs it: its settings and the places it may be called from.
// It is shared between requests and never changed; a change makes a new one.
type Project struct {
	model.Project
	Allow *check.Allow
}

// Projects is the cache of projects. A project is read once and kept until the settings version moves; the
// version is polled, so that a change made on any node acts on every node within PollEvery. Keys and
// sessions are never in here: those are looked up on every request.
type Projects struct {
	db    *store.DB
	keys  *secret.KeyRing
	hosts []string // the server's own host names
	log   *slog.Logger

	mu        sync.RWMutex
	version   int64
	byID      map[string]*Project
	documents map[documentsOf][]*Document
}

// PollEvery is how long a change of settings may take to act on another node.
const PollEvery = 500 * time.Millisecond

// NewProjects returns an empty cache. The keys open sealed documents; hosts are the server's own names, which
// may always call.
func NewProjects(db *store.DB, keys *secret.KeyRing, hosts []string, log *slog.Logger) *Projects {
	return &Projects{db: db, keys: keys, hosts: hosts, log: log, byID: map[string]*Project{}, documents: map[documentsOf][]*Document{}}
}

// Find returns a project by id, or fault.ProjectNotFound.
func (p *Projects) Find(ctx context.Context, id string) (*Project, error) {
	p.mu.RLock()
	project, version := p.byID[id], p.version
	p.mu.RUnlock()
	if project != nil {
		return project, nil
	}
	stored, err := p.db.Project(ctx, id)
	if err != nil {
		return nil, err
	}
	hooks, err := p.Documents(ctx, id, store.KindWebhook)
	if err != nil {
		return nil, err
	}
	stored.Webhooks = listening(hooks)
	project = &Project{Project: *stored, Allow: check.NewAllow(stored.ID, stored.Platforms, p.hosts)}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A project read before the version moved may be older than the move: serve it, keep it not.
	if p.version == version {
		p.byID[id] = project
	}
	return project, nil
}

// Plain is Find for whoever needs no more than the project itself.
func (p *Projects) Plain(ctx context.Context, id string) (*model.Project, error) {
	found, err := p.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return &found.Project, nil
}

// Refresh forgets everything if the settings version has moved. An error leaves the cache as it is: old
// settings are better than none.
func (p *Projects) Refresh(ctx context.Context) error {
	version, err := p.db.SettingsVersion(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if version != p.version {
		p.version, p.byID, p.documents = version, map[string]*Project{}, map[documentsOf][]*Document{}
	}
	return nil
}

// Poll refreshes until the context ends.
func (p *Projects) Poll(ctx context.Context) {
	tick := time.NewTicker(PollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := p.Refresh(ctx); err != nil && ctx.Err() == nil {
				p.log.Error("settings could not be refreshed", "error", err)
			}
		}
	}
}
