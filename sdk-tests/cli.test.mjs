// The Appwrite CLI against the built server: an operator signs in (with a second factor, too), looks after people and sets a
// project up; a server does with an API key.
import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { key, poorKey, project, start } from './server.mjs';

const binary = new URL('../bin/latchkey', import.meta.url).pathname;
const command = new URL('./node_modules/appwrite-cli/index.js', import.meta.url).pathname;
const email = 'boss@example.com';
let server;
let password;
const homes = [];

before(async () => {
  server = await start();
  const made = execFileSync(binary, ['admin', 'create', email, 'Boss', '--json', '--data', join(server.directory, 'data')], { env: server.env, stdio: ['ignore', 'pipe', 'ignore'] });
  ({ password } = JSON.parse(made));
});
after(async () => {
  await server?.stop();
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** A machine of its own: the CLI keeps what it knows in the home directory. Returns how to run it there. */
function machine() {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  homes.push(home);
  const env = { PATH: process.env.PATH, HOME: home, USERPROFILE: home, CI: 'true', NO_COLOR: '1' };
  const run = (...args) => new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { env, cwd: home, timeout: 60_000 }, (error, stdout, stderr) => resolve({ failed: Boolean(error), text: stdout + stderr, stdout }));
  });
  run.home = home;
  return run;
}

/** Calls the API without the CLI; returns the answer. */
function call(method, path, { of = 'console', body, ...headers } = {}) {
  return fetch(server.endpoint + path, { method, headers: { 'content-type': 'application/json', 'x-appwrite-project': of, ...headers }, body: body && JSON.stringify(body) });
}

/** Signs the operator in and returns their cookie. */
async function signIn() {
  const answer = await call('POST', '/account/sessions/email', { body: { email, password } });
  assert.equal(answer.status, 201);
  return answer.headers.getSetCookie().find((line) => line.startsWith('a_session_console=')).split(';')[0];
}

async function works(answer) {
  const { failed, text, stdout } = await answer;
  assert.ok(!failed && !/✗|Error:/.test(text), text);
  return stdout;
}

async function refused(answer, message) {
  const { failed, text } = await answer;
  assert.ok(failed || /✗|Error/.test(text), `expected a refusal: ${text}`);
  assert.match(text, message);
}

const read = async (answer) => JSON.parse(await works(answer));

/** The code an authenticator app shows now, or a number of steps later (RFC 6238). */
function totp(secret, later = 0) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', bytes).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

it('signs an operator in, who looks after people', async () => {
  const run = machine();
  await refused(run('login', '--endpoint', server.endpoint, '--email', email, '--password', 'not the password'), /credentials|password/i);
  await works(run('login', '--endpoint', server.endpoint, '--email', email, '--password', password));
  assert.match(await works(run('whoami')), /boss@example\.com/);
  const projects = await read(run('projects', 'list', '--json'));
  assert.deepEqual([projects.total, projects.projects[0].$id], [1, project]);

  await works(run('client', '--project-id', project));
  const user = await read(run('users', 'create', '--user-id', 'walter', '--email', 'walter@example.com', '--password', 'correct horse 1', '--name', 'Walter', '--json'));
  assert.equal(user.$id, 'walter');
  const list = await read(run('users', 'list', '--search', 'walter', '--json'));
  assert.deepEqual([list.total, list.users[0].email], [1, 'walter@example.com']);
  await works(run('users', 'delete', '--user-id', 'walter'));
  await refused(run('users', 'get', '--user-id', 'walter', '--json'), /no user/);

  await works(run('logout'));
  await refused(run('projects', 'list', '--json'), /Session not found/);
});

