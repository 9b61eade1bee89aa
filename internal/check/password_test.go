package check

import (
	"strings"
	"testing"

	"latchkey/internal/model"
)

func TestPasswordPolicies(t *testing.T) {
	t.Parallel()
	standard := model.DefaultSettings().Policies
	strict := standard
	strict.PasswordStrength = model.Strength{Min: 10, Uppercase: true, Lowercase: true, Number: true, Symbols: true}
	listed := standard
	listed.PasswordDictionary.Enabled = true
	cases := []struct {
		name     string
		policies model.Policies
		password string
		want     bool
	}{
		{"7 bytes", standard, "1234567", false}, {"8 bytes", standard, "12345678", true}, {"four letters of two bytes", standard, "ääää", true},
		{"256 bytes", standard, strings.Repeat("a", 256), true}, {"257 bytes", standard, strings.Repeat("a", 257), false}, {"blanks", standard, "        ", true},
		{"a NUL", standard, "12345678\x00", false}, {"broken UTF-8", standard, "12345678\xff", false},
		{"strong", strict, "Abcdefg1!x", true}, {"too short", strict, "Abcdef1!x", false}, {"no upper case", strict, "abcdefg1!x", false},
		{"no lower case", strict, "ABCDEFG1!X", false}, {"no digit", strict, "Abcdefgh!x", false}, {"no symbol", strict, "Abcdefgh1x", false},
		{"a letter of another script is no symbol", strict, "Abcdefg1ж", false}, {"a blank is no symbol", strict, "Abcdefg1 x", false},
		{"a common one", listed, "password123", false}, {"in another case", listed, "PassWord123!x", true}, {"an uncommon one", listed, "correct horse 1", true},
	}
	for _, c := range cases {
		if err := Password(c.policies)(c.password); (err == nil) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestPersonalData(t *testing.T) {
	t.Parallel()
	person := Person{ID: "5e5ea5c16897e", Email: "walter@example.com", Name: "Walter White", Phone: "+15551234567"}
	for password, want := range map[string]bool{
		"my5E5EA5C16897Ex": true, "WALTER@example.com!": true, "xxWalterxx": true, "i am walter white": true, "+15551234567 x": true, "call 15551234567": true,
		"correct horse 1": false, "heisenberg 99": false,
	} {
		if PersonalData(password, person) != want {
			t.Errorf("%q: want %v", password, want)
		}
	}
	if PersonalData("a password of any kind", Person{Email: "a@b.cd", Name: "Jo"}) {
		t.Error("a one-letter address forbids every password")
	}
	if PersonalData("anything at all", Person{}) {
		t.Error("nothing is contained in everything")
	}
}

func TestEmailFacts(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]model.EmailFacts{
		"walter.white+shop@gmail.com": {Canonical: "walterwhite@gmail.com", IsFree: true},
		"walterwhite@googlemail.com":  {Canonical: "walterwhite@gmail.com", IsFree: true},
		"walterwhite@gmail.com":       {Canonical: "walterwhite@gmail.com", IsFree: true, IsCanonical: true},
		"w.w+x@hotmail.co.uk":         {Canonical: "w.w@outlook.com", IsFree: true},
		"walter-shop@yahoo.de":        {Canonical: "walter@yahoo.com", IsFree: true},
		"-x@yahoo.com":                {Canonical: "-x@yahoo.com", IsFree: true, IsCanonical: true},
		"+x@gmail.com":                {Canonical: "+x@gmail.com", IsFree: true, IsCanonical: true},
		"w@pm.me":                     {Canonical: "w@protonmail.com", IsFree: true},
		"w+x@example.com":             {Canonical: "w+x@example.com", IsCorporate: true, IsCanonical: true},
		"w@mailinator.com":            {Canonical: "w@mailinator.com", IsDisposable: true, IsCanonical: true},
	} {
		if got := Facts(email); got != want {
			t.Errorf("%s: %+v, want %+v", email, got, want)
		}
	}
}
