/* Methods of the binding for transport-wide congestion control. Threads and ownership: call.h. */
#ifndef SLUICE_BINDING_TWCC_H
#define SLUICE_BINDING_TWCC_H

#include "call.h"

napi_value sluice_binding_set_twcc(napi_env env, napi_callback_info info);
napi_value sluice_binding_look_up_sent(napi_env env, napi_callback_info info);

#endif
