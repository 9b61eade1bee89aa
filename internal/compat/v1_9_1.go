package compat

// before1_9_1: webhooks had other names for what they are reached with.
var before1_9_1 = map[string]func(*object){
	"webhook": func(o *object) {
		o.rename("tls", "security")
		o.rename("authUsername", "httpUser")
		o.rename("authPassword", "httpPass")
		o.rename("secret", "signatureKey")
	},
}
