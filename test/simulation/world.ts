/** What the parts of a simulation share. Types only. */
import type { MemberEvent } from '../../src/core/cluster/member.js';
import type { RegistryChange, RegistryView } from '../../src/core/cluster/records.js';
import type { Judge } from './judge.js';
import type { Network } from './network.js';
import type { Schedule } from './schedule.js';
import type { Store } from './store.js';

export interface World {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly store: Store;
  readonly judge: Judge;
  readonly random: () => number;
  readonly maxChildren: number;
  /** Streams whose bytes end the process that has them, after so long. */
  readonly poisons: Map<string, number>;
  /** Those whose process runs, or is stopped. */
  readonly hosts: Map<string, Host>;
  /** This process ends without a word; another one starts in its place. */
  crash(nodeId: string): void;
}

/** A stream at a host. */
export interface Played {
  readonly kind: 'own' | 'follow';
  epoch: number;
  /** Null: its source. */
  readonly parentId: string | null;
  /** Its source, or the link to its parent, is there. */
  isUp: boolean;
}

/** One process. */
export interface Host {
  readonly nodeId: string;
  readonly streams: HostStreams;
  readonly isDraining: boolean;
  readonly isPaused: boolean;
  readonly known: RegistryView;
  on(event: MemberEvent): void;
  hear(change: RegistryChange): void;
  drain(): void;
  pause(forMs: number): void;
  /** Its feed of changes was away: it may have missed some. */
  reconnect(): void;
  kill(): void;
}

export interface HostStreams {
  readonly played: ReadonlyMap<string, Played>;
  readonly viewers: ReadonlyMap<string, number>;
  /** So many viewers ask for it; `isSourceKnown`: by its address. */
  watch(key: string, viewers: number, isSourceKnown: boolean): void;
  /** By viewers who named its address. */
  knowsSource(key: string): boolean;
  /** The epoch that others are let in by; null: none is. */
  serves(key: string): number | null;
  /** Who takes it from here has changed. */
  recount(key: string): void;
  /** The other end of a link is gone. */
  linkClosed(key: string, parentId: string): void;
}
