-- +goose Up

-- What an operator, a key or the command line has changed: a small JSON document, never a secret.
alter table audits add column details text not null default '';
-- What operators and servers do is rare among what people do, and is looked for by itself.
create index audits_operated on audits (project_id, seq) where seq > 0 and actor_type in ('admin', 'keyProject', 'cli');

-- +goose Down
drop index audits_operated;
alter table audits drop column details;
