/**
 * The packets of one stream for MSE players of WCS's SDK, of each encoding that somebody plays: made once for all who take them.
 * Nothing is made where nobody does.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { VideoWish } from '../../src/core/codec/video-encoding.js';
import type { PacketMessage } from '../../src/core/wcs/media-packet.js';
import { RecentPackets } from '../../src/core/wcs/recent-packets.js';
import { SluiceError } from '../../src/errors.js';
import { Packeting, type PacketingOptions } from './packeting.js';
import type { Unit, VideoUnit } from './units.js';

export interface PacketsOptions extends Omit<PacketingOptions, 'wish' | 'emit'> {
  /** Of the GOP that a new player is sent first. */
  readonly maxBytes: number;
  /** False: nobody gets a rendition. */
  readonly transcoding: boolean;
  /** The video since the newest keyframe. */
  readonly since: () => readonly VideoUnit[];
  /** Somebody takes packets, and units must come as they arrive; or nobody any more. */
  readonly onWanted: (isWanted: boolean) => void;
}

export interface Packets {
  push(unit: Unit): void;
  /** What browsers can play of the source's own encoding has changed. */
  reconsider(): void;
  /**
   * A port on which the packets come (PacketMessage), from the newest keyframe on. Who closes it takes no more; it closes with the
   * stream's thread. Error: media.transcodingDisabled.
   */
  open(wish: VideoWish | null): MessagePort;
  close(): void;
}

interface Encoding {
  readonly packeting: Packeting;
  readonly ports: Set<MessagePort>;
  readonly recent: RecentPackets;
}

export function createPackets(options: PacketsOptions): Packets {
  const { maxBytes, since, onWanted, isPlayable } = options;
  const encodings = new Map<string, Encoding>();

  const make = (wish: VideoWish | null): Encoding => {
    const ports = new Set<MessagePort>();
    const recent = new RecentPackets(maxBytes);
    const emit = (message: PacketMessage): void => {
      recent.add(message);
      for (const port of ports) port.postMessage(message);
    };
    return { ports, recent, packeting: new Packeting({ ...options, wish, emit }) };
  };

  const leave = (key: string, port: MessagePort): void => {
    const encoding = encodings.get(key);
    if (encoding === undefined || !encoding.ports.delete(port) || encoding.ports.size > 0) return;
    encoding.packeting.close();
    encodings.delete(key);
    if (encodings.size === 0) onWanted(false);
  };

  const begin = (key: string, encoding: Encoding): void => {
    encodings.set(key, encoding);
    encoding.packeting.begin(since());
    // What the stream had put off comes in here.
    onWanted(true);
  };

  return {
    push(unit) {
      for (const { packeting } of encodings.values()) packeting.push(unit);
    },
    reconsider() {
      for (const { packeting } of encodings.values()) packeting.reconsider();
    },
    open(wish) {
      if (!options.transcoding && (wish !== null || !isPlayable())) throw new SluiceError('media.transcodingDisabled');
      const key = JSON.stringify(wish);
      const known = encodings.get(key);
      const encoding = known ?? make(wish);
      const { port1, port2 } = new MessageChannel();
      port1.on('close', () => leave(key, port1));
      // The port must not keep the thread alive by itself.
      port1.unref();
      encoding.ports.add(port1);
      if (known === undefined) begin(key, encoding);
      else {
        const { setup, packets } = encoding.recent;
        if (setup !== null) port1.postMessage(setup);
        for (const packet of packets) port1.postMessage(packet);
      }
      return port2;
    },
    close() {
      for (const { ports, packeting } of encodings.values()) {
        packeting.close();
        for (const port of ports) port.close();
      }
      encodings.clear();
    },
  };
}
