/* Arguments and results of the functions that JavaScript calls. */
#ifndef SLUICE_ARGUMENTS_H
#define SLUICE_ARGUMENTS_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>

static inline napi_value sluice_integer(napi_env env, int value) {
  napi_value made = NULL;
  napi_create_int32(env, value, &made);
  return made;
}

/*
 * A number among the arguments. napi_get_value_int32 would take NaN for 0 and wrap what does not fit: another's
 * descriptor.
 */
static inline bool sluice_read_integer(napi_env env, napi_value argument, int min, int max, int *value) {
  double number = 0;
  if (napi_get_value_double(env, argument, &number) != napi_ok || !(number >= min && number <= max) ||
      number != (double)(int)number) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "a number is missing or out of range");
    return false;
  }
  *value = (int)number;
  return true;
}

/* The only argument of a call. */
static inline bool sluice_read_descriptor(napi_env env, napi_callback_info info, int *fd) {
  size_t count = 1;
  napi_value argument;
  return napi_get_cb_info(env, info, &count, &argument, NULL, NULL) == napi_ok &&
         sluice_read_integer(env, argument, -1, INT32_MAX, fd);
}

#endif
