/** Checks beyond the type of one key: addresses, pairs of keys, uris. */
import ipaddr from 'ipaddr.js';
import { minKeyChars, parseApiKey } from '../core/guard/api-key.js';
import { parseControlListen } from '../core/guard/control-listen.js';
import { templateElements, unknownElement } from '../core/recording/file-name.js';
import { parseRotation } from '../core/recording/rotation.js';
import { parseSourceUri } from '../core/source/address.js';
import { listUris } from '../core/source/uri-list.js';
import { checkCluster } from './check-cluster.js';
import type { Complaint } from './complaint.js';
import type { Settings } from './schema.js';

/** All errors in settings that match the schema. */
export function checkSettings(settings: Settings): readonly Complaint[] {
  return [
    ...checkAddresses(settings),
    ...checkAccess(settings),
    ...checkPairs(settings),
    ...checkPorts(settings),
    ...checkHookUrls(settings),
    ...checkRecordings(settings),
    ...checkCluster(settings),
    ...checkStreams(settings),
  ];
}

function checkAddresses({ server, hooks, control, pulls, webrtc }: Settings): Complaint[] {
  const range = 'an address ("10.1.2.3") or a range of them ("10.0.0.0/8", "fc00::/7")';
  return [
    ...each(['control', 'allow'], control.allow, isRange, range),
    ...each(['server', 'trustedProxies'], server.trustedProxies, isRange, range),
    ...each(['pulls', 'viewerAllow'], pulls.viewerAllow, isRange, range),
    ...each(['pulls', 'restDeny'], pulls.restDeny, isRange, range),
    ...each(['pulls', 'restAllow'], pulls.restAllow, isRange, range),
    ...each(
      ['webrtc', 'iceServers'],
      webrtc.iceServers,
      isIceServer,
      'the address of a STUN or TURN server, such as "turn:turn.example.org:3478?transport=udp"',
    ),
    ...(webrtc.stunServer === '' || /^[^\s/@]+:\d{1,5}$/.test(webrtc.stunServer)
      ? []
      : [{ path: ['webrtc', 'stunServer'], allowed: 'host:port, such as "stun.example.org:3478"' }]),
    ...each(['webrtc', 'listen'], webrtc.listen, isAddress, 'an IP address of this machine'),
    ...each(['webrtc', 'announce'], webrtc.announce, isAddress, 'an IP address at which viewers reach this machine'),
    ...each(
      ['server', 'playerServers'],
      server.playerServers,
      isSignallingOrigin,
      'the address of another server\'s signalling, such as "wss://play.example.org:8443", without a path',
    ),
    ...each(
      ['hooks', 'apps'],
      hooks.apps,
      isHookApp,
      'an application key and the address of its back end, such as "defaultApp=http://127.0.0.1:9000/api"',
    ),
    ...each(
      ['server', 'frameAncestors'],
      server.frameAncestors,
      isOrigin,
      'an origin such as "https://example.org", without a path',
    ),
    ...(control.listen === '' || parseControlListen(control.listen) !== null
      ? []
      : [{ path: ['control', 'listen'], allowed: '"127.0.0.1:9090", "[::1]:9090" or "unix:/path/of/the.sock"' }]),
  ];
}

/** Addresses that are told what happens. */
function checkHookUrls({ recordings, pulls }: Settings): Complaint[] {
  const allowed = 'an http:// or https:// address, or nothing';
  return [
    ...(isHttpUrl(recordings.hookUrl) ? [] : [{ path: ['recordings', 'hookUrl'], allowed }]),
    ...(isHttpUrl(pulls.hookUrl) ? [] : [{ path: ['pulls', 'hookUrl'], allowed }]),
  ];
}

function checkAccess({ control, playback }: Settings): Complaint[] {
  return [
    ...each(
      ['control', 'origins'],
      control.origins,
      (text) => isOrigin(text) || isExtension(text),
      'an origin such as "https://example.org" or "chrome-extension://ID", without a path',
    ),
    ...each(
      ['playback', 'origins'],
      playback.origins,
      isOrigin,
      'an origin such as "https://example.org", without a path',
    ),
    ...each(
      ['control', 'apiKeys'],
      control.apiKeys,
      (text) => parseApiKey(text).key.length >= minKeyChars,
      `a key of at least ${minKeyChars} characters, or name:scope:KEY with the scope read, control or admin`,
    ),
    ...(['jwksUrl', 'hookUrl'] as const)
      .filter((name) => !isHttpUrl(playback[name]))
      .map((name) => ({ path: ['playback', name], allowed: 'an http:// or https:// address, or nothing' })),
  ];
}

function checkRecordings({ recordings: { template, rotation } }: Settings): Complaint[] {
  const unknown = unknownElement(template);
  return [
    ...(unknown === null
      ? []
      : [{ path: ['recordings', 'template'], allowed: `the elements ${templateElements.join(', ')}` }]),
    ...(parseRotation(rotation) === null
      ? [{ path: ['recordings', 'rotation'], allowed: 'seconds ("3600"), megabytes ("20M"), or nothing' }]
      : []),
  ];
}

