// What the README shows is what happens: its first lines of code, run against the built server.
import { after, before, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { start } from './server.mjs';

let server;
before(async () => { server = await start(); });
after(async () => { await server?.stop(); });

it('the README signs up and in with the official web SDK', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, code] = readme.match(/```js\n([\s\S]*?)```/) ?? [];
  assert.ok(code, 'the README shows no code');
  assert.ok(code.trim().split('\n').length <= 6, 'five lines, and the import');
  const here = code.replace("from 'appwrite'", "from 'appwrite-28'").replace('http://localhost:8080/v1', server.endpoint);
  assert.ok(here.includes(server.endpoint) && here.includes('appwrite-28'));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', here], { cwd: new URL('.', import.meta.url).pathname });
  assert.match(stdout, /email \d{4}-\d\d-\d\dT/);
});
