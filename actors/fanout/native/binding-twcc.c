/* setTwcc and lookUpSent. */
#include "binding-twcc.h"

static const int64_t max_number = (int64_t)1 << 48;

/* setTwcc(slot, id, next): all packets of the subscriber carry transport-wide numbers from now on */
napi_value sluice_binding_set_twcc(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  uint8_t id = (uint8_t)sluice_call_integer(&call, 1, 1, 14);
  uint64_t next = (uint64_t)sluice_call_integer(&call, 2, 0, max_number);
  sluice_subscriber_t *subscriber = call.failed ? NULL : sluice_fanout_subscriber(call.object->fanout, slot);
  if (subscriber == NULL || subscriber->twcc != NULL) return NULL;
  subscriber->twcc = sluice_twcc_create(id, next);
  if (subscriber->twcc == NULL) napi_throw_error(env, NULL, "no memory for the history of a subscriber");
  return NULL;
}

/*
 * lookUpSent(slot, first, out: Float64Array(2 n)). Of n numbers, by the 16 bits of the first: when it was sent in ms of
 * the monotonic clock, and its bytes; 0 bytes: not known any more.
 */
napi_value sluice_binding_look_up_sent(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  uint16_t first = (uint16_t)sluice_call_integer(&call, 1, 0, UINT16_MAX);
  size_t room = 0;
  double *out = sluice_call_array(&call, 2, napi_float64_array, &room);
  if (call.failed) return NULL;
  const sluice_subscriber_t *subscriber = sluice_fanout_subscriber(call.object->fanout, slot);
  const sluice_twcc_t *twcc = subscriber == NULL ? NULL : subscriber->twcc;
  uint64_t from = twcc == NULL ? 0 : sluice_twcc_extend(twcc, first);
  for (size_t n = 0; n < room / 2; n += 1) {
    const sluice_twcc_packet_t *packet = twcc == NULL ? NULL : sluice_twcc_sent(twcc, from + n);
    out[2 * n] = packet == NULL ? 0 : (double)packet->sent_us / 1000;
    out[2 * n + 1] = packet == NULL ? 0 : packet->bytes;
  }
  return NULL;
}
