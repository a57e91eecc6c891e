/* What sd_notify(3) does: a datagram for the service manager. */
#ifndef SLUICE_NOTIFY_H
#define SLUICE_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

/* `path`: $NOTIFY_SOCKET, where `@` begins an abstract name. Never waits; false: it was not taken. */
bool sluice_notify(const char *path, const char *text, size_t length);

#endif
