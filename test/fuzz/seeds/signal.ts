import { chromiumOffer, firefoxOffer, maxBundle, withMedia, withoutLines } from '../../support/viewer/offers.js';
import { fromText, named, type Seeds } from './seed.js';

const frame = (message: string, ...data: readonly unknown[]): string => JSON.stringify({ message, data });
const connection = frame('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'], clientVersion: '2.0' });
const play = (sdp: string): string =>
  frame('playStream', { mediaSessionId: 'm', name: 'cam', mediaProvider: 'WebRTC', sdp });

const talks: Readonly<Record<string, readonly string[]>> = {
  'a play': [connection, play(chromiumOffer), frame('stopStream', { mediaSessionId: 'm' })],
  'two plays of one id': [connection, play(chromiumOffer), play(firefoxOffer)],
  'a play before connection': [play(chromiumOffer)],
  'a play of an address': [
    connection,
    frame('playStream', { mediaSessionId: 'm', name: 'rtmp://h/live/cam', sdp: 'v=0' }),
  ],
  'is it there': [connection, frame('availableStream', { mediaSessionId: 'm', name: 'cam' })],
  'pings and data': [connection, frame('ping', null), frame('pong', null), frame('sendData', { operationId: 'o' })],
  publishing: [connection, frame('publishStream', { mediaSessionId: 'm', name: 'cam' })],
  'no frames': ['', '{}', '[]', 'null', '{"message":1}', '{"message":"x","data":{}}', '{"message":"__proto__"}', 'x'],
  silence: Array.from({ length: 90 }, () => ''),
};

export const signalSeeds: Seeds = {
  offer: named([
    ['chromium', fromText(chromiumOffer)],
    ['firefox', fromText(firefoxOffer)],
    ['chromium, max-bundle', fromText(maxBundle(chromiumOffer))],
    ['chromium, audio only', fromText(withMedia(chromiumOffer, [0]))],
    ['firefox, video only', fromText(withMedia(firefoxOffer, [1]))],
    ['chromium without ice', fromText(withoutLines(chromiumOffer, /^a=ice-/))],
    ['firefox by line feeds', fromText(firefoxOffer.replaceAll('\r\n', '\n'))],
    ['session alone', fromText('v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n')],
  ]),
  fragment: named([
    ['credentials', fromText('a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n')],
    [
      'a candidate',
      fromText(
        'a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.1 31000 typ host\r\na=end-of-candidates\r\n',
      ),
    ],
    ['candidates alone', fromText('a=mid:0\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\n')],
    ['half', fromText('a=ice-ufrag:EsAw\r\n')],
  ]),
  wcs: named(Object.entries(talks).map(([what, lines]) => [what, fromText(lines.join('\n'))])),
};
