/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What api_call.c does for libmicrohttpd; api.c hands it over. */
#pragma once

#include <microhttpd.h>

enum MHD_Result api_on_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
			       const char *upload, size_t *octets, void **request_ctx);
void api_on_completed(void *ctx, struct MHD_Connection *connection, void **request_ctx, enum MHD_RequestTerminationCode code);
