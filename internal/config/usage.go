package config

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Usage writes the settings as --help shows them: under their headings, the flag, then what it does.
func Usage(w io.Writer) error {
	var b strings.Builder
	group := ""
	for i := range options {
		o := &options[i]
		if o.Group != group {
			group = o.Group
			fmt.Fprintf(&b, "\n%s:\n", group)
		}
		flag := "--" + o.Name
		if !o.Switch() {
			flag += "=" + o.Value
		}
		help := fold(plain(o.Help+defaultText(o)), usageWidth-usageIndent)
		if len(flag) > usageIndent-4 {
			help = append([]string{""}, help...)
		}
		fmt.Fprintf(&b, "%-*s%s\n", usageIndent, "  "+flag, strings.Join(help, "\n"+strings.Repeat(" ", usageIndent)))
	}
	b.WriteString("\nEvery setting is also a variable (--public-url is LATCHKEY_PUBLIC_URL) and a key of the file.\n" +
		"A flag beats a variable, a variable beats the file. Secrets may come from files: --master-key-file,\n" +
		"LATCHKEY_DATABASE_FILE and so on.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func defaultText(o *Option) string {
	switch {
	case o.Default != "" && o.DefaultNote != "":
		return " [" + o.Default + "; " + o.DefaultNote + "]"
	case o.Default != "" && !o.Switch():
		return " [" + o.Default + "]"
	case o.DefaultNote != "":
		return " [" + o.DefaultNote + "]"
	}
	return ""
}

const usageIndent, usageWidth = 29, 100

// fold breaks a text into lines of at most width characters, between words.
func fold(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line+" "+word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// plain drops the marks that Markdown needs and a terminal does not.
func plain(s string) string { return strings.ReplaceAll(s, "`", "") }

//go:generate go test -run TestReferenceIsFresh -update

// Reference writes the reference page, docs/reference/configuration.md.
func Reference(w io.Writer) error {
	var b strings.Builder
	b.WriteString(referenceHead)
	group := ""
	for i := range options {
		o := &options[i]
		if o.Group != group {
			group = o.Group
			fmt.Fprintf(&b, "\n## %s\n\n| flag | variable | default | what it is |\n|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `--%s` | `%s` | %s | %s |\n", o.Name, o.Env(), referenceDefault(o), referenceHelp(o))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const referenceHead = `# Settings

<!-- Written by the test of internal/config from its table of options: go generate ./internal/config -->

A flag beats a variable, a variable beats the YAML file named by ` + "`--config`" + `, the file beats the default.
In the file a key is the flag without its dashes, and nothing nests:

` + "```yaml" + `
listen: 0.0.0.0:8080
public-url: https://auth.example.com
trusted-proxies: [10.0.0.0/8]
master-key-file: /run/secrets/latchkey-master-key
` + "```" + `

- Lists are separated by commas, or are a list in the file; a repeated flag adds to the list.
- A secret may also be read from a file: add ` + "`-file`" + ` to the flag or the key, ` + "`_FILE`" + ` to the variable. The last line
  break of that file does not count.
- An empty variable counts as not set. An unknown flag, variable or key is a fault, and all faults are reported at once.
`

func referenceDefault(o *Option) string {
	var parts []string
	if o.Default != "" {
		parts = append(parts, "`"+strings.ReplaceAll(o.Default, "|", `\|`)+"`")
	}
	if o.DefaultNote != "" {
		parts = append(parts, o.DefaultNote)
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, "; ")
}

func referenceHelp(o *Option) string {
	help := strings.ToUpper(o.Help[:1]) + o.Help[1:]
	if strings.HasPrefix(o.Help, "`") {
		help = o.Help
	}
	if o.List {
		help += ". A list"
	}
	if o.Secret {
		help += ". **Secret**, also `--" + o.Name + fileSuffix + "`"
	}
	return help + "."
}
