/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealing: of a partition, read the head, then the lines that wait, hash them, and hand them to a script that appends them,
 * takes them off the waiting and moves the head, all of it only if the head is still the one that was read.
 *
 * The head is read first: lines that were read after it are not in the chain up to it. Were it the other way round, another might
 * seal the lines in between, and we seal them again behind its head.
 *
 * Hints gather until the next tick, so that lines of the same moment are one batch. What failed or was raced waits for a tick
 * too; nothing spins. A chain that was tampered with (a record with a higher number) or a head that cannot be read stops its
 * partition: lines wait, failures count, and verification says why. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "sessions/chain_priv.h"

#include <osmocom/core/utils.h>

#define UNDER_WAY_MAX 4            /* partitions at once */
#define BATCH_OCTETS 262144        /* of bodies, unless one line is larger */
#define ROUND_MS 5000              /* all partitions are looked at so often: for what the dead left */
#define ID_OCTETS 48
#define BIT(partition) ((uint64_t)1 << (partition))

/* KEYS: audit, chain, head. ARGV: the head as it was read, the head as it will be; of each record: number, hash, id of the
 * line, body. -> records sealed; 0: another was first. The first append may fail, and nothing was written then. */
static const char seal_lua[] =
	"local c,K,A=redis.call,KEYS,ARGV "
	"if (c('GET',K[3]) or '')~=A[1] then return 0 end "
	"local ids={} "
	"for i=3,#A,4 do c('XADD',K[2],A[i]..'-0','h',A[i+1],'b',A[i+3]) ids[#ids+1]=A[i+2] end "
	"c('XDEL',K[1],unpack(ids)) "
	"c('SET',K[3],A[2]) "
	"return #ids";

const struct chain_link sess_chain_start = {
	.hash = "0000000000000000000000000000000000000000000000000000000000000000",
};

/* ------------------------------------------------------------------ keys, heads */

size_t sess_chain_key(char key[CHAIN_KEY_OCTETS], const char *kind, unsigned int partition)
{
	return (size_t)snprintf(key, CHAIN_KEY_OCTETS, "%s:{p%02u}", kind, partition % CHAIN_PARTITIONS);
}

static void put_key(struct sess_resp *resp, const char *kind, unsigned int partition)
{
	char key[CHAIN_KEY_OCTETS];
	sess_resp_arg(resp, key, sess_chain_key(key, kind, partition));
}

struct chain_ask *sess_chain_ask(struct sess_chain *chain, const char *command, const char *kind, unsigned int partition, unsigned int args,
				 sess_ask_cb *answered)
{
	struct chain_ask *ask = sess_ask_new(&chain->asks, sizeof(*ask), NULL, 0, args + 2, CHAIN_KEY_OCTETS + (args + 1) * ID_OCTETS, answered);
	ask->chain = chain;
	ask->partition = partition;
	sess_resp_text(&ask->sent.resp, command);
	put_key(&ask->sent.resp, kind, partition);
	return ask;
}

bool sess_chain_read_head(struct chain_link *head, const struct sess_redis_reply *reply)
{
	*head = sess_chain_start;
	if (reply->kind == SESS_REPLY_NIL)
		return true;
	char *end = NULL;
	if (reply->kind != SESS_REPLY_STRING || reply->octets >= CHAIN_HEAD_OCTETS || *reply->text < '1' || *reply->text > '9')
		return false;
	head->n = strtoull(reply->text, &end, 10);
	if (*end != ' ' || strlen(end + 1) != SESS_CHAIN_HASH_OCTETS - 1 || (size_t)(end - reply->text) + SESS_CHAIN_HASH_OCTETS != reply->octets)
		return false;
	memcpy(head->hash, end + 1, SESS_CHAIN_HASH_OCTETS);
	return strspn(head->hash, "0123456789abcdef") == SESS_CHAIN_HASH_OCTETS - 1;
}

