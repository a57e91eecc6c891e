/** What strangers send to the media port, and what viewers send there. */
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { createDtlsGate } from '../../../src/core/dtls/gate.js';
import { createAddressGuard } from '../../../src/core/guard/address.js';
import { createClientReader } from '../../../src/core/guard/client.js';
import { crc32 } from '../../../src/core/ice/crc32.js';
import { createFrameReader } from '../../../src/core/ice/framing.js';
import { isAuthentic, readBindingRequest } from '../../../src/core/ice/stun-message.js';
import { parseRtcp } from '../../../src/core/rtcp/compound.js';
import { maxReported, readTwccFeedback } from '../../../src/core/rtcp/twcc-feedback.js';
import { structuredTwcc } from '../structured.js';
import { cutInto, type FuzzTarget, never, textOf } from './target.js';

function check(message: Uint8Array): void {
  const request = readBindingRequest(message);
  if (request !== null) assert.equal(isAuthentic(message, request, 'a password that nobody has'), false);
}

/** The same attributes behind a sound header and before a sound fingerprint: blind changes would never have them. */
function inAudioMessage(attributes: Uint8Array): Buffer {
  const whole = Buffer.concat([Buffer.alloc(20), attributes.subarray(0, attributes.length & ~3), Buffer.alloc(8)]);
  whole.writeUInt16BE(1, 0);
  whole.writeUInt16BE(whole.length - 20, 2);
  whole.writeUInt32BE(0x2112a442, 4);
  whole.writeUInt32BE(0x80280004, whole.length - 8);
  whole.writeUInt32BE((crc32(whole, 0, whole.length - 8) ^ 0x5354554e) >>> 0, whole.length - 4);
  return whole;
}

/** Datagrams, each behind two bytes of length; an empty one says that the handshake is over. */
function admit(data: Uint8Array): void {
  const gate = createDtlsGate();
  for (let at = 0; at + 2 <= data.length; ) {
    const size = (data[at] ?? 0) * 256 + (data[at + 1] ?? 0);
    const datagram = data.subarray(at + 2, at + 2 + size);
    if (size === 0) gate.connected();
    for (const admitted of gate.admit(datagram))
      assert.ok(admitted.kind !== 'message' || admitted.record.length <= 20_000);
    assert.ok(gate.keptBytes <= 65_536 + 16_384, `${gate.keptBytes} bytes are kept`);
    at += 2 + size;
  }
}

const guard = createAddressGuard({ viewerAllow: [], restDeny: ['10.0.0.0/8'], restAllow: [], viewerPorts: [] });

function judge(data: Uint8Array): void {
  const text = textOf(data);
  const isAllowed = guard.allows(text, 'viewer', null);
  guard.allows(text, 'rest', null);
  if (isAllowed) assert.notEqual(isIP(text), 0, 'what is no address is allowed');
}

const readClient = createClientReader(['127.0.0.1', '10.0.0.0/8']);

/** What a trusted proxy passes on; it adds the address that it sees, last. */
function identify(data: Uint8Array): void {
  const text = textOf(data);
  for (const [name, separator] of [
    ['x-forwarded-for', ''],
    ['forwarded', 'for='],
  ] as const) {
    const as = (value: string) =>
      readClient({
        remoteIp: '127.0.0.1',
        prefaceIp: '',
        headerNames: [name],
        header: (wanted) => (wanted === name ? value : ''),
      });
    const { ip, reach } = as(text);
    assert.ok(reach === 'unknown' || (isIP(ip) !== 0 && ip !== '127.0.0.1'), `${ip} is told`);
    // An open quote of the client's takes in what follows it: then nothing is known, and never what the client wrote.
    const told = as(`${text}, ${separator}192.0.2.7`);
    assert.ok(told.ip === '192.0.2.7' || told.reach === 'unknown', `${told.ip} in place of the client`);
  }
}

function unframe(data: Uint8Array): void {
  const reader = createFrameReader();
  for (const piece of cutInto(data, [1, 3, 700])) reader.push(piece);
}

function hearTwcc(data: Uint8Array): void {
  const { arrivedMs } = readTwccFeedback(data);
  assert.ok(arrivedMs.length <= maxReported, `${arrivedMs.length} packets are told of`);
}

export const guardTargets = {
  stun: {
    run: never((data) => {
      check(data);
      check(inAudioMessage(data));
    }),
  },
  dtls: { run: never(admit) },
  rtcp: { run: parseRtcp },
  twcc: { run: hearTwcc, structured: structuredTwcc },
  frames: { run: unframe },
  forwarded: { run: never(identify), words: ['for=', '"', '[::1]', ':80', '192.0.2.7', ', ', ';', 'unknown', '\\'] },
  address: {
    run: never(judge),
    words: ['::ffff:', '64:ff9b::', '127.0.0.1', '169.254.169.254', '%eth0', '0x', '8.8.8.8'],
  },
} satisfies Record<string, FuzzTarget>;
