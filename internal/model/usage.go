package model

// UsageCount is how many people and sessions a project had at a moment.
type UsageCount struct {
	At              Time
	Users, Sessions int
}

// Usage is how many people and sessions a project has, and how their numbers changed from period to period.
type Usage struct {
	Users, Sessions                 int
	UsersByPeriod, SessionsByPeriod []UsageChange
}

// UsageChange is by how much a number changed within the period that begins then; one that people left is negative.
type UsageChange struct {
	From  Time
	Value int
}
