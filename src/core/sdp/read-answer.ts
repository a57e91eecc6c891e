/** What a receiver needs of the answer to its offer (RFC 8829 5.10), and which of its candidates may be tried. */
import { parseAddress } from '../guard/ip-address.js';
import { readSections, type Section } from './lines.js';

export interface AnsweredTrack {
  readonly kind: 'audio' | 'video';
  /** As `a=ssrc` lines name them; empty where none does. */
  readonly ssrcs: readonly number[];
}

export interface CandidatePlace {
  /** An IP address; names (mDNS, RFC 8828) are left out. */
  readonly address: string;
  readonly port: number;
}

export interface ReadAnswer {
  /** Those that will be sent. */
  readonly tracks: readonly AnsweredTrack[];
  /** Of UDP, each once. */
  readonly candidates: readonly CandidatePlace[];
}

const maxCandidates = 32;
/** foundation, component, transport, priority, address, port (RFC 8839 5.1). */
const candidateForm = /^\S+ 1 udp \d+ (\S+) (\d{1,5}) /i;

/** Throws WireError on what is no SDP. */
export function readAnswer(sdp: string): ReadAnswer {
  const [, ...media] = readSections(sdp);
  const found = new Map<string, CandidatePlace>();
  for (const { name, value } of media.flatMap(({ attributes }) => attributes)) {
    const place = name === 'candidate' ? readCandidate(value) : null;
    if (place !== null && found.size < maxCandidates) found.set(`${place.address} ${place.port}`, place);
  }
  return { tracks: media.flatMap(readTrack), candidates: [...found.values()] };
}

/** The same without the candidates that are not among these. */
export function keepCandidates(sdp: string, places: readonly CandidatePlace[]): string {
  const isKept = (line: string): boolean => {
    if (!/^a=candidate:/i.test(line)) return true;
    const place = readCandidate(line.slice('a=candidate:'.length));
    return places.some(({ address, port }) => address === place?.address && port === place.port);
  };
  return sdp.split(/\r?\n/).filter(isKept).join('\r\n');
}

function readCandidate(value: string): CandidatePlace | null {
  const [, address = '', port = ''] = candidateForm.exec(`${value} `) ?? [];
  return parseAddress(address) === null ? null : { address, port: Number(port) };
}

function readTrack({ mediaLine, attributes }: Section): readonly AnsweredTrack[] {
  const [, kind, port] = /^(audio|video) (\d+)/.exec(mediaLine) ?? [];
  const isSent = !attributes.some(({ name }) => name === 'inactive' || name === 'recvonly');
  if ((kind !== 'audio' && kind !== 'video') || port === '0' || !isSent) return [];
  const ssrcs = attributes.filter(({ name }) => name === 'ssrc').map(({ value }) => Number.parseInt(value, 10));
  return [{ kind, ssrcs: [...new Set(ssrcs)].filter(Number.isSafeInteger) }];
}
