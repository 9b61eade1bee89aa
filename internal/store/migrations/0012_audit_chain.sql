-- +goose Up

-- An entry is inserted with seq 0 and chained soon after: it gets its position, the hash that covers it and all
-- before it, and its personal fields move into one sealed text.
alter table audits add column seq bigint not null default 0;
alter table audits add column hash bytea;
alter table audits add column personal text not null default '';
drop index audits_time; -- what is old goes from the start of the chain
create index audits_unchained on audits (project_id, time, id) where seq = 0;
create unique index audits_seq on audits (project_id, seq) where seq > 0;

-- The key that a person's entries are sealed with comes from the master key and this, which goes with the person.
alter table users add column audit_salt text not null default '';
update users set audit_salt = /*sqlite: lower(hex(randomblob(16)))*/ /*postgres: replace(gen_random_uuid()::text, '-', '')*/;

create table audit_heads (
	project_id text /*postgres: collate "C"*/ not null constraint audit_heads_project primary key,
	seq bigint not null,
	hash bytea not null
) /*sqlite: without rowid*/;

create table audit_checkpoints (
	project_id text /*postgres: collate "C"*/ not null,
	seq bigint not null,
	hash bytea not null,
	time bigint not null,
	signature bytea not null,
	constraint audit_checkpoints_seq primary key (project_id, seq)
) /*sqlite: without rowid*/;
create index audit_checkpoints_time on audit_checkpoints (project_id, time, seq);

-- +goose Down
drop table audit_checkpoints;
drop table audit_heads;
create index audits_time on audits (time);
drop index audits_seq;
drop index audits_unchained;
alter table audits drop column personal;
alter table audits drop column hash;
alter table audits drop column seq;
alter table users drop column audit_salt;
