package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Janitor removes what has had its time: expired sessions, tokens and counters, and accounts whose days of grace
// are over. It works in small steps, and on one node at a time. The security log is the sealer's to shorten.
type Janitor struct {
	DB     *store.DB
	Clock  func() time.Time
	Log    *slog.Logger
	Holder string // this node's name in the lease

	// Who is told that somebody whose days of grace were over is gone; Tell may be nil.
	Tell    Teller
	Project func(ctx context.Context, id string) (*model.Project, error)

	counted model.Time // the hour that people were counted in
}

const (
	janitorLease = "janitor"
	janitorEvery = time.Minute
	janitorStep  = 500                   // rows a transaction
	janitorRest  = 20 * time.Millisecond // between transactions, for everybody else
)

// Run cleans until the context ends.
func (j *Janitor) Run(ctx context.Context) {
	tick := time.NewTicker(janitorEvery)
	defer tick.Stop()
	for {
		if err := j.turn(ctx); err != nil && ctx.Err() == nil {
			j.Log.Error("cleaning up failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// turn cleans once if the lease can be had.
func (j *Janitor) turn(ctx context.Context) error {
	held, err := j.DB.AcquireLease(ctx, janitorLease, j.Holder, 2*janitorEvery)
	if err != nil || !held {
		return err
	}
	uncounted := j.CountUsage(ctx)
	for {
		n, err := j.Sweep(ctx)
		if err == nil && n == 0 && j.DB.Removed() {
			err = j.DB.Scrub(ctx)
		}
		if err != nil || n == 0 {
			return errors.Join(uncounted, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(janitorRest):
		}
	}
}

// Sweep does one bounded step and returns how many rows went; 0 means that it is clean.
func (j *Janitor) Sweep(ctx context.Context) (int, error) {
	now := model.At(j.Clock())
	n, err := j.DB.SweepExpired(ctx, now, janitorStep)
	if err != nil {
		return n, err
	}
	users, err := j.DB.UsersToDelete(ctx, now, janitorStep)
	if err != nil {
		return n, err
	}
	for _, user := range users {
		if err := j.remove(ctx, user); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// remove deletes a user whose days of grace are over, and tells of it.
func (j *Janitor) remove(ctx context.Context, user store.UserKey) error {
	req := &Request{Project: &model.Project{ID: user.Project}}
	if j.Tell != nil {
		project, err := j.Project(ctx, user.Project)
		if err != nil {
			return err
		}
		req.Project = project
	}
	return j.DB.Write(ctx, func(tx *store.Tx) error {
		tx.HoldUser(user.Project, user.ID)
		found, err := tx.UserByID(user.Project, user.ID)
		if errors.Is(err, fault.UserNotFound) || err == nil && (found.DeleteAt == 0 || found.DeleteAt > tx.Now) {
			return nil // gone, or they have taken the wish back
		}
		if err != nil {
			return err
		}
		if err := (&Rules{Tell: j.Tell}).leaving(tx, req, user.ID); err != nil {
			return err
		}
		tx.DeleteUserPastDue(user.Project, user.ID)
		return nil
	})
}
