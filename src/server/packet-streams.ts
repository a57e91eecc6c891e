/** The streams that are played as packets, stamped once for all who are sent them. */
import type { PacketMessage } from '../core/wcs/media-packet.js';
import { PacketClock } from '../core/wcs/packet-clock.js';
import { RecentPackets } from '../core/wcs/recent-packets.js';
import type { Streams } from '../supervisor/streams.js';
import type { PacketRequest } from '../supervisor/view.js';
import { createLiveStreams, type LivePlayer, type LiveStream, type LiveStreams } from './live-streams.js';
import { streamKey } from './stream-key.js';

export type PacketPlayer = LivePlayer<PacketMessage>;
export type PacketStream = LiveStream<PacketMessage, RecentPackets>;
export type PacketStreams = LiveStreams<PacketRequest, PacketMessage, RecentPackets>;

interface PacketStreamsOptions {
  readonly streams: Pick<Streams, 'watchPackets' | 'find'>;
  /** Of the newest GOP. */
  readonly maxGopBytes: number;
  readonly lingerMs: number;
}

export const createPacketStreams = ({ streams, maxGopBytes, lingerMs }: PacketStreamsOptions): PacketStreams =>
  createLiveStreams<PacketRequest, PacketMessage, RecentPackets>({
    watch(request, { onMessage, onOver }) {
      const clock = new PacketClock();
      return streams.watchPackets(request, {
        onMessage(message) {
          const stamped = clock.stamp(message);
          if (stamped !== null) onMessage(stamped);
        },
        onOver,
      });
    },
    keyOf: ({ name, wish }) => JSON.stringify([streamKey(streams, name), wish]),
    createRecent: () => new RecentPackets(maxGopBytes),
    lingerMs,
  });
