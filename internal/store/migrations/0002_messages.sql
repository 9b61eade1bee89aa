-- +goose Up

-- What is redeemed is looked up by this. Not unique: a test number has one code, however often it is asked for.
create index tokens_secret on tokens (project_id, user_id, secret_hash);

-- Mails and text messages on their way. due_at is the one clock of a row that waits: before it nobody takes the
-- row, be it because a try has failed or because somebody (holder) is at it until then.
create table messages (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	kind text not null,
	channel text not null,
	state text not null,
	created_at bigint not null,
	due_at bigint not null,
	holder text not null,
	attempts bigint not null,
	expire bigint not null,
	sealed bytea not null,
	recipient_hint text not null,
	last_error text not null,
	ended_at bigint not null,
	constraint messages_id primary key (project_id, id)
) /*sqlite: without rowid*/;
create index messages_due on messages (project_id, due_at) where state = 'queued';
create index messages_sent on messages (ended_at) where state = 'sent';
create index messages_dead on messages (ended_at) where state = 'dead';
create index messages_dead_of on messages (project_id, ended_at) where state = 'dead';

-- +goose Down
drop table messages;
drop index tokens_secret;
