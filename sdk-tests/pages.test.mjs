// The hosted pages and the development mailbox in a real browser: every flow to its end with and without JavaScript,
// as a telephone and as a desktop, in light and dark, in all languages, with axe-core looking over each page.
// SCREENSHOTS=directory keeps pictures.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Account, Client, ID } from 'node-appwrite-27';
import { startDev } from './dev.mjs';
import { start } from './server.mjs';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const skip = executablePath || process.env.LATCHKEY_REQUIRE === 'all' ? false : 'LEFT OUT: no Chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.SCREENSHOTS;
const languages = readdirSync(new URL('../internal/pages/texts', import.meta.url)).map((name) => name.replace('.json', ''));
const desktop = { viewport: { width: 1280, height: 860 } };
const phone = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
};
const password = 'correct horse 1';
let count = 0;
const fresh = () => `p${process.pid}-${++count}@example.com`;

const declaration = `projects:
  - id: demo
    name: Harbour Café
    branding: {accent: "#0f766e"}
    platforms:
      - {type: web, id: local, hostname: localhost}
      - {type: android, id: android, applicationId: com.example.app}
    policies:
      password-strength: {min: 10, number: true}
      password-history: {total: 5}
      password-personal-data: {enabled: true}
`;

/** Fails when axe finds anything. */
async function audit(tab, what) {
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate(() => window.axe.run(document, { iframes: false }));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), [], what);
}

/** Fails when a page is wider than its window. */
async function fits(tab, what) {
  const [page, window] = await tab.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(page <= window, `${what}: ${page} pixels do not fit into ${window}`);
}

