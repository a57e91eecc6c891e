/** The codecs of one offered m-line: its rtpmap, fmtp and rtcp-fb attributes, in whatever order they stand. */
import { WireError } from '../bytes/wire-error.js';
import type { Attribute } from './lines.js';
import type { OfferedCodec } from './offer.js';

/** As many as there are RTP payload types. */
const maxCodecs = 128;
const maxParameters = 64;
const maxFeedback = 32;
const maxPayloadType = 127;
/** Of the types that mean something without an rtpmap (RFC 3551 6 table 4) those that can be sent. */
const staticNames: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA' };

interface Draft {
  readonly payloadType: number;
  name: string;
  clockRateHz: number;
  channels: number;
  readonly parameters: Map<string, string>;
  readonly feedback: string[];
}

/**
 * In the order of the format list. A format without rtpmap is left out, but for the static types that we send. Those of RTX are told
 * with the codecs that they are for: they are nearly half of a browser's, and each one crosses to another thread.
 * Attributes of formats that the m-line does not list are passed over: pages that take codecs out leave them behind.
 */
export function readCodecs(formats: readonly string[], attributes: readonly Attribute[]): readonly OfferedCodec[] {
  if (formats.length > maxCodecs) throw new WireError('sdp.offer', `more than ${maxCodecs} formats in an m-line`);
  const drafts = new Map(formats.map((format) => [format, draftOf(payloadTypeOf(format))]));
  const every = draftOf(0);
  const feedback = createFeedbackWords();
  for (const { name, value } of attributes) {
    if (name !== 'rtpmap' && name !== 'fmtp' && name !== 'rtcp-fb') continue;
    const [format = '', rest = ''] = splitOnce(value, ' ');
    const draft = drafts.get(format);
    if (name === 'rtcp-fb') readFeedback(format === '*' ? every : draft, feedback(rest));
    else if (draft === undefined) continue;
    else if (name === 'rtpmap') readEncoding(draft, rest);
    else readParameters(draft, rest);
  }
  const rtx = rtxTypesOf(drafts.values());
  return [...drafts.values()]
    .filter((draft) => draft.name !== '' && !isRtx(draft))
    .map((draft) => finish(draft, every.feedback, rtx.get(rtxKey(draft.payloadType, draft.clockRateHz)) ?? null));
}

const isRtx = ({ name }: Draft): boolean => name.toLowerCase() === 'rtx';

const rtxKey = (payloadType: number | string, clockRateHz: number): string => `${payloadType}/${clockRateHz}`;

/** By the payload type that they are for, and its clock rate; of several the first counts. */
function rtxTypesOf(drafts: Iterable<Draft>): ReadonlyMap<string, number> {
  const types = new Map<string, number>();
  for (const draft of drafts) {
    const key = rtxKey(draft.parameters.get('apt') ?? '', draft.clockRateHz);
    if (isRtx(draft) && !types.has(key)) types.set(key, draft.payloadType);
  }
  return types;
}

/** One space, lower case. A browser offers the same five for each of its codecs. */
function createFeedbackWords(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const word = known.get(text) ?? text.trim().toLowerCase().replace(/\s+/g, ' ');
    known.set(text, word);
    return word;
  };
}

function payloadTypeOf(format: string): number {
  if (/^\d{1,3}$/.test(format) && Number(format) <= maxPayloadType) return Number(format);
  throw new WireError('sdp.offer', 'a format of an RTP m-line is no payload type');
}

function draftOf(payloadType: number): Draft {
  const name = staticNames[payloadType] ?? '';
  return { payloadType, name, clockRateHz: name === '' ? 0 : 8000, channels: 1, parameters: new Map(), feedback: [] };
}

/** "opus/48000/2". */
function readEncoding(draft: Draft, text: string): void {
  const match = /^([^\s/]+)\/(\d{1,9})(?:\/(\d{1,3}))?$/.exec(text.trim());
  if (match === null) throw new WireError('sdp.offer', `the rtpmap of payload type ${draft.payloadType} is malformed`);
  const [, name = '', clockRateHz, channels = '1'] = match;
  draft.name = name;
  draft.clockRateHz = Number(clockRateHz);
  draft.channels = Number(channels);
}

/** Several lines for one payload type add up, the last word on a key counts. */
function readParameters({ parameters, payloadType }: Draft, text: string): void {
  for (const part of text.split(';', maxParameters + 1)) {
    const [key = '', value = ''] = splitOnce(part.trim(), '=');
    if (key !== '') parameters.set(key.trim().toLowerCase(), value.trim());
  }
  if (parameters.size > maxParameters) {
    throw new WireError('sdp.offer', `payload type ${payloadType} has more than ${maxParameters} parameters`);
  }
}

function readFeedback(draft: Draft | undefined, value: string): void {
  if (draft === undefined) return;
  const { feedback, payloadType } = draft;
  if (value === '' || feedback.includes(value)) return;
  if (feedback.length >= maxFeedback) {
    throw new WireError('sdp.offer', `payload type ${payloadType} has more than ${maxFeedback} kinds of feedback`);
  }
  feedback.push(value);
}

/** `every`: feedback that is offered for all formats, as "*". */
function finish(draft: Draft, every: readonly string[], rtxPayloadType: number | null): OfferedCodec {
  const { payloadType, name, clockRateHz, channels } = draft;
  const feedback = every.length === 0 ? draft.feedback : [...new Set([...draft.feedback, ...every])];
  // Object.fromEntries defines each key, so that one named __proto__ is a key like others.
  const parameters = Object.fromEntries(draft.parameters);
  return { payloadType, name, clockRateHz, channels, parameters, feedback, rtxPayloadType };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
