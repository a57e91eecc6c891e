#include "call.h"

void call_fail(call *call, const char *message) {
  if (!call->failed) napi_throw_type_error(call->env, "ERR_INVALID_ARG_VALUE", message);
  call->failed = true;
}

call call_begin(napi_env env, napi_callback_info info) {
  call call = {.env = env};
  size_t count = MAX_ARGUMENTS;
  napi_value self;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &count, call.arguments, &self, NULL) != napi_ok ||
      napi_unwrap(env, self, &data) != napi_ok) {
    call_fail(&call, "not a fan-out");
  }
  call.holder = data;
  return call;
}

int64_t call_integer(call *call, int at, int64_t min, int64_t max) {
  double value = 0;
  if (call->failed) return min;
  /* NaN is in no range, and what is left fits: all limits are below 2^53. */
  if (napi_get_value_double(call->env, call->arguments[at], &value) != napi_ok ||
      !(value >= (double)min && value <= (double)max) || value != (double)(int64_t)value) {
    call_fail(call, "a number is missing or out of range");
    return min;
  }
  return (int64_t)value;
}

track_kind call_kind(call *call, int at) { return (track_kind)call_integer(call, at, 0, TRACK_KINDS - 1); }
uint32_t call_slot(call *call, int at) { return (uint32_t)call_integer(call, at, 0, NO_SLOT - 1); }

void *call_array(call *call, int at, napi_typedarray_type type, size_t *length) {
  napi_typedarray_type is;
  void *data = NULL;
  *length = 0;
  if (call->failed) return NULL;
  if (napi_get_typedarray_info(call->env, call->arguments[at], &is, length, &data, NULL, NULL) != napi_ok ||
      is != type) {
    call_fail(call, "a typed array is missing or of another type");
    *length = 0;
  }
  return data;
}

const void *call_shared_array(call *call, int at, napi_typedarray_type type, size_t *length) {
  const void *data = call_array(call, at, type, length);
  napi_value memory = NULL;
  bool is_own = true;
  if (call->failed) return NULL;
  if (napi_get_typedarray_info(call->env, call->arguments[at], NULL, NULL, NULL, &memory, NULL) != napi_ok ||
      napi_is_arraybuffer(call->env, memory, &is_own) != napi_ok || is_own) {
    call_fail(call, "an array outside shared memory");
  }
  return data;
}
