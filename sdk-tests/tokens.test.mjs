// Everything that reaches a person by mail or text message, good and bad, through every official SDK that has it. The
// mails are read from a real SMTP conversation with TLS and a login, the text messages from a signed webhook.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { device, sdks } from './sdks.mjs';
import { key, project, start } from './server.mjs';
import { codeOf, linkOf, postOffice } from './smtp.mjs';
import { textOffice } from './texts.mjs';
import { refused } from './expect.mjs';

const password = 'correct horse 1';
const page = 'http://localhost:5173/page';
// A number that gets a fixed code and no text message.
const mock = { number: '+16175551200', otp: '000123' };
let office;
let texts;
let server;
let count = 0;
const fresh = () => `t${process.pid}-${++count}@example.com`;
const freshNumber = () => `+4915${String(10_000_000 + 12_345 * ++count).slice(-8)}`;

before(async () => {
  office = await postOffice();
  process.env.SSL_CERT_FILE = office.ca;
  texts = await textOffice();
  server = await start({ args: ['--smtp', office.url, '--sms', texts.url, '--allow-private', '127.0.0.0/8'],
    extra: `    mock-phones:\n      - {number: "${mock.number}", otp: "${mock.otp}"}\n` });
});
after(async () => {
  await server?.stop();
  office?.stop();
  texts?.stop();
});