function checkPairs({ server, webrtc, rtmp }: Settings): Complaint[] {
  const complaints: Complaint[] = [];
  if (webrtc.portMin > webrtc.portMax) {
    complaints.push({ path: ['webrtc', 'portMin'], allowed: `at most webrtc.portMax (${webrtc.portMax})` });
  }
  if ((webrtc.portMin === 0) !== (webrtc.portMax === 0)) {
    complaints.push({ path: ['webrtc', 'portMin'], allowed: '0 only together with webrtc.portMax 0 (any free port)' });
  }
  if (webrtc.singlePort > 0 && webrtc.fanout === 'js') {
    complaints.push({ path: ['webrtc', 'singlePort'], allowed: '0 with webrtc.fanout js: it needs the add-on' });
  }
  if (rtmp.reconnectFirstMs > rtmp.reconnectMaxMs) {
    const allowed = `at most rtmp.reconnectMaxMs (${rtmp.reconnectMaxMs})`;
    complaints.push({ path: ['rtmp', 'reconnectFirstMs'], allowed });
  }
  if ((server.tlsCertFile === '') !== (server.tlsKeyFile === '')) {
    const name = server.tlsCertFile === '' ? 'tlsCertFile' : 'tlsKeyFile';
    complaints.push({ path: ['server', name], allowed: 'a file, because the other one of the pair is set' });
  }
  return complaints;
}

/** REST and signalling may share a port; plain and TLS ports must differ. */
function checkPorts({ server }: Settings): Complaint[] {
  if (server.tlsCertFile === '') return [];
  const tlsPorts = [server.restTlsPort, server.wsTlsPort].filter((port) => port !== 0);
  return (['restPort', 'wsPort'] as const)
    .filter((name) => tlsPorts.includes(server[name]))
    .map((name) => ({ path: ['server', name], allowed: 'a port that differs from the TLS ports' }));
}

function checkStreams({ streams, demo }: Settings): Complaint[] {
  const names = new Set(demo.enabled ? [demo.name] : []);
  return streams.flatMap((stream, n) => {
    const { uri, uris = [], localStreamName = listUris(stream)[0] ?? '' } = stream;
    const allowed = 'rtmp://host[:port]/application/stream, a WHEP endpoint, or ws://host:port#stream';
    const complaints: Complaint[] = each(['streams', n, 'uris'], uris, isSource, allowed);
    if (uri === undefined ? uris.length === 0 : !isSource(uri)) {
      complaints.push({ path: ['streams', n, 'uri'], allowed });
    }
    if (names.has(localStreamName)) {
      complaints.push({ path: ['streams', n, 'localStreamName'], allowed: 'a name that no other stream has' });
    }
    names.add(localStreamName);
    return complaints;
  });
}

function each(
  path: readonly PropertyKey[],
  values: readonly string[],
  isGood: (value: string) => boolean,
  allowed: string,
): Complaint[] {
  return values.flatMap((value, n) => (isGood(value) ? [] : [{ path: [...path, n], allowed }]));
}

/** Without the short forms that ipaddr.js accepts ("10.1" for 10.0.0.1): in a configuration they are typing errors. */
const isAddress = (text: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

const isRange = (text: string): boolean =>
  isAddress(text.split('/', 1)[0] ?? '') && (!text.includes('/') || ipaddr.isValidCIDR(text));

/** RFC 7064, RFC 7065; it stands in a Link header. */
const isIceServer = (text: string): boolean =>
  /^(stuns?:[^\s<>"?]+|turns?:[^\s<>"?]+(\?transport=(udp|tcp))?)$/i.test(text);

/** A REST client that is an extension of the browser: the manual of WCS's pull page uses one. */
const isExtension = (text: string): boolean => /^(chrome|moz)-extension:\/\/[a-z0-9-]+$/i.test(text);

function isOrigin(text: string): boolean {
  const origin = text.toLowerCase().replace(/\/$/, '');
  return /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
}

/** `key=` alone: an application without a back end. */
function isHookApp(text: string): boolean {
  const [, url] = /^[^=\s]+=(.*)$/.exec(text) ?? [];
  return url === '' || (url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url));
}

/** Or nothing. */
const isHttpUrl = (text: string): boolean => text === '' || (/^https?:\/\//i.test(text) && URL.canParse(text));

/** It stands in a Content-Security-Policy. */
const isSignallingOrigin = (text: string): boolean => /^wss?:\/\/[a-z0-9.-]+(:\d{1,5})?$/i.test(text);

function isSource(uri: string): boolean {
  try {
    parseSourceUri(uri);
    return true;
  } catch {
    return false;
  }
}
