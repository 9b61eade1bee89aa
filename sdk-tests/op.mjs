// A certified OpenID provider on a free port, which needs nobody in front of it: who signs in, and whether they say
// yes, is set by whoever runs the test.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const people = {
  ada: { sub: 'ada', email: 'ada@example.test', email_verified: true, name: 'Ada Lovelace' },
  mallory: { sub: 'mallory', email: 'victim@example.test', email_verified: false, name: 'Mallory' },
  silent: { sub: 'silent', name: 'Silent' },
};

/** Starts the provider for one client, whose callback is given. */
export async function startProvider(callback) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const self = { issuer, who: 'ada', consent: true, grants: [], fault: undefined };
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'app', client_secret: 'secret-of-the-app', redirect_uris: [callback], grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic',
    }],
    pkce: { required: () => true, methods: ['S256'] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['one', 'two'] },
    interactions: { url: (_, interaction) => `/auto/${interaction.uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => people[id] }),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, RefreshToken: 600, IdToken: 600 },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope(ctx.oidc.params.scope);
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    if (ctx.path === '/token') self.grants.push(ctx.get('authorization').slice(0, 5));
    if (self.fault && ctx.path !== '/.well-known/openid-configuration' && ctx.path.startsWith(self.fault.path)) return self.fault.answer(ctx);
    if (!ctx.path.startsWith('/auto/')) return next();
    const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
    const result = self.consent && prompt.name === 'login' ? { login: { accountId: self.who } } : { error: 'access_denied', error_description: 'The person said no.' };
    return provider.interactionFinished(ctx.req, ctx.res, result);
  });
  server.on('request', provider.callback());
  self.close = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); });
  return self;
}
