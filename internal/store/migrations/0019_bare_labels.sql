-- +goose Up

-- A label is found by its bare name, too: it is the rest of a word behind a sign, as that of an address is.
insert into user_terms (project_id, user_id, field, term)
	select t.project_id, t.user_id, 'labels', substr(t.term, 7) from user_terms t where t.field = 'labels' and length(t.term) > 6
	on conflict do nothing;

-- +goose Down
delete from user_terms where field = 'labels' and substr(term, 1, 6) <> 'label:';
