// The Appwrite CLI against the built server: an operator signs in (with a second factor, too), looks at projects and looks
// after people; a server does with an API key.
import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
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
  return (...args) => new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { env, cwd: home, timeout: 60_000 }, (error, stdout, stderr) => resolve({ failed: Boolean(error), text: stdout + stderr, stdout }));
  });
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

it('works with an API key', async () => {
  const run = machine();
  await works(run('client', '--endpoint', server.endpoint, '--project-id', project, '--key', key));
  assert.equal((await read(run('users', 'create', '--user-id', 'jesse', '--email', 'jesse@example.com', '--json'))).$id, 'jesse');
  await works(run('client', '--key', poorKey));
  await refused(run('users', 'list', '--json'), /missing scopes/);
});

it('asks for a second factor, given on the command line', async () => {
  const call = async (method, path, body, cookie) => {
    const answer = await fetch(server.endpoint + path, { method, headers: { 'content-type': 'application/json', 'x-appwrite-project': 'console', ...(cookie && { cookie }) }, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer;
  };
  const signed = await call('POST', '/account/sessions/email', { email, password });
  const cookie = signed.headers.getSetCookie().find((line) => line.startsWith('a_session_console=')).split(';')[0];
  const { secret } = await (await call('POST', '/account/mfa/authenticators/totp', undefined, cookie)).json();
  await call('PUT', '/account/mfa/authenticators/totp', { otp: totp(secret) }, cookie);
  await call('PATCH', '/account/mfa', { mfa: true }, cookie);

  const run = machine();
  await works(run('login', '--endpoint', server.endpoint, '--email', email, '--password', password, '--mfa', 'totp', '--code', totp(secret, 1)));
  assert.equal((await read(run('projects', 'list', '--json'))).total, 1);
});
