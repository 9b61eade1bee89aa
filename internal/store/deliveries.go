package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Delivery is what is known of an event on its way to a webhook, without what it says.
type Delivery struct {
	Project   string
	Webhook   string
	ID        string
	Event     string // with placeholders: users.[userId].create
	State     string // MessageQueued, MessageSent or MessageDead
	CreatedAt model.Time
	DueAt     model.Time // the next try of one that is queued
	Attempts  int
	LastError string
	EndedAt   model.Time
	Code      int        // what the receiver answered to the last try; 0: nothing
	Took      int        // milliseconds of the last try
	TriedAt   model.Time // of the last try; 0: none yet
	Kept      bool       // what it says is still there, so that it can be told again
}

const (
	// DeliveryDays is how long deliveries are kept once they have ended.
	DeliveryDays = 7
	// deliveriesKept is how many that have ended are kept of a webhook.
	deliveriesKept = 10_000
	// forgotten is the event whose person is gone: what it says goes as soon as it was told, or cannot be.
	forgotten = "users.[userId].delete"
)

// deliveryAsMessage are the columns of deliveries in the order of messageColumns.
const deliveryAsMessage = `project_id, id, event, webhook_id, state, created_at, due_at, holder, attempts, expire, sealed, user_id, last_error, ended_at`

// deliveryQueue is the queue of the table deliveries.
var deliveryQueue = queueOf("Delivery", "deliveries", "turn",
	deliveryAsMessage,
	endings{sent: `event = '` + forgotten + `'`, dead: `event = '` + forgotten + `'`})

const deliveryColumns = `d.project_id, d.webhook_id, d.id, d.event, d.state, d.created_at, d.due_at, d.attempts, d.last_error, d.ended_at,
	d.code, d.took, d.tried_at, length(d.sealed) > 0`

var (
	insertDelivery = statement("InsertDelivery", `insert into deliveries (project_id, id, event, webhook_id, state, created_at, due_at, holder, attempts,
		expire, sealed, user_id, last_error, ended_at, turn) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`)
	dropDelivery = statement("DropDelivery", `delete from deliveries where project_id = $1 and id = $2`)
	noteTry      = statement("NoteTry", `update deliveries set code = $3, took = $4, tried_at = $5 where project_id = $1 and id = $2`)
	redeliver    = statement("Redeliver", `update deliveries set state = 'queued', due_at = $4, attempts = 0, ended_at = 0, expire = $5
		where project_id = $1 and id = $3 and webhook_id = $2 and state <> 'queued' and length(sealed) > 0`)
	deliveryByID = statement("Delivery", `select `+deliveryColumns+` from deliveries d where d.project_id = $1 and d.webhook_id = $2 and d.id = $3`)
	deliveriesOf = statement("Deliveries", `select `+deliveryColumns+` from deliveries d
		where d.turn = $1 and d.id < $2 order by d.turn desc, d.id desc limit $3`)

	countDeliveries = statement("CountDeliveries", `select count(*) from (select 1 from deliveries d where d.turn = $1 limit $2) counted`)

	deleteDeliveriesOfWebhook = statement("DeleteDeliveriesOfWebhook", `delete from deliveries where (project_id, id) in (
		select d.project_id, d.id from deliveries d where d.turn = $1)`)
	// deleteDeliveriesOfUser is for afterwards: whatever was put while the user was being deleted is seen by then.
	deleteDeliveriesOfUser = statement("DeleteDeliveriesOfUser", `delete from deliveries where (project_id, id) in (
		select d.project_id, d.id from deliveries d where d.user_id = $2 and d.project_id = $1) and event <> '`+forgotten+`'
		and not exists (select 1 from users u where u.project_id = $1 and u.id = $2)`)
	deliveriesAbout = statement("DeliveriesAbout", `select `+deliveryAsMessage+` from deliveries where (project_id, id) in (
		select d.project_id, d.id from deliveries d where d.user_id = $2 and d.project_id = $1 order by d.id desc limit $3) and length(sealed) > 0 order by id desc`)
	deleteDeliveriesOfProject = statement("DeleteDeliveriesOfProject", `delete from deliveries where project_id = $1`)
	sweepDeliveries           = statement("SweepDeliveries", `delete from deliveries where (project_id, id) in (
		select d.project_id, d.id from deliveries d where d.state <> 'queued' and d.ended_at < $1 order by d.ended_at limit $2) returning 1`)
	// sweepManyDeliveries takes what lies behind the newest ones of a webhook; the webhooks are those of the documents.
	sweepManyDeliveries = statement("SweepManyDeliveries", `delete from deliveries where (project_id, id) in (
		select d.project_id, d.id from documents w, deliveries d where w.kind = 'webhook' and d.turn = w.project_id || '/' || w.id
			and d.state <> 'queued' and d.id < (select e.id from deliveries e where e.turn = w.project_id || '/' || w.id
				order by e.turn desc, e.id desc limit 1 offset $1) limit $2) returning 1`)

	countFailure = statement("CountFailure", `insert into webhook_failures (project_id, webhook_id, attempts, since, logs) values ($1, $2, 1, $3, $4)
		on conflict (project_id, webhook_id) do update set attempts = webhook_failures.attempts + 1, logs = excluded.logs
		returning attempts, since, logs`)
	forgetFailures          = statement("ForgetFailures", `delete from webhook_failures where project_id = $1 and webhook_id = $2`)
	failuresOf              = statement("WebhookFailures", `select f.webhook_id, f.attempts, f.since, f.logs from webhook_failures f where f.project_id = $1`)
	deleteFailuresOfProject = statement("DeleteFailuresOfProject", `delete from webhook_failures where project_id = $1`)
)

