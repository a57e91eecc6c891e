/* Takes the sockets away from a thread that is dead but not gone. */
#ifndef SLUICE_CUT_OFF_H
#define SLUICE_CUT_OFF_H

/*
 * Each internet socket that the event loop with this epoll descriptor waits for, and each duplicate of it in the process, becomes
 * a socket that nothing ever comes to and that takes nothing: descriptors belong to the process, so any thread may do this. Their
 * numbers stay taken, so that the loop closes what is its own when it is taken down. The peers see their connections closed, and
 * ports are free again.
 *
 * Called by another thread than the loop's; that one must not be opening or closing sockets meanwhile (it hangs). Gives the number
 * of descriptors; -1 when the loop is unknown or memory is short, and then nothing has changed.
 */
int cut_off(int loop);

#endif
