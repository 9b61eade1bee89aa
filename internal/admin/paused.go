package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// pauseNoticeLife is how long it is worth telling somebody that a webhook was switched off.
const pauseNoticeLife = 3 * 24 * time.Hour

// TellOfPause mails everybody who looks after a project that one of its webhooks was switched off, in the transaction
// that switches it off: one mail each, however many nodes saw the receiver fail. Where no mail can leave, nobody is told.
func (r *Rules) TellOfPause(ctx context.Context, tx *store.Tx, project string, hook *Document, reason string) error {
	console := &auth.Request{Project: &model.Project{ID: model.ConsoleProject}}
	if !r.People.Mails(ctx, console) {
		return nil
	}
	found, err := tx.Project(project)
	if err != nil {
		return err
	}
	keepers, err := tx.Keepers(project)
	if err != nil {
		return err
	}
	host := ""
	if at, err := url.Parse(hook.Text("url")); err == nil {
		host = at.Hostname() // the rest of an address may hold what nobody else is to know
	}
	for _, k := range keepers {
		if k.Email == "" {
			continue
		}
		r.People.Box.Put(tx, &model.Message{
			Project: model.ConsoleProject, ID: r.Random.ID(r.Clock()), Kind: model.NoticeWebhook, Channel: model.ChannelEmail,
			CreatedAt: tx.Now, Expire: tx.Now.Add(pauseNoticeLife), To: k.Email, ToName: k.Name, Locale: languageOf(k.Prefs),
			Values: map[string]string{"user": k.Name, "project": found.Name, "webhook": cmp.Or(hook.Text("name"), hook.ID), "receiver": host, "reason": reason},
		})
	}
	return nil
}

// languageOf is the language that somebody's preferences name; what is not understood is passed over when the mail is worded.
func languageOf(prefs model.Object) string {
	var wishes struct{ Locale any }
	if json.Unmarshal([]byte(prefs), &wishes) != nil {
		return ""
	}
	text, _ := wishes.Locale.(string)
	return text
}
