/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See durable.h. */
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "sessions/durable.h"

struct question {
	sess_durable_cb *cb;
	void *ctx;
};

/* The value that follows `name` in a flat list of names and values; NULL: it is not there. */
static const char *value_of(const struct sess_redis_reply *list, const char *name, struct sess_redis_reply *value)
{
	for (size_t i = 0; i + 1 < list->n; i += 2) {
		struct sess_redis_reply key;

		sess_redis_element(list, i, &key);
		sess_redis_element(list, i + 1, value);
		if (key.text && strcmp(key.text, name) == 0)
			return value->text;
	}
	return NULL;
}

static void on_config(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct question *question = ctx;
	enum sess_durable durable = SESS_DURABLE_UNKNOWN;
	struct sess_redis_reply first, second;
	const char *only = NULL, *sync = NULL;
	char how[160];

	if (outcome != SESS_REDIS_OK || reply->kind != SESS_REPLY_ARRAY) {
		snprintf(how, sizeof(how), "%s", reply && reply->text ? reply->text : "no answer");
	} else {
		only = value_of(reply, "appendonly", &first);
		sync = value_of(reply, "appendfsync", &second);
		snprintf(how, sizeof(how), "appendonly %s, appendfsync %s", only ? only : "?", sync ? sync : "?");
	}
	if (only && sync)
		durable = strcmp(only, "yes") == 0 && strcmp(sync, "always") == 0 ? SESS_DURABLE_YES : SESS_DURABLE_NO;
	question->cb(question->ctx, token, durable, how);
	talloc_free(question);
}

int sess_durable_check(struct sess_redis *redis, sess_durable_cb *cb, void *ctx, uint64_t token)
{
	static const char *const argv[] = { "CONFIG", "GET", "append*" };
	static const size_t octets[] = { 6, 3, 7 };
	struct question *question = talloc_zero(NULL, struct question); /* redis answers all that is pending when it is freed */
	int rc;

	*question = (struct question){ .cb = cb, .ctx = ctx };
	rc = sess_redis_command(redis, on_config, question, token, ARRAY_SIZE(argv), argv, octets);
	if (rc < 0)
		talloc_free(question);
	return rc;
}
