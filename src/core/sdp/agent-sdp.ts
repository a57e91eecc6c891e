/**
 * rtmp_agent.sdp of WCS: which codecs and rates its RTMP agent takes from a source, and, by `a=sendonly` in its section, whether
 * video is recorded. Audio is, whatever its direction.
 */
import { WireError } from '../bytes/wire-error.js';
import type { AcceptedMedia } from '../flv/accepted-media.js';
import { readSections, type Section } from './lines.js';

/** SDP's encoding names, in lower case, and ours. */
const videoCodecs: Readonly<Record<string, string>> = { h264: 'H264', h265: 'HEVC', av1: 'AV1', vp9: 'VP9' };
const audioCodecs: Readonly<Record<string, string>> = {
  'mpeg4-generic': 'AAC',
  opus: 'Opus',
  mpa: 'MP3',
  speex: 'Speex',
  pcma: 'PCMA',
  pcmu: 'PCMU',
};

/** Throws WireError, whose words name the line. WCS's own file has no `v=0`. */
export function parseAgentSdp(text: string): AcceptedMedia {
  const [, ...media] = readSections(text.startsWith('v=0') ? text : `v=0\n${text}`);
  const sectionsOf = (kind: string) => media.filter(({ mediaLine }) => mediaLine.startsWith(`${kind} `));
  const encodings = (kind: string) => sectionsOf(kind).flatMap(encodingsOf);
  const video = encodings('video').map(({ name }) => codecOf(videoCodecs, name, 'video'));
  const audio = encodings('audio').map(({ name, rateHz }) => ({
    codec: codecOf(audioCodecs, name, 'audio'),
    sampleRateHz: rateHz,
  }));
  if (video.length + audio.length === 0) throw invalid('it lists no codec (a=rtpmap:<type> <name>/<rate>)');
  const recordsVideo = sectionsOf('video').some(({ attributes }) => attributes.some(({ name }) => name === 'sendonly'));
  return { video, audio, recordsVideo };
}

/** Those of the m-line's formats that have an a=rtpmap. */
function encodingsOf({
  mediaLine,
  attributes,
}: Section): readonly { readonly name: string; readonly rateHz: number }[] {
  const [, , , ...formats] = mediaLine.split(' ');
  return attributes.flatMap(({ name, value }) => {
    if (name !== 'rtpmap') return [];
    const [, type = '', encoding = '', rate = ''] = /^(\d+) ([^/\s]+)\/(\d{4,6})(?:\/\d+)?$/.exec(value) ?? [];
    if (encoding === '') throw invalid(`a=rtpmap:${value} is no "<type> <name>/<rate>"`);
    return formats.includes(type) ? [{ name: encoding, rateHz: Number(rate) }] : [];
  });
}

function codecOf(codecs: Readonly<Record<string, string>>, name: string, kind: string): string {
  const known = name.toLowerCase();
  if (Object.hasOwn(codecs, known)) return codecs[known] ?? name;
  throw invalid(
    `${name} is no codec of ${kind} that is taken from sources; those are ${Object.keys(codecs).join(', ')}`,
  );
}

const invalid = (what: string): WireError => new WireError('sdp.agent', what);
