//go:build !unix

package app

import (
	"fmt"
	"os"
	"path/filepath"
)

// takeLock keeps a file open in the data directory, which on Windows keeps a second server from removing it.
func (a *App) takeLock() error {
	path := filepath.Join(a.Config.Data, lockFile)
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("--data: another server is running on %s", a.Config.Data)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	a.lock = file
	return err
}
