package app

import (
	"context"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/pages"
)

// FirstOperatorPath is where the console gets its first person: a path with a secret that is good once. Empty as
// soon as the console has somebody.
func (a *App) FirstOperatorPath(ctx context.Context) (string, error) {
	rules := &auth.Rules{DB: a.DB, Keys: a.Keys, Random: a.Random, Clock: time.Now, Log: a.Log}
	secret, err := rules.FirstOperatorSecret(ctx)
	if err != nil || secret == "" {
		return "", err
	}
	return pages.FirstOperatorPath(secret), nil
}
