/**
 * `forged-viewer REST_PORT` plays the demo of the server, prints the two ports of its media, and at each line of its standard
 * input what it has got so far, as JSON.
 */
import { createInterface } from 'node:readline';
import { joinWhep } from '../viewer/whep-viewer.js';
import { serverAddress, viewerAddress } from './forged-network.js';

export interface ForgedViewerCount {
  readonly packets: number;
  /** Sequence numbers left out. */
  readonly gaps: number;
  /** What is neither media nor an answer to its own checks would be among these bytes. */
  readonly receivedBytes: number;
}

const viewer = await joinWhep(`http://${serverAddress}:${process.argv[2]}/whep/demo`, {
  address: serverAddress,
  localAddress: viewerAddress,
});
await viewer.whenVideo(20);
console.log(JSON.stringify({ own: viewer.client.port, server: viewer.port }));
for await (const _ of createInterface({ input: process.stdin })) {
  const video = viewer.video();
  const span = (video.at(-1)?.sequence ?? 0) - (video[0]?.sequence ?? 0);
  const gaps = ((span + 0x1_0000) % 0x1_0000) + 1 - video.length;
  const count: ForgedViewerCount = { packets: video.length, gaps, receivedBytes: viewer.client.receivedBytes };
  console.log(JSON.stringify(count));
}
