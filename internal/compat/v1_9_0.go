package compat

// before1_9_0: impersonation came with 1.9.0, and platforms got a name of their own for each kind of id.
var before1_9_0 = map[string]func(*object){
	"user":     dropImpersonation,
	"account":  dropImpersonation,
	"platform": oldPlatform,
}

func dropImpersonation(o *object) { o.drop("impersonator", "impersonatorUserId") }

// oldPlatform goes back to one `key` for every kind of app, a `hostname` that is always there, and a `store`.
func oldPlatform(o *object) {
	for _, name := range []string{"applicationId", "bundleIdentifier", "packageName", "packageIdentifierName"} {
		o.rename(name, "key")
	}
	for _, name := range []string{"key", "hostname", "store"} {
		if _, found := o.values[name]; !found {
			o.set(name, "")
		}
	}
}
