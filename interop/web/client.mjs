// Calls the demo server with connect-node and connect-web in every protocol, one line a check.
//
//     client.mjs [--cacert FILE] HOST:PORT DESCRIPTOR-SET

import { readFileSync } from 'node:fs';
import {
  compressionBrotli, compressionGzip, createConnectTransport, createGrpcTransport, createGrpcWebTransport,
} from '@connectrpc/connect-node';
import * as web from '@connectrpc/connect-web';
import { plain, run, services, tell } from './checks.mjs';

const words = process.argv.slice(2);
const ca = words[0] === '--cacert' ? readFileSync(words.splice(0, 2)[1]) : undefined;
const [address, set] = words;
const baseUrl = `${ca ? 'https' : 'http'}://${address.replace('127.0.0.1', 'localhost')}`;
const schema = services(readFileSync(set));
const say = (line) => console.log(line);

for (const httpVersion of ['1.1', '2']) {
  for (const useBinaryFormat of [true, false]) {
    const codec = useBinaryFormat ? 'proto' : 'json';
    const options = {
      baseUrl, httpVersion, useBinaryFormat, nodeOptions: { ca },
      // The server takes the first.
      acceptCompression: useBinaryFormat ? [compressionBrotli, compressionGzip] : [compressionGzip],
      sendCompression: useBinaryFormat ? compressionBrotli : compressionGzip,
      compressMinBytes: 1024,
      useHttpGet: useBinaryFormat,
    };
    const transports = {
      connect: createConnectTransport(options),
      'grpc-web': createGrpcWebTransport(options),
      ...(httpVersion === '2' ? { grpc: createGrpcTransport(options) } : {}),
    };
    for (const [protocol, transport] of Object.entries(transports)) {
      await run(`${protocol} ${httpVersion} ${codec}`, transport, schema, { streams: true, say });
    }
  }
}

// Node's fetch trusts no file of one's own.
if (!ca) {
  for (const useBinaryFormat of [true, false]) {
    const codec = useBinaryFormat ? 'proto' : 'json';
    const options = { baseUrl, useBinaryFormat, useHttpGet: useBinaryFormat };
    await run(`web-connect ${codec}`, web.createConnectTransport(options), schema, { say });
    await run(`web-grpc-web ${codec}`, web.createGrpcWebTransport(options), schema, { say });
  }
  await plain(baseUrl, say);
  await tell('fetch cors', async () => {
    const origin = 'https://page.example';
    const preflight = await fetch(`${baseUrl}/hello.HelloService/SayHello`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-a' },
    });
    const allowed = ['origin', 'methods', 'headers'].map((what) => preflight.headers.get(`access-control-allow-${what}`));
    if (JSON.stringify(allowed) !== '["*","GET, POST","content-type,x-a"]') throw new Error(`allowed: ${allowed}`);
  }, say);
}
process.exit(0);
