/** The offers of real browsers (test/fixtures/offers), and what pages and policies make of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name: string): string => readFileSync(join('test/fixtures/offers', name), 'utf8');

export const chromiumOffer = read('chromium-156.sdp');
export const firefoxOffer = read('firefox-153.sdp');
/** Says neither packetization-mode nor the channels of Opus. */
export const gstreamerOffer = read('gstreamer-webrtcbin.sdp');

/** The session's part and the m-lines with what belongs to them; `join('')` gives the offer again. */
export function sectionsOf(sdp: string): readonly string[] {
  return sdp.split(/^(?=m=)/m);
}

/** Only these m-lines, by their place, in the order given. */
export function withMedia(sdp: string, places: readonly number[]): string {
  const [session = '', ...media] = sectionsOf(sdp);
  const kept = places.map((place) => media[place] ?? '');
  const mids = kept.map((section) => /^a=mid:(\S+)/m.exec(section)?.[1]);
  return [session.replace(/^a=group:BUNDLE.*$/m, `a=group:BUNDLE ${mids.join(' ')}`), ...kept].join('');
}

/** As with bundlePolicy max-bundle: the second m-line is bundle-only and has no transport of its own. */
export function maxBundle(sdp: string): string {
  const [session, first, second = ''] = sectionsOf(sdp);
  const bare = second
    .replace(/^m=(\w+) \d+/, 'm=$1 0')
    .replace(/^a=(candidate|end-of-candidates|rtcp:|rtcp-mux|rtcp-rsize|ice-|fingerprint|setup).*\r\n/gm, '');
  return `${session}${first}${bare}a=bundle-only\r\n`;
}

export function withoutLines(sdp: string, lines: RegExp): string {
  return sdp
    .split('\r\n')
    .filter((line) => !lines.test(line))
    .join('\r\n');
}
