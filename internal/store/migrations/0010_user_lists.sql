-- +goose Up

-- What users are found by: each word of their id, name, address, number and labels, folded, and what follows a sign
-- inside a word (example.org of walter@example.org). A prefix of a term is a range of the index. An id that is folded
-- already is found by the users' own key.
create table user_terms (
	project_id text /*postgres: collate "C"*/ not null,
	user_id text /*postgres: collate "C"*/ not null,
	field text not null,
	term text /*postgres: collate "C"*/ not null,
	constraint user_terms_key primary key (project_id, user_id, field, term),
	constraint user_terms_user foreign key (project_id, user_id) references users (project_id, id) on delete cascade
) /*sqlite: without rowid*/;
create index user_terms_term on user_terms (project_id, term, user_id, field);

-- Users of before are found by how each field begins; by the words in it from the next change of it on.
insert into user_terms (project_id, user_id, field, term) select project_id, id, 'id', lower(id) from users where lower(id) <> id;
insert into user_terms (project_id, user_id, field, term) select project_id, id, 'name', substr(name_folded, 1, 64) from users where name_folded <> '';
insert into user_terms (project_id, user_id, field, term) select project_id, id, 'email', substr(email, 1, 64) from users where email is not null;
insert into user_terms (project_id, user_id, field, term) select project_id, id, 'phone', phone from users where phone is not null;

-- The orders of the list of users, and what it is narrowed by. Times are appended at the end, where it costs little.
create index users_created_at on users (project_id, created_at, id);
create index users_updated_at on users (project_id, updated_at, id);
create index users_accessed_at on users (project_id, accessed_at, id);
create index users_registration on users (project_id, registration, id);
create index users_password_update on users (project_id, password_update, id);
create index users_name on users (project_id, name_folded /*postgres: collate "C"*/, id);
create index users_email_verified on users (project_id, email_verified, created_at, id);
create index users_phone_verified on users (project_id, created_at, id) where phone_verified;
create index users_blocked on users (project_id, created_at, id) where not status;
create index users_impersonator on users (project_id, created_at, id) where impersonator;

create index identities_created_at on identities (project_id, created_at, id);

-- +goose Down
drop index identities_created_at;
drop index users_impersonator;
drop index users_blocked;
drop index users_phone_verified;
drop index users_email_verified;
drop index users_name;
drop index users_password_update;
drop index users_registration;
drop index users_accessed_at;
drop index users_updated_at;
drop index users_created_at;
drop table user_terms;
