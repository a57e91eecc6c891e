// Preloaded into each file of a whole run: notes the CPU time that it took, with that of the programs that it started and waited for.
import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** USER_HZ, in which the kernel counts for all programs on Linux. */
const ticksPerSecond = 100;
const [, file = ''] = process.argv;

if (isMainThread && file.endsWith('.test.js')) {
  process.on('exit', () => {
    // utime, stime, cutime and cstime of proc_pid_stat(5).
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const ticks = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15);
    const seconds = ticks.reduce((sum, count) => sum + Number(count), 0) / ticksPerSecond;
    appendFileSync(process.env.TEST_CPU_TIMES, `${seconds} ${file}\n`);
  });
}
