// What servers do: the Users and the Project services through the official server SDKs of both ends, good and bad.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { key, poorKey, project, start } from './server.mjs';
import { refused } from './expect.mjs';

const require = createRequire(import.meta.url);
const password = 'correct horse 1';
let server;
before(async () => { server = await start(); });
after(async () => { await server?.stop(); });

const ends = [{ name: 'node-appwrite 27.1.0', sdk: require('node-appwrite-27'), newest: true }, { name: 'node-appwrite 14.2.0', sdk: require('node-appwrite-14') }];

function client(sdk, secret) {
  return new sdk.Client().setEndpoint(server.endpoint).setProject(project).setKey(secret);
}

let count = 0;
const fresh = () => `op${process.pid}-${++count}@example.com`;

for (const { name, sdk, newest } of ends) {
  describe(`${name}: users`, () => {
    let users;
    let poor;
    before(() => {
      users = new sdk.Users(client(sdk, key));
      poor = new sdk.Users(client(sdk, poorKey));
    });

    it('creates, reads, refuses', async () => {
      const email = fresh();
      const user = await users.create('unique()', email, undefined, password, 'Walter White');
      assert.equal(user.email, email);
      assert.equal(user.hash, 'argon2');
      assert.equal((await users.get(user.$id)).$id, user.$id);
      await refused(users.create('unique()', email, undefined, password), 409, 'user_already_exists');
      await refused(users.get('nobody'), 404, 'user_not_found');
      await refused(poor.get(user.$id), 401, 'general_unauthorized_scope');
    });

    it('imports every kind of hash', async () => {
      await users.createBcryptUser('unique()', fresh(), '$2a$04$WXeyNrKKIC1cK9C0BW3AiuFxG2H7oUm4Hpi0t0NTLvJ5m1GyH2yZG');
      await users.createMD5User('unique()', fresh(), '144fa7eaa4904e8ee120651997f70dcc');
      await users.createPHPassUser('unique()', fresh(), '$P$Br387rwferoKN7uwHZqNMu98q3U8RO.');
      await users.createSHAUser('unique()', fresh(), '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8', 'sha256');
      await users.createScryptUser('unique()', fresh(), '3fdef49701bc4cfaacd551fe017283513284b4731e6945c263246ef948d3cf63b5d269c31fd697246085111a428245e24a4ddc6b64c687bc60a8910dbafc1d5b', 'randomSalt', 16384, 12, 2, 64);
      await users.createScryptModifiedUser('unique()', fresh(), 'UlM7JiXRcQhzAGlaonpSqNSLIz475WMddOgLjej5De9vxTy48K6WtqlEzrRFeK4t0COfMhWCb8wuMHgxOFCHFQ==', 'UxLMreBr6tYyjQ==', 'Bw==', 'XyEKE9RcTDeLEsL/RjwPDBv/RqDl8fb3gpYEOQaPihbxf1ZAtSOHCjuAAa7Q3oHpCYhXSN9tizHgVOwn6krflQ==');
      await users.createArgon2User('unique()', fresh(), '$argon2i$v=19$m=20,t=3,p=2$YXBwd3JpdGU$A/54i238ed09ZR4NwlACU5XnkjNBZU9QeOEuhjLiexI');
      await refused(users.createMD5User('unique()', fresh(), 'nothing'), 400, 'general_argument_invalid');
    });

    it('lists by queries and by words', async () => {
      const email = fresh();
      const user = await users.create('unique()', email, undefined, undefined, `Marie${count} Schrader`);
      const { Query } = sdk;
      assert.equal((await users.list([Query.equal('email', [email])])).users[0].$id, user.$id);
      assert.equal((await users.list([Query.equal('name', [`Marie${count} Schrader`]), Query.limit(1)])).total, 1);
      assert.equal((await users.list([], `marie${count}`)).users[0].$id, user.$id);
      assert.equal((await users.list([Query.limit(2), Query.orderDesc('$createdAt'), Query.cursorAfter(user.$id)])).users.length, 2);
      await refused(users.list([Query.equal('secret', ['x'])]), 400, 'general_argument_invalid');
      await refused(users.list([Query.cursorAfter('nobody')]), 400, 'general_cursor_not_found');
    });

    it('changes everything', async () => {
      const { $id: id } = await users.create('unique()', fresh(), undefined, password);
      assert.equal((await users.updateName(id, 'Heisenberg')).name, 'Heisenberg');
      const email = fresh();
      assert.equal((await users.updateEmail(id, email)).email, email);
      assert.equal((await users.updatePhone(id, `+1617555${1000 + count}`)).phone, `+1617555${1000 + count}`);
      assert.deepEqual([...(await users.updateLabels(id, ['vip', 'vip'])).labels], ['vip']);
      assert.equal((await users.updateEmailVerification(id, true)).emailVerification, true);
      assert.equal((await users.updatePhoneVerification(id, true)).phoneVerification, true);
      assert.equal((await users.updateMfa(id, true)).mfa, true);
      assert.equal((await users.updatePrefs(id, { theme: 'dark' })).theme, 'dark');
      assert.equal((await users.getPrefs(id)).theme, 'dark');
      await users.updatePassword(id, 'another horse 2');
      if (newest) assert.equal((await users.updateImpersonator(id, true)).impersonator, true);
      assert.equal((await users.updateStatus(id, false)).status, false);
      await refused(users.createSession(id), 403, 'user_blocked');
      await users.updateStatus(id, true);
      assert.ok((await users.createJWT(id)).jwt);
      assert.equal((await users.createToken(id, 10)).secret.length, 10);
      assert.ok((await users.listLogs(id)).total >= 0);
      const session = await users.createSession(id);
      assert.notEqual(session.secret, '');
      assert.equal((await users.listSessions(id)).total, 1);
      await users.deleteSession(id, session.$id);
      await users.deleteSessions(id);
      assert.equal((await users.listMemberships(id)).total, 0);
      assert.equal((await users.listIdentities()).total, 0);
      await refused(users.deleteIdentity('nothing'), 404, 'user_identity_not_found');
    });

    it('helps with second factors', async () => {
      const { $id: id } = await users.create('unique()', fresh(), undefined, password);
      // The newest SDK has two spellings of each method; both send the same.
      for (const [list, get, make, renew, remove] of [['listMfaFactors', 'getMfaRecoveryCodes', 'createMfaRecoveryCodes', 'updateMfaRecoveryCodes', 'deleteMfaAuthenticator'],
        ...(newest ? [['listMFAFactors', 'getMFARecoveryCodes', 'createMFARecoveryCodes', 'updateMFARecoveryCodes', 'deleteMFAAuthenticator']] : [])]) {
        const first = list === 'listMfaFactors';
        assert.equal((await users[list](id)).recoveryCode, !first);
        if (first) {
          await refused(users[get](id), 404, 'user_recovery_codes_not_found');
          await refused(users[renew](id), 404, 'user_recovery_codes_not_found');
          assert.equal((await users[make](id)).recoveryCodes.length, 6);
        }
        await refused(users[make](id), 409, 'user_recovery_codes_already_exists');
        const { recoveryCodes } = await users[renew](id);
        assert.deepEqual([...(await users[get](id)).recoveryCodes], [...recoveryCodes]);
        await refused(users[remove](id, 'totp'), 404, 'user_authenticator_not_found');
        await refused(users[list]('nobody'), 404, 'user_not_found');
        await refused(poor[get](id), 401, 'general_unauthorized_scope');
      }
      if (newest) assert.equal((await users.updateMFA(id, true)).mfa, true);
    });

    it('keeps targets', async () => {
      const { $id: id } = await users.create('unique()', fresh());
      const address = fresh();
      const target = await users.createTarget(id, 'unique()', 'email', address, undefined, 'At work');
      assert.equal(target.identifier, address);
      assert.equal((await users.listTargets(id)).total, 2);
      assert.equal((await users.getTarget(id, target.$id)).name, 'At work');
      assert.equal((await users.updateTarget(id, target.$id, undefined, undefined, 'At home')).name, 'At home');
      await users.deleteTarget(id, target.$id);
      await refused(users.getTarget(id, target.$id), 404, 'user_target_not_found');
      await users.delete(id);
      await refused(users.delete(id), 404, 'user_not_found');
    });
  });
}

