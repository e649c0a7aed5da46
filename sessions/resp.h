/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A Redis command written by hand (RESP), straight into the caller's buffer: the hot path, forty times cheaper than
 * hiredis' formatting. What does not fit marks the command as failed; check once, at the end. Pure.
 *
 *     struct sess_resp c;
 *     sess_resp_begin(&c, buf, sizeof(buf), 2);
 *     sess_resp_text(&c, "GET");
 *     sess_resp_arg(&c, key, octets);
 *     if (sess_resp_octets(&c) ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sess_resp {
	char *buf;
	size_t cap, at;
	bool over;
};

#define SESS_RESP_ARG_OVERHEAD 24    /* octets that an argument takes beside its own, at most */

void sess_resp_begin(struct sess_resp *resp, char *buf, size_t cap, unsigned int args);
void sess_resp_arg(struct sess_resp *resp, const void *arg, size_t octets);
/* One argument of two parts. */
void sess_resp_parts(struct sess_resp *resp, const void *head, size_t head_octets, const void *rest, size_t rest_octets);
/* Arguments that were written before, into another buffer. */
void sess_resp_written(struct sess_resp *resp, const void *written, size_t octets);
void sess_resp_integer(struct sess_resp *resp, int64_t integer);
/* What the command takes; 0: it did not fit. The octet behind it is 0 (hiredis looks at it). */
size_t sess_resp_octets(const struct sess_resp *resp);

static inline void sess_resp_text(struct sess_resp *resp, const char *text)
{
	sess_resp_arg(resp, text, strlen(text));
}
