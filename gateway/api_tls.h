/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The certificate of the API's server, which can be read anew while it serves. libmicrohttpd asks for it at each handshake, by a
 * function without a context: so each server's has a place, and a function of its own. What is replaced stays for a minute, for handshakes that are under way. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define GW_API_TLS_MAX 2                 /* in a process: the agencies' API, USSD over HTTP */

struct gw_api_tls;

/* TLS 1.2 and 1.3 only. */
#define GW_API_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* A child of ctx. NULL after a log line: they cannot be read, or do not belong to one another. */
struct gw_api_tls *gw_api_tls_alloc(void *ctx, const char *cert_file, const char *key_file);
/* Reads both again. False after a log line: the ones before stay. */
bool gw_api_tls_reload(struct gw_api_tls *tls, int64_t now_ms);
void gw_api_tls_tick(struct gw_api_tls *tls, int64_t now_ms);
/* For MHD_OPTION_HTTPS_CERT_CALLBACK. */
void *gw_api_tls_callback(const struct gw_api_tls *tls);