size_t sess_chain_print_head(char text[CHAIN_HEAD_OCTETS], const struct chain_link *head)
{
	return head->n ? (size_t)snprintf(text, CHAIN_HEAD_OCTETS, "%" PRIu64 " %s", head->n, head->hash) : 0;
}

/* ------------------------------------------------------------------ one partition: head, lines, seal */

static void start(struct sess_chain *chain);

/* again: there is more, now; or else later, at the next tick. */
static void seal_end(struct chain_ask *ask, bool again, bool later)
{
	struct sess_chain *chain = ask->chain;
	chain->busy &= ~BIT(ask->partition);
	chain->under_way--;
	if (again)
		chain->due |= BIT(ask->partition);
	if (later)
		chain->hints |= BIT(ask->partition);
	if (!chain->asks.closing && !later)
		start(chain);
}

static void on_sealed(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct chain_ask *ask = (struct chain_ask *)sent;
	struct sess_chain *chain = ask->chain;
	bool raced = result == SESS_ASK_OK && reply->integer == 0;
	if (result == SESS_ASK_OK)
		chain->counters.sealed += (uint64_t)reply->integer;
	chain->counters.raced += raced;
	seal_end(ask, result == SESS_ASK_OK && !raced, result != SESS_ASK_OK || raced);
}

/* {id, {"b", body}} */
static struct sess_redis_reply body_of(const struct sess_redis_reply *line)
{
	struct sess_redis_reply fields = sess_reply_at(line, 1);
	return sess_reply_at(&fields, 1);
}

/* How many of the lines are one batch, and the octets of their bodies. */
static unsigned int batch_of(const struct sess_redis_reply *lines, size_t *octets)
{
	unsigned int n = 0;
	*octets = 0;
	while (n < lines->n) {
		struct sess_redis_reply line = sess_reply_at(lines, n), body = body_of(&line);
		if (n && *octets + body.octets > BATCH_OCTETS)
			break;
		*octets += body.octets;
		n++;
	}
	return n;
}

typedef char chain_hash[SESS_CHAIN_HASH_OCTETS];

/* Of n records behind head; the caller's, to be freed. */
static chain_hash *hash_batch(unsigned int partition, const struct chain_link *head, const struct sess_redis_reply *lines, unsigned int n)
{
	chain_hash *hashes = calloc(n, sizeof(*hashes));
	OSMO_ASSERT(hashes);
	for (unsigned int i = 0; i < n; i++) {
		struct sess_redis_reply line = sess_reply_at(lines, i), body = body_of(&line);
		sess_chain_hash(partition, head->n + i + 1, i ? hashes[i - 1] : head->hash, body.text ? body.text : "", body.octets, hashes[i]);
	}
	return hashes;
}

static void put_batch(struct sess_resp *resp, const struct chain_link *head, const struct sess_redis_reply *lines, unsigned int n,
		      chain_hash *hashes)
{
	for (unsigned int i = 0; i < n; i++) {
		struct sess_redis_reply line = sess_reply_at(lines, i), id = sess_reply_at(&line, 0), body = body_of(&line);
		sess_resp_integer(resp, (int64_t)(head->n + i + 1));
		sess_resp_text(resp, hashes[i]);
		sess_resp_arg(resp, id.text, id.octets);
		sess_resp_arg(resp, body.text, body.octets);
	}
}

static void put_head(struct sess_resp *resp, const struct chain_link *head)
{
	char text[CHAIN_HEAD_OCTETS];
	sess_resp_arg(resp, text, sess_chain_print_head(text, head));
}

