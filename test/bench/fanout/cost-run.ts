/**
 * One measurement in a process of its own: `cost-run SENDER PROFILE FRAMES PORTS` sends so many frames to viewers on
 * these ports (a JSON list) as fast as it can, and prints the CPU of one packet to one viewer in µs.
 */
import { senders } from './cost-senders.js';

/** Sent before the clock is started: code is compiled, memory gets its size. */
const warmUpFrames = 10;

const [name = '', profile = '', frames = '', ports = ''] = process.argv.slice(2);
const open = senders[name];
if (open === undefined || (profile !== 'AEAD_AES_128_GCM' && profile !== 'AES_CM_128_HMAC_SHA1_80')) {
  throw new Error('cost-run SENDER PROFILE FRAMES PORTS');
}
const send = await open(profile, JSON.parse(ports));
await send(warmUpFrames);
const before = process.cpuUsage();
const packets = await send(Number(frames));
const { user, system } = process.cpuUsage(before);
console.log((user + system) / packets);
process.exit(0);
