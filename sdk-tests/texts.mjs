// Somebody who sends text messages for the server: takes them as a signed webhook, and refuses what is not signed.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';

const secret = 'a secret of ours';

/** Starts it. `url` is for --sms. */
export async function textOffice() {
  const texts = [];
  const waiting = new Set();
  const seen = { signed: 0, refused: 0 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
      const want = 'v1,' + createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64');
      if (signature !== want || Math.abs(Date.now() / 1000 - Number(at)) > 60) {
        seen.refused++;
        response.writeHead(401).end();
        return;
      }
      seen.signed++;
      texts.push(JSON.parse(body));
      response.writeHead(204).end();
      for (const look of waiting) look();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `webhook+http://:${encodeURIComponent(secret)}@127.0.0.1:${server.address().port}/texts?from=%2B15550100`,
    seen,
    /** The next text message to a number that nobody has taken yet. */
    take(to, within = 15_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const at = texts.findIndex((text) => text.to === to);
          if (at < 0) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(texts.splice(at, 1)[0]);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no text message to ${to} within ${within} ms`));
        }, within);
        waiting.add(look);
        look();
      });
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
