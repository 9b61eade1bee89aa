// Operators are invited, through the official console SDK: by a mail whose link is good once. Where operators need a second
// factor, they can do nothing without one but set it up.
import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { linkOf, postOffice } from './smtp.mjs';
import { project, start } from './server.mjs';
import { refused } from './expect.mjs';

const require = createRequire(import.meta.url);
const { Account, Client, Projects, Teams, Users } = require('@appwrite.io/console');
const binary = new URL('../bin/latchkey', import.meta.url).pathname;
let office;
let server;

before(async () => {
  office = await postOffice();
  process.env.SSL_CERT_FILE = office.ca;
  server = await start({ args: ['--smtp', office.url, '--allow-private', '127.0.0.0/8', '--console-mfa', 'required'] });
});
after(async () => {
  await server?.stop();
  await office?.stop();
});

/** A browser of an operator, signed in or not. */
function client(secret, of = 'console') {
  const made = new Client().setEndpoint(server.endpoint).setProject(of);
  if (of !== 'console') made.setMode('admin');
  if (secret) made.headers['X-Appwrite-Session'] = secret;
  return made;
}

/** The session that a request of a browser has set. */
async function sessionOf(path, method, body) {
  const answer = await fetch(server.endpoint + path, { method, headers: { 'content-type': 'application/json', 'x-appwrite-project': 'console' }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('a_session_console='));
  return decodeURIComponent(cookie.split(';')[0].slice('a_session_console='.length));
}

/** Sets up two-step sign-in, as an operator must before anything else. */
async function protect(secret) {
  const account = new Account(client(secret));
  const app = await account.createMFAAuthenticator({ type: 'totp' });
  const code = execFileSync('oathtool', ['--totp', '--base32', app.secret]).toString().trim();
  await account.updateMFAAuthenticator({ type: 'totp', otp: code });
  assert.equal((await account.updateMFA({ mfa: true })).mfa, true);
}

it('invites, accepts, and asks for a second factor', async () => {
  const made = execFileSync(binary, ['admin', 'create', 'boss@example.com', 'Boss', '--json', '--data', join(server.directory, 'data')], { env: server.env, stdio: ['ignore', 'pipe', 'ignore'] });
  const boss = await sessionOf('/account/sessions/email', 'POST', { email: 'boss@example.com', password: JSON.parse(made).password });
  await refused(new Projects(client(boss)).list(), 403, 'user_factor_setup_required');
  await refused(new Users(client(boss, project)).list(), 403, 'user_factor_setup_required');
  await protect(boss);
  assert.equal((await new Projects(client(boss)).list()).total, 1);

  const teams = new Teams(client(boss));
  await teams.create({ teamId: 'crew', name: 'Crew' });
  await new Projects(client(boss)).create({ projectId: 'shop', name: 'Shop', teamId: 'crew' });
  await refused(teams.createMembership({ teamId: 'crew', email: 'x@example.com', roles: ['developer'], url: 'https://evil.example' }), 400, 'general_argument_invalid');
  const place = await teams.createMembership({ teamId: 'crew', email: 'skyler@example.com', name: 'Skyler', roles: ['developer'], url: `${new URL(server.endpoint).origin}/join` });
  assert.equal(place.confirm, false);
  const link = linkOf(await office.take('skyler@example.com')).url;
  const [membershipId, userId, secret] = ['membershipId', 'userId', 'secret'].map((name) => link.searchParams.get(name));
  assert.deepEqual([link.pathname, membershipId, link.searchParams.get('teamName')], ['/join', place.$id, 'Crew']);

  const guest = new Teams(client());
  await refused(guest.updateMembershipStatus({ teamId: 'crew', membershipId, userId, secret: 'guess' }), 401, 'team_invalid_secret');
  await refused(teams.updateMembershipStatus({ teamId: 'crew', membershipId, userId, secret }), 401, 'team_invite_mismatch');
  const skyler = await sessionOf(`/teams/crew/memberships/${membershipId}/status`, 'PATCH', { userId, secret });
  await refused(guest.updateMembershipStatus({ teamId: 'crew', membershipId, userId, secret }), 409, 'membership_already_confirmed');
  await refused(new Projects(client(skyler)).list(), 403, 'user_factor_setup_required');
  await protect(skyler);
  assert.deepEqual((await new Projects(client(skyler)).list()).projects.map((one) => one.$id), ['shop']);
  await refused(new Teams(client(skyler)).createMembership({ teamId: 'crew', email: 'eve@example.com', roles: ['owner'] }), 404, 'team_not_found');

  const other = await teams.createMembership({ teamId: 'crew', email: 'gus@example.com', roles: ['analyst'] });
  await teams.deleteMembership({ teamId: 'crew', membershipId: other.$id });
  const dead = linkOf(await office.take('gus@example.com')).url;
  assert.equal(dead.pathname, '/console/auth/invitation');
  assert.equal((await fetch(dead)).status, 404);
  await refused(new Account(client()).create({ userId: 'unique()', email: 'gus@example.com', password: 'correct horse 1' }), 501, 'user_console_count_exceeded');
});
