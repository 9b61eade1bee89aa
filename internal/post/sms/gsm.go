package sms

import "strings"

// gsmLetters are the basic table of GSM 03.38 and its extension (3GPP TS 23.038, 6.2.1): with them alone, a message
// holds 160 characters; one letter beyond, and all of it travels as UCS-2.
const gsmLetters = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà" +
	"\f^{}\\[~]|€"

// gsm says whether a text can travel in the letters of GSM 03.38.
func gsm(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune(gsmLetters, r) })
}
