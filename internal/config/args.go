package config

import "strings"

// Flags are the settings found on a command line, and what else stood there.
type Flags struct {
	// Rest is every argument that is no setting, in order: the command, its own flags and arguments. The
	// command takes its own part out before Load, which in dev and serve reports what is left.
	Rest []string

	given  []given
	faults Faults
}

// given is one value as somebody wrote it.
type given struct {
	name   string // as written: an option's name, or that of a secret's file
	value  string
	origin string
}

// Split takes the settings out of a command line. They may stand anywhere before `--`: in front of the
// command, behind it, between its own arguments. `--name value` and `--name=value` mean the same; a switch
// takes no value except with `=`.
func Split(args []string) Flags {
	var f Flags
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			f.Rest = append(f.Rest, args[i:]...)
			break
		}
		name, value, inline := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		option, fromFile := settable(name)
		if !strings.HasPrefix(arg, "--") || option == nil {
			f.Rest = append(f.Rest, arg)
			continue
		}
		switch {
		case inline:
		case option.Switch() && !fromFile:
			value = "true"
		case i+1 < len(args) && !isFlag(args[i+1]):
			i++
			value = args[i]
		default:
			f.faults = append(f.faults, Fault{Option: name, Origin: "--" + name, Problem: "needs a value: --" + name + "=" + option.Value})
			continue
		}
		f.given = append(f.given, given{name: name, value: value, origin: "--" + name})
	}
	return f
}

// isFlag says whether an argument looks like a flag, so that a forgotten value does not swallow the next
// one. A value that really starts with two dashes is given as --name=--value.
func isFlag(arg string) bool { return strings.HasPrefix(arg, "--") }

// leftover reports what a command without arguments of its own cannot understand. What follows an unknown
// flag is taken for its value and not repeated: behind a misspelt --master-key stands the key.
func leftover(rest []string) Faults {
	var faults Faults
	afterFlag := false
	for _, arg := range rest {
		value := afterFlag && !strings.HasPrefix(arg, "-")
		afterFlag = strings.HasPrefix(arg, "-") && !strings.Contains(arg, "=")
		if arg == "--" || value {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !strings.HasPrefix(arg, "-") {
			faults = append(faults, Fault{Origin: arg, Problem: "unexpected argument"})
			continue
		}
		written, _, _ := strings.Cut(arg, "=")
		faults = append(faults, Fault{Origin: written, Problem: "unknown flag" + suggest("--"+name, names("--", nil))})
	}
	return faults
}

// names lists everything that can be set, the files of secrets included, each with a prefix and in the
// spelling of its source.
func names(prefix string, spell func(string) string) []string {
	var out []string
	add := func(name string) {
		if spell != nil {
			name = spell(name)
		}
		out = append(out, prefix+name)
	}
	for i := range options {
		add(options[i].Name)
		if options[i].Secret {
			add(options[i].Name + fileSuffix)
		}
	}
	return out
}
