package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var (
	platformsOf = statement("Platforms", `select p.project_id, p.id, p.created_at, p.updated_at, p.type, p.name, p.value
		from platforms p where p.project_id = $1 order by p.created_at, p.id`)
	upsertPlatform = statement("UpsertPlatform", `insert into platforms (project_id, id, created_at, updated_at, type, name, value)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (project_id, id) do update set updated_at = excluded.updated_at, type = excluded.type, name = excluded.name, value = excluded.value`)
	insertPlatform = statement("InsertPlatform", `insert into platforms (project_id, id, created_at, updated_at, type, name, value)
		values ($1, $2, $3, $4, $5, $6, $7)`)
	deletePlatform = statement("DeletePlatform", `delete from platforms where project_id = $1 and id = $2`)
)

func scanPlatform(r row, p *model.Platform) {
	p.Project, p.ID, p.CreatedAt, p.UpdatedAt = r.text(), r.text(), moment(r), moment(r)
	p.Type, p.Name, p.Value = r.text(), r.text(), r.text()
}

// Platforms lists a project's platforms, oldest first.
func (db *DB) Platforms(ctx context.Context, project string) ([]model.Platform, error) {
	return many(ctx, db, platformsOf.with(project), scanPlatform)
}

// InsertPlatform adds a platform. Conflict: UniquePlatformID.
func (tx *Tx) InsertPlatform(p *model.Platform) {
	tx.do(insertPlatform, p.Project, p.ID, p.CreatedAt, p.UpdatedAt, p.Type, p.Name, p.Value)
	tx.BumpSettingsVersion()
}

// UpsertPlatform adds or replaces a platform.
func (tx *Tx) UpsertPlatform(p *model.Platform) {
	tx.do(upsertPlatform, p.Project, p.ID, p.CreatedAt, p.UpdatedAt, p.Type, p.Name, p.Value)
	tx.BumpSettingsVersion()
}

// DeletePlatform deletes a platform. Fault: platform_not_found.
func (tx *Tx) DeletePlatform(project, id string) {
	tx.must(fault.PlatformNotFound, deletePlatform, project, id)
	tx.BumpSettingsVersion()
}
