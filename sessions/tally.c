/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See tally.h. */
#include "sessions/tally.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "sessions/ask.h"

#include <osmocom/core/utils.h>

#define KEY_OCTETS 128
#define EXPIRE_MS_MAX (100LL * 366 * 24 * 3600 * 1000)   /* Redis refuses what overflows */

/* KEYS: the adder's mark, the hash. ARGV: number, its life, the hash's life, then name and value by turns. What somebody's hand has put into
 * a field or the key (pcall fails) is left alone, and hinders nothing else: a script that ended there would be done again from the start. */
static const char add_lua[] =
	"local last=redis.call('GET',KEYS[1]) "
	"if last and tonumber(last) and tonumber(last)>=tonumber(ARGV[1]) then return 0 end "
	"for i=4,#ARGV,2 do redis.pcall('HINCRBY',KEYS[2],ARGV[i],ARGV[i+1]) end "
	"if ARGV[3]~='0' then redis.call('PEXPIRE',KEYS[2],ARGV[3]) end "
	"if ARGV[2]~='0' then redis.call('SET',KEYS[1],ARGV[1],'PX',ARGV[2]) else redis.call('SET',KEYS[1],ARGV[1]) end "
	"return 1";

struct sess_tallies {
	struct sess_asks asks;
	struct sess_script script;
	struct sess_tallies_counters counters;
};

struct tally_ask {
	struct sess_ask sent;
	struct sess_tallies *tallies;
	sess_tallies_add_cb *added;
	sess_tallies_load_cb *loaded;
	void *ctx;
	uint64_t token;
};

static bool key_ok(const char *key)
{
	size_t octets = strlen(key);

	return octets > 0 && octets < KEY_OCTETS;
}

/* ---- add ---- */

static void on_added(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct tally_ask *ask = (struct tally_ask *)sent;
	bool ok = result == SESS_ASK_OK && reply->kind == SESS_REPLY_INTEGER;

	if (ok)
		++*(reply->integer ? &ask->tallies->counters.adds : &ask->tallies->counters.repeated);
	ask->added(ask->ctx, ok);
}

/* False: something does not fit. octets: of all names. */
static bool add_ok(const struct sess_tallies_add *add, size_t *octets)
{
	bool ok = key_ok(add->key) && key_ok(add->mark) && add->number && add->n && add->n <= SESS_TALLY_ADD_MAX &&
	          add->keep_ms >= 0 && add->keep_ms <= EXPIRE_MS_MAX && add->mark_keep_ms >= 0 && add->mark_keep_ms <= EXPIRE_MS_MAX;

	*octets = 0;
	for (size_t i = 0; ok && i < add->n; i++) {
		size_t name = strlen(add->items[i].name);

		*octets += name;
		ok = name > 0 && name < SESS_TALLY_NAME_OCTETS;
	}
	return ok;
}

int sess_tallies_add(struct sess_tallies *tallies, const struct sess_tallies_add *add, sess_tallies_add_cb *cb, void *ctx)
{
	struct tally_ask *ask;
	struct sess_resp *resp;
	size_t octets;

	if (tallies->asks.closing)
		return -ENOTCONN;
	if (!add_ok(add, &octets))
		return -EINVAL;
	ask = sess_ask_new(&tallies->asks, sizeof(*ask), &tallies->script, 2, 3 + 2 * (unsigned int)add->n, octets + 2 * KEY_OCTETS + 96, on_added);
	ask->tallies = tallies;
	ask->added = cb;
	ask->ctx = ctx;
	resp = &ask->sent.resp;
	sess_resp_text(resp, add->mark);
	sess_resp_text(resp, add->key);
	sess_resp_integer(resp, (int64_t)add->number);
	sess_resp_integer(resp, add->mark_keep_ms);
	sess_resp_integer(resp, add->keep_ms);
	for (size_t i = 0; i < add->n; i++) {
		sess_resp_text(resp, add->items[i].name);
		sess_resp_integer(resp, add->items[i].value);
	}
	sess_ask_go(&ask->sent);
	return 0;
}

/* ---- load ---- */

static void on_loaded(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct tally_ask *ask = (struct tally_ask *)sent;
	struct sess_tally *items;
	size_t n = 0;

	if (result != SESS_ASK_OK || reply->kind != SESS_REPLY_ARRAY) {
		ask->loaded(ask->ctx, ask->token, NULL, 0);
		return;
	}
	items = calloc(reply->n / 2 + 1, sizeof(*items));
	OSMO_ASSERT(items);
	for (size_t i = 0; i + 1 < reply->n; i += 2) {
		struct sess_redis_reply name = sess_reply_at(reply, i), value = sess_reply_at(reply, i + 1);

		if (name.text && value.text)
			items[n++] = (struct sess_tally){ name.text, strtoll(value.text, NULL, 10) };
	}
	ask->loaded(ask->ctx, ask->token, items, n);
	free(items);
}

int sess_tallies_load(struct sess_tallies *tallies, const char *key, sess_tallies_load_cb *cb, void *ctx, uint64_t token)
{
	struct tally_ask *ask;

	if (tallies->asks.closing)
		return -ENOTCONN;
	if (!key_ok(key))
		return -EINVAL;
	ask = sess_ask_new(&tallies->asks, sizeof(*ask), NULL, 0, 2, KEY_OCTETS + 8, on_loaded);
	ask->tallies = tallies;
	ask->loaded = cb;
	ask->ctx = ctx;
	ask->token = token;
	sess_resp_text(&ask->sent.resp, "HGETALL");
	sess_resp_text(&ask->sent.resp, key);
	sess_ask_go(&ask->sent);
	return 0;
}

/* ---- life ---- */

static int tallies_free(struct sess_tallies *tallies)
{
	sess_asks_fini(&tallies->asks);
	return 0;
}

struct sess_tallies *sess_tallies_alloc(void *ctx, struct sess_redis *redis)
{
	struct sess_tallies *tallies = talloc_zero(ctx, struct sess_tallies);

	OSMO_ASSERT(tallies);
	tallies->script = (struct sess_script){ add_lua, sess_redis_script(redis, add_lua) };
	sess_asks_init(&tallies->asks, redis, &tallies->counters.failures, &tallies->counters.reloads);
	talloc_set_destructor(tallies, tallies_free);
	return tallies;
}

const struct sess_tallies_counters *sess_tallies_counters(const struct sess_tallies *tallies)
{
	return &tallies->counters;
}
