// JWTs, the security log, push targets and second factors, good and bad, through every official SDK that has them.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import { device, sdks } from './sdks.mjs';
import { key, project, start } from './server.mjs';
import { plain, refused } from './expect.mjs';

const password = 'correct horse 1';
let server;
let count = 0;
const fresh = () => `f${process.pid}-${++count}@example.com`;

before(async () => { server = await start(); });
after(async () => { await server?.stop(); });

/** Signs a person in on a new device. A server is told the secret and sends it; others keep cookies or their twin. */
async function signedIn(sdk, email) {
  const guest = device(sdk, server.endpoint, project, sdk.kind === 'server' ? { key } : {});
  const session = await guest.account.createEmailPasswordSession({ email, password });
  return sdk.kind === 'server' ? device(sdk, server.endpoint, project, { session: session.secret }) : guest;
}

async function person(sdk) {
  const email = fresh();
  const guest = device(sdk, server.endpoint, project, sdk.kind === 'server' ? { key } : {});
  await guest.account.create({ userId: 'unique()', email, password, name: 'Walter' });
  return { me: await signedIn(sdk, email), email };
}

/** The code an authenticator app shows now, or a number of steps later (RFC 6238). */
function totp(secret, later = 0) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', bytes).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

for (const sdk of sdks) {
  describe(sdk.name, () => {
    // Newest SDKs have two spellings of each method; both send the same.
    const mfa = (me, name) => {
      const method = me.account[name] ?? me.account[name.replace('Mfa', 'MFA')];
      return method && me.account[name.replace('Mfa', 'MFA')] && count % 2 ? me.account[name.replace('Mfa', 'MFA')] : method;
    };

    it('createJWT', async () => {
      const { me, email } = await person(sdk);
      const { jwt } = await me.account.createJWT();
      const other = device(sdk, server.endpoint, project, { jwt, cookies: false });
      assert.equal((await other.account.get()).email, email);
      await refused(other.account.createJWT(), 403, 'user_jwt_creation_denied');
      await me.account.deleteSession({ sessionId: 'current' });
      await refused(other.account.get(), 401, 'general_unauthorized_scope');
      await refused(device(sdk, server.endpoint, project).account.createJWT(), 401, 'general_unauthorized_scope');
    });

    it('listLogs', async (t) => {
      const { me } = await person(sdk);
      if (!me.account.listLogs) return t.skip('this SDK has no such method');
      const logs = await me.account.listLogs();
      assert.equal(logs.total, 2);
      assert.deepEqual(logs.logs.map((log) => log.event), ['session.create', 'user.create']);
      const { Query } = sdk.module;
      const page = await me.account.listLogs({ queries: [Query.limit(1), Query.offset(1)] });
      assert.deepEqual(page.logs.map((log) => log.event), ['user.create']);
      await refused(me.account.listLogs({ queries: [Query.equal('event', 'user.create')] }), 400, 'general_argument_invalid');
    });

    it('listConsents', async (t) => {
      const { me } = await person(sdk);
      if (!me.account.listConsents) return t.skip('this SDK has no such method');
      assert.deepEqual(plain(await me.account.listConsents()), { total: 0, consents: [] });
      await refused(device(sdk, server.endpoint, project).account.listConsents(), 401, 'general_unauthorized_scope');
    });

    it('push targets', async (t) => {
      const { me } = await person(sdk);
      if (!me.account.createPushTarget) return t.skip('this SDK has no such method');
      const token = `token-${process.pid}-${++count}`;
      const target = await me.account.createPushTarget({ targetId: 'unique()', identifier: token });
      assert.deepEqual([target.identifier, target.providerType, target.expired], [token, 'push', false]);
      const again = await me.account.createPushTarget({ targetId: `sent-${count}`, identifier: `${token}-b` });
      assert.equal(again.$id, target.$id);
      const moved = await me.account.updatePushTarget({ targetId: `sent-${count}`, identifier: `${token}-c` });
      assert.equal(moved.identifier, `${token}-c`);
      await me.account.deletePushTarget({ targetId: target.$id });
      await refused(me.account.deletePushTarget({ targetId: target.$id }), 404, 'user_target_not_found');
    });

    it('second factors', async (t) => {
      const { me, email } = await person(sdk);
      if (!mfa(me, 'createMfaAuthenticator')) return t.skip('this SDK has no second factors');
      const { secret, uri } = await mfa(me, 'createMfaAuthenticator')({ type: 'totp' });
      assert.match(uri, /^otpauth:\/\/totp\/Demo%3A/);
      await refused(mfa(me, 'updateMfaAuthenticator')({ type: 'totp', otp: '000000' }), 401, 'user_invalid_token');
      await mfa(me, 'updateMfaAuthenticator')({ type: 'totp', otp: totp(secret, -1) });
      await refused(mfa(me, 'createMfaAuthenticator')({ type: 'totp' }), 409, 'user_authenticator_already_verified');
      const { recoveryCodes } = await mfa(me, 'createMfaRecoveryCodes')();
      assert.equal(recoveryCodes.length, 6);
      await refused(mfa(me, 'createMfaRecoveryCodes')(), 409, 'user_recovery_codes_already_exists');
      await refused(mfa(me, 'getMfaRecoveryCodes')(), 401, 'user_challenge_required');
      assert.equal((await me.account.updateMFA({ mfa: true })).mfa, true);
      assert.equal((await me.account.get()).email, email, 'whoever switches it on stays signed in');

      const half = await signedIn(sdk, email);
      await refused(half.account.get(), 401, 'user_more_factors_required');
      const factors = plain(await mfa(half, 'listMfaFactors')());
      assert.deepEqual([factors.totp, factors.email, factors.phone, factors.recoveryCode], [true, false, false, true]);
      const challenge = await mfa(half, 'createMfaChallenge')({ factor: 'totp' });
      await refused(mfa(half, 'updateMfaChallenge')({ challengeId: challenge.$id, otp: '000000' }), 401, 'user_invalid_token');
      const session = await mfa(half, 'updateMfaChallenge')({ challengeId: challenge.$id, otp: totp(secret) });
      assert.deepEqual(plain(session.factors), ['password', 'totp']);
      assert.equal((await half.account.get()).email, email);
      assert.deepEqual(plain((await mfa(half, 'getMfaRecoveryCodes')()).recoveryCodes), plain(recoveryCodes));
      const renewed = (await mfa(half, 'updateMfaRecoveryCodes')()).recoveryCodes;

      // The spelling of the SDK's own enum, where it has one.
      const third = await signedIn(sdk, email);
      const spelling = (sdk.module.AuthenticationFactor ?? {}).Recoverycode ?? (sdk.module.AuthenticationFactor ?? {}).RecoveryCode ?? 'recoveryCode';
      const last = await mfa(third, 'createMfaChallenge')({ factor: spelling });
      await mfa(third, 'updateMfaChallenge')({ challengeId: last.$id, otp: renewed[0] });
      await mfa(third, 'deleteMfaAuthenticator')({ type: 'totp' });
      await refused(mfa(third, 'deleteMfaAuthenticator')({ type: 'totp' }), 404, 'user_authenticator_not_found');
      await refused(mfa(me, 'deleteMfaAuthenticator')({ type: 'totp' }), 401, 'user_challenge_required');
    });
  });
}

