package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// ApplyOptions change how a declaration is applied.
type ApplyOptions struct {
	DryRun bool // only tell
	Prune  bool // delete projects that the file does not name
}

const (
	applyLease = "apply"
	applyTime  = 30 * time.Second
	applyPause = 50 * time.Millisecond
)

// Apply brings projects to the state a file declares. Applying the same file again changes nothing. Several
// nodes that apply at once do so one after the other, under a lease.
func (r *Rules) Apply(ctx context.Context, d *Declaration, o ApplyOptions) (*Plan, error) {
	if !o.DryRun {
		holder := r.Random.Hex(8)
		if err := r.takeTurn(ctx, holder); err != nil {
			return nil, err
		}
		defer func() { _ = r.DB.ReleaseLease(context.WithoutCancel(ctx), applyLease, holder) }() // it runs out by itself
	}
	plan := &Plan{Secrets: map[string]string{}}
	named := map[string]bool{model.ConsoleProject: true}
	for i := range d.Projects {
		named[d.Projects[i].ID] = true
		if err := r.applyProject(ctx, &d.Projects[i], plan, o.DryRun); err != nil {
			return plan, fmt.Errorf("project %s: %w", d.Projects[i].ID, err)
		}
	}
	if !o.Prune {
		return plan, nil
	}
	projects, err := r.DB.Projects(ctx)
	if err != nil {
		return plan, err
	}
	for _, p := range projects {
		if named[p.ID] {
			continue
		}
		plan.step(Remove, p.ID, "project", "", "with everybody in it")
		if !o.DryRun {
			if err := r.DeleteProject(ctx, p.ID); err != nil {
				return plan, fmt.Errorf("project %s: %w", p.ID, err)
			}
		}
	}
	return plan, nil
}

// takeTurn waits for the lease.
func (r *Rules) takeTurn(ctx context.Context, holder string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*applyTime)
	defer cancel()
	for {
		held, err := r.DB.AcquireLease(ctx, applyLease, holder, applyTime)
		if err != nil || held {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("another node is applying a declaration and does not finish")
		case <-time.After(applyPause):
		}
	}
}

// application is one project on its way to its declared state: what was read, the plan, and what to write.
type application struct {
	rules   *Rules
	project model.Project
	fresh   bool
	plan    *Plan
	writes  []func(*store.Tx)
}

// applyProject plans one project and writes what differs, in one transaction.
func (r *Rules) applyProject(ctx context.Context, want *DeclaredProject, plan *Plan, dry bool) error {
	a, before := &application{rules: r, plan: plan}, len(plan.Steps)
	stored, err := r.DB.Project(ctx, want.ID)
	switch {
	case errors.Is(err, fault.ProjectNotFound):
		a.fresh, a.project = true, *r.newProject(want.ID, cmp.Or(want.Name, want.ID))
		plan.step(Add, want.ID, "project", "", a.project.Name)
	case err != nil:
		return err
	default:
		a.project = *stored
	}
	if err := a.settings(want); err != nil {
		return err
	}
	a.platforms(want)
	if err := a.keys(ctx, want); err != nil {
		return err
	}
	kinds := make([]string, 0, len(want.Documents))
	for kind := range want.Documents {
		kinds = append(kinds, kind)
	}
	sort.Strings(kinds)
	for _, kind := range kinds {
		if err := a.documents(ctx, kind, want.Documents[kind]); err != nil {
			return err
		}
	}
	if dry || len(a.writes) == 0 {
		return nil
	}
	return r.change(ctx, func(tx *store.Tx) error {
		for _, write := range a.writes {
			write(tx)
		}
		for _, step := range plan.Steps[before:] {
			r.byHand(tx, step.Project, step.event(), step.resource(), step.details)
		}
		return nil
	})
}

