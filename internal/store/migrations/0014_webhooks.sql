-- +goose Up

-- Events on their way to webhooks, and what became of them. The same queue as messages, but in turns by webhook: turn
-- is project and webhook, joined. What was told stays sealed for a while, so that it can be told again. code and took
-- (milliseconds) are of the last try.
create table deliveries (
	project_id text /*postgres: collate "C"*/ not null,
	id text /*postgres: collate "C"*/ not null,
	webhook_id text /*postgres: collate "C"*/ not null,
	user_id text /*postgres: collate "C"*/ not null,
	turn text /*postgres: collate "C"*/ not null,
	event text not null,
	state text not null,
	created_at bigint not null,
	due_at bigint not null,
	holder text not null,
	attempts bigint not null,
	expire bigint not null,
	sealed bytea not null,
	last_error text not null,
	ended_at bigint not null,
	code bigint not null default 0,
	took bigint not null default 0,
	tried_at bigint not null default 0,
	constraint deliveries_id primary key (project_id, id)
) /*sqlite: without rowid*/;
create index deliveries_due on deliveries (turn, due_at) where state = 'queued';
create index deliveries_of on deliveries (turn, id);
create index deliveries_about on deliveries (project_id, user_id);
create index deliveries_ended on deliveries (ended_at) where state <> 'queued';

-- Tries of a webhook that have failed in a row. No row: the last one did not.
create table webhook_failures (
	project_id text /*postgres: collate "C"*/ not null,
	webhook_id text /*postgres: collate "C"*/ not null,
	attempts bigint not null,
	since bigint not null,
	logs text not null,
	constraint webhook_failures_id primary key (project_id, webhook_id)
) /*sqlite: without rowid*/;

-- +goose Down
drop table webhook_failures;
drop table deliveries;
