import { spawnSync } from 'node:child_process';

/** As root SVT-AV1 makes the thread that opens it a real-time one (SCHED_FIFO, 99), and all that this thread starts later with it. */
export function backToUsualPriority(): void {
  const { status, stderr } = spawnSync('chrt', ['--all-tasks', '--other', '--pid', '0', String(process.pid)]);
  if (status !== 0) throw new Error(`chrt: ${stderr}`);
}
