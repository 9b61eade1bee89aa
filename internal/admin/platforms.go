package admin

import (
	"context"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// PlatformTypes lists the types of platform, and PlatformValue names the member that each is recognised by.
var PlatformTypes = []string{model.PlatformWeb, model.PlatformAndroid, model.PlatformApple, model.PlatformLinux, model.PlatformWindows, model.PlatformScheme}

// PlatformValue names the member that a type of platform is recognised by; empty for no type.
func PlatformValue(kind string) string { return platformValues[kind] }

// platform finds one of a project's platforms. Fault: platform_not_found.
func platform(p *model.Project, id string) (*model.Platform, error) {
	for i := range p.Platforms {
		if p.Platforms[i].ID == id {
			return &p.Platforms[i], nil
		}
	}
	return nil, fault.PlatformNotFound
}

// Platform finds one of a project's platforms. Fault: platform_not_found.
func (r *Rules) Platform(ctx context.Context, project, id string) (*model.Platform, error) {
	p, err := r.Project(ctx, project)
	if err != nil {
		return nil, err
	}
	return platform(p, id)
}

// AddPlatform adds a place that a project's apps run at. Fault: platform_already_exists.
func (r *Rules) AddPlatform(ctx context.Context, req *auth.Request, p model.Platform) (*model.Platform, error) {
	p.Project, p.ID, p.CreatedAt, p.UpdatedAt = req.Project.ID, r.idOr(p.ID), r.now(), r.now()
	err := r.changed(ctx, req, "platforms/"+p.ID, func(tx *store.Tx, what *auth.Details) error {
		tx.InsertPlatform(&p)
		*what = platformDetails(&model.Platform{}, &p)
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.PlatformAlreadyExists.Because(err)
	}
	return &p, err
}

// ChangePlatform renames a platform and changes what it is recognised by. A type other than its own is refused; an
// empty one stands for whichever it has, and an empty value keeps what is there.
// Faults: platform_not_found, platform_method_unsupported.
func (r *Rules) ChangePlatform(ctx context.Context, req *auth.Request, want model.Platform) (*model.Platform, error) {
	var found *model.Platform
	err := r.changed(ctx, req, "platforms/"+want.ID, func(tx *store.Tx, what *auth.Details) error {
		project, err := tx.Project(req.Project.ID)
		if err != nil {
			return err
		}
		if found, err = platform(project, want.ID); err != nil {
			return err
		}
		if want.Type != "" && found.Type != want.Type {
			return fault.PlatformMethodUnsupported
		}
		before := *found
		found.Name, found.UpdatedAt = want.Name, tx.Now
		if want.Value != "" {
			found.Value = want.Value
		}
		tx.UpsertPlatform(found)
		*what = platformDetails(&before, found)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// RemovePlatform takes a platform away: calls and redirects to it are refused from then on. Fault: platform_not_found.
func (r *Rules) RemovePlatform(ctx context.Context, req *auth.Request, id string) error {
	return r.changed(ctx, req, "platforms/"+id, func(tx *store.Tx, what *auth.Details) error {
		tx.DeletePlatform(req.Project.ID, id)
		return nil
	})
}

// platformDetails says how two platforms differ.
func platformDetails(before, after *model.Platform) auth.Details {
	return auth.Details{}.Value("type", before.Type, after.Type).Value("name", before.Name, after.Name).Value(platformValues[after.Type], before.Value, after.Value)
}

// idOr returns the id asked for, or a new one for none and for the literal unique().
func (r *Rules) idOr(id string) string {
	if id == "" || id == "unique()" {
		return r.Random.ID(r.Clock())
	}
	return id
}

// CheckPlatformValue checks what a platform is recognised by.
func CheckPlatformValue(value string) error { return check.Text(1, 256)(value) }
