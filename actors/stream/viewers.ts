import { randomBytes, randomInt } from 'node:crypto';
import { writeAnswer } from '../../src/core/signal/sdp-answer.js';
import { SluiceError } from '../../src/errors.js';
import type { ActorBoot, ActorEvent, JoinAnswer, JoinRequest, LeaveReason, ViewerStats } from '../contract.js';
import { createDistributor, type Distributor, type DistributorOptions } from '../fanout/distributor.js';
import { createFanoutJs } from '../fanout/fanout-js.js';
import type { ThreadLog } from '../runtime/log.js';
import { createEndpoint, type Endpoint } from '../viewers/endpoint.js';
import type { MediaKnowledge } from './media-knowledge.js';

type StreamMedia = Pick<DistributorOptions, 'videoLog' | 'audioLog' | 'wallClock'>;

export interface ViewersOptions extends StreamMedia {
  readonly boot: Pick<ActorBoot, 'settings' | 'certificate' | 'spec'>;
  readonly knowledge: MediaKnowledge;
  readonly log: ThreadLog;
  readonly nowMs: () => number;
  readonly post: (event: ActorEvent) => void;
  /** Told when the first viewer comes and when the last one is gone. */
  readonly onWanted: (wanted: boolean) => void;
}

export interface Viewers {
  join(request: JoinRequest): Promise<JoinAnswer>;
  leave(viewerId: string): boolean;
  /** New packets stand in the log of this track. */
  published(track: 'video' | 'audio'): void;
  stats(): readonly ViewerStats[];
  close(): Promise<void>;
}

/** The transport and the distribution of one stream; made with its first viewer, so that an idle stream has neither. */
interface Outlet {
  readonly endpoint: Endpoint;
  readonly distributor: Distributor;
}

/** What an answer promised a viewer, kept until its media can flow. */
type Admitted = Pick<ReturnType<typeof writeAnswer>, 'video' | 'audio'>;
