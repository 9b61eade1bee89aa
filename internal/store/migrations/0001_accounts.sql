-- +goose Up

-- One text for both engines. A comment such as /*sqlite: …*/ is opened on that engine alone: tables of SQLite are
-- kept in the order of their key (one tree less to read and to write), text of PostgreSQL compares by bytes.
-- Times are milliseconds since the epoch, lists of words are joined by blanks, 0 and '' mean unset.

create table projects (
	id text /*postgres: collate "C"*/ not null constraint projects_id primary key,
	name text not null,
	settings text not null,
	created_at bigint not null,
	updated_at bigint not null,
	accessed_at bigint not null
) /*sqlite: without rowid*/;

create table settings_version (
	id bigint not null primary key,
	version bigint not null
);
insert into settings_version (id, version) values (1, 1);

create table platforms (
	project_id text /*postgres: collate "C"*/ not null references projects (id) on delete cascade,
	id text /*postgres: collate "C"*/ not null,
	created_at bigint not null,
	updated_at bigint not null,
	type text not null,
	name text not null,
	value text not null,
	constraint platforms_id primary key (project_id, id)
) /*sqlite: without rowid*/;

create table keys (
	project_id text /*postgres: collate "C"*/ not null references projects (id) on delete cascade,
	id text /*postgres: collate "C"*/ not null,
	created_at bigint not null,
	updated_at bigint not null,
	name text not null,
	secret_hash bytea not null,
	hint text not null,
	scopes text not null,
	expire bigint not null,
	accessed_at bigint not null,
	sdks text not null,
	dev boolean not null,
	constraint keys_id primary key (project_id, id)
) /*sqlite: without rowid*/;
create unique index keys_secret on keys (project_id, secret_hash);

create table documents (
	project_id text /*postgres: collate "C"*/ not null references projects (id) on delete cascade,
	kind text not null,
	id text /*postgres: collate "C"*/ not null,
	body text not null,
	sealed text not null,
	created_at bigint not null,
	updated_at bigint not null,
	constraint documents_id primary key (project_id, kind, id)
) /*sqlite: without rowid*/;

create table operators (
	project_id text /*postgres: collate "C"*/ not null references projects (id) on delete cascade,
	user_id text /*postgres: collate "C"*/ not null,
	role text not null,
	created_at bigint not null,
	constraint operators_id primary key (project_id, user_id)
) /*sqlite: without rowid*/;

create table users (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	created_at bigint not null,
	updated_at bigint not null,
	name text not null,
	name_folded text not null,
	email text /*postgres: collate "C"*/,
	phone text /*postgres: collate "C"*/,
	status boolean not null,
	self_blocked boolean not null,
	labels text not null,
	prefs text not null,
	email_verified boolean not null,
	phone_verified boolean not null,
	email_canonical text,
	email_is_free boolean,
	email_is_disposable boolean,
	email_is_corporate boolean,
	email_is_canonical boolean,
	password_kind text not null,
	password_options text not null,
	password_hash text not null,
	password_update bigint not null,
	password_history text not null,
	registration bigint not null,
	accessed_at bigint not null,
	reset_required boolean not null,
	mfa boolean not null,
	impersonator boolean not null,
	token_counter bigint not null,
	delete_at bigint not null,
	-- Made by the engine of what the row holds, so that two changes at once cannot leave it wrong.
	search text not null generated always as (lower(id)
		|| ' ' || coalesce(email, '') || ' ' || name_folded || ' ' || coalesce(phone, '')
		|| case when labels = '' then '' else ' label:' || replace(lower(labels), ' ', ' label:') end) /*postgres: stored*/,
	constraint users_id primary key (project_id, id)
) /*sqlite: without rowid*/;
create unique index users_email on users (project_id, email) where email is not null;
create unique index users_phone on users (project_id, phone) where phone is not null;
create index users_delete_at on users (delete_at) where delete_at > 0;

