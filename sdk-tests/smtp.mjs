// A mail server for tests: STARTTLS with a certificate of its own authority, AUTH, and whatever it is sent can be
// read. It refuses mail before TLS and before a login, so what arrives has come through both.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket, createSecureContext } from 'node:tls';

const user = 'latchkey';
const pass = 'p:a/s@s';

/** Makes a key and a certificate for localhost in a directory. */
function certify(directory) {
  const key = join(directory, 'key.pem');
  const cert = join(directory, 'cert.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key, cert };
}

/** Starts the server. `url` is for --smtp, `ca` the file to trust. */
export async function postOffice() {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-smtp-'));
  const { key, cert } = certify(directory);
  const secureContext = createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
  const mails = [];
  const waiting = new Set();
  const seen = { tls: 0, logins: 0, refusedEarly: 0 };
  const sockets = new Set();
  const arrived = (raw, to) => {
    mails.push({ to, ...read(raw) });
    for (const look of waiting) look();
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    talk(socket, { secureContext, arrived, seen });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    url: `smtp://${user}:${encodeURIComponent(pass)}@localhost:${port}?from=auth@example.com`,
    ca: cert,
    seen,
    mails,
    /** The next mail to somebody that nobody has taken yet. */
    take(to, within = 15_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const at = mails.findIndex((mail) => mail.to === to);
          if (at < 0) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(mails.splice(at, 1)[0]);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no mail to ${to} within ${within} ms; there are ${JSON.stringify(mails.map((mail) => [mail.to, mail.subject]))}`));
        }, within);
        waiting.add(look);
        look();
      });
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** One conversation (RFC 5321, 3207, 4954). */
function talk(plain, { secureContext, arrived, seen }) {
  let socket = plain;
  let text = '';
  let data = false;
  let secure = false;
  let known = false;
  let login;
  let to = [];
  const say = (...lines) => socket.write(lines.join('\r\n') + '\r\n');
  const check = (name, word) => {
    known = name === user && word === pass;
    if (known) seen.logins++;
    say(known ? '235 2.7.0 welcome' : '535 5.7.8 no');
  };
  const plainLogin = (encoded) => {
    const [, name, word] = Buffer.from(encoded, 'base64').toString().split('\0');
    check(name, word);
  };
  const command = (line) => {
    if (login) {
      const take = login;
      login = undefined;
      return take(line);
    }
    const [verb, ...rest] = line.split(' ');
    switch (verb.toUpperCase()) {
      case 'EHLO':
        return say('250-localhost', ...(secure ? ['250-AUTH PLAIN LOGIN'] : ['250-STARTTLS']), '250 8BITMIME');
      case 'STARTTLS': {
        say('220 go ahead');
        plain.removeAllListeners('data');
        socket = new TLSSocket(plain, { isServer: true, secureContext });
        secure = true;
        seen.tls++;
        text = '';
        listen();
        return undefined;
      }
      case 'AUTH': {
        if (!secure) return say('538 5.7.11 TLS first');
        if (rest[0]?.toUpperCase() === 'PLAIN' && rest[1]) return plainLogin(rest[1]);
        if (rest[0]?.toUpperCase() === 'PLAIN') { login = plainLogin; return say('334 '); }
        login = (name) => {
          login = (word) => check(Buffer.from(name, 'base64').toString(), Buffer.from(word, 'base64').toString());
          say('334 UGFzc3dvcmQ6');
        };
        return say('334 VXNlcm5hbWU6');
      }
      case 'MAIL':
        if (!secure || !known) { seen.refusedEarly++; return say('530 5.7.0 TLS and login first'); }
        to = [];
        return say('250 2.1.0 ok');
      case 'RCPT':
        to.push(/<(.*)>/.exec(line)[1]);
        return say('250 2.1.5 ok');
      case 'DATA':
        data = true;
        return say('354 go on');
      case 'RSET': case 'NOOP':
        return say('250 2.0.0 ok');
      case 'QUIT':
        say('221 2.0.0 bye');
        return socket.end();
      default:
        return say('502 5.5.1 what');
    }
  };
  const listen = () => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (;;) {
        if (data) {
          const end = text.indexOf('\r\n.\r\n');
          if (end < 0) return;
          const raw = text.slice(0, end + 2).replace(/\r\n\.\./g, '\r\n.');
          text = text.slice(end + 5);
          data = false;
          for (const one of to) arrived(raw, one);
          say('250 2.0.0 taken');
          continue;
        }
        const end = text.indexOf('\r\n');
        if (end < 0) return;
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        command(line);
      }
    });
  };
  listen();
  say('220 localhost');
}

/** Reads a mail: its headers and its two bodies. */
function read(raw) {
  const part = (source) => {
    const cut = source.indexOf('\r\n\r\n');
    const headers = {};
    for (const line of source.slice(0, cut).replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { headers, body: source.slice(cut + 4) };
  };
  const decoded = ({ headers, body }) => {
    switch ((headers['content-transfer-encoding'] ?? '').toLowerCase()) {
      case 'base64': return Buffer.from(body, 'base64').toString('utf8');
      case 'quoted-printable':
        return Buffer.from(body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8');
      default: return Buffer.from(body, 'latin1').toString('utf8');
    }
  };
  const words = (text = '') => text.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, kind, inner) => (kind.toLowerCase() === 'b'
    ? Buffer.from(inner, 'base64').toString('utf8')
    : Buffer.from(inner.replace(/_/g, ' ').replace(/=([0-9A-F]{2})/gi, (__, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8')));
  const whole = part(raw);
  const mail = { headers: whole.headers, subject: words(whole.headers.subject), header: words(whole.headers.to) };
  const boundary = /boundary="?([^";]+)"?/.exec(whole.headers['content-type'] ?? '')?.[1];
  const parts = boundary ? whole.body.split(`--${boundary}`).slice(1, -1).map((one) => part(one.replace(/^\r\n/, ''))) : [whole];
  for (const one of parts) {
    if ((one.headers['content-type'] ?? '').startsWith('text/html')) mail.html = decoded(one);
    else mail.text = decoded(one);
  }
  return mail;
}

/** The link of a mail, as its text shows it, and what is in it. */
export function linkOf(mail) {
  const url = new URL(/https?:\/\/\S+|[a-z-]+:\/\/\S+/.exec(mail.text)[0]);
  return { url, userId: url.searchParams.get('userId'), secret: url.searchParams.get('secret'), expire: url.searchParams.get('expire'), project: url.searchParams.get('project') };
}

/** The code of a mail: the first number of six digits in its text. */
export const codeOf = (mail) => /\b\d{6}\b/.exec(mail.text)[0];
