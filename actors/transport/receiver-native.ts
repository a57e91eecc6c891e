/**
 * Receives by the add-on: a batch of datagrams a system call, and no call into JavaScript for what connected peers send again and
 * again. Consent checks from the address that media goes to are answered there (RFC 7675), SRTCP from there is opened; JavaScript
 * hears of both within `settle`, and at once of requests. All else comes as it does from Node's sockets.
 */
import { getSystemErrorName } from 'node:util';
import { deriveSessionKeys, srtpProfiles } from '../../src/core/srtp/srtp-keys.js';
import type { NativeReceiver, NativeReceiverClass } from './native-receiver.js';
import type { OnConnection, PeerAim, PeerReceived, Receiver } from './receiver.js';
import type { OnDatagram } from './route.js';
import type { SendQueue } from './send-queue.js';
import { pathsFrom, type SendTo, socketBufferBytes, type UdpPort } from './udp-port.js';

/** Some 600 reports: what 1,000 viewers send in a quarter of a second. What finds no room is told at once. */
const waitingBytes = 65_536;
/** Of a record: aim, size of the packet, age in ms. */
const headBytes = 16;
const alignBytes = 8;
/** The kernel's queue: what finds no room there is lost, and was not taken. */
const fullErrors = new Set(['EAGAIN', 'ENOBUFS', 'ENOMEM']);
const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

interface Listener {
  readonly onDatagram: (datagram: Uint8Array, address: string, port: number) => void;
  readonly onConnection: OnConnection;
}

const usernameOf = ({ localUfrag, remoteUfrag }: PeerAim['credentials']): Uint8Array =>
  Buffer.from(`${localUfrag}:${remoteUfrag}`);

/** The peer that `number` is of: aimed again where that is another address, other credentials or another priority. */
function createAiming(
  native: NativeReceiver,
  number: number,
  socketOf: (localAddress: string) => number | undefined,
): (to: PeerAim | null) => number {
  let aimed: PeerAim | null = null;
  let name = 0;
  const isSame = (to: PeerAim | null): boolean =>
    aimed?.target.key === to?.target.key && aimed?.priority === to?.priority && aimed?.credentials === to?.credentials;
  return (to) => {
    if (isSame(to)) return name;
    aimed = to;
    const route = to?.target.route ?? null;
    const socket = route === null ? undefined : socketOf(route.localAddress);
    if (to === null || route === null || socket === undefined) {
      native.rest(number);
      name = 0;
    } else {
      const password = Buffer.from(to.credentials.localPwd);
      const username = usernameOf(to.credentials);
      name = native.aim(number, socket, route.address, route.port, to.priority, username, password);
    }
    return name;
  };
}

export function createReceiverNative(Native: NativeReceiverClass): Receiver {
  const waiting = new Uint8Array(new SharedArrayBuffer(waitingBytes));
  const view = new DataView(waiting.buffer);
  const listeners = new Map<number, Listener>();
  const sockets = new Map<string, number>();
  const byAim = new Map<number, PeerReceived>();
  /** What the add-on writes for each peer: the memory stays until it is removed. */
  const indicesOf = new Map<number, Float64Array>();
  const native = new Native(
    waiting,
    (socket, datagram, address, port) => listeners.get(socket)?.onDatagram(datagram, address, port),
    (aim, packet) => byAim.get(aim)?.onRtcp(packet, 0),
    (socket, descriptor) => listeners.get(socket)?.onConnection(descriptor),
  );

  const portOf = (
    socket: number,
    address: string,
    queue: SendQueue,
    onDatagram: OnDatagram,
    onConnection: OnConnection,
  ): UdpPort => {
    const local = { localAddress: address, localPort: native.portOf(socket), descriptor: native.descriptorOf(socket) };
    let open = true;
    const send: SendTo = (datagram, toPort, toAddress) => {
      if (!open || !queue.take(datagram.length)) return false;
      const error = native.send(socket, datagram, toAddress, toPort);
      const code = error === 0 ? null : getSystemErrorName(-error);
      const isFull = code !== null && fullErrors.has(code);
      if (isFull) queue.lost('full');
      queue.done(datagram.length, isFull ? null : code);
      return !isFull;
    };
    const pathTo = pathsFrom(local, send);
    listeners.set(socket, {
      onDatagram: (datagram, from, fromPort) => onDatagram(datagram, pathTo(from, fromPort)),
      onConnection,
    });
    sockets.set(address, socket);
    return {
      port: local.localPort,
      pathTo,
      async close() {
        if (!open) return;
        open = false;
        listeners.delete(socket);
        sockets.delete(address);
        native.close(socket);
      },
    };
  };

  return {
    async openUdp(address, port, descriptor, queue, onDatagram) {
      // Connections by TCP come to a socket of their own.
      return portOf(native.open(address, port, descriptor, socketBufferBytes), address, queue, onDatagram, () => {});
    },
    shared: {
      openInbox(descriptor) {
        const inbox = native.openInbox(descriptor);
        return () => native.close(inbox);
      },
      openPort: (address, port, queue, onDatagram, onConnection) =>
        portOf(native.openShared(address, port, socketBufferBytes), address, queue, onDatagram, onConnection),
    },
    openRtcp({ profile, remoteKey, remoteSalt }, indices, received) {
      const { key, salt, authKey } = deriveSessionKeys(profile, 'rtcp', remoteKey, remoteSalt);
      const number = native.addPeer(srtpProfiles.indexOf(profile), key.export(), salt, authKey, indices);
      indicesOf.set(number, indices);
      const aiming = createAiming(native, number, (localAddress) => sockets.get(localAddress));
      let name = 0;
      const aim = (to: PeerAim | null): void => {
        const next = aiming(to);
        if (next === name) return;
        byAim.delete(name);
        name = next;
        if (name !== 0) byAim.set(name, received);
      };
      return {
        open: (packet) => native.openRtcp(number, packet),
        aim,
        close() {
          aim(null);
          native.removePeer(number);
          indicesOf.delete(number);
        },
      };
    },
    settle() {
      const end = native.take();
      for (let at = 0; at < end; ) {
        const of = byAim.get(view.getUint32(at, isLittle));
        const size = view.getUint32(at + 4, isLittle);
        const ageMs = view.getFloat64(at + 8, isLittle);
        const first = at + headBytes;
        if (size === 0) of?.onCheck();
        else of?.onRtcp(waiting.subarray(first, first + size), ageMs);
        at = first + Math.ceil(size / alignBytes) * alignBytes;
      }
    },
    get heldBytes() {
      return waitingBytes + native.heldBytes();
    },
  };
}
