// Passkeys in a real browser with its virtual authenticator, through what the official web SDK calls every route with.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { key, project, start } from './server.mjs';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const sdk = readFileSync(new URL('./node_modules/appwrite-28/dist/iife/sdk.js', import.meta.url));
const guide = readFileSync(new URL('../docs/guide/passkeys.md', import.meta.url), 'utf8');
// The functions that the guide shows are the ones that run here.
const functions = guide.match(/<!-- runs -->\n```js\n([\s\S]*?)```/)[1];
const page = '<!doctype html><meta charset="utf-8"><title>App</title><script src="/sdk.js"></script><script src="/app.js"></script>';
const password = 'correct horse 1';
let count = 0;
const fresh = () => `p${process.pid}-${++count}@example.com`;

/** Serves the app: a page, the SDK, and the functions of the guide; what is below /.well-known/ is handed on, as the guide says. */
function app(tls, known) {
  const files = { '/sdk.js': sdk, '/app.js': `${functions}\nObject.assign(window, { addPasskey, signInWithPasskey, provePasskey });` };
  const answer = async (request, response) => {
    if (known && request.url.startsWith('/.well-known/')) {
      const reply = await fetch(`${known}${request.url}?project=${project}`);
      response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') });
      response.end(await reply.text());
      return;
    }
    const file = files[request.url];
    response.writeHead(200, { 'content-type': file ? 'text/javascript' : 'text/html' });
    response.end(file ?? page);
  };
  const server = tls ? createSecureServer(tls, answer) : createServer(answer);
  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port, close: () => server.close() })); });
}

const launch = {
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1'],
};

