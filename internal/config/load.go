package config

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Load reads the settings for one kind of command. The environment is in the form of os.Environ; readFile
// is os.ReadFile, or a test's own. The error is always of type [Faults] and holds everything that is wrong.
func Load(mode Mode, flags Flags, environ []string, readFile func(string) ([]byte, error)) (*Config, error) {
	l := &loader{readFile: readFile, raw: map[string]given{}, bad: map[string]bool{}, config: &Config{Mode: mode}}
	l.sources(mode, flags, environ)
	l.secretFiles()
	for i := range options {
		l.set(&options[i])
	}
	if l.config.HashParallel == 0 {
		// GOMAXPROCS, unlike the number of cores, knows how much of the machine a container was given.
		l.config.HashParallel = max(1, runtime.GOMAXPROCS(0)-1)
		l.note("hash-parallel", strconv.Itoa(l.config.HashParallel))
	}
	l.check()
	if len(l.faults) > 0 {
		return nil, l.faults
	}
	l.derive()
	l.config.settings = l.settings()
	return l.config, nil
}

// loader is the state of one Load.
type loader struct {
	readFile func(string) ([]byte, error)
	config   *Config
	faults   Faults
	// raw holds the winning value of each name that was given; secrets' files under their own names.
	raw map[string]given
	// bad marks the options whose value could not be used, so that no rule builds on it.
	bad map[string]bool
}

// sources gathers the values, weakest first, so that a stronger one replaces it.
func (l *loader) sources(mode Mode, flags Flags, environ []string) {
	faults := slices.Clone(flags.faults)
	if mode != ModeTool {
		faults = append(faults, leftover(flags.Rest)...)
	}
	env, envFaults := fromEnviron(environ)
	for _, fault := range append(faults, envFaults...) {
		l.fault(fault)
	}

	if name, ok := last(configName, env, flags.given); ok {
		content, err := l.readFile(name.value)
		if err != nil {
			l.fault(Fault{Option: configName, Origin: name.origin, Problem: quote(name.value) + " " + readError(err)})
		} else {
			file, faults := fromFile(name.value, content)
			for _, fault := range faults {
				l.fault(fault)
			}
			l.take(file)
		}
	}
	l.take(env)
	l.take(flags.given)
}

// last finds the strongest value of a name.
func last(name string, sources ...[]given) (found given, ok bool) {
	for _, source := range sources {
		for _, g := range source {
			if g.name == name {
				found, ok = g, true
			}
		}
	}
	return found, ok
}

// take lets one source replace what weaker sources said. Within the source, a repeated list adds up, any
// other repeated value replaces the one before. A secret and its file are two names for one thing: a source
// that gives one silences what a weaker source said by the other, and a source may give only one.
func (l *loader) take(source []given) {
	mine := map[string]bool{}
	for _, g := range source {
		option, fromFile := settable(g.name)
		if option.List && mine[g.name] {
			g.value = l.raw[g.name].value + "," + g.value
		}
		if option.Secret {
			other := option.Name
			if !fromFile {
				other += fileSuffix
			}
			if mine[other] {
				l.fault(Fault{Option: option.Name, Origin: g.origin, Problem: "is given twice, also by " + l.raw[other].origin})
			}
			delete(l.raw, other)
		}
		mine[g.name] = true
		l.raw[g.name] = g
	}
}

// secretFiles replaces the name of a secret's file by what is in it. The last line break is not part of
// the secret: editors and `echo` leave one.
func (l *loader) secretFiles() {
	for i := range options {
		name := options[i].Name
		g, ok := l.raw[name+fileSuffix]
		if !ok || !options[i].Secret {
			continue
		}
		content, err := l.readFile(g.value)
		if err != nil {
			l.fault(Fault{Option: name, Origin: g.origin, Problem: quote(g.value) + " " + readError(err)})
			continue
		}
		value := strings.TrimRight(string(content), "\r\n")
		if value == "" {
			l.fault(Fault{Option: name, Origin: g.origin, Problem: quote(g.value) + " is empty"})
			continue
		}
		l.raw[name] = given{name: name, value: value, origin: g.origin}
	}
}

// set checks one option's value and puts it into the configuration.
func (l *loader) set(o *Option) {
	g, ok := l.raw[o.Name]
	if !ok {
		g = given{name: o.Name, value: o.Default}
	}
	if g.value == "" {
		if o.Default != "" && !l.bad[o.Name] {
			l.fault(Fault{Option: o.Name, Origin: g.origin, Problem: "must not be empty"})
		}
		return
	}
	if err := o.set(l.config, g.value); err != nil {
		problem := quote(g.value) + " " + err.Error()
		if o.Secret {
			problem = err.Error()
		}
		l.fault(Fault{Option: o.Name, Origin: g.origin, Problem: problem})
	}
}

func (l *loader) fault(f Fault) {
	l.faults = append(l.faults, f)
	if option, _ := settable(f.Option); option != nil {
		l.bad[option.Name] = true
	}
}

// note records a value that nobody gave, for the list of settings in the log.
func (l *loader) note(name, value string) {
	if _, ok := l.raw[name]; !ok {
		l.raw[name] = given{name: name, value: value}
	}
}

// given says whether somebody gave the option.
func (l *loader) given(name string) bool { return l.raw[name].origin != "" }

func quote(v string) string {
	if len(v) > 200 {
		v = v[:200] + "…"
	}
	return strconv.Quote(v)
}
