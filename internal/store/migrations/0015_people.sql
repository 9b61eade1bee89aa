-- +goose Up

-- How many people and sessions a project had at the start of an hour. Counted in the background, because nobody who
-- asks for figures should wait for a count of a million rows.
create table usage_counts (
	project_id text /*postgres: collate "C"*/ not null references projects (id) on delete cascade,
	at bigint not null,
	users bigint not null,
	sessions bigint not null,
	constraint usage_counts_id primary key (project_id, at)
) /*sqlite: without rowid*/;

-- +goose Down
drop table usage_counts;
