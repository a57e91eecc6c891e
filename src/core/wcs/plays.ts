/**
 * The plays of one WCS session, each from playStream to STOPPED or FAILED. The client knows a play by the mediaSessionId
 * that it made up, the shell by a number of ours: what arrives late for an earlier play under the same mediaSessionId
 * never meets the later one.
 */
import { type ErrorCode, errorTable } from '../../errors.js';
import { WireError } from '../bytes/wire-error.js';
import { chooseAudio } from '../sdp/audio-choice.js';
import type { Offer, OfferedCodec } from '../sdp/offer.js';
import { parseOffer } from '../sdp/parse-offer.js';
import type { Emit, ViewAnswered, WcsMedia } from './contract.js';
import type { WcsData } from './frame.js';
import {
  dataEvent,
  notEnoughBandwidth,
  resizeEvents,
  statusEvent,
  type WcsArgument,
  type WcsStatusEvent,
} from './messages.js';

export interface WcsPlays {
  start(argument: WcsArgument, nowMs: number): void;
  stop(mediaSessionId: string): void;
  answered(answer: ViewAnswered): void;
  connected(play: number): void;
  lowered(play: number, sourceKbps: number, estimateKbps: number): void;
  said(play: number, data: WcsData): void;
  /** A null code: terminated by REST. */
  ended(play: number, code: ErrorCode | null): void;
  /** Fails what should be playing by now. */
  expire(nowMs: number): void;
  /** Lets every viewer go without a word to the client. */
  free(): void;
}

interface Play {
  readonly play: number;
  readonly mediaSessionId: string;
  readonly name: string;
  readonly startedMs: number;
  /** What its offer takes of audio. */
  offered: readonly OfferedCodec[];
  viewerId: string | null;
  media: WcsMedia | null;
  isConnected: boolean;
  isPlaying: boolean;
}

/** Why a play ended: WCS's word, and the row of our table where one stands behind it. */
interface Why {
  readonly info: string;
  readonly code?: ErrorCode;
}

const whyOf = (code: ErrorCode): Why => ({ info: errorTable[code].info, code });

const maxPlays = 16;
const maxIdLength = 128;
const maxNameLength = 2048;

