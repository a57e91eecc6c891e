/* setRtcp and sendRtcp. */
#include <string.h>

#include "binding-rtcp.h"

/* setRtcp(slot, key: Uint8Array(16), salt: Uint8Array(12 | 14), authKey: Uint8Array(20)): of the subscriber's profile */
napi_value sluice_binding_set_rtcp(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  size_t key_bytes = 0, salt_bytes = 0, auth_bytes = 0;
  const uint8_t *key = sluice_call_array(&call, 1, napi_uint8_array, &key_bytes);
  const uint8_t *salt = sluice_call_array(&call, 2, napi_uint8_array, &salt_bytes);
  const uint8_t *auth_key = sluice_call_array(&call, 3, napi_uint8_array, &auth_bytes);
  sluice_subscriber_t *subscriber = call.failed ? NULL : sluice_fanout_subscriber(call.object->fanout, slot);
  if (subscriber == NULL) return NULL;
  sluice_srtp_profile_t profile = subscriber->srtp.profile;
  if (key_bytes != 16 || auth_bytes != 20 || salt_bytes != (profile == SLUICE_SRTP_GCM ? 12 : 14)) {
    sluice_call_fail(&call, "keys of another size than the profile's");
    return NULL;
  }
  subscriber->srtcp.profile = profile;
  memcpy(subscriber->srtcp.key, key, key_bytes);
  memcpy(subscriber->srtcp.salt, salt, salt_bytes);
  memcpy(subscriber->srtcp.auth_key, auth_key, auth_bytes);
  subscriber->has_rtcp = true;
  return NULL;
}

/* sendRtcp(slot, packet: Uint8Array) -> false when it was not taken */
napi_value sluice_binding_send_rtcp(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  size_t size = 0;
  const uint8_t *packet = sluice_call_array(&call, 1, napi_uint8_array, &size);
  if (!call.failed && (size < SLUICE_RTCP_HEADER_BYTES || size > SLUICE_RTCP_MAX_BYTES))
    sluice_call_fail(&call, "a packet of a size that no RTCP packet of ours has");
  if (call.failed) return NULL;
  return sluice_call_boolean(env, sluice_fanout_send_rtcp(call.object->fanout, slot, packet, size));
}
