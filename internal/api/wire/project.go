package wire

import (
	"latchkey/internal/model"
)

// Project is a project as its operators see it. Next to the lists of the newest format it has the single members of the
// older ones, which older consoles read.
type Project struct {
	ID               string          `json:"$id"`
	CreatedAt        model.Time      `json:"$createdAt"`
	UpdatedAt        model.Time      `json:"$updatedAt"`
	Name             string          `json:"name"`
	TeamID           string          `json:"teamId"`
	Region           string          `json:"region"`
	DevKeys          []*Key          `json:"devKeys"`
	SMTPEnabled      bool            `json:"smtpEnabled"`
	SMTPSenderName   string          `json:"smtpSenderName"`
	SMTPSenderEmail  string          `json:"smtpSenderEmail"`
	SMTPReplyToName  string          `json:"smtpReplyToName"`
	SMTPReplyToEmail string          `json:"smtpReplyToEmail"`
	SMTPHost         string          `json:"smtpHost"`
	SMTPPort         int             `json:"smtpPort"`
	SMTPUsername     string          `json:"smtpUsername"`
	SMTPPassword     string          `json:"smtpPassword"`
	SMTPSecure       string          `json:"smtpSecure"`
	PingCount        int             `json:"pingCount"`
	PingedAt         model.Time      `json:"pingedAt"`
	Labels           []string        `json:"labels"`
	Status           string          `json:"status"`
	Onboarding       model.Object    `json:"onboarding"`
	AuthMethods      []Switch        `json:"authMethods"`
	Services         []Switch        `json:"services"`
	Protocols        []Switch        `json:"protocols"`
	Blocks           []string        `json:"blocks"`
	ConsoleAccessed  model.Time      `json:"consoleAccessedAt"`
	WAFEnabled       bool            `json:"wafEnabled"`
	SMTPReplyTo      string          `json:"smtpReplyTo"`
	OAuthProviders   []OldProvider   `json:"oAuthProviders"`
	Platforms        []Platform      `json:"platforms"`
	Webhooks         []string        `json:"webhooks"`
	Keys             []*Key          `json:"keys"`
	AuthDuration     int             `json:"authDuration"`
	AuthLimit        int             `json:"authLimit"`
	AuthSessions     int             `json:"authSessionsLimit"`
	AuthHistory      int             `json:"authPasswordHistory"`
	AuthDictionary   bool            `json:"authPasswordDictionary"`
	AuthPersonal     bool            `json:"authPersonalDataCheck"`
	AuthMockNumbers  []OldMockNumber `json:"authMockNumbers"`
	AuthAlerts       bool            `json:"authSessionAlerts"`
	AuthMembersName  bool            `json:"authMembershipsUserName"`
	AuthMembersEmail bool            `json:"authMembershipsUserEmail"`
	AuthMembersMFA   bool            `json:"authMembershipsMfa"`
	AuthInvalidate   bool            `json:"authInvalidateSessions"`
	AuthPassword     bool            `json:"authEmailPassword"`
	AuthMagicURL     bool            `json:"authUsersAuthMagicURL"`
	AuthEmailOTP     bool            `json:"authEmailOtp"`
	AuthAnonymous    bool            `json:"authAnonymous"`
	AuthInvites      bool            `json:"authInvites"`
	AuthJWT          bool            `json:"authJWT"`
	AuthPhone        bool            `json:"authPhone"`
}

// Model implements api.Model.
func (*Project) Model() string { return "project" }

// ProjectList is a list of projects.
type ProjectList struct {
	Total    int        `json:"total"`
	Projects []*Project `json:"projects"`
}

// Model implements api.Model.
func (*ProjectList) Model() string { return "projectList" }

// Switch is something that is on or off.
type Switch struct {
	ID      string `json:"$id"`
	Enabled bool   `json:"enabled"`
}

// OldProvider is an OAuth2 provider as older consoles see it.
type OldProvider struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	AppID   string `json:"appId"`
	Secret  string `json:"secret"`
	Enabled bool   `json:"enabled"`
}

