/** The multivariant playlist of a stream (RFC 8216bis 4.4.6): its one encoding, and its captions, which a list of the media cannot name. */
import type { HlsWindow } from './window.js';

interface ListUris {
  readonly media: string;
  readonly captions: string;
}

/** Of a stream of which no segment is known yet. */
const usualBps = 3_000_000;

export function renderMultivariant(window: HlsWindow, { media, captions }: ListUris): string {
  const { codecs = [], width = 0, height = 0 } = window.init ?? {};
  const stream = [
    `BANDWIDTH=${window.peakBps || usualBps}`,
    ...(codecs.length === 0 ? [] : [`CODECS="${codecs.join(',')}"`]),
    ...(width > 0 && height > 0 ? [`RESOLUTION=${width}x${height}`] : []),
    'SUBTITLES="captions"',
  ];
  const subtitles = [
    'TYPE=SUBTITLES',
    'GROUP-ID="captions"',
    'NAME="Captions"',
    // Of which language they are nobody says (BCP 47: undetermined).
    'LANGUAGE="und"',
    'DEFAULT=NO',
    'AUTOSELECT=YES',
    'FORCED=NO',
    `URI="${captions}"`,
  ];
  return `${[
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    ...(window.isIndependent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
    `#EXT-X-MEDIA:${subtitles.join(',')}`,
    `#EXT-X-STREAM-INF:${stream.join(',')}`,
    media,
  ].join('\n')}\n`;
}