/* The head that the batch leads to stands before its records, so all are hashed before any is written. */
static void seal(struct sess_chain *chain, unsigned int partition, const struct chain_link *head, const struct sess_redis_reply *lines)
{
	size_t octets;
	unsigned int n = batch_of(lines, &octets);
	chain_hash *hashes = hash_batch(partition, head, lines, n);
	struct chain_ask *ask = sess_ask_new(&chain->asks, sizeof(*ask), &chain->seal_script, 3, 2 + 4 * n,
					     3 * CHAIN_KEY_OCTETS + 2 * CHAIN_HEAD_OCTETS + n * (sizeof(*hashes) + 2 * ID_OCTETS) + octets, on_sealed);
	struct sess_resp *resp = &ask->sent.resp;
	ask->chain = chain;
	ask->partition = partition;
	ask->head.n = head->n + n;
	memcpy(ask->head.hash, hashes[n - 1], sizeof(*hashes));
	put_key(resp, "audit", partition);
	put_key(resp, "chain", partition);
	put_key(resp, "chain-head", partition);
	put_head(resp, head);
	put_head(resp, &ask->head);
	put_batch(resp, head, lines, n, hashes);
	free(hashes);
	sess_ask_go(&ask->sent);
}

static void on_lines(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct chain_ask *ask = (struct chain_ask *)sent;
	if (result != SESS_ASK_OK)
		seal_end(ask, false, true);
	else if (reply->n)
		seal(ask->chain, ask->partition, &ask->head, reply);
	else
		seal_end(ask, false, false);
}

static void on_head(struct sess_ask *sent, enum sess_ask_result result, const struct sess_redis_reply *reply)
{
	struct chain_ask *ask = (struct chain_ask *)sent;
	struct chain_link head;
	if (result != SESS_ASK_OK) {
		seal_end(ask, false, true);
		return;
	}
	if (!sess_chain_read_head(&head, reply)) {
		ask->chain->counters.failures++;
		seal_end(ask, false, false);     /* until the next round */
		return;
	}
	struct chain_ask *lines = sess_chain_ask(ask->chain, "XRANGE", "audit", ask->partition, 4, on_lines);
	lines->head = head;
	sess_resp_text(&lines->sent.resp, "-");
	sess_resp_text(&lines->sent.resp, "+");
	sess_resp_text(&lines->sent.resp, "COUNT");
	sess_resp_integer(&lines->sent.resp, CHAIN_BATCH);
	sess_ask_go(&lines->sent);
}

/* ------------------------------------------------------------------ which partitions, when */

static void start(struct sess_chain *chain)
{
	while (chain->under_way < UNDER_WAY_MAX && chain->due & ~chain->busy) {
		unsigned int partition = chain->from++ % CHAIN_PARTITIONS;
		if (!(chain->due & ~chain->busy & BIT(partition)))
			continue;
		chain->due &= ~BIT(partition);
		chain->busy |= BIT(partition);
		chain->under_way++;
		sess_ask_go(&sess_chain_ask(chain, "GET", "chain-head", partition, 0, on_head)->sent);
	}
}

void sess_chain_hint(struct sess_chain *chain, unsigned int partition)
{
	chain->hints |= BIT(partition % CHAIN_PARTITIONS);
}

void sess_chain_tick(struct sess_chain *chain, int64_t now_ms)
{
	if (chain->asks.closing || !sess_redis_up(chain->asks.redis))
		return;
	if (now_ms >= chain->round_ms) {
		chain->due = UINT64_MAX;
		chain->round_ms = now_ms + ROUND_MS;
	}
	chain->due |= chain->hints;
	chain->hints = 0;
	start(chain);
}

/* ------------------------------------------------------------------ life */

static int chain_free(struct sess_chain *chain)
{
	sess_asks_fini(&chain->asks);
	return 0;
}

struct sess_chain *sess_chain_alloc(void *ctx, struct sess_redis *redis)
{
	struct sess_chain *chain = talloc_zero(ctx, struct sess_chain);
	OSMO_ASSERT(chain);
	chain->seal_script = (struct sess_script){ seal_lua, sess_redis_script(redis, seal_lua) };
	sess_asks_init(&chain->asks, redis, &chain->counters.failures, &chain->counters.reloads);
	talloc_set_destructor(chain, chain_free);
	return chain;
}

const struct sess_chain_counters *sess_chain_counters(const struct sess_chain *chain)
{
	return &chain->counters;
}
