package wire

import (
	"encoding/hex"
	"strconv"
	"strings"

	"latchkey/internal/model"
)

// Activity is an entry of the audit trail as operators see it. Its id is the position in the chain. Details, position
// and hash are ours; what a database of networks would know stays empty.
type Activity struct {
	ID                           string       `json:"$id"`
	ActorType                    string       `json:"actorType"`
	ActorID                      string       `json:"actorId"`
	ActorEmail                   string       `json:"actorEmail"`
	ActorName                    string       `json:"actorName"`
	ResourceParent               string       `json:"resourceParent"`
	ResourceType                 string       `json:"resourceType"`
	ResourceID                   string       `json:"resourceId"`
	Resource                     string       `json:"resource"`
	Event                        string       `json:"event"`
	UserAgent                    string       `json:"userAgent"`
	IP                           string       `json:"ip"`
	Mode                         string       `json:"mode"`
	Country                      string       `json:"country"`
	ContinentCode                string       `json:"continentCode"`
	City                         string       `json:"city"`
	Subdivisions                 string       `json:"subdivisions"`
	ISP                          string       `json:"isp"`
	AutonomousSystemNumber       string       `json:"autonomousSystemNumber"`
	AutonomousSystemOrganization string       `json:"autonomousSystemOrganization"`
	ConnectionType               string       `json:"connectionType"`
	ConnectionUsageType          string       `json:"connectionUsageType"`
	ConnectionOrganization       string       `json:"connectionOrganization"`
	Time                         model.Time   `json:"time"`
	ProjectID                    string       `json:"projectId"`
	TeamID                       string       `json:"teamId"`
	Hostname                     string       `json:"hostname"`
	SDK                          string       `json:"sdk"`
	SDKVersion                   string       `json:"sdkVersion"`
	Details                      model.Object `json:"details"`
	Hash                         string       `json:"hash"`
}

// Model implements api.Model.
func (*Activity) Model() string { return "activityEvent" }

// ActivityOf shows an entry.
func ActivityOf(a *model.Audit) *Activity {
	shown := &Activity{ID: strconv.FormatInt(a.Seq, 10), ActorType: a.ActorType, ActorID: a.ActorID, ActorEmail: a.ActorMail, ActorName: a.ActorName,
		Resource: a.Resource, Event: a.Event, UserAgent: a.UserAgent, IP: a.IP, Mode: a.Mode, Country: a.Country, Time: a.Time, ProjectID: a.Project,
		Details: "{}", Hash: hex.EncodeToString(a.Hash)}
	if a.Details != "" {
		shown.Details = model.Object(a.Details)
	}
	parts := strings.Split(a.Resource, "/")
	if len(parts) >= 2 {
		shown.ResourceType, shown.ResourceID = parts[len(parts)-2], parts[len(parts)-1]
		shown.ResourceParent = strings.Join(parts[:len(parts)-2], "/")
	}
	return shown
}

// ActivityList is a page of the audit trail. Total counts the whole, up to 5000.
type ActivityList struct {
	Total  int         `json:"total"`
	Events []*Activity `json:"events"`
}

// Model implements api.Model.
func (*ActivityList) Model() string { return "activityEventList" }
