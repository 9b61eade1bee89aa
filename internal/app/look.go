package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"latchkey/internal/config"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Look opens the data that the settings name for whoever wants to know what would happen: nothing in it is changed, no
// schema brought up, no key made. Where there is nothing yet, it is an empty database that is thrown away in the end; one
// whose schema is not that of this program is refused.
func Look(ctx context.Context, cfg *config.Config, log *slog.Logger) (*App, error) {
	a := &App{Config: cfg, Log: log, Random: secret.NewRandom(nil)}
	if err := a.look(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) look(ctx context.Context) error {
	master, err := a.presentKey()
	if err != nil {
		return err
	}
	if !a.Config.PostgreSQL() {
		_, err := os.Stat(filepath.Join(a.Config.Data, databaseFile))
		if errors.Is(err, fs.ErrNotExist) {
			return a.imagine(ctx, master)
		}
		if err != nil {
			return fmt.Errorf("--data: %w", err)
		}
	}
	if err := a.openDatabase(ctx, master, a.Config.Data); err != nil {
		return err
	}
	current, known, err := a.DB.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case current == 0:
		if err := a.DB.Close(); err != nil {
			return err
		}
		return a.imagine(ctx, master)
	case current != known:
		return fmt.Errorf("the database has schema version %d, this program works with %d: a dry run changes nothing, so bring it up first, by `latchkey migrate` or by starting the server", current, known)
	}
	kept, err := a.DB.Meta(ctx, store.MetaKeyCheck)
	if err == nil && kept != "" && kept != a.Keys.CheckValue() {
		err = errMasterKey
	}
	return err
}

// presentKey is the master key that was set or kept, or else one for this time only.
func (a *App) presentKey() (secret.MasterKey, error) {
	if a.Config.MasterKey != nil {
		return secret.MasterKey(a.Config.MasterKey), nil
	}
	key, err := a.keptKey(filepath.Join(a.Config.Data, masterKeyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return secret.NewMasterKey(a.Random), nil
	}
	return key, err
}

// imagine makes an empty database, to be thrown away at the end.
func (a *App) imagine(ctx context.Context, master secret.MasterKey) (err error) {
	a.Log = slog.New(slog.DiscardHandler) // what is set up here is nobody's news
	if a.imagined, err = os.MkdirTemp("", "latchkey-look-"); err != nil {
		return err
	}
	if err := a.openDatabase(ctx, master, a.imagined); err != nil {
		return err
	}
	return a.bringUp(ctx)
}
