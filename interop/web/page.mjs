// What the page runs: it calls the demo server, which is of another origin, and posts a line about each check to its own.

import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { plain, run, services } from './checks.mjs';

const baseUrl = new URLSearchParams(location.search).get('server');
const lines = [];
const say = (line) => lines.push(line);
try {
  const schema = services(new Uint8Array(await (await fetch('/set')).arrayBuffer()));
  for (const useBinaryFormat of [true, false]) {
    const codec = useBinaryFormat ? 'proto' : 'json';
    const options = { baseUrl, useBinaryFormat, useHttpGet: useBinaryFormat };
    await run(`connect ${codec}`, createConnectTransport(options), schema, { say });
    await run(`grpc-web ${codec}`, createGrpcWebTransport(options), schema, { say });
  }
  await plain(baseUrl, say);
} catch (error) {
  say(`not ok page: ${error}`);
}
await fetch('/said', { method: 'POST', body: lines.join('\n') });
