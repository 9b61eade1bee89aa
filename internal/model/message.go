package model

// Message is a mail or a text message on its way to a person. It carries what the message says, not how: it is
// worded and laid out when it is sent, by the project's templates of that moment.
type Message struct {
	Project   string
	ID        string // also the local part of the mail's Message-ID, the same however often it is sent
	Kind      string // what it is about: MessageOTP …
	Channel   string // ChannelEmail or ChannelSMS
	CreatedAt Time
	Expire    Time // not worth sending afterwards
	To        string
	ToName    string // the recipient's name; empty for none
	Locale    string // the language the person asked for
	// Values fills the placeholders of the wording: otp, redirect, user, project, phrase, agentClient …
	Values map[string]string
}

// The ways a message travels.
const (
	ChannelEmail = "email"
	ChannelSMS   = "sms"
)

// The kinds of message. Those up to MessageInvitation carry the contract's template names; the rest are ours.
const (
	MessageVerification = "verification"
	MessageMagicURL     = "magicSession"
	MessageRecovery     = "recovery"
	MessageOTP          = "otpSession"
	MessageMFAChallenge = "mfaChallenge"
	MessageSessionAlert = "sessionAlert"
	MessageInvitation   = "invitation"

	MessageVerificationOTP = "otpVerification"
	MessageRecoveryOTP     = "otpRecovery"
	MessagePhoneCode       = "smsCode" // a text message with a code, whatever it is for

	// Notices: something about the account has changed, told to the person (and to the address that was).
	NoticePassword  = "noticePassword"
	NoticeEmail     = "noticeEmail"
	NoticePhone     = "noticePhone"
	NoticeFactor    = "noticeFactor"
	NoticeRecovered = "noticeRecovered"
	NoticeProven    = "noticeProven" // the address was proven for the first time, and what others had left was removed

	// NoticeWebhook tells those who look after a project that one of its webhooks was switched off.
	NoticeWebhook = "noticeWebhook"
)