// settings plans name and settings.
func (a *application) settings(want *DeclaredProject) error {
	before, err := json.Marshal(a.project.Settings)
	if err != nil {
		return err
	}
	for _, change := range want.Settings {
		change(&a.project.Settings)
	}
	after, err := json.Marshal(a.project.Settings)
	if err != nil {
		return err
	}
	name := cmp.Or(want.Name, a.project.Name)
	renamed, changed := a.project.Name != name, !bytes.Equal(before, after)
	if renamed {
		a.plan.step(Change, want.ID, "name", "", want.Name).details = auth.Details{}.Value("name", a.project.Name, name)
	}
	if changed {
		a.plan.step(Change, want.ID, "settings", "", strings.Join(differingMembers(before, after), ", ")).details = auth.Details{}.Values(json.RawMessage(before), json.RawMessage(after), codes)
	}
	if !a.fresh && !renamed && !changed {
		return nil
	}
	project := a.project
	project.Name, project.UpdatedAt = name, a.rules.now()
	a.writes = append(a.writes, func(tx *store.Tx) { tx.UpsertProject(&project) })
	return nil
}

// differingMembers names the members, two deep, in which two JSON objects differ.
func differingMembers(before, after []byte) []string {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(before, &a) != nil || json.Unmarshal(after, &b) != nil {
		return nil
	}
	var names []string
	for name := range b {
		if bytes.Equal(a[name], b[name]) {
			continue
		}
		inner := differingMembers(a[name], b[name])
		if len(inner) == 0 || name != "policies" && name != "authMethods" {
			inner = []string{name}
		}
		names = append(names, inner...)
	}
	sort.Strings(names)
	return names
}

// platforms plans platforms: the list becomes exactly the declared one.
func (a *application) platforms(want *DeclaredProject) {
	if want.Platforms == nil {
		return
	}
	stored := map[string]model.Platform{}
	for _, p := range a.project.Platforms {
		stored[p.ID] = p
	}
	now := a.rules.now()
	for _, p := range want.Platforms {
		old, there := stored[p.ID]
		delete(stored, p.ID)
		p.Project, p.CreatedAt, p.UpdatedAt = want.ID, now, now
		switch {
		case !there:
			a.plan.step(Add, want.ID, "platform", p.ID, p.Type+" "+p.Value).details = platformDetails(&model.Platform{}, &p)
		case old.Type != p.Type || old.Name != p.Name || old.Value != p.Value:
			p.CreatedAt = old.CreatedAt
			a.plan.step(Change, want.ID, "platform", p.ID, p.Type+" "+p.Value).details = platformDetails(&old, &p)
		default:
			continue
		}
		a.writes = append(a.writes, func(tx *store.Tx) { tx.UpsertPlatform(&p) })
	}
	for _, id := range sortedNames(stored) {
		a.plan.step(Remove, want.ID, "platform", id, "")
		a.writes = append(a.writes, func(tx *store.Tx) { tx.DeletePlatform(want.ID, id) })
	}
}

// keys plans API keys. A key without a declared secret keeps its own, or gets one that is shown once.
func (a *application) keys(ctx context.Context, want *DeclaredProject) error {
	if want.Keys == nil {
		return nil
	}
	stored := map[string]model.Key{}
	if !a.fresh {
		keys, err := a.rules.DB.Keys(ctx, want.ID)
		if err != nil {
			return err
		}
		for _, k := range keys {
			stored[k.ID] = k
		}
	}
	for _, k := range want.Keys {
		old, there := stored[k.ID]
		delete(stored, k.ID)
		text := k.Secret
		if text == "" && !there {
			text = secret.NewKey(a.rules.Random)
			a.plan.Secrets[want.ID+"/"+k.ID] = text
		}
		key := a.rules.newKey(want.ID, NewKey{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Expire: k.Expire, Dev: k.Dev}, text)
		if there {
			key.CreatedAt, key.AccessedAt, key.SDKs = old.CreatedAt, old.AccessedAt, old.SDKs
			if text == "" {
				key.SecretHash, key.Hint = old.SecretHash, old.Hint
			}
		}
		switch what := keyChanges(&old, key); {
		case !there:
			a.plan.step(Add, want.ID, "key", k.ID, strings.Join(k.Scopes, " ")).details = keyDetails(&model.Key{}, key)
		case what != "":
			a.plan.step(Change, want.ID, "key", k.ID, what).details = keyDetails(&old, key)
		default:
			continue
		}
		a.writes = append(a.writes, func(tx *store.Tx) { tx.UpsertKey(key) })
	}
	for _, id := range sortedNames(stored) {
		a.plan.step(Remove, want.ID, "key", id, "")
		a.writes = append(a.writes, func(tx *store.Tx) { tx.DeleteKey(want.ID, id) })
	}
	return nil
}

