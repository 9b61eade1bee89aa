package admin

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/post"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Rules holds what the rules for operators work with. Those from Refresh on are required where the API is served.
type Rules struct {
	DB     *store.DB
	Keys   *secret.KeyRing
	Random *secret.Random
	Clock  func() time.Time

	Refresh  func(context.Context) error // lets this node see a change at once
	TryMail  func(context.Context, post.SMTPSettings) error
	SendMail func(context.Context, post.SMTPSettings, *model.Message, *post.Wording) error
	People   *auth.Rules // makes and invites those who become operators

	AllowPrivate []netip.Prefix // networks beyond the public internet that webhooks may lead to
	Webhooking   Webhooking
}

// Webhooking is what operators set going about deliveries.
type Webhooking struct {
	Life time.Duration                                      // of a delivery
	Ping func(tx *store.Tx, project, webhook string) string // puts a trial on its way and returns its id
	Ring func()                                             // wakes whoever delivers
}

// now is the current moment of the rules' clock.
func (r *Rules) now() model.Time { return model.At(r.Clock()) }

// change writes settings and moves the version that every node watches.
func (r *Rules) change(ctx context.Context, write func(*store.Tx) error) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		tx.BumpSettingsVersion()
		return nil
	})
}

// CLI is who acts through the command line, and through a declared file: whoever may open the database.
const CLI = "cli"

// CommandLine is it as an actor.
var CommandLine = auth.Actor{Type: CLI, ID: CLI, Name: "Command line", Mode: "admin"}

// byHand notes in a project's audit trail what was done on the command line.
func (r *Rules) byHand(tx *store.Tx, project, event, resource string, what auth.Details) {
	r.audit(tx, &auth.Request{Project: &model.Project{ID: project}, Audit: event, Actor: CommandLine}, resource, what)
}

// EnsureConsole makes the operators' own project if it is not there.
func (r *Rules) EnsureConsole(ctx context.Context) error {
	_, err := r.DB.Project(ctx, model.ConsoleProject)
	if !errors.Is(err, fault.ProjectNotFound) {
		return err
	}
	err = r.change(ctx, func(tx *store.Tx) error {
		tx.InsertProject(r.newProject(model.ConsoleProject, "Console"))
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil // another node was quicker
	}
	return err
}

// newProject is a project with the settings every project starts with.
func (r *Rules) newProject(id, name string) *model.Project {
	now := r.now()
	return &model.Project{ID: id, Name: name, CreatedAt: now, UpdatedAt: now, AccessedAt: now, Settings: model.DefaultSettings()}
}

// CreateProject makes a project. Faults: general_argument_invalid, project_reserved_project,
// project_already_exists.
func (r *Rules) CreateProject(ctx context.Context, id, name string) (*model.Project, error) {
	if id == model.ConsoleProject {
		return nil, fault.ProjectReserved
	}
	if err := check.ProjectID(id); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `projectId` param: " + err.Error())
	}
	if name == "" {
		name = id
	}
	if err := check.Text(1, 128)(name); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `name` param: " + err.Error())
	}
	project := r.newProject(id, name)
	err := r.change(ctx, func(tx *store.Tx) error {
		tx.InsertProject(project)
		r.byHand(tx, id, "project.create", "", auth.Details{}.Value("name", nil, name))
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.ProjectAlreadyExists.Because(err)
	}
	return project, err
}

// ListProjects lists all projects, the console's own included.
func (r *Rules) ListProjects(ctx context.Context) ([]model.Project, error) { return r.DB.Projects(ctx) }

// DeleteProject deletes a project with everything in it, people too. Faults: project_reserved_project,
// project_not_found.
func (r *Rules) DeleteProject(ctx context.Context, id string) error {
	if id == model.ConsoleProject {
		return fault.ProjectReserved
	}
	return r.change(ctx, func(tx *store.Tx) error {
		tx.DeleteProject(id)
		r.byHand(tx, model.ConsoleProject, "project.delete", "projects/"+id, nil) // the project's own trail goes with it
		return nil
	})
}

// NewKey is what an API key is made of.
type NewKey struct {
	ID, Name string
	Scopes   []string
	Expire   model.Time // zero: never
	Dev      bool
}

// CreateKey makes an API key and returns its text, which is shown this once and kept nowhere.
// Faults: project_not_found, general_argument_invalid, key_already_exists.
func (r *Rules) CreateKey(ctx context.Context, project string, in NewKey) (*model.Key, string, error) {
	if _, err := r.DB.Project(ctx, project); err != nil {
		return nil, "", err
	}
	if in.ID == "" {
		in.ID = r.Random.ID(r.Clock())
	}
	if err := check.UID(in.ID); err != nil {
		return nil, "", fault.ArgumentInvalid.Say("Invalid `keyId` param: " + err.Error())
	}
	for _, scope := range in.Scopes {
		if err := KnownScope(scope); err != nil {
			return nil, "", fault.ArgumentInvalid.Say("Invalid `scopes` param: " + err.Error())
		}
	}
	if in.Name == "" {
		in.Name = in.ID
	}
	text := secret.NewKey(r.Random)
	key := r.newKey(project, in, text)
	err := r.change(ctx, func(tx *store.Tx) error {
		tx.InsertKey(key)
		r.byHand(tx, project, "key.create", "keys/"+key.ID, keyDetails(&model.Key{}, key))
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, "", fault.KeyAlreadyExists.Because(err)
	}
	return key, text, err
}

// newKey is a key as it is stored.
func (r *Rules) newKey(project string, in NewKey, text string) *model.Key {
	now := r.now()
	return &model.Key{Project: project, ID: in.ID, Name: in.Name, CreatedAt: now, UpdatedAt: now, SecretHash: secret.HashToken(text),
		Hint: secret.Hint(text), Scopes: in.Scopes, Expire: in.Expire, Dev: in.Dev}
}

// ListKeys lists a project's keys. Fault: project_not_found.
func (r *Rules) ListKeys(ctx context.Context, project string) ([]model.Key, error) {
	if _, err := r.DB.Project(ctx, project); err != nil {
		return nil, err
	}
	return r.DB.Keys(ctx, project)
}

// DeleteKey deletes a key; the next request with it is refused, on every node. Fault: key_not_found.
func (r *Rules) DeleteKey(ctx context.Context, project, id string) error {
	return r.change(ctx, func(tx *store.Tx) error {
		tx.DeleteKey(project, id)
		r.byHand(tx, project, "key.delete", "keys/"+id, nil)
		return nil
	})
}
