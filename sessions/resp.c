/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* RESP by hand; the format is three lines long: `*<arguments>\r\n`, then for each `$<octets>\r\n<octets>\r\n`. */
#include "sessions/resp.h"

/* Decimal digits of value, right-aligned in the 20 octets before `end`; returns their first. */
static char *digits(uint64_t value, char *end)
{
	do {
		*--end = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return end;
}

static void put(struct sess_resp *r, const void *from, size_t octets)
{
	if (r->over || r->cap - r->at < octets) {
		r->over = true;
		return;
	}
	if (octets)
		memcpy(r->buf + r->at, from, octets);
	r->at += octets;
}

static void put_head(struct sess_resp *r, char kind, uint64_t n)
{
	char head[24], *end = head + sizeof(head) - 2, *at = digits(n, end);
	end[0] = '\r';
	end[1] = '\n';
	*--at = kind;
	put(r, at, (size_t)(end + 2 - at));
}

void sess_resp_begin(struct sess_resp *resp, char *buf, size_t cap, unsigned int args)
{
	*resp = (struct sess_resp){ .buf = buf, .cap = cap ? cap - 1 : 0, .over = !cap }; /* room for the last 0 */
	put_head(resp, '*', args);
	if (!resp->over)
		resp->buf[resp->at] = 0;
}

void sess_resp_parts(struct sess_resp *resp, const void *head, size_t head_octets, const void *rest, size_t rest_octets)
{
	put_head(resp, '$', head_octets + rest_octets);
	put(resp, head, head_octets);
	put(resp, rest, rest_octets);
	put(resp, "\r\n", 2);
	if (!resp->over)
		resp->buf[resp->at] = 0;
}

void sess_resp_arg(struct sess_resp *resp, const void *arg, size_t octets)
{
	sess_resp_parts(resp, arg, octets, NULL, 0);
}

void sess_resp_written(struct sess_resp *resp, const void *written, size_t octets)
{
	put(resp, written, octets);
	if (!resp->over)
		resp->buf[resp->at] = 0;
}

void sess_resp_integer(struct sess_resp *resp, int64_t integer)
{
	char text[24], *end = text + sizeof(text);
	uint64_t size = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
	char *at = digits(size, end);
	if (integer < 0)
		*--at = '-';
	sess_resp_arg(resp, at, (size_t)(end - at));
}

size_t sess_resp_octets(const struct sess_resp *resp)
{
	return resp->over ? 0 : resp->at;
}