create table sessions (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	created_at bigint not null,
	updated_at bigint not null,
	user_id text /*postgres: collate "C"*/ not null,
	secret_hash bytea not null,
	expire bigint not null,
	provider text not null,
	provider_uid text not null,
	provider_access_token text not null,
	provider_access_token_expiry bigint not null,
	provider_refresh_token text not null,
	factors text not null,
	mfa_updated_at bigint not null,
	ip text not null,
	country text not null,
	user_agent text not null,
	agent text not null,
	-- The key is what every request looks a session up by.
	constraint sessions_secret primary key (project_id, user_id, secret_hash),
	constraint sessions_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create unique index sessions_id on sessions (project_id, user_id, id);
create index sessions_expire on sessions (expire);

create table targets (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	created_at bigint not null,
	updated_at bigint not null,
	user_id text /*postgres: collate "C"*/ not null,
	session_id text /*postgres: collate "C"*/,
	sent_id text /*postgres: collate "C"*/,
	provider_type text not null,
	provider_id text not null,
	identifier text /*postgres: collate "C"*/ not null,
	name text not null,
	expired boolean not null,
	constraint targets_key primary key (project_id, user_id, id),
	constraint targets_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade,
	-- A push target goes with its session, however that ends.
	constraint targets_session foreign key (project_id, user_id, session_id) references sessions (project_id, user_id, id) on delete cascade
) /*sqlite: without rowid*/;
create unique index targets_id on targets (project_id, id);
create unique index targets_identifier on targets (project_id, provider_type, identifier);

create table identities (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	created_at bigint not null,
	updated_at bigint not null,
	user_id text /*postgres: collate "C"*/ not null,
	provider text not null,
	provider_uid text /*postgres: collate "C"*/ not null,
	provider_email text /*postgres: collate "C"*/ not null,
	provider_access_token text not null,
	provider_access_token_expiry bigint not null,
	provider_refresh_token text not null,
	constraint identities_id primary key (project_id, id),
	constraint identities_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create unique index identities_provider on identities (project_id, provider, provider_uid);
create index identities_owner on identities (project_id, user_id);
create index identities_email on identities (project_id, provider_email, user_id); -- covers the question, or SQLite prefers the key

create table tokens (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	user_id text /*postgres: collate "C"*/ not null,
	purpose text not null,
	secret_hash bytea not null,
	address text not null,
	expire bigint not null,
	attempts bigint not null,
	ip text not null,
	user_agent text not null,
	created_at bigint not null,
	constraint tokens_id primary key (project_id, user_id, id),
	constraint tokens_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create index tokens_expire on tokens (expire);

create table authenticators (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	user_id text /*postgres: collate "C"*/ not null,
	type text not null,
	verified boolean not null,
	sealed text not null,
	created_at bigint not null,
	updated_at bigint not null,
	constraint authenticators_type primary key (project_id, user_id, type),
	constraint authenticators_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create unique index authenticators_id on authenticators (project_id, id);

-- The security log outlives the people in it until its retention ends: no foreign key. The key is the order
-- in which a person reads their own log.
create table audits (
	project_id text /*postgres: collate "C"*/ not null,
	actor_id text /*postgres: collate "C"*/ not null,
	time bigint not null,
	id text /*postgres: collate "C"*/ not null,
	event text not null,
	resource text not null,
	actor_type text not null,
	actor_name text not null,
	actor_mail text not null,
	mode text not null,
	ip text not null,
	user_agent text not null,
	country text not null,
	constraint audits_id primary key (project_id, actor_id, time, id)
) /*sqlite: without rowid*/;
create index audits_time on audits (time);

-- Counters of rate limits: worth nothing after a crash, and written all the time.
create /*postgres: unlogged*/ table limits (
	hash bytea not null,
	start bigint not null,
	expire bigint not null,
	count bigint not null,
	constraint limits_hash primary key (hash, start)
) /*sqlite: without rowid*/;
create index limits_expire on limits (expire);

create table server_meta (
	name text not null constraint server_meta_name primary key,
	value text not null
) /*sqlite: without rowid*/;

create table leases (
	name text not null constraint leases_name primary key,
	holder text not null,
	expire bigint not null
) /*sqlite: without rowid*/;

-- +goose Down
drop table leases;
drop table server_meta;
drop table limits;
drop table audits;
drop table authenticators;
drop table tokens;
drop table identities;
drop table targets;
drop table sessions;
drop table users;
drop table operators;
drop table documents;
drop table keys;
drop table platforms;
drop table settings_version;
drop table projects;