// keyChanges says in words how two keys differ; the secret only that it does.
func keyChanges(old, key *model.Key) string {
	var what []string
	note := func(differs bool, name string) {
		if differs {
			what = append(what, name)
		}
	}
	note(old.Name != key.Name, "name")
	note(strings.Join(old.Scopes, " ") != strings.Join(key.Scopes, " "), "scopes")
	note(old.Expire != key.Expire, "expire")
	note(old.Dev != key.Dev, "dev")
	note(!bytes.Equal(old.SecretHash, key.SecretHash), "secret")
	return strings.Join(what, ", ")
}

// documents plans pieces of settings that hold secrets.
func (a *application) documents(ctx context.Context, kind string, want []DeclaredDocument) error {
	stored := map[string]store.Document{}
	if !a.fresh {
		list, err := a.rules.DB.Documents(ctx, a.project.ID, kind)
		if err != nil {
			return err
		}
		for _, d := range list {
			stored[d.ID] = d
		}
	}
	for i := range want {
		old, there := stored[want[i].ID]
		delete(stored, want[i].ID)
		if err := a.document(kind, &want[i], &old, there); err != nil {
			return err
		}
	}
	for _, id := range sortedNames(stored) {
		a.plan.step(Remove, a.project.ID, kind, id, "")
		a.writes = append(a.writes, func(tx *store.Tx) {
			tx.DeleteDocument(a.project.ID, kind, id)
			if kind == store.KindWebhook {
				tx.DeleteWebhookState(a.project.ID, id)
			}
		})
	}
	return nil
}

// document plans one of them. Secrets that are not declared stay as they are.
func (a *application) document(kind string, want *DeclaredDocument, old *store.Document, there bool) error {
	body, err := json.Marshal(want.Body)
	if err != nil {
		return err
	}
	secrets, err := openSecrets(a.rules.Keys, old)
	if err != nil {
		return err
	}
	if kind == store.KindWebhook {
		if err := a.webhook(want, there); err != nil {
			return err
		}
	}
	before := emptyDocument(want.ID)
	if there {
		if err := json.Unmarshal([]byte(old.Body), &before.Body); err != nil {
			return err
		}
		before.Secrets = maps.Clone(secrets)
	}
	changed := false
	for name, value := range want.Secrets {
		changed = changed || secrets[name] != value
		secrets[name] = value
	}
	now := a.rules.now()
	d := &store.Document{Project: a.project.ID, Kind: kind, ID: want.ID, Body: model.Object(body), Sealed: old.Sealed, CreatedAt: now, UpdatedAt: now}
	var step *Step
	switch {
	case !there:
		step = a.plan.step(Add, a.project.ID, kind, want.ID, "")
	case changed:
		step = a.plan.step(Change, a.project.ID, kind, want.ID, "secret")
	case string(old.Body) != string(body):
		step = a.plan.step(Change, a.project.ID, kind, want.ID, "")
	default:
		return nil
	}
	step.details = documentDetails(before, &Document{ID: want.ID, Body: want.Body, Secrets: secrets})
	if there {
		d.CreatedAt = old.CreatedAt
	}
	if changed || !there && len(secrets) > 0 {
		text, err := json.Marshal(secrets)
		if err != nil {
			return err
		}
		d.Sealed = a.rules.Keys.SealText(sealedFor, sealPlace(d.Project, kind, d.ID), string(text))
	}
	a.writes = append(a.writes, func(tx *store.Tx) { tx.UpsertDocument(d) })
	return nil
}

// webhook refuses an address that webhooks may not go to, and gives a new one without a secret its own, which is shown
// once.
func (a *application) webhook(want *DeclaredDocument, there bool) error {
	address, _ := want.Body["url"].(string)
	if err := a.rules.reachable(address); err != nil {
		return fmt.Errorf("webhook %s: %w", want.ID, err)
	}
	if !there && want.Secrets["secret"] == "" {
		want.Secrets["secret"] = a.rules.newSigningKey()
		a.plan.Secrets[a.project.ID+"/webhooks/"+want.ID] = want.Secrets["secret"]
	}
	return nil
}

// sortedNames lists a map's keys in order.
func sortedNames[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
