/**
 * What the viewers of a thread share: the media port, and the encodings. A script of its own, loaded with the first viewer or
 * before: a stream that nobody watches has no use for it.
 */
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorBoot, JoinRequest, PortEvent, ViewerEvent } from '../contract.js';
import type { HeldPort, SessionRecord } from '../session-record.js';
import { createEndpoint, type Endpoint } from '../transport/endpoint.js';
import { createEncodings, type Encodings, type EncodingsOptions } from './encodings.js';
import { joinViewer, resumeViewer, type Viewer, type ViewerContext } from './viewer.js';

export { loadNativeFanout } from '../fanout/native-binding.js';

export interface ViewingOptions
  extends Pick<
    EncodingsOptions,
    'histories' | 'nowMs' | 'wallMs' | 'rtpTimeAt' | 'openRendition' | 'sourceBps' | 'departed'
  > {
  readonly boot: Pick<ActorBoot, 'settings' | 'certificate' | 'spec'>;
  readonly media: () => MediaInfo;
  readonly onPort: (event: PortEvent) => void;
  readonly log: Logger;
  readonly post: (event: ViewerEvent) => void;
  /** False: browsers cannot play the source's own encoding of the video. */
  readonly isPlayable: () => boolean;
  /** True: the stream's thread is short of memory. */
  readonly isSparing: () => boolean;
  /** The source announces video, which has not come yet: it may come in the same session. */
  readonly isVideoExpected: () => boolean;
}

export interface Viewing {
  readonly endpoint: Endpoint;
  readonly encodings: Encodings;
  /** Errors: offer.unacceptable, media.transcodingDisabled. */
  join(request: JoinRequest): Viewer;
  /** Goes on with a session at the port that was inherited. `sameHistories`: what it was sent came from those of this thread. */
  resume(record: SessionRecord, sameHistories: boolean): Viewer;
}

/**
 * `onGone`: the viewer has ended, whoever ended it. `inherited`: the port of a thread that is gone; null: a new one. Errors:
 * viewer.limit (no port is free), config.invalid (webrtc.listen).
 */
export async function openViewing(
  options: ViewingOptions,
  inherited: HeldPort | null,
  onGone: (viewer: Viewer) => void,
): Promise<Viewing> {
  const { boot, media, log, nowMs, post } = options;
  const { webrtc, viewers, media: mediaSettings } = boot.settings;
  const endpoint = await createEndpoint({
    webrtc,
    viewers,
    certificate: boot.certificate,
    nowMs,
    log,
    inherited,
    onOpened: (held) => options.onPort({ kind: 'port.opened', held }),
    onClosed: (held) => options.onPort({ kind: 'port.closed', held }),
  });
  const encodings = createEncodings({
    histories: options.histories,
    nowMs,
    wallMs: options.wallMs,
    rtpTimeAt: options.rtpTimeAt,
    openRendition: options.openRendition,
    sourceBps: options.sourceBps,
    departed: options.departed,
    log,
    fanout: webrtc.fanout,
    media: mediaSettings,
    catchUp: viewers.catchUp,
    hasRoom: () => endpoint.queuedBytes() < webrtc.sendQueueBytes / 2,
  });
  const { transcoding } = mediaSettings;
  const context: ViewerContext = {
    boot,
    endpoint,
    encodings,
    media,
    streamVideo: () => ({
      info: media().video,
      isExpected: options.isVideoExpected(),
      isPlayable: options.isPlayable(),
      transcoding,
      isSparing: options.isSparing(),
    }),
    log,
    post,
    onGone,
  };
  return {
    endpoint,
    encodings,
    join: (request) => joinViewer(context, request),
    resume: (record, sameHistories) => resumeViewer(context, record, sameHistories),
  };
}
