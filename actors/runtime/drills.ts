/** How a thread is broken from inside, where the configuration allows drills. None of them returns. */
export const drills = {
  throw(): never {
    throw new Error('drill: an uncaught exception');
  },
  hang(): never {
    for (;;) {
      // The supervisor's watchdog ends this thread.
    }
  },
  heap(): never {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array<number>(1000).fill(hoard.length));
  },
};
