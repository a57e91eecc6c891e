/*
 * Takes the sockets away from a thread that hangs, so that nothing comes to it any more and its peers notice.
 *
 * Threads: any one at a time; descriptors belong to the process. Ownership: the replaced numbers stay the loop's, which
 * closes them when it is taken down.
 */
#ifndef SLUICE_CUT_OFF_H
#define SLUICE_CUT_OFF_H

/* Opens what sluice_cut_off needs, once in the process, while descriptors are available. Any thread. */
void sluice_cut_off_prepare(void);

/*
 * Each internet socket and inbox that the event loop with this epoll descriptor waits for, and each duplicate of it in the
 * process, becomes a socket that nothing ever comes to and that takes nothing: descriptors belong to the process, so
 * any thread may do this. Their numbers stay taken, so that the loop closes what is its own when it is taken down. The
 * peers see their connections closed, and ports are free again.
 *
 * Called by the main thread. The loop's own thread hangs, or has been given up: a socket that it closes in the very
 * moment between the look at a descriptor and its replacement would be another's that gets the number. Gives the number
 * of descriptors; -1 when the loop is unknown, or not all could be replaced (no memory, or a limit of descriptors that
 * is below their numbers).
 */
int sluice_cut_off(int loop);

#endif
