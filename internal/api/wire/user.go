package wire

import "latchkey/internal/model"

// User is a user as servers and operators see them.
type User struct {
	ID                 string        `json:"$id"`
	CreatedAt          model.Time    `json:"$createdAt"`
	UpdatedAt          model.Time    `json:"$updatedAt"`
	Name               string        `json:"name"`
	Password           *string       `json:"password"`
	Hash               *string       `json:"hash"`
	HashOptions        *model.Object `json:"hashOptions"`
	Registration       model.Time    `json:"registration"`
	Status             bool          `json:"status"`
	Labels             []string      `json:"labels"`
	PasswordUpdate     model.Time    `json:"passwordUpdate"`
	Email              string        `json:"email"`
	Phone              string        `json:"phone"`
	EmailVerification  bool          `json:"emailVerification"`
	EmailCanonical     *string       `json:"emailCanonical"`
	EmailIsFree        *bool         `json:"emailIsFree"`
	EmailIsDisposable  *bool         `json:"emailIsDisposable"`
	EmailIsCorporate   *bool         `json:"emailIsCorporate"`
	EmailIsCanonical   *bool         `json:"emailIsCanonical"`
	PhoneVerification  bool          `json:"phoneVerification"`
	MFA                bool          `json:"mfa" since:"1.5.0"`
	Prefs              model.Object  `json:"prefs"`
	Targets            []Target      `json:"targets" since:"1.5.0"`
	AccessedAt         model.Time    `json:"accessedAt"`
	Impersonator       bool          `json:"impersonator" since:"1.9.0"`
	ImpersonatorUserID *string       `json:"impersonatorUserId" since:"1.9.0"`
}

// Model implements api.Model.
func (*User) Model() string { return "user" }

// UserOf shows a user. Their password's hash is shown only to who could set another one: it is for moving people to
// another system, and a hash that is read can be guessed at in peace.
func UserOf(u *model.User, withHash bool) *User {
	a := AccountOf(u, nil)
	shown := &User{
		ID: a.ID, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Name: a.Name, Registration: a.CreatedAt, Status: a.Status, Labels: a.Labels,
		PasswordUpdate: a.PasswordUpdate, Email: a.Email, Phone: a.Phone, EmailVerification: a.EmailVerification, EmailCanonical: a.EmailCanonical,
		EmailIsFree: a.EmailIsFree, EmailIsDisposable: a.EmailIsDisposable, EmailIsCorporate: a.EmailIsCorporate, EmailIsCanonical: a.EmailIsCanonical,
		PhoneVerification: a.PhoneVerification, MFA: a.MFA, Prefs: a.Prefs, Targets: a.Targets, AccessedAt: a.AccessedAt, Impersonator: a.Impersonator,
	}
	if withHash && u.HasPassword() {
		shown.Password, shown.Hash, shown.HashOptions = &u.Password.Hash, &u.Password.Kind, &u.Password.Options
	}
	return shown
}

// UserList is a list of users.
type UserList struct {
	Total int     `json:"total"`
	Users []*User `json:"users"`
}

// Model implements api.Model.
func (*UserList) Model() string { return "userList" }

// TargetList is a list of targets.
type TargetList struct {
	Total   int      `json:"total"`
	Targets []Target `json:"targets"`
}

// Model implements api.Model.
func (*TargetList) Model() string { return "targetList" }

// MembershipList is a list of memberships in teams.
type MembershipList struct {
	Total       int          `json:"total"`
	Memberships []Membership `json:"memberships"`
}

// Model implements api.Model.
func (*MembershipList) Model() string { return "membershipList" }

// Membership is a person's place in a team.
type Membership struct {
	ID             string     `json:"$id"`
	CreatedAt      model.Time `json:"$createdAt"`
	UpdatedAt      model.Time `json:"$updatedAt"`
	UserID         string     `json:"userId"`
	UserName       string     `json:"userName"`
	UserEmail      string     `json:"userEmail"`
	UserPhone      string     `json:"userPhone"`
	TeamID         string     `json:"teamId"`
	TeamName       string     `json:"teamName"`
	Invited        model.Time `json:"invited"`
	Joined         model.Time `json:"joined"`
	Confirm        bool       `json:"confirm"`
	MFA            bool       `json:"mfa"`
	UserAccessedAt model.Time `json:"userAccessedAt"`
	Roles          []string   `json:"roles"`
}

// Model implements api.Model.
func (*Membership) Model() string { return "membership" }

// NoMemberships is the list of somebody who is in no team.
func NoMemberships() *MembershipList { return &MembershipList{Memberships: []Membership{}} }

// MembershipOf shows a place in a team.
func MembershipOf(m *model.Membership) *Membership {
	return &Membership{ID: m.ID, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, UserID: m.UserID, UserName: m.UserName, UserEmail: m.UserEmail, UserPhone: m.UserPhone,
		TeamID: m.TeamID, TeamName: m.TeamName, Invited: m.Invited, Joined: m.Joined, Confirm: m.Confirmed, MFA: m.UserMFA, UserAccessedAt: m.UserAccessedAt, Roles: listed(m.Roles)}
}

// Team is a group of operators.
type Team struct {
	ID        string       `json:"$id"`
	CreatedAt model.Time   `json:"$createdAt"`
	UpdatedAt model.Time   `json:"$updatedAt"`
	Name      string       `json:"name"`
	Total     int          `json:"total"`
	Prefs     model.Object `json:"prefs"`
}

// Model implements api.Model.
func (*Team) Model() string { return "team" }

// TeamOf shows a team.
func TeamOf(t *model.Team) *Team {
	return &Team{ID: t.ID, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Name: t.Name, Total: t.Total, Prefs: t.Prefs}
}

// TeamList is a list of teams.
type TeamList struct {
	Total int     `json:"total"`
	Teams []*Team `json:"teams"`
}

// Model implements api.Model.
func (*TeamList) Model() string { return "teamList" }
