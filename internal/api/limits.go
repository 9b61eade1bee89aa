package api

import (
	"strconv"
	"strings"
	"time"

	"latchkey/internal/check"
	"latchkey/internal/client"
	"latchkey/internal/fault"
	"latchkey/internal/limit"
)

// template is a parsed key template: fixed text and holes in turn.
type template struct {
	text  string
	parts []string // text, hole, text, hole … text
}

// parseTemplates reads key templates such as "url:{url},email:{param-email}".
func parseTemplates(texts []string) []template {
	var list []template
	for _, text := range texts {
		t := template{text: text}
		rest := text
		for {
			before, after, found := strings.Cut(rest, "{")
			if !found {
				t.parts = append(t.parts, rest)
				break
			}
			hole, next, _ := strings.Cut(after, "}")
			t.parts = append(t.parts, before, hole)
			rest = next
		}
		list = append(list, t)
	}
	return list
}

// takeLimit counts the call on the route's counters and refuses it when one is full. It works on the raw
// parameters, before they are checked: a malformed guess is a guess. Callers beyond limits are shown the
// figures and not counted.
func (c *Call) takeLimit() error {
	spec := c.Endpoint.Limit
	if spec.Max == 0 {
		return nil
	}
	keys := c.limitKeys()
	if len(keys) == 0 {
		return nil
	}
	now, ctx := c.Now.Std(), c.HTTP.Context()
	if c.unlimited() {
		if result, err := c.server.Limits.Peek(ctx, keys[0], now); err == nil {
			c.showLimit(result)
		}
		return nil
	}
	result, err := c.server.Limits.Take(ctx, keys, now)
	if err != nil {
		// Without counters a guesser would be unlimited; a short pause for everybody is the lesser harm.
		return fault.ServerBusy.RetryAfter(time.Second).Because(err)
	}
	c.taken = keys
	c.showLimit(result)
	if result.Full {
		c.server.Observer.LimitRefused(c.Endpoint.Name())
		return fault.RateLimitExceeded.RetryAfter(result.Reset.Sub(now))
	}
	return nil
}

// StaysCounted keeps an answer that looks like success from setting the counters back: nothing has been proved by it.
func (c *Call) StaysCounted() { c.taken = nil }

// resetLimit sets the counters of a route back after the success its row names.
func (c *Call) resetLimit() {
	if c.Endpoint.Limit.Reset != c.Endpoint.Status || len(c.taken) == 0 {
		return
	}
	if err := c.server.Limits.Reset(c.HTTP.Context(), c.taken, c.Now.Std()); err != nil {
		c.server.Log.Warn("rate limit could not be reset", "request", c.ID, "error", err)
	}
}

// showLimit writes the rate-limit headers.
func (c *Call) showLimit(result limit.Result) {
	header := c.w.Header()
	header["X-RateLimit-Limit"] = []string{strconv.Itoa(result.Limit)}
	header["X-RateLimit-Remaining"] = []string{strconv.Itoa(result.Remaining)}
	header["X-RateLimit-Reset"] = []string{strconv.FormatInt(result.Reset.Unix(), 10)}
}

// limitKeys fills the route's templates. A template whose parameter is absent gives no counter: one shared
// by everybody who forgets the parameter would be no protection, and such a request ends in a 400 anyway.
func (c *Call) limitKeys() []limit.Key {
	keys := make([]limit.Key, 0, len(c.Endpoint.limits))
	for _, t := range c.Endpoint.limits {
		var b strings.Builder
		b.WriteString(c.Project.ID)
		complete := true
		for i, part := range t.parts {
			b.WriteByte('\n')
			if i%2 == 0 {
				b.WriteString(part)
				continue
			}
			value := c.hole(part)
			complete = complete && value != ""
			b.WriteString(value)
		}
		if complete {
			keys = append(keys, limit.Key{Name: b.String(), Max: c.Endpoint.Limit.Max, Window: c.Endpoint.Limit.Window()})
		}
	}
	return keys
}

// hole fills one placeholder. Addresses are normalised, or each spelling would have guesses of its own.
func (c *Call) hole(name string) string {
	switch name {
	case "url":
		if c.Endpoint.Limit.Of != "" {
			return c.Endpoint.Limit.Of
		}
		return c.Endpoint.Method + " " + c.Endpoint.Path
	case "ip":
		return client.Subscriber(c.Hop.IP)
	case "userId":
		if c.Caller.User != nil {
			return c.Caller.User.ID
		}
		return ""
	case "factor-kind":
		// What sends messages and what sends none are counted apart: a thief of the password who uses up the
		// first must not lock the owner out of the second.
		switch strings.ToLower(c.text("factor")) {
		case "totp", "recoverycode", "custom":
			return "quiet"
		}
		return "sent"
	case "param-email":
		return check.NormalizeEmail(c.text("email"))
	}
	if param, found := strings.CutPrefix(name, "param-"); found {
		return c.text(param)
	}
	return ""
}
