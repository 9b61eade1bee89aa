package auth

import (
	"context"
	"strconv"

	"latchkey/internal/client"
	"latchkey/internal/fault"
	"latchkey/internal/locale"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// TextGuard holds back text messages that nobody but a fraudster is paid for. A nil guard lets everything pass.
type TextGuard interface {
	// Allow is asked before a text message to a number is written. Its fault is the answer to the caller:
	// general_rate_limit_exceeded.
	Allow(ctx context.Context, req *Request, number string) error
	// Confirmed tells that a code sent to a number has come back: somebody does read there.
	Confirmed(ctx context.Context, req *Request, number string)
}

// confirmed tells the guard, if there is one, that a code sent to a number has come back.
func (r *Rules) confirmed(ctx context.Context, req *Request, number string) {
	if r.Guard != nil && number != "" {
		r.Guard.Confirmed(ctx, req, number)
	}
}

// mailable refuses what needs mail where none can leave. Fault: general_smtp_disabled.
func (r *Rules) mailable(ctx context.Context, req *Request) error {
	if !r.Reach(ctx, req.Project, model.ChannelEmail) {
		return fault.SMTPDisabled
	}
	return nil
}

// textable is mailable for text messages; what the guard holds back is refused here, too.
// Faults: general_phone_disabled, general_rate_limit_exceeded.
func (r *Rules) textable(ctx context.Context, req *Request, number string) error {
	if !r.Reach(ctx, req.Project, model.ChannelSMS) {
		return fault.PhoneDisabled
	}
	if r.Guard == nil {
		return nil
	}
	return r.Guard.Allow(ctx, req, number)
}

// put writes a message with the transaction that makes it due. One that nobody may get is written and taken back,
// so that it costs what others cost.
func (r *Rules) put(tx *store.Tx, m *model.Message, wanted bool) {
	r.Box.Put(tx, m)
	taken := m.ID
	if wanted {
		taken = r.newID()
	}
	tx.DropMessage(m.Project, taken)
}

// mail is a mail about a token: it goes to the address the token is bound to, and is worth nothing after it.
func (r *Rules) mail(req *Request, kind string, issued *Issued, values map[string]string) *model.Message {
	agent := client.ParseAgent(req.Client.UserAgent)
	values["phrase"] = issued.Phrase
	values["minutes"] = strconv.Itoa(int(issued.life().Minutes()))
	values["agentDevice"], values["agentClient"], values["agentOs"] = agent.DeviceBrand, agent.ClientName, agent.OSName
	return r.message(req, kind, issued, values)
}

// text is a text message with the code of a token.
func (r *Rules) text(req *Request, issued *Issued) *model.Message {
	m := r.message(req, model.MessagePhoneCode, issued, map[string]string{"otp": issued.Secret, "minutes": strconv.Itoa(int(issued.life().Minutes()))})
	m.Channel = model.ChannelSMS
	return m
}

func (r *Rules) message(req *Request, kind string, issued *Issued, values map[string]string) *model.Message {
	return &model.Message{Project: issued.Token.Project, ID: r.newID(), Kind: kind, Channel: model.ChannelEmail, CreatedAt: issued.Token.CreatedAt,
		Expire: issued.Token.Expire, To: issued.Token.Address, Locale: req.Locale, Values: values}
}

// noticeLife is how long a notice is worth sending.
const noticeLife = 3 * 24 * 60 * 60 * 1000

// alertSession tells a person of a sign-in, by policy: not of their first, which would be a mail about
// themselves, and not of one that was proved from the very mailbox it would go to. Call it with the user locked,
// before the session is written.
func (r *Rules) alertSession(ctx context.Context, tx *store.Tx, req *Request, signed *SignedIn) error {
	session, user := signed.Session, signed.User
	if !req.Project.Settings.Policies.SessionAlert.Enabled || user.Email == "" || fromMailbox(session) || !r.Reach(ctx, req.Project, model.ChannelEmail) {
		return nil
	}
	has, err := tx.HasSession(session.Project, session.UserID)
	if err != nil || !has {
		return err
	}
	r.Box.Put(tx, r.notice(req, user, model.MessageSessionAlert, nil))
	return nil
}

// fromMailbox says whether a session was proved by what was sent to the account's address.
func fromMailbox(s *model.Session) bool {
	if s.Provider != "magic-url" && s.Provider != "token" {
		return false
	}
	for _, factor := range s.Factors {
		if factor == "email" {
			return true
		}
	}
	return false
}

// notify tells a person of a change to their account, by policy, in the transaction of the change. Further
// addresses get it, too: the one that was replaced is where somebody would learn that it was taken away.
func (r *Rules) notify(ctx context.Context, tx *store.Tx, req *Request, user *model.User, n notice) {
	if !req.Project.Settings.Policies.AccountNotices.Enabled || !r.Reach(ctx, req.Project, model.ChannelEmail) {
		return
	}
	told := map[string]bool{"": true}
	for _, address := range append([]string{user.Email}, n.also...) {
		if told[address] {
			continue
		}
		told[address] = true
		m := r.notice(req, user, n.kind, n.values)
		m.To = address
		r.Box.Put(tx, m)
	}
}

// notice is a change that a person is told of.
type notice struct {
	kind   string
	values map[string]string // beside what every notice says
	also   []string          // addresses beside the account's own
}

// notice is a mail about something that has happened to an account, and from where.
func (r *Rules) notice(req *Request, user *model.User, kind string, values map[string]string) *model.Message {
	now := r.now()
	agent := client.ParseAgent(req.Client.UserAgent)
	device := agent.ClientName
	if device == "" {
		device = req.Client.UserAgent
	}
	all := map[string]string{"user": user.Name, "device": device, "ipAddress": req.Client.IP.String(), "country": locale.Country(req.Locale, req.Client.Country())}
	for name, value := range values {
		all[name] = value
	}
	return &model.Message{Project: user.Project, ID: r.newID(), Kind: kind, Channel: model.ChannelEmail, CreatedAt: now, Expire: now + noticeLife,
		To: user.Email, ToName: user.Name, Locale: req.Locale, Values: all}
}
