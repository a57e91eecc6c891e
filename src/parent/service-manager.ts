/**
 * What systemd is told of a service of `Type=notify` (sd_notify(3)): that it is up, reads its configuration again, is ending,
 * and, where the unit has WatchdogSec, that the main thread turns. Nothing without a service manager that asks for it.
 */
import type { Logger } from '../log-line.js';

interface ServiceManagerOptions {
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Null where the add-on was not built. */
  readonly notify: ((path: string, text: string) => boolean) | null;
  readonly log: Logger;
  /** CLOCK_MONOTONIC. */
  readonly nowMs: () => number;
}

export interface ServiceManager {
  /** It serves; `status`: in words, for `systemctl status`. */
  ready(status: string): void;
  reloading(): void;
  /** It ends, and is no more watched. */
  stopping(): void;
}

export function createServiceManager({ env, pid, notify, log, nowMs }: ServiceManagerOptions): ServiceManager {
  const { NOTIFY_SOCKET: socket = '', WATCHDOG_USEC: watchdogUs = '', WATCHDOG_PID: watchedPid = '' } = env;
  let watchdog: NodeJS.Timeout | undefined;
  const tell = (...lines: readonly string[]): void => {
    if (socket === '' || notify?.(socket, lines.join('\n')) === true) return;
    const why = notify === null ? 'the add-on in C was not built, take Type=exec' : 'it does not take it';
    log('error', 'service.notNotified', { text: lines[0], why });
  };
  return {
    ready(status) {
      tell('READY=1', `STATUS=${status}`);
      const isWatched = Number(watchdogUs) > 0 && (watchedPid === '' || Number(watchedPid) === pid);
      if (socket === '' || notify === null || !isWatched || watchdog !== undefined) return;
      // sd_watchdog_enabled(3): at half the time.
      watchdog = setInterval(tell, Number(watchdogUs) / 2000, 'WATCHDOG=1').unref();
    },
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${Math.round(nowMs() * 1000)}`),
    stopping() {
      clearInterval(watchdog);
      tell('STOPPING=1');
    },
  };
}
