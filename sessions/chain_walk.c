/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Verification: partition by partition, batch by batch, one command at a time; all hashes are computed again from the first
 * record on, and in the end the head must be that of the last. Sealing may go on meanwhile: the head is read after the records, so
 * one that is further on means that there are more records by now, and they are read; are they not there, they are missing.
 *
 * What it cannot tell: that the whole end of a chain was cut off and the head set back, or all of it written anew, by somebody
 * who can write to this Redis. Against that, heads have to be kept elsewhere (`audit export` prints them with the records). */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/chain_priv.h"

#include <osmocom/core/utils.h>

struct chain_walk {
	sess_chain_record_cb *on_record;
	sess_chain_end_cb *on_end;
	void *ctx;
	unsigned int partition;
	struct chain_link last;        /* verified */
	uint64_t promised;             /* a head said that there are so many */
	struct sess_chain_verdict verdict;
};

static void read_records(struct sess_chain *chain);

/* The last thing that its caller does: the callback may verify again, or free the chain. */
static void walk_end(struct sess_chain *chain, bool answered)
{
	struct chain_walk *walk = chain->walk;
	chain->walk = NULL;
	walk->on_end(walk->ctx, answered ? &walk->verdict : NULL);
	free(walk);
}

static void __attribute__((format(printf, 3, 4))) bad(struct chain_walk *walk, uint64_t n, const char *why, ...)
{
	va_list args;
	walk->verdict.good = false;
	walk->verdict.partition = walk->partition;
	walk->verdict.n = n;
	va_start(args, why);
	vsnprintf(walk->verdict.why, sizeof(walk->verdict.why), why, args);
	va_end(args);
}

/* ------------------------------------------------------------------ records */

static bool is_text(const struct sess_redis_reply *reply, const char *text)
{
	return reply->kind == SESS_REPLY_STRING && reply->octets == strlen(text) && memcmp(reply->text, text, reply->octets) == 0;
}

/* "<n>-0", the number that is next. */
static bool check_id(struct chain_walk *walk, const struct sess_redis_reply *id)
{
	uint64_t expected = walk->last.n + 1;
	char *end;
	uint64_t n = strtoull(id->text ? id->text : "", &end, 10);
	if (n == expected && strcmp(end, "-0") == 0)
		return true;
	if (n > expected)
		bad(walk, expected, "record %" PRIu64 " is missing", expected);
	else
		bad(walk, expected, "a record was slipped in before record %" PRIu64, expected);
	return false;
}

/* {id, {"h", hash, "b", body}} */
static bool check_record(struct chain_walk *walk, const struct sess_redis_reply *found)
{
	struct sess_redis_reply id = sess_reply_at(found, 0), fields = sess_reply_at(found, 1), field[4];
	struct chain_link next = { .n = walk->last.n + 1 };
	if (!check_id(walk, &id))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(field); i++)
		field[i] = sess_reply_at(&fields, i);
	const char *body = field[3].text ? field[3].text : "";
	sess_chain_hash(walk->partition, next.n, walk->last.hash, body, field[3].octets, next.hash);
	if (fields.n != ARRAY_SIZE(field) || !is_text(&field[0], "h") || !is_text(&field[2], "b") || !is_text(&field[1], next.hash)) {
		bad(walk, next.n, "record %" PRIu64 " was changed", next.n);
		return false;
	}
	walk->last = next;
	walk->verdict.records++;
	if (walk->on_record)
		walk->on_record(walk->ctx, &(struct sess_chain_record){ walk->partition, next.n, next.hash, body, field[3].octets });
	return true;
}

/* ------------------------------------------------------------------ what is behind the records: the head, the lines */

static void on_unsealed(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct sess_chain *chain = ((struct chain_ask *)sent)->chain;
	struct chain_walk *walk = chain->walk;
	if (result == SESS_ASK_OK)
		walk->verdict.unsealed += (uint64_t)reply->integer;
	if (result != SESS_ASK_OK || walk->partition + 1 == CHAIN_PARTITIONS) {
		walk_end(chain, result == SESS_ASK_OK);
		return;
	}
	walk->partition++;
	walk->last = sess_chain_start;
	walk->promised = 0;
	read_records(chain);
}

static void on_head(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct sess_chain *chain = ((struct chain_ask *)sent)->chain;
	struct chain_walk *walk = chain->walk;
	struct chain_link head;
	if (result != SESS_ASK_OK) {
		walk_end(chain, false);
		return;
	}
	bool read = sess_chain_read_head(&head, reply);
	if (read && head.n > walk->last.n) {
		walk->promised = head.n;
		read_records(chain);
		return;
	}
	if (!read || head.n != walk->last.n || strcmp(head.hash, walk->last.hash) != 0) {
		bad(walk, walk->last.n, "the head is not that of the last record");
		walk_end(chain, true);
		return;
	}
	sess_ask_go(&sess_chain_ask(chain, "XLEN", "audit", walk->partition, 0, on_unsealed)->sent);
}

static void on_records(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct sess_chain *chain = ((struct chain_ask *)sent)->chain;
	struct chain_walk *walk = chain->walk;
	if (result != SESS_ASK_OK) {
		walk_end(chain, false);
		return;
	}
	for (size_t i = 0; i < reply->n && walk->verdict.good; i++) {
		struct sess_redis_reply record = sess_reply_at(reply, i);
		check_record(walk, &record);
	}
	if (walk->verdict.good && reply->n < CHAIN_BATCH && walk->last.n < walk->promised)
		bad(walk, walk->last.n + 1, "record %" PRIu64 " is missing", walk->last.n + 1);
	if (!walk->verdict.good)
		walk_end(chain, true);
	else if (reply->n == CHAIN_BATCH)
		read_records(chain);
	else
		sess_ask_go(&sess_chain_ask(chain, "GET", "chain-head", walk->partition, 0, on_head)->sent);
}

static void read_records(struct sess_chain *chain)
{
	struct chain_walk *walk = chain->walk;
	char from[32];
	struct chain_ask *ask = sess_chain_ask(chain, "XRANGE", "chain", walk->partition, 4, on_records);
	snprintf(from, sizeof(from), "(%" PRIu64 "-0", walk->last.n);
	sess_resp_text(&ask->sent.resp, walk->last.n ? from : "-");
	sess_resp_text(&ask->sent.resp, "+");
	sess_resp_text(&ask->sent.resp, "COUNT");
	sess_resp_integer(&ask->sent.resp, CHAIN_BATCH);
	sess_ask_go(&ask->sent);
}

int sess_chain_verify(struct sess_chain *chain, sess_chain_record_cb *on_record, sess_chain_end_cb *on_end, void *ctx)
{
	if (chain->asks.closing)
		return -ENOTCONN;
	if (chain->walk)
		return -EBUSY;
	chain->walk = calloc(1, sizeof(*chain->walk));
	OSMO_ASSERT(chain->walk);
	*chain->walk = (struct chain_walk){ .on_record = on_record, .on_end = on_end, .ctx = ctx, .last = sess_chain_start, .verdict.good = true };
	read_records(chain);
	return 0;
}
