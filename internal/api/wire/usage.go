package wire

import "latchkey/internal/model"

// UsageUsers is the figures of a project's people.
type UsageUsers struct {
	Range         string   `json:"range"`
	UsersTotal    int      `json:"usersTotal"`
	SessionsTotal int      `json:"sessionsTotal"`
	Users         []Metric `json:"users"`
	Sessions      []Metric `json:"sessions"`
}

// Model implements api.Model.
func (*UsageUsers) Model() string { return "usageUsers" }

// Metric is a number and the moment that its period begins.
type Metric struct {
	Value int        `json:"value"`
	Date  model.Time `json:"date"`
}

// Model implements api.Model.
func (*Metric) Model() string { return "metric" }

// UsageUsersOf shows figures.
func UsageUsersOf(span string, u *model.Usage) *UsageUsers {
	return &UsageUsers{Range: span, UsersTotal: u.Users, SessionsTotal: u.Sessions, Users: metrics(u.UsersByPeriod), Sessions: metrics(u.SessionsByPeriod)}
}

func metrics(changes []model.UsageChange) []Metric {
	list := make([]Metric, len(changes))
	for i, c := range changes {
		list[i] = Metric{Value: c.Value, Date: c.From}
	}
	return list
}
