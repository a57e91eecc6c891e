/** What a player says in `connect` (RTMP 1.0 section 7.2.1.1; Enhanced RTMP v2, Enhancing NetConnection connect Command). */
import type { AmfObject } from '../amf/amf-value.js';
import type { RtmpUrl } from './url.js';

/** What is read of FLV here; the order is that of the specification. */
const videoFourCcs = ['avc1', 'hvc1', 'av01', 'vp09'] as const;
const audioFourCcs = ['Opus', 'ac-3', 'ec-3', 'fLaC', 'mp4a', '.mp3'] as const;
/** FourCcInfoMask: what is taken, be it played or named only. */
const canDecode = 0x01;
/** CapsExMask: Reconnect, Multitrack, ModEx, TimestampNanoOffset. */
const capsEx = 0x0f;

export interface ConnectOptions {
  readonly url: RtmpUrl;
  /** What authentication adds to the application; empty before it is asked for. */
  readonly authQuery: string;
  /** False: as players spoke before Enhanced RTMP, for servers that cannot stand its fields. */
  readonly isEnhanced: boolean;
}

export function connectProperties({ url, authQuery, isEnhanced }: ConnectOptions): AmfObject {
  const withAuth = (text: string): string => {
    if (authQuery === '') return text;
    return `${text}${url.app.includes('?') ? '&' : '?'}${authQuery}`;
  };
  return {
    app: withAuth(url.app),
    // Some servers choose what they send by the player's version: this is the one that ffmpeg and librtmp claim.
    flashVer: 'LNX 9,0,124,2',
    tcUrl: withAuth(url.tcUrl),
    fpad: false,
    capabilities: 15,
    // All of the codec bits of section 7.2.1.1, and seeking.
    audioCodecs: 4071,
    videoCodecs: 252,
    videoFunction: 1,
    objectEncoding: 0,
    ...(isEnhanced ? enhanced : {}),
  };
}

const enhanced: AmfObject = {
  fourCcList: [...videoFourCcs, ...audioFourCcs],
  videoFourCcInfoMap: Object.fromEntries(videoFourCcs.map((fourCc) => [fourCc, canDecode])),
  audioFourCcInfoMap: Object.fromEntries(audioFourCcs.map((fourCc) => [fourCc, canDecode])),
  capsEx,
};
