package audit

import "context"

// Batch chains once, without a lease.
func (s *Sealer) Batch(ctx context.Context, project string) error {
	_, err := s.batch(ctx, project)
	return err
}
