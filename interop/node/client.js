// Lists or calls the methods of any server by its reflection, with @grpc/grpc-js and proto-loader.
//
//     client.js [--cacert FILE] ADDRESS list
//     client.js [--cacert FILE] ADDRESS pkg.Service/Method [JSON]...

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { getProtoPath } from 'google-proto-files';
import descriptor from 'protobufjs/ext/descriptor/index.js';

// @grpc/reflection has a server only, but brings the .proto that a client needs.
const reflectionSchema = protoLoader.loadSync('reflection.proto', {
  includeDirs: [path.join(import.meta.dirname, 'node_modules/@grpc/reflection/build/proto/grpc/reflection/v1')],
});
const statusSchema = protoLoader.loadSync('google/rpc/status.proto', { includeDirs: [getProtoPath('..')] });
const { ServerReflection } = grpc.loadPackageDefinition(reflectionSchema).grpc.reflection.v1;

class Reflection {
  constructor(address, credentials) {
    this.stream = new ServerReflection(address, credentials).ServerReflectionInfo();
    this.answers = this.stream[Symbol.asyncIterator]();
  }

  async ask(question) {
    this.stream.write(question);
    const { value } = await this.answers.next();
    if (value.errorResponse) throw new Error(value.errorResponse.errorMessage);
    return value;
  }

  async services() {
    const { listServicesResponse } = await this.ask({ listServices: '*' });
    return listServicesResponse.service.map(({ name }) => name);
  }

  // The file that declares a symbol and everything it imports, as proto-loader takes them.
  async schema(symbol) {
    const files = new Map();
    let wanted = [{ fileContainingSymbol: symbol }];
    while (wanted.length > 0) {
      const { fileDescriptorResponse } = await this.ask(wanted.pop());
      for (const bytes of fileDescriptorResponse.fileDescriptorProto) {
        const file = descriptor.FileDescriptorProto.decode(bytes);
        files.set(file.name, file);
      }
      wanted = [...files.values()]
        .flatMap((file) => file.dependency)
        .filter((name) => !files.has(name))
        .map((fileByFilename) => ({ fileByFilename }));
    }
    const set = descriptor.FileDescriptorSet.encode({ file: [...files.values()] }).finish();
    return protoLoader.loadFileDescriptorSetFromBuffer(Buffer.from(set), { longs: String, enums: String, bytes: String });
  }

  close() {
    this.stream.end();
  }
}

function call(client, method, requests) {
  const { path: name, requestSerialize: encode, responseDeserialize: decode } = method;
  const options = { deadline: Date.now() + 10_000 };
  const metadata = new grpc.Metadata();
  const print = (message) => console.log(JSON.stringify(message));
  return new Promise((resolve, reject) => {
    const onReply = (error, reply) => (error ? reject(error) : resolve(print(reply)));
    let stream;
    if (method.requestStream && method.responseStream) {
      stream = client.makeBidiStreamRequest(name, encode, decode, metadata, options);
    } else if (method.requestStream) {
      stream = client.makeClientStreamRequest(name, encode, decode, metadata, options, onReply);
    } else if (method.responseStream) {
      stream = client.makeServerStreamRequest(name, encode, decode, requests[0], metadata, options);
    } else {
      client.makeUnaryRequest(name, encode, decode, requests[0], metadata, options, onReply);
    }
    if (method.responseStream) {
      stream.on('data', print).on('error', reject).on('end', resolve);
    }
    if (method.requestStream) {
      requests.forEach((request) => stream.write(request));
      stream.end();
    }
  });
}

const { values, positionals: [address, target, ...documents] } = parseArgs({
  options: { cacert: { type: 'string' } },
  allowPositionals: true,
});
const credentials = values.cacert
  ? grpc.credentials.createSsl(fs.readFileSync(values.cacert))
  : grpc.credentials.createInsecure();
const reflection = new Reflection(address, credentials);
if (target === 'list') {
  console.log((await reflection.services()).sort().join('\n'));
} else {
  const [service, name] = target.split('/');
  const schema = await reflection.schema(service);
  const requests = (documents.length > 0 ? documents : ['{}']).map((text) => JSON.parse(text));
  try {
    await call(new grpc.Client(address, credentials), schema[service][name], requests);
  } catch (error) {
    console.error(`${grpc.status[error.code]}: ${error.details}`);
    for (const bytes of error.metadata.get('grpc-status-details-bin')) {
      const { details } = statusSchema['google.rpc.Status'].deserialize(bytes);
      details.forEach((detail) => console.error(`detail ${detail.type_url}`));
    }
    process.exitCode = 64 + error.code;
  }
}
reflection.close();
