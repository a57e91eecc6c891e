import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

/** A second of H.264 and AAC, by ffmpeg. */
export const h264Aac = (): FlvTag[] =>
  encodeFlv([
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x180:rate=25:duration=1',
    '-f',
    'lavfi',
    '-i',
    'sine=440:duration=1',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '12',
    '-bf',
    '2',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
  ]);
