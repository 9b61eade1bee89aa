package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/config"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// App is an opened Latchkey: its data, its keys, and the rules for operators. Commands work with it; the
// server is started from it.
type App struct {
	Config *config.Config
	Log    *slog.Logger
	DB     *store.DB
	Keys   *secret.KeyRing
	Random *secret.Random
	Admin  *admin.Rules
	// MailRoots are the authorities that mail servers are checked against; nil: the system's.
	MailRoots *x509.CertPool
	lock      *os.File
	imagined  string // the directory of a database that is thrown away at the end
}

// The files in the data directory.
const (
	databaseFile  = "latchkey.db"
	masterKeyFile = "master.key"
	lockFile      = "latchkey.lock"
)

// Open opens the data that the settings name and brings its schema up. A server takes the data directory for
// itself; other commands may work beside it, and it notices their changes within half a second.
func Open(ctx context.Context, cfg *config.Config, log *slog.Logger) (*App, error) {
	a := &App{Config: cfg, Log: log, Random: secret.NewRandom(nil)}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	if err := os.MkdirAll(a.Config.Data, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if a.Config.Mode != config.ModeTool {
		if err := a.takeLock(); err != nil {
			return err
		}
	}
	master, err := a.masterKey()
	if err != nil {
		return err
	}
	if err := a.openDatabase(ctx, master, a.Config.Data); err != nil {
		return err
	}
	return a.bringUp(ctx)
}

// openDatabase opens the database, that of SQLite in a directory, as it is.
func (a *App) openDatabase(ctx context.Context, master secret.MasterKey, directory string) (err error) {
	a.Keys = secret.NewKeyRing(master)
	options := store.Options{URL: a.Config.Database, Log: a.Log, Clock: func() model.Time { return model.At(time.Now()) }}
	if !a.Config.PostgreSQL() || directory != a.Config.Data {
		options.URL, options.Path = "", filepath.Join(directory, databaseFile)
	}
	if a.DB, err = store.Open(ctx, options); err != nil {
		return err
	}
	a.Admin = &admin.Rules{DB: a.DB, Keys: a.Keys, Random: a.Random, Clock: time.Now, AllowPrivate: a.Config.AllowPrivate}
	return nil
}

// bringUp migrates the database and puts into it what every one holds.
func (a *App) bringUp(ctx context.Context) error {
	if err := a.DB.Migrate(ctx); err != nil {
		return err
	}
	kept, err := a.DB.MetaOnce(ctx, store.MetaKeyCheck, a.Keys.CheckValue())
	if err != nil {
		return err
	}
	if kept != a.Keys.CheckValue() {
		return errMasterKey
	}
	return a.Admin.EnsureConsole(ctx)
}

var errMasterKey = errors.New("--master-key: this is not the master key of the database: what is sealed in it could not be opened. Use the key it was set up with")

// masterKey returns the key that was set, or the one kept in the data directory, made at first use. With
// PostgreSQL a generated key would be a different one on every node, so there it has to be set.
func (a *App) masterKey() (secret.MasterKey, error) {
	if a.Config.MasterKey != nil {
		return secret.MasterKey(a.Config.MasterKey), nil
	}
	path := filepath.Join(a.Config.Data, masterKeyFile)
	key, err := a.keptKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = secret.NewMasterKey(a.Random)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return a.masterKey() // another command made it just now
	}
	if err != nil {
		return key, err
	}
	_, err = file.WriteString(key.String() + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		err = errors.Join(err, os.Remove(path)) // half a key would keep every later start from making a whole one
	}
	return key, err
}

// keyTime is how long a key file may be empty because another command is about to write it.
const keyTime = time.Second

// keptKey reads the key in the data directory; fs.ErrNotExist if there is none yet.
func (a *App) keptKey(path string) (secret.MasterKey, error) {
	text, err := os.ReadFile(path)
	for began := time.Now(); err == nil && len(text) == 0 && time.Since(began) < keyTime; text, err = os.ReadFile(path) {
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		return secret.MasterKey{}, err
	}
	if len(text) == 0 {
		return secret.MasterKey{}, fmt.Errorf("%s is empty: the start that was to make it was broken off. Remove it, if nothing has been stored here yet", path)
	}
	key, err := secret.ParseMasterKey(strings.TrimSpace(string(text)))
	if err != nil {
		return key, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// Close closes the data and frees the lock.
func (a *App) Close() error {
	var err error
	if a.DB != nil {
		err = a.DB.Close()
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.Close())
	}
	if a.imagined != "" {
		err = errors.Join(err, os.RemoveAll(a.imagined))
	}
	return err
}
