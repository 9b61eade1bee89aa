package wire

import (
	"latchkey/internal/locale"
	"latchkey/internal/model"
)

// Session is a sign-in on one device.
type Session struct {
	ID                        string     `json:"$id"`
	CreatedAt                 model.Time `json:"$createdAt"`
	UpdatedAt                 model.Time `json:"$updatedAt"`
	UserID                    string     `json:"userId"`
	Expire                    model.Time `json:"expire"`
	Provider                  string     `json:"provider"`
	ProviderUID               string     `json:"providerUid"`
	ProviderAccessToken       string     `json:"providerAccessToken"`
	ProviderAccessTokenExpiry model.Time `json:"providerAccessTokenExpiry"`
	ProviderRefreshToken      string     `json:"providerRefreshToken"`
	IP                        string     `json:"ip"`
	OSCode                    string     `json:"osCode"`
	OSName                    string     `json:"osName"`
	OSVersion                 string     `json:"osVersion"`
	ClientType                string     `json:"clientType"`
	ClientCode                string     `json:"clientCode"`
	ClientName                string     `json:"clientName"`
	ClientVersion             string     `json:"clientVersion"`
	ClientEngine              string     `json:"clientEngine"`
	ClientEngineVersion       string     `json:"clientEngineVersion"`
	DeviceName                string     `json:"deviceName"`
	DeviceBrand               string     `json:"deviceBrand"`
	DeviceModel               string     `json:"deviceModel"`
	CountryCode               string     `json:"countryCode"`
	CountryName               string     `json:"countryName"`
	Current                   bool       `json:"current"`
	Factors                   []string   `json:"factors" since:"1.5.0"`
	Secret                    string     `json:"secret" since:"1.5.0"`
	MFAUpdatedAt              model.Time `json:"mfaUpdatedAt"`
}

// Model implements api.Model.
func (*Session) Model() string { return "session" }

// SessionOf shows a session in a locale. Its secret stays empty: only who made the session can be told it.
func SessionOf(s *model.Session, code string) *Session {
	return &Session{
		ID: s.ID, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, UserID: s.UserID, Expire: s.Expire,
		Provider: s.Provider, ProviderUID: s.ProviderUID, ProviderAccessToken: s.ProviderAccessToken,
		ProviderAccessTokenExpiry: s.ProviderAccessTokenExpiry, ProviderRefreshToken: s.ProviderRefreshToken, IP: s.IP,
		OSCode: s.Agent.OSCode, OSName: s.Agent.OSName, OSVersion: s.Agent.OSVersion,
		ClientType: s.Agent.ClientType, ClientCode: s.Agent.ClientCode, ClientName: s.Agent.ClientName,
		ClientVersion: s.Agent.ClientVersion, ClientEngine: s.Agent.ClientEngine, ClientEngineVersion: s.Agent.ClientEngineVersion,
		DeviceName: s.Agent.DeviceName, DeviceBrand: s.Agent.DeviceBrand, DeviceModel: s.Agent.DeviceModel,
		CountryCode: s.CountryCode, CountryName: locale.Country(code, s.CountryCode),
		Factors: listed(s.Factors), MFAUpdatedAt: s.MFAUpdatedAt,
	}
}

// SessionList is a list of sessions.
type SessionList struct {
	Total    int        `json:"total"`
	Sessions []*Session `json:"sessions"`
}

// Model implements api.Model.
func (*SessionList) Model() string { return "sessionList" }
