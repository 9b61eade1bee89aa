package auth

import (
	"context"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// usagePeriods are the ranges that figures can be asked for: how many periods, and how long each is.
var usagePeriods = map[string]struct {
	n   int
	per time.Duration
}{
	"24h": {24, time.Hour},
	"30d": {30, 24 * time.Hour},
	"90d": {90, 24 * time.Hour},
}

// UsageRanges are the ranges that figures can be asked for.
var UsageRanges = []string{"24h", "30d", "90d"}

// Usage tells the figures of a project. Small ones are counted at once; of those with more than a list counts, the
// count of the last hour is told. Periods are whole hours and days of UTC, the last of them the one that is not over.
func (r *Rules) Usage(ctx context.Context, project *model.Project, span string) (*model.Usage, error) {
	counts, err := r.DB.UsageCounts(ctx, project.ID)
	if err != nil {
		return nil, err
	}
	now := model.UsageCount{At: r.now()}
	if now.Users, now.Sessions, err = r.DB.CountFirst(ctx, project.ID); err != nil {
		return nil, err
	}
	if n := len(counts); n > 0 {
		if now.Users >= store.MostCounted {
			now.Users = max(now.Users, counts[n-1].Users)
		}
		if now.Sessions >= store.MostCounted {
			now.Sessions = max(now.Sessions, counts[n-1].Sessions)
		}
	}
	usage := &model.Usage{Users: now.Users, Sessions: now.Sessions}
	asked := usagePeriods[span]
	per := model.Time(asked.per.Milliseconds())
	from := now.At - now.At%per - per*model.Time(asked.n-1)
	counts = append(counts, now)
	before := countAt(project, counts, from)
	for range asked.n {
		after := now
		if from+per <= now.At {
			after = countAt(project, counts, from+per)
		}
		usage.UsersByPeriod = append(usage.UsersByPeriod, model.UsageChange{From: from, Value: after.Users - before.Users})
		usage.SessionsByPeriod = append(usage.SessionsByPeriod, model.UsageChange{From: from, Value: after.Sessions - before.Sessions})
		from, before = from+per, after
	}
	return usage, nil
}

// countAt is what a project had at a moment: by the last count before it. Before the first one it had nobody if it was
// not there yet; else what it had is not known, and is taken not to have changed.
func countAt(project *model.Project, counts []model.UsageCount, at model.Time) model.UsageCount {
	for i := len(counts) - 1; i >= 0; i-- {
		if counts[i].At <= at {
			return counts[i]
		}
	}
	if project.CreatedAt >= at {
		return model.UsageCount{}
	}
	return counts[0]
}

// CountUsage counts the people of every project once an hour, so that figures can be told without it.
func (j *Janitor) CountUsage(ctx context.Context) error {
	now := model.At(j.Clock())
	hour := now - now%model.Time(time.Hour.Milliseconds())
	if hour == j.counted {
		return nil
	}
	projects, err := j.DB.Projects(ctx)
	if err != nil {
		return err
	}
	for i := range projects {
		if err := j.DB.CountUsage(ctx, projects[i].ID, now); err != nil {
			return err
		}
	}
	j.counted = hour
	return nil
}
