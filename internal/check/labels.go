package check

import (
	"errors"
	"strconv"
)

// The bounds of labels.
const (
	maxLabels      = 1000
	maxLabelLength = 36
)

var errLabels = errors.New("Value must be a list of at most 1000 labels, each 1 to 36 letters and digits.")

// Labels checks the labels of a user or a project: words of letters and digits.
func Labels(labels []string) error {
	if len(labels) > maxLabels {
		return errLabels
	}
	for _, label := range labels {
		if len(label) < 1 || len(label) > maxLabelLength {
			return errLabels
		}
		for i := range len(label) {
			if !letterOrDigit(label[i]) {
				return errLabels
			}
		}
	}
	return nil
}

// Between returns a check for whole numbers from min to max, both included.
func Between(min, max int) func(int) error {
	wrong := errors.New("Value must be a whole number between " + strconv.Itoa(min) + " and " + strconv.Itoa(max) + ".")
	return func(value int) error {
		if value < min || value > max {
			return wrong
		}
		return nil
	}
}
