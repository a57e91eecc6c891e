/* The functions that JavaScript calls; native-threads.ts has their types. */
#define _GNU_SOURCE /* For uv.h. */
#include "arguments.h"

#include <sys/socket.h>
#include <uv.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "binding-demultiplexer.h"
#include "cut-off.h"
#include "hold.h"
#include "notify.h"
#include "reap.h"

/* loopDescriptor() -> the epoll descriptor of the calling thread's event loop */
static napi_value loop_descriptor(napi_env env, napi_callback_info info) {
  (void)info;
  uv_loop_t *loop = NULL;
  return sluice_integer(env, napi_get_uv_event_loop(env, &loop) == napi_ok ? uv_backend_fd(loop) : -1);
}

/* cutOff(loop) -> how many descriptors, or -1 */
static napi_value cut_off_loop(napi_env env, napi_callback_info info) {
  int loop = -1;
  return sluice_read_descriptor(env, info, &loop) ? sluice_integer(env, sluice_cut_off(loop)) : NULL;
}

/* hold(loop, address: string, port, listens: boolean) -> a descriptor, or -1 */
static napi_value hold(napi_env env, napi_callback_info info) {
  size_t count = 4, length = 0;
  napi_value arguments[4];
  char address[64];
  int loop = -1, port = 0;
  bool listens = false;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return NULL;
  if (!sluice_read_integer(env, arguments[0], -1, INT32_MAX, &loop)) return NULL;
  if (!sluice_read_integer(env, arguments[2], 1, UINT16_MAX, &port)) return NULL;
  if (napi_get_value_string_utf8(env, arguments[1], address, sizeof address, &length) != napi_ok ||
      napi_get_value_bool(env, arguments[3], &listens) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "an address and whether it listens are missing");
    return NULL;
  }
  return sluice_integer(env, sluice_hold(loop, address, (uint16_t)port, listens));
}

/* holdOwn(descriptor) -> a descriptor, or -1 */
static napi_value hold_own(napi_env env, napi_callback_info info) {
  int fd = -1;
  return sluice_read_descriptor(env, info, &fd) ? sluice_integer(env, sluice_hold_own(fd)) : NULL;
}

/* receiveLowWater(descriptor, bytes) -> whether the kernel took it */
static napi_value receive_low_water(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], taken = NULL;
  int fd = -1, bytes = 0;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return NULL;
  if (!sluice_read_integer(env, arguments[0], -1, INT32_MAX, &fd)) return NULL;
  if (!sluice_read_integer(env, arguments[1], 1, INT32_MAX, &bytes)) return NULL;
  napi_get_boolean(env, setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes) == 0, &taken);
  return taken;
}

/* copyHeld(descriptor) -> another descriptor of it, or -1 */
static napi_value copy_held(napi_env env, napi_callback_info info) {
  int fd = -1;
  return sluice_read_descriptor(env, info, &fd) ? sluice_integer(env, sluice_hold_copy(fd)) : NULL;
}

/* release(descriptor) */
static napi_value release_held(napi_env env, napi_callback_info info) {
  int fd = -1;
  if (sluice_read_descriptor(env, info, &fd)) sluice_hold_release(fd);
  return NULL;
}

/* trimMemory(): malloc_trim(3) looks at the arenas of all threads, of those too that have ended. */
static napi_value trim_memory(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return NULL;
}

/* reapOthers(own) -> how many processes; its argument is a process, with the range of a descriptor */
static napi_value reap_others(napi_env env, napi_callback_info info) {
  int own = 0;
  return sluice_read_descriptor(env, info, &own) ? sluice_integer(env, sluice_reap_others(own)) : NULL;
}

/* notify(path: string, text: string) -> whether it was taken */
static napi_value notify(napi_env env, napi_callback_info info) {
  size_t count = 2, path_length = 0, length = 0;
  napi_value arguments[2], taken = NULL;
  char path[128], text[512];
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return NULL;
  if (napi_get_value_string_utf8(env, arguments[0], path, sizeof path, &path_length) != napi_ok ||
      napi_get_value_string_utf8(env, arguments[1], text, sizeof text, &length) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "a path and a text are missing");
    return NULL;
  }
  napi_get_boolean(env, sluice_notify(path, text, length), &taken);
  return taken;
}

NAPI_MODULE_INIT() {
  sluice_cut_off_prepare();
  const napi_property_descriptor functions[] = {
      {"loopDescriptor", NULL, loop_descriptor, NULL, NULL, NULL, napi_enumerable, NULL},
      {"reapOthers", NULL, reap_others, NULL, NULL, NULL, napi_enumerable, NULL},
      {"cutOff", NULL, cut_off_loop, NULL, NULL, NULL, napi_enumerable, NULL},
      {"hold", NULL, hold, NULL, NULL, NULL, napi_enumerable, NULL},
      {"holdOwn", NULL, hold_own, NULL, NULL, NULL, napi_enumerable, NULL},
      {"receiveLowWater", NULL, receive_low_water, NULL, NULL, NULL, napi_enumerable, NULL},
      {"copyHeld", NULL, copy_held, NULL, NULL, NULL, napi_enumerable, NULL},
      {"release", NULL, release_held, NULL, NULL, NULL, napi_enumerable, NULL},
      {"notify", NULL, notify, NULL, NULL, NULL, napi_enumerable, NULL},
      {"trimMemory", NULL, trim_memory, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
  sluice_binding_define_demultiplexer(env, exports);
  return exports;
}
