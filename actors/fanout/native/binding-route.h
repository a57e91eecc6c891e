/* Methods of the binding for routes and sockets. Threads and ownership: call.h. */
#ifndef SLUICE_BINDING_ROUTE_H
#define SLUICE_BINDING_ROUTE_H

#include "call.h"

napi_value sluice_binding_set_route(napi_env env, napi_callback_info info);
napi_value sluice_binding_find_socket(napi_env env, napi_callback_info info);
napi_value sluice_binding_copy_socket(napi_env env, napi_callback_info info);
napi_value sluice_binding_close_socket(napi_env env, napi_callback_info info);

#endif
