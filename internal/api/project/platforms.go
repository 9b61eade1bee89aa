package project

import (
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

func (s *Service) platforms() []api.Endpoint {
	table := []api.Endpoint{api.Define(listPlatforms, s.listPlatforms), api.Define(getPlatform, s.getPlatform), api.Define(deletePlatform, s.deletePlatform)}
	for _, kind := range admin.PlatformTypes {
		name := strings.ToUpper(kind[:1]) + kind[1:] + "Platform"
		if kind == model.PlatformScheme {
			continue // ours; the official API has none, and a file can declare it
		}
		create := api.Spec{Route: "POST /v1/project/platforms/" + kind, SDK: []string{"project.create" + name},
			About: "Add a place that the project's apps run at.", Scope: api.ScopePlatformsWrite, Audit: "platform.create", Status: 201,
			Faults: []*fault.Kind{fault.PlatformAlreadyExists}}
		update := api.Spec{Route: "PUT /v1/project/platforms/" + kind + "/{platformId}", SDK: []string{"project.update" + name},
			About: "Change a platform.", Scope: api.ScopePlatformsWrite, Audit: "platform.update", Status: 200,
			Faults: []*fault.Kind{fault.PlatformNotFound, fault.PlatformMethodUnsupported}}
		table = append(table,
			api.DefineWith(create, func() *platformIn { return &platformIn{Platform: model.Platform{Type: kind}, fresh: true} }, s.createPlatform),
			api.DefineWith(update, func() *platformIn { return &platformIn{Platform: model.Platform{Type: kind}} }, s.updatePlatform))
	}
	return table
}

// platformIn is a platform of a type, which names what it is recognised by.
type platformIn struct {
	model.Platform
	fresh bool
}

func (in *platformIn) Params(p *api.Params) {
	id, about := check.UID, "Platform id."
	if in.fresh {
		id, about = check.CustomID, "Platform id, or `unique()`."
	}
	p.String("platformId", &in.ID, id, about, api.Example("app"))
	p.String("name", &in.Name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("App"))
	p.String(admin.PlatformValue(in.Type), &in.Value, admin.CheckPlatformValue, "What the platform is recognised by.", api.Example("app.example.com"))
}

func platformReply(p *model.Platform, err error) (*wire.Platform, error) {
	if err != nil {
		return nil, err
	}
	return wire.PlatformOf(p), nil
}

func (s *Service) createPlatform(c *api.Call, in *platformIn) (*wire.Platform, error) {
	p, err := s.Rules.AddPlatform(c.Context(), c.Request(), in.Platform)
	return platformReply(p, err)
}

func (s *Service) updatePlatform(c *api.Call, in *platformIn) (*wire.Platform, error) {
	p, err := s.Rules.ChangePlatform(c.Context(), c.Request(), in.Platform)
	return platformReply(p, err)
}

var listPlatforms = api.Spec{
	Route: "GET /v1/project/platforms", SDK: []string{"project.listPlatforms"},
	About: "List the places that the project's apps run at, oldest first.",
	Scope: api.ScopePlatformsRead, Status: 200, Faults: []*fault.Kind{fault.CursorNotFound},
}

type platformsIn struct{ pageIn }

func (in *platformsIn) Params(p *api.Params) { in.asked(p, check.PlatformQueries) }

func (s *Service) listPlatforms(c *api.Call, in *platformsIn) (*wire.PlatformList, error) {
	p, err := s.Rules.Project(c.Context(), c.Project.ID)
	if err != nil {
		return nil, err
	}
	part, total, err := admin.SiftPlatforms(p.Platforms, in.queries)
	if err != nil {
		return nil, err
	}
	return &wire.PlatformList{Total: in.counted(total), Platforms: wire.PlatformsOf(part)}, nil
}

type platformIDIn struct{ id string }

func (in *platformIDIn) Params(p *api.Params) {
	p.String("platformId", &in.id, check.UID, "Platform id.", api.Example("app"))
}

var getPlatform = api.Spec{
	Route: "GET /v1/project/platforms/{platformId}", SDK: []string{"project.getPlatform"},
	About: "Get a platform.",
	Scope: api.ScopePlatformsRead, Status: 200, Faults: []*fault.Kind{fault.PlatformNotFound},
}

func (s *Service) getPlatform(c *api.Call, in *platformIDIn) (*wire.Platform, error) {
	p, err := s.Rules.Platform(c.Context(), c.Project.ID, in.id)
	return platformReply(p, err)
}

var deletePlatform = api.Spec{
	Route: "DELETE /v1/project/platforms/{platformId}", SDK: []string{"project.deletePlatform"},
	About: "Take a platform away. Calls from it and redirects to it are refused from then on.",
	Scope: api.ScopePlatformsWrite, Audit: "platform.delete", Status: 204, Faults: []*fault.Kind{fault.PlatformNotFound},
}

func (s *Service) deletePlatform(c *api.Call, in *platformIDIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemovePlatform(c.Context(), c.Request(), in.id)
}
