package audit

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Verifier walks chains.
type Verifier struct {
	DB    *store.DB
	Keys  *secret.KeyRing
	Clock func() time.Time
}

// Report is what there is to say about a project's chain.
type Report struct {
	Project   string `json:"project"`
	First     int64  `json:"first"`     // the first event left; 0 for none
	Last      int64  `json:"last"`      // the last event chained
	Hash      string `json:"hash"`      // the hash at Last, to be kept elsewhere
	Unchained int    `json:"unchained"` // events not chained yet
	Broken    string `json:"broken"`    // the first thing wrong; empty for a whole chain
	At        int64  `json:"at"`        // the position of the event that is wrong
}

// page is how many entries are read at a time.
const page = 1000

// walk is the state of a verification.
type walk struct {
	*Verifier
	project string
	kept    time.Duration
	seq     int64  // the last event that is right
	hash    []byte // and its hash
	report  *Report
}

// Verify walks a project's chain from the first event left to the last, and names the first event that was changed,
// is missing or stands in the wrong place. expect is a head seen before (0 and nothing for none).
func (v *Verifier) Verify(ctx context.Context, p *model.Project, expect store.AuditHead) (*Report, error) {
	project := p.ID
	w := &walk{Verifier: v, project: project, kept: Retention(p), report: &Report{Project: project}}
	var err error
	if w.report.Unchained, err = v.DB.CountUnchained(ctx, project); err != nil {
		return nil, err
	}
	if err := w.begin(ctx); err != nil {
		return nil, err
	}
	for w.report.Broken == "" {
		entries, err := v.DB.AuditChain(ctx, project, w.seq, page)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			break
		}
		if err := w.entries(ctx, entries, &expect); err != nil {
			return nil, err
		}
	}
	if w.report.Broken == "" {
		if err := w.end(ctx, &expect); err != nil {
			return nil, err
		}
	}
	w.report.Last, w.report.Hash = w.seq, fmt.Sprintf("%x", w.hash)
	return w.report, nil
}

// begin finds where the chain starts: at its beginning, or after a checkpoint that is older than entries are kept.
func (w *walk) begin(ctx context.Context) error {
	first, err := w.DB.AuditChain(ctx, w.project, 0, 1)
	if err != nil {
		return err
	}
	if len(first) > 0 {
		w.report.First = first[0].Seq
	}
	if len(first) > 0 && first[0].Seq == 1 {
		return nil
	}
	anchor, err := w.DB.AuditCheckpointBefore(ctx, w.project, model.At(w.Clock().Add(-w.kept)))
	if err != nil || anchor == nil {
		return err // then event 1 is missing, unless there has never been one
	}
	if !signed(w.Keys, w.project, anchor) {
		w.broken(anchor.Seq, "the checkpoint there is not signed by this server")
		return nil
	}
	w.seq, w.hash = anchor.Seq, anchor.Hash
	return nil
}

// entries verifies a page.
func (w *walk) entries(ctx context.Context, list []model.Audit, expect *store.AuditHead) error {
	checkpoints, err := w.checkpoints(ctx, list[0].Seq, list[len(list)-1].Seq)
	if err != nil {
		return err
	}
	for i := range list {
		a := &list[i]
		if a.Seq != w.seq+1 {
			w.broken(w.seq+1, "it is missing")
			return nil
		}
		hash := link(w.hash, a.Seq, a)
		if !bytes.Equal(hash, a.Hash) {
			if at := stood(list, i); at > 0 {
				w.broken(a.Seq, fmt.Sprintf("%s %s stands here and belongs at %d", a.Event, a.ID, at))
			} else {
				w.broken(a.Seq, fmt.Sprintf("%s %s of %s was changed", a.Event, a.ID, a.Time))
			}
			return nil
		}
		if c := checkpoints[a.Seq]; c != nil && (!bytes.Equal(c.Hash, hash) || !signed(w.Keys, w.project, c)) {
			w.broken(a.Seq, "the checkpoint there does not agree: events before it were written anew")
			return nil
		}
		if a.Seq == expect.Seq && !bytes.Equal(expect.Hash, hash) {
			w.broken(a.Seq, "the hash is not the one that was kept: events up to it were written anew")
			return nil
		}
		w.seq, w.hash = a.Seq, hash
	}
	return nil
}

// stood finds the place that an entry was taken from: where its hash is right. Its predecessor's hash is that of
// the entry there, or of the one it has changed places with.
func stood(list []model.Audit, i int) int64 {
	a := &list[i]
	for k := range list {
		seq := list[k].Seq
		if k > 0 && bytes.Equal(link(list[k-1].Hash, seq, a), a.Hash) || bytes.Equal(link(list[k].Hash, seq, a), a.Hash) {
			if seq != a.Seq {
				return seq
			}
		}
	}
	return 0
}

// checkpoints reads the checkpoints of a range.
func (w *walk) checkpoints(ctx context.Context, from, to int64) (map[int64]*store.AuditCheckpoint, error) {
	found := map[int64]*store.AuditCheckpoint{}
	list, err := w.DB.AuditCheckpoints(ctx, w.project, from, int(to-from)+1)
	for i := range list {
		found[list[i].Seq] = &list[i]
	}
	return found, err
}

// end compares the end of the chain with the last checkpoint and the head: what was cut off is missing.
func (w *walk) end(ctx context.Context, expect *store.AuditHead) error {
	after, err := w.DB.AuditCheckpoints(ctx, w.project, w.seq, 2)
	if err != nil {
		return err
	}
	head, err := w.DB.AuditHead(ctx, w.project)
	if err != nil {
		return err
	}
	beyond := head.Seq > w.seq || expect.Seq > w.seq || len(after) > 0 && after[len(after)-1].Seq > w.seq
	switch {
	case beyond:
		w.broken(w.seq+1, "it is missing")
	case w.seq > 0 && len(after) == 0:
		w.broken(w.seq, "the checkpoint after the last event is missing")
	case w.seq > 0 && !(bytes.Equal(after[0].Hash, w.hash) && signed(w.Keys, w.project, &after[0])):
		w.broken(w.seq, "the last checkpoint does not agree")
	}
	return nil
}

// broken notes the first thing that is wrong.
func (w *walk) broken(at int64, what string) {
	if w.report.Broken == "" {
		w.report.At, w.report.Broken = at, what
	}
}
