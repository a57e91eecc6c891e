/* Methods of the receiver's class for peers, and what all of its methods have in common. Threads and ownership: receiver.h. */
#ifndef SLUICE_BINDING_PEERS_H
#define SLUICE_BINDING_PEERS_H

#include "../../fanout/native/call.h"
#include "receiver.h"

typedef struct {
  sluice_object_kind_t is;
  bool is_collected;
  napi_env env;
  napi_ref self; /* Strong while a socket is open. */
  napi_async_cleanup_hook_handle hook;
  sluice_receiver_t *receiver;
} sluice_receiver_object_t;

static inline sluice_receiver_object_t *sluice_receiver_object_of(const sluice_call_t *call) {
  return (sluice_receiver_object_t *)(void *)call->object;
}
static inline sluice_call_t sluice_receiver_begin(napi_env env, napi_callback_info info) {
  return sluice_call_begin_on(env, info, SLUICE_IS_RECEIVER);
}
/* The number of a socket or a peer. */
static inline uint32_t sluice_receiver_number(sluice_call_t *call, int at) {
  return (uint32_t)sluice_call_integer(call, at, 0, UINT32_MAX - 1);
}
/* An address, and behind it the port. */
sluice_address_t sluice_receiver_address(sluice_call_t *call, int at);

napi_value sluice_binding_add_peer(napi_env env, napi_callback_info info);
napi_value sluice_binding_aim_peer(napi_env env, napi_callback_info info);
napi_value sluice_binding_rest_peer(napi_env env, napi_callback_info info);
napi_value sluice_binding_remove_peer(napi_env env, napi_callback_info info);
napi_value sluice_binding_open_rtcp(napi_env env, napi_callback_info info);

#endif
