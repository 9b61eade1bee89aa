package compat

// before1_9_5: nothing of the account's models changed; the project's flat old form belongs here when the
// Project service is served.
var before1_9_5 = map[string]func(*object){}
