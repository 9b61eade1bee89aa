package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"latchkey/internal/compat"
	"latchkey/internal/fault"
)

// Model is a reply that older formats may shape differently; the name is the contract's.
type Model interface{ Model() string }

const (
	jsonType = "application/json; charset=UTF-8"
	textType = "text/plain; charset=UTF-8"
	noStore  = "no-cache, no-store, must-revalidate"
)

// encoder is a JSON encoder with its buffer, kept for reuse.
type encoder struct {
	buffer bytes.Buffer
	json   *json.Encoder
}

var encoders = sync.Pool{New: func() any {
	e := &encoder{}
	e.json = json.NewEncoder(&e.buffer)
	e.json.SetEscapeHTML(false)
	return e
}}

// maxPooled is the largest buffer that is kept, so that one long list does not stay in memory for ever.
const maxPooled = 64 << 10

// reply writes what a handler returned.
func (c *Call) reply(out any) {
	if page, is := out.(*Page); is {
		c.writePage(page)
		return
	}
	header := c.w.Header()
	if c.Endpoint.Cache != "" {
		header["Cache-Control"] = []string{c.Endpoint.Cache}
		header["Vary"] = []string{"Origin, X-Appwrite-Locale"} // or whoever changes the language goes on reading the old one
	} else {
		header["Cache-Control"] = []string{noStore}
		header["Expires"] = []string{"0"}
		header["Pragma"] = []string{"no-cache"}
	}
	switch out := out.(type) {
	case Empty:
		// No body and no Content-Type: SDKs parse whatever is announced as JSON.
		c.w.WriteHeader(c.Endpoint.Status)
		return
	case Text:
		header["Content-Type"] = []string{textType}
		c.w.WriteHeader(c.Endpoint.Status)
		_, _ = c.w.Write([]byte(out))
		return
	case Document:
		c.writeBody(c.Endpoint.Status, out)
		return
	}
	if err := c.writeJSON(c.Endpoint.Status, c.formatted(out)); err != nil {
		c.fail(err)
	}
}

// formatted takes a reply back to the format the caller speaks. The newest format is sent as it is.
func (c *Call) formatted(out any) any {
	model, is := out.(Model)
	if !is || !compat.Needs(c.Format, model.Model()) {
		return out
	}
	return compat.Reply{Version: c.Format, Model: model.Model(), Value: out}
}

// writeJSON encodes a value and sends it. Nothing has been written when it returns an error.
func (c *Call) writeJSON(status int, value any) error {
	e := encoders.Get().(*encoder)
	defer func() {
		if e.buffer.Cap() <= maxPooled {
			encoders.Put(e)
		}
	}()
	e.buffer.Reset()
	if err := e.json.Encode(value); err != nil {
		return err
	}
	c.writeBody(status, bytes.TrimSuffix(e.buffer.Bytes(), []byte("\n")))
	return nil
}

// writeBody sends JSON.
func (c *Call) writeBody(status int, body []byte) {
	header := c.w.Header()
	header["Content-Type"] = []string{jsonType}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // a client that has gone is no fault of ours
}

// envelope is an error on the wire.
type envelope struct {
	Message string `json:"message"`
	Code    int    `json:"code"`
	Type    string `json:"type"`
	Version string `json:"version"`
}

// fail writes an error: the fault's type, status and sentence, never its cause.
func (c *Call) fail(err error) {
	f := fault.From(err)
	c.fault = f
	header := c.w.Header()
	header["Cache-Control"] = []string{noStore}
	header["Expires"] = []string{"0"}
	header["Pragma"] = []string{"no-cache"}
	if f.Retry > 0 {
		header["Retry-After"] = []string{strconv.FormatInt(int64((f.Retry+time.Second-1)/time.Second), 10)}
	}
	if f.Kind.Status == http.StatusRequestEntityTooLarge {
		header["Connection"] = []string{"close"}
	}
	if c.Endpoint.Failure != nil {
		if page := c.Endpoint.Failure(c, f); page != nil {
			c.writePage(page)
			return
		}
	}
	_ = c.writeJSON(f.Kind.Status, envelope{Message: f.Message, Code: f.Kind.Status, Type: f.Kind.Type, Version: compat.Newest})
}
