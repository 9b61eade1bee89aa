-- +goose Up

-- The last time step (RFC 6238) a code was accepted for: a code is good once.
alter table authenticators add column last_step bigint not null default 0;

-- What somebody still has to prove: a second factor, within the session that asked for it ('' for none).
-- code_hash is of a code that was sent; sealed holds one that the project's own server reads and delivers.
create table challenges (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	user_id text /*postgres: collate "C"*/ not null,
	session_id text /*postgres: collate "C"*/ not null,
	type text not null,
	code_hash bytea not null,
	sealed text not null,
	expire bigint not null,
	created_at bigint not null,
	constraint challenges_id primary key (project_id, user_id, id),
	constraint challenges_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create index challenges_expire on challenges (expire);

-- Recovery codes are shown again to whoever has just passed a challenge, so they are sealed and not hashed. A row
-- is one use.
create table recovery_codes (
	project_id text /*postgres: collate "C"*/ not null,
	user_id text /*postgres: collate "C"*/ not null,
	position bigint not null,
	sealed text not null,
	constraint recovery_codes_position primary key (project_id, user_id, position),
	constraint recovery_codes_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;

-- +goose Down
drop table recovery_codes;
drop table challenges;
alter table authenticators drop column last_step;
