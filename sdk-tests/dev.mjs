// Starts `latchkey dev` on a free port with data of its own, and stops it by its pid.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './server.mjs';

const binary = new URL('../bin/latchkey', import.meta.url).pathname;

/** Starts a development server. Options: args (more flags), env (more of the environment). */
export async function startDev({ args = [], env = {} } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-dev-'));
  const port = await freePort();
  const child = spawn(binary, ['dev', '--data', directory, '--listen', `127.0.0.1:${port}`, '--hash-memory', '8', '--hash-time', '1', ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let log = '';
  child.stdout.on('data', (text) => { printed += text; });
  child.stderr.on('data', (text) => { log += text; });
  let ended = false;
  const over = new Promise((resolve) => child.once('exit', () => { ended = true; resolve(); }));
  const deadline = Date.now() + 60_000;
  while (!printed.includes('Stop with Ctrl-C')) {
    if (ended || Date.now() > deadline) throw new Error(`the server does not answer:\n${printed}${log}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const line = (name) => new RegExp(`^ +${name} +(\\S+)`, 'm').exec(printed)?.[1];
  const site = `http://localhost:${port}`;
  return {
    port, site, printed, endpoint: line('endpoint'), key: line('API key'), mailbox: line('mailbox'), console: line('console'), token: line('token'),
    log: () => log,
    /** Waits for a message to somebody; returns the newest. */
    async message(to, headers = {}) {
      const until = Date.now() + 20_000;
      for (;;) {
        const [newest] = await (await fetch(`${site}/v1/dev/messages?to=${encodeURIComponent(to)}`, { headers })).json();
        if (newest) return newest;
        if (Date.now() > until) throw new Error(`no message to ${to}:\n${log}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      child.kill('SIGTERM');
      await over;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
