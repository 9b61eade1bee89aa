package compat

// before1_5_0: targets, second factors, session factors and secrets, and security phrases came with 1.5.0. The
// account model kept its new fields for older clients; only the user model hides them.
var before1_5_0 = map[string]func(*object){
	"user":       func(o *object) { o.drop("targets", "mfa") },
	"session":    func(o *object) { o.drop("factors", "secret") },
	"token":      func(o *object) { o.drop("phrase") },
	"membership": func(o *object) { o.drop("mfa") },
}