// OldMockNumber is a mock number as older consoles see it.
type OldMockNumber struct {
	Phone string `json:"phone"`
	OTP   string `json:"otp"`
}

// ProjectOf shows a project without its keys and providers.
func ProjectOf(p *model.Project) *Project {
	policies, methods := &p.Settings.Policies, &p.Settings.AuthMethods
	shown := &Project{
		ID: p.ID, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, Name: p.Name, TeamID: p.Team, Region: "default", Labels: listed(p.Settings.Labels), Status: "active",
		ConsoleAccessed: p.AccessedAt, DevKeys: []*Key{}, Keys: []*Key{}, Blocks: []string{}, Webhooks: []string{}, OAuthProviders: []OldProvider{},
		Platforms: PlatformsOf(p.Platforms), AuthMockNumbers: []OldMockNumber{},
		AuthDuration: policies.SessionDuration.Duration, AuthLimit: policies.UserLimit.Total, AuthSessions: policies.SessionLimit.Total, AuthHistory: policies.PasswordHistory.Total,
		AuthDictionary: policies.PasswordDictionary.Enabled, AuthPersonal: policies.PasswordPersonal.Enabled, AuthAlerts: policies.SessionAlert.Enabled,
		AuthMembersName: policies.MembershipPrivacy.UserName, AuthMembersEmail: policies.MembershipPrivacy.UserEmail, AuthMembersMFA: policies.MembershipPrivacy.UserMFA,
		AuthInvalidate: policies.SessionInvalidation.Enabled, AuthPassword: methods.EmailPassword, AuthMagicURL: methods.MagicURL, AuthEmailOTP: methods.EmailOTP,
		AuthAnonymous: methods.Anonymous, AuthInvites: methods.Invites, AuthJWT: methods.JWT, AuthPhone: methods.Phone,
	}
	for _, phone := range p.Settings.MockPhones {
		shown.AuthMockNumbers = append(shown.AuthMockNumbers, OldMockNumber{Phone: phone.Number, OTP: phone.OTP})
	}
	return shown
}

// Platform is a place that a project's apps run at. Of the last members only that of its type is filled.
type Platform struct {
	ID                    string     `json:"$id"`
	CreatedAt             model.Time `json:"$createdAt"`
	UpdatedAt             model.Time `json:"$updatedAt"`
	Name                  string     `json:"name"`
	Type                  string     `json:"type"`
	Hostname              string     `json:"hostname,omitempty" since:"1.0.0"`
	ApplicationID         string     `json:"applicationId,omitempty" since:"1.9.0"`
	BundleIdentifier      string     `json:"bundleIdentifier,omitempty" since:"1.9.0"`
	PackageName           string     `json:"packageName,omitempty" since:"1.9.0"`
	PackageIdentifierName string     `json:"packageIdentifierName,omitempty" since:"1.9.0"`
	Key                   string     `json:"key,omitempty" since:"1.0.0"`
}

// Model implements api.Model.
func (*Platform) Model() string { return "platform" }

// PlatformOf shows a platform.
func PlatformOf(p *model.Platform) *Platform {
	shown := &Platform{ID: p.ID, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, Name: p.Name, Type: p.Type}
	switch p.Type {
	case model.PlatformWeb:
		shown.Hostname = p.Value
	case model.PlatformAndroid:
		shown.ApplicationID = p.Value
	case model.PlatformApple:
		shown.BundleIdentifier = p.Value
	case model.PlatformLinux:
		shown.PackageName = p.Value
	case model.PlatformWindows:
		shown.PackageIdentifierName = p.Value
	default:
		shown.Key = p.Value
	}
	return shown
}

// PlatformsOf shows platforms.
func PlatformsOf(list []model.Platform) []Platform {
	shown := make([]Platform, len(list))
	for i := range list {
		shown[i] = *PlatformOf(&list[i])
	}
	return shown
}

// PlatformList is a list of platforms.
type PlatformList struct {
	Total     int        `json:"total"`
	Platforms []Platform `json:"platforms"`
}

// Model implements api.Model.
func (*PlatformList) Model() string { return "platformList" }

