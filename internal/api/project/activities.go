package project

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

func (s *Service) activities() []api.Endpoint {
	return []api.Endpoint{api.Define(listActivities, s.listActivities), api.Define(getActivity, s.getActivity)}
}

var listActivities = api.Spec{
	Route: "GET /v1/activities/events", SDK: []string{"activities.listEvents"},
	About: "List the audit trail, latest first: who did what, from where, and what an operator, a key or the command line has changed. Queries: equal on `event`, `resource` (with all below it), `actorId` (or `userId`) and `actorType` (user, guest, admin, keyProject, cli), each with one value or several, ranges of `time`, orderAsc or orderDesc on `time`, limit (500 at most), offset, cursorAfter, cursorBefore.",
	Scope: api.ScopeEventsRead, Status: 200, Faults: []*fault.Kind{fault.CursorNotFound, fault.DatabaseTimeout},
}

type activitiesIn struct{ queries check.Queries }

func (in *activitiesIn) Params(p *api.Params) { p.QueriesOrOne(&in.queries, check.ActivityQueries) }

func (s *Service) listActivities(c *api.Call, in *activitiesIn) (*wire.ActivityList, error) {
	entries, total, err := s.Rules.Activities(c.Context(), c.Project.ID, in.queries)
	if err != nil {
		return nil, err
	}
	list := &wire.ActivityList{Total: total, Events: make([]*wire.Activity, len(entries))}
	for i := range entries {
		list.Events[i] = wire.ActivityOf(&entries[i])
	}
	return list, nil
}

var getActivity = api.Spec{
	Route: "GET /v1/activities/events/{eventId}", SDK: []string{"activities.getEvent"},
	About: "Get an entry of the audit trail.",
	Scope: api.ScopeEventsRead, Status: 200, Faults: []*fault.Kind{fault.LogNotFound},
}

type activityIn struct{ id string }

func (in *activityIn) Params(p *api.Params) {
	p.String("eventId", &in.id, check.UID, "Position of the entry in the chain.", api.Example("1"))
}

func (s *Service) getActivity(c *api.Call, in *activityIn) (*wire.Activity, error) {
	found, err := s.Rules.Activity(c.Context(), c.Project.ID, in.id)
	if err != nil {
		return nil, err
	}
	return wire.ActivityOf(found), nil
}