for (const sdk of sdks) {
  describe(sdk.name, () => {
    const guest = () => device(sdk, server.endpoint, project, sdk.kind === 'server' ? { key } : {});
    /** The device on which a session was made, by the means of the SDK. */
    const signedIn = (one, session) => (sdk.kind === 'server' ? device(sdk, server.endpoint, project, { session: session.secret }) : one);
    /** Signs up and in with a password. */
    async function person(email = fresh()) {
      const one = guest();
      await one.account.create({ userId: 'unique()', email, password, name: 'Walter' });
      const session = await one.account.createEmailPasswordSession({ email, password });
      return { me: signedIn(one, session), email };
    }
    /** Redeems by the newest method, or by the one the SDK has. */
    const redeem = (one, proof, old = 'updateMagicURLSession') => (one.account.createSession ?? one.account[old])(proof);
    /** A client is not told the secret; a server is. */
    const told = (token, secret) => assert.equal(token.secret, sdk.kind === 'server' ? secret : '');
    /** `it` where the SDK has a method. */
    const where = (name) => (sdk.module.Account.prototype[name] ? it : () => {});

    where('createEmailToken')('createEmailToken, createSession', async () => {
      const email = fresh();
      const one = guest();
      const token = await one.account.createEmailToken({ userId: 'unique()', email, phrase: true });
      const mail = await office.take(email);
      const secret = codeOf(mail);
      told(token, secret);
      assert.match(token.phrase, /^[A-Z][a-z]+ [a-z]+$/);
      assert.ok(mail.text.includes(token.phrase) && mail.html.includes(token.phrase), 'the phrase stands in the mail');
      assert.ok(mail.html.includes(secret));
      const again = await guest().account.createEmailToken({ userId: 'unique()', email });
      assert.equal(again.userId, token.userId, 'one address, one account');
      const proof = { userId: token.userId, secret: codeOf(await office.take(email)) };
      await refused(guest().account.createSession({ ...proof, secret: proof.secret === '000000' ? '000001' : '000000' }), 401, 'user_invalid_token');
      const session = await one.account.createSession(proof);
      assert.deepEqual([session.provider, session.current], ['token', true]);
      await refused(guest().account.createSession(proof), 401, 'user_invalid_token');
      const account = await signedIn(one, session).account.get();
      assert.deepEqual([account.email, account.emailVerification, account.targets[0].identifier], [email, true, email]);
      await refused(guest().account.createEmailToken({ userId: 'unique()', email: 'wrongemail' }), 400, 'general_argument_invalid');
      await refused(guest().account.createEmailToken({ userId: 'wrongId$', email }), 400, 'general_argument_invalid');
    });

    it('createMagicURLToken, updateMagicURLSession', async () => {
      const email = fresh();
      const one = guest();
      const token = await one.account.createMagicURLToken({ userId: 'unique()', email, url: `${page}?a=b%20c#top` });
      const link = linkOf(await office.take(email));
      told(token, link.secret);
      assert.deepEqual([link.userId, link.project, link.secret.length, link.url.hash, link.url.searchParams.get('a')], [token.userId, project, 64, '#top', 'b c']);
      assert.equal(link.expire, token.expire);
      // Two mails in one inbox: the older link works, too.
      await guest().account.createMagicURLToken({ userId: 'unique()', email, url: page });
      const second = linkOf(await office.take(email));
      const session = await one.account.updateMagicURLSession({ userId: link.userId, secret: link.secret });
      assert.equal(session.provider, 'magic-url');
      assert.equal((await signedIn(one, session).account.get()).emailVerification, true);
      await refused(guest().account.updateMagicURLSession({ userId: link.userId, secret: link.secret }), 401, 'user_invalid_token');
      await redeem(guest(), { userId: second.userId, secret: second.secret });
      await refused(guest().account.createMagicURLToken({ userId: 'unique()', email, url: 'https://evil.example/' }), 400, 'general_argument_invalid');
      // Without a page of its own an app is sent to the server's.
      await guest().account.createMagicURLToken({ userId: 'unique()', email });
      const own = linkOf(await office.take(email));
      assert.equal(own.url.origin + own.url.pathname, new URL('/console/auth/magic-url', server.endpoint).href);
    });

    it('createPhoneToken, updatePhoneSession', async () => {
      const number = freshNumber();
      const one = guest();
      const token = await one.account.createPhoneToken({ userId: 'unique()', phone: number });
      const text = await texts.take(number);
      const otp = text.body.split(' ')[0];
      assert.match(otp, /^\d{6}$/);
      assert.equal(text.from, '+15550100');
      if (sdk.kind === 'server') assert.deepEqual(JSON.parse(Buffer.from(token.secret, 'base64')), { id: token.userId, secret: otp });
      else assert.equal(token.secret, '');
      await refused(guest().account.updatePhoneSession({ userId: 'ewewe', secret: otp }), 401, 'user_invalid_token');
      const session = await one.account.updatePhoneSession({ userId: token.userId, secret: sdk.kind === 'server' ? token.secret : otp });
      assert.equal(session.provider, 'phone');
      assert.equal((await signedIn(one, session).account.get()).phoneVerification, true);
      await refused(guest().account.updatePhoneSession({ userId: token.userId, secret: otp }), 401, 'user_invalid_token');
      await refused(guest().account.createPhoneToken({ userId: 'unique()', phone: '0151' }), 400, 'general_argument_invalid');
      const fixed = await guest().account.createPhoneToken({ userId: 'unique()', phone: mock.number });
      await redeem(guest(), { userId: fixed.userId, secret: mock.otp }, 'updatePhoneSession');
    });

    it('createEmailVerification, updateEmailVerification', async () => {
      const { me, email } = await person();
      const token = await me.account.createEmailVerification({ url: page });
      assert.equal(token.secret, '');
      const mail = await office.take(email);
      assert.match(mail.header, /Walter/);
      const link = linkOf(mail);
      assert.deepEqual([link.userId, link.secret.length, link.expire], [token.userId, 256, token.expire]);
      // Whoever opens the link need not be signed in. A key is nobody who opens links.
      const stranger = device(sdk, server.endpoint, project);
      await refused(stranger.account.updateEmailVerification({ userId: 'ewewe', secret: link.secret }), 404, 'user_not_found');
      await refused(stranger.account.updateEmailVerification({ userId: link.userId, secret: 'ewewe' }), 401, 'user_invalid_token');
      const done = await stranger.account.updateEmailVerification({ userId: link.userId, secret: link.secret });
      assert.equal(done.$id, token.$id);
      assert.equal((await me.account.get()).emailVerification, true);
      await refused(me.account.createEmailVerification({ url: page }), 409, 'user_email_already_verified');
      await refused(stranger.account.createEmailVerification({ url: page }), 401, 'general_unauthorized_scope');
    });

    where('createEmailVerificationOTP')('createEmailVerificationOTP, updateEmailVerificationOTP', async () => {
      const { me, email } = await person();
      const token = await me.account.createEmailVerificationOTP({ phrase: true });
      const mail = await office.take(email);
      assert.ok(mail.text.includes(token.phrase));
      await refused(guest().account.createSession({ userId: token.userId, secret: codeOf(mail) }), 401, 'user_invalid_token'); // it verifies, and signs nobody in
      await guest().account.updateEmailVerificationOTP({ userId: token.userId, secret: codeOf(mail) });
      assert.equal((await me.account.get()).emailVerification, true);
    });

    it('createPhoneVerification, updatePhoneVerification', async () => {
      const { me } = await person();
      await refused(me.account.createPhoneVerification(), 400, 'user_phone_not_found');
      const number = freshNumber();
      await me.account.updatePhone({ phone: number, password });
      const token = await me.account.createPhoneVerification();
      const otp = (await texts.take(number)).body.split(' ')[0];
      await refused(me.account.updatePhoneVerification({ userId: 'ewewe', secret: otp }), 404, 'user_not_found');
      await refused(me.account.updatePhoneVerification({ userId: token.userId, secret: otp === '999999' ? '999998' : '999999' }), 401, 'user_invalid_token');
      await refused(redeem(guest(), { userId: token.userId, secret: otp }, 'updatePhoneSession'), 401, 'user_invalid_token'); // it verifies, and signs nobody in
      await me.account.updatePhoneVerification({ userId: token.userId, secret: otp });
      assert.equal((await me.account.get()).phoneVerification, true);
      await refused(me.account.createPhoneVerification(), 409, 'user_phone_already_verified');
    });

    it('createRecovery, updateRecovery', async () => {
      const { me, email } = await person();
      const token = await guest().account.createRecovery({ email, url: page });
      const mail = await office.take(email);
      const link = linkOf(mail);
      told(token, link.secret);
      assert.deepEqual([link.userId, link.secret.length, link.project], [token.userId, 256, null]);
      const other = 'battery staple 2';
      const proof = { userId: link.userId, secret: link.secret, password: other, passwordAgain: other };
      await refused(guest().account.updateRecovery({ ...proof, password: 'short', passwordAgain: 'short' }), 400, 'general_argument_invalid');
      await refused(guest().account.updateRecovery({ ...proof, userId: 'ewewe' }), 404, 'user_not_found');
      await refused(guest().account.updateRecovery({ ...proof, secret: 'ewewe' }), 401, 'user_invalid_token');
      const done = await guest().account.updateRecovery(proof);
      assert.equal(done.secret, '');
      await refused(guest().account.updateRecovery(proof), 401, 'user_invalid_token');
      await refused(me.account.get(), 401, 'general_unauthorized_scope');
      await refused(guest().account.createEmailPasswordSession({ email, password }), 401, 'user_invalid_credentials');
      await guest().account.createEmailPasswordSession({ email, password: other });
      const notice = await office.take(email);
      assert.match(notice.subject, /recovered/);
      await refused(guest().account.createRecovery({ email: fresh(), url: page }), 404, 'user_not_found');
    });

    where('createRecoveryOTP')('createRecoveryOTP, updateRecoveryOTP', async () => {
      const { email } = await person();
      const token = await guest().account.createRecoveryOTP({ email, phrase: true });
      const mail = await office.take(email);
      assert.ok(mail.text.includes(token.phrase));
      const other = 'battery staple 3';
      await guest().account.updateRecoveryOTP({ userId: token.userId, secret: codeOf(mail), password: other });
      await guest().account.createEmailPasswordSession({ email, password: other });
    });
  });
}

it('every mail came over TLS after a login, every text message was signed', () => {
  assert.ok(office.seen.tls > 0 && office.seen.logins > 0, JSON.stringify(office.seen));
  assert.equal(office.seen.refusedEarly, 0, 'no mail was tried before TLS and login');
  assert.ok(texts.seen.signed > 0 && texts.seen.refused === 0, JSON.stringify(texts.seen));
  // The link for the console's first operator is printed beside the log, once, for whoever starts the server.
  const lines = server.log().split('\n').filter((line) => line.startsWith('time='));
  assert.ok(lines.length > 100);
  assert.doesNotMatch(lines.join('\n'), /secret=[0-9a-f]{64}/);
});
