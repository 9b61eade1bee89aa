package project

import (
	"errors"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var errMocks = errors.New("Value must be a list of objects with phone and otp.")

// olderKeys are the older spellings for keys, and the dev keys, which only older consoles know.
func (s *Service) olderKeys() []api.Endpoint {
	table := []api.Endpoint{
		aged(older("GET /keys", "projects.listKeys", "List the API keys.", api.ScopeKeysRead, fault.CursorNotFound), s.listKeys),
		aged(older("POST /keys", "projects.createKey", "Make an API key.", api.ScopeKeysWrite, fault.KeyAlreadyExists, fault.KeyCreationDenied), s.createKey),
		aged(older("GET /keys/{keyId}", "projects.getKey", "Get an API key.", api.ScopeKeysRead, fault.KeyNotFound), s.getKey),
		aged(older("PUT /keys/{keyId}", "projects.updateKey", "Change an API key.", api.ScopeKeysWrite, fault.KeyNotFound), s.updateKey),
		aged(older("DELETE /keys/{keyId}", "projects.deleteKey", "Delete an API key.", api.ScopeKeysWrite, fault.KeyNotFound), s.deleteKey),
		aged(older("POST /jwts", "projects.createJWT", "Make a key that lives an hour at most and is stored nowhere.", api.ScopeKeysWrite), s.oldCreateJWT),
	}
	return append(table,
		aged(older("GET /dev-keys", "projects.listDevKeys", "List the dev keys.", api.ScopeDevKeysRead, fault.CursorNotFound), s.listDevKeys),
		aged(older("POST /dev-keys", "projects.createDevKey", "Make a dev key: it relaxes checks of origins and limits, and grants nothing.", api.ScopeDevKeysWrite, fault.KeyAlreadyExists, fault.KeyCreationDenied), s.createDevKey),
		aged(older("GET /dev-keys/{keyId}", "projects.getDevKey", "Get a dev key.", api.ScopeDevKeysRead, fault.KeyNotFound), s.getKey),
		aged(older("PUT /dev-keys/{keyId}", "projects.updateDevKey", "Change a dev key.", api.ScopeDevKeysWrite, fault.KeyNotFound), s.updateDevKey),
		aged(older("DELETE /dev-keys/{keyId}", "projects.deleteDevKey", "Delete a dev key.", api.ScopeDevKeysWrite, fault.KeyNotFound), s.deleteKey),
	)
}

type oldPageIn struct {
	projectIn
	pageIn
}

func (in *oldPageIn) Params(p *api.Params) {
	in.projectIn.Params(p)
	in.pageIn.Params(p)
}

type oldJWTIn struct {
	ephemeralIn
}

func (in *oldJWTIn) Params(p *api.Params) {
	in.duration = 900
	in.bind(p, api.Default(900))
}

func (s *Service) oldCreateJWT(c *api.Call, in *oldJWTIn) (*wire.JWT, error) {
	key, err := s.createEphemeralKey(c, &in.ephemeralIn)
	if err != nil {
		return nil, err
	}
	return &wire.JWT{JWT: key.Secret}, nil
}

func (s *Service) listDevKeys(c *api.Call, in *keysIn) (*wire.DevKeyList, error) {
	keys, err := s.Rules.ListKeys(c.Context(), c.Project.ID)
	if err != nil {
		return nil, err
	}
	dev := []model.Key{}
	for _, k := range keys {
		if k.Dev {
			dev = append(dev, k)
		}
	}
	part, total, err := admin.SiftKeys(dev, in.queries)
	if err != nil {
		return nil, err
	}
	list := &wire.DevKeyList{Total: in.counted(total), DevKeys: []*wire.Key{}}
	for i := range part {
		list.DevKeys = append(list.DevKeys, wire.KeyOf(&part[i], ""))
	}
	return list, nil
}

type devKeyIn struct {
	admin.NewKey
}

func (in *devKeyIn) Params(p *api.Params) {
	in.rest(p)
}

func (in *devKeyIn) rest(p *api.Params) {
	in.Dev = true
	p.String("name", &in.Name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Laptop"))
	p.String("expire", new(string), func(text string) error { return moment(text, &in.Expire) }, "When it ends.", api.Format("datetime"), api.Example("2030-01-31T12:00:00.000+00:00"))
}

func (s *Service) createDevKey(c *api.Call, in *devKeyIn) (*wire.Key, error) {
	key, text, err := s.Rules.AddKey(c.Context(), c.Request(), by(c), in.NewKey)
	return keyReply(key, text, err)
}

type devKeyChangeIn struct{ devKeyIn }

func (in *devKeyChangeIn) Params(p *api.Params) {
	p.String("keyId", &in.ID, check.UID, "Key id.", api.Example("laptop"))
	in.rest(p)
}

func (s *Service) updateDevKey(c *api.Call, in *devKeyChangeIn) (*wire.Key, error) {
	key, err := s.Rules.ChangeKey(c.Context(), c.Request(), by(c), in.NewKey)
	return keyReply(key, "", err)
}

// olderPlatforms are the older spellings for platforms: one route for every type.
func (s *Service) olderPlatforms() []api.Endpoint {
	return []api.Endpoint{
		aged(older("GET /platforms", "projects.listPlatforms", "List the platforms.", api.ScopePlatformsRead, fault.CursorNotFound), s.listPlatforms),
		aged(older("POST /platforms", "projects.createPlatform", "Add a platform.", api.ScopePlatformsWrite, fault.PlatformAlreadyExists), s.oldCreatePlatform),
		aged(older("GET /platforms/{platformId}", "projects.getPlatform", "Get a platform.", api.ScopePlatformsRead, fault.PlatformNotFound), s.getPlatform),
		aged(older("PUT /platforms/{platformId}", "projects.updatePlatform", "Change a platform.", api.ScopePlatformsWrite, fault.PlatformNotFound), s.oldUpdatePlatform),
		aged(older("DELETE /platforms/{platformId}", "projects.deletePlatform", "Take a platform away.", api.ScopePlatformsWrite, fault.PlatformNotFound), s.deletePlatform),
	}
}

// oldTypes are the types of older consoles and what they are called now.
var oldTypes = map[string]string{
	"web": model.PlatformWeb, "flutter-web": model.PlatformWeb, "android": model.PlatformAndroid, "flutter-android": model.PlatformAndroid, "react-native-android": model.PlatformAndroid,
	"apple-ios": model.PlatformApple, "apple-macos": model.PlatformApple, "apple-watchos": model.PlatformApple, "apple-tvos": model.PlatformApple,
	"flutter-ios": model.PlatformApple, "flutter-macos": model.PlatformApple, "react-native-ios": model.PlatformApple, "flutter-linux": model.PlatformLinux,
	"flutter-windows": model.PlatformWindows, "unity": model.PlatformAndroid, "scheme": model.PlatformScheme,
	"apple": model.PlatformApple, "linux": model.PlatformLinux, "windows": model.PlatformWindows,
}

var errOldType = errors.New("Value must be a type of platform such as web, flutter-web, android, apple-ios or flutter-ios.")

type oldPlatformIn struct {
	kind, name, key, store, hostname string
}

func (in *oldPlatformIn) rest(p *api.Params) {
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("App"))
	p.String("key", &in.key, check.Text(0, 256), "What an app is recognised by.", api.Default(""), api.Example("com.example.app"))
	p.String("store", &in.store, check.Text(0, 256), "Not used.", api.Default(""))
	p.String("hostname", &in.hostname, check.Text(0, 256), "Host name of a web app.", api.Default(""), api.Example("app.example.com"))
}

func (in *oldPlatformIn) Params(p *api.Params) {
	p.String("type", &in.kind, func(text string) error {
		if oldTypes[text] == "" {
			return errOldType
		}
		return nil
	}, "Type of platform.", api.Example("web"))
	in.rest(p)
}

func (s *Service) oldCreatePlatform(c *api.Call, in *oldPlatformIn) (*wire.Platform, error) {
	want := model.Platform{Type: oldTypes[in.kind], Name: in.name, Value: in.key}
	if want.Type == model.PlatformWeb {
		want.Value = in.hostname
	}
	if want.Value == "" {
		return nil, fault.ArgumentInvalid.Say("A platform needs a hostname (web) or a key (apps).")
	}
	p, err := s.Rules.AddPlatform(c.Context(), c.Request(), want)
	return platformReply(p, err)
}

type oldPlatformChangeIn struct {
	oldPlatformIn
	id string
}

func (in *oldPlatformChangeIn) Params(p *api.Params) {
	p.String("platformId", &in.id, check.UID, "Platform id.", api.Example("app"))
	in.rest(p)
}

func (s *Service) oldUpdatePlatform(c *api.Call, in *oldPlatformChangeIn) (*wire.Platform, error) {
	found, err := s.Rules.Platform(c.Context(), c.Project.ID, in.id)
	if err != nil {
		return nil, err
	}
	value := in.key
	if found.Type == model.PlatformWeb {
		value = in.hostname
	}
	p, err := s.Rules.ChangePlatform(c.Context(), c.Request(), model.Platform{ID: in.id, Name: in.name, Value: value})
	return platformReply(p, err)
}

// olderTemplates are the older spellings for the wording of mails.
func (s *Service) olderTemplates() []api.Endpoint {
	const path = "/templates/email/{type}/{locale}"
	return []api.Endpoint{
		aged(older("GET "+path, "projects.getEmailTemplate", "Get how a mail is worded.", api.ScopeTemplatesRead), s.oldGetTemplate),
		aged(older("PATCH "+path, "projects.updateEmailTemplate", "Word a mail anew.", api.ScopeTemplatesWrite), s.oldUpdateTemplate),
		aged(answering(200, older("DELETE "+path, "projects.deleteEmailTemplate", "Go back to our wording of a mail.", api.ScopeTemplatesWrite, fault.ProjectTemplateDefault)), s.oldDeleteTemplate),
	}
}

type oldTemplateIn struct {
	kind, locale string
}

func (in *oldTemplateIn) Params(p *api.Params) {
	p.String("type", &in.kind, func(text string) error { return oneOf(admin.Templates())(currentTemplate(text)) }, "Kind of mail.", api.Example("recovery"))
	p.String("locale", &in.locale, admin.CheckLocale, "Locale.", api.Example("de"))
	in.kind = currentTemplate(in.kind)
}

// currentTemplate is what an older name of a kind of mail is called now.
func currentTemplate(old string) string {
	switch old {
	case "magicsession":
		return "magicSession"
	case "otpsession":
		return "otpSession"
	case "mfachallenge":
		return "mfaChallenge"
	case "sessionalert":
		return "sessionAlert"
	}
	return old
}

func (s *Service) oldGetTemplate(c *api.Call, in *oldTemplateIn) (*wire.EmailTemplate, error) {
	return s.getEmailTemplate(c, &templateIn{in.kind, in.locale})
}

type oldTemplateChangeIn struct {
	oldTemplateIn
	given map[string]string
}

func (in *oldTemplateChangeIn) Params(p *api.Params) {
	in.oldTemplateIn.Params(p)
	in.given = map[string]string{}
	text := func(name, as string, ok check.String, about, example string, options ...api.Option) {
		p.String(name, new(string), func(text string) error { in.given[as] = text; return ok(text) }, about, append(options, api.Example(example))...)
	}
	text("subject", "subject", check.Text(1, 255), "Subject.", "Your new password")
	text("message", "message", check.Text(1, 100_000), "Message as HTML, with placeholders in double braces.", "<p>{{redirect}}</p>")
	text("senderName", "senderName", check.Text(0, 255), "Name that this mail comes from.", "Example", api.Optional)
	text("senderEmail", "senderEmail", emptyOr(check.Email), "Address that this mail comes from.", "noreply@example.com", api.Optional)
	text("replyTo", "replyToEmail", emptyOr(check.Email), "Address that answers go to.", "help@example.com", api.Optional)
}

func (s *Service) oldUpdateTemplate(c *api.Call, in *oldTemplateChangeIn) (*wire.EmailTemplate, error) {
	return s.updateEmailTemplate(c, &templateChangeIn{templateIn{in.kind, in.locale}, in.given})
}

func (s *Service) oldDeleteTemplate(c *api.Call, in *oldTemplateIn) (*wire.EmailTemplate, error) {
	d, err := s.Rules.ForgetTemplate(c.Context(), c.Request(), in.kind, in.locale)
	if err != nil {
		return nil, err
	}
	return ShownTemplate(d), nil
}
