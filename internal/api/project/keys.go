package project

import (
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

func (s *Service) keys() []api.Endpoint {
	return []api.Endpoint{
		api.Define(listKeys, s.listKeys),
		api.Define(createKey, s.createKey),
		api.Define(createEphemeralKey, s.createEphemeralKey),
		api.Define(getKey, s.getKey),
		api.Define(updateKey, s.updateKey),
		api.Define(deleteKey, s.deleteKey),
	}
}

var listKeys = api.Spec{
	Route: "GET /v1/project/keys", SDK: []string{"project.listKeys"},
	About: "List the API keys, oldest first, without their texts.",
	Scope: api.ScopeKeysRead, Status: 200, Faults: []*fault.Kind{fault.CursorNotFound},
}

// standing picks the keys that grant something.
func standing(keys []model.Key) []model.Key {
	list := []model.Key{}
	for _, k := range keys {
		if !k.Dev {
			list = append(list, k)
		}
	}
	return list
}

type keysIn struct{ pageIn }

func (in *keysIn) Params(p *api.Params) { in.asked(p, check.KeyQueries) }

func (s *Service) listKeys(c *api.Call, in *keysIn) (*wire.KeyList, error) {
	keys, err := s.Rules.ListKeys(c.Context(), c.Project.ID)
	if err != nil {
		return nil, err
	}
	part, total, err := admin.SiftKeys(standing(keys), in.queries)
	if err != nil {
		return nil, err
	}
	list := &wire.KeyList{Total: in.counted(total), Keys: []*wire.Key{}}
	for i := range part {
		list.Keys = append(list.Keys, wire.KeyOf(&part[i], ""))
	}
	return list, nil
}

var createKey = api.Spec{
	Route: "POST /v1/project/keys", SDK: []string{"project.createKey", "project.createStandardKey"}, Alias: []string{"/v1/project/keys/standard"},
	About: "Make an API key. Its text is in this answer and nowhere else. Operators only: a key may not make another one.",
	Scope: api.ScopeKeysWrite, Audit: "key.create", Status: 201, Faults: []*fault.Kind{fault.KeyAlreadyExists, fault.KeyCreationDenied},
}

// KeyIn is what an API key is made of.
type KeyIn struct{ admin.NewKey }

// Rest binds all but the id.
func (in *KeyIn) Rest(p *api.Params) {
	p.String("name", &in.Name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Server"))
	p.Strings("scopes", &in.Scopes, admin.CheckScopes, "What the key may do.", api.Example([]string{"users.read"}))
	p.String("expire", new(string), func(text string) error { return moment(text, &in.Expire) }, "When it ends; without it, never.", api.Optional, api.Format("datetime"), api.Example("2030-01-31T12:00:00.000+00:00"))
}

type newKeyIn struct{ KeyIn }

func (in *newKeyIn) Params(p *api.Params) {
	p.String("keyId", &in.ID, check.CustomID, "Key id, or `unique()`.", api.Default("unique()"), api.Example("unique()"))
	in.Rest(p)
}

// keyReply shows a key, with its text where it has just been made.
func keyReply(key *model.Key, text string, err error) (*wire.Key, error) {
	if err != nil {
		return nil, err
	}
	return wire.KeyOf(key, text), nil
}

func (s *Service) createKey(c *api.Call, in *newKeyIn) (*wire.Key, error) {
	key, text, err := s.Rules.AddKey(c.Context(), c.Request(), by(c), in.NewKey)
	return keyReply(key, text, err)
}

var createEphemeralKey = api.Spec{
	Route: "POST /v1/project/keys/ephemeral", SDK: []string{"project.createEphemeralKey"},
	About: "Make a key that lives an hour at most and is stored nowhere. A key can hand on only what it may do itself, and for no longer than it lives.",
	Scope: api.ScopeKeysWrite, Audit: "key.create", Status: 201,
}

type ephemeralIn struct {
	scopes   []string
	duration int
}

func (in *ephemeralIn) Params(p *api.Params) { in.bind(p) }

func (in *ephemeralIn) bind(p *api.Params, duration ...api.Option) {
	p.Strings("scopes", &in.scopes, admin.CheckScopes, "What the key may do.", api.Example([]string{"users.read"}))
	p.Int("duration", &in.duration, check.Between(1, 3600), "Seconds it lives.", append(duration, api.Example(600))...)
}

func (s *Service) createEphemeralKey(c *api.Call, in *ephemeralIn) (*wire.Key, error) {
	key, text, err := s.Rules.EphemeralKey(c.Context(), c.Request(), by(c), in.scopes, time.Duration(in.duration)*time.Second)
	return keyReply(key, text, err)
}

type keyIDIn struct{ id string }

func (in *keyIDIn) Params(p *api.Params) {
	p.String("keyId", &in.id, check.UID, "Key id.", api.Example("server"))
}

var getKey = api.Spec{
	Route: "GET /v1/project/keys/{keyId}", SDK: []string{"project.getKey"},
	About: "Get an API key without its text.",
	Scope: api.ScopeKeysRead, Status: 200, Faults: []*fault.Kind{fault.KeyNotFound},
}

func (s *Service) getKey(c *api.Call, in *keyIDIn) (*wire.Key, error) {
	key, err := s.Rules.Key(c.Context(), c.Project.ID, in.id)
	return keyReply(key, "", err)
}

var updateKey = api.Spec{
	Route: "PUT /v1/project/keys/{keyId}", SDK: []string{"project.updateKey"},
	About: "Change a key's name, scopes and end. Its text stays.",
	Scope: api.ScopeKeysWrite, Audit: "key.update", Status: 200, Faults: []*fault.Kind{fault.KeyNotFound},
}

type keyChangeIn struct{ KeyIn }

func (in *keyChangeIn) Params(p *api.Params) {
	p.String("keyId", &in.ID, check.UID, "Key id.", api.Example("server"))
	in.Rest(p)
}

func (s *Service) updateKey(c *api.Call, in *keyChangeIn) (*wire.Key, error) {
	key, err := s.Rules.ChangeKey(c.Context(), c.Request(), by(c), in.NewKey)
	return keyReply(key, "", err)
}

var deleteKey = api.Spec{
	Route: "DELETE /v1/project/keys/{keyId}", SDK: []string{"project.deleteKey"},
	About: "Delete an API key. The next request with it is refused.",
	Scope: api.ScopeKeysWrite, Audit: "key.delete", Status: 204, Faults: []*fault.Kind{fault.KeyNotFound},
}

func (s *Service) deleteKey(c *api.Call, in *keyIDIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveKey(c.Context(), c.Request(), by(c), in.id)
}
