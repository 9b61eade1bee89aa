package compat

// before1_9_2: memberships showed no phone, and mock numbers called theirs `phone`.
var before1_9_2 = map[string]func(*object){
	"membership": func(o *object) { o.drop("userPhone") },
	"mockNumber": func(o *object) { o.rename("number", "phone") },
}
