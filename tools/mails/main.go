// Command mails writes every kind of mail in every language as an HTML file, and its text part beside it, to look
// at: go run ./tools/mails DIRECTORY.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/post"
)

// sample is what the mails are about.
var sample = map[string]string{
	"user": "Walter O’Brien", "otp": "482913", "minutes": "15", "phrase": "Golden harbour", "team": "Research & Development", "owner": "Zoë Müller",
	"redirect":    "https://app.example.com/auth/confirm?userId=674f1d2a000f3c1b5e90&secret=" + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08&expire=2026-03-01T12%3A15%3A00.000%2B00%3A00",
	"agentClient": "Firefox", "agentOs": "Ubuntu", "device": "Firefox on Ubuntu", "ipAddress": "2001:db8:85a3::8a2e:370:7334", "country": "Iceland", "phone": "+3545551234", "factor": "totp",
	"webhook": "Billing", "receiver": "app.example.com", "reason": "the receiver answered 503",
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./tools/mails DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, kind := range post.Kinds() {
		for _, locale := range post.Languages() {
			m := &model.Message{
				Project: "demo", ID: "m1", Kind: kind, Channel: model.ChannelEmail, CreatedAt: model.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
				To: "walter@example.com", Locale: locale, Values: sample,
			}
			w, err := post.Word(m, post.Look{Name: "Northwind"}, nil)
			if err != nil {
				return err
			}
			name := filepath.Join(dir, kind+"."+locale)
			if err := os.WriteFile(name+".html", []byte(w.HTML), 0o644); err != nil {
				return err
			}
			if err := os.WriteFile(name+".txt", []byte(w.Subject+"\n\n"+w.Text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
