package wire

import "latchkey/internal/model"

// Token is a one-time secret that was sent to a person, without the secret.
type Token struct {
	ID        string     `json:"$id"`
	CreatedAt model.Time `json:"$createdAt"`
	UserID    string     `json:"userId"`
	Secret    string     `json:"secret"`
	Expire    model.Time `json:"expire"`
	Phrase    string     `json:"phrase" since:"1.5.0"`
}

// Model implements api.Model.
func (*Token) Model() string { return "token" }

// TokenOf shows a token. Its secret stays empty: the message carries it, and only a server is told it.
func TokenOf(t *model.Token) *Token {
	return &Token{ID: t.ID, CreatedAt: t.CreatedAt, UserID: t.UserID, Expire: t.Expire}
}
