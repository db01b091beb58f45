// The test service of gRPC's interoperability tests. Servers of @grpc/grpc-js never compress, nor tell what was.

import { setTimeout as wait } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';

const payload = (size = 0) => ({ payload: { body: Buffer.alloc(size) } });

// Sends back what the client sent under the name that stands for headers, and gives what is for trailers.
function echoMetadata(call) {
  const [headers, trailers] = [new grpc.Metadata(), new grpc.Metadata()];
  call.metadata.get(INITIAL).forEach((value) => headers.add(INITIAL, value));
  call.metadata.get(TRAILING).forEach((value) => trailers.add(TRAILING, value));
  call.sendMetadata(headers);
  return trailers;
}

const statusAsked = ({ responseStatus }) => (
  responseStatus?.code ? { code: responseStatus.code, details: responseStatus.message } : null);

// Writes the payloads that a request asks for.
async function answer(call, { responseParameters = [] }) {
  for (const { size, intervalUs = 0 } of responseParameters) {
    if (intervalUs > 0) await wait(intervalUs / 1000);
    call.write(payload(size));
  }
}

export const testService = {
  emptyCall: (call, reply) => reply(null, {}),

  unaryCall(call, reply) {
    const trailers = echoMetadata(call);
    const status = statusAsked(call.request);
    if (status) reply({ ...status, metadata: trailers });
    else reply(null, payload(call.request.responseSize), trailers);
  },

  async streamingOutputCall(call) {
    await answer(call, call.request);
    call.end();
  },

  streamingInputCall(call, reply) {
    let aggregatedPayloadSize = 0;
    call.on('data', (request) => { aggregatedPayloadSize += request.payload?.body?.length ?? 0; });
    call.on('end', () => reply(null, { aggregatedPayloadSize }));
  },

  fullDuplexCall(call) {
    const trailers = echoMetadata(call);
    let answered = Promise.resolve();
    let refused = false;
    call.on('data', (request) => {
      answered = answered.then(async () => {
        const status = statusAsked(request);
        if (status && !refused) {
          refused = true;
          call.emit('error', { ...status, metadata: trailers });
        }
        if (!refused) await answer(call, request);
      });
    });
    call.on('end', () => answered.then(() => refused || call.end(trailers)));
  },
};
