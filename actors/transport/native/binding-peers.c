/* addPeer, aim, rest, removePeer and openRtcp. */
#define _GNU_SOURCE /* For uv.h. */
#include "binding-peers.h"

#include <string.h>

sluice_address_t sluice_receiver_address(sluice_call_t *call, int at) {
  char text[INET6_ADDRSTRLEN + 1 + UV_IF_NAMESIZE];
  size_t length = 0;
  sluice_address_t address;
  memset(&address, 0, sizeof address);
  int port = (int)sluice_call_integer(call, at + 1, 0, UINT16_MAX);
  if (call->failed) return address;
  if (napi_get_value_string_latin1(call->env, call->arguments[at], text, sizeof text, &length) != napi_ok ||
      !sluice_address_read(&address, text, port)) {
    sluice_call_fail(call, "not an IP address");
  }
  return address;
}

/*
 * addPeer(profile: 0 GCM | 1 CM, key: Uint8Array(16), salt: Uint8Array(12 | 14), authKey: Uint8Array(20),
 *         indices: Float64Array) -> number of the peer
 */
napi_value sluice_binding_add_peer(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  sluice_srtcp_keys_t keys = {0};
  size_t key_bytes = 0, salt_bytes = 0, auth_bytes = 0, words = 0;
  keys.profile = (sluice_srtp_profile_t)sluice_call_integer(&call, 0, SLUICE_SRTP_GCM, SLUICE_SRTP_CM_SHA1);
  const uint8_t *key = sluice_call_array(&call, 1, napi_uint8_array, &key_bytes);
  const uint8_t *salt = sluice_call_array(&call, 2, napi_uint8_array, &salt_bytes);
  const uint8_t *auth_key = sluice_call_array(&call, 3, napi_uint8_array, &auth_bytes);
  double *indices = sluice_call_shared_array(&call, 4, napi_float64_array, &words);
  size_t wanted = keys.profile == SLUICE_SRTP_GCM ? 12 : 14;
  if (!call.failed && (key_bytes != 16 || salt_bytes != wanted || auth_bytes != 20))
    sluice_call_fail(&call, "keys of another size than the profile's");
  if (!call.failed && words < SLUICE_RTCP_SOURCE_WORDS) sluice_call_fail(&call, "no room for the indices of a peer");
  if (call.failed) return NULL;
  memcpy(keys.key, key, key_bytes);
  memcpy(keys.salt, salt, salt_bytes);
  memcpy(keys.auth_key, auth_key, auth_bytes);
  uint32_t peer = sluice_peers_add(&sluice_receiver_object_of(&call)->receiver->peers, &keys, indices);
  if (peer != SLUICE_NO_PEER) return sluice_call_number(env, peer);
  napi_throw_error(env, NULL, "no memory for a peer");
  return NULL;
}

/* aim(peer, socket, address: string, port, priority, username: Uint8Array, password: Uint8Array) -> a name for the peer at that address */
napi_value sluice_binding_aim_peer(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t peer = sluice_receiver_number(&call, 0);
  sluice_aim_t aim = {.socket = sluice_receiver_number(&call, 1)};
  sluice_address_t address = sluice_receiver_address(&call, 2);
  aim.address = &address;
  aim.priority = (uint32_t)sluice_call_integer(&call, 4, 0, UINT32_MAX);
  aim.username = sluice_call_array(&call, 5, napi_uint8_array, &aim.username_bytes);
  aim.password = sluice_call_array(&call, 6, napi_uint8_array, &aim.password_bytes);
  if (!call.failed && (aim.username_bytes == 0 || aim.password_bytes == 0 || aim.password_bytes > UINT16_MAX))
    sluice_call_fail(&call, "credentials of a size that none have");
  if (call.failed) return NULL;
  return sluice_call_number(env, sluice_peers_aim(&sluice_receiver_object_of(&call)->receiver->peers, peer, &aim));
}

/* rest(peer) */
napi_value sluice_binding_rest_peer(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t peer = sluice_receiver_number(&call, 0);
  if (!call.failed) sluice_peers_rest(&sluice_receiver_object_of(&call)->receiver->peers, peer);
  return NULL;
}

/* removePeer(peer) */
napi_value sluice_binding_remove_peer(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t peer = sluice_receiver_number(&call, 0);
  if (!call.failed) sluice_peers_remove(&sluice_receiver_object_of(&call)->receiver->peers, peer);
  return NULL;
}

/* openRtcp(peer, packet: Uint8Array) -> Buffer, or null */
napi_value sluice_binding_open_rtcp(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t peer = sluice_receiver_number(&call, 0);
  size_t size = 0;
  const uint8_t *packet = sluice_call_array(&call, 1, napi_uint8_array, &size);
  if (call.failed) return NULL;
  napi_value opened = NULL;
  sluice_receiver_t *receiver = sluice_receiver_object_of(&call)->receiver;
  size_t plain = size > sizeof receiver->plain ? 0 : sluice_peers_open(&receiver->peers, peer, packet, size, receiver->plain);
  if (plain == 0) napi_get_null(env, &opened);
  else napi_create_buffer_copy(env, plain, receiver->plain, NULL, &opened);
  return opened;
}
