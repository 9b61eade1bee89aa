package check_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"latchkey/internal/check"
)

func TestPhones(t *testing.T) {
	t.Parallel()
	holds(t, check.Phone, []string{"+16175551212", "+4915123456789", "+1617555", "+883510000000000", "+80012345678"}, []string{
		"", "+", "16175551212", "+016175551212", "+161755", "+1234567890123456", "+1 617 555 1212", "+1-6175551212", "+16175551212\n", "\n+16175551212", " +16175551212",
		"++16175551212", "+1617555121x", "+１６１７５５５１２１２", "+21012345678", "+99912345678", "+38412345678", "+16175551212\x00", "+1617555121٣",
	})
	for number, want := range map[string]string{"+16175551212": "1", "4915123": "49", "+358401": "358", "+49": "49", "+99": "", "": "", "+": "", "x": ""} {
		if got := check.CallingCode(number); got != want {
			t.Errorf("the code of %q: got %q, want %q", number, got, want)
		}
	}
}

// Every code of one to three digits, each before random numbers: libphonenumber and our table agree on whether
// it is one. What else libphonenumber finds wrong with a number is not asked.
func TestCallingCodesAgreeWithLibphonenumber(t *testing.T) {
	t.Parallel()
	seen := 0
	random := rand.New(rand.NewPCG(1, 2))
	for code := 1; code <= 999; code++ {
		for range 3 {
			number := "+" + strconv.Itoa(code)
			for length := 9 + random.IntN(5); len(number) < length; {
				number += strconv.Itoa(random.IntN(10))
			}
			_, err := phonenumbers.Parse(number, "")
			if err != nil && !errors.Is(err, phonenumbers.ErrInvalidCountryCode) {
				continue
			}
			seen++
			if got, want := check.Phone(number) == nil, err == nil; got != want {
				t.Errorf("%s: got %v, libphonenumber says %v", number, got, want)
			}
		}
	}
	if seen < 2900 {
		t.Errorf("only %d numbers were compared", seen)
	}
}

// FuzzPhone: what is accepted is digits behind a plus, and libphonenumber can read it.
func FuzzPhone(f *testing.F) {
	for _, seed := range []string{"+16175551212", "+4915123456789", "+80012345678", "+16175551212\n", "+999123456"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if check.Phone(value) != nil {
			return
		}
		if digits, plus := strings.CutPrefix(value, "+"); !plus || strings.Trim(digits, "0123456789") != "" || len(digits) < 7 || len(digits) > 15 {
			t.Fatalf("%q is accepted", value)
		}
		if _, err := phonenumbers.Parse(value, ""); err != nil {
			t.Fatalf("%q is accepted, libphonenumber says %v", value, err)
		}
	})
}