it('lets an operator set a project up', async () => {
  const run = machine();
  // The CLI speaks of teams inside projects only: what owns projects is made where operators see it.
  const owned = await call('POST', '/teams', { cookie: await signIn(), body: { teamId: 'crew', name: 'Crew' } });
  assert.equal(owned.status, 201);
  await works(run('login', '--endpoint', server.endpoint, '--email', email, '--password', password));
  await refused(run('projects', 'create', '--project-id', 'shop', '--name', 'Shop', '--team-id', 'strangers', '--json'), /no team/);
  const shop = await read(run('projects', 'create', '--project-id', 'shop', '--name', 'Shop', '--team-id', 'crew', '--json'));
  assert.deepEqual([shop.$id, shop.name, shop.teamId], ['shop', 'Shop', 'crew']);
  const of = ['--project-id', 'shop', '--json'];
  await works(run('client', '--project-id', 'shop'));

  // What does not touch the same thing runs at once: each command is a process of its own.
  await Promise.all([
    (async () => {
      const made = await read(run('projects', 'create-key', ...of, '--name', 'Server', '--scopes', 'users.read', 'users.write'));
      assert.match(made.secret, /^standard_/);
      const people = () => call('GET', '/users', { of: 'shop', 'x-appwrite-key': made.secret });
      assert.equal((await people()).status, 200);
      assert.equal((await read(run('projects', 'list-keys', ...of))).keys[0].$id, made.$id);
      await works(run('projects', 'delete-key', '--project-id', 'shop', '--key-id', made.$id));
      assert.equal((await people()).status, 401);
    })(),
    (async () => {
      const made = await read(run('projects', 'create-platform', ...of, '--type', 'web', '--name', 'Web', '--hostname', 'shop.example.com'));
      const echoed = async () => (await call('GET', '/account', { of: 'shop', origin: 'https://shop.example.com' })).headers.get('access-control-allow-origin');
      for (let i = 0; i < 40 && (await echoed()) !== 'https://shop.example.com'; i++) await new Promise((resolve) => setTimeout(resolve, 25));
      assert.equal(await echoed(), 'https://shop.example.com');
      assert.equal((await read(run('projects', 'list-platforms', ...of))).platforms[0].hostname, 'shop.example.com');
      await works(run('projects', 'delete-platform', '--project-id', 'shop', '--platform-id', made.$id));
      assert.notEqual(await echoed(), 'https://shop.example.com');
    })(),
    (async () => {
      // The hash that the vendor's own tests import: "password", at a cost of 15.
      const made = await read(run('users', 'create-bcrypt-user', '--user-id', 'skyler', '--email', 'skyler@example.com', '--password', '$2a$15$xX/myGbFU.ZSKHSi6EHdBOySTdYm8QxBLXmOPHrYMwV0mHRBBSBOq', '--json'));
      assert.equal(made.hash, 'bcrypt');
      assert.equal((await read(run('users', 'get', '--user-id', 'skyler', '--json'))).email, 'skyler@example.com');
      assert.equal((await read(run('users', 'update-status', '--user-id', 'skyler', '--status', 'false', '--json'))).status, false);
      const blocked = await read(run('users', 'list', '--queries', '{"method":"equal","attribute":"status","values":[false]}', '--json'));
      assert.deepEqual([blocked.total, blocked.users[0].$id], [1, 'skyler']);
      await refused(run('users', 'list', '--queries', '{"method":"equal","attribute":"shoeSize","values":["44"]}', '--json'), /no attribute/);
    })(),
    (async () => {
      const made = await read(run('messaging', 'create-smtp-provider', '--provider-id', 'post', '--name', 'Post', '--host', 'mail.example.com', '--port', '587', '--password', 's3cret', '--enabled', 'false', '--json'));
      assert.deepEqual([made.provider, made.type, JSON.stringify(made).includes('s3cret')], ['smtp', 'email', false]);
      assert.equal((await read(run('messaging', 'list-providers', '--json'))).total, 1);
      await works(run('messaging', 'delete-provider', '--provider-id', 'post'));
      await refused(run('messaging', 'get-provider', '--provider-id', 'post', '--json'), /no .*provider/i);
    })(),
  ]);

  assert.equal((await call('POST', '/account/sessions/anonymous', { of: 'shop' })).status, 201);
  await works(run('projects', 'update-auth-status', '--project-id', 'shop', '--method', 'anonymous', '--status', 'false', '--json'));
  assert.equal((await call('POST', '/account/sessions/anonymous', { of: 'shop' })).status, 501);
  await works(run('pull', 'settings'));
  const pulled = JSON.parse(readFileSync(join(run.home, 'appwrite.config.json'), 'utf8'));
  assert.deepEqual([pulled.projectId, pulled.projectName, pulled.settings.auth.methods.anonymous], ['shop', 'Shop', false]);
  await works(run('projects', 'delete', '--project-id', 'shop'));
  await refused(run('projects', 'get', ...of), /no project/);
});

it('works with an API key', async () => {
  const run = machine();
  await works(run('client', '--endpoint', server.endpoint, '--project-id', project, '--key', key));
  assert.equal((await read(run('users', 'create', '--user-id', 'jesse', '--email', 'jesse@example.com', '--json'))).$id, 'jesse');
  await works(run('client', '--key', poorKey));
  await refused(run('users', 'list', '--json'), /missing scopes/);
});

it('asks for a second factor, given on the command line', async () => {
  const cookie = await signIn();
  const { secret } = await (await call('POST', '/account/mfa/authenticators/totp', { cookie })).json();
  for (const [method, path, body] of [['PUT', '/account/mfa/authenticators/totp', { otp: totp(secret) }], ['PATCH', '/account/mfa', { mfa: true }]]) {
    assert.equal((await call(method, path, { cookie, body })).status, 200);
  }

  const run = machine();
  await works(run('login', '--endpoint', server.endpoint, '--email', email, '--password', password, '--mfa', 'totp', '--code', totp(secret, 1)));
  assert.equal((await read(run('projects', 'list', '--json'))).total, 1);
});
