#include "binding-transport.h"

static const int64_t max_number = (int64_t)1 << 48;

/* transport(slot, id, next): all packets of the viewer carry transport-wide numbers from now on */
napi_value start_transport(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  uint8_t id = (uint8_t)call_integer(&call, 1, 1, 14);
  uint64_t next = (uint64_t)call_integer(&call, 2, 0, max_number);
  viewer *viewer = call.failed ? NULL : fanout_viewer(call.holder->fanout, slot);
  if (viewer == NULL || viewer->transport != NULL) return NULL;
  viewer->transport = transport_create(id, next);
  if (viewer->transport == NULL) napi_throw_error(env, NULL, "no memory for a viewer's transport");
  return NULL;
}

/*
 * sent(slot, first, out: Float64Array(2 n)) -> the next number, or -1 without numbers. Of n numbers, by the 16 bits of the
 * first: when it was sent in ms of the monotonic clock, and its bytes; 0 bytes: not known any more.
 */
napi_value told_transport(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  uint16_t first = (uint16_t)call_integer(&call, 1, 0, UINT16_MAX);
  size_t room = 0;
  double *out = call_array(&call, 2, napi_float64_array, &room);
  if (call.failed) return NULL;
  const viewer *viewer = fanout_viewer(call.holder->fanout, slot);
  const transport *transport = viewer == NULL ? NULL : viewer->transport;
  uint64_t from = transport == NULL ? 0 : transport_extend(transport, first);
  for (size_t n = 0; n < room / 2; n += 1) {
    const transport_packet *packet = transport == NULL ? NULL : transport_sent(transport, from + n);
    out[2 * n] = packet == NULL ? 0 : (double)packet->sent_us / 1000;
    out[2 * n + 1] = packet == NULL ? 0 : packet->bytes;
  }
  napi_value next = NULL;
  napi_create_double(env, transport == NULL ? -1 : (double)transport->next, &next);
  return next;
}
