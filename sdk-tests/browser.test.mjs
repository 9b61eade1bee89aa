// The web SDK in a real browser: from an allowed origin, from a foreign one, and over TLS from another site.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { chromium } from 'playwright-core';
import { freePort, project, start } from './server.mjs';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const sdk = readFileSync(new URL('./node_modules/appwrite-28/dist/iife/sdk.js', import.meta.url));
const page = '<!doctype html><meta charset="utf-8"><title>App</title><script src="/sdk.js"></script>';
const password = 'correct horse 1';
let count = 0;
const fresh = () => `b${process.pid}-${++count}@example.com`;

/** Serves the app: a page and the SDK. */
function app(tls) {
  const answer = (request, response) => {
    const script = request.url === '/sdk.js';
    response.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' });
    response.end(script ? sdk : page);
  };
  const server = tls ? createSecureServer(tls, answer) : createServer(answer);
  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, close: () => server.close() })); });
}

/** A browser whose names all lead to this machine. */
const launch = {
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1', '--ignore-certificate-errors'],
};

/** Runs the main job on the page and tells what came of it. */
const job = (tab, endpoint, email) => tab.evaluate(async ([endpoint, project, email, password]) => {
  const { Client, Account } = window.Appwrite;
  const account = new Account(new Client().setEndpoint(endpoint).setProject(project));
  const failure = (error) => ({ code: error.code, type: error.type, message: String(error.message) });
  const out = {};
  try {
    out.created = await account.create({ userId: 'unique()', email, password, name: 'Walter' });
    out.session = await account.createEmailPasswordSession({ email, password });
    out.account = await account.get();
    out.fallback = window.localStorage.getItem('cookieFallback');
    await account.deleteSession({ sessionId: 'current' });
    out.after = await account.get().catch(failure);
  } catch (error) {
    out.failed = failure(error);
  }
  return out;
}, [endpoint, project, email, password]);

describe('the web SDK in Chromium', { skip: executablePath || process.env.LATCHKEY_REQUIRE === 'all' ? false : 'LEFT OUT: no Chromium' }, () => {
  let browser;
  let server;
  let web;
  before(async () => {
    browser = await chromium.launch(launch);
    server = await start();
    web = await app();
  });
  after(async () => {
    web?.close();
    await browser?.close();
    await server?.stop();
  });

  it('signs up, in and out from an allowed origin, by cookie', async () => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(`http://localhost:${web.port}/`);
    const email = fresh();
    const out = await job(tab, server.endpoint, email);
    assert.equal(out.failed, undefined);
    assert.equal(out.account.email, email);
    assert.equal(out.session.secret, '');
    assert.equal(out.session.clientName, 'Headless Chrome');
    assert.deepEqual([out.after.code, out.after.type], [401, 'general_unauthorized_scope']);
    await context.close();
  });

  it('stays signed in by cookie after a reload, without the fallback', async () => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(`http://localhost:${web.port}/`);
    const email = fresh();
    await tab.evaluate(async ([endpoint, project, email, password]) => {
      const account = new window.Appwrite.Account(new window.Appwrite.Client().setEndpoint(endpoint).setProject(project));
      await account.create({ userId: 'unique()', email, password });
      await account.createEmailPasswordSession({ email, password });
      window.localStorage.clear();
    }, [server.endpoint, project, email, password]);
    await tab.reload();
    const name = await tab.evaluate(async ([endpoint, project]) => (await new window.Appwrite.Account(new window.Appwrite.Client()
      .setEndpoint(endpoint).setProject(project)).get()).email, [server.endpoint, project]);
    assert.equal(name, email);
    const cookies = await context.cookies();
    assert.ok(cookies.some((cookie) => cookie.name === 'a_session_demo_legacy' && cookie.httpOnly));
    await context.close();
  });

  it('is refused from a foreign origin, which can read nothing', async () => {
    const tab = await browser.newPage();
    await tab.goto(`http://evil.test:${web.port}/`);
    const out = await job(tab, server.endpoint, fresh());
    assert.equal(out.created, undefined);
    assert.ok(out.failed, 'the page was let in');
    assert.equal(out.failed.code ?? 0, 0, 'the browser keeps the answer from the page');
    await tab.close();
  });
});

describe('over TLS from another site', { skip: executablePath || process.env.LATCHKEY_REQUIRE === 'all' ? false : 'LEFT OUT: no Chromium' }, () => {
  let directory;
  let tls;
  let server;
  let web;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
    const [certificate, privateKey] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=api.other.test',
      '-addext', 'subjectAltName=DNS:api.other.test,DNS:app.example.test', '-keyout', privateKey, '-out', certificate], { stdio: 'ignore' });
    tls = { cert: readFileSync(certificate), key: readFileSync(privateKey) };
    const port = await freePort();
    server = await start({ scheme: 'https', host: 'api.other.test', publicURL: `https://api.other.test:${port}`, args: ['--tls-cert', certificate, '--tls-key', privateKey] });
    web = await app(tls);
  });
  after(async () => {
    web?.close();
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  // An ordinary profile keeps third-party cookies; a private window, which is what a new context is, blocks them.
  const ordinary = async () => {
    const profile = join(directory, 'profile');
    mkdirSync(join(profile, 'Default'), { recursive: true });
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }));
    return chromium.launchPersistentContext(profile, { ...launch, ignoreHTTPSErrors: true });
  };
  const privately = async () => {
    const browser = await chromium.launch(launch);
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    context.once('close', () => browser.close());
    return context;
  };
  for (const [name, open, byCookie] of [
    ['keeps third-party cookies where the browser does', ordinary, true],
    ['falls back to its own storage where the browser blocks them', privately, false],
  ]) {
    it(name, async () => {
      const context = await open();
      try {
        const tab = await context.newPage();
        await tab.goto(`https://app.example.test:${web.port}/`);
        const email = fresh();
        const out = await job(tab, server.endpoint, email);
        assert.equal(out.failed, undefined);
        assert.equal(out.account.email, email);
        assert.match(out.fallback, /a_session_demo/);
        assert.equal(out.after.code, 401);
        const kept = await tab.evaluate(async ([endpoint, project, email, password]) => {
          const account = new window.Appwrite.Account(new window.Appwrite.Client().setEndpoint(endpoint).setProject(project));
          await account.createEmailPasswordSession({ email, password });
          window.localStorage.removeItem('cookieFallback');
          return account.get().then(() => true, () => false);
        }, [server.endpoint, project, email, password]);
        assert.equal(kept, byCookie, 'whether the cookie alone keeps the person signed in');
        const sent = (await context.cookies(server.endpoint)).filter((cookie) => cookie.name === 'a_session_demo');
        for (const cookie of sent) assert.deepEqual([cookie.secure, cookie.httpOnly, cookie.sameSite], [true, true, 'None']);
      } finally {
        await context.close();
      }
    });
  }
});
