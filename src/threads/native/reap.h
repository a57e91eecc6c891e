/* What the first process of a container does for processes whose parents have gone. */
#ifndef SLUICE_REAP_H
#define SLUICE_REAP_H

#include <sys/types.h>

/* Takes the exit status of every process that has ended and is now this one's child, but of `own`, which Node itself
 * waits for. Gives how many there were. */
int sluice_reap_others(pid_t own);

#endif
