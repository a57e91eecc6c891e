/** SDP fragments with ICE credentials and candidates (RFC 8840 9): the body of a PATCH, and what answers a restart. */
import { WireError } from '../bytes/wire-error.js';

export interface SdpFragment {
  /** Null when the fragment only brings candidates. */
  readonly iceUfrag: string | null;
  readonly hasCandidates: boolean;
}

const maxLines = 500;
// RFC 8839 5.4: ice-char is ALPHA, DIGIT, "+" or "/".
const ufragForm = /^[A-Za-z0-9+/]{4,256}$/;
const pwdForm = /^[A-Za-z0-9+/]{22,256}$/;

/** Throws WireError on what is no fragment; none at all is one that brings nothing. Takes Windows and Unix line ends. */
export function parseFragment(text: string): SdpFragment {
  const lines = text.split(/\r?\n/, maxLines + 1).filter((line) => line !== '');
  if (lines.length > maxLines) throw malformed(`more than ${maxLines} lines`);
  let iceUfrag: string | null = null;
  let icePwd: string | null = null;
  for (const line of lines) {
    if (!/^[a-z]=/.test(line)) throw malformed('a line is not of the form type=value');
    if (line.startsWith('a=ice-ufrag:')) iceUfrag = checked(line.slice(12), ufragForm, 'ice-ufrag');
    else if (line.startsWith('a=ice-pwd:')) icePwd = checked(line.slice(10), pwdForm, 'ice-pwd');
  }
  if ((iceUfrag === null) !== (icePwd === null)) throw malformed('ice-ufrag and ice-pwd come together');
  return { iceUfrag, hasCandidates: lines.some((line) => line.startsWith('a=candidate:')) };
}

/**
 * Answers an ICE restart (RFC 9725 4.3.3): the transport's part of `answerSdp`, the session's answer, with new
 * credentials. The candidates are those of the answer: the media port stays.
 */
export function writeRestart(answerSdp: string, iceUfrag: string, icePwd: string): string {
  const lines = answerSdp.split('\r\n');
  const ofSession = lines.filter((line) => /^a=(group:BUNDLE |ice-lite$|ice-options:)/.test(line));
  const candidates = lines.filter((line) => /^a=(candidate:|end-of-candidates$)/.test(line));
  // Above them, the m-line that carries the transport.
  const above = lines.slice(0, lines.indexOf(candidates[0] ?? ''));
  const mediaLine = above.findLast((line) => line.startsWith('m=')) ?? '';
  const mid = above.findLast((line) => line.startsWith('m=') || line.startsWith('a=mid:'));
  const fragment = [
    ...ofSession,
    mediaLine,
    ...(mid?.startsWith('a=mid:') === true ? [mid] : []),
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    ...candidates,
  ];
  return `${fragment.join('\r\n')}\r\n`;
}

function checked(value: string, form: RegExp, name: string): string {
  if (!form.test(value)) throw malformed(`${name} is malformed`);
  return value;
}

const malformed = (what: string): WireError => new WireError('signal.sdpFragment', what);
