/* RTCP to a subscriber: its own datagram, past the batch of media and what that counts. */
#define _GNU_SOURCE
#include "fanout.h"

#include <errno.h>

bool sluice_fanout_send_rtcp(sluice_fanout_t *fanout, uint32_t slot, const uint8_t *packet, size_t size) {
  sluice_subscriber_t *to = sluice_fanout_subscriber(fanout, slot);
  if (to == NULL || !to->has_rtcp || to->route.address_bytes == 0) return false;
  /* Written before the packet goes out, whatever becomes of it: no index is used twice (RFC 3711 9.1). */
  double index = to->numbers[SLUICE_NUMBER_RTCP_INDEX] + 1;
  if (!(index >= 0 && index <= SLUICE_MAX_RTCP_INDEX)) return false;
  to->numbers[SLUICE_NUMBER_RTCP_INDEX] = index;
  uint8_t sealed[SLUICE_RTCP_MAX_BYTES + SLUICE_SRTCP_MAX_OVERHEAD];
  size_t bytes = sluice_srtcp_seal(&fanout->srtcp, &to->srtcp, packet, size, (uint32_t)index, sealed);
  ssize_t sent = bytes == 0 ? 0 : -1;
  while (sent < 0) {
    sent = sendto(to->route.fd, sealed, bytes, MSG_DONTWAIT | MSG_NOSIGNAL, &to->route.address.any,
                  to->route.address_bytes);
    if (sent < 0 && errno != EINTR) return false;
  }
  return bytes > 0;
}
