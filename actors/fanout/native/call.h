/* What the methods of the class have in common: the object behind `this`, and arguments that are checked once. */
#ifndef SLUICE_CALL_H
#define SLUICE_CALL_H

#define NAPI_VERSION 8
#include <node_api.h>

#include "fanout.h"
#include "route.h"

enum { MAX_ARGUMENTS = 7, LOG_ARRAYS = 6 };

typedef struct {
  fanout *fanout;
  route_sockets sockets;
  /* The logs' typed arrays, held so that their memory stays. */
  napi_ref arrays[TRACK_KINDS][LOG_ARRAYS];
} holder;

typedef struct {
  napi_env env;
  holder *holder;
  napi_value arguments[MAX_ARGUMENTS];
  bool failed; /* A TypeError is pending: the method must return. */
} call;

call call_begin(napi_env env, napi_callback_info info);
void call_fail(call *call, const char *message);
int64_t call_integer(call *call, int at, int64_t min, int64_t max);
track_kind call_kind(call *call, int at);
uint32_t call_slot(call *call, int at);
/* Null and length 0 when the argument is no such array. */
void *call_array(call *call, int at, napi_typedarray_type type, size_t *length);
/* In a SharedArrayBuffer, which nobody can take away from behind it: it may be used after the call. */
const void *call_shared_array(call *call, int at, napi_typedarray_type type, size_t *length);

#endif
