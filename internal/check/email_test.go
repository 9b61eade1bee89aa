package check_test

import (
	"net/mail"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"latchkey/internal/check"
)

// The verdicts in addresses.json were given by FILTER_VALIDATE_EMAIL of PHP 8.2.
func TestEmailAgreesWithPHP(t *testing.T) {
	t.Parallel()
	var rows []struct {
		Address   string
		PHP, Ours bool
		Why       string
	}
	load(t, "testdata/addresses.json", &rows)
	accepted := 0
	for _, row := range rows {
		got := check.Email(row.Address) == nil
		if got != row.Ours {
			t.Errorf("%q: got %v, want %v (%s)", row.Address, got, row.Ours, row.Why)
		}
		if row.PHP != row.Ours && row.Why == "" {
			t.Errorf("%q: PHP says %v, we say %v and not why", row.Address, row.PHP, row.Ours)
		}
		if got {
			accepted++
		}
	}
	if len(rows) < 200 || accepted < 80 {
		t.Errorf("only %d addresses, %d of them accepted", len(rows), accepted)
	}
}

func TestEmailRefusesWhatWouldSplitAMail(t *testing.T) {
	t.Parallel()
	holds(t, check.Email, []string{`"a\ b"@c.de`, "o'neil@example.com", "  A@B.C\r\n"}, []string{
		"a@b.c\nBcc: x@y.z", "a@b.c\r\n\r\nx", "\"a\\\n\"@b.c", "\"a\x01\"@b.c", "a@b.c\x00", "\x00a@b.c", "a@b.c,d@e.f", "A <a@b.c>", "a@b.c\u00a0", "a@\u212a.de", "a@[ipv6:fe80::1%eth0]",
	})
}

func TestNormalFormIsStable(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"": "", " \t\n\v\f\r": "", " A@B.C ": "a@b.c", "ÄA@b.c": "Äa@b.c", "\u212a@b.c": "\u212a@b.c", "a\x00": "a\x00"} {
		if got := check.NormalizeEmail(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		once := check.NormalizeEmail(value)
		if twice := check.NormalizeEmail(once); twice != once {
			t.Fatalf("%q: %q, then %q", value, once, twice)
		}
		if (check.Email(value) == nil) != (check.Email(once) == nil) {
			t.Fatalf("%q and its normal form are judged differently", value)
		}
	})
}

// FuzzEmail: whatever is accepted can be put on a line of a mail's header and on SMTP's RCPT, and the standard
// library reads the same address out of it.
func FuzzEmail(f *testing.F) {
	for _, seed := range []string{"a@b.c", `"a b"@c.de`, `"a\"@"."x"@c.de`, "a@[IPv6:::1]", "a@[127.0.0.1]", " A@B.c\n", "a@xn--a.de"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if check.Email(value) != nil {
			return
		}
		address := check.NormalizeEmail(value)
		if len(address) > 254 || strings.ContainsFunc(address, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("%q is accepted", address)
		}
		at := strings.LastIndexByte(address, '@')
		if at < 1 || at > 64 {
			t.Fatalf("%q: the @ stands at %d", address, at)
		}
		if strings.Contains(address, `"`) || strings.Contains(address[at:], "[") {
			return // net/mail reads no empty quotes and only some literals
		}
		parsed, err := mail.ParseAddress("<" + address + ">")
		if err != nil || parsed.Address != address {
			t.Fatalf("%q is accepted, net/mail says %v, %v", address, parsed, err)
		}
	})
}

func BenchmarkEmail(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := check.Email("walter.white+alias@mail.example.com"); err != nil {
			b.Fatal(err)
		}
	}
}