async function picture(tab, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await tab.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** The link in the newest mail to somebody. */
const linkIn = (message) => /https?:\/\/\S+/.exec(message.text)[0];

describe('hosted pages and mailbox', { skip }, () => {
  let browser;
  let dev;
  let directory;
  const complaints = [];
  const refusal = /^Failed to load resource: the server responded with a status of 40[0134]/; // what a page of ours is answered with is no complaint

  /** A tab of a new context; what the browser complains about fails the run at its end. */
  const open = async (options = {}) => {
    const context = await browser.newContext({ ...desktop, locale: 'en-GB', ...options });
    const tab = await context.newPage();
    tab.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !refusal.test(message.text())) complaints.push(`${tab.url()}: ${message.text()}`); });
    tab.on('dialog', (dialog) => { complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    tab.on('pageerror', (error) => complaints.push(String(error)));
    return tab;
  };
  const client = () => new Client().setEndpoint(dev.endpoint).setProject('demo');
  const guest = () => new Account(client());
  const user = async (email, name = 'Walter') => {
    const account = new Account(client().setKey(dev.key));
    await account.create({ userId: ID.unique(), email, password, name });
    const session = await account.createEmailPasswordSession({ email, password });
    return new Account(client().setSession(session.secret));
  };
  const magic = async (email = fresh()) => {
    await guest().createMagicURLToken({ userId: ID.unique(), email });
    return linkIn(await dev.message(email));
  };
  const verification = async (base, email = fresh()) => {
    const account = await user(email);
    await account.createEmailVerification({ url: `${dev.site}${base}/verification?project=demo` });
    return { account, link: linkIn(await dev.message(email)) };
  };
  const recovery = async (base, email = fresh()) => {
    await user(email);
    await guest().createRecovery({ email, url: `${dev.site}${base}/recovery?project=demo` });
    return { email, link: linkIn(await dev.message(email)) };
  };
  const signedIn = async (tab) => {
    const answer = await tab.context().request.get(`${dev.endpoint}/account`, { headers: { 'x-appwrite-project': 'demo' } });
    return answer.ok() ? answer.json() : undefined;
  };

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'latchkey-pages-'));
    const file = join(directory, 'project.yaml');
    writeFileSync(file, declaration);
    browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
    dev = await startDev({ args: ['--apply', file, '--rate-limits', 'off'] });
  });
  after(async () => {
    await browser?.close();
    await dev?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';

    it(`signs in by a magic link, ${how}`, async () => {
      const tab = await open({ javaScriptEnabled });
      const email = fresh();
      const link = await magic(email);
      assert.match(link, new RegExp(`^${dev.site}/console/auth/magic-url\\?`));
      await fetch(link); // a scanner of mail
      await fetch(link, { method: 'HEAD' });
      await tab.goto(link);
      assert.equal(await tab.title(), 'Sign in to \u2068Harbour Café\u2069 · Harbour Café');
      if (javaScriptEnabled) await audit(tab, 'magic link');
      await picture(tab, 'magic-desktop');
      await tab.getByRole('button', { name: 'Sign in' }).click();
      await tab.getByRole('heading', { name: 'You are signed in' }).waitFor();
      assert.ok(!tab.url().includes('secret'), tab.url());
      assert.equal((await signedIn(tab)).email, email);
      await tab.goto(link);
      await tab.getByRole('button', { name: 'Sign in' }).click();
      await tab.getByRole('heading', { name: 'This link does not work' }).waitFor();
      if (javaScriptEnabled) await audit(tab, 'used link');
      await tab.context().close();
    });

    it(`confirms an address, ${how}`, async () => {
      const tab = await open({ javaScriptEnabled });
      const { account, link } = await verification('/auth');
      await tab.goto(link);
      if (javaScriptEnabled) await audit(tab, 'verification');
      assert.equal((await account.get()).emailVerification, false);
      await tab.getByRole('button', { name: 'Confirm address' }).click();
      await tab.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
      if (javaScriptEnabled) await audit(tab, 'confirmed');
      assert.equal((await account.get()).emailVerification, true);
      await tab.context().close();
    });

    it(`recovers an account, ${how}`, async () => {
      const tab = await open({ javaScriptEnabled });
      const { email, link } = await recovery('/v1/auth');
      await tab.goto(link);
      if (javaScriptEnabled) await audit(tab, 'recovery');
      const fill = async (first, second) => {
        await tab.getByLabel('New password', { exact: true }).fill(first);
        await tab.getByLabel('New password once more').fill(second);
        await tab.getByRole('button', { name: 'Save password' }).click();
      };
      await fill('one horse 12', 'two horses 12');
      await tab.getByRole('alert').getByText('The two passwords are not the same.').waitFor();
      if (javaScriptEnabled) {
        await audit(tab, 'recovery, refused');
        assert.equal(await tab.evaluate(() => document.activeElement.id), 'password', 'the field that is wrong has the focus');
      }
      await picture(tab, 'recovery-refused-desktop');
      await fill('no digit at all', 'no digit at all');
      await tab.getByText('This password does not meet the conditions.').waitFor();
      await fill('quite another horse 2', 'quite another horse 2');
      await tab.getByRole('heading', { name: 'Your password is changed' }).waitFor();
      await guest().createEmailPasswordSession({ email, password: 'quite another horse 2' });
      await assert.rejects(guest().createEmailPasswordSession({ email, password }), { code: 401 });
      await tab.context().close();
    });
  }

  it('leads from a telephone into the app', async () => {
    const tab = await open(phone);
    await tab.goto(await magic());
    await audit(tab, 'magic link on a telephone');
    await fits(tab, 'magic link on a telephone');
    await picture(tab, 'magic-phone');
    const answer = tab.waitForResponse((response) => response.request().method() === 'POST');
    await tab.getByRole('button', { name: 'Continue in the app' }).click();
    const there = new URL((await answer).headers().location);
    assert.equal(there.protocol, 'appwrite-callback-demo:');
    const session = await guest().createSession({ userId: there.searchParams.get('userId'), secret: there.searchParams.get('secret') });
    assert.equal(session.provider, 'magic-url');
    await tab.context().close(); // it is still on its way into an app that is not there
    const other = await open(phone);
    const { link } = await verification('/console/auth');
    await other.goto(link);
    await other.getByRole('button', { name: 'Confirm address' }).click();
    assert.equal(await other.getByRole('link', { name: 'Back to the app' }).getAttribute('href'), 'appwrite-callback-demo://');
    await audit(other, 'confirmed on a telephone');
    await picture(other, 'confirmed-phone');
    await other.context().close();
  });

  it('is refused to a form of another site', async () => {
    const tab = await open();
    const link = new URL(await magic());
    const form = [...link.searchParams].map(([name, value]) => `<input name="${name}" value="${value}">`).join('');
    await tab.route('http://evil.test/', (route) => route.fulfill({ contentType: 'text/html', body: `<form method="post" action="${link.origin}${link.pathname}">${form}<button>Win</button></form>` }));
    await tab.goto('http://evil.test/');
    await tab.getByRole('button').click();
    await tab.getByRole('heading', { name: 'This form is out of date' }).waitFor();
    assert.equal(await signedIn(tab), undefined);
    await tab.context().close();
  });

  it('lets the first operator in, once', async () => {
    const tab = await open();
    const email = fresh();
    for (const [address, heading] of [['nobody@', 'Set up the console'], [email, 'Your account is ready']]) {
      await tab.goto(dev.console);
      await tab.locator('form').evaluate((form) => { form.noValidate = true; });
      await tab.getByLabel('Email address').fill(address);
      await tab.getByLabel('New password', { exact: true }).fill('one horse 12');
      await tab.getByLabel('New password once more').fill('one horse 12');
      await audit(tab, 'first operator');
      await picture(tab, 'first-operator-desktop');
      await tab.getByRole('button', { name: 'Create account' }).click();
      await tab.getByRole('heading', { name: heading }).waitFor();
      if (address !== email) await tab.getByRole('alert').getByText('This is not an email address.').waitFor();
    }
    await new Account(new Client().setEndpoint(dev.endpoint).setProject('console')).createEmailPasswordSession({ email, password: 'one horse 12' });
    await tab.context().close();
  });

  it('ends a sign-in through a provider', async () => {
    const tab = await open();
    await tab.goto(`${dev.site}/auth/oauth2/success?project=demo&key=a_session_demo&secret=abc`);
    await tab.waitForFunction(() => location.search === '');
    assert.match(await tab.getByRole('link', { name: 'Back to the app' }).getAttribute('href'), /^appwrite-callback-demo:\/\/\?project=demo&key=a_session_demo&secret=abc$/);
    await audit(tab, 'provider, success');
    const error = encodeURIComponent(JSON.stringify({ message: 'The provider said <b>no</b>.', type: 'user_oauth2_provider_error', code: 424 }));
    await tab.goto(`${dev.site}/console/auth/oauth2/failure?error=${error}`);
    await tab.getByText('The provider said <b>no</b>.').waitFor();
    await audit(tab, 'provider, failure');
    await picture(tab, 'oauth2-failure-desktop');
    await tab.context().close();
  });

  it('is whole in every language, in light and dark, from small telephones to desktops', async () => {
    const { link } = await recovery('/auth');
    const bad = `${dev.site}/auth/magic-url?project=demo`;
    for (const language of languages) {
      for (const [view, colorScheme] of language === 'ar' || language === 'en' ? [[desktop, 'light'], [desktop, 'dark'], [phone, 'light'], [phone, 'dark']] : [[{ ...phone, viewport: { width: 320, height: 640 } }, 'light']]) {
        const tab = await open({ ...view, colorScheme });
        const name = `${language}-${colorScheme}-${view.viewport.width}`;
        await tab.goto(`${link}&locale=${language}`);
        assert.equal(await tab.evaluate(() => document.documentElement.dir), language === 'ar' || language === 'he' ? 'rtl' : 'ltr');
        await audit(tab, name);
        await fits(tab, name);
        await picture(tab, `recovery-${name}`);
        await tab.goto(`${bad}&locale=${language}`);
        await fits(tab, `${name}, bad link`);
        if (language === 'en' || language === 'ar') {
          await audit(tab, `${name}, bad link`);
          await picture(tab, `bad-${name}`);
        }
        await tab.context().close();
      }
    }
  });

  it('shows caught messages as their recipients would see them', async () => {
    const attack = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
    const email = fresh();
    const account = await user(email, attack);
    await account.createEmailVerification({ url: `${dev.site}/auth/verification?project=demo` });
    await dev.message(email);
    await guest().createPhoneToken({ userId: ID.unique(), phone: '+16175551212' });
    await dev.message('+16175551212');
    for (const [view, name] of [[desktop, 'desktop'], [{ ...phone, colorScheme: 'dark' }, 'phone']]) {
      for (const javaScriptEnabled of [true, false]) {
        const tab = await open({ ...view, javaScriptEnabled });
        await tab.goto(dev.mailbox);
        if (javaScriptEnabled) await audit(tab, `mailbox, ${name}`);
        await picture(tab, `mailbox-list-${name}`);
        await tab.getByRole('link', { name: email }).first().click();
        const mail = tab.frameLocator('iframe');
        await mail.getByRole('link').first().waitFor();
        assert.match(await mail.getByRole('link').first().getAttribute('href'), /\/auth\/verification\?project=demo&userId=/);
        if (javaScriptEnabled) await audit(tab, `mailbox, a mail, ${name}`);
        await fits(tab, `mailbox, a mail, ${name}`);
        await picture(tab, `mailbox-mail-${name}`);
        await tab.getByRole('link', { name: 'Text part' }).click();
        await tab.locator('pre').getByText('/auth/verification?project=demo').waitFor();
        await tab.goto(dev.mailbox);
        await tab.getByRole('link', { name: '+16175551212' }).first().click();
        await tab.locator('.bubble').waitFor();
        if (javaScriptEnabled) await audit(tab, `mailbox, a text message, ${name}`);
        await picture(tab, `mailbox-sms-${name}`);
        await tab.context().close();
      }
    }
    const tab = await open();
    await tab.goto(dev.mailbox);
    const late = fresh();
    await magic(late);
    await tab.getByText(late).first().waitFor(); // by itself
    await tab.getByRole('button', { name: 'Empty' }).click();
    await tab.getByText('Nothing here yet.').waitFor();
    await audit(tab, 'empty mailbox');
    await picture(tab, 'mailbox-empty');
    assert.deepEqual(await (await fetch(`${dev.site}/v1/dev/messages`)).json(), []);
    await tab.context().close();
  });

  it('is complained about by no browser', () => { assert.deepEqual(complaints, []); });

  it('asks for the printed token on the local network, and is unknown to the production server', async () => {
    const lan = await startDev({ args: ['--lan'] });
    try {
      assert.match(lan.token, /^[0-9a-f]{24}$/);
      const messages = `${lan.site}/v1/dev/messages`;
      assert.equal((await fetch(messages)).status, 401);
      assert.equal((await fetch(messages, { headers: { authorization: `Bearer ${lan.token}` } })).status, 200);
      const tab = await open();
      await tab.goto(lan.mailbox);
      await audit(tab, 'token');
      await picture(tab, 'mailbox-token');
      await tab.getByLabel('Token').fill(lan.token);
      await tab.getByRole('button', { name: 'Continue' }).click();
      await tab.getByText('Nothing here yet.').waitFor();
      assert.equal(tab.url(), lan.mailbox);
      await tab.context().close();
    } finally {
      await lan.stop();
    }
    const serve = await start({ engine: 'sqlite' });
    try {
      for (const path of ['/v1/dev/messages', '/dev/mailbox', '/dev/mailbox/style.css']) {
        const answer = await fetch(serve.endpoint.replace('/v1', '') + path);
        assert.deepEqual([answer.status, (await answer.json()).type], [404, 'general_route_not_found'], path);
      }
    } finally {
      await serve.stop();
    }
  });
});