func scanDelivery(r row, d *Delivery) {
	d.Project, d.Webhook, d.ID, d.Event, d.State = r.text(), r.text(), r.text(), r.text(), r.text()
	d.CreatedAt, d.DueAt, d.Attempts, d.LastError, d.EndedAt = moment(r), moment(r), int(r.number()), r.text(), moment(r)
	d.Code, d.Took, d.TriedAt, d.Kept = int(r.number()), int(r.number()), moment(r), r.flag()
}

// deliveryTurn names the turn of a webhook. An id of a project holds no slash.
func deliveryTurn(project, webhook string) string { return project + "/" + webhook }

// Deliveries is the queue of events on their way to webhooks, in turns by webhook.
func (db *DB) Deliveries() *Queue { return &Queue{db, deliveryQueue} }

// InsertDelivery adds an event on its way to a webhook, in the transaction of what it tells about.
func (tx *Tx) InsertDelivery(m *StoredMessage) {
	tx.do(insertDelivery, append(m.columns(), deliveryTurn(m.Project, m.Channel))...)
}

// DropDelivery takes back what this transaction has put, as DropMessage does.
func (tx *Tx) DropDelivery(project, id string) { tx.do(dropDelivery, project, id) }

// Delivery finds a delivery of a webhook. Fault: webhook_delivery_not_found.
func (db *DB) Delivery(ctx context.Context, project, webhook, id string) (*Delivery, error) {
	return one(ctx, db, deliveryByID.with(project, webhook, id), scanDelivery, fault.WebhookDeliveryNotFound)
}

// CountDeliveries counts the deliveries of a webhook, up to MostCounted.
func (db *DB) CountDeliveries(ctx context.Context, project, webhook string) (int, error) {
	return numberOf(ctx, db, countDeliveries.with(deliveryTurn(project, webhook), MostCounted))
}

// DeliveriesOf lists deliveries of a webhook, latest first, behind one of them (empty: from the latest), at most limit.
func (db *DB) DeliveriesOf(ctx context.Context, project, webhook, behind string, limit int) ([]Delivery, error) {
	if behind == "" {
		behind = "~" // behind every id
	}
	return many(ctx, db, deliveriesOf.with(deliveryTurn(project, webhook), behind, limit), scanDelivery)
}

// NoteTry writes down how long the last try of a delivery took and what was answered.
func (tx *Tx) NoteTry(project, id string, code, took int) {
	tx.do(noteTry, project, id, code, took, tx.Now)
}

// Redeliver puts a delivery that has ended back into the queue. Fault: webhook_delivery_not_found, also when what it
// said is gone.
func (tx *Tx) Redeliver(project, webhook, id string, expire model.Time) {
	tx.must(fault.WebhookDeliveryNotFound, redeliver, project, webhook, id, tx.Now, expire)
}

// DeliveriesAbout lists what webhooks are and were told about a user and what is still kept of it, latest first, at most
// limit.
func (db *DB) DeliveriesAbout(ctx context.Context, project, user string, limit int) ([]StoredMessage, error) {
	return many(ctx, db, deliveriesAbout.with(project, user, limit), scanMessage)
}

// DeleteWebhookState deletes what there is about a webhook beside its settings.
func (tx *Tx) DeleteWebhookState(project, webhook string) {
	tx.do(deleteDeliveriesOfWebhook, deliveryTurn(project, webhook))
	tx.do(forgetFailures, project, webhook)
}

// WebhookFailures is how a webhook's tries have failed in a row.
type WebhookFailures struct {
	Webhook  string
	Attempts int
	Since    model.Time // the first of them
	Logs     string     // why the last one failed
}

// CountFailure adds one to them and returns them.
func (tx *Tx) CountFailure(project, webhook, reason string) (*WebhookFailures, error) {
	return one(tx.ctx, tx, countFailure.with(project, webhook, tx.Now, cut(reason)), func(r row, f *WebhookFailures) {
		f.Webhook, f.Attempts, f.Since, f.Logs = webhook, int(r.number()), moment(r), r.text()
	}, fault.WebhookNotFound)
}

// ForgetFailures begins anew: a try has succeeded, or somebody has looked after the receiver.
func (tx *Tx) ForgetFailures(project, webhook string) { tx.do(forgetFailures, project, webhook) }

// WebhookFailures lists the webhooks of a project whose last try has failed, by id.
func (db *DB) WebhookFailures(ctx context.Context, project string) (map[string]WebhookFailures, error) {
	list, err := many(ctx, db, failuresOf.with(project), func(r row, f *WebhookFailures) {
		f.Webhook, f.Attempts, f.Since, f.Logs = r.text(), int(r.number()), moment(r), r.text()
	})
	byID := map[string]WebhookFailures{}
	for _, f := range list {
		byID[f.Webhook] = f
	}
	return byID, err
}

// Waits says whether a delivery is still to be tried.
func (d *Delivery) Waits() bool { return d.State == MessageQueued }

// Arrived says whether the receiver has taken it.
func (d *Delivery) Arrived() bool { return d.State == MessageSent }
