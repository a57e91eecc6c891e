/** The files of recordings, those of all nodes where this server is in a cluster: each stays with the node that recorded it. */
import { z } from 'zod';
import { monotonicMs } from '../clock.js';
import { ElsewhereError, SluiceError } from '../errors.js';
import type { RecordedFile as HeldFile } from '../supervisor/recording-state.js';
import type { Streams } from '../supervisor/streams.js';
import { recordedFileOf } from './api-resources.js';
import { type RecordedFile, recordedFile } from './api-schemas.js';
import type { NodePeers } from './node-peers.js';

export interface RecordedFiles {
  /** Oldest first. */
  list(): Promise<readonly RecordedFile[]>;
  /** Errors: recording.notFound; stream.elsewhere, of one of another node. */
  held(partId: string, what: 'media' | 'thumbnail'): Promise<HeldFile>;
  /** Errors: those of `held`, recording.busy. */
  remove(partId: string): Promise<void>;
}

const askedEveryMs = 1000;

/** Those of a node of another version that cannot be read are left out. */
const files = z.array(recordedFile).catch([]);

export function createRecordedFiles(streams: Streams, { name, calls }: NodePeers): RecordedFiles {
  const own = (): RecordedFile[] => streams.recordings().map((part) => recordedFileOf(part, name));
  calls?.serve('recordings', own);
  const ofOthers = async () =>
    ((await calls?.askAll({ kind: 'recordings' })) ?? []).flatMap(({ node, answer }) =>
      files.parse(answer).map((file) => ({ node, file })),
    );
  let asked: { readonly atMs: number; readonly found: ReturnType<typeof ofOthers> } | null = null;
  /** However often somebody asks for files that there are not, the other nodes are asked once a second. */
  const lately = () => {
    const nowMs = monotonicMs();
    if (asked === null || nowMs - asked.atMs > askedEveryMs) asked = { atMs: nowMs, found: ofOthers() };
    return asked.found;
  };
  /** Error: itself, or stream.elsewhere. */
  const elsewhere = async (partId: string, error: unknown): Promise<never> => {
    const isMissing = error instanceof SluiceError && error.code === 'recording.notFound';
    const found = isMissing ? (await lately()).find(({ file }) => file.id === partId) : undefined;
    throw found === undefined ? error : new ElsewhereError(found.node.addresses);
  };

  return {
    async list() {
      const others = (await ofOthers()).map(({ node, file }) => fileAt(node.addresses.http, file));
      return [...own(), ...others].sort((a, b) => a.startedAtMs - b.startedAtMs);
    },
    async held(partId, what) {
      try {
        return streams.recordedFile(partId, what);
      } catch (error) {
        return elsewhere(partId, error);
      }
    },
    async remove(partId) {
      try {
        await streams.removeRecording(partId);
      } catch (error) {
        await elsewhere(partId, error);
      }
    },
  };
}

const fileAt = (http: string, file: RecordedFile): RecordedFile => ({
  ...file,
  url: `${http}${file.url}`,
  thumbnailUrl: file.thumbnailUrl === null ? null : `${http}${file.thumbnailUrl}`,
});