export function createWcsPlays(startTimeoutMs: number, emit: Emit): WcsPlays {
  const plays = new Map<number, Play>();
  let lastPlay = 0;

  const bySession = (mediaSessionId: string): Play | undefined =>
    [...plays.values()].find((play) => play.mediaSessionId === mediaSessionId);

  const leave = ({ viewerId }: Play): void => {
    if (viewerId !== null) emit({ kind: 'leave', viewerId });
  };

  const tell = (play: Play, status: WcsStatusEvent['status'], why?: Why): void => {
    emit({ kind: 'send', frame: statusEvent(describe(play, status, why)) });
  };

  const end = (play: Play, status: 'STOPPED' | 'FAILED', why: Why): void => {
    const { info, code } = why;
    plays.delete(play.play);
    tell(play, status, why);
    const fields = { name: play.name, status, info, ...(code === undefined ? {} : { code }) };
    emit({ kind: 'log', level: 'info', event: 'wcs.ended', fields });
  };

  const refusal = ({ mediaSessionId, name, mediaProvider }: WcsArgument): Why | null => {
    const code = 'request.invalid';
    if (mediaSessionId === '' || mediaSessionId.length > maxIdLength) return { info: 'MediaSessionId is null', code };
    if (bySession(mediaSessionId) !== undefined) return { info: 'MediaSessionId is already in use', code };
    if (name === '' || name.length > maxNameLength) return whyOf(code);
    if (mediaProvider !== '' && mediaProvider !== 'WebRTC') return whyOf('offer.unacceptable');
    return plays.size >= maxPlays ? whyOf('viewer.limit') : null;
  };

  const playing = (play: Play): void => {
    play.isPlaying = true;
    tell(play, 'PLAYING');
    const video = play.media?.video ?? null;
    if (video === null || video.width === 0) return;
    for (const frame of resizeEvents(play.mediaSessionId, video.width, video.height)) emit({ kind: 'send', frame });
  };

  return {
    start(argument, nowMs) {
      lastPlay += 1;
      const play: Play = {
        play: lastPlay,
        mediaSessionId: argument.mediaSessionId.slice(0, maxIdLength),
        name: argument.name.slice(0, maxNameLength),
        startedMs: nowMs,
        offered: [],
        viewerId: null,
        media: null,
        isConnected: false,
        isPlaying: false,
      };
      // A refused play is told of, but never listed: under an id that is in use, the one that has it plays on.
      const reason = refusal(argument);
      if (reason !== null) return tell(play, 'FAILED', reason);
      const offer = readOffer(argument.sdp);
      if (offer === null) return tell(play, 'FAILED', whyOf('offer.malformed'));
      play.offered = offer.media.find(({ kind }) => kind === 'audio')?.codecs ?? [];
      plays.set(play.play, play);
      tell(play, 'PENDING');
      emit({ kind: 'view', play: play.play, name: play.name, offer, wish: argument.wish });
    },

    stop(mediaSessionId) {
      const play = bySession(mediaSessionId);
      if (play === undefined) return;
      leave(play);
      end(play, 'STOPPED', { info: 'Stopped by user' });
    },

    answered(answer) {
      const play = plays.get(answer.play);
      // Stopped, given up or closed while the answer was under way.
      if (play === undefined) return emit({ kind: 'leave', viewerId: answer.viewerId });
      play.viewerId = answer.viewerId;
      play.media = answer.media;
      emit({
        kind: 'send',
        frame: { message: 'setRemoteSDP', data: [play.mediaSessionId, answer.answerSdp] },
      });
      if (play.isConnected) playing(play);
    },

    lowered(number, sourceKbps, estimateKbps) {
      const play = plays.get(number);
      if (play === undefined) return;
      emit({ kind: 'send', frame: notEnoughBandwidth(play.mediaSessionId, sourceKbps, estimateKbps) });
    },

    connected(number) {
      const play = plays.get(number);
      if (play === undefined) return;
      play.isConnected = true;
      // Told after its answer, whatever order the news came in.
      if (play.viewerId !== null && !play.isPlaying) playing(play);
    },

    said(number, data) {
      const play = plays.get(number);
      // Before PLAYING the SDK has nobody who would listen.
      if (play?.isPlaying) emit({ kind: 'send', frame: dataEvent(play.mediaSessionId, data) });
    },

    ended(number, code) {
      const play = plays.get(number);
      if (play === undefined) return;
      if (code === null) end(play, 'STOPPED', { info: 'Stopped by rest /terminate' });
      else end(play, 'FAILED', whyOf(code));
    },

    expire(nowMs) {
      for (const play of [...plays.values()]) {
        if (play.isPlaying || nowMs - play.startedMs < startTimeoutMs) continue;
        leave(play);
        end(play, 'FAILED', whyOf(play.viewerId === null ? 'stream.notLive' : 'viewer.iceTimeout'));
      }
    },

    free() {
      for (const play of plays.values()) leave(play);
      plays.clear();
    },
  };
}

function describe(
  { mediaSessionId, name, media, offered }: Play,
  status: WcsStatusEvent['status'],
  why?: Why,
): WcsStatusEvent {
  const audio = media?.audio ? chooseAudio(offered, media.audio.codec) : null;
  return {
    mediaSessionId,
    name,
    published: false,
    // The client's own request has both true (docs/wcs.md 3.3), and so has the answer until the media is known.
    hasVideo: media === null || media.video !== null,
    hasAudio: media === null || media.audio !== null,
    status,
    mediaProvider: 'WebRTC',
    record: false,
    ...(why === undefined ? {} : { info: why.info }),
    ...(why?.code === undefined ? {} : { reason: { code: why.code, text: errorTable[why.code].text } }),
    ...(media?.video ? { videoCodec: media.video.codec, width: media.video.width, height: media.video.height } : {}),
    ...(audio === null ? {} : { audioCodec: audio.codec === 'Opus' ? 'opus' : audio.codec }),
  };
}

function readOffer(sdp: string): Offer | null {
  try {
    return parseOffer(sdp);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}
