/** How the pictures of each codec become packets. */
import type { Picture } from '../access-unit/picture.js';
import { splitObus } from '../codec/av1-obu.js';
import { packAv1TemporalUnit } from './pack-av1.js';
import { packAccessUnit } from './pack-h264.js';
import { packH265AccessUnit } from './pack-h265.js';
import { packVp9Frame } from './pack-vp9.js';
import type { RtpHistory } from './rtp-history.js';

export interface Packing {
  readonly rtpTs: number;
  /** Limit of a payload. */
  readonly packetBytes: number;
}

/** Writes the packets of whole pictures into the history; viewers may begin with those that browsers can begin with. */
export function createPicturePacker(history: RtpHistory): (picture: Picture, packing: Packing) => void {
  /** Of VP9. */
  let pictureId = 0;

  return ({ format, data, nals, start }, packing) => {
    const isKeyframe = start === 'entry';
    const { info, setup } = format;
    switch (info.codec) {
      case 'H264':
        packAccessUnit(history, { nals, isKeyframe, setup, ...packing });
        break;
      case 'HEVC':
        packH265AccessUnit(history, { nals, isKeyframe, setup, ...packing });
        break;
      case 'AV1': {
        const [sequenceHeader = null] = setup;
        packAv1TemporalUnit(history, { obus: splitObus(data), isKeyframe, sequenceHeader, ...packing });
        break;
      }
      case 'VP9':
        packVp9Frame(history, { data, keySize: isKeyframe ? info : null, pictureId, ...packing });
        pictureId = (pictureId + 1) & 0x7fff;
        break;
    }
  };
}
