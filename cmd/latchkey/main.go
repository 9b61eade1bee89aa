// Command latchkey is the account service: the development server, the production server, and the tools that
// set up projects and keys. Each subcommand is a file; all of them parse, wire and run, and decide nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	_ "golang.org/x/crypto/x509roots/fallback" // roots for images that have none

	"latchkey/internal/app"
	"latchkey/internal/config"
	"latchkey/internal/fault"
)

// version is set when a release is built.
var version = "dev"

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it was asked rightly and went wrong
	exitUsage  = 2 // it was asked wrongly: settings, flags, files
)

// command is a subcommand.
type command struct {
	name  string
	usage string
	about string
	set   bool // it is run with settings
	run   func(ctx context.Context, c *call) error
}

// call is one run of a subcommand.
type call struct {
	flags  config.Flags
	args   []string // what is left once settings and the command's name are taken out
	stdout io.Writer
	stderr io.Writer
}

// errUsage is a mistake in how a command was called.
var errUsage = errors.New("wrong use")

// commands lists the subcommands, in the order of the help.
func commands() []command {
	return []command{
		{"dev", "dev [--lan]", "everything on this machine, with a demo project", true, runDev},
		{"serve", "serve", "the production server", true, runServe},
		{"apply", "apply FILE [--dry-run] [--prune] [--json]", "bring projects to the state a file declares", true, runApply},
		{"project", "project list|create ID [NAME]|delete ID [--json]", "projects by hand", true, runProject},
		{"key", "key list PROJECT|create PROJECT NAME --scope SCOPE …|delete PROJECT ID [--json]", "API keys by hand", true, runKey},
		{"sms-guard", "sms-guard show|forget PROJECT [--json]", "what the guard against SMS fraud has counted", true, runSMSGuard},
		{"admin", "admin list|create EMAIL [NAME] [--role ROLE] [--project ID …]|grant EMAIL PROJECT ROLE|revoke EMAIL PROJECT|password EMAIL|reset-mfa EMAIL [--json]", "operators by hand", true, runAdmin},
		{"user", "user list PROJECT [WORDS]|create PROJECT EMAIL [NAME]|block PROJECT ID|unblock PROJECT ID|password PROJECT ID|reset-mfa PROJECT ID|sign-out PROJECT ID|delete PROJECT ID [--json]", "people by hand", true, runUser},
		{"export-config", "export-config [--without-secrets]", "print the projects as a file that apply takes", true, runExport},
		{"audit", "audit verify [PROJECT] [--expect=SEQ:HASH] [--json]", "whether the audit trail is whole", true, runAudit},
		{"migrate", "migrate", "bring the database's schema up", true, runMigrate},
		{"openapi", "openapi", "print the OpenAPI document", false, runOpenAPI},
		{"version", "version", "print the versions", false, runVersion},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run finds the subcommand and runs it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := &call{flags: config.Split(args), stdout: stdout, stderr: stderr}
	if len(c.flags.Rest) == 0 || c.flags.Rest[0] == "help" || c.flags.Rest[0] == "--help" || c.flags.Rest[0] == "-h" {
		help(stdout)
		return exitOK
	}
	name := c.flags.Rest[0]
	c.args, c.flags.Rest = c.flags.Rest[1:], nil
	for _, candidate := range commands() {
		if candidate.name != name {
			continue
		}
		if slices.Contains(c.args, "--help") || slices.Contains(c.args, "-h") {
			fmt.Fprintf(stdout, "latchkey %s\n    %s\n", candidate.usage, candidate.about)
			if candidate.set {
				settingsHelp(stdout)
			}
			return exitOK
		}
		return report(stderr, candidate, candidate.run(ctx, c))
	}
	fmt.Fprintf(stderr, "latchkey: there is no command %q; `latchkey help` lists them\n", name)
	return exitUsage
}

// report prints how a command ended and chooses the exit code.
func report(stderr io.Writer, c command, err error) int {
	var faults config.Faults
	var fault *fault.Error
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "latchkey: %s\nusage: latchkey %s\n", strings.TrimPrefix(err.Error(), errUsage.Error()+": "), c.usage)
		return exitUsage
	case errors.As(err, &faults):
		fmt.Fprintf(stderr, "latchkey: %s\n", err)
		return exitUsage
	case errors.As(err, &fault):
		fmt.Fprintf(stderr, "latchkey: %s\n", fault.Message)
		return exitFailed
	}
	fmt.Fprintf(stderr, "latchkey: %s\n", err)
	return exitFailed
}

// wrongUse makes an error that prints the command's usage.
func wrongUse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}

// help prints the commands and the settings.
func help(w io.Writer) {
	fmt.Fprintln(w, "Latchkey, the account service for apps.\n\nCommands:")
	for _, c := range commands() {
		fmt.Fprintf(w, "  latchkey %s\n      %s\n", c.usage, c.about)
	}
	settingsHelp(w)
}

// settingsHelp prints the settings.
func settingsHelp(w io.Writer) {
	fmt.Fprintln(w, "\nSettings:")
	_ = config.Usage(w)
}

// settings loads the settings for a kind of command.
func (c *call) settings(mode config.Mode) (*config.Config, error) {
	if mode != config.ModeTool {
		c.flags.Rest = c.args
	}
	return config.Load(mode, c.flags, os.Environ(), os.ReadFile)
}

// logger writes lines as the settings say.
func (c *call) logger(cfg *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == config.LogText {
		return slog.New(slog.NewTextHandler(c.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(c.stderr, options))
}

// open opens the data for a tool.
func (c *call) open(ctx context.Context) (*app.App, error) {
	cfg, err := c.settings(config.ModeTool)
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, cfg, c.logger(cfg))
}

// look is open for commands that change nothing.
func (c *call) look(ctx context.Context) (*app.App, error) {
	cfg, err := c.settings(config.ModeTool)
	if err != nil {
		return nil, err
	}
	return app.Look(ctx, cfg, c.logger(cfg))
}

// take removes a switch from the arguments and says whether it was there.
func (c *call) take(name string) bool {
	for i, arg := range c.args {
		if arg == name {
			c.args = append(c.args[:i:i], c.args[i+1:]...)
			return true
		}
	}
	return false
}

// takeValue removes a flag with its value, as often as it is given.
func (c *call) takeValue(name string) (values []string, err error) {
	var rest []string
	for i := 0; i < len(c.args); i++ {
		value, inline := strings.CutPrefix(c.args[i], name+"=")
		switch {
		case inline:
			values = append(values, value)
		case c.args[i] == name:
			if i+1 == len(c.args) {
				return nil, wrongUse("%s needs a value", name)
			}
			i++
			values = append(values, c.args[i])
		default:
			rest = append(rest, c.args[i])
		}
	}
	c.args = rest
	return values, nil
}

// noMore refuses arguments that no one has taken.
func (c *call) noMore(want int) error {
	for _, arg := range c.args {
		if strings.HasPrefix(arg, "-") {
			return wrongUse("%s is not known here", arg)
		}
	}
	if len(c.args) != want {
		return wrongUse("%d arguments are needed here, %d were given", want, len(c.args))
	}
	return nil
}
