package auth

import (
	"errors"
	"strings"

	"latchkey/internal/event"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Teller puts an event on its way to the webhooks of a request's project, in the transaction of what has happened.
type Teller func(tx *store.Tx, req *Request, e event.Event)

const (
	userCreated    = "users.[userId].create"
	userDeleted    = "users.[userId].delete"
	sessionCreated = "users.[userId].sessions.[sessionId].create"
	tokenCreated   = "users.[userId].tokens.[tokenId].create"
)

// listened says whether anybody might want to know what happens. Projects without webhooks pay for none of it.
func (r *Rules) listened(req *Request) bool { return r.Tell != nil && len(req.Project.Webhooks) > 0 }

// happened tells of the event that the request's row names: payload is what it is about, ids stand in the places of
// the name's placeholders, the user's first. A row that names none, or one of something else, which the rule behind
// it tells of by itself, is passed over.
func (r *Rules) happened(tx *store.Tx, req *Request, payload any, ids ...string) {
	if r.listened(req) && strings.Count(req.Event, "[") == len(ids) {
		r.tell(tx, req, event.Event{Name: req.Event, IDs: ids, Payload: payload})
	}
}

// tell tells of an event. Who did it is the person who calls, unless the event says so.
func (r *Rules) tell(tx *store.Tx, req *Request, e event.Event) {
	if !r.listened(req) {
		return
	}
	if e.By == "" && req.Actor.Type == "user" {
		e.By = req.Actor.ID
	}
	r.Tell(tx, req, e)
}

// joinedIn tells of a new user.
func (r *Rules) joinedIn(tx *store.Tx, req *Request, user *model.User) {
	r.tell(tx, req, event.Event{Name: userCreated, IDs: []string{user.ID}, Payload: user})
}

// signedIn tells of a new session; whoever it is of has made it, unless a server did.
func (r *Rules) signedIn(tx *store.Tx, req *Request, s *model.Session) {
	e := event.Event{Name: sessionCreated, IDs: []string{s.UserID, s.ID}, Payload: s, Current: true}
	if s.Provider != "server" {
		e.By = s.UserID
	}
	r.tell(tx, req, e)
}

// signingOut tells of sessions before they are deleted: of one, or of all of a user.
func (r *Rules) signingOut(tx *store.Tx, req *Request, user, id string) error {
	if !r.listened(req) {
		return nil
	}
	sessions, err := tx.SessionsOf(req.Project.ID, user)
	for i := range sessions {
		s := &sessions[i]
		if id == "" || s.ID == id {
			r.tell(tx, req, event.Event{Name: "users.[userId].sessions.[sessionId].delete", IDs: []string{user, s.ID}, Payload: s, Current: s.ID == req.Session})
		}
	}
	return err
}

// leaving tells of a user who is about to be deleted. What webhooks were told of them before goes with them.
func (r *Rules) leaving(tx *store.Tx, req *Request, id string) error {
	if !r.listened(req) {
		return nil
	}
	user, err := tx.UserByID(req.Project.ID, id)
	if errors.Is(err, fault.UserNotFound) {
		return nil // who deletes them answers that
	}
	if err == nil {
		r.tell(tx, req, event.Event{Name: userDeleted, IDs: []string{id}, Payload: user})
	}
	return err
}
