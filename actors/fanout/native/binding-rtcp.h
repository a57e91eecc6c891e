/* Methods of the binding for RTCP. Threads and ownership: call.h. */
#ifndef SLUICE_BINDING_RTCP_H
#define SLUICE_BINDING_RTCP_H

#include "call.h"

napi_value sluice_binding_set_rtcp(napi_env env, napi_callback_info info);
napi_value sluice_binding_send_rtcp(napi_env env, napi_callback_info info);

#endif