// Key is an API key. Its secret is there when it has just been made, and never again.
type Key struct {
	ID         string     `json:"$id"`
	CreatedAt  model.Time `json:"$createdAt"`
	UpdatedAt  model.Time `json:"$updatedAt"`
	Name       string     `json:"name"`
	Expire     model.Time `json:"expire"`
	Scopes     []string   `json:"scopes"`
	Secret     string     `json:"secret"`
	AccessedAt model.Time `json:"accessedAt"`
	SDKs       []string   `json:"sdks"`
}

// Model implements api.Model.
func (*Key) Model() string { return "key" }

// KeyOf shows a key; secret is its text where it has just been made.
func KeyOf(k *model.Key, secret string) *Key {
	return &Key{ID: k.ID, CreatedAt: k.CreatedAt, UpdatedAt: k.UpdatedAt, Name: k.Name, Expire: k.Expire, Scopes: listed(k.Scopes), Secret: secret,
		AccessedAt: k.AccessedAt, SDKs: listed(k.SDKs)}
}

// KeyList is a list of keys.
type KeyList struct {
	Total int    `json:"total"`
	Keys  []*Key `json:"keys"`
}

// Model implements api.Model.
func (*KeyList) Model() string { return "keyList" }

// DevKeyList is a list of dev keys.
type DevKeyList struct {
	Total   int    `json:"total"`
	DevKeys []*Key `json:"devKeys"`
}

// Model implements api.Model.
func (*DevKeyList) Model() string { return "devKeyList" }

// MockNumber is a telephone number with a fixed code.
type MockNumber struct {
	Number    string     `json:"number"`
	OTP       string     `json:"otp"`
	CreatedAt model.Time `json:"$createdAt"`
	UpdatedAt model.Time `json:"$updatedAt"`
}

// Model implements api.Model.
func (*MockNumber) Model() string { return "mockNumber" }

// MockNumberOf shows a mock number.
func MockNumberOf(p *model.MockPhone) *MockNumber {
	return &MockNumber{Number: p.Number, OTP: p.OTP, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
}

// MockNumberList is a list of mock numbers.
type MockNumberList struct {
	Total       int           `json:"total"`
	MockNumbers []*MockNumber `json:"mockNumbers"`
}

// Model implements api.Model.
func (*MockNumberList) Model() string { return "mockNumberList" }

// SignInProvider is an OAuth2 provider's settings by the names of its own; secrets are empty.
type SignInProvider map[string]any

// Model implements api.Model.
func (SignInProvider) Model() string { return "oAuth2Provider" }

// SignInProviderList is a list of them.
type SignInProviderList struct {
	Total     int              `json:"total"`
	Providers []SignInProvider `json:"providers"`
}

// Model implements api.Model.
func (*SignInProviderList) Model() string { return "oAuth2ProviderList" }

// Policy is what a policy is set to, by the names of its values.
type Policy map[string]any

// Model implements api.Model.
func (Policy) Model() string { return "policy" }

// PolicyList is a list of policies.
type PolicyList struct {
	Total    int      `json:"total"`
	Policies []Policy `json:"policies"`
}

// Model implements api.Model.
func (*PolicyList) Model() string { return "policyList" }

// EmailTemplate is the wording of a kind of mail in a locale; type and replyTo are the older names.
type EmailTemplate struct {
	TemplateID   string `json:"templateId"`
	Locale       string `json:"locale"`
	Message      string `json:"message"`
	SenderName   string `json:"senderName"`
	SenderEmail  string `json:"senderEmail"`
	ReplyToEmail string `json:"replyToEmail"`
	ReplyToName  string `json:"replyToName"`
	Subject      string `json:"subject"`
	Type         string `json:"type"`
	ReplyTo      string `json:"replyTo"`
}

// Model implements api.Model.
func (*EmailTemplate) Model() string { return "emailTemplate" }

// EmailTemplateList is a list of templates.
type EmailTemplateList struct {
	Total     int              `json:"total"`
	Templates []*EmailTemplate `json:"templates"`
}

// Model implements api.Model.
func (*EmailTemplateList) Model() string { return "emailTemplateList" }
