//go:build !unix

package app

import "io/fs"

// inode is always 0 where files have no number: time and size must do.
func inode(fs.FileInfo) uint64 { return 0 }
