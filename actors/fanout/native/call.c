/* Reads and checks the arguments of a call from JavaScript (Node-API 8). */
#include "call.h"

void sluice_call_fail(sluice_call_t *call, const char *message) {
  if (!call->failed) napi_throw_type_error(call->env, "ERR_INVALID_ARG_VALUE", message);
  call->failed = true;
}

sluice_call_t sluice_call_begin(napi_env env, napi_callback_info info) {
  return sluice_call_begin_on(env, info, SLUICE_IS_FANOUT);
}

sluice_call_t sluice_call_begin_on(napi_env env, napi_callback_info info, sluice_object_kind_t kind) {
  sluice_call_t call = {.env = env};
  size_t count = SLUICE_MAX_ARGUMENTS;
  napi_value self;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &count, call.arguments, &self, NULL) != napi_ok ||
      napi_unwrap(env, self, &data) != napi_ok || *(const sluice_object_kind_t *)data != kind) {
    sluice_call_fail(&call, "not an object of this class");
  }
  call.object = data;
  return call;
}

int64_t sluice_call_integer(sluice_call_t *call, int at, int64_t min, int64_t max) {
  double value = 0;
  if (call->failed) return min;
  /* NaN is in no range, and what is left fits: all limits are below 2^53. */
  if (napi_get_value_double(call->env, call->arguments[at], &value) != napi_ok ||
      !(value >= (double)min && value <= (double)max) || value != (double)(int64_t)value) {
    sluice_call_fail(call, "a number is missing or out of range");
    return min;
  }
  return (int64_t)value;
}

sluice_track_kind_t sluice_call_kind(sluice_call_t *call, int at) {
  return (sluice_track_kind_t)sluice_call_integer(call, at, 0, SLUICE_TRACK_KINDS - 1);
}
uint32_t sluice_call_slot(sluice_call_t *call, int at) {
  return (uint32_t)sluice_call_integer(call, at, 0, SLUICE_NO_SLOT - 1);
}

void *sluice_call_array(sluice_call_t *call, int at, napi_typedarray_type type, size_t *length) {
  napi_typedarray_type is;
  void *data = NULL;
  *length = 0;
  if (call->failed) return NULL;
  if (napi_get_typedarray_info(call->env, call->arguments[at], &is, length, &data, NULL, NULL) != napi_ok ||
      is != type) {
    sluice_call_fail(call, "a typed array is missing or of another type");
    *length = 0;
  }
  return data;
}

void *sluice_call_shared_array(sluice_call_t *call, int at, napi_typedarray_type type, size_t *length) {
  void *data = sluice_call_array(call, at, type, length);
  napi_value memory = NULL;
  bool is_own = true;
  if (call->failed) return NULL;
  if (napi_get_typedarray_info(call->env, call->arguments[at], NULL, NULL, NULL, &memory, NULL) != napi_ok ||
      napi_is_arraybuffer(call->env, memory, &is_own) != napi_ok || is_own) {
    sluice_call_fail(call, "an array outside shared memory");
  }
  return data;
}

napi_value sluice_call_number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

napi_value sluice_call_boolean(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}
