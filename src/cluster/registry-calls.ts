/** Carries out what a node's state machine wants of the registry, and hands the answers back to it. */
import type { ClaimAct, MemberEvent, RegistryAct, RenewAct, WantAct } from '../core/cluster/member.js';
import type { Claim } from '../core/cluster/records.js';
import type { Revocation } from '../core/guard/passes.js';
import { SluiceError } from '../errors.js';
import type { ClusterEvent } from './cluster-state.js';
import type { NodeKnowledge } from './node-knowledge.js';
import type { Registry, WantRefusal } from './registry.js';

interface RegistryCallsOptions {
  readonly nodeId: string;
  readonly registry: Registry;
  readonly nowMs: () => number;
  readonly knowledge: Pick<NodeKnowledge, 'shownOf' | 'identityOf' | 'delayOf'>;
  readonly feed: (event: MemberEvent) => void;
  /** How a wish was answered; null: it is wanted, or there was no answer and it will be asked again. */
  readonly onWanted: (pullId: string, refusal: WantRefusal | null) => void;
  /** Those that the registry has. */
  readonly onRevoked: (revoked: readonly Revocation[]) => void;
  readonly tell: (event: ClusterEvent) => void;
  readonly onCall: (durationMs: number, isAnswered: boolean) => void;
}

export interface RegistryCalls {
  carryOut(act: RegistryAct): void;
  readonly unreachableSinceMs: number | null;
}

export function createRegistryCalls(options: RegistryCallsOptions): RegistryCalls {
  const { nodeId, registry, nowMs, knowledge, feed, onCall, tell } = options;
  let unreachableSinceMs: number | null = null;

  const answered = (): void => {
    if (unreachableSinceMs === null) return;
    const awayMs = Math.round(nowMs() - unreachableSinceMs);
    unreachableSinceMs = null;
    tell({ kind: 'registryBack', awayMs });
    feed({ kind: 'reachable', isReachable: true });
  };
  const unanswered = (detail: string): void => {
    if (unreachableSinceMs !== null) return;
    unreachableSinceMs = nowMs();
    tell({ kind: 'registryLost', detail });
    feed({ kind: 'reachable', isReachable: false });
  };

  /** `then` is not called where there is no answer. */
  const ask = <T>(call: Promise<T>, then: (answer: T) => void = () => {}, otherwise = (): void => {}): void => {
    const startMs = nowMs();
    const settle = (isAnswered: boolean): void => onCall(nowMs() - startMs, isAnswered);
    call.then(
      (answer) => {
        settle(true);
        answered();
        then(answer);
      },
      (error: unknown) => {
        if (!(error instanceof SluiceError)) throw error;
        settle(false);
        unanswered(error.detail);
        otherwise();
      },
    );
  };

  const claim = (act: ClaimAct): void => {
    const { key, pullId, name, above } = act;
    const wish = { key, nodeId, pullId, name, shown: knowledge.shownOf(key) };
    ask(registry.claim(wish, above), (granted) => feed({ kind: 'claimed', act, claim: granted }));
  };
  const renew = (act: RenewAct): void => {
    const claims = act.claims.map(({ key, epoch }): Claim => {
      const { pullId, name } = knowledge.identityOf(key);
      return { key, nodeId, epoch, pullId, name, shown: knowledge.shownOf(key) };
    });
    ask(registry.renew(claims), (held) => feed({ kind: 'renewed', act, held }));
  };
  const want = (act: WantAct): void => {
    const settle = (refusal: WantRefusal | null): void => options.onWanted(act.stream.pullId, refusal);
    ask(
      registry.want(act.stream),
      ({ refusal, era }) => {
        feed({ kind: 'wanted', act, isGranted: refusal === null, era });
        settle(refusal);
      },
      () => settle(null),
    );
  };
  const read = (): void => {
    const askedAtMs = nowMs();
    ask(registry.read(), (view) => {
      feed({ kind: 'view', view, askedAtMs });
      options.onRevoked(view.revoked);
    });
  };

  return {
    get unreachableSinceMs() {
      return unreachableSinceMs;
    },
    carryOut(act) {
      switch (act.kind) {
        case 'read':
          return read();
        case 'announce':
          return ask(registry.announce(act.node), (era) => feed({ kind: 'announced', act, era }));
        case 'want':
          return want(act);
        case 'unwant':
          return ask(registry.unwant(act.key, act.pullId));
        case 'claim':
          return claim(act);
        case 'renew':
          return renew(act);
        case 'release':
          return ask(registry.release({ key: act.key, nodeId, epoch: act.epoch }));
        case 'announceEdges':
          return ask(registry.follow(act.edges.map((edge) => ({ ...edge, delayMs: knowledge.delayOf(edge.key) }))));
        case 'withdrawEdge':
          return ask(registry.unfollow(act.key, nodeId));
        case 'reportDeath':
          return ask(registry.reportDeath(act.key, act.nodeId));
      }
    },
  };
}
