// Writes the lists embedded in internal/check: common passwords, disposable and free mail domains.
// Usage: npm ci --ignore-scripts && node generate.mjs
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const target = new URL('../../internal/check/data/', import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(`./node_modules/${path}`, import.meta.url), 'utf8'));

function write(name, lines) {
  const sorted = [...new Set(lines)].sort();
  if (sorted.length < 1000) throw new Error(`${name}: only ${sorted.length} lines`);
  mkdirSync(target, { recursive: true });
  writeFileSync(new URL(`${name}.txt.gz`, target), gzipSync(sorted.join('\n') + '\n', { level: 9 }));
  console.log(name, sorted.length);
}

const domain = (text) => text.trim().toLowerCase();
// Shorter ones fail by their length before the list is asked.
write('passwords', read('@zxcvbn-ts/language-common/src/passwords.json').filter((p) => p.length >= 8 && !/[\n\0]/.test(p)));
write('disposable', read('disposable-email-domains-js/dist/dict/disposable_email_blocklist.json').map(domain));
write('free', read('free-email-domains/domains.json').map(domain));
