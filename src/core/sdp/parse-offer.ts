/** Reads an SDP offer. What stands at session level counts for each m-line that does not say otherwise. */
import { WireError } from '../bytes/wire-error.js';
import { type Attribute, readSections, type Section } from './lines.js';
import type { Offer, OfferedMedia } from './offer.js';
import { readCodecs } from './offered-codec.js';

const maxFormats = 256;
const maxExtensions = 64;
const maxTokens = 64;
/** RFC 8285 5: 1 to 14 and 1 to 255 on the wire, 4096 to 4351 in offers that leave the number open. */
const maxExtensionId = 4351;
const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
const setups = ['actpass', 'active', 'passive', 'holdconn'] as const;
const digestBytes: Readonly<Record<string, number>> = {
  'sha-1': 20,
  'sha-224': 28,
  'sha-256': 32,
  'sha-384': 48,
  'sha-512': 64,
};

/** At most 128 KiB. Throws WireError, which says what is wrong; what is missing is for the answer to refuse. */
export function parseOffer(sdp: string): Offer {
  const [session, ...sections] = readSections(sdp);
  const common = {
    direction: readDirection(session.attributes) ?? 'sendrecv',
    extensions: readExtensions(session.attributes, new Map()),
  } as const;
  const parts = sections.map((section) => ({ section, media: readMedia(section, common) }));
  const bundle = readBundle(session);
  const mids = parts.map(({ media }) => media.mid).filter((mid) => mid !== '');
  if (new Set(mids).size < mids.length) throw new WireError('sdp.offer', 'two m-lines have the same mid');
  // Transport attributes stand with the first m-line of the group; others may lack them (RFC 9143 7.1.3).
  const ranked = [
    ...parts.filter(({ media }) => bundle.includes(media.mid) && !media.refused),
    ...parts.filter(({ media }) => !bundle.includes(media.mid) && !media.refused && isRtp(media.protocol)),
  ];
  const transport = [...ranked.map(({ section }) => section), session].map(({ attributes }) => attributes);
  const tagged = ranked[0];
  return {
    media: parts.map(({ section, media }) => (tagged === undefined ? media : inherit(media, section, tagged.media))),
    bundle,
    iceUfrag: readCredential(transport, 'ice-ufrag'),
    icePwd: readCredential(transport, 'ice-pwd'),
    iceOptions: readTokens(firstOf(transport, 'ice-options')),
    fingerprint: readFingerprint(transport),
    // Without one the offerer is active (RFC 4145 4.1).
    setup: oneOf(setups, firstOf(transport, 'setup').toLowerCase()) ?? 'active',
  };
}

interface Common {
  readonly direction: OfferedMedia['direction'];
  readonly extensions: ReadonlyMap<string, number>;
}

function readMedia({ mediaLine, attributes }: Section, common: Common): OfferedMedia {
  const [kind = '', portText = '', protocol = '', ...formats] = mediaLine.trim().split(/\s+/, maxFormats + 4);
  // One port, or a port and a count.
  const port = /^(\d{1,5})(?:\/\d{1,5})?$/.exec(portText)?.[1];
  if (port === undefined || Number(port) > 65_535)
    throw new WireError('sdp.offer', 'the port of an m-line is malformed');
  if (formats.length === 0) throw new WireError('sdp.offer', 'an m-line names no format');
  if (formats.length > maxFormats) throw new WireError('sdp.offer', `more than ${maxFormats} formats in an m-line`);
  const mid = textOf(attributes, 'mid');
  if (/\s/.test(mid)) throw new WireError('sdp.offer', 'a mid is malformed');
  const rtcpMuxOnly = has(attributes, 'rtcp-mux-only');
  return {
    kind,
    protocol,
    formats,
    mid,
    direction: readDirection(attributes) ?? common.direction,
    refused: Number(port) === 0 && !has(attributes, 'bundle-only'),
    rtcpMux: rtcpMuxOnly || has(attributes, 'rtcp-mux'),
    rtcpReducedSize: has(attributes, 'rtcp-rsize'),
    codecs: isRtp(protocol) ? readCodecs(formats, attributes) : [],
    extensions: Object.fromEntries(readExtensions(attributes, common.extensions)),
  };
}

