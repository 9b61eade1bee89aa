// What docs/operate/production.md tells an operator to do is done here: its commands in their order, with addresses and paths of the test's own.
import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server.mjs';
import { postOffice } from './smtp.mjs';
import { textOffice } from './texts.mjs';

const binary = new URL('../bin/latchkey', import.meta.url).pathname;
const paper = readFileSync(new URL('../docs/operate/production.md', import.meta.url), 'utf8');
/** The commands below a headline; those for root prepare the machine and are left out. */
const commands = (headline) => [...paper.split(`\n## ${headline}\n`)[1].split('\n## ')[0].matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text).join('\n');

let home, post, texts, base, environment, server;
before(async () => {
  home = mkdtempSync(join(tmpdir(), 'latchkey-operate-'));
  for (const name of ['etc', 'data', 'bin']) mkdirSync(join(home, name));
  execFileSync('ln', ['-s', binary, join(home, 'bin', 'latchkey')]);
  [post, texts] = await Promise.all([postOffice(), textOffice()]);
  base = `127.0.0.1:${await freePort()}`;
  environment = { ...process.env, PATH: `${join(home, 'bin')}:${process.env.PATH}`, SSL_CERT_FILE: post.ca, LATCHKEY_CONFIG: join(home, 'etc', 'latchkey.yaml'),
    LATCHKEY_ALLOW_PRIVATE: '127.0.0.0/8' }; // where the sender of text messages is
});
after(async () => {
  if (server) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
  post?.stop();
  texts?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Runs commands of the paper and returns what they print. */
function run(headline) {
  const text = commands(headline)
    .replace(/smtp:\/\/auth:[^']*/, post.url).replace(/twilio:[^']*/, texts.url)
    .replace('listen: ":443"', `listen: "${base}"`).replace('acme-domain: auth.example.com', `public-url: http://${base}`).replace(/acme-email: .*\n/, '')
    .replaceAll('https://auth.example.com', `http://${base}`).replaceAll('/etc/latchkey', join(home, 'etc')).replaceAll('/var/lib/latchkey', join(home, 'data'))
    .replaceAll('runuser -u latchkey -- ', '');
  return execFileSync('bash', ['-euo', 'pipefail', '-c', text], { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

it('the program and its secrets are put in place', () => {
  assert.match(run('The program'), /latchkey/i);
  run('Secrets');
  assert.match(readFileSync(join(home, 'etc', 'master-key'), 'utf8'), /^[0-9a-f]{64}\n$/);
});

it('a project is declared, a key and an operator are made', () => {
  run('Settings');
  const said = run('The project');
  assert.match(said, /shop/);
  assert.match(said, /boss@example\.com/);
  assert.match(said, /standard_[0-9a-f]+/, 'the key is shown once');
});

it('a code arrives by mail and by text message, and GitHub is where it leads', async () => {
  server = spawn(binary, ['serve'], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (text) => { log += text; });
  for (let waited = 0; ; waited += 50) {
    if (await fetch(`http://${base}/v1/health/version`).then((reply) => reply.ok, () => false)) break;
    assert.ok(waited < 20_000 && server.exitCode === null, `the server does not answer:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const said = run('Does it work?');
  assert.match(said, /"version":"\d/);
  assert.match(said, /301 https:\/\/github\.com\/login\/oauth\/authorize\?.*Iv1\.0123456789abcdef/);
  assert.match((await post.take('walter@example.com')).subject, /\S/);
  assert.match((await texts.take('+4915112345678')).body, /\d{6}/);
});

it('a copy is made while it runs, and the trail is whole', async () => {
  assert.match(run('Backups'), /shop: whole/);
  const users = execFileSync('sqlite3', [join(home, 'data', 'backup.db'), "select count(*) from users where project_id = 'shop'"], { encoding: 'utf8' });
  assert.equal(users.trim(), '2');
});
