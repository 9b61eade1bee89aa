-- +goose Up

-- What became of text messages, by the hour and by route: all of a project, a country, a block of numbers, an
-- address that asks for codes. The row with start 0 holds no count: whoever decides takes its turn on it.
create table text_routes (
	project_id text /*postgres: collate "C"*/ not null,
	route text /*postgres: collate "C"*/ not null,
	start bigint not null,
	sent bigint not null,
	confirmed bigint not null,
	refused bigint not null,
	constraint text_routes_id primary key (project_id, route, start)
) /*sqlite: without rowid*/;
create index text_routes_start on text_routes (start);

-- +goose Down
drop table text_routes;
