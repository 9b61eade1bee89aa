// Every method of accounts and sessions, good and bad, through every official SDK that has it.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { device, sdks } from './sdks.mjs';
import { key, poorKey, project, start } from './server.mjs';
import { plain, refused } from './expect.mjs';

const password = 'correct horse 1';
let server;
let count = 0;
const nowhere = (sdk) => (sdk.kind === 'native' ? [403, 'general_unknown_origin'] : [404, 'project_not_found']); // an app's origin is looked at first
const fresh = () => `u${process.pid}-${++count}@example.com`;

before(async () => { server = await start(); });
after(async () => { await server?.stop(); });

/** A device with a person signed in on it, by the means of the SDK: fallback cookies, cookies, or a session header. */
async function person(sdk, email = fresh()) {
  const guest = device(sdk, server.endpoint, project, sdk.kind === 'server' ? { key } : {});
  await guest.account.create({ userId: 'unique()', email, password, name: 'Walter' });
  const session = await guest.account.createEmailPasswordSession({ email, password });
  if (sdk.kind !== 'server') return { device: guest, email, session };
  assert.notEqual(session.secret, '', 'a server is told the secret');
  return { device: device(sdk, server.endpoint, project, { session: session.secret }), email, session };
}

for (const sdk of sdks) {
  describe(sdk.name, () => {
    const guest = () => device(sdk, server.endpoint, project, sdk.kind === 'server' ? { key } : {});
    const stranger = () => device(sdk, server.endpoint, project);

    it('create', async () => {
      const email = fresh();
      const user = await guest().account.create({ userId: 'unique()', email: email.toUpperCase(), password, name: 'Walter' });
      assert.equal(user.email, email);
      assert.match(user.$id, /^[0-9a-f]{20}$/);
      assert.deepEqual(plain(user.prefs), {});
      await refused(guest().account.create({ userId: 'unique()', email, password, name: 'W' }), 409, 'user_already_exists');
      await refused(guest().account.create({ userId: 'unique()', email: fresh(), password: 'short', name: 'W' }), 400, 'general_argument_invalid');
    });

    it('get', async () => {
      const { device: me, email } = await person(sdk);
      const account = await me.account.get();
      assert.equal(account.email, email);
      assert.equal(account.targets[0].identifier, email);
      await refused(stranger().account.get(), 401, 'general_unauthorized_scope');
    });

    it('createEmailPasswordSession', async () => {
      const { device: me, email, session } = await person(sdk);
      assert.equal(session.provider, 'email');
      assert.equal(session.current, true);
      if (sdk.kind !== 'server') assert.equal(session.secret ?? '', '');
      await refused(guest().account.createEmailPasswordSession({ email, password: 'wrong password' }), 401, 'user_invalid_credentials');
      await refused(guest().account.createEmailPasswordSession({ email: fresh(), password }), 401, 'user_invalid_credentials');
      await refused(me.account.createEmailPasswordSession({ email, password }), 401, 'user_session_already_exists');
    });

    it('createAnonymousSession, and becoming a full account', async () => {
      const one = guest();
      const session = await one.account.createAnonymousSession();
      assert.equal(session.provider, 'anonymous');
      const me = sdk.kind === 'server' ? device(sdk, server.endpoint, project, { session: session.secret }) : one;
      await refused(me.account.createAnonymousSession(), 401, 'user_session_already_exists');
      const email = fresh();
      const user = await me.account.updateEmail({ email, password });
      assert.equal(user.email, email);
      await guest().account.createEmailPasswordSession({ email, password });
    });

    it('updateName', async () => {
      const { device: me } = await person(sdk);
      assert.equal((await me.account.updateName({ name: 'Heisenberg Ω' })).name, 'Heisenberg Ω');
      await refused(me.account.updateName({ name: 'x'.repeat(129) }), 400, 'general_argument_invalid');
    });

    it('updateEmail', async () => {
      const { device: me } = await person(sdk);
      const other = await person(sdk);
      const email = fresh();
      assert.equal((await me.account.updateEmail({ email, password })).email, email);
      await refused(me.account.updateEmail({ email: fresh(), password: 'wrong password' }), 401, 'user_invalid_credentials');
      await refused(me.account.updateEmail({ email: other.email, password }), 409, 'user_target_already_exists');
    });

    it('updatePassword', async () => {
      const { device: me, email } = await person(sdk);
      await me.account.updatePassword({ password: 'another horse 2', oldPassword: password });
      await refused(me.account.updatePassword({ password: 'a third horse', oldPassword: password }), 401, 'user_invalid_credentials');
      await refused(guest().account.createEmailPasswordSession({ email, password }), 401, 'user_invalid_credentials');
      assert.equal((await me.account.get()).email, email, 'the session that changed it goes on');
    });

    it('updatePhone', async () => {
      const { device: me } = await person(sdk);
      const phone = '+4915' + String(100000000 + Math.floor(Math.random() * 899999999));
      assert.equal((await me.account.updatePhone({ phone, password })).phone, phone);
      await refused(me.account.updatePhone({ phone: '0123', password }), 400, 'general_argument_invalid');
      await refused(me.account.updatePhone({ phone, password }), 409, 'user_target_already_exists');
    });

    it('updatePrefs and getPrefs', async () => {
      const { device: me } = await person(sdk);
      const prefs = { theme: 'dark', nested: { list: [1, 2, { three: true }] }, '': 'empty name' };
      assert.deepEqual(plain((await me.account.updatePrefs({ prefs })).prefs), prefs);
      assert.deepEqual(plain(await me.account.getPrefs()), prefs);
      await me.account.updatePrefs({ prefs: {} });
      assert.deepEqual(plain(await me.account.getPrefs()), {});
      await refused(me.account.updatePrefs({ prefs: { big: 'x'.repeat(65536) } }), 400, 'general_argument_invalid');
      await refused(stranger().account.getPrefs(), 401, 'general_unauthorized_scope');
    });

    it('updateStatus', async () => {
      const { device: me, email } = await person(sdk);
      if (!me.account.updateStatus) return;
      const old = sdk.kind === 'server' ? me : null;
      assert.equal((await me.account.updateStatus()).status, false);
      if (old) await refused(old.account.get(), 403, 'user_blocked');
      await refused(guest().account.createEmailPasswordSession({ email, password }), 403, 'user_blocked');
    });

    it('listSessions, getSession, updateSession, deleteSession', async () => {
      const { device: me, email, session } = await person(sdk);
      await person(sdk); // somebody else's
      const second = guest();
      const other = await second.account.createEmailPasswordSession({ email, password });
      const list = await me.account.listSessions();
      assert.equal(list.total, 2);
      assert.deepEqual(list.sessions.map((s) => [s.$id, s.current]), [[session.$id, true], [other.$id, false]]);
      assert.equal((await me.account.getSession({ sessionId: 'current' })).$id, session.$id);
      assert.equal((await me.account.getSession({ sessionId: other.$id })).current, false);
      await refused(me.account.getSession({ sessionId: 'nobodys' }), 404, 'user_session_not_found');
      const extended = await me.account.updateSession({ sessionId: 'current' });
      assert.ok(new Date(extended.expire) >= new Date(session.expire));
      await refused(me.account.updateSession({ sessionId: 'nobodys' }), 404, 'user_session_not_found');
      await me.account.deleteSession({ sessionId: other.$id });
      await refused(me.account.deleteSession({ sessionId: other.$id }), 404, 'user_session_not_found');
      await me.account.deleteSession({ sessionId: 'current' });
      await refused(me.account.get(), 401, 'general_unauthorized_scope');
    });

    it('deleteSessions', async () => {
      const { device: me, email } = await person(sdk);
      await guest().account.createEmailPasswordSession({ email, password });
      await me.account.deleteSessions();
      await refused(me.account.listSessions(), 401, 'general_unauthorized_scope');
      await refused(stranger().account.deleteSessions(), 401, 'general_unauthorized_scope');
    });

    it('ping', async () => {
      const one = stranger();
      if (!one.ping()) return;
      assert.equal((await one.ping()).message, 'Pong!');
      await refused(device(sdk, server.endpoint, 'nowhere').ping(), ...nowhere(sdk));
    });

    it('locale', async () => {
      const one = sdk.kind === 'server' ? guest() : stranger();
      const { locale } = one;
      assert.equal((await locale.get()).countryCode, '--');
      const lists = [['listCodes', 'localeCodes', 131], ['listCountries', 'countries', 197], ['listCountriesEU', 'countries', 27], ['listContinents', 'continents', 7]];
      for (const [method, member, total] of lists) {
        if (!locale[method]) continue;
        const list = await locale[method]();
        assert.deepEqual([list.total, list[member].length], [total, total], method);
      }
      for (const [method, member] of [['listCountriesPhones', 'phones'], ['listCurrencies', 'currencies'], ['listLanguages', 'languages']]) {
        const list = await locale[method]();
        assert.ok(list.total > 100 && list.total === list[member].length, method);
      }
      await refused(device(sdk, server.endpoint, 'nowhere').locale.get(), ...nowhere(sdk));
    });

    it('warns of nothing', async () => {
      const warn = console.warn;
      const warnings = [];
      console.warn = (...text) => warnings.push(text.join(' '));
      try {
        await (await person(sdk)).device.account.get();
      } finally {
        console.warn = warn;
      }
      assert.deepEqual(warnings.filter((text) => text.includes('response format')), []);
    });

    if (sdk.kind === 'server') {
      it('health, scopes and wrong keys', async () => {
        if (guest().health) {
          const health = await guest().health.get();
          assert.deepEqual([health.name, health.status], ['http', 'pass']);
        }
        const poor = device(sdk, server.endpoint, project, { key: poorKey });
        assert.equal((await poor.locale.get()).countryCode, '--');
        await refused(poor.account.createAnonymousSession(), 401, 'general_unauthorized_scope');
        await refused(device(sdk, server.endpoint, project, { key: 'standard_00' }).locale.get(), 401, 'user_unauthorized');
        await refused(guest().account.get(), 401, 'general_unauthorized_scope');
      });
    }

    if (sdk.kind === 'native') {
      it('an app that is not registered is refused', async () => {
        const foreign = stranger();
        foreign.client.setPlatform('com.evil.app');
        await refused(foreign.account.createAnonymousSession(), 403, 'general_unknown_origin');
      });
    }

    it('older paths', async () => {
      const email = fresh();
      await guest().account.create({ userId: 'unique()', email, password, name: 'W' });
      const session = await guest().call('post', '/account/sessions', { email, password });
      assert.equal(session.provider, 'email');
    });
  });
}
