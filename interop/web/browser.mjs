// Serves a page that calls the demo server from another origin, has Chromium open it, and prints what the page says.
//
//     browser.mjs CHROMIUM HOST:PORT DESCRIPTOR-SET

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [chromium, address, set] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'page-'));
const pages = {
  '/': ['text/html', '<!doctype html><title>page</title><script type="module" src="/page.js"></script>'],
  '/page.js': ['text/javascript', readFileSync(new URL('page.js', import.meta.url))],
  '/set': ['application/octet-stream', readFileSync(set)],
};

let browser;
function end(said) {
  console.log(said);
  browser?.kill('SIGKILL');
  browser?.on('exit', () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  });
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://page');
  if (pathname === '/said') {
    const parts = await request.toArray();
    response.end();
    end(Buffer.concat(parts).toString());
    return;
  }
  const [type, body] = pages[pathname] ?? [];
  response.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain' }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}/?server=${encodeURIComponent(`http://${address}`)}`;
  browser = spawn(chromium, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', `--user-data-dir=${folder}`, '--remote-debugging-port=0', url,
  ], { stdio: 'ignore' });
  browser.on('error', (error) => end(`not ok chromium: ${error.message}`));
  setTimeout(() => end('not ok page: it said nothing within a minute'), 60_000).unref();
});
