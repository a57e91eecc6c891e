/** Sees every TCP connection of this process before it is begun, and begins only those to the tests' own servers. */
import { Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface Dial {
  readonly host: string;
  readonly port: number;
}

/**
 * `route`: the port of a test's own server on loopback that stands for what is dialled. All else is noted and fails, as a
 * network that is down would.
 */
export function spyOnDials(t: TestContext, route: (dial: Dial) => number | null = () => null): readonly Dial[] {
  const dials: Dial[] = [];
  const original = Socket.prototype.connect;
  const connect = t.mock.method(Socket.prototype, 'connect', function (this: Socket, ...args: unknown[]) {
    const dial = dialOf(args);
    const port = route(dial);
    if (port !== null) return Reflect.apply(original, this, [{ host: '127.0.0.1', port }]);
    dials.push(dial);
    const error = Object.assign(new Error('the network is down'), { code: 'ENETDOWN' });
    process.nextTick(() => this.destroy(error));
    return this;
  });
  t.after(() => connect.mock.restore());
  return dials;
}

/** node:net and node:tls call `connect` with options, the former in a list. */
function dialOf(args: readonly unknown[]): Dial {
  const [first] = args;
  const options = Object(Array.isArray(first) ? first[0] : first);
  return { host: String(options.host), port: Number(options.port) };
}
