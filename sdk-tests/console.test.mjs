// What an operator does through the official console SDK: the spellings of older consoles, teams, and people in admin mode.
import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { project, start } from './server.mjs';
import { refused } from './expect.mjs';

const require = createRequire(import.meta.url);
const { Client, Projects, Query, Teams, Users } = require('@appwrite.io/console');
const binary = new URL('../bin/latchkey', import.meta.url).pathname;
let server;
let secret;

before(async () => {
  server = await start();
  const made = execFileSync(binary, ['admin', 'create', 'boss@example.com', 'Boss', '--json', '--data', join(server.directory, 'data')],
    { env: server.env, stdio: ['ignore', 'pipe', 'ignore'] });
  const { password } = JSON.parse(made);
  const answer = await fetch(`${server.endpoint}/account/sessions/email`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-appwrite-project': 'console' },
    body: JSON.stringify({ email: 'boss@example.com', password }),
  });
  assert.equal(answer.status, 201);
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('a_session_console='));
  secret = decodeURIComponent(cookie.split(';')[0].slice('a_session_console='.length));
});
after(async () => { await server?.stop(); });

function client(of, mode) {
  const made = new Client().setEndpoint(server.endpoint).setProject(of);
  if (mode) made.setMode(mode);
  made.headers['X-Appwrite-Session'] = secret;
  return made;
}

it('makes a team and its project, and sets it up', async () => {
  const teams = new Teams(client('console'));
  const projects = new Projects(client('console'));
  await teams.create({ teamId: 'crew', name: 'Crew' });
  assert.equal((await teams.list()).total, 1);
  const members = await teams.listMemberships({ teamId: 'crew' });
  await refused(teams.deleteMembership({ teamId: 'crew', membershipId: members.memberships[0].$id }), 400, 'membership_deletion_prohibited');
  assert.equal((await projects.create({ projectId: 'store', name: 'Store', teamId: 'crew' })).teamId, 'crew');
  assert.equal((await projects.list()).total, 2);
  assert.deepEqual((await projects.list({ queries: [Query.equal('teamId', ['crew'])] })).projects.map((one) => one.$id), ['store']);
  const first = await projects.list({ queries: [Query.limit(1)] });
  const rest = await projects.list({ queries: [Query.cursorAfter(first.projects[0].$id)] });
  assert.deepEqual([first.total, rest.total, rest.projects.length], [2, 2, 1]);
  assert.equal((await teams.list({ queries: [Query.equal('name', ['Others'])] })).total, 0);
  assert.equal((await teams.list({ search: 'crew' })).total, 1);
  const projectId = 'store';
  const made = await projects.createKey({ projectId, name: 'Server', scopes: ['users.read'] });
  assert.match(made.secret, /^standard_/);
  assert.equal((await projects.listKeys({ projectId })).keys[0].secret, '');
  assert.equal((await projects.listKeys({ projectId, queries: [Query.contains('scopes', ['users.write'])] })).total, 0);
  await projects.updateKey({ projectId, keyId: made.$id, name: 'Server', scopes: ['users.write'] });
  await projects.deleteKey({ projectId, keyId: made.$id });
  const { jwt } = await projects.createJWT({ projectId, scopes: ['users.read'], duration: 60 });
  const short = new Client().setEndpoint(server.endpoint).setProject(projectId);
  short.headers['X-Appwrite-Key'] = jwt;
  assert.equal((await new Users(short).list()).total, 0);
  await refused(new Users(short).create({ userId: 'unique()' }), 401, 'general_unauthorized_scope');
  await projects.updateConsoleAccess({ projectId });
  const dev = await projects.createDevKey({ projectId, name: 'Laptop', expire: new Date(Date.now() + 1e7).toISOString() });
  assert.equal((await projects.listDevKeys({ projectId })).devKeys[0].$id, dev.$id);
  const web = await projects.createPlatform({ projectId, type: 'web', name: 'Web', hostname: 'store.example.com' });
  assert.equal((await projects.updatePlatform({ projectId, platformId: web.$id, name: 'Web', hostname: 'shop.example.com' })).hostname, 'shop.example.com');
  await projects.deletePlatform({ projectId, platformId: web.$id });
  await projects.updateAuthLimit({ projectId, limit: 10 });
  await projects.updateAuthDuration({ projectId, duration: 3600 });
  await projects.updateAuthSessionsLimit({ projectId, limit: 5 });
  await projects.updateAuthPasswordHistory({ projectId, limit: 2 });
  await projects.updateAuthPasswordDictionary({ projectId, enabled: true });
  await projects.updatePersonalDataCheck({ projectId, enabled: true });
  await projects.updateSessionAlerts({ projectId, alerts: true });
  await projects.updateSessionInvalidation({ projectId, enabled: true });
  await projects.updateMembershipsPrivacy({ projectId, userName: true, userEmail: false, mfa: false });
  await projects.updateMockNumbers({ projectId, numbers: [{ phone: '+16175551212', otp: '123456' }] });
  await projects.updateAuthStatus({ projectId, method: 'anonymous', status: false });
  await projects.updateOAuth2({ projectId, provider: 'github', appId: 'id', secret: 'secret', enabled: true });
  await projects.updateServiceStatus({ projectId, service: 'locale', status: false });
  await projects.updateEmailTemplate({ projectId, type: 'recovery', locale: 'de', subject: 'Neu', message: '<p>{{redirect}}</p>' });
  assert.equal((await projects.getEmailTemplate({ projectId, type: 'recovery', locale: 'de' })).subject, 'Neu');
  await projects.deleteEmailTemplate({ projectId, type: 'recovery', locale: 'de' });
  const shown = await projects.get({ projectId });
  assert.deepEqual([shown.authLimit, shown.authDuration, shown.authAnonymous, shown.authMockNumbers[0].otp], [10, 3600, false, '123456']);
  assert.equal(shown.oAuthProviders.find((one) => one.key === 'github').secret, '');
  await projects.update({ projectId, name: 'Shop' });
  await projects.delete({ projectId });
  await refused(projects.get({ projectId }), 404, 'project_not_found');
});

it('looks after people in admin mode', async () => {
  const users = new Users(client(project, 'admin'));
  const user = await users.create({ userId: 'walter', email: 'walter@example.com', password: 'correct horse 1' });
  assert.equal((await users.list({ search: 'walter' })).users[0].$id, user.$id);
  assert.equal((await users.updateStatus({ userId: 'walter', status: false })).status, false);
  const usage = await users.getUsage({ range: '24h' });
  assert.deepEqual([usage.range, usage.usersTotal, usage.users.length, usage.sessions.length], ['24h', 1, 24, 24]);
  assert.equal((await users.getUsage()).range, '30d');
  await refused(users.getUsage({ range: '1y' }), 400, 'general_argument_invalid');
  await users.delete({ userId: 'walter' });
});
