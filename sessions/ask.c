/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See the header: one command in flight, and the list of those of an owner. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sessions/ask.h"

#include <osmocom/core/utils.h>

#define SHA_DIGITS 40

/* EVALSHA, or EVAL while redis has not told the digest: owners opened on a connection that is up already. */
void *sess_ask_new(struct sess_asks *asks, size_t size, const struct sess_script *script, unsigned int keys, unsigned int args,
		   size_t room, sess_ask_cb *answered)
{
	size_t cap = room + (keys + args + 1) * SESS_RESP_ARG_OVERHEAD + 1;
	if (script)
		cap += 3 * SESS_RESP_ARG_OVERHEAD + (*script->sha ? SHA_DIGITS : strlen(script->lua)) + 16;
	struct sess_ask *ask = malloc(size + cap);
	OSMO_ASSERT(ask);
	memset(ask, 0, size);
	*ask = (struct sess_ask){ .asks = asks, .answered = answered, .script = script };
	llist_add_tail(&ask->list, &asks->sent);
	sess_resp_begin(&ask->resp, (char *)ask + size, cap, keys + args + (script ? 3 : 0));
	if (script) {
		sess_resp_text(&ask->resp, *script->sha ? "EVALSHA" : "EVAL");
		sess_resp_text(&ask->resp, *script->sha ? script->sha : script->lua);
		sess_resp_integer(&ask->resp, keys);
	}
	return ask;
}

/* The last thing that its caller does: the asker may free the owner. */
static void answer(struct sess_ask *ask, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	llist_del(&ask->list);
	if (result != SESS_ASK_OK)
		++*ask->asks->failures;
	ask->answered(ask, result, reply);
	free(ask);
}

static void on_refused_timer(void *data)
{
	struct sess_asks *asks = data;
	struct sess_ask *ask = llist_first_entry_or_null(&asks->refused, struct sess_ask, list);
	if (!ask)
		return;
	if (ask->list.next != &asks->refused)
		osmo_timer_schedule(&asks->refused_timer, 0, 0);
	answer(ask, ask->refusal, NULL);
}

static sess_redis_cb on_reply;

static int ask_send(struct sess_ask *ask)
{
	size_t octets = sess_resp_octets(&ask->resp);
	OSMO_ASSERT(octets);
	return sess_redis_raw(ask->asks->redis, on_reply, ask, 0, ask->resp.buf, octets);
}

void sess_ask_go(struct sess_ask *ask)
{
	struct sess_asks *asks = ask->asks;
	int rc = ask_send(ask);
	if (rc == 0)
		return;
	ask->refusal = rc == -EAGAIN ? SESS_ASK_BUSY : SESS_ASK_DOWN;
	llist_move_tail(&ask->list, &asks->refused);
	if (!osmo_timer_pending(&asks->refused_timer))
		osmo_timer_schedule(&asks->refused_timer, 0, 0);
}

/* Commands are done in order: the script is there when the same command comes again. */
static bool ask_again(struct sess_ask *ask)
{
	const char *argv[] = { "SCRIPT", "LOAD", ask->script->lua };
	ask->reloaded = true;
	++*ask->asks->reloads;
	return sess_redis_command(ask->asks->redis, NULL, NULL, 0, 3, argv, NULL) == 0 && ask_send(ask) == 0;
}

static bool forgotten(const struct sess_ask *ask, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	return outcome == SESS_REDIS_ERROR && ask->script && !ask->reloaded && reply->octets >= 8 && memcmp(reply->text, "NOSCRIPT", 8) == 0;
}

static void on_reply(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct sess_ask *ask = ctx;
	(void)token;
	if (!ask->asks) {
		free(ask);
		return;
	}
	if (forgotten(ask, outcome, reply) && ask_again(ask))
		return;
	answer(ask, outcome == SESS_REDIS_OK ? SESS_ASK_OK : SESS_ASK_DOWN,
	       outcome == SESS_REDIS_OK || outcome == SESS_REDIS_ERROR ? reply : NULL);
}

void sess_asks_init(struct sess_asks *asks, struct sess_redis *redis, uint64_t *failures, uint64_t *reloads)
{
	*asks = (struct sess_asks){ .redis = redis, .failures = failures, .reloads = reloads };
	INIT_LLIST_HEAD(&asks->sent);
	INIT_LLIST_HEAD(&asks->refused);
	osmo_timer_setup(&asks->refused_timer, on_refused_timer, asks);
}

/* `closing` refuses new asks, so that the lists only become shorter. */
void sess_asks_fini(struct sess_asks *asks)
{
	struct sess_ask *ask, *next;
	asks->closing = true;
	llist_for_each_entry_safe(ask, next, &asks->refused, list) {
		ask->answered(ask, SESS_ASK_DOWN, NULL);
		free(ask);
	}
	while ((ask = llist_first_entry_or_null(&asks->sent, struct sess_ask, list))) {
		/* Its command is with Redis: it stays behind for the reply. */
		llist_del_init(&ask->list);
		ask->answered(ask, SESS_ASK_DOWN, NULL);
		ask->asks = NULL;
	}
	osmo_timer_del(&asks->refused_timer);
}

struct sess_redis_reply sess_reply_at(const struct sess_redis_reply *reply, size_t index)
{
	struct sess_redis_reply element = { .kind = SESS_REPLY_NIL };
	if (reply->kind == SESS_REPLY_ARRAY && index < reply->n)
		sess_redis_element(reply, index, &element);
	return element;
}
