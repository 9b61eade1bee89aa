package compat

// before2_3_0: nothing of the contract's changed here. Passkeys are ours: lists of factors name them to clients that
// know of no older form alone, because an SDK may read a list that has grown as a broken one.
var before2_3_0 = map[string]func(*object){
	"mfaFactors": func(o *object) { o.drop("passkey") },
}
