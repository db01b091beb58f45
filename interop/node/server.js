// A @grpc/grpc-js server of interop.v1.Interop, helloworld.Greeter and grpc.testing.TestService, with @grpc/reflection.
// proto-loader keeps its defaults, as most Node servers do: field names become camelCase.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { getProtoPath } from 'google-proto-files';
import { testService } from './testing.js';

const schema = protoLoader.loadSync(['interop.proto', 'helloworld.proto', 'grpc_testing.proto'], {
  includeDirs: [path.join(import.meta.dirname, '..', 'proto')],
  longs: String,
});
const googleRpc = protoLoader.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], {
  includeDirs: [getProtoPath('..')],
});

const packAny = (type, value) => ({
  type_url: `type.googleapis.com/${type}`,
  value: googleRpc[type].serialize(value),
});

const greeter = {
  sayHello: (call, reply) => reply(null, { message: `Hello ${call.request.name ?? ''}` }),
};

const interop = {
  unary: (call, reply) => reply(null, call.request),

  extend: (call, reply) => reply(null, call.request),

  serverStream(call) {
    const { count = 0, size = 0 } = call.request;
    for (let number = 1; number <= count; number++) {
      call.write({ text: String(number).padStart(size, '0') });
    }
    call.end();
  },

  clientStream(call, reply) {
    const texts = [];
    call.on('data', (note) => texts.push(note.text));
    call.on('end', () => reply(null, { count: texts.length, texts }));
  },

  bidi(call) {
    call.on('data', (note) => call.write({ text: `re:${note.text}` }));
    call.on('end', () => call.end());
  },

  fail(call, reply) {
    const { code, message } = call.request;
    const details = [
      packAny('google.rpc.BadRequest', {
        fieldViolations: [{ field: 'small', description: 'too-small' }],
      }),
      packAny('google.rpc.ErrorInfo', {
        reason: 'ASKED_FOR', domain: 'interop', metadata: { server: 'node' },
      }),
    ];
    const metadata = new grpc.Metadata();
    metadata.set('grpc-status-details-bin', googleRpc['google.rpc.Status'].serialize({ code, message, details }));
    reply({ code, details: message, metadata });
  },

  metadata(call, reply) {
    const headers = Object.keys(call.metadata.getMap())
      .filter((name) => name.startsWith('x-'))
      .sort()
      .flatMap((name) => call.metadata.get(name).map((value) => (
        name.endsWith('-bin') ? { name, binary: value } : { name, text: value })));
    const sent = new grpc.Metadata();
    sent.set('x-interop-server', 'node');
    call.sendMetadata(sent);
    const trailer = new grpc.Metadata();
    trailer.set('x-interop-trailer', 'done');
    reply(null, { headers }, trailer);
  },

  sleep: (call, reply) => setTimeout(() => reply(null, {}), call.request.millis),

  blob: (call, reply) => reply(null, { data: Buffer.alloc(call.request.size) }),
};

const { values, positionals } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    tls: { type: 'boolean', default: false }, // the certificate and key files follow
  },
  allowPositionals: true,
});
let credentials = grpc.ServerCredentials.createInsecure();
if (values.tls) {
  const [cert, key] = positionals.map((file) => fs.readFileSync(file));
  credentials = grpc.ServerCredentials.createSsl(null, [{ cert_chain: cert, private_key: key }]);
}

const server = new grpc.Server();
const services = grpc.loadPackageDefinition(schema);
server.addService(services.interop.v1.Interop.service, interop);
server.addService(services.helloworld.Greeter.service, greeter);
server.addService(services.grpc.testing.TestService.service, testService);
new ReflectionService(schema).addToServer(server);
server.bindAsync(`127.0.0.1:${values.port}`, credentials, (error, port) => {
  if (error) throw error;
  console.log(`listening on 127.0.0.1:${port}`);
});
