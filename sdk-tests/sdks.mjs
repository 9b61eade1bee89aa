// One way to drive every official SDK: a name, a client per device, and methods by the newest names, called with
// one object. What an SDK does not have is undefined.
import { createRequire } from 'node:module';
import makeFetchCookie from 'fetch-cookie';
import { CookieJar } from 'tough-cookie';

const require = createRequire(import.meta.url);
const plainFetch = globalThis.fetch;

// Phones keep cookies in the platform's HTTP stack and browsers in theirs; Node's fetch keeps none. Each device
// gets a jar of its own, chosen before a call.
let jar;
const jars = new WeakMap();
globalThis.fetch = (...args) => (jar ? jars.get(jar)(...args) : plainFetch(...args));
globalThis.window ??= { setTimeout, setInterval, clearTimeout, clearInterval, console };
// Web SDKs keep the fallback cookies here; without a cookie jar this is how they stay signed in.
let storage;
window.localStorage = globalThis.localStorage = {
  getItem: (name) => storage?.get(name) ?? null,
  setItem: (name, value) => storage?.set(name, value),
};

// Web SDKs say on every sign-in that they use localStorage, which is what these tests want.
const warn = console.warn;
console.warn = (...text) => { if (!String(text[0]).startsWith('Appwrite is using localStorage')) warn(...text); };

/** Newest SDKs have each method of the second factors in two spellings. */
function mfa(methods) {
  return { ...methods, ...Object.fromEntries(Object.entries(methods).map(([name, list]) => [name.replace('Mfa', 'MFA'), list])) };
}

const positional = {
  create: ['userId', 'email', 'password', 'name'], updateName: ['name'], updateEmail: ['email', 'password'], updatePassword: ['password', 'oldPassword'],
  updatePhone: ['phone', 'password'], updatePrefs: ['prefs'], createEmailPasswordSession: ['email', 'password'], createEmailSession: ['email', 'password'],
  createEmailToken: ['userId', 'email', 'phrase'], createMagicURLToken: ['userId', 'email', 'url', 'phrase'], createMagicURLSession: ['userId', 'email', 'url'],
  createPhoneToken: ['userId', 'phone'], createPhoneSession: ['userId', 'phone'], createSession: ['userId', 'secret'],
  updateMagicURLSession: ['userId', 'secret'], updatePhoneSession: ['userId', 'secret'],
  createEmailVerification: ['url'], createVerification: ['url'], updateEmailVerification: ['userId', 'secret'], updateVerification: ['userId', 'secret'],
  createEmailVerificationOTP: ['phrase'], updateEmailVerificationOTP: ['userId', 'secret'], updatePhoneVerification: ['userId', 'secret'],
  createRecovery: ['email', 'url'], updateRecovery: ['userId', 'secret', 'password', 'passwordAgain'],
  createRecoveryOTP: ['email', 'phrase'], updateRecoveryOTP: ['userId', 'secret', 'password'],
  createJWT: ['duration'], listLogs: ['queries'], createPushTarget: ['targetId', 'identifier', 'providerId'], updatePushTarget: ['targetId', 'identifier'],
  deletePushTarget: ['targetId'], updateMFA: ['mfa'], ...mfa({ createMfaAuthenticator: ['type'], updateMfaAuthenticator: ['type', 'otp'], deleteMfaAuthenticator: ['type'],
    createMfaChallenge: ['factor'], updateMfaChallenge: ['challengeId', 'otp'] }),
  getSession: ['sessionId'], updateSession: ['sessionId'], deleteSession: ['sessionId'],
};
const older = {
  createEmailPasswordSession: 'createEmailSession', createMagicURLToken: 'createMagicURLSession', createPhoneToken: 'createPhoneSession',
  createEmailVerification: 'createVerification', updateEmailVerification: 'updateVerification',
};

/** A service whose methods take one object, whatever the SDK takes. */
function adapt(service, device) {
  return new Proxy({}, {
    get(_, name) {
      const method = service[name] ? name : older[name];
      if (!method || !service[method]) return undefined;
      return (values = {}) => device.run(() => service[method](...(positional[name] ?? []).map((key) => values[key])));
    },
  });
}

class Device {
  constructor(sdk, endpoint, project, { session, key, cookies = sdk.cookies, jwt } = {}) {
    this.sdk = sdk;
    this.client = new sdk.module.Client().setEndpoint(endpoint).setProject(project);
    if (sdk.os) this.client.setPlatform('com.example.app');
    if (session) this.client.setSession(session);
    if (key) this.client.setKey(key);
    if (jwt) this.client.setJWT(jwt);
    if (cookies) {
      this.jar = new CookieJar();
      jars.set(this.jar, makeFetchCookie(plainFetch, this.jar));
    }
    this.storage = new Map();
    for (const name of ['Account', 'Locale', 'Health']) {
      if (sdk.module[name]) this[name.toLowerCase()] = adapt(new sdk.module[name](this.client), this);
    }
  }

  /** Runs a call with this device's cookies. SDK calls reach fetch before they first yield, or soon after. */
  async run(call) {
    return turn(async () => {
      jar = this.jar;
      storage = this.storage;
      if (this.sdk.os) process.env.RN_OS = this.sdk.os;
      try {
        return await call();
      } finally {
        jar = storage = undefined;
      }
    });
  }

  ping() {
    return this.client.ping && this.run(() => this.client.ping());
  }

  /** A call by method and path, below the SDK's methods. */
  call(method, path, body = {}) {
    const url = new URL(this.client.config.endpoint + path);
    const headers = { 'content-type': 'application/json' };
    if (!this.client.headers?.['X-Appwrite-Project']) headers['X-Appwrite-Project'] = this.client.config.project;
    return this.run(() => this.client.call(method, url, headers, body));
  }
}

// One call at a time: the jar is chosen globally.
let last = Promise.resolve();
function turn(call) {
  const next = last.then(call, call);
  last = next.catch(() => {});
  return next;
}

const sdk = (name, file, options = {}) => ({ name, module: require(file), cookies: false, ...options });

export const sdks = [
  sdk('appwrite 10.2.0', 'appwrite-10', { kind: 'web' }),
  sdk('appwrite 16.1.0', 'appwrite-16', { kind: 'web' }),
  sdk('appwrite 28.0.0', 'appwrite-28', { kind: 'web' }),
  sdk('react-native-appwrite 0.6.0 ios', 'react-native-appwrite-06', { kind: 'native', os: 'ios', cookies: true }),
  sdk('react-native-appwrite 0.6.0 android', 'react-native-appwrite-06', { kind: 'native', os: 'android', cookies: true }),
  sdk('react-native-appwrite 0.31.0 ios', 'react-native-appwrite-31', { kind: 'native', os: 'ios', cookies: true }),
  sdk('react-native-appwrite 0.31.0 android', 'react-native-appwrite-31', { kind: 'native', os: 'android', cookies: true }),
  sdk('node-appwrite 14.2.0', 'node-appwrite-14', { kind: 'server' }),
  sdk('node-appwrite 27.1.0', 'node-appwrite-27', { kind: 'server' }),
];

export const device = (which, endpoint, project, options) => new Device(which, endpoint, project, options);
