package auth

import (
	"context"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// ListQuery is what a list is asked.
type ListQuery struct {
	Queries check.Queries
	Search  string
	Total   bool // count the whole list too
}

// list is the question as the store is asked it.
func (q *ListQuery) list() *store.List {
	l := &store.List{Search: q.Search, Random: q.Queries.Random, Limit: q.Queries.Limit, Offset: q.Queries.Offset,
		Cursor: q.Queries.Cursor, Before: q.Queries.CursorBefore, Uncount: !q.Total, Where: conditions(q.Queries.Filters)}
	if l.Limit == 0 {
		l.Limit = check.DefaultLimit
	}
	for _, o := range q.Queries.Orders {
		l.Orders = append(l.Orders, store.Order(o))
	}
	return l
}

func conditions(filters []check.Filter) []store.Condition {
	var list []store.Condition
	for _, f := range filters {
		list = append(list, store.Condition{Method: f.Method, Attribute: f.Attribute, Values: f.Values, Children: conditions(f.Children)})
	}
	return list
}

// ListUsers lists a project's users. Faults: general_cursor_not_found, database_query_order_null, database_timeout.
func (r *Rules) ListUsers(ctx context.Context, project *model.Project, q ListQuery) ([]model.User, int, error) {
	return r.DB.Users(ctx, project.ID, q.list())
}

// ListProjectIdentities lists the identities of all users of a project; with the tokens of their providers opened, if they
// are to be shown. Faults as ListUsers.
func (r *Rules) ListProjectIdentities(ctx context.Context, project *model.Project, q ListQuery, tokens bool) ([]model.Identity, int, error) {
	list, total, err := r.DB.Identities(ctx, project.ID, "", q.list())
	if err == nil && tokens {
		err = r.openIdentities(list)
	}
	return list, total, err
}

// RemoveIdentity takes an account at a provider away from whoever has it. Sessions made with it go on.
// Fault: user_identity_not_found.
func (r *Rules) RemoveIdentity(ctx context.Context, req *Request, id string) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		if r.listened(req) {
			identity, err := tx.IdentityByID(req.Project.ID, id)
			if err != nil {
				return err
			}
			r.happened(tx, req, identity, identity.UserID, id)
		}
		tx.DeleteIdentityByID(req.Project.ID, id)
		r.audit(tx, req, req.Actor, "identity/"+id)
		return nil
	})
}

// NewTarget is what a target is made of by a server.
type NewTarget struct{ ID, Kind, Identifier, ProviderID, Name string }

// checkIdentifier checks an address by the kind of its target. Faults: general_invalid_email, general_invalid_phone.
func checkIdentifier(kind, identifier string) error {
	switch {
	case kind == model.TargetEmail && check.Email(identifier) != nil:
		return fault.InvalidEmail
	case kind == model.TargetSMS && check.Phone(identifier) != nil:
		return fault.InvalidPhone
	}
	return nil
}

// normalIdentifier is the stored form of an address.
func normalIdentifier(kind, identifier string) string {
	if kind == model.TargetEmail {
		return check.NormalizeEmail(identifier)
	}
	return identifier
}

// CreateTarget adds an address that messages can be sent to. Faults: user_not_found, general_invalid_email,
// general_invalid_phone, provider_not_found, provider_incorrect_type, user_target_already_exists.
func (r *Rules) CreateTarget(ctx context.Context, req *Request, id string, in NewTarget) (*model.Target, error) {
	if err := checkIdentifier(in.Kind, in.Identifier); err != nil {
		return nil, err
	}
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return nil, err
	}
	target := r.newTarget(user, in.Kind, normalIdentifier(in.Kind, in.Identifier))
	target.ID, target.ProviderID, target.Name = r.idOr(in.ID), in.ProviderID, in.Name
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UserNotFound)
		if err := carrier(tx, &target); err != nil {
			return err
		}
		tx.InsertTarget(&target)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, &target, user.ID, target.ID)
		return nil
	})
	if err != nil {
		return nil, taken(err, fault.UserTargetAlreadyExists)
	}
	return &target, nil
}

// TargetChange says what of a target is changed; nil parts stay.
type TargetChange struct{ Identifier, ProviderID, Name *string }

// ChangeTarget changes an address. A new identifier is a new address: it counts as not expired.
// Faults: user_not_found, user_target_not_found, general_invalid_email, general_invalid_phone, provider_not_found,
// provider_incorrect_type, user_target_already_exists.
func (r *Rules) ChangeTarget(ctx context.Context, req *Request, id, targetID string, in TargetChange) (*model.Target, error) {
	var target *model.Target
	_, err := r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		var err error
		if target, err = targetOf(u, targetID); err != nil {
			return err
		}
		if in.Identifier != nil {
			if err := checkIdentifier(target.ProviderType, *in.Identifier); err != nil {
				return err
			}
			target.Identifier, target.Expired = normalIdentifier(target.ProviderType, *in.Identifier), false
		}
		if in.ProviderID != nil {
			target.ProviderID = *in.ProviderID
			if err := carrier(tx, target); err != nil {
				return err
			}
		}
		if in.Name != nil {
			target.Name = *in.Name
		}
		target.UpdatedAt = tx.Now
		tx.ChangeTarget(target)
		r.happened(tx, req, target, u.ID, target.ID)
		return nil
	})
	if err != nil {
		return nil, taken(err, fault.UserTargetAlreadyExists)
	}
	return target, nil
}

func targetOf(u *model.User, id string) (*model.Target, error) {
	for i := range u.Targets {
		if u.Targets[i].ID == id {
			return &u.Targets[i], nil
		}
	}
	return nil, fault.UserTargetNotFound
}

// Target finds one of a user's targets. Faults: user_not_found, user_target_not_found.
func (r *Rules) Target(ctx context.Context, req *Request, id, target string) (*model.Target, error) {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return nil, err
	}
	return targetOf(user, target)
}

// ListTargets lists a user's targets. Faults: user_not_found, and as ListUsers.
func (r *Rules) ListTargets(ctx context.Context, req *Request, id string, q ListQuery) ([]model.Target, int, error) {
	if _, err := r.User(ctx, req.Project, id); err != nil {
		return nil, 0, err
	}
	return r.DB.ListTargets(ctx, req.Project.ID, id, q.list())
}

// DeleteTarget deletes a target. Faults: user_not_found, user_target_not_found.
func (r *Rules) DeleteTarget(ctx context.Context, req *Request, id, target string) error {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return err
	}
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.DeleteTarget(req.Project.ID, id, target)
		r.audit(tx, req, req.Actor, "user/"+id)
		if gone, err := targetOf(user, target); err == nil {
			r.happened(tx, req, gone, id, target)
		}
		return nil
	})
}
