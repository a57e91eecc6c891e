/** Playing a stream at this node, whichever node has it: it is here, or taken from another one, or to be had elsewhere. */
import { clientKey } from '../core/guard/ip-address.js';
import { createRateLimit } from '../core/guard/rate.js';
import { ElsewhereError, SluiceError } from '../errors.js';
import { createChanges } from '../supervisor/changes.js';
import { isPulledOnDemand } from '../supervisor/pull-request.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';
import type { PlayRequest } from '../supervisor/view.js';
import type { ClusterNode, ClusterSecrets, Playing } from './contract.js';
import { demandFor } from './demand.js';
import type { HeldStreams } from './held-streams.js';
import type { StreamNames } from './stream-names.js';

export interface PlayLimits {
  /** How long somebody waits for a node that takes a stream which nobody has, ms. */
  readonly codecWaitMs: number;
  /** Of one client. */
  readonly viewerPullsPerMinute: number;
}

export interface PlayOptions {
  readonly local: LocalStreams;
  readonly node: ClusterNode;
  readonly secrets: ClusterSecrets;
  readonly names: StreamNames;
  readonly held: HeldStreams;
  readonly limits: PlayLimits;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

type Methods = 'view' | 'viewPackets' | 'whyUnavailable' | 'watchFragments' | 'watchPackets' | 'addPlayer' | 'snapshot';

export interface ClusterPlay extends Pick<Streams, Methods> {
  /** Has it play here. Errors: those of LocalStreams.pull, and stream.elsewhere. */
  demand(uri: string, client: string | null): Promise<void>;
}

export function createClusterPlay(options: PlayOptions): ClusterPlay {
  const { local, node, secrets, names, held, limits, nowMs } = options;
  const { codecWaitMs, viewerPullsPerMinute } = limits;
  const demands = createRateLimit({ perMinute: viewerPullsPerMinute });
  const changes = createChanges();
  let isNotified = false;
  // In a turn of its own: who waits asks the driver again.
  const notify = (): void => {
    if (isNotified) return;
    isNotified = true;
    setImmediate(() => {
      isNotified = false;
      changes.notify();
    });
  };
  node.onChange(notify);
  held.onRole(notify);

  /** Undefined: nobody took it in time. */
  const whereOwned = (key: string): Promise<Playing | undefined> =>
    changes.until(() => {
      const playing = node.play(key);
      return playing.kind === 'unowned' ? undefined : playing;
    }, codecWaitMs);

  const isQuarantined = (key: string): boolean => node.view.quarantined.has(key);

  const demandNow = (uri: string, key: string, client: string | null): Promise<Playing> => {
    if (client !== null && !demands.take(client, nowMs())) {
      throw new SluiceError('request.tooMany', `pulls.viewerPullsPerMinute is ${viewerPullsPerMinute}`);
    }
    return node.demand(demandFor(secrets, key, uri));
  };

  /** Gives the id of its pull here. */
  const begin = async (key: string, name: string, client: string | null): Promise<string> => {
    let playing = await whereOwned(key);
    if (playing?.kind === 'unknown') {
      if (!isPulledOnDemand(name)) throw new SluiceError('stream.notFound');
      playing = await demandNow(name, key, client);
    }
    if (playing === undefined) throw new SluiceError(isQuarantined(key) ? 'stream.quarantined' : 'stream.notLive');
    if (playing.kind === 'elsewhere') throw new ElsewhereError(playing.node.addresses);
    const one = held.get(key);
    if (one === undefined) throw new SluiceError('stream.notLive');
    try {
      return held.start(one, name, client);
    } catch (error) {
      node.taken(key, 0);
      throw error;
    }
  };

  const here = async <Request extends PlayRequest>(request: Request): Promise<Request> => {
    const { name, clientIp } = request;
    const key = names.keyOf(name);
    const isOwn = key === undefined || (held.get(key) === undefined && local.find(name)?.origin === 'demo');
    return isOwn ? request : { ...request, pullId: await begin(key, name, clientKey(clientIp)) };
  };

  return {
    async demand(uri, client) {
      const key = secrets.streamKey(uri);
      if (key !== undefined) await begin(key, uri, client);
    },
    view: async (request) => local.view(await here(request)),
    viewPackets: async (request) => local.viewPackets(await here(request)),
    watchFragments: async (request, listener) => local.watchFragments(await here(request), listener),
    watchPackets: async (request, listener) => local.watchPackets(await here(request), listener),
    addPlayer: async (request, give) => local.addPlayer(await here(request), give),
    async whyUnavailable(request) {
      try {
        return await local.whyUnavailable(await here(request));
      } catch (error) {
        if (error instanceof SluiceError) return error.code;
        throw error;
      }
    },
    async snapshot(name, form) {
      const key = names.keyOf(name) ?? names.byPullId(name);
      if (key === undefined || !(node.view.wanted.has(key) || node.view.claims.has(key))) {
        return local.snapshot(name, form);
      }
      const pullId = await begin(key, name, null);
      const why = await local.whyUnavailable({ name, pullId, clientIp: '' });
      if (why !== null) throw new SluiceError(why);
      return local.snapshot(pullId, form);
    },
  };
}
