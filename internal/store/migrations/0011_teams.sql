-- +goose Up

-- Teams of operators: users of the project `console` who look after projects together.
create table teams (
	id text /*postgres: collate "C"*/ not null constraint teams_id primary key,
	name text not null,
	prefs text not null,
	created_at bigint not null,
	updated_at bigint not null
) /*sqlite: without rowid*/;

create table memberships (
	id text /*postgres: collate "C"*/ not null constraint memberships_id primary key,
	team_id text /*postgres: collate "C"*/ not null references teams (id) on delete cascade,
	project_id text /*postgres: collate "C"*/ not null, -- of the user: always the console's
	user_id text /*postgres: collate "C"*/ not null,
	roles text not null,
	invited bigint not null,
	joined bigint not null,
	confirmed boolean not null,
	secret_hash bytea not null,
	created_at bigint not null,
	updated_at bigint not null,
	constraint memberships_owner foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create unique index memberships_user on memberships (team_id, user_id);
create index memberships_of on memberships (project_id, user_id, team_id);

alter table projects add column team_id text /*postgres: collate "C"*/ not null default '';
create index projects_team on projects (team_id);

-- +goose Down
drop index projects_team;
alter table projects drop column team_id;
drop table memberships;
drop table teams;
