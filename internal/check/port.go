package check

import "errors"

var errPort = errors.New("Value must be a port: 1 to 65535.")

// Port checks the number of a port.
func Port(n int) error {
	if n < 1 || n > 65535 {
		return errPort
	}
	return nil
}
