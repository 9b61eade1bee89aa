-- +goose Up

-- Sign-ins at a provider that are under way. Found by the hash of the state alone, taken once.
create table oauth2_logins (
	state_hash bytea not null constraint oauth2_logins_state primary key,
	project_id text /*postgres: collate "C"*/ not null,
	provider text not null,
	browser bytea not null,
	success text not null,
	failure text not null,
	token boolean not null,
	user_id text /*postgres: collate "C"*/ not null,
	session_id text /*postgres: collate "C"*/ not null,
	sealed text not null,
	name_hint text not null,
	expire bigint not null
) /*sqlite: without rowid*/;
create index oauth2_logins_expire on oauth2_logins (expire);

-- Id tokens that have signed somebody in, until they would be refused for their age anyway.
create table id_tokens (
	project_id text /*postgres: collate "C"*/ not null,
	hash bytea not null,
	expire bigint not null,
	constraint id_tokens_hash primary key (project_id, hash)
) /*sqlite: without rowid*/;
create index id_tokens_expire on id_tokens (expire);

-- Until when somebody is about to renew the tokens: those that rotate are burnt by two who try at once.
alter table identities add column renewing bigint not null default 0;

-- +goose Down
alter table identities drop column renewing;
drop table id_tokens;
drop table oauth2_logins;