/** A virtual authenticator in front of a page: built into the device, with a person who passes its check or does not. */
async function authenticator(tab, options = {}) {
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
    hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options } });
  return {
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    add: (credential) => cdp.send('WebAuthn.addCredential', { authenticatorId, credential }),
    verified: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

/** Runs a function on the page with a client of the SDK, and tells how it ended. */
const job = (tab, endpoint, run, ...given) => tab.evaluate(async ([source, endpoint, project, given]) => {
  const client = new window.Appwrite.Client().setEndpoint(endpoint).setProject(project);
  const account = new window.Appwrite.Account(client);
  const call = (method, path, body = {}) => client.call(method, new URL(endpoint + path), { 'X-Appwrite-Project': project, 'content-type': 'application/json' }, body);
  try {
    return await (0, eval)(`(${source})`)({ client, account, call }, ...given);
  } catch (error) {
    return { failed: { code: error.code, type: error.type, name: error.name, message: String(error.message) } };
  }
}, [run.toString(), endpoint, project, given]);

describe('passkeys in Chromium', { skip: executablePath || process.env.LATCHKEY_REQUIRE === 'all' ? false : 'LEFT OUT: no Chromium' }, () => {
  let browser;
  let server;
  let web;
  before(async () => {
    browser = await chromium.launch(launch);
    server = await start({ extra: '    policies:\n      passkeys: {enabled: true}\n' });
    web = await app();
  });
  after(async () => {
    web?.close();
    await browser?.close();
    await server?.stop();
  });

  /** A page of the app with an authenticator and somebody who has just signed up and in. */
  const opened = async (options) => {
    const context = await browser.newContext();
    const tab = await context.newPage();
    await tab.goto(`http://localhost:${web.port}/`);
    const device = await authenticator(tab, options);
    const email = fresh();
    const user = await job(tab, server.endpoint, async ({ account }, email, password) => {
      const made = await account.create({ userId: 'unique()', email, password, name: 'Walter' });
      await account.createEmailPasswordSession({ email, password });
      return made;
    }, email, password);
    assert.ok(user.$id, JSON.stringify(user));
    return { tab, device, email, user, close: () => context.close() };
  };

  it('adds, lists and names one, signs in with it without any name, and removes it', async () => {
    const { tab, device, email, user, close } = await opened();
    const made = await job(tab, server.endpoint, ({ client }) => window.addPasskey(client, 'Laptop'));
    assert.equal(made.name, 'Laptop', JSON.stringify(made));
    assert.equal(made.rpId, 'localhost');
    assert.equal((await device.credentials())[0].isResidentCredential, true);
    const listed = await job(tab, server.endpoint, ({ call }) => call('get', '/account/passkeys'));
    assert.deepEqual([listed.total, listed.passkeys[0].$id, listed.passkeys[0].usedAt], [1, made.$id, '']);
    const renamed = await job(tab, server.endpoint, ({ call }, id) => call('patch', `/account/passkeys/${id}`, { name: 'Work laptop' }), made.$id);
    assert.equal(renamed.name, 'Work laptop');
    const twice = await job(tab, server.endpoint, ({ client }) => window.addPasskey(client, 'The same again'));
    assert.equal(twice.failed?.name, 'InvalidStateError', 'the browser knows from excludeCredentials that this device has one');

    await job(tab, server.endpoint, ({ account }) => account.deleteSession({ sessionId: 'current' }));
    const session = await job(tab, server.endpoint, ({ client }) => window.signInWithPasskey(client));
    assert.deepEqual([session.provider, session.providerUid, session.userId, session.factors], ['passkey', made.$id, user.$id, ['passkey', 'userVerification']], JSON.stringify(session));
    const me = await job(tab, server.endpoint, ({ account }) => account.get());
    assert.equal(me.email, email);
    const used = await job(tab, server.endpoint, ({ call }) => call('get', '/account/passkeys'));
    assert.notEqual(used.passkeys[0].usedAt, '');

    // With the id of somebody only theirs answers.
    await job(tab, server.endpoint, ({ account }) => account.deleteSession({ sessionId: 'current' }));
    const stranger = await job(tab, server.endpoint, ({ client }) => window.signInWithPasskey(client, 'somebody'));
    assert.deepEqual([stranger.failed?.code, stranger.failed?.type], [401, 'user_passkey_invalid']);
    const known = await job(tab, server.endpoint, ({ client }, id) => window.signInWithPasskey(client, id), user.$id);
    assert.equal(known.userId, user.$id);

    await job(tab, server.endpoint, ({ call }, id) => call('delete', `/account/passkeys/${id}`), made.$id);
    await job(tab, server.endpoint, ({ account }) => account.deleteSession({ sessionId: 'current' }));
    const gone = await job(tab, server.endpoint, ({ client }) => window.signInWithPasskey(client));
    assert.deepEqual([gone.failed?.code, gone.failed?.type], [401, 'user_passkey_invalid'], JSON.stringify(gone));
    await close();
  });

  it('proves one as the second factor after a password', async () => {
    const { tab, email, close } = await opened();
    await job(tab, server.endpoint, ({ client }) => window.addPasskey(client, 'Laptop'));
    await job(tab, server.endpoint, async ({ account }) => {
      await account.updateMFA({ mfa: true });
      await account.deleteSession({ sessionId: 'current' });
    });
    const half = await job(tab, server.endpoint, async ({ account }, email, password) => {
      await account.createEmailPasswordSession({ email, password });
      const missing = await account.get().catch((error) => error.type);
      return { missing, factors: await account.listMFAFactors() };
    }, email, password);
    assert.deepEqual(half, { missing: 'user_more_factors_required', factors: { totp: false, phone: false, email: false, recoveryCode: false, custom: false, passkey: true } });
    const whole = await job(tab, server.endpoint, ({ client }) => window.provePasskey(client));
    assert.deepEqual(whole.factors, ['password', 'passkey'], JSON.stringify(whole));
    const me = await job(tab, server.endpoint, ({ account }) => account.get());
    assert.equal(me.email, email);
    // A sign-in with the passkey alone needs no second step.
    await job(tab, server.endpoint, ({ account }) => account.deleteSession({ sessionId: 'current' }));
    const alone = await job(tab, server.endpoint, async ({ client, account }) => {
      await window.signInWithPasskey(client);
      return account.get();
    });
    assert.equal(alone.email, email, JSON.stringify(alone));
    await close();
  });

  it('refuses a person whom the device has not verified', async () => {
    const { tab, device, close } = await opened();
    await job(tab, server.endpoint, ({ client }) => window.addPasskey(client, 'Laptop'));
    await job(tab, server.endpoint, ({ account }) => account.deleteSession({ sessionId: 'current' }));
    await device.verified(false);
    const refused = await job(tab, server.endpoint, ({ client }) => window.signInWithPasskey(client));
    assert.equal(refused.failed?.name, 'NotAllowedError', JSON.stringify(refused));
    await close();
  });

  it('refuses a copy: a counter that does not rise', async () => {
    const { tab, device, close } = await opened();
    await job(tab, server.endpoint, ({ client }) => window.addPasskey(client, 'Laptop'));
    const [copy] = await device.credentials();
    await job(tab, server.endpoint, async ({ client, account }) => {
      await account.deleteSession({ sessionId: 'current' });
      await window.signInWithPasskey(client);
      await account.deleteSession({ sessionId: 'current' });
    });
    const context = await browser.newContext();
    const elsewhere = await context.newPage();
    await elsewhere.goto(`http://localhost:${web.port}/`);
    const other = await authenticator(elsewhere);
    await other.add(copy);
    const refused = await job(elsewhere, server.endpoint, ({ client }) => window.signInWithPasskey(client));
    assert.deepEqual([refused.failed?.code, refused.failed?.type], [401, 'user_passkey_invalid'], JSON.stringify(refused));
    assert.match(server.log(), /a passkey was refused because its counter did not rise/);
    await context.close();
    await close();
  });

  it('takes no answer from another page, whatever it signs', async () => {
    const { tab, close } = await opened();
    const foreign = await browser.newContext();
    const evil = await foreign.newPage();
    await evil.goto(`http://evil.localhost:${web.port}/`);
    await authenticator(evil);
    // The page is a secure one to the browser; the server keeps it out before it gets a challenge.
    const out = await job(evil, server.endpoint, ({ client }) => window.signInWithPasskey(client));
    assert.ok(out.failed, 'the page was let in');
    // A challenge that it has got by other means it signs for its own domain alone, and that is refused.
    const ask = (path, session) => fetch(`${server.endpoint}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-appwrite-project': project,
      origin: `http://localhost:${web.port}`, ...session }, body: '{}' }).then((reply) => reply.json());
    const cookies = await tab.context().cookies();
    const cookie = { cookie: cookies.filter((one) => one.name === `a_session_${project}_legacy`).map((one) => `a_session_${project}=${one.value}`).join('; ') };
    const asked = await ask('/account/passkeys/challenges', cookie);
    assert.equal(asked.options?.rp.id, 'localhost', JSON.stringify(asked));
    const made = await evil.evaluate(async (options) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({ ...options, rp: { id: location.hostname, name: 'Evil' } });
      return (await navigator.credentials.create({ publicKey })).toJSON();
    }, asked.options);
    const reply = await fetch(`${server.endpoint}/account/passkeys`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-appwrite-project': project, ...cookie },
      body: JSON.stringify({ challengeId: asked.$id, credential: made }) });
    assert.deepEqual([reply.status, (await reply.json()).type], [401, 'user_passkey_invalid']);
    await foreign.close();
    await close();
  });

  it('names nobody to strangers, and lets a server take a lost one away', async () => {
    const { tab, user, close } = await opened();
    const made = await job(tab, server.endpoint, ({ client }) => window.addPasskey(client, 'Lost'));
    const ask = (body) => fetch(`${server.endpoint}/account/sessions/passkey/challenges`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-appwrite-project': project,
      origin: `http://localhost:${web.port}` }, body: JSON.stringify(body) }).then((reply) => reply.json());
    const [known, unknown] = [await ask({ userId: user.$id }), await ask({ userId: 'nobody' })];
    for (const asked of [known, unknown]) assert.deepEqual({ ...asked.options, challenge: '' }, { challenge: '', timeout: 300000, rpId: 'localhost', allowCredentials: [], userVerification: 'required' });
    const headers = { 'x-appwrite-project': project, 'x-appwrite-key': key };
    const list = await (await fetch(`${server.endpoint}/users/${user.$id}/passkeys`, { headers })).json();
    assert.deepEqual([list.total, list.passkeys[0].$id], [1, made.$id]);
    assert.equal((await fetch(`${server.endpoint}/users/${user.$id}/passkeys/${made.$id}`, { method: 'DELETE', headers })).status, 204);
    const gone = await job(tab, server.endpoint, async ({ client, account }) => {
      await account.deleteSession({ sessionId: 'current' });
      return window.signInWithPasskey(client);
    });
    assert.equal(gone.failed?.type, 'user_passkey_invalid');
    await close();
  });
});