/** A bundle-only m-line leaves out what holds for the whole group (RFC 9143 7.1.3). */
function inherit(media: OfferedMedia, section: Section, tagged: OfferedMedia): OfferedMedia {
  if (!has(section.attributes, 'bundle-only')) return media;
  return {
    ...media,
    rtcpMux: media.rtcpMux || tagged.rtcpMux,
    rtcpReducedSize: media.rtcpReducedSize || tagged.rtcpReducedSize,
  };
}

function isRtp(protocol: string): boolean {
  return /(^|\/)RTP\//i.test(protocol);
}

function readDirection(attributes: readonly Attribute[]): OfferedMedia['direction'] | null {
  return directions.find((direction) => has(attributes, direction)) ?? null;
}

/** "3/recvonly urn:...": the direction limits what we do not do, and is passed over. */
function readExtensions(
  attributes: readonly Attribute[],
  common: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const extensions = new Map(common);
  for (const { name, value } of attributes) {
    if (name !== 'extmap') continue;
    const match = /^(\d{1,4})(?:\/[a-z]+)?\s+(\S+)/i.exec(value);
    const [, id = '', uri = ''] = match ?? [];
    if (match === null || Number(id) < 1 || Number(id) > maxExtensionId) {
      throw new WireError('sdp.offer', 'an extmap is malformed');
    }
    extensions.set(uri, Number(id));
    if (extensions.size > maxExtensions) throw new WireError('sdp.offer', `more than ${maxExtensions} extensions`);
  }
  return extensions;
}

/** Other groups (LS) mean nothing here. Browsers make one of BUNDLE; of several the first counts. */
function readBundle({ attributes }: Section): readonly string[] {
  const groups = attributes.filter(({ name }) => name === 'group').map(({ value }) => readTokens(value));
  return groups.find(([semantics]) => semantics?.toUpperCase() === 'BUNDLE')?.slice(1) ?? [];
}

/** RFC 8839 5.4 allows letters, digits, + and /; more is let pass that no STUN user name mistakes for its colon. */
function readCredential(transport: readonly (readonly Attribute[])[], name: string): string {
  const value = firstOf(transport, name);
  if (value === '' || /^[!-9;-~]{1,256}$/.test(value)) return value;
  throw new WireError('sdp.offer', `${name} is malformed`);
}

/** Of several the one we can check; none gives empty words. */
function readFingerprint(transport: readonly (readonly Attribute[])[]): Offer['fingerprint'] {
  const where = transport.find((attributes) => has(attributes, 'fingerprint')) ?? [];
  const all = where.filter(({ name }) => name === 'fingerprint').map(({ value }) => readTokens(value));
  const [algorithm = '', value = ''] = all.find(([name]) => name?.toLowerCase() === 'sha-256') ?? all[0] ?? [];
  if (all.length === 0) return { algorithm: '', value: '' };
  const bytes = digestBytes[algorithm.toLowerCase()];
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(value) || (bytes !== undefined && value.length !== bytes * 3 - 1)) {
    throw new WireError('sdp.offer', 'the fingerprint is malformed');
  }
  return { algorithm: algorithm.toLowerCase(), value: value.toUpperCase() };
}

function readTokens(text: string): readonly string[] {
  const tokens = text.split(/\s+/, maxTokens + 1).filter((token) => token !== '');
  if (tokens.length > maxTokens) throw new WireError('sdp.offer', `more than ${maxTokens} words in a list`);
  return tokens;
}

function oneOf<T extends string>(words: readonly T[], word: string): T | null {
  if (word === '') return null;
  const found = words.find((known) => known === word);
  if (found === undefined) throw new WireError('sdp.offer', 'a=setup has an unknown value');
  return found;
}

function has(attributes: readonly Attribute[], name: string): boolean {
  return attributes.some((attribute) => attribute.name === name);
}

function textOf(attributes: readonly Attribute[], name: string): string {
  return attributes.find((attribute) => attribute.name === name)?.value ?? '';
}

function firstOf(places: readonly (readonly Attribute[])[], name: string): string {
  return places.map((attributes) => textOf(attributes, name)).find((value) => value !== '') ?? '';
}