describe('node-appwrite 27.1.0: project', () => {
  const { sdk } = ends[0];
  let settings;
  before(() => { settings = new sdk.Project(client(sdk, key)); });

  it('reads and switches', async () => {
    assert.equal((await settings.get()).$id, project);
    const changed = await settings.updateAuthMethod({ methodId: 'anonymous', enabled: false });
    assert.equal(changed.authMethods.find((one) => one.$id === 'anonymous').enabled, false);
    await settings.updateAuthMethod({ methodId: 'anonymous', enabled: true });
    await settings.updateService({ serviceId: 'avatars', enabled: false });
    await settings.updateProtocol({ protocolId: 'graphql', enabled: false });
    assert.deepEqual([...(await settings.updateLabels({ labels: ['staging'] })).labels], ['staging']);
    await refused(new sdk.Project(client(sdk, poorKey)).get(), 401, 'general_unauthorized_scope');
  });

  it('keeps platforms of every type', async () => {
    for (const [kind, member] of [['Web', 'hostname'], ['Android', 'applicationId'], ['Apple', 'bundleIdentifier'], ['Linux', 'packageName'], ['Windows', 'packageIdentifierName']]) {
      const made = await settings[`create${kind}Platform`]({ platformId: 'unique()', name: kind, [member]: 'sdk.example.com' });
      assert.equal(made[member], 'sdk.example.com');
      assert.equal((await settings[`update${kind}Platform`]({ platformId: made.$id, name: 'New', [member]: 'new.example.com' }))[member], 'new.example.com');
      assert.equal((await settings.getPlatform({ platformId: made.$id })).name, 'New');
      await settings.deletePlatform({ platformId: made.$id });
      await refused(settings.getPlatform({ platformId: made.$id }), 404, 'platform_not_found');
    }
    assert.ok((await settings.listPlatforms()).total >= 4);
  });

  it('hands out keys of its own scopes', async () => {
    await refused(settings.createKey({ keyId: 'unique()', name: 'x', scopes: ['users.read'] }), 403, 'key_creation_denied');
    const short = await settings.createEphemeralKey({ scopes: ['users.read'], duration: 60 });
    await new sdk.Users(client(sdk, short.secret)).list();
    await refused(new sdk.Users(client(sdk, short.secret)).create({ userId: 'unique()' }), 401, 'general_unauthorized_scope');
    assert.ok((await settings.listKeys()).keys.every((one) => one.secret === ''));
    await refused(settings.getKey({ keyId: 'nothing' }), 404, 'key_not_found');
  });

  it('sets policies', async () => {
    await settings.updateSessionLimitPolicy({ total: 5 });
    assert.equal((await settings.getPolicy({ policyId: 'session-limit' })).total, 5);
    await settings.updatePasswordHistoryPolicy({ total: 0 });
    assert.equal((await settings.updatePasswordStrengthPolicy({ min: 9 })).min, 9);
    await settings.updatePasswordStrengthPolicy({ min: 8 });
    await settings.updateSessionDurationPolicy({ duration: 31536000 });
    await settings.updateDenyFreeEmailPolicy({ enabled: false });
    await settings.updateMembershipPrivacyPolicy({ userEmail: false });
    assert.ok((await settings.listPolicies()).total >= 14);
    await refused(settings.updateSessionLimitPolicy({ total: 1000 }), 400, 'general_argument_invalid');
  });

  it('sets up providers and never tells a secret', async () => {
    const github = await settings.updateOAuth2GitHub({ clientId: 'id', clientSecret: 'secret', enabled: true });
    assert.deepEqual([github.clientId, github.clientSecret, github.enabled], ['id', '', true]);
    assert.equal((await settings.getOAuth2Provider({ providerId: 'github' })).clientSecret, '');
    await settings.updateOAuth2Google({ clientId: 'id', clientSecret: 'secret', prompt: ['consent'] });
    assert.ok((await settings.listOAuth2Providers()).total > 30);
  });

  it('keeps mock numbers, mail and its wording', async () => {
    await settings.createMockPhone({ number: '+16175551299', otp: '123456' });
    assert.equal((await settings.updateMockPhone({ number: '+16175551299', otp: '654321' })).otp, '654321');
    assert.equal((await settings.getMockPhone({ number: '+16175551299' })).otp, '654321');
    assert.equal((await settings.listMockPhones()).total, 1);
    await settings.deleteMockPhone({ number: '+16175551299' });
    assert.equal((await settings.updateSMTP({ host: 'mail.example.com', senderEmail: 'a@example.com', enabled: false })).smtpHost, 'mail.example.com');
    await refused(settings.updateSMTP({ host: '127.0.0.1', port: 1, enabled: true }), 400, 'project_smtp_config_invalid');
    await refused(settings.createSMTPTest({ emails: ['a@example.com'] }), 503, 'general_smtp_disabled');
    const template = await settings.updateEmailTemplate({ templateId: 'recovery', locale: 'de', subject: 'Neues Passwort', message: '<p>{{redirect}}</p>' });
    assert.equal(template.subject, 'Neues Passwort');
    assert.equal((await settings.getEmailTemplate({ templateId: 'recovery', locale: 'de' })).subject, 'Neues Passwort');
    assert.equal((await settings.listEmailTemplates()).total, 1);
  });
});
