package config

import "strings"

// fromEnviron takes the settings out of an environment ("NAME=value"). An empty variable is one that is not
// set. A variable with our prefix that is no setting is a fault: a misspelt LATCHKEY_RATE_LIMIT=on would
// otherwise switch nothing on and say nothing.
func fromEnviron(environ []string) ([]given, Faults) {
	var out []given
	var faults Faults
	for _, entry := range environ {
		variable, value, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(variable, envPrefix)
		if !ours || foreign(rest) {
			continue
		}
		name := strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
		if option, _ := settable(name); option == nil || envName(name) != variable {
			faults = append(faults, Fault{Origin: variable, Problem: "unknown variable" + suggest(variable, names("", envName))})
			continue
		}
		if value != "" {
			out = append(out, given{name: name, value: value, origin: variable})
		}
	}
	return out, faults
}

func envName(name string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// foreign says whether a variable with our prefix (already cut off) belongs to somebody else. Kubernetes
// gives every pod LATCHKEY_SERVICE_HOST, LATCHKEY_PORT, LATCHKEY_PORT_8080_TCP … when a service is called
// "latchkey", which it will be; and the project's own tests are steered by LATCHKEY_TEST_… and
// LATCHKEY_REQUIRE, which a server started by a test inherits.
func foreign(rest string) bool {
	return rest == "PORT" || strings.HasPrefix(rest, "PORT_") ||
		rest == "SERVICE_HOST" || rest == "SERVICE_PORT" || strings.HasPrefix(rest, "SERVICE_PORT_") ||
		rest == "REQUIRE" || strings.HasPrefix(rest, "TEST_")
}
