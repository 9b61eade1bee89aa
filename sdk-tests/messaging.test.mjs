// Messaging providers through the official server SDKs, and text messages through a webhook that checks the
// signature by the Standard Webhooks specification.
import { after, before, describe, it } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { device, sdks } from './sdks.mjs';
import { freePort, key, poorKey, project, start } from './server.mjs';
import { refused } from './expect.mjs';

const secret = 'whsec_' + Buffer.from('a key of the webhook').toString('base64');
const texts = [];
let hook;
let server;

before(async () => {
  hook = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = request.headers;
      const expected = createHmac('sha256', Buffer.from('a key of the webhook')).update(`${id}.${time}.${body}`).digest('base64');
      const good = signature === `v1,${expected}` && Math.abs(Date.now() / 1000 - time) < 300;
      if (good) texts.push(JSON.parse(body));
      response.writeHead(good ? 204 : 401).end();
    });
  });
  const port = await freePort();
  await new Promise((resolve) => hook.listen(port, '127.0.0.1', resolve));
  server = await start({ args: ['--sms', `webhook+http://:${encodeURIComponent(secret)}@127.0.0.1:${port}/sms?from=Demo`, '--allow-private', '127.0.0.0/8'] });
});
after(async () => {
  await server?.stop();
  hook?.close();
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p8 = privateKey.export({ type: 'pkcs8', format: 'pem' });

// Per kind: the SDK's name, and its parameters in the order of SDKs that take them one by one.
const kinds = {
  smtp: ['Smtp', { host: 'mail.example.com', port: 587, username: 'u', password: 'p', encryption: 'tls', autoTLS: true, mailer: '', fromName: 'A', fromEmail: 'a@example.com', replyToName: '', replyToEmail: '' }],
  mailgun: ['Mailgun', { apiKey: 'k', domain: 'mg.example.com', isEuRegion: true, fromName: 'A', fromEmail: 'a@example.com', replyToName: '', replyToEmail: '' }],
  sendgrid: ['Sendgrid', { apiKey: 'k', fromName: 'A', fromEmail: 'a@example.com', replyToName: '', replyToEmail: '' }],
  resend: ['Resend', { apiKey: 'k', fromName: 'A', fromEmail: 'a@example.com', replyToName: '', replyToEmail: '' }],
  ses: ['Ses', { accessKey: 'k', secretKey: 's', region: 'eu-west-1', fromName: 'A', fromEmail: 'a@example.com', replyToName: '', replyToEmail: '' }],
  twilio: ['Twilio', { from: '+15550100', accountSid: 'AC1', authToken: 's' }],
  vonage: ['Vonage', { from: 'A', apiKey: 'k', apiSecret: 's' }],
  msg91: ['Msg91', { templateId: 't', senderId: 'A', authKey: 's' }],
  telesign: ['Telesign', { from: 'A', customerId: 'c', apiKey: 's' }],
  textmagic: ['Textmagic', { from: 'A', username: 'u', apiKey: 's' }],
  fcm: ['Fcm', { serviceAccountJSON: { type: 'service_account', project_id: 'p', client_email: 'a@p.iam.gserviceaccount.com', private_key: p8 } }],
  apns: ['Apns', { authKey: p8, authKeyId: 'k', teamId: 't', bundleId: 'com.example.app', sandbox: true }],
};

for (const sdk of sdks.filter((one) => one.kind === 'server')) {
  describe(sdk.name, () => {
    const messaging = (secret) => new sdk.module.Messaging(device(sdk, server.endpoint, project, { key: secret }).client);
    const old = sdk.name.includes(' 14.');
    const prefix = old ? 'old-' : 'new-';

    for (const [kind, [name, values]] of Object.entries(kinds)) {
      it(`create${name}Provider, update${name}Provider`, async (t) => {
        const service = messaging(key);
        if (!service[`create${name}Provider`]) return t.skip('the SDK has no such kind');
        const id = prefix + kind;
        const made = old
          ? await service[`create${name}Provider`](id, kind, ...Object.values(values), true)
          : await service[`create${name}Provider`]({ providerId: id, name: kind, ...values, enabled: true });
        assert.deepEqual([made.$id, made.name, made.provider, made.enabled], [id, kind, kind, true]);
        assert.doesNotMatch(JSON.stringify(made), /PRIVATE KEY|"s"/, 'secrets are not read back');
        const changed = old ? await service[`update${name}Provider`](id, 'Other') : await service[`update${name}Provider`]({ providerId: id, name: 'Other', enabled: false });
        assert.deepEqual([changed.name, changed.enabled], ['Other', old]);
        await refused(old ? service[`update${name}Provider`]('nobody') : service[`update${name}Provider`]({ providerId: 'nobody' }), 404, 'provider_not_found');
      });
    }

    it('listProviders, getProvider, deleteProvider', async () => {
      const service = messaging(key);
      const { Query } = sdk.module;
      const list = await (old ? service.listProviders([Query.equal('type', ['sms']), Query.limit(100)]) : service.listProviders({ queries: [Query.equal('type', ['sms']), Query.limit(100)] }));
      assert.ok(list.total >= 5 && list.providers.every((one) => one.type === 'sms'));
      const id = prefix + 'twilio';
      const one = await (old ? service.getProvider(id) : service.getProvider({ providerId: id }));
      assert.equal(one.credentials.accountSid, 'AC1');
      await refused(old ? messaging(poorKey).getProvider(id) : messaging(poorKey).getProvider({ providerId: id }), 401, 'general_unauthorized_scope');
      for (const kind of Object.keys(kinds)) {
        await (old ? service.deleteProvider(prefix + kind) : service.deleteProvider({ providerId: prefix + kind })).catch((error) => assert.equal(error.code, 404));
      }
      await refused(old ? service.getProvider(id) : service.getProvider({ providerId: id }), 404, 'provider_not_found');
    });
  });
}

for (const sdk of sdks) {
  it(`a code by text message, ${sdk.name}`, async () => {
    const number = '+49151' + String(Date.now()).slice(-8);
    const one = device(sdk, server.endpoint, project);
    const token = await one.account.createPhoneToken({ userId: 'unique()', phone: number });
    const deadline = Date.now() + 10_000;
    let text;
    while (!(text = texts.find((t) => t.to === number))) {
      assert.ok(Date.now() < deadline, server.log());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(text.from, 'Demo');
    const session = await one.account.updatePhoneSession({ userId: token.userId, secret: text.body.split(' ')[0] });
    assert.equal(session.provider, 'phone');
  });
}
