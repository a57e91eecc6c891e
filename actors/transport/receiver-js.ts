/** Receives by Node's sockets: each datagram is a call, and goes to its peer. */
import { createSrtcpReceiver } from '../../src/core/srtp/srtp.js';
import type { Receiver } from './receiver.js';
import { openUdpPort } from './udp-port.js';

/** At most so many RTCP packets of one peer are opened between two calls of `settle`: Chromium sends some 20 a second. */
const maxOpened = 50;

export function createReceiverJs(): Receiver {
  let round = 0;
  return {
    openUdp: openUdpPort,
    shared: null,
    openRtcp({ profile, remoteKey, remoteSalt }, indices) {
      const srtcp = createSrtcpReceiver(profile, remoteKey, remoteSalt, indices);
      const opened = { round, packets: 0 };
      return {
        open(packet) {
          if (opened.round !== round) Object.assign(opened, { round, packets: 0 });
          opened.packets += 1;
          return opened.packets > maxOpened ? null : srtcp.open(packet);
        },
        aim: () => {},
        close: () => {},
      };
    },
    settle() {
      round += 1;
    },
    heldBytes: 0,
  };
}
