package wire

import (
	"latchkey/internal/client"
	"latchkey/internal/locale"
	"latchkey/internal/model"
)

// Log is an entry of the security log: who did what, when, and from where.
type Log struct {
	Event               string     `json:"event"`
	UserID              string     `json:"userId"`
	UserEmail           string     `json:"userEmail"`
	UserName            string     `json:"userName"`
	Mode                string     `json:"mode"`
	UserType            string     `json:"userType"`
	IP                  string     `json:"ip"`
	Time                model.Time `json:"time"`
	OSCode              string     `json:"osCode"`
	OSName              string     `json:"osName"`
	OSVersion           string     `json:"osVersion"`
	ClientType          string     `json:"clientType"`
	ClientCode          string     `json:"clientCode"`
	ClientName          string     `json:"clientName"`
	ClientVersion       string     `json:"clientVersion"`
	ClientEngine        string     `json:"clientEngine"`
	ClientEngineVersion string     `json:"clientEngineVersion"`
	DeviceName          string     `json:"deviceName"`
	DeviceBrand         string     `json:"deviceBrand"`
	DeviceModel         string     `json:"deviceModel"`
	CountryCode         string     `json:"countryCode"`
	CountryName         string     `json:"countryName"`
}

// Model implements api.Model.
func (*Log) Model() string { return "log" }

// LogOf shows an entry in a locale. What the agent tells is read out of it now: a detector that has learned
// since applies to what was logged before.
func LogOf(a *model.Audit, code string) *Log {
	agent := client.ParseAgent(a.UserAgent)
	return &Log{
		Event: a.Event, UserID: a.ActorID, UserEmail: a.ActorMail, UserName: a.ActorName, Mode: a.Mode, UserType: a.ActorType, IP: a.IP, Time: a.Time,
		OSCode: agent.OSCode, OSName: agent.OSName, OSVersion: agent.OSVersion,
		ClientType: agent.ClientType, ClientCode: agent.ClientCode, ClientName: agent.ClientName,
		ClientVersion: agent.ClientVersion, ClientEngine: agent.ClientEngine, ClientEngineVersion: agent.ClientEngineVersion,
		DeviceName: agent.DeviceName, DeviceBrand: agent.DeviceBrand, DeviceModel: agent.DeviceModel,
		CountryCode: a.Country, CountryName: locale.Country(code, a.Country),
	}
}

// LogList is a page of the security log.
type LogList struct {
	Total int    `json:"total"`
	Logs  []*Log `json:"logs"`
}

// Model implements api.Model.
func (*LogList) Model() string { return "logList" }

// LogsOf shows a page of the security log.
func LogsOf(entries []model.Audit, total int, code string) *LogList {
	list := &LogList{Total: total, Logs: make([]*Log, len(entries))}
	for i := range entries {
		list.Logs[i] = LogOf(&entries[i], code)
	}
	return list
}
