package store

import (
	"context"
	"encoding/json"
	"fmt"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// projectColumns are read by scanProject; p is the table.
const projectColumns = `p.id, p.name, p.settings, p.created_at, p.updated_at, p.accessed_at, p.team_id`

var (
	projectByID     = statement("Project", `select `+projectColumns+` from projects p where p.id = $1`)
	projects        = statement("Projects", `select `+projectColumns+` from projects p order by p.created_at, p.id`)
	settingsVersion = statement("SettingsVersion", `select version from settings_version where id = 1`)

	upsertProject = statement("UpsertProject", `insert into projects (id, name, settings, created_at, updated_at, accessed_at, team_id)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (id) do update set name = excluded.name, settings = excluded.settings, updated_at = excluded.updated_at, team_id = excluded.team_id`)
	insertProject         = statement("InsertProject", `insert into projects (id, name, settings, created_at, updated_at, accessed_at, team_id) values ($1, $2, $3, $4, $5, $6, $7)`)
	touchProject          = statement("TouchProject", `update projects set accessed_at = $2 where id = $1 and accessed_at < $2`)
	lockProjectUsers      = statement("LockProjectUsers", `update projects set accessed_at = accessed_at where id = $1`)
	bumpSettings          = statement("BumpSettingsVersion", `update settings_version set version = version + 1 where id = 1`)
	deleteProject         = statement("DeleteProject", `delete from projects where id = $1`)
	deleteUsersOfProject  = statement("DeleteUsersOfProject", `delete from users where project_id = $1`)
	deleteAuditsOfProject = statement("DeleteAuditsOfProject", `delete from audits where project_id = $1`)
)

// SettingsVersion returns a number that moves with every change of projects, platforms and documents.
func (db *DB) SettingsVersion(ctx context.Context) (int64, error) {
	return number(ctx, db, settingsVersion.with())
}

// Project finds a project with settings and platforms. Fault: project_not_found.
func (db *DB) Project(ctx context.Context, id string) (*model.Project, error) {
	return readProject(ctx, db, id)
}

// Project finds a project with settings and platforms as the transaction sees them. Fault: project_not_found.
func (tx *Tx) Project(id string) (*model.Project, error) { return readProject(tx.ctx, tx, id) }

func readProject(ctx context.Context, from source, id string) (*model.Project, error) {
	list, err := readProjects(ctx, from, projectByID.with(id))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.ProjectNotFound
	}
	list[0].Platforms, err = many(ctx, from, platformsOf.with(id), scanPlatform)
	return &list[0], err
}

// Projects lists all projects with their settings, without their platforms, oldest first.
func (db *DB) Projects(ctx context.Context) ([]model.Project, error) {
	return readProjects(ctx, db, projects.with())
}

// readProjects reads rows of projects. Settings that a stored document does not know yet start as in a new
// project.
func readProjects(ctx context.Context, from source, question call) ([]model.Project, error) {
	list := []model.Project{}
	err := from.ask(ctx, question, func(r row) error {
		p := model.Project{ID: r.text(), Name: r.text(), Settings: model.DefaultSettings()}
		if err := json.Unmarshal([]byte(r.text()), &p.Settings); err != nil {
			return fmt.Errorf("store: the settings of project %s: %w", p.ID, err)
		}
		p.CreatedAt, p.UpdatedAt, p.AccessedAt, p.Team = moment(r), moment(r), moment(r), r.text()
		list = append(list, p)
		return nil
	})
	return list, err
}

// InsertProject adds a project without its platforms. Conflict: UniqueProjectID.
func (tx *Tx) InsertProject(p *model.Project) { tx.putProject(insertProject, p) }

// UpsertProject writes a project's name and settings, adding the project if it is not there. Platforms have
// methods of their own.
func (tx *Tx) UpsertProject(p *model.Project) { tx.putProject(upsertProject, p) }

func (tx *Tx) putProject(s *Statement, p *model.Project) {
	settings, err := json.Marshal(p.Settings)
	if err != nil {
		tx.fail(fmt.Errorf("store: the settings of project %s: %w", p.ID, err))
		return
	}
	tx.do(s, p.ID, p.Name, string(settings), p.CreatedAt, p.UpdatedAt, p.AccessedAt, p.Team)
	tx.BumpSettingsVersion()
}

// DeleteProject deletes a project with everything in it. Fault: project_not_found.
func (tx *Tx) DeleteProject(id string) {
	tx.must(fault.ProjectNotFound, deleteProject, id)
	tx.do(deleteUsersOfProject, id)
	tx.do(deleteAuditsOfProject, id)
	tx.do(deleteAuditHead, id)
	tx.do(deleteCheckpointsOf, id)
	tx.do(deleteMessagesOfProject, id)
	tx.do(deleteDeliveriesOfProject, id)
	tx.do(deleteFailuresOfProject, id)
	tx.do(deleteTextRoutes, id)
	tx.BumpSettingsVersion()
}

// BumpSettingsVersion tells every node to read settings anew. All methods that change settings call it; it
// does its work once a transaction.
func (tx *Tx) BumpSettingsVersion() {
	if !tx.bumped {
		tx.bumped = true
		tx.do(bumpSettings)
	}
}

// LockProjectUsers takes a project's row, so that of two sign-ups the second counts the first. Fault:
// project_not_found.
func (tx *Tx) LockProjectUsers(project string) error {
	tx.must(fault.ProjectNotFound, lockProjectUsers, project)
	return tx.err
}
