/** The files that the lists of a stream name: segments, parts, init segments, captions. */
import { renderCues } from '../core/hls/captions.js';
import { nextPart } from '../core/hls/playlist.js';
import { SluiceError } from '../errors.js';
import { type HlsChannel, whenThere } from './hls-channel.js';
import type { HttpReply } from './http.js';

/** What does not change: an hour, as long as anybody may want it. */
const keptS = 3600;
const fileForm = /^([0-9a-f]+)-(?:init-(\d{1,9})\.mp4|(\d{1,9})\.vtt|(\d{1,9})(?:\.(\d{1,9}))?\.m4s)$/;

const fileReply = (type: string, body: string | Uint8Array): HttpReply => ({
  status: 200,
  headers: { 'Content-Type': type, 'Cache-Control': `public, max-age=${keptS}, immutable` },
  body,
});

/** The next part is waited for. Error: route.notFound. */
export async function hlsFile(channel: HlsChannel, file: string): Promise<HttpReply> {
  const [, prefix, init, captions, msn, part] = fileForm.exec(file) ?? [];
  const { window } = channel;
  if (prefix !== channel.epoch) throw new SluiceError('route.notFound');
  if (init !== undefined) {
    const found = window.initOf(Number(init));
    if (found === null) throw new SluiceError('route.notFound');
    return fileReply('video/mp4', found.data);
  }
  if (captions !== undefined) {
    const segment = window.segments.find((one) => one.msn === Number(captions));
    if (segment?.isWhole !== true) throw new SluiceError('route.notFound');
    return fileReply('text/vtt', renderCues(channel.captions, segment));
  }
  return fileReply('video/mp4', await mediaOf(channel, Number(msn), part));
}

async function mediaOf(channel: HlsChannel, msn: number, part: string | undefined): Promise<Uint8Array> {
  const { window } = channel;
  const [nextMsn, next] = nextPart(window);
  const isNext = part !== undefined && msn === nextMsn && Number(part) === next;
  const find = (): Uint8Array | undefined => {
    const segment = window.segments.find((one) => one.msn === msn);
    if (part === undefined) return segment?.isWhole ? segment.data : undefined;
    return segment?.parts[Number(part)]?.data;
  };
  const found = isNext ? await whenThere(channel, find) : find();
  if (found === undefined) throw new SluiceError('route.notFound');
  return found;
}
