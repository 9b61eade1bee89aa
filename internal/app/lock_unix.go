//go:build unix

package app

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// takeLock makes sure that no second server works on the same directory. The system frees the lock when the
// process ends, however it ends.
func (a *App) takeLock() error {
	file, err := os.OpenFile(filepath.Join(a.Config.Data, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	a.lock = file
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("--data: another server is running on %s", a.Config.Data)
	}
	return nil
}
