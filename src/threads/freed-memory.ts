/** What threads leave behind that have ended: glibc keeps it for threads to come, some 10 MB of each that served viewers. */
import { nativeThreads } from './native/native-threads.js';

/** Those that end together are one lot; and while threads come and go, those that come take what was left. */
const quietMs = 10_000;
let timer: NodeJS.Timeout | undefined;

/** The system has it back some time after the last call. */
export function giveBackWhenQuiet(): void {
  timer = timer?.refresh() ?? setTimeout(() => nativeThreads()?.giveBack(), quietMs).unref();
}
