/** A file as a reply, whole or a range of it (RFC 9110 14). It is read as the client takes it, never as a whole. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SluiceError } from '../errors.js';
import { type HttpReply, type HttpRequest, knowsTag, type ReplyStream } from './http.js';

/** Files that are read at the same time: a disk that stands still may take so many threads of libuv's pool. */
const maxReads = 4;
let reads = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(read: () => Promise<T>): Promise<T> {
  if (reads >= maxReads) await new Promise<void>((resolve) => waiting.push(resolve));
  reads += 1;
  try {
    return await read();
  } finally {
    reads -= 1;
    waiting.shift()?.();
  }
}

/** `null`: it is read from its beginning to its end, as without a range. */
export function readRange(header: string, sizeBytes: number): readonly [number, number] | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const from = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const to = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  return from < to ? [from, to] : 'unsatisfiable';
}

/** `fileName`: under which a browser saves it; null: it is shown. Error: recording.notFound when there is no such file. */
export async function fileReply(
  request: HttpRequest,
  path: string,
  type: string,
  fileName: string | null,
): Promise<HttpReply> {
  const file = await openFile(path);
  try {
    const { size, mtimeMs } = await file.stat();
    const tag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
    const headers: Record<string, string> = {
      'Content-Type': type,
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'private, no-cache',
      ETag: tag,
    };
    if (fileName !== null) headers['Content-Disposition'] = `inline; filename*=UTF-8''${encodeURIComponent(fileName)}`;
    if (knowsTag(request, tag)) return await without(file, { status: 304, headers });
    const isSame = ['', tag].includes(request.header('if-range'));
    const range = isSame ? readRange(request.header('range'), size) : null;
    if (range === 'unsatisfiable') {
      return await without(file, { status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` } });
    }
    const [from, to] = range ?? [0, size];
    if (range !== null) headers['Content-Range'] = `bytes ${from}-${to - 1}/${size}`;
    return { status: range === null ? 200 : 206, headers, stream: streamOf(file, from, to) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    throw new SluiceError('recording.notFound');
  }
}

async function without(file: FileHandle, reply: HttpReply): Promise<HttpReply> {
  await file.close();
  return reply;
}

function streamOf(file: FileHandle, from: number, to: number): ReplyStream {
  return {
    sizeBytes: to - from,
    read: (offset, maxBytes) =>
      inTurn(async () => {
        const buffer = Buffer.allocUnsafe(Math.min(maxBytes, to - from - offset));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, from + offset);
        return buffer.subarray(0, bytesRead);
      }),
    close: () => void file.close().catch(() => {}),
  };
}
