/* The methods of the class that are about transport-wide numbers. */
#ifndef SLUICE_BINDING_TRANSPORT_H
#define SLUICE_BINDING_TRANSPORT_H

#include "call.h"

napi_value start_transport(napi_env env, napi_callback_info info);
napi_value told_transport(napi_env env, napi_callback_info info);

#endif