describe('passkeys of one domain on pages of several', { skip: executablePath || process.env.LATCHKEY_REQUIRE === 'all' ? false : 'LEFT OUT: no Chromium' }, () => {
  let directory;
  let server;
  let web;
  let browser;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-passkeys-'));
    const [certificate, privateKey] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=example.test',
      '-addext', 'subjectAltName=DNS:example.test,DNS:app.example.test,DNS:other.test,DNS:a.wild.test', '-keyout', privateKey, '-out', certificate], { stdio: 'ignore' });
    server = await start({ extra: '    policies:\n      passkeys: {enabled: true, rpIds: [example.test]}\n' });
    web = await app({ cert: readFileSync(certificate), key: readFileSync(privateKey) }, server.endpoint.replace('/v1', ''));
    // Browsers know related pages by their whole origin, so the names stand on the usual port.
    browser = await chromium.launch({ ...launch, args: [...launch.args.filter((arg) => !arg.startsWith('--host-resolver')), '--ignore-certificate-errors',
      `--host-resolver-rules=MAP *.test:443 127.0.0.1:${web.port}`] });
  });
  after(async () => {
    web?.close();
    await browser?.close();
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const platform = (method, path, body) => fetch(`${server.endpoint}/project/platforms${path}`, { method, headers: { 'content-type': 'application/json', 'x-appwrite-project': project,
    'x-appwrite-key': key }, body: JSON.stringify(body) });

  it('works on the pages that the domain names, and on no others', async () => {
    for (const [platformId, hostname] of [['other', 'other.test'], ['wild', '*.wild.test']]) {
      assert.equal((await platform('POST', '/web', { platformId, name: platformId, hostname })).status, 201);
    }
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const tab = await context.newPage();
    await tab.goto('https://app.example.test/');
    await authenticator(tab);
    const email = fresh();
    const made = await job(tab, server.endpoint, async ({ client, account }, email, password) => {
      await account.create({ userId: 'unique()', email, password });
      await account.createEmailPasswordSession({ email, password });
      return window.addPasskey(client, 'Laptop');
    }, email, password);
    assert.equal(made.rpId, 'example.test', JSON.stringify(made));
    const there = async (page) => {
      await tab.goto(page);
      return job(tab, server.endpoint, async ({ client, account }) => {
        await account.deleteSession({ sessionId: 'current' }).catch(() => {});
        await window.signInWithPasskey(client);
        return account.get();
      });
    };
    assert.equal((await there('https://other.test/')).email, email);
    // A pattern cannot be listed: its pages may ask the server, and the browser finds them in no list.
    const unlisted = await there('https://a.wild.test/');
    assert.equal(unlisted.failed?.name, 'SecurityError', JSON.stringify(unlisted));
    assert.equal((await platform('DELETE', '/other')).status, 204);
    const refused = await there('https://other.test/');
    assert.ok(refused.failed && refused.failed.name !== 'SecurityError', 'a page that is no platform is kept out by the server');
    await context.close();
  });
});
