// Sign-in at a real OpenID provider, with the official SDKs of both ends and in a browser; and the provider to play
// with of the development server.
import { after, before, beforeEach, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import makeFetchCookie from 'fetch-cookie';
import { chromium } from 'playwright-core';
import { CookieJar } from 'tough-cookie';
import { startDev } from './dev.mjs';
import { startProvider } from './op.mjs';
import { freePort, key, project, start } from './server.mjs';

const require = createRequire(import.meta.url);
const success = 'http://localhost/success';
const failure = 'http://localhost/failure';
const settings = (issuer) => `    oauth2:
      oidc: {enabled: true, clientId: app, clientSecret: secret-of-the-app, wellKnownURL: "${issuer}/.well-known/openid-configuration"}
`;

/** Follows redirects as a browser does, with its cookies, until an address of the app is reached. */
async function follow(fetch, address) {
  for (let hops = 0; hops < 20; hops++) {
    if (address.startsWith('http://localhost/')) return new URL(address);
    const answer = await fetch(address, { redirect: 'manual', headers: { accept: 'application/json' } });
    const next = answer.headers.get('location');
    if (!next) return { status: answer.status, body: await answer.json().catch(() => undefined) };
    address = new URL(next, address).toString();
  }
  throw new Error(`no end at ${address}`);
}

const browserOf = () => makeFetchCookie(fetch, new CookieJar());
const told = (url) => JSON.parse(url.searchParams.get('error'));

let server;
let provider;
before(async () => {
  // The provider knows our callback, and we know its address: one of the two has to be chosen first.
  const port = await freePort();
  const callback = `http://localhost:${port}/v1/account/sessions/oauth2/callback/oidc/${project}`;
  provider = await startProvider(callback);
  server = await start({ port, args: ['--allow-private', '127.0.0.0/8'], extra: settings(provider.issuer) });
});
after(async () => {
  await server?.stop();
  await provider?.close();
});
beforeEach(() => Object.assign(provider, { who: 'ada', consent: true, fault: undefined }));

const begin = (kind, extra = {}) => {
  const address = new URL(`${server.endpoint}/account/${kind}/oauth2/oidc`);
  for (const [name, value] of Object.entries({ project, success, failure, ...extra })) address.searchParams.set(name, value);
  return address.toString();
};

describe('the token flow', () => {
  for (const version of ['14', '27']) {
    it(`is started by node-appwrite ${version} and finished in any browser`, async () => {
      const { Client, Account } = require(`node-appwrite-${version}`);
      const account = new Account(new Client().setEndpoint(server.endpoint).setProject(project).setKey(key));
      const at = version === '14' ? await account.createOAuth2Token('oidc', success, failure, ['profile']) : await account.createOAuth2Token({ provider: 'oidc', success, failure, scopes: ['profile'] });
      const landed = await follow(browserOf(), at);
      assert.equal(landed.pathname, '/success');
      const [userId, secret] = [landed.searchParams.get('userId'), landed.searchParams.get('secret')];
      const session = version === '14' ? await account.createSession(userId, secret) : await account.createSession({ userId, secret });
      assert.equal(session.provider, 'oidc');
      assert.equal(session.providerUid, 'ada');
      assert.ok(session.providerAccessToken && session.providerRefreshToken);
      const mine = new Account(new Client().setEndpoint(server.endpoint).setProject(project).setSession(session.secret));
      const me = await mine.get();
      assert.deepEqual([me.email, me.emailVerification, me.name], ['ada@example.test', true, 'Ada Lovelace']);
      const renewed = version === '14' ? await mine.updateSession('current') : await mine.updateSession({ sessionId: 'current' });
      assert.notEqual(renewed.providerAccessToken, session.providerAccessToken);
      assert.notEqual(renewed.providerRefreshToken, session.providerRefreshToken);
      await assert.rejects(version === '14' ? account.createSession(userId, secret) : account.createSession({ userId, secret }), { type: 'user_invalid_token' });
    });
  }

  for (const version of ['06', '31']) {
    it(`is started by react-native-appwrite ${version} in the browser of a phone`, async () => {
      const { Client, Account } = require(`react-native-appwrite-${version}`);
      const account = new Account(new Client().setEndpoint(server.endpoint).setProject(project).setPlatform('com.example.app'));
      const at = version === '06' ? account.createOAuth2Token('oidc', success, failure) : account.createOAuth2Token({ provider: 'oidc', success, failure });
      const landed = await follow(browserOf(), at.toString());
      const [userId, secret] = [landed.searchParams.get('userId'), landed.searchParams.get('secret')];
      const session = version === '06' ? await account.createSession(userId, secret) : await account.createSession({ userId, secret });
      assert.equal(session.provider, 'oidc');
    });
  }
});

describe('what goes wrong', () => {
  it('the person says no', async () => {
    provider.consent = false;
    const landed = await follow(browserOf(), begin('sessions'));
    assert.equal(landed.pathname, '/failure');
    assert.equal(told(landed).type, 'user_oauth2_provider_error');
    assert.match(told(landed).message, /access_denied/);
  });

  it('a callback is played again, or in another browser', async () => {
    const browser = browserOf();
    let back;
    const watching = async (address, options) => {
      if (address.includes('/callback/')) back = address;
      return browser(address, options);
    };
    assert.equal((await follow(watching, begin('sessions'))).pathname, '/success');
    assert.equal((await follow(browser, back)).status, 400);
    let stolen;
    const thief = browserOf();
    const stopped = async (address, options) => {
      if (address.includes('/callback/')) { stolen = address; return new Response('', { status: 200 }); }
      return thief(address, options);
    };
    await follow(stopped, begin('sessions'));
    assert.equal((await follow(browserOf(), stolen)).status, 400);
    assert.equal((await follow(thief, stolen)).pathname, '/success');
  });

  it('a code of another sign-in, and a nonce of another one', async () => {
    const codes = [];
    const collect = (browser) => async (address, options) => {
      if (!address.includes('/callback/')) return browser(address, options);
      codes.push(new URL(address));
      return new Response('', { status: 200 });
    };
    const [one, two] = [browserOf(), browserOf()];
    await follow(collect(one), begin('sessions'));
    await follow(collect(two), begin('sessions'));
    codes[1].searchParams.set('code', codes[0].searchParams.get('code'));
    const landed = await follow(two, codes[1].toString());
    assert.equal(told(landed).type, 'user_oauth2_provider_failure');
    // The nonce is changed on the way to the provider, as whoever replays a captured answer would have it.
    const three = browserOf();
    const renamed = async (address, options) => {
      const url = new URL(address);
      if (url.searchParams.has('nonce')) url.searchParams.set('nonce', 'another');
      return three(url.toString(), options);
    };
    assert.match(told(await follow(renamed, begin('sessions'))).message, /nonce/);
  });

  it('an address that the provider does not vouch for joins nobody', async () => {
    const { Client, Account } = require('node-appwrite-27');
    await new Account(new Client().setEndpoint(server.endpoint).setProject(project)).create({ userId: 'unique()', email: 'victim@example.test', password: 'correct horse 1' });
    provider.who = 'mallory';
    assert.equal(told(await follow(browserOf(), begin('sessions'))).type, 'general_bad_request');
    provider.who = 'silent';
    assert.equal(told(await follow(browserOf(), begin('sessions'))).type, 'user_unauthorized');
  });

  it('the provider answers garbage, errors, nothing in time, or is gone', { timeout: 60_000 }, async () => {
    const fail = async (fault) => {
      provider.fault = fault;
      return told(await follow(browserOf(), begin('sessions')));
    };
    const garbage = (ctx) => { ctx.status = 200; ctx.type = 'text/html'; ctx.body = '<html>'; };
    assert.equal((await fail({ path: '/token', answer: garbage })).type, 'user_oauth2_provider_failure');
    assert.equal((await fail({ path: '/token', answer: (ctx) => { ctx.status = 500; ctx.body = { error: 'server_error' }; } })).type, 'user_oauth2_provider_failure');
    assert.equal((await fail({ path: '/me', answer: garbage })).type, 'user_oauth2_provider_error');
    const slow = await fail({ path: '/token', answer: () => new Promise((resolve) => { setTimeout(resolve, 12_000).unref(); }) });
    assert.equal(slow.type, 'user_oauth2_provider_failure');
    assert.match(slow.message, /in time/);
    assert.equal((await fail({ path: '/token', answer: (ctx) => { ctx.respond = false; ctx.res.destroy(); } })).type, 'user_oauth2_provider_failure');
    assert.doesNotMatch(server.log(), /secret-of-the-app/);
  });
});

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

describe('in Chromium', { skip: executablePath || process.env.LATCHKEY_REQUIRE === 'all' ? false : 'LEFT OUT: no Chromium' }, () => {
  const sdk = readFileSync(new URL('./node_modules/appwrite-28/dist/iife/sdk.js', import.meta.url));
  let browser;
  let web;
  let dev;
  before(async () => {
    browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'] });
    const app = createServer((request, response) => {
      const script = request.url === '/sdk.js';
      response.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' });
      response.end(script ? sdk : '<!doctype html><meta charset="utf-8"><title>App</title><script src="/sdk.js"></script>');
    });
    await new Promise((resolve) => app.listen(0, '127.0.0.1', resolve));
    web = { site: `http://localhost:${app.address().port}`, close: () => app.close() };
    dev = await startDev();
  });
  after(async () => {
    await browser?.close();
    web?.close();
    await dev?.stop();
  });

  const leave = (tab, endpoint, id, provider, site) => tab.evaluate(([endpoint, id, provider, site]) => {
    const { Client, Account } = window.Appwrite;
    new Account(new Client().setEndpoint(endpoint).setProject(id)).createOAuth2Session({ provider, success: `${site}/success`, failure: `${site}/failure` });
  }, [endpoint, id, provider, site]);
  const who = (tab, endpoint, id) => tab.evaluate(([endpoint, id]) => {
    const { Client, Account } = window.Appwrite;
    return new Account(new Client().setEndpoint(endpoint).setProject(id)).get();
  }, [endpoint, id]);

  it('the web SDK signs in at the provider, by cookie', async () => {
    const tab = await (await browser.newContext()).newPage();
    await tab.goto(`${web.site}/`);
    await leave(tab, server.endpoint, project, 'oidc', web.site);
    await tab.waitForURL(`${web.site}/success**`);
    assert.equal((await who(tab, server.endpoint, project)).email, 'ada@example.test');
  });

  it('at the provider to play with, a person picks who they are', async () => {
    const tab = await (await browser.newContext()).newPage();
    await tab.goto(`${web.site}/`);
    await leave(tab, dev.endpoint, 'demo', 'mock', web.site);
    await tab.waitForSelector('text=Who are you?');
    await tab.fill('input[name=name]', 'Grace');
    await tab.fill('input[name=email]', 'grace@example.test');
    await tab.click('text=Sign in as this person');
    await tab.waitForURL(`${web.site}/success**`);
    const me = await who(tab, dev.endpoint, 'demo');
    assert.deepEqual([me.name, me.email, me.emailVerification], ['Grace', 'grace@example.test', true]);

    const other = await (await browser.newContext()).newPage();
    await other.goto(`${web.site}/`);
    await leave(other, dev.endpoint, 'demo', 'mock', web.site);
    await other.click('text=Refuse');
    await other.waitForURL(`${web.site}/failure**`);
    assert.match(decodeURIComponent(other.url()), /access_denied/);
  });

  it('scripts are somebody at once', async () => {
    const fetch = browserOf();
    const address = new URL(`${dev.endpoint}/account/tokens/oauth2/mock`);
    for (const [name, value] of Object.entries({ project: 'demo', success, failure })) address.searchParams.set(name, value);
    const landed = await follow(fetch, address.toString());
    assert.ok(landed.href.startsWith(`${success}?secret=`));
    const { Client, Account } = require('node-appwrite-27');
    const session = await new Account(new Client().setEndpoint(dev.endpoint).setProject('demo').setKey(dev.key)).createSession({ userId: landed.searchParams.get('userId'), secret: landed.searchParams.get('secret') });
    assert.deepEqual([session.provider, session.providerAccessToken, session.providerRefreshToken], ['mock', '123456', 'tuvwxyz']);
    const unverified = new URL(address);
    unverified.pathname = unverified.pathname.replace(/mock$/, 'mock-unverified');
    assert.equal((await follow(browserOf(), unverified.toString())).pathname, '/success');
    const base = `${dev.endpoint}/mock/tests/general/oauth2`;
    assert.deepEqual(await (await fetch(`${base}/success`)).json(), { result: 'success' });
    const failed = await fetch(`${base}/failure`);
    assert.deepEqual([failed.status, await failed.json()], [400, { result: 'failure' }]);
    assert.deepEqual(await (await fetch(`${base}/user?token=123456`)).json(), { id: 1, name: 'User Name', email: 'useroauth@localhost.test', verified: true });
    assert.deepEqual(await (await fetch(`${base}/user-unverified?token=123456`)).json(), { id: 2, name: 'User Name Unverified', email: 'useroauthunverified@localhost.test', verified: false });
    assert.deepEqual(await (await fetch(`${base}/token?client_id=1&client_secret=123456&grant_type=refresh_token&refresh_token=tuvwxyz`)).json(),
      { access_token: '123456', refresh_token: 'tuvwxyz', expires_in: 14400, token_type: 'bearer' });
    // The production server knows none of it.
    assert.equal((await fetch(`${server.endpoint}/mock/tests/general/oauth2/success`, { headers: { 'x-appwrite-project': project } })).status, 404);
  });
});
