// Checks a server of MathService and Arith that speaks net/rpc's JSON-RPC, one line a check.
//
//     client.mjs HOST:PORT

import assert from 'node:assert/strict';
import net from 'node:net';
import readline from 'node:readline';

class Client {
  constructor(address) {
    const [host, port] = address.split(':');
    this.socket = net.connect(Number(port), host);
    this.socket.setTimeout(10_000, () => this.socket.destroy(new Error('silent for 10 s')));
    this.waiting = new Map();
    readline.createInterface({ input: this.socket }).on('line', (line) => {
      const reply = JSON.parse(line);
      this.waiting.get(reply.id)?.resolve(reply);
      this.waiting.delete(reply.id);
    });
    this.socket.on('error', (error) => this.waiting.forEach(({ reject }) => reject(error)));
    this.socket.on('close', () => this.waiting.forEach(({ reject }) => reject(new Error('connection closed'))));
    this.sent = 0;
  }

  // Any number of calls may be under way: a reply is told by its id.
  call(method, argument) {
    const id = this.sent++;
    this.socket.write(JSON.stringify({ method, params: [argument], id }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }
}

const checks = {
  async multiply(client) {
    const reply = await client.call('MathService.Multiply', { A: 10, B: 20 });
    assert.deepEqual(reply, { id: client.sent - 1, result: 200, error: null });
    assert.equal((await client.call('Arith.Multiply', { A: 10, B: 20 })).result, 200);
  },
  async quotient(client) {
    assert.deepEqual((await client.call('Arith.QuoRem', { A: -17, B: 5 })).result, { Quo: -3, Rem: -2 });
  },
  async 'divide-by-zero'(client) {
    for (const id of [0, 2]) {
      const reply = await client.call('Arith.QuoRem', { A: 1, B: 0 });
      assert.deepEqual(reply, { id, result: null, error: 'divide by zero' });
      await checks.quotient(client);
    }
  },
  async 'no-such-method'(client) {
    assert.equal((await client.call('Arith.Add', {})).error, "rpc: can't find method Arith.Add");
    await checks.multiply(client);
  },
  async 'partial-arguments'(client) {
    assert.equal((await client.call('Arith.Multiply', { B: 3 })).result, 0);
  },
  async 'one-at-a-time'(client) {
    for (let number = 0; number < 500; number++) {
      assert.equal((await client.call('Arith.Multiply', { A: number, B: 2 })).result, 2 * number);
    }
  },
  async pipelined(client) {
    for (let factor = 0; factor < 100; factor++) {
      const numbers = [...Array(100).keys()];
      const replies = await Promise.all(numbers.map((number) => client.call('MathService.Multiply', { A: factor, B: number })));
      assert.deepEqual(replies.map(({ result }) => result), numbers.map((number) => factor * number));
    }
  },
};

for (const [name, check] of Object.entries(checks)) {
  const client = new Client(process.argv[2]);
  try {
    await check(client);
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${error.message.split('\n')[0]}`);
    process.exitCode = 1;
  }
  client.socket.destroy();
}
