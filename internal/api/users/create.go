package users

import (
	"encoding/json"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// creations lists the ways to make a user: with a plain password, and with a hash of every kind.
func (s *Service) creations() []api.Endpoint {
	return []api.Endpoint{
		api.Define(create, s.create),
		api.Define(imports("/argon2", "users.createArgon2User", "an argon2 hash in PHC form"), s.createArgon2User),
		api.Define(imports("/bcrypt", "users.createBcryptUser", "a bcrypt hash"), s.createBcryptUser),
		api.Define(imports("/md5", "users.createMD5User", "an MD5 hash"), s.createMD5User),
		api.Define(imports("/phpass", "users.createPHPassUser", "a PHPass hash"), s.createPHPassUser),
		api.Define(imports("/sha", "users.createSHAUser", "a SHA hash"), s.createSHAUser),
		api.Define(imports("/scrypt", "users.createScryptUser", "a scrypt hash"), s.createScryptUser),
		api.Define(imports("/scrypt-modified", "users.createScryptModifiedUser", "a hash of Firebase's modified scrypt"), s.createScryptModifiedUser),
	}
}

// creationFaults are what making a user may answer.
var creationFaults = []*fault.Kind{fault.UserAlreadyExists, fault.UserEmailAlreadyExists, fault.PasswordPersonalData, fault.UserEmailDisposable,
	fault.UserEmailFree, fault.UserEmailNotCanonical, fault.UserEmailNotCorporate, fault.ServerBusy}

var create = api.Spec{
	Route: "POST /v1/users", SDK: []string{"users.create"},
	About: "Make a user, with an address, a number and a password as far as they are given.",
	Scope: api.ScopeUsersWrite, Audit: "user.create", Event: "users.[userId].create", Status: 201, Faults: creationFaults,
}

// imports is the row of an import.
func imports(path, sdk, what string) api.Spec {
	return api.Spec{
		Route: "POST /v1/users" + path, SDK: []string{sdk},
		About: "Make a user whose password is known as " + what + ". It is hashed anew when they first sign in.",
		Scope: api.ScopeUsersWrite, Audit: "user.create", Event: "users.[userId].create", Status: 201, Faults: creationFaults,
	}
}

type createIn struct{ auth.NewUser }

func (in *createIn) id(p *api.Params) {
	p.String("userId", &in.UserID, check.CustomID, "User id: 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character; or `unique()`.", api.Example("unique()"))
}

func (in *createIn) name(p *api.Params) {
	p.String("name", &in.Name, check.Text(0, 128), "Name, at most 128 characters.", api.Default(""), api.Example("Walter"))
}

func (in *createIn) Params(p *api.Params) {
	in.id(p)
	p.String("email", &in.Email, orEmpty(check.Email), "Email address.", api.Optional, api.Format("email"), api.Example("walter@example.com"))
	p.String("phone", &in.Phone, orEmpty(check.Phone), "Telephone number with + and country code.", api.Optional, api.Example("+16175551212"))
	p.String("password", &in.Password, orEmpty(p.Password()), "Password, 8 to 256 bytes, as the project's policies ask.", api.Default(""), api.Format("password"), api.Example("correct horse 1"))
	in.name(p)
}

// orEmpty lets an empty text pass: it stands for nothing.
func orEmpty(ok check.String) check.String {
	return func(value string) error {
		if value == "" {
			return nil
		}
		return ok(value)
	}
}

func (s *Service) create(c *api.Call, in *createIn) (*wire.User, error) {
	user, err := s.Rules.CreateUser(c.Context(), c.Request(), in.NewUser)
	return reply(c, user, err)
}

// hashIn is a user with a hash for a password. Hashes are long, and never sent back in a fault.
type hashIn struct {
	createIn
	hash    string
	options map[string]any
}

func (in *hashIn) head(p *api.Params) {
	in.id(p)
	p.String("email", &in.Email, check.Email, "Email address.", api.Format("email"), api.Example("walter@example.com"))
}

func (in *hashIn) hashed(p *api.Params, about string, example string) {
	p.String("password", &in.hash, check.Text(1, 4096), about, api.Format("password"), api.Example(example))
}

func (in *hashIn) option(p *api.Params, name, option, about, example string) {
	var value string
	p.String(name, &value, check.Text(0, 1024), about, api.Example(example))
	in.set(option, value)
}

func (in *hashIn) number(p *api.Params, name, option, about string, example int) {
	var value int
	p.Int(name, &value, check.Between(1, 1<<30), about, api.Example(example))
	in.set(option, value)
}

func (in *hashIn) set(option string, value any) {
	if in.options == nil {
		in.options = map[string]any{}
	}
	in.options[option] = value
}

// imported is the stored form of the hash.
func (in *hashIn) imported(kind string) auth.NewUser {
	in.set("type", kind)
	options, _ := json.Marshal(in.options)
	in.Imported = &model.Password{Kind: kind, Options: model.Object(options), Hash: in.hash}
	return in.NewUser
}

func (s *Service) importUser(c *api.Call, in auth.NewUser) (*wire.User, error) {
	user, err := s.Rules.CreateUser(c.Context(), c.Request(), in)
	return reply(c, user, err)
}

type argon2In struct{ hashIn }

func (in *argon2In) Params(p *api.Params) {
	in.head(p)
	in.hashed(p, "Hash: $argon2id$ or $argon2i$ with parameters, salt and digest.", "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY")
	in.name(p)
}

func (s *Service) createArgon2User(c *api.Call, in *argon2In) (*wire.User, error) {
	return s.importUser(c, in.imported("argon2"))
}

type bcryptIn struct{ hashIn }

func (in *bcryptIn) Params(p *api.Params) {
	in.head(p)
	in.hashed(p, "Hash: $2a$, $2b$ or $2y$ with cost and digest.", "$2a$04$WXeyNrKKIC1cK9C0BW3AiuFxG2H7oUm4Hpi0t0NTLvJ5m1GyH2yZG")
	in.name(p)
}

func (s *Service) createBcryptUser(c *api.Call, in *bcryptIn) (*wire.User, error) {
	return s.importUser(c, in.imported("bcrypt"))
}

type md5In struct{ hashIn }

func (in *md5In) Params(p *api.Params) {
	in.head(p)
	in.hashed(p, "Hash: 32 hex digits.", "144fa7eaa4904e8ee120651997f70dcc")
	in.name(p)
}

func (s *Service) createMD5User(c *api.Call, in *md5In) (*wire.User, error) {
	return s.importUser(c, in.imported("md5"))
}

type phpassIn struct{ hashIn }

func (in *phpassIn) Params(p *api.Params) {
	in.head(p)
	in.hashed(p, "Hash: $P$ or $H$ with rounds, salt and digest.", "$P$Br387rwferoKN7uwHZqNMu98q3U8RO.")
	in.name(p)
}

func (s *Service) createPHPassUser(c *api.Call, in *phpassIn) (*wire.User, error) {
	return s.importUser(c, in.imported("phpass"))
}

type shaIn struct {
	hashIn
	version string
}

func (in *shaIn) Params(p *api.Params) {
	in.head(p)
	in.hashed(p, "Hash: hex digits.", "4243da0a694e8a2f727c8060fe0507c8fa01ca68146c76d2c190805b638c20c6bf6ba04e21f11ae138785d0bff63c416e6f87badbffad37f6dee50094cc38c70")
	p.String("passwordVersion", &in.version, nil, "The digest: sha1, sha224, sha256, sha384, sha512, sha512/224, sha512/256, sha3-224, sha3-256, sha3-384 or sha3-512.",
		api.Default("sha3-512"), api.Example("sha3-512"))
	in.name(p)
}

func (s *Service) createSHAUser(c *api.Call, in *shaIn) (*wire.User, error) {
	in.set("version", in.version)
	return s.importUser(c, in.imported("sha"))
}

type scryptIn struct{ hashIn }

func (in *scryptIn) Params(p *api.Params) {
	in.head(p)
	in.hashed(p, "Hash: hex digits.", "3fdef49701bc4cfaacd551fe017283513284b4731e6945c263246ef948d3cf63b5d269c31fd697246085111a428245e24a4ddc6b64c687bc60a8910dbafc1d5b")
	in.option(p, "passwordSalt", "salt", "Salt.", "randomSalt")
	in.number(p, "passwordCpu", "costCpu", "CPU cost: a power of two.", 16)
	in.number(p, "passwordMemory", "costMemory", "Memory cost.", 8)
	in.number(p, "passwordParallel", "costParallel", "Parallelism.", 1)
	in.number(p, "passwordLength", "length", "Length of the hash in bytes.", 64)
	in.name(p)
}

func (s *Service) createScryptUser(c *api.Call, in *scryptIn) (*wire.User, error) {
	return s.importUser(c, in.imported("scrypt"))
}

type scryptModifiedIn struct{ hashIn }

func (in *scryptModifiedIn) Params(p *api.Params) {
	in.head(p)
	in.hashed(p, "Hash: base64.", "UlM7JiXRcQhzAGlaonpSqNSLIz475WMddOgLjej5De9vxTy48K6WtqlEzrRFeK4t0COfMhWCb8wuMHgxOFCHFQ==")
	in.option(p, "passwordSalt", "salt", "Salt: base64.", "UxLMreBr6tYyjQ==")
	in.option(p, "passwordSaltSeparator", "saltSeparator", "Separator of salts: base64.", "Bw==")
	in.option(p, "passwordSignerKey", "signerKey", "Signer key: base64.", "XyEKE9RcTDeLEsL/RjwPDBv/RqDl8fb3gpYEOQaPihbxf1ZAtSOHCjuAAa7Q3oHpCYhXSN9tizHgVOwn6krflQ==")
	in.name(p)
}

func (s *Service) createScryptModifiedUser(c *api.Call, in *scryptModifiedIn) (*wire.User, error) {
	return s.importUser(c, in.imported("scryptMod"))
}