// Another server verifies tokens with what Node brings along and the published keys, and never asks us about one.
for (const algorithm of ['EdDSA', 'ES256']) {
  it(`JWTs that others verify: ${algorithm}`, async () => {
    const other = await start({ extra: `    policies: {jwt-signing: {algorithm: ${algorithm}}}\n` });
    try {
      const sdk = sdks.find((one) => one.kind === 'web' && one.name.includes('28'));
      const email = fresh();
      const me = device(sdk, other.endpoint, project);
      await me.account.create({ userId: 'unique()', email, password, name: 'Walter' });
      await me.account.createEmailPasswordSession({ email, password });
      const published = async () => (await (await fetch(`${other.endpoint}/account/jwks?project=${project}`)).json()).keys;
      let keys = [];
      for (const until = Date.now() + 20_000; keys.length < 2 && Date.now() < until;) {
        keys = await published();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.equal(keys.length, 2, 'one that signs and one that will');
      const { jwt } = await me.account.createJWT();
      const [head, claims, signature] = jwt.split('.');
      const read = (part) => JSON.parse(Buffer.from(part, 'base64url'));
      const key = keys.find((one) => one.kid === read(head).kid);
      assert.equal(read(head).alg, algorithm);
      const right = verify(algorithm === 'EdDSA' ? null : 'sha256', Buffer.from(`${head}.${claims}`),
        { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
      assert.ok(right, 'the signature is right');
      assert.equal(read(claims).aud[0] ?? read(claims).aud, project);
      assert.equal((await device(sdk, other.endpoint, project, { jwt, cookies: false }).account.get()).email, email);
    } finally {
      await other.stop();
    }
  });
}
