// Package model owns the things the product speaks of (users, sessions, projects, keys and so on) as plain
// values. It knows neither how they are stored nor how they look on the wire, and imports the standard
// library alone.
package model

import (
	"encoding/json"
	"time"
)

// Time is a moment in milliseconds since the Unix epoch; zero means unset. It is what the database
// holds: whole milliseconds in both engines, so that a value read back equals the value written.
type Time int64

// At converts a time.Time, cutting it to milliseconds.
func At(t time.Time) Time { return Time(t.UnixMilli()) }

// Std converts back to a time.Time in UTC.
func (t Time) Std() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add returns t moved by d.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// Before says whether t lies before u.
func (t Time) Before(u Time) bool { return t < u }

// wireTime is the one form of a moment on the wire: three decimals, offset always +00:00.
const wireTime = "2006-01-02T15:04:05.000+00:00"

// String gives the wire form, or nothing for an unset time.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return t.Std().Format(wireTime)
}

// AppendJSON appends the quoted wire form.
func (t Time) AppendJSON(b []byte) []byte {
	b = append(b, '"')
	if t != 0 {
		b = t.Std().AppendFormat(b, wireTime)
	}
	return append(b, '"')
}

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) { return t.AppendJSON(make([]byte, 0, 32)), nil }

// UnmarshalJSON implements json.Unmarshaler: it reads the wire form, and an empty text as unset.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == `""` {
		*t = 0
		return nil
	}
	moment, err := time.Parse(`"`+wireTime+`"`, string(b))
	if err != nil {
		return err
	}
	*t = At(moment)
	return nil
}

// Agent is what a User-Agent header tells, in the vocabulary of the wire: names and short codes such as
// `WIN` and `CH`. Everything unknown is the empty string.
type Agent struct {
	OSCode, OSName, OSVersion                        string
	ClientType, ClientCode, ClientName               string
	ClientVersion, ClientEngine, ClientEngineVersion string
	DeviceName, DeviceBrand, DeviceModel             string
}

// Object is a JSON object kept as the text it came in (compacted); the zero value shows as {}.
type Object string

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) {
	if o == "" {
		return []byte("{}"), nil
	}
	return []byte(o), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *Object) UnmarshalJSON(b []byte) error {
	*o = Object(b)
	return nil
}

var _ json.Marshaler = Object("")
