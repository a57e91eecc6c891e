/**
 * A program: publishes a test pattern and a tone in real time by Enhanced RTMP, or as FLV into a file for 3 s. Debian's ffmpeg
 * has no such FLV; FFmpeg 8 inside node-av has (docs/media.md 8). Arguments: address, video encoder, audio encoder, as FFmpeg names them,
 * and `flashes` where the frame flashes and the audio beeps.
 */
import { Decoder, Demuxer, Encoder, Muxer } from 'node-av/api';
import * as av from 'node-av/constants';
import { Log } from 'node-av/lib';
import { backToUsualPriority } from '../media/usual-priority.js';
import { beepAudio, flashVideo } from './flash-and-beep.js';

const fileSeconds = 3;
const size = '320x180';
const [target = '', videoName = '', audioName = '', scene = 'test'] = process.argv.slice(2);
const hasFlashes = scene === 'flashes';
const fps = hasFlashes ? 30 : 25;
/** `realtime` and `arealtime` hold the packets back until they are due. */
const frame = `${hasFlashes ? flashVideo(size) : `testsrc2=size=${size}:rate=${fps},format=yuv420p`},realtime`;
const beeps = hasFlashes ? beepAudio(48_000) : 'sine=frequency=440:sample_rate=48000';
const tone = `${beeps},aformat=channel_layouts=stereo,arealtime`;

/** What each encoder needs to give every frame at once. */
const videoOptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  libx264: { preset: 'ultrafast', tune: 'zerolatency' },
  libx265: { preset: 'ultrafast', tune: 'zerolatency', 'x265-params': 'log-level=none' },
  libsvtav1: { preset: '10', 'svtav1-params': 'pred-struct=1:rc=2' },
  'libvpx-vp9': { deadline: 'realtime', 'cpu-used': '8', 'lag-in-frames': '0' },
};

const encoders = {
  libx264: av.FF_ENCODER_LIBX264,
  libx265: av.FF_ENCODER_LIBX265,
  libsvtav1: av.FF_ENCODER_LIBSVTAV1,
  'libvpx-vp9': av.FF_ENCODER_LIBVPX_VP9,
  libopus: av.FF_ENCODER_LIBOPUS,
  aac: av.FF_ENCODER_AAC,
  flac: av.FF_ENCODER_FLAC,
  ac3: av.FF_ENCODER_AC3,
  libmp3lame: av.FF_ENCODER_LIBMP3LAME,
};

function encoderOf(name: string): av.FFEncoderCodec {
  for (const [known, encoder] of Object.entries(encoders)) if (known === name) return encoder;
  throw new Error(`no encoder ${name}`);
}

Log.setLevel(av.AV_LOG_QUIET);

const input = Demuxer.openSync(`${frame}[out0];${tone}[out1]`, { format: 'lavfi' });
const [videoStream, audioStream] = [input.video(), input.audio()];
if (videoStream === undefined || audioStream === undefined) throw new Error('the test source has no two streams');

const output = Muxer.openSync(target, { format: 'flv' });
const lane = (stream: typeof videoStream, encoder: Encoder) => {
  const decoder = Decoder.createSync(stream);
  return { encoder, decoder, index: output.addStream(encoder) };
};
const video = lane(
  videoStream,
  Encoder.createSync(encoderOf(videoName), {
    bitrate: '500k',
    gopSize: fps,
    maxBFrames: 0,
    options: videoOptions[videoName] ?? {},
  }),
);
const audio = lane(audioStream, Encoder.createSync(encoderOf(audioName), { bitrate: '96k', autoResample: true }));

let frames = 0;
let isUsual = videoName !== 'libsvtav1';
for (const packet of input.packetsSync()) {
  if (packet === null) break;
  const isVideo = packet.streamIndex === videoStream.index;
  const { decoder, encoder, index } = isVideo ? video : audio;
  for (const frame of decoder.decodeAllSync(packet)) {
    for (const coded of encoder.encodeAllSync(frame)) {
      output.writePacketSync(coded, index);
      if (isVideo) frames += 1;
      coded.free();
    }
    frame.free();
  }
  if (isVideo && !isUsual) backToUsualPriority();
  isUsual ||= isVideo;
  packet.free();
  if (frames % fps === 1) console.log(`frames=${frames}`);
  if (!target.startsWith('rtmp') && frames > fps * fileSeconds) break;
}
output.closeSync();
// Left to end by itself, the process faults while its native objects are freed.
process.exit(0);
