// What a client is asked to do with the demo server, whichever transport it has. Runs in Node and in a page.

import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';

/** The services in a descriptor set. */
export function services(set) {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
  return {
    hello: registry.getService('hello.HelloService'),
    demo: registry.getService('demo.v1.Demo'),
    errorInfo: registry.getMessage('google.rpc.ErrorInfo'),
  };
}

function equal(got, want) {
  const text = (value) => JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one));
  if (text(got) !== text(want)) throw new Error(`got ${text(got)}, not ${text(want)}`);
}

async function* each(messages) {
  yield* messages;
}

async function all(answers) {
  const list = [];
  for await (const answer of answers) list.push(answer);
  return list;
}

async function failure(call) {
  try {
    await call();
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error('it did not fail');
}

const checks = {
  async unary({ hello }) {
    equal((await hello.sayHello({ name: 'Jörg' })).message, 'Hello, Jörg');
  },
  async 'server-stream'({ demo }) {
    equal((await all(demo.countDown({ from: 3 }))).map(({ number }) => number), [3, 2, 1]);
  },
  async failure({ demo, errorInfo }) {
    const error = await failure(() => demo.fail({ code: 5, message: 'no such bük', samples: [1] }));
    equal([error.code, error.rawMessage], [Code.NotFound, 'no such bük']);
    equal(error.findDetails(errorInfo).map(({ reason }) => reason), ['SHELF_EMPTY']);
  },
  async 'failure-after'({ demo, errorInfo }) {
    const seen = [];
    const error = await failure(async () => {
      const request = { messages: 2, failure: { code: 10, message: 'stop', samples: [1] } };
      for await (const { sequence } of demo.failAfter(request)) seen.push(sequence);
    });
    equal([seen, error.code, error.rawMessage], [[1, 2], Code.Aborted, 'stop']);
    equal(error.findDetails(errorInfo).length, 1);
  },
  async metadata({ demo }) {
    const told = {};
    const { entries } = await demo.echoMetadata({}, {
      headers: { 'x-a': '1', 'x-b-bin': 'AQI' },
      onHeader: (headers) => (told.headers = [headers.get('x-a'), headers.get('x-b-bin')]),
      onTrailer: (trailers) => (told.trailers = [trailers.get('x-a'), trailers.get('x-b-bin')]),
    });
    const binary = entries.find(({ name }) => name === 'x-b-bin').value;
    equal([binary.case, [...binary.value]], ['binary', [1, 2]]);
    equal(told, { headers: ['1', 'AQI'], trailers: ['1', 'AQI'] });
  },
  async timeout({ demo }) {
    const error = await failure(() => demo.sleep({ duration: { seconds: 20n } }, { timeoutMs: 200 }));
    equal(error.code, Code.DeadlineExceeded);
  },
  async 'no-such-method'({ demo }) {
    const error = await failure(() => demo.nap({}));
    equal(error.code, Code.Unimplemented);
  },
  async large({ demo }) {
    // Not Echo, which may go by GET: no URI is as long as that.
    const stringValue = Array.from({ length: 10_000 }, (_, i) => `${i} times ${i} is ${i * i}\n`).join('');
    equal((await demo.oldEcho({ stringValue })).stringValue === stringValue, true);
  },
};

const streaming = {
  async 'client-stream'({ demo }) {
    const { sum, count } = await demo.sum(each([{ number: 2n }, { number: 40n }]));
    equal([sum, count], [42n, 2n]);
  },
  async bidi({ demo }) {
    const answers = await all(demo.chat(each([{ text: 'a' }, { text: 'b' }])));
    equal(answers.map(({ text }) => text), ['a', 'b']);
  },
};

/** Runs the checks over a transport, and says a line about each. */
export async function run(name, transport, { hello, demo, errorInfo }, { streams, say }) {
  // A method that the server does not have, with the types of one that it has.
  const nap = { ...demo.method.sleep, name: 'Nap', localName: 'nap' };
  const withNap = { ...demo, methods: [...demo.methods, nap], method: { ...demo.method, nap } };
  const clients = { hello: createClient(hello, transport), demo: createClient(withNap, transport), errorInfo };
  for (const [check, does] of Object.entries({ ...checks, ...(streams ? streaming : {}) })) {
    await tell(`${name} ${check}`, () => does(clients), say);
  }
}

/** Says how one check went. */
export async function tell(name, does, say) {
  try {
    await does();
    say(`ok ${name}`);
  } catch (error) {
    say(`not ok ${name}: ${String(error?.message ?? error).replaceAll('\n', ' ')}`);
  }
}

/** What a page does without any library. */
export async function plain(base, say) {
  const post = (method, json, more = {}) => fetch(`${base}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...more },
    body: JSON.stringify(json),
  });
  await tell('fetch json', async () => {
    equal(await (await post('hello.HelloService/SayHello', { name: 'page' })).json(), { message: 'Hello, page' });
  }, say);
  await tell('fetch headers', async () => {
    const answer = await post('demo.v1.Demo/EchoMetadata', {}, { 'x-a': '1' });
    equal([answer.headers.get('x-a'), answer.headers.get('trailer-x-a')], ['1', '1']);
  }, say);
  await tell('fetch failure', async () => {
    const answer = await post('demo.v1.Demo/Fail', { code: 'NOT_FOUND', message: 'no' });
    equal([answer.status, await answer.json()], [404, { code: 'not_found', message: 'no' }]);
  }, say);
  await tell('fetch get', async () => {
    const message = encodeURIComponent(JSON.stringify({ stringValue: 'a b' }));
    const answer = await fetch(`${base}/demo.v1.Demo/Echo?connect=v1&encoding=json&message=${message}`);
    equal(await answer.json(), { stringValue: 'a b' });
  }, say);
}
