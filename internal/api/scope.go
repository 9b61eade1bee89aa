package api

// Scope is the right a route asks for. Roles and keys carry scopes; see Grants.
type Scope string

// The scopes of the routes that exist.
const (
	ScopeGlobal         Scope = "global" // everybody, keys too
	ScopePublic         Scope = "public" // guests and users, not keys
	ScopeAccount        Scope = "account"
	ScopeSessionsWrite  Scope = "sessions.write"
	ScopeTargetsRead    Scope = "targets.read"
	ScopeTargetsWrite   Scope = "targets.write"
	ScopeLocaleRead     Scope = "locale.read"
	ScopeHealthRead     Scope = "health.read"
	ScopeUsersRead      Scope = "users.read"
	ScopeUsersWrite     Scope = "users.write"
	ScopeProvidersRead  Scope = "providers.read"
	ScopeProvidersWrite Scope = "providers.write"
	ScopeProjectRead    Scope = "project.read"
	ScopeProjectWrite   Scope = "project.write"
	ScopeProjectsRead   Scope = "projects.read"
	ScopeProjectsWrite  Scope = "projects.write"
	ScopeKeysRead       Scope = "keys.read"
	ScopeKeysWrite      Scope = "keys.write"
	ScopeDevKeysRead    Scope = "devKeys.read"
	ScopeDevKeysWrite   Scope = "devKeys.write"
	ScopePlatformsRead  Scope = "platforms.read"
	ScopePlatformsWrite Scope = "platforms.write"
	ScopePoliciesRead   Scope = "project.policies.read"
	ScopePoliciesWrite  Scope = "project.policies.write"
	ScopeOAuth2Read     Scope = "project.oauth2.read"
	ScopeOAuth2Write    Scope = "project.oauth2.write"
	ScopeTemplatesRead  Scope = "templates.read"
	ScopeTemplatesWrite Scope = "templates.write"
	ScopeMocksRead      Scope = "mocks.read"
	ScopeMocksWrite     Scope = "mocks.write"
	ScopeEventsRead     Scope = "events.read"
	ScopeWebhooksRead   Scope = "webhooks.read"
	ScopeWebhooksWrite  Scope = "webhooks.write"
	ScopeTeamsRead      Scope = "teams.read"
	ScopeTeamsWrite     Scope = "teams.write"
	ScopeAll            Scope = "*" // of a key: every scope a key can have
)

// Role is what a caller counts as.
type Role string

// The roles. The last four are those of an operator in a project's team.
const (
	RoleGuest     Role = "guests"
	RoleUser      Role = "users"
	RoleKey       Role = "keys"
	RoleOwner     Role = "owner"
	RoleAdmin     Role = "admin"
	RoleDeveloper Role = "developer"
	RoleAnalyst   Role = "analyst"
)

// Label is the role's name in the scope error's sentence.
func (r Role) Label() string {
	if r == RoleKey {
		return "applications"
	}
	return string(r)
}

// Operator says whether the role is that of an operator acting on a project.
func (r Role) Operator() bool {
	return r == RoleOwner || r == RoleAdmin || r == RoleDeveloper || r == RoleAnalyst
}

// grants lists the scopes that come with a role. A key adds its own to those of RoleKey, which has neither
// account nor public: a server must never be taken for a person.
var grants = map[Role][]Scope{
	RoleGuest: {ScopeGlobal, ScopePublic, ScopeSessionsWrite, ScopeLocaleRead, "graphql", "avatars.read"},
	RoleUser: {ScopeGlobal, ScopePublic, ScopeAccount, ScopeSessionsWrite, ScopeTargetsRead, ScopeTargetsWrite,
		ScopeLocaleRead, "graphql", "avatars.read", "teams.read", "teams.write", "projects.read"},
	RoleKey:       {ScopeGlobal, ScopeHealthRead, "graphql"},
	RoleOwner:     append(operatorScopes(), ScopePublic, ScopeAccount, "projects.read"),
	RoleAdmin:     operatorScopes(),
	RoleDeveloper: operatorScopes(),
	RoleAnalyst: {ScopeGlobal, ScopeHealthRead, ScopeLocaleRead, ScopeUsersRead, ScopeTargetsRead, "keys.read", "platforms.read",
		"webhooks.read", "project.read", "project.policies.read", "project.oauth2.read", "providers.read", "templates.read", "mocks.read", "teams.read", "devKeys.read", ScopeEventsRead},
}

// operatorScopes is everything an operator may do in a project.
func operatorScopes() []Scope {
	return []Scope{ScopeGlobal, ScopeHealthRead, ScopeLocaleRead, ScopeSessionsWrite, ScopeTargetsRead, ScopeTargetsWrite, ScopeUsersRead, ScopeUsersWrite,
		"graphql", "avatars.read", "teams.read", "teams.write", "keys.read", "keys.write", "devKeys.read", "devKeys.write", "platforms.read", "platforms.write",
		ScopeEventsRead, "webhooks.read", "webhooks.write", "providers.read", "providers.write", "projects.write", "project.read", "project.write",
		"project.policies.read", "project.policies.write", "project.oauth2.read", "project.oauth2.write", "templates.read", "templates.write",
		"mocks.read", "mocks.write", "messages.read", "messages.write", "topics.read", "topics.write", "subscribers.read", "subscribers.write"}
}

// spelledToo are scopes that go by an older name too; either is enough.
var spelledToo = map[Scope]Scope{ScopePoliciesRead: "policies.read", ScopePoliciesWrite: "policies.write"}

// grantSets is grants for look-ups.
var grantSets = func() map[Role]map[Scope]bool {
	sets := make(map[Role]map[Scope]bool, len(grants))
	for role, scopes := range grants {
		sets[role] = make(map[Scope]bool, len(scopes))
		for _, scope := range scopes {
			sets[role][scope] = true
		}
	}
	return sets
}()
