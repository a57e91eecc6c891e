/* A process whose parent has gone is given to the first one of its container (or to a subreaper), and stays a zombie
 * until that waits for it (wait(2), NOTES). Node waits for those alone that it has started. */
#define _GNU_SOURCE
#include "reap.h"

#include <sys/wait.h>

int sluice_reap_others(pid_t own) {
  int reaped = 0;
  for (;;) {
    siginfo_t ended = {0};
    if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return reaped;
    /* Its status is Node's. What has ended beside it is seen at the next call, when Node has taken it. */
    if (ended.si_pid == own) return reaped;
    if (waitpid(ended.si_pid, NULL, WNOHANG) == ended.si_pid) reaped += 1;
  }
}
