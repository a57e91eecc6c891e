/** What is offered to a source: what goes through untouched to viewers, H.264 in all its profiles, Opus and G.711. */
import type { PayloadKind } from '../../../src/core/receive/received-media.js';
import { RTCRtpCodecParameters } from './toolkit.js';

const videoHz = 90_000;
const nack = { type: 'nack' };
const feedback = [nack, { type: 'nack', parameter: 'pli' }];
/** RFC 6184 8.1: profile_idc and profile-iop, at level 5.2, in the order in which they are preferred. */
const h264Profiles = ['640034', '640c34', '4d0034', '42e034', '420034'];
const firstVideoType = 96;

const h264 = h264Profiles.flatMap((profile, n) => {
  const payloadType = firstVideoType + 2 * n;
  return [
    new RTCRtpCodecParameters({
      mimeType: 'video/H264',
      clockRate: videoHz,
      payloadType,
      rtcpFeedback: feedback,
      parameters: `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profile}`,
    }),
    new RTCRtpCodecParameters({
      mimeType: 'video/rtx',
      clockRate: videoHz,
      payloadType: payloadType + 1,
      parameters: `apt=${payloadType}`,
    }),
  ];
});

const audio = (
  [
    { codec: 'Opus', payloadType: 111, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
    { codec: 'PCMU', payloadType: 0, mimeType: 'audio/PCMU', clockRate: 8000, channels: 1 },
    { codec: 'PCMA', payloadType: 8, mimeType: 'audio/PCMA', clockRate: 8000, channels: 1 },
  ] as const
).map(({ codec, payloadType, mimeType, clockRate, channels }) => ({
  codec,
  parameters: new RTCRtpCodecParameters({
    mimeType,
    clockRate,
    channels,
    payloadType,
    rtcpFeedback: [nack],
    ...(codec === 'Opus' ? { parameters: 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1' } : {}),
  }),
}));

export const offeredCodecs = { audio: audio.map(({ parameters }) => parameters), video: h264 };

/** What each payload type of the offer stands for. */
export const offeredPayloads: ReadonlyMap<number, PayloadKind> = new Map<number, PayloadKind>([
  ...audio.map(({ codec, parameters }) => [parameters.payloadType, { kind: 'audio', codec }] as const),
  ...h264.map(
    ({ payloadType, mimeType }) => [payloadType, { kind: mimeType === 'video/rtx' ? 'rtx' : 'video' }] as const,
  ),
]);
