// Package health holds the rows that tell whether the server is well, and its version.
package health

import (
	"context"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/compat"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Service serves the rows of the Health service, and ping.
type Service struct {
	// Ready reports whether the database answers.
	Ready func(context.Context) error
	// Document makes the OpenAPI document.
	Document func() (api.Document, error)
}

// Endpoints lists the Health service, ping, and the OpenAPI document.
func (s *Service) Endpoints() []api.Endpoint {
	return []api.Endpoint{
		api.Define(get, s.get),
		api.Define(getVersion, s.getVersion),
		api.Define(ping, s.ping),
		api.Define(openAPI, s.openAPI),
	}
}

var get = api.Spec{
	Route: "GET /v1/health", SDK: []string{"health.get"},
	About: "Tell a server whether this one is well: it is when its database answers.",
	Scope: api.ScopeHealthRead, Status: 200, Faults: []*fault.Kind{fault.ServerBusy},
}

func (s *Service) get(c *api.Call, _ *api.None) (*wire.HealthStatus, error) {
	if err := s.Ready(c.Context()); err != nil {
		return nil, fault.ServerBusy.Say("The database does not answer.").Because(err)
	}
	return &wire.HealthStatus{Name: "http", Status: "pass"}, nil
}

var getVersion = api.Spec{
	Route: "GET /v1/health/version", SDK: []string{"health.getVersion"},
	About: "Get the version of the API that is spoken.",
	Scope: api.ScopePublic, Status: 200,
}

func (s *Service) getVersion(*api.Call, *api.None) (*wire.HealthVersion, error) {
	return &wire.HealthVersion{Version: compat.Newest}, nil
}

var ping = api.Spec{
	Route: "GET /v1/ping", SDK: []string{"client.ping"},
	About: "Check that the project can be reached.",
	Scope: api.ScopeGlobal, Status: 200,
}

func (s *Service) ping(c *api.Call, _ *api.None) (api.Text, error) {
	if c.Project.ID == model.ConsoleProject {
		return "", fault.ProjectNotFound
	}
	return "Pong!", nil
}

var openAPI = api.Spec{
	Route: "GET /v1/openapi.json", SDK: []string{"health.openapi"},
	About: "Get this document.",
	Scope: api.ScopeGlobal, Status: 200, Cache: "public, max-age=300",
}

func (s *Service) openAPI(*api.Call, *api.None) (api.Document, error) { return s.Document() }
