-- +goose Up

-- Registration is the moment of creation, set once: said twice, and kept in order twice, with every sign-up.
drop index users_registration;
alter table users drop column registration;
-- In an app that signs people up by phone, those who have not proved theirs are the few.
drop index users_phone_verified;
create index users_phone_verified on users (project_id, phone_verified, created_at, id);

-- +goose Down
drop index users_phone_verified;
create index users_phone_verified on users (project_id, created_at, id) where phone_verified;
alter table users add column registration bigint not null default 0;
update users set registration = created_at;
create index users_registration on users (project_id, registration, id);
