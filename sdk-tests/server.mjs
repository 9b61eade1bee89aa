// Starts the built server on a free port with data of its own, and stops it by its pid.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';

const binary = new URL('../bin/latchkey', import.meta.url).pathname;
export const project = 'demo';
export const key = 'standard_' + 'c0ffee'.repeat(20);
export const poorKey = 'standard_' + 'decade'.repeat(20);

const declaration = (extra) => `projects:
  - id: ${project}
    name: Demo
    platforms:
      - {type: web, id: local, hostname: localhost}
      - {type: web, id: app, hostname: app.example.test}
      - {type: apple, id: ios, bundleIdentifier: com.example.app}
      - {type: android, id: android, applicationId: com.example.app}
    keys:
      - {id: server, scopes: ["*"], secret: "${key}"}
      - {id: poor, scopes: [locale.read], secret: "${poorKey}"}
${extra}`;

/** Finds a port nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Makes a database of its own on the PostgreSQL that the test script runs; returns its address. */
function freshDatabase() {
  const server = process.env.LATCHKEY_TEST_POSTGRES;
  if (!server) throw new Error('LATCHKEY_TEST_POSTGRES names no PostgreSQL');
  const name = 'sdk_' + randomBytes(6).toString('hex');
  execFileSync('psql', [server, '-qc', `create database ${name}`]);
  const address = new URL(server);
  address.pathname = '/' + name;
  return { address: address.toString(), drop: () => execFileSync('psql', [server, '-qc', `drop database ${name} with (force)`]) };
}

/** Starts a server. Options: engine, args (more flags), extra (more of the declared project), publicURL, scheme. */
export async function start({ engine = process.env.ENGINE || 'sqlite', args = [], extra = '', publicURL, scheme = 'http', host = 'localhost', quick = true, port } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-sdk-'));
  port ??= await freePort();
  const file = join(directory, 'project.yaml');
  writeFileSync(file, declaration(extra));
  const env = { ...process.env, LATCHKEY_MASTER_KEY: '00'.repeat(31) + '01' };
  let database;
  if (engine === 'postgres') {
    database = freshDatabase();
    env.LATCHKEY_DATABASE = database.address;
  }
  const flags = ['serve', '--listen', `127.0.0.1:${port}`, '--data', join(directory, 'data'), '--apply', file,
    '--public-url', publicURL ?? `${scheme}://${host}:${port}`, '--rate-limits', 'off', '--log-format', 'text', ...args];
  if (quick) flags.push('--hash-memory', '8', '--hash-time', '1');
  const child = spawn(binary, flags, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stdout.on('data', (text) => { log += text; });
  child.stderr.on('data', (text) => { log += text; });
  let ended = false;
  const over = new Promise((resolve) => child.once('exit', () => { ended = true; resolve(); }));
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (ended || Date.now() > deadline) throw new Error(`the server does not answer:\n${log}`);
    const up = await new Promise((resolve) => {
      import('node:net').then(({ connect }) => {
        const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
        socket.once('error', () => resolve(false));
      });
    });
    if (up) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    port, engine, directory, env,
    endpoint: `${scheme}://${host}:${port}/v1`,
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      await over;
      database?.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
