package auth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"latchkey/internal/client"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// NewPushTarget is what an app says about the device it wants messages on.
type NewPushTarget struct {
	ID         string // chosen by the app, or the literal unique()
	Identifier string // the device's token at its push service
	Provider   string // the messaging provider; empty: the project's first, when something is sent
	Session    string // the session the target goes with; empty for a caller without one
}

// CreatePushTarget gives a session its push target at a provider. A session has one: asked again, it is pointed
// at the new device token and keeps its id, and the id just sent becomes a second key to it, because an app may
// keep what it sent and not what it was answered.
//
// A device token that still hangs on an expired session is taken over: the same device has signed in anew.
// Faults: user_target_already_exists, provider_not_found, provider_incorrect_type.
func (r *Rules) CreatePushTarget(ctx context.Context, req *Request, user *model.User, in NewPushTarget) (*model.Target, error) {
	made := &model.Target{Project: user.Project, ID: r.idOr(in.ID), UserID: user.ID, SessionID: in.Session, ProviderType: model.TargetPush,
		ProviderID: in.Provider, Identifier: in.Identifier, Name: deviceName(req)}
	var target *model.Target
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope) // two calls of one session must not make two targets
		if err := carrier(tx, made); err != nil {
			return err
		}
		tx.DeleteDeadPushTarget(user.Project, in.Identifier)
		if taken, err := tx.TargetTaken(user.Project, made.ID); err != nil || taken {
			return firstOf(err, fault.UserTargetAlreadyExists)
		}
		var err error
		target, err = r.placePushTarget(tx, made, chosen(in.ID))
		if err != nil {
			return err
		}
		r.audit(tx, req, req.Actor, "target/"+target.ID)
		r.happened(tx, req, target, user.ID, target.ID)
		return nil
	})
	if err != nil {
		return nil, taken(err, fault.UserTargetAlreadyExists)
	}
	return target, nil
}

// carrier checks that the messaging provider a target names is one that could reach it. One that names none is
// served by the project's first. Faults: provider_not_found, provider_incorrect_type.
func carrier(tx *store.Tx, target *model.Target) error {
	if target.ProviderID == "" {
		return nil
	}
	list, err := tx.Documents(target.Project, store.KindMessaging)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(d store.Document) bool { return d.ID == target.ProviderID })
	if at < 0 {
		return fault.ProviderNotFound
	}
	var provider struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal([]byte(list[at].Body), &provider); err != nil {
		return err
	}
	if provider.Type != target.ProviderType {
		return fault.ProviderIncorrectType
	}
	return nil
}

// placePushTarget points the session's target at the new token, or inserts one.
func (r *Rules) placePushTarget(tx *store.Tx, made *model.Target, sent string) (*model.Target, error) {
	if made.SessionID != "" {
		present, err := tx.PushTargetOfSession(made.Project, made.UserID, made.SessionID, made.ProviderID)
		if err == nil {
			present.Identifier, present.Name, present.Expired, present.UpdatedAt = made.Identifier, made.Name, false, tx.Now
			if sent != "" {
				present.SentID = sent
			}
			tx.UpdatePushTarget(present)
			return present, nil
		}
		if !errors.Is(err, fault.UserTargetNotFound) {
			return nil, err
		}
	}
	made.CreatedAt, made.UpdatedAt = tx.Now, tx.Now
	tx.InsertTarget(made)
	return made, nil
}

// UpdatePushTarget points a user's push target at another device token.
// Faults: user_target_not_found, user_target_already_exists.
func (r *Rules) UpdatePushTarget(ctx context.Context, req *Request, user *model.User, id, identifier string) (*model.Target, error) {
	var target *model.Target
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		if target, err = tx.PushTarget(user.Project, user.ID, id); err != nil {
			return err
		}
		tx.DeleteDeadPushTarget(user.Project, identifier)
		target.Identifier, target.Name, target.Expired, target.UpdatedAt = identifier, deviceName(req), false, tx.Now
		tx.UpdatePushTarget(target)
		r.audit(tx, req, req.Actor, "target/"+target.ID)
		r.happened(tx, req, target, user.ID, target.ID)
		return nil
	})
	if err != nil {
		return nil, taken(err, fault.UserTargetAlreadyExists)
	}
	return target, nil
}

// DeletePushTarget deletes a user's push target. Fault: user_target_not_found.
func (r *Rules) DeletePushTarget(ctx context.Context, req *Request, user *model.User, id string) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		target, err := tx.PushTarget(user.Project, user.ID, id)
		if err != nil {
			return err
		}
		tx.DeletePushTarget(user.Project, user.ID, target.ID)
		r.audit(tx, req, req.Actor, "target/"+target.ID)
		r.happened(tx, req, target, user.ID, target.ID)
		return nil
	})
}

// deviceName is what a person recognises a device by: brand and model.
func deviceName(req *Request) string {
	agent := client.ParseAgent(req.Client.UserAgent)
	return strings.TrimSpace(agent.DeviceBrand + " " + agent.DeviceModel)
}

// firstOf returns the error, or else the fault.
func firstOf(err error, kind *fault.Kind) error {
	if err != nil {
		return err
	}
	return kind
}
