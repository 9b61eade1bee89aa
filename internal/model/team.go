package model

// Team is a group of operators who look after projects together.
type Team struct {
	ID        string
	Name      string
	Prefs     Object
	CreatedAt Time
	UpdatedAt Time
	Total     int // confirmed members
}

// Membership is a place in a team: taken, or offered by an invitation.
type Membership struct {
	ID         string
	TeamID     string
	TeamName   string
	UserID     string
	Roles      []string
	Invited    Time
	Joined     Time
	Confirmed  bool
	SecretHash []byte // of the invitation
	CreatedAt  Time
	UpdatedAt  Time

	// What is known of the user.
	UserName, UserEmail, UserPhone string
	UserMFA                        bool
	UserAccessedAt                 Time
}
