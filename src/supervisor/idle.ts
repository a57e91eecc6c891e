/** Pulls that viewers started are let go some time after their last viewer. */

export interface IdleTimers {
  /** Looks whether this pull is idle now, and starts or stops its timer. */
  look(pullId: string): void;
  close(): void;
}

export interface IdleOptions {
  readonly idleMs: number;
  /** True for a pull on demand that is going on and has no viewer. */
  readonly isIdle: (pullId: string) => boolean;
  readonly onIdle: (pullId: string) => void;
}

export function createIdleTimers({ idleMs, isIdle, onIdle }: IdleOptions): IdleTimers {
  const timers = new Map<string, NodeJS.Timeout>();

  const stop = (pullId: string): void => {
    clearTimeout(timers.get(pullId));
    timers.delete(pullId);
  };

  return {
    look(pullId) {
      stop(pullId);
      if (!isIdle(pullId)) return;
      const expire = (): void => {
        timers.delete(pullId);
        if (isIdle(pullId)) onIdle(pullId);
      };
      timers.set(pullId, setTimeout(expire, idleMs));
    },
    close() {
      for (const pullId of [...timers.keys()]) stop(pullId);
    },
  };
}
