/** SDP as lines: the session's part and its media descriptions, each with its attributes (RFC 8866 5). */
import { WireError } from '../bytes/wire-error.js';

const maxChars = 131_072;
const maxLines = 4096;
const maxMedia = 32;

export interface Attribute {
  /** Lower case. */
  readonly name: string;
  /** What follows the colon; empty without one. */
  readonly value: string;
}

export interface Section {
  /** What follows "m="; empty for the session's part. */
  readonly mediaLine: string;
  readonly attributes: Attribute[];
}

/** Session first, then the media in their order. WireError for what is no SDP, or too much of it. */
export function readSections(sdp: string): readonly [Section, ...Section[]] {
  if (sdp.length > maxChars) throw new WireError('sdp.offer', `longer than ${maxChars} characters`);
  const session: Section = { mediaLine: '', attributes: [] };
  const sections: [Section, ...Section[]] = [session];
  let section = session;
  let lines = 0;
  for (const line of linesOf(sdp)) {
    lines += 1;
    if (lines > maxLines) throw new WireError('sdp.offer', `more than ${maxLines} lines`);
    const value = line.slice(2);
    if (lines === 1 && line !== 'v=0') throw new WireError('sdp.offer', 'it does not begin with v=0');
    if (line[1] !== '=') throw new WireError('sdp.offer', `line ${lines} is no "type=value"`);
    if (line[0] === 'm') {
      if (sections.length > maxMedia) throw new WireError('sdp.offer', `more than ${maxMedia} m-lines`);
      section = { mediaLine: value, attributes: [] };
      sections.push(section);
    } else if (line[0] === 'a') section.attributes.push(readAttribute(value));
  }
  if (lines === 0) throw new WireError('sdp.offer', 'it is empty');
  return sections;
}

/** Ended by CRLF, or by LF alone (RFC 8866 5). Empty lines, which rewriting pages leave behind, are passed over. */
function* linesOf(sdp: string): Generator<string> {
  for (let at = 0; at < sdp.length; ) {
    const feed = sdp.indexOf('\n', at);
    const end = feed < 0 ? sdp.length : feed;
    const line = sdp.slice(at, sdp[end - 1] === '\r' && end > at ? end - 1 : end);
    at = end + 1;
    if (line === '') continue;
    // Parts of the offer are repeated in the answer: nothing may be in them that some reader takes for a line's end.
    if (hasControl(line)) throw new WireError('sdp.offer', 'a line holds a control character');
    yield line;
  }
}

function hasControl(line: string): boolean {
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code === 0x85 || code === 0x2028 || code === 0x2029)
      return true;
  }
  return false;
}

function readAttribute(text: string): Attribute {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text.trim().toLowerCase(), value: '' };
  return { name: text.slice(0, colon).trim().toLowerCase(), value: text.slice(colon + 1).trim() };
}
