package audit

import (
	"context"
	"log/slog"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Sealer chains what actions have inserted, and deletes what has been kept long enough. Of several nodes one at a
// time works on a project.
type Sealer struct {
	DB     *store.DB
	Keys   *secret.KeyRing
	Random *secret.Random
	Clock  func() time.Time
	Log    *slog.Logger
	Holder string // this node's name in the lease
}

const (
	sealEvery  = 500 * time.Millisecond
	sealBatch  = 200 // entries a transaction
	leaseTime  = 10 * time.Second
	pruneEvery = time.Minute
	pruneStep  = 500
	pruneRest  = 20 * time.Millisecond // between transactions, for everybody else
)

// Run seals and prunes until the context ends.
func (s *Sealer) Run(ctx context.Context) {
	sealing, pruning := time.NewTicker(sealEvery), time.NewTicker(pruneEvery)
	defer sealing.Stop()
	defer pruning.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-sealing.C:
			err = s.Seal(ctx)
		case <-pruning.C:
			err = s.Prune(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Error("the audit trail could not be kept", "error", err)
		}
	}
}

// Seal chains everything that waits.
func (s *Sealer) Seal(ctx context.Context) error {
	projects, err := s.DB.UnchainedProjects(ctx)
	if err != nil {
		return err
	}
	for _, project := range projects {
		held, err := s.DB.AcquireLease(ctx, "audit/"+project, s.Holder, leaseTime)
		if err != nil {
			return err
		}
		for n := sealBatch; held && n == sealBatch; {
			if n, err = s.batch(ctx, project); err != nil {
				return err
			}
		}
	}
	return nil
}

// batch chains some entries of a project and says how many. Everything is read, sealed and hashed before the
// transaction, which only writes: others wait for it. The lease saves two nodes from doing the same work; that the
// head has not moved is what keeps the chain one.
func (s *Sealer) batch(ctx context.Context, project string) (n int, err error) {
	head, err := s.DB.AuditHead(ctx, project)
	if err != nil {
		return 0, err
	}
	entries, err := s.DB.UnchainedAudits(ctx, project, sealBatch)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	seq, hash := head.Seq, head.Hash
	for i := range entries {
		a := &entries[i].Audit
		seal(s.ring(&entries[i]), a)
		seq++
		hash = link(hash, seq, a)
		a.Seq, a.Hash = seq, hash
	}
	checkpoint := &store.AuditCheckpoint{Seq: seq, Hash: hash, Time: model.At(s.Clock())}
	sign(s.Keys, project, checkpoint)
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		tx.MoveAuditHead(project, head, checkpoint)
		for i := range entries {
			tx.ChainAudit(&entries[i].Audit)
		}
		return nil
	})
	return len(entries), err
}

// ring is the key of whoever an entry is about. Somebody who is gone, or was nobody, gets one that is kept nowhere.
func (s *Sealer) ring(e *store.Unchained) *secret.KeyRing {
	if e.Salt == "" && !impersonal(&e.Audit) {
		return secret.NewKeyRing(secret.NewMasterKey(s.Random))
	}
	return ringOf(s.Keys, &e.Audit, e.Salt)
}

// Retention is how long a project keeps its entries.
func Retention(p *model.Project) time.Duration {
	days := p.Settings.Policies.AuditRetention.Days
	switch {
	case days > 0:
	case p.ID == model.ConsoleProject:
		days = consoleDays
	default:
		days = usualDays
	}
	return time.Duration(days) * 24 * time.Hour
}

// Days that entries are kept where the project does not say otherwise.
const (
	usualDays   = 14
	consoleDays = 183
)

// Prune deletes the entries of every project that have been kept long enough, up to the last checkpoint of that
// time, in small steps.
func (s *Sealer) Prune(ctx context.Context) error {
	projects, err := s.DB.Projects(ctx)
	if err != nil {
		return err
	}
	for i := range projects {
		p := &projects[i]
		last, err := s.DB.AuditCheckpointBefore(ctx, p.ID, model.At(s.Clock().Add(-Retention(p))))
		if err != nil {
			return err
		}
		if last == nil {
			continue
		}
		if err := s.pruneThrough(ctx, p.ID, last.Seq); err != nil {
			return err
		}
	}
	return nil
}

// pruneThrough deletes a project's entries up to a position.
func (s *Sealer) pruneThrough(ctx context.Context, project string, through int64) error {
	for {
		n := 0
		err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.PruneAudits(project, through, pruneStep)
			return err
		})
		if err != nil || n < pruneStep {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pruneRest):
		}
	}
}
