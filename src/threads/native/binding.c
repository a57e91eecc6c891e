/* The functions that JavaScript calls; native-threads.ts has their types. */
#define _GNU_SOURCE /* For uv.h. */
#define NAPI_VERSION 8
#include <node_api.h>
#include <uv.h>

#include "cut-off.h"

static napi_value integer(napi_env env, int value) {
  napi_value made = NULL;
  napi_create_int32(env, value, &made);
  return made;
}

/* loopDescriptor() -> the epoll descriptor of the calling thread's event loop */
static napi_value loop_descriptor(napi_env env, napi_callback_info info) {
  (void)info;
  uv_loop_t *loop = NULL;
  return integer(env, napi_get_uv_event_loop(env, &loop) == napi_ok ? uv_backend_fd(loop) : -1);
}

/* cutOff(loop) -> how many descriptors, or -1 */
static napi_value cut_off_loop(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  double loop = 0;
  /* napi_get_value_int32 would take NaN for 0 and wrap what does not fit: another loop's descriptor. */
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count != 1 ||
      napi_get_value_double(env, argument, &loop) != napi_ok || !(loop >= -1 && loop <= INT32_MAX) ||
      loop != (double)(int)loop) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "the descriptor of a loop is missing or out of range");
    return NULL;
  }
  return integer(env, sluice_cut_off((int)loop));
}

NAPI_MODULE_INIT() {
  sluice_cut_off_prepare();
  const napi_property_descriptor functions[] = {
      {"loopDescriptor", NULL, loop_descriptor, NULL, NULL, NULL, napi_enumerable, NULL},
      {"cutOff", NULL, cut_off_loop, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  return exports;
}
