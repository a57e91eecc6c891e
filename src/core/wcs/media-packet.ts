/**
 * The packets in which WCS sends media to the MSE player of its SDK (docs/wcs.md 3.10): type, timestamp and length of an RTMP
 * message, and its body as FLV has it, of audio without the first byte. Composition times are not there for the player, which
 * skips them: no B-frames. Plain data: it crosses thread boundaries.
 */
import { aacConfig, aacLcConfig, parseAudioSpecificConfig, sampleRatesHz } from '../codec/aac-config.js';
import { nalType, nalTypes } from '../codec/h264-nal.js';

export type PacketTrack = 'video' | 'audio';

/** What a player must have before the packets that follow: packets themselves. Null: there is no such track. */
export interface PacketSetup {
  readonly kind: 'setup';
  readonly video: Uint8Array | null;
  readonly audio: Uint8Array | null;
}

export interface MediaPacket {
  readonly kind: 'packet';
  readonly track: PacketTrack;
  readonly data: Uint8Array;
  /** A player may begin here; of audio it is never said. */
  readonly isKeyframe: boolean;
  /** From the stream's thread its media time; once it is stamped (packet-clock.ts) its timestamp. */
  readonly atMs: number;
}

export type PacketMessage = PacketSetup | MediaPacket;

const typeOf = { video: 9, audio: 8 } as const;
const headBytes = 9;
/** FrameType and CodecID of a VideoTagHeader (FLV 10.1, E.4.3.1), of AVC. */
const [keyframe, interFrame] = [0x17, 0x27];
/** AVCPacketType, AACPacketType. */
const [setup, media, endOfSequence] = [0, 1, 2];
const noCompositionTime = [0, 0, 0];
const lengthsOf4 = 0xff;
/** Counts of sets have five bits; the three before them are reserved. */
const [mostSets, reserved] = [31, 0xe0];

function packet(track: PacketTrack, ...body: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(headBytes + length);
  bytes[0] = typeOf[track];
  new DataView(bytes.buffer).setUint32(5, length);
  let at = headBytes;
  for (const part of body) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** `at`: where the packet begins in these bytes. */
export function stamp(bytes: Uint8Array, timestampMs: number, at = 0): void {
  new DataView(bytes.buffer, bytes.byteOffset + at).setUint32(1, timestampMs >>> 0);
}

/**
 * AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1) of the parameter sets among these NAL units; null without. The
 * extension of High profiles is left out: the player takes what stands behind the sets for its next packet.
 */
export function videoSetupPacket(nals: readonly Uint8Array[]): Uint8Array | null {
  const ofType = (type: number) => nals.filter((nal) => nalType(nal) === type).slice(0, mostSets);
  const [sps, pps] = [ofType(nalTypes.sps), ofType(nalTypes.pps)];
  const [first] = sps;
  if (first === undefined || pps.length === 0) return null;
  const sized = (sets: readonly Uint8Array[]) => sets.flatMap((set) => [[set.length >> 8, set.length & 0xff], set]);
  const head = [keyframe, setup, ...noCompositionTime, 1, ...first.subarray(1, 4), lengthsOf4, reserved | sps.length];
  return packet('video', head, ...sized(sps), [pps.length], ...sized(pps));
}

/** `data`: NAL units behind lengths of 4 bytes. */
export const videoPacket = (data: Uint8Array, isKeyframe: boolean): Uint8Array =>
  packet('video', [isKeyframe ? keyframe : interFrame, media, ...noCompositionTime], data);

/** The same of NAL units; parameter sets, which the setup has, are left out. */
export function videoPacketOf(nals: readonly Uint8Array[], isKeyframe: boolean): Uint8Array {
  const isSet = (type: number): boolean => type === nalTypes.sps || type === nalTypes.pps || type === nalTypes.aud;
  const parts = nals.filter((nal) => !isSet(nalType(nal))).flatMap((nal) => [lengthOf(nal), nal]);
  return packet('video', [isKeyframe ? keyframe : interFrame, media, ...noCompositionTime], ...parts);
}

function lengthOf({ length }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

export const audioSetupPacket = (audioSpecificConfig: Uint8Array): Uint8Array =>
  packet('audio', [setup], playerConfig(audioSpecificConfig));

export const audioPacket = (data: Uint8Array): Uint8Array => packet('audio', [media], data);

/** Moves the player's clock of the video and shows nothing: at a step of more than 5 s it would begin again, and stop. */
export function clockPacket(timestampMs: number): Uint8Array {
  const bytes = packet('video', [keyframe, endOfSequence]);
  stamp(bytes, timestampMs);
  return bytes;
}

/** Of setups. */
export const isSame = (one: Uint8Array | null, other: Uint8Array | null): boolean =>
  one === null || other === null ? one === other : Buffer.compare(one, other) === 0;

const explicitSbr: ReadonlySet<number> = new Set([5, 29]);
const lowComplexity = 2;
const escaped = { objectType: 31, rateIndex: 15 } as const;

/**
 * The two bytes that the player takes of an AudioSpecificConfig: of HE-AAC the core's, in which decoders find the rest. What two
 * bytes cannot say is said by the nearest that they can.
 */
function playerConfig(config: Uint8Array): Uint8Array {
  const [first = 0, second = 0] = config;
  const objectType = first >> 3;
  const rateIndex = ((first & 7) << 1) | (second >> 7);
  const channels = (second >> 3) & 15;
  if (objectType !== escaped.objectType && rateIndex !== escaped.rateIndex && channels > 0) {
    return aacConfig(explicitSbr.has(objectType) ? lowComplexity : objectType, rateIndex, channels);
  }
  const { sampleRateHz, channels: counted, sbr } = parseAudioSpecificConfig(config);
  const coreHz = sbr ? sampleRateHz / 2 : sampleRateHz;
  const nearest = sampleRatesHz.reduce((best, hz) => (Math.abs(hz - coreHz) < Math.abs(best - coreHz) ? hz : best));
  return aacLcConfig(sampleRatesHz.indexOf(nearest), Math.min(counted, 7));
}
