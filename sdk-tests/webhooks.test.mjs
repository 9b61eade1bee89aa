// Webhooks through the official server SDK and the console SDK: set up, told, verified by a receiver that knows nothing
// but the secret, told again, switched off. And what the audit
// trail says of it.
import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { freePort, key, poorKey, project, start } from './server.mjs';
import { refused } from './expect.mjs';

const require = createRequire(import.meta.url);
const sdk = require('node-appwrite-27');
const console23 = require('@appwrite.io/console');
const binary = new URL('../bin/latchkey', import.meta.url).pathname;
const master = { ...process.env, LATCHKEY_MASTER_KEY: '00'.repeat(31) + '01' };
let app;
let url;
let server;
let status = 200;
const told = [];
const waiting = [];

before(async () => {
  app = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      response.writeHead(status).end();
      const one = { headers: request.headers, body, path: request.url };
      const next = waiting.shift();
      if (next) next(one); else told.push(one);
    });
  });
  const port = await freePort();
  await new Promise((resolve) => app.listen(port, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${port}/events`;
  server = await start({ args: ['--allow-private', '127.0.0.0/8'] });
});
after(async () => {
  await server?.stop();
  app?.close();
});

/** The next thing that the app is told. */
function next() {
  const one = told.shift();
  if (one) return Promise.resolve(one);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('nothing was told')), 15_000);
    waiting.push((told) => { clearTimeout(late); resolve(told); });
  });
}

function client(secret) {
  return new sdk.Client().setEndpoint(server.endpoint).setProject(project).setKey(secret);
}

/** Both signatures, as a receiver checks them. */
function genuine(one, secret) {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const { 'webhook-id': id, 'webhook-timestamp': time } = one.headers;
  assert.equal(one.headers['webhook-signature'], 'v1,' + createHmac('sha256', key).update(`${id}.${time}.${one.body}`).digest('base64'));
  assert.ok(Math.abs(Date.now() / 1000 - time) < 60);
  assert.equal(one.headers['x-appwrite-webhook-signature'], createHmac('sha1', secret).update(url + one.body).digest('base64'));
}

it('node-appwrite sets a webhook up and the app is told', async () => {
  const webhooks = new sdk.Webhooks(client(key));
  const made = await webhooks.create({ webhookId: 'app', url, name: 'App', events: ['users.*.create', 'users.*.update.name'], authUsername: 'u', authPassword: 'p' });
  assert.deepEqual([made.$id, made.tls, made.enabled, made.attempts, made.authUsername, made.authPassword], ['app', true, true, 0, 'u', '']);
  assert.match(made.secret, /^whsec_/);
  assert.equal((await webhooks.get({ webhookId: 'app' })).secret, '');
  assert.equal((await webhooks.list()).total, 1);
  assert.equal((await webhooks.list({ queries: [sdk.Query.equal('name', ['Other'])] })).total, 0);
  assert.equal((await webhooks.list({ queries: [sdk.Query.contains('events', ['users.*.create']), sdk.Query.equal('enabled', [true])] })).total, 1);

  const users = new sdk.Users(client(key));
  const walter = await users.create({ userId: 'walter', email: 'walter@example.com', password: 'correct horse 1', name: 'Walter' });
  const first = await next();
  genuine(first, made.secret);
  assert.equal(first.headers['x-appwrite-webhook-events'], 'users.walter.create,users.*.create,users.walter,users.*');
  assert.equal(first.headers.authorization, 'Basic ' + Buffer.from('u:p').toString('base64'));
  const shown = JSON.parse(first.body);
  assert.deepEqual([shown.$id, shown.email, shown.password, shown.hash], [walter.$id, walter.email, null, null]);

  const rotated = await webhooks.updateSecret({ webhookId: 'app', secret: 'a secret of ours' });
  assert.equal(rotated.secret, 'a secret of ours');
  assert.notEqual((await webhooks.updateSecret({ webhookId: 'app' })).secret, 'a secret of ours');
  await webhooks.updateSecret({ webhookId: 'app', secret: 'a secret of ours' });
  await users.updateName({ userId: 'walter', name: 'Heisenberg' });
  const second = await next();
  genuine(second, 'a secret of ours');
  assert.equal(JSON.parse(second.body).name, 'Heisenberg');

  const changed = await webhooks.update({ webhookId: 'app', name: 'Off', url, events: ['users.*'], enabled: false });
  assert.deepEqual([changed.name, changed.enabled, changed.authUsername], ['Off', false, '']);
  await users.updateName({ userId: 'walter', name: 'Walter' });
  await webhooks.update({ webhookId: 'app', name: 'On', url, events: ['users.*.delete'], enabled: true });
  await users.delete({ userId: 'walter' });
  assert.match((await next()).headers['x-appwrite-webhook-events'], /^users\.walter\.delete,/);
  assert.equal(told.length, 0);
});

it('node-appwrite is refused what is wrong', async () => {
  const webhooks = new sdk.Webhooks(client(key));
  const good = { webhookId: 'other', url, name: 'App', events: ['users.*.create'] };
  await refused(webhooks.create({ ...good, webhookId: 'app' }), 409, 'webhook_already_exists');
  await refused(webhooks.create({ ...good, url: 'ftp://example.com' }), 400, 'general_argument_invalid');
  await refused(webhooks.create({ ...good, url: 'http://10.1.2.3/' }), 400, 'general_argument_invalid');
  await refused(webhooks.create({ ...good, events: ['users.*.burn'] }), 400, 'general_argument_invalid');
  await refused(webhooks.create({ ...good, secret: 'short' }), 400, 'general_argument_invalid');
  await refused(webhooks.get({ webhookId: 'nobody' }), 404, 'webhook_not_found');
  await refused(webhooks.update({ ...good, webhookId: 'nobody' }), 404, 'webhook_not_found');
  await refused(webhooks.updateSecret({ webhookId: 'nobody' }), 404, 'webhook_not_found');
  await refused(webhooks.delete({ webhookId: 'nobody' }), 404, 'webhook_not_found');
  const poor = new sdk.Webhooks(client(poorKey));
  await refused(poor.list(), 401, 'general_unauthorized_scope');
  await refused(poor.create(good), 401, 'general_unauthorized_scope');
});

it('a delivery that has failed is told again', async () => {
  const ask = async (method, path) => (await fetch(server.endpoint + path, { method, headers: { 'x-appwrite-project': project, 'x-appwrite-key': key } })).json();
  status = 410;
  assert.equal((await ask('POST', '/webhooks/app/test')).event, 'ping');
  const ping = await next();
  genuine(ping, 'a secret of ours');
  let log;
  for (let i = 0; i < 100; i++) {
    log = await ask('GET', '/webhooks/app/deliveries?limit=1');
    if (log.deliveries[0].status === 'failed') break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual([log.deliveries[0].status, log.deliveries[0].responseStatusCode, log.deliveries[0].$id], ['failed', 410, ping.headers['webhook-id']]);
  status = 200;
  await ask('POST', `/webhooks/app/deliveries/${log.deliveries[0].$id}/redeliver`);
  assert.equal((await next()).headers['webhook-id'], ping.headers['webhook-id']);
});

it('the console SDK uses its own words for the same', async () => {
  const made = execFileSync(binary, ['admin', 'create', 'boss@example.com', 'Boss', '--json', '--data', join(server.directory, 'data')],
    { env: { ...master, ...databaseOf(server) }, stdio: ['ignore', 'pipe', 'ignore'] });
  const answer = await fetch(`${server.endpoint}/account/sessions/email`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-appwrite-project': 'console' },
    body: JSON.stringify({ email: 'boss@example.com', password: JSON.parse(made).password }),
  });
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('a_session_console='));
  const operator = new console23.Client().setEndpoint(server.endpoint).setProject('console');
  operator.headers['X-Appwrite-Session'] = decodeURIComponent(cookie.split(';')[0].slice('a_session_console='.length));
  const teams = new console23.Teams(operator);
  await teams.create({ teamId: 'crew', name: 'Crew' });
  const projects = new console23.Projects(operator);
  await projects.create({ projectId: 'store', name: 'Store', teamId: 'crew' });
  const hook = await projects.createWebhook({ projectId: 'store', name: 'Shop', events: ['users.*.create'], url, security: false, httpUser: 'shop', httpPass: 'secret' });
  assert.deepEqual([hook.security, hook.httpUser, hook.httpPass, hook.enabled], [false, 'shop', '', true]);
  assert.match(hook.signatureKey, /^whsec_/);
  const one = { projectId: 'store', webhookId: hook.$id };
  assert.equal((await projects.getWebhook(one)).signatureKey, '');
  assert.equal((await projects.listWebhooks({ projectId: 'store' })).webhooks[0].security, false);
  const rotated = await projects.updateWebhookSignature(one);
  assert.notEqual(rotated.signatureKey, hook.signatureKey);
  const users = new console23.Users(new console23.Client().setEndpoint(server.endpoint).setProject('store').setMode('admin'));
  users.client.headers['X-Appwrite-Session'] = operator.headers['X-Appwrite-Session'];
  await users.create({ userId: 'jesse', email: 'jesse@example.com', password: 'correct horse 1' });
  const event = await next();
  genuine(event, rotated.signatureKey);
  assert.equal(event.headers.authorization, 'Basic ' + Buffer.from('shop:secret').toString('base64'));
  const changed = await projects.updateWebhook({ ...one, name: 'Shop 2', events: [], url, security: true, enabled: false });
  assert.deepEqual([changed.name, changed.security, changed.enabled], ['Shop 2', true, false]);
  await refused(projects.updateWebhook({ ...one, name: 'Shop', events: ['nothing'], url, security: true }), 400, 'general_argument_invalid');
  await projects.deleteWebhook(one);
  await refused(projects.getWebhook(one), 404, 'webhook_not_found');
  await refused(projects.deleteWebhook(one), 404, 'webhook_not_found');
});

it('a file declares webhooks, and applying what was exported changes nothing', async () => {
  const run = (...args) => execFileSync(binary, [...args, '--data', join(server.directory, 'data')],
    { env: { ...master, ...databaseOf(server), DEMO_WEBHOOK_APP_SECRET: 'a secret of ours', LATCHKEY_ALLOW_PRIVATE: '127.0.0.0/8' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const file = join(server.directory, 'exported.yaml');
  const exported = run('export-config');
  assert.match(exported, /secret: \$\{DEMO_WEBHOOK_APP_SECRET\}/);
  assert.doesNotMatch(exported, /a secret of ours/);
  writeFileSync(file, exported);
  assert.match(run('apply', file), /^Nothing to change\./);
});

it('node-appwrite reads who changed what', async () => {
  const activities = new sdk.Activities(client(key));
  const asked = [sdk.Query.equal('event', ['webhook.create']), sdk.Query.equal('actorType', ['keyProject'])];
  let found;
  for (let i = 0; i < 100; i++) { // an entry is listed once it is chained
    found = await activities.listEvents({ queries: asked });
    if (found.total > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [made] = found.events;
  assert.deepEqual([made.event, made.actorType, made.resource, made.projectId], ['webhook.create', 'keyProject', `project/${project}/webhooks/app`, project]);
  assert.match(made.ip, /^127\.|^::1$/);
  assert.ok(made.details.changed.some((one) => one.field === 'secret' && one.new === undefined));
  assert.doesNotMatch(JSON.stringify(found), /whsec_|a secret of ours/);
  const trail = await activities.listEvents({ queries: [sdk.Query.limit(1), sdk.Query.equal('actorType', ['keyProject', 'admin', 'cli'])] });
  assert.equal(trail.events.length, 1);
  assert.ok(trail.total > 1, 'the total counts the page');
  const later = await activities.listEvents({ queries: [sdk.Query.cursorAfter(trail.events[0].$id), sdk.Query.equal('event', ['webhook.create', 'webhook.update'])] });
  assert.ok(later.events.every((one) => Number(one.$id) < Number(trail.events[0].$id)));
  assert.equal((await activities.listEvents({ queries: sdk.Query.limit(2) })).events.length, 2);
  await refused(activities.listEvents({ queries: [sdk.Query.contains('event', ['user'])] }), 400, 'general_argument_invalid');
  assert.equal((await activities.getEvent({ eventId: made.$id })).event, 'webhook.create');
  await refused(activities.getEvent({ eventId: '999999' }), 404, 'log_not_found');
  await refused(new sdk.Activities(client(poorKey)).listEvents(), 401, 'general_unauthorized_scope');
});

/** What the program needs to find the server's database. */
function databaseOf(of) { return of.env.LATCHKEY_DATABASE ? { LATCHKEY_DATABASE: of.env.LATCHKEY_DATABASE } : {}; }
