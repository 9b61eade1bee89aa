-- +goose Up

-- How many passkeys a user has: the gate for second factors asks at every request, and reads it with the user.
alter table users add column passkeys bigint not null default 0;

-- Credentials of WebAuthn. The authenticator made the credential's id; it signs in without any other name, so it is
-- unique in its project. sign_count, backup_eligible and backed_up are what the authenticator said at its last use.
create table passkeys (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	user_id text /*postgres: collate "C"*/ not null,
	created_at bigint not null,
	updated_at bigint not null,
	name text not null,
	rp_id text not null,
	credential_id bytea not null,
	public_key bytea not null,
	sign_count bigint not null,
	backup_eligible boolean not null,
	backed_up boolean not null,
	transports text not null,
	aaguid text not null,
	used_at bigint not null,
	constraint passkeys_id primary key (project_id, user_id, id),
	constraint passkeys_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create unique index passkeys_credential on passkeys (project_id, credential_id);

-- Challenges that an authenticator is to sign, each good for one answer. user_id is null where anybody may answer,
-- and kind says what the answer is for.
create table ceremonies (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	kind text not null,
	user_id text /*postgres: collate "C"*/,
	session_id text /*postgres: collate "C"*/ not null,
	rp_id text not null,
	challenge bytea not null,
	expire bigint not null,
	created_at bigint not null,
	constraint ceremonies_id primary key (project_id, id),
	constraint ceremonies_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create index ceremonies_user_id on ceremonies (project_id, user_id);
create index ceremonies_expire on ceremonies (expire);

-- +goose Down
drop table ceremonies;
drop table passkeys;
alter table users drop column passkeys;
