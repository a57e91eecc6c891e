/* setRoute, findSocket, copySocket and closeSocket. */
#include "binding-route.h"

/* setRoute(slot, fd, address: Uint8Array(4 | 16), port) */
napi_value sluice_binding_set_route(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  int fd = (int)sluice_call_integer(&call, 1, 0, INT32_MAX);
  size_t bytes = 0;
  const uint8_t *address = sluice_call_array(&call, 2, napi_uint8_array, &bytes);
  uint16_t port = (uint16_t)sluice_call_integer(&call, 3, 1, UINT16_MAX);
  if (!call.failed && bytes != 4 && bytes != 16)
    sluice_call_fail(&call, "an address of another size than 4 or 16 bytes");
  sluice_subscriber_t *subscriber = call.failed ? NULL : sluice_fanout_subscriber(call.object->fanout, slot);
  if (subscriber != NULL) sluice_route_set(&subscriber->route, fd, address, bytes, port);
  return NULL;
}

/* findSocket(address: Uint8Array(4 | 16), port) -> descriptor of our own, or -1 */
napi_value sluice_binding_find_socket(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  size_t bytes = 0;
  const uint8_t *address = sluice_call_array(&call, 0, napi_uint8_array, &bytes);
  uint16_t port = (uint16_t)sluice_call_integer(&call, 1, 1, UINT16_MAX);
  if (call.failed) return NULL;
  return sluice_call_number(env, sluice_sockets_find(&call.object->sockets, address, bytes, port));
}

/* copySocket(fd, address: Uint8Array(4 | 16), port) -> descriptor of our own, or -1 */
napi_value sluice_binding_copy_socket(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  int fd = (int)sluice_call_integer(&call, 0, 0, INT32_MAX);
  size_t bytes = 0;
  const uint8_t *address = sluice_call_array(&call, 1, napi_uint8_array, &bytes);
  uint16_t port = (uint16_t)sluice_call_integer(&call, 2, 1, UINT16_MAX);
  if (call.failed) return NULL;
  return sluice_call_number(env, sluice_sockets_copy(&call.object->sockets, fd, address, bytes, port));
}

/* closeSocket(fd): one of ours */
napi_value sluice_binding_close_socket(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  int fd = (int)sluice_call_integer(&call, 0, 3, INT32_MAX);
  if (!call.failed) sluice_sockets_close(&call.object->sockets, fd);
  return NULL;
}
