/** Recordings that REST begins and ends: at the owner of the stream, and of each that comes after it. */
import { ElsewhereError, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { RecordingOptions } from '../supervisor/recording-state.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import type { ClusterNode, ClusterSecrets } from './contract.js';
import type { HeldStreams } from './held-streams.js';
import { sealRequest, unsealRequest } from './sealed-request.js';
import type { StreamNames } from './stream-names.js';

interface ClusterRecordingOptions {
  readonly local: Pick<LocalStreams, 'startRecording' | 'stopRecording'>;
  readonly node: Pick<ClusterNode, 'view' | 'rewant' | 'onChange'>;
  readonly secrets: ClusterSecrets;
  readonly names: StreamNames;
  readonly held: Pick<HeldStreams, 'get'>;
  readonly log: Logger;
}

/** Null: it is not recorded any more. */
type Wish = RecordingOptions | null;

export function createClusterRecording(
  options: ClusterRecordingOptions,
): Pick<Streams, 'startRecording' | 'stopRecording'> {
  const { local, node, secrets, names, held, log } = options;
  /** What the registry has not been told yet: of each stream what was wished last. */
  const untold = new Map<string, Wish>();

  /** What viewers have had pulled is not wanted: its recording ends with its owner. */
  const tell = async (key: string, wish: Wish): Promise<void> => {
    untold.delete(key);
    const wanted = node.view.wanted.get(key);
    const request = wanted === undefined ? null : unsealRequest(secrets, wanted);
    if (wanted === undefined || request === null) return;
    untold.set(key, wish);
    const sealed = sealRequest(secrets, key, { ...request, record: wish !== null, recording: wish });
    try {
      await node.rewant({ ...wanted, sealed });
      if (untold.get(key) === wish) untold.delete(key);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      log('warn', 'cluster.recordingNotTold', { key, reason: error.code, detail: error.detail });
    }
  };
  // The registry was read: it is there.
  node.onChange((key) => {
    if (key !== null) return;
    for (const [one, wish] of [...untold]) void tell(one, wish);
  });

  /** Its key, null where it is no stream of the cluster, and its id here. Errors: stream.elsewhere, stream.notLive. */
  const owned = (pullId: string): { readonly key: string | null; readonly localId: string } => {
    const key = names.byPullId(pullId);
    if (key === undefined) return { key: null, localId: pullId };
    const one = held.get(key);
    if (one?.role.kind === 'owner') return { key, localId: one.localId };
    const owner = node.view.nodes.get(node.view.claims.get(key)?.nodeId ?? '');
    if (owner === undefined) throw new SluiceError('stream.notLive');
    throw new ElsewhereError(owner.addresses);
  };

  return {
    async startRecording(pullId, wish) {
      const { key, localId } = owned(pullId);
      await local.startRecording(localId, wish);
      if (key !== null) await tell(key, wish);
    },
    async stopRecording(pullId) {
      const { key, localId } = owned(pullId);
      if (key !== null) await tell(key, null);
      await local.stopRecording(localId);
    },
  };
}
