/** One stream under the real supervisor, with viewers that need no browser. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { settingsSchema } from '../../../src/config/schema.js';
import type { ErrorCode } from '../../../src/errors.js';
import type { LogFields } from '../../../src/log-line.js';
import type { LocalStreams } from '../../../src/supervisor/streams.js';
import { createStreams } from '../../../src/supervisor/supervisor.js';
import type { TestOrigin } from '../source/origin.js';
import { joinStream, type StreamViewer } from '../viewer/stream-viewer.js';

export interface WatchedStream {
  readonly streams: LocalStreams;
  readonly lines: { readonly event: string; readonly fields: LogFields }[];
  /** Each viewer that was told of its end. */
  readonly told: Map<string, ErrorCode | null>;
  /** What each was told of the source: why it was lost, null when it was back. */
  readonly heard: Map<string, (ErrorCode | null)[]>;
  /** By the name that a viewer entered under. */
  readonly viewerIds: Map<string, string>;
  readonly pullId: string;
  enter(viewer: string, options?: EnterOptions): Promise<StreamViewer>;
  end(): Promise<void>;
}

export interface EnterOptions extends Pick<Parameters<typeof joinStream>[1] & object, 'tcp' | 'hearsMedia'> {
  readonly width?: number;
}

/** The stream is called "hot". */
export async function watchStream(
  t: TestContext,
  origin: Pick<TestOrigin, 'url'>,
  viewers: object = {},
  { webrtc = {}, supervisor = {} }: { readonly webrtc?: object; readonly supervisor?: object } = {},
): Promise<WatchedStream> {
  const lines: WatchedStream['lines'] = [];
  const told: WatchedStream['told'] = new Map();
  const heard: WatchedStream['heard'] = new Map();
  const viewerIds: WatchedStream['viewerIds'] = new Map();
  const guests: StreamViewer[] = [];
  const streams = await createStreams({
    settings: settingsSchema.parse({
      webrtc: { listen: ['127.0.0.1'], portMin: 0, portMax: 0, ...webrtc },
      supervisor: { faultInjection: true, ...supervisor },
      viewers,
    }),
    log: (_level, event, fields = {}) => lines.push({ event, fields }),
    onEscalation: () => assert.fail('a thread could not be ended'),
  });
  const end = async (): Promise<void> => {
    for (const guest of guests.splice(0)) guest.close();
    await streams.close();
  };
  t.after(end);
  const uri = origin.url(t.name.slice(0, 8).replaceAll(' ', '-'));
  const request = { uri, localStreamName: 'hot', origin: 'rest' } as const;
  const { pullId } = streams.pull({ ...request, record: false, hasAudio: true, hasVideo: true });
  return {
    streams,
    lines,
    told,
    heard,
    viewerIds,
    pullId,
    end,
    async enter(viewer, { width, ...options } = {}) {
      const wish = width === undefined ? null : { width, height: null, bitrateKbps: null, quality: null };
      const ofSource: (ErrorCode | null)[] = [];
      heard.set(viewer, ofSource);
      const guest = await joinStream(async (offer) => {
        const view = await streams.view({
          name: 'hot',
          offer,
          wish,
          clientIp: '127.0.0.1',
          onConnected: () => {},
          onSourceChanged: (lost) => ofSource.push(lost),
          onEnded: (reason) => told.set(viewer, reason),
        });
        viewerIds.set(viewer, view.viewerId);
        return view.answerSdp;
      }, options);
      guests.push(guest);
      return guest;
    },
  };
}
