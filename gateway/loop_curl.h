/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* libcurl's multi interface on our loop: its sockets become osmo_fds, its timer a due time that is looked at once a turn.
 *
 * curl is only ever called from the loop or from gw_loop_curl_turn, never from inside one of its own callbacks. */
#pragma once

#include <stdbool.h>
#include <curl/curl.h>

#include "gateway/agency.h"

struct gw_loop_curl;

/* A talloc object. Its easy handles must be out of the multi handle before it is freed. NULL: no memory. */
struct gw_loop_curl *gw_loop_curl_alloc(void *ctx, const struct gw_agency_io *io);
CURLM *gw_loop_curl_multi(struct gw_loop_curl *loop);
/* Once for each easy handle: its sockets are opened and closed by the adapter. */
void gw_loop_curl_prepare(struct gw_loop_curl *loop, CURL *easy);
/* From now on its new connections go to near addresses only (near.h), or anywhere. A kept connection is not asked: who needs
 * this for a URL needs it for all that have its scheme, host and port, on a loop of its own. */
void gw_loop_curl_near_only(struct gw_loop_curl *loop, CURL *easy, bool near_only);
/* Serves curl's timer if it is due. True: something was done since the last call, so transfers may have ended. */
bool gw_loop_curl_turn(struct gw_loop_curl *loop);
