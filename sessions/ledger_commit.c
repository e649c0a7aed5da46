/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A commit: what it is to do is written as Redis takes it when it is added, in pieces of one memory; going lays the pieces
 * behind one another, group by group, as the script reads them (ledger_lua.c). So going again sends the same octets.
 *
 * A commit keeps pointers to the queues that it names. What is in flight watches them: a queue may be freed before the answer. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <talloc.h>

#include "sessions/chain.h"
#include "sessions/ledger_priv.h"

#include <osmocom/core/utils.h>

#define DATA_OCTETS 1024               /* of a commit, at first */
#define SETTLE_ARGS 8
#define HEAD_KEYS (QUEUE_KEYS + 2)     /* of the settlement, the mark, the audit's */
#define EXPIRE_MS_MAX (100LL * 366 * 24 * 3600 * 1000)   /* Redis refuses what overflows, and would do so in the middle of a commit */
#define SHORT_OCTETS 64                /* a tag, a number: nothing in a commit that has no bound of its own takes more */

/* In the order in which the script reads them. */
enum group { GROUP_NEW, GROUP_RECORD, GROUP_QUEUE, GROUP_TALLY, GROUP_INDEX, GROUP_NOTE, GROUPS };
static const struct { unsigned int keys, args; } groups[GROUPS] = {
	[GROUP_NEW] = { 1, 3 }, [GROUP_RECORD] = { 1, 3 }, [GROUP_QUEUE] = { 2, 5 },
	[GROUP_TALLY] = { 1, 2 }, [GROUP_INDEX] = { 1, 2 }, [GROUP_NOTE] = { 0, 1 },
};

static const char *const verbs[] = {
	[LEDGER_VERB_NONE] = "", [LEDGER_VERB_DONE] = "done", [LEDGER_VERB_LATER] = "later", [LEDGER_VERB_BURY] = "bury",
};

/* Arguments as Redis takes them, in commit->data. */
struct piece { size_t at, octets; };

struct op {
	enum group group;
	struct piece keys, args;
	struct sess_queue *queue;
};

struct sess_ledger_commit {
	struct sess_ledger *ledger;
	unsigned int partition, n;
	sess_ledger_stamp stamp;
	bool bad;
	char tag[8];                   /* "{pNN}" */
	enum ledger_verb verb;
	struct sess_queue *settles;
	struct piece settlement;
	unsigned int n_then;
	struct ledger_then then[SESS_LEDGER_THEN_MAX];
	char *data;
	size_t at, cap;
	struct op ops[SESS_LEDGER_OPS_MAX];
};

/* ------------------------------------------------------------------ begin */

/* Never 0. */
static sess_ledger_stamp draw_stamp(struct sess_ledger *ledger)
{
	sess_ledger_stamp stamp = 0;
	while (!stamp) {
		if (!ledger->stamps_left) {
			OSMO_ASSERT(getrandom(ledger->stamps, sizeof(ledger->stamps), 0) == (ssize_t)sizeof(ledger->stamps));
			ledger->stamps_left = LEDGER_STAMPS;
		}
		stamp = ledger->stamps[--ledger->stamps_left];
	}
	return stamp;
}

struct sess_ledger_commit *sess_ledger_commit_begin(void *ctx, struct sess_ledger *ledger, unsigned int partition)
{
	struct sess_ledger_commit *commit = talloc(ctx, struct sess_ledger_commit);
	OSMO_ASSERT(commit);
	memset(commit, 0, offsetof(struct sess_ledger_commit, ops));
	commit->ledger = ledger;
	commit->partition = partition;
	commit->bad = partition >= SESS_QUEUE_PARTITIONS;
	commit->stamp = draw_stamp(ledger);
	snprintf(commit->tag, sizeof(commit->tag), "{p%02u}", partition % SESS_QUEUE_PARTITIONS);
	commit->cap = DATA_OCTETS;
	commit->data = talloc_size(commit, commit->cap);
	OSMO_ASSERT(commit->data);
	return commit;
}

sess_ledger_stamp sess_ledger_commit_stamp(const struct sess_ledger_commit *commit)
{
	return commit->stamp;
}

/* ------------------------------------------------------------------ pieces */

/* Room for so many arguments of so many octets together. */
static struct sess_resp piece_begin(struct sess_ledger_commit *commit, unsigned int args, size_t octets)
{
	size_t need = commit->at + octets + args * SESS_RESP_ARG_OVERHEAD + 1;
	if (need > commit->cap) {
		commit->cap = need * 2;
		commit->data = talloc_realloc_size(commit, commit->data, commit->cap);
		OSMO_ASSERT(commit->data);
	}
	return (struct sess_resp){ .buf = commit->data + commit->at, .cap = commit->cap - commit->at - 1 };
}

static struct piece piece_end(struct sess_ledger_commit *commit, const struct sess_resp *resp)
{
	struct piece piece = { commit->at, resp->at };
	OSMO_ASSERT(!resp->over);
	commit->at += resp->at;
	return piece;
}

/* Of this partition, by the part that Redis Cluster hashes. */
static bool key_ok(const struct sess_ledger_commit *commit, const char *key)
{
	const char *tag = strchr(key, '{');
	return tag && strncmp(tag, commit->tag, strlen(commit->tag)) == 0 && strlen(key) < SESS_LEDGER_KEY_OCTETS;
}

static bool expire_ok(int64_t expire_ms)
{
	return expire_ms >= 0 && expire_ms <= EXPIRE_MS_MAX;
}

/* Another operation, if it is as it should be; NULL, and the commit is bad, if not. */
static struct op *op_new(struct sess_ledger_commit *commit, enum group group, bool ok)
{
	if (!ok || commit->bad || commit->n >= SESS_LEDGER_OPS_MAX) {
		commit->bad = true;
		return NULL;
	}
	struct op *op = &commit->ops[commit->n++];
	*op = (struct op){ .group = group };
	return op;
}

static struct op *op_with_key(struct sess_ledger_commit *commit, enum group group, const char *key, bool ok)
{
	struct op *op = op_new(commit, group, ok && key_ok(commit, key));
	if (!op)
		return NULL;
	struct sess_resp keys = piece_begin(commit, 1, strlen(key));
	sess_resp_text(&keys, key);
	op->keys = piece_end(commit, &keys);
	return op;
}

/* ------------------------------------------------------------------ records */

/* how: "d" or "c" of the script, or NULL: the value is written. */
static void add_record(struct sess_ledger_commit *commit, enum group group, const char *key, sess_ledger_stamp over, const void *value,
		       size_t octets, int64_t expire_ms, const char *how)
{
	struct op *op = op_with_key(commit, group, key, octets <= SESS_LEDGER_VALUE_MAX && expire_ok(expire_ms));
	if (!op)
		return;
	struct sess_resp args = piece_begin(commit, groups[group].args, octets + 2 * LEDGER_STAMP_OCTETS + SHORT_OCTETS);
	sess_resp_arg(&args, &over, over ? LEDGER_STAMP_OCTETS : 0);
	if (how) {
		sess_resp_text(&args, "");
		sess_resp_text(&args, how);
	} else {
		sess_resp_parts(&args, &commit->stamp, LEDGER_STAMP_OCTETS, value, octets);
		sess_resp_integer(&args, expire_ms);
	}
	op->args = piece_end(commit, &args);
}

void sess_ledger_new(struct sess_ledger_commit *commit, const char *key, const void *value, size_t octets, int64_t expire_ms)
{
	add_record(commit, GROUP_NEW, key, 0, value, octets, expire_ms, NULL);
}

void sess_ledger_put(struct sess_ledger_commit *commit, const char *key, sess_ledger_stamp over, const void *value, size_t octets, int64_t expire_ms)
{
	add_record(commit, GROUP_RECORD, key, over, value, octets, expire_ms, NULL);
}

void sess_ledger_drop(struct sess_ledger_commit *commit, const char *key, sess_ledger_stamp over)
{
	add_record(commit, GROUP_RECORD, key, over, NULL, 0, 0, "d");
}

void sess_ledger_check(struct sess_ledger_commit *commit, const char *key, sess_ledger_stamp as)
{
	add_record(commit, GROUP_RECORD, key, as, NULL, 0, 0, "c");
}

/* ------------------------------------------------------------------ queues */

void sess_ledger_enqueue(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_add *add)
{
	char done[QUEUE_DONE_KEY_OCTETS];
	struct op *op = op_new(commit, GROUP_QUEUE, queue->redis == commit->ledger->asks.redis && sess_queue_add_ok(add));
	if (!op)
		return;
	op->queue = queue;
	struct sess_resp keys = piece_begin(commit, 2, QUEUE_KEY_OCTETS + sizeof(done));
	sess_resp_text(&keys, queue->keys[commit->partition][QUEUE_KEY_STREAM]);
	sess_resp_arg(&keys, done, sess_queue_done_key(done, queue, commit->partition, add->key));
	op->keys = piece_end(commit, &keys);
	struct sess_resp args = piece_begin(commit, groups[GROUP_QUEUE].args, SESS_QUEUE_KEY_MAX + SESS_ID_MAX + add->octets + SHORT_OCTETS);
	sess_queue_put_add(&args, add);
	sess_resp_integer(&args, queue->length_max);
	op->args = piece_end(commit, &args);
}

static void settle(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_handle *handle, enum ledger_verb verb,
		   const char *detail, size_t octets)
{
	if (commit->bad || commit->verb != LEDGER_VERB_NONE || queue->redis != commit->ledger->asks.redis ||
	    !sess_queue_handle_ok(handle) || handle->partition != commit->partition) {
		commit->bad = true;
		return;
	}
	commit->verb = verb;
	commit->settles = queue;
	struct sess_resp args = piece_begin(commit, SETTLE_ARGS, strlen(queue->group) + strlen(queue->consumer) + QUEUE_ID_OCTETS + SESS_ID_MAX +
					    octets + SHORT_OCTETS);
	sess_resp_text(&args, queue->group);
	sess_resp_text(&args, queue->consumer);
	sess_queue_put_id(&args, &handle->id);
	sess_resp_integer(&args, handle->attempt);
	sess_resp_text(&args, handle->order);
	sess_resp_text(&args, queue->shared ? "1" : "");
	sess_resp_text(&args, handle->claimed ? "1" : "");
	sess_resp_arg(&args, detail, octets);
	commit->settlement = piece_end(commit, &args);
}

void sess_ledger_done(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_handle *handle)
{
	settle(commit, queue, handle, LEDGER_VERB_DONE, "", 0);
}

void sess_ledger_later(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_handle *handle, unsigned int pause_ms)
{
	char pause[16];
	settle(commit, queue, handle, LEDGER_VERB_LATER, pause, (size_t)snprintf(pause, sizeof(pause), "%u", pause_ms));
}

void sess_ledger_bury(struct sess_ledger_commit *commit, struct sess_queue *queue, const struct sess_queue_handle *handle, const char *reason)
{
	settle(commit, queue, handle, LEDGER_VERB_BURY, reason, strnlen(reason, SESS_QUEUE_REASON_MAX));
}

/* ------------------------------------------------------------------ indexes, tallies, notes */

static void add_index(struct sess_ledger_commit *commit, const char *key, const char *score, const char *member)
{
	size_t octets = strlen(member);
	struct op *op = op_with_key(commit, GROUP_INDEX, key, octets <= SESS_LEDGER_VALUE_MAX);
	if (!op)
		return;
	struct sess_resp args = piece_begin(commit, groups[GROUP_INDEX].args, octets + SHORT_OCTETS);
	sess_resp_text(&args, score);
	sess_resp_text(&args, member);
	op->args = piece_end(commit, &args);
}

void sess_ledger_index(struct sess_ledger_commit *commit, const char *key, double score, const char *member)
{
	char text[40];
	snprintf(text, sizeof(text), "%.17g", score);
	commit->bad |= !isfinite(score);
	add_index(commit, key, text, member);
}

void sess_ledger_unindex(struct sess_ledger_commit *commit, const char *key, const char *member)
{
	add_index(commit, key, "", member);
}

void sess_ledger_tally_add(struct sess_ledger_commit *commit, const char *key, int64_t by, int64_t expire_ms)
{
	struct op *op = op_with_key(commit, GROUP_TALLY, key, expire_ok(expire_ms));
	if (!op)
		return;
	struct sess_resp args = piece_begin(commit, groups[GROUP_TALLY].args, SHORT_OCTETS);
	sess_resp_integer(&args, by);
	sess_resp_integer(&args, expire_ms);
	op->args = piece_end(commit, &args);
}

void sess_ledger_note(struct sess_ledger_commit *commit, const void *body, size_t octets)
{
	struct op *op = op_new(commit, GROUP_NOTE, octets <= SESS_LEDGER_VALUE_MAX);
	if (!op)
		return;
	struct sess_resp args = piece_begin(commit, groups[GROUP_NOTE].args, octets);
	sess_resp_arg(&args, body, octets);
	op->args = piece_end(commit, &args);
}

/* ------------------------------------------------------------------ then */

void sess_ledger_then(struct sess_ledger_commit *commit, sess_ledger_done_cb *done, void *ctx, uint64_t token)
{
	if (commit->n_then == SESS_LEDGER_THEN_MAX)
		commit->bad = true;
	else
		commit->then[commit->n_then++] = (struct ledger_then){ done, ctx, token };
}

/* ------------------------------------------------------------------ the answer */

/* The queues learn what happened to them: said >= 0. */
static void tell_queues(struct ledger_ask *ask, int64_t said)
{
	unsigned int adds = ask->n - (ask->verb ? 1 : 0);
	for (unsigned int i = 0; i < adds; i++) {
		struct sess_queue *queue = ask->watches[i].queue;
		if (!queue)
			continue;
		queue->hints |= (uint64_t)1 << ask->partition;
		if (said != LEDGER_BEFORE && said & (int64_t)4 << i)
			queue->counters.repeated++;
		else if (said != LEDGER_BEFORE)
			queue->counters.added++;
	}
	struct sess_queue *queue = ask->verb ? ask->watches[adds].queue : NULL;
	if (!queue)
		return;
	if (said & LEDGER_FOLLOWER)
		queue->hints |= (uint64_t)1 << ask->partition;
	uint64_t *counted[] = {
		[LEDGER_VERB_DONE] = &queue->counters.done, [LEDGER_VERB_LATER] = &queue->counters.delayed, [LEDGER_VERB_BURY] = &queue->counters.buried,
	};
	++*counted[ask->verb];
}

static enum sess_ledger_result read_answer(struct ledger_ask *ask, const struct sess_redis_reply *reply)
{
	struct sess_ledger *ledger = ask->ledger;
	if (reply->kind == SESS_REPLY_STRING)
		return SESS_LEDGER_THERE;
	switch (reply->integer) {
	case LEDGER_CONFLICT:
		ledger->counters.conflicts++;
		return SESS_LEDGER_CONFLICT;
	case LEDGER_LOST:
		ledger->counters.lost++;
		if (ask->watches[ask->n - 1].queue)
			ask->watches[ask->n - 1].queue->counters.lost++;
		return SESS_LEDGER_LOST;
	case LEDGER_FULL:
		ledger->counters.full++;
		return SESS_LEDGER_FULL;
	default:
		ledger->counters.commits++;
		tell_queues(ask, reply->integer);
		if (ask->noted && ledger->chain)
			sess_chain_hint(ledger->chain, ask->partition);
		return SESS_LEDGER_OK;
	}
}

static void on_committed(struct sess_ask *sent, enum sess_ask_result answer, const struct sess_redis_reply *reply)
{
	struct ledger_ask *ask = (struct ledger_ask *)sent;
	struct sess_ledger_record there;
	enum sess_ledger_result result = answer == SESS_ASK_OK ? read_answer(ask, reply) : sess_ledger_failure(answer);
	for (unsigned int i = 0; i < ask->n; i++)
		sess_queue_unwatch(&ask->watches[i]);
	if (result == SESS_LEDGER_THERE)
		there = sess_ledger_read(reply);
	for (unsigned int i = 0; result == SESS_LEDGER_OK && i < ask->n_then; i++)
		ask->then[i].done(ask->then[i].ctx, ask->then[i].token);
	if (ask->to.commit)
		ask->to.commit(ask->ctx, ask->token, result, result == SESS_LEDGER_THERE ? &there : NULL);
}

/* ------------------------------------------------------------------ go */

static void put_piece(struct sess_resp *resp, const struct sess_ledger_commit *commit, const struct piece *piece)
{
	sess_resp_written(resp, commit->data + piece->at, piece->octets);
}

static void put_keys(struct sess_resp *resp, const struct sess_ledger_commit *commit, bool notes)
{
	char key[SHORT_OCTETS];
	for (int i = 0; commit->verb && i < QUEUE_KEYS; i++)
		sess_resp_text(resp, commit->settles->keys[commit->partition][i]);
	sess_resp_arg(resp, key, (size_t)snprintf(key, sizeof(key), "mark:%s:%016llx", commit->tag, (unsigned long long)commit->stamp));
	for (enum group group = GROUP_NEW; group < GROUPS; group++) {
		for (unsigned int i = 0; i < commit->n; i++) {
			if (commit->ops[i].group == group)
				put_piece(resp, commit, &commit->ops[i].keys);
		}
	}
	if (notes)
		sess_resp_arg(resp, key, (size_t)snprintf(key, sizeof(key), "audit:%s", commit->tag));
}

static void put_args(struct sess_resp *resp, const struct sess_ledger_commit *commit, const char counts[GROUPS])
{
	sess_resp_arg(resp, &commit->stamp, LEDGER_STAMP_OCTETS);
	sess_resp_arg(resp, counts, GROUPS);
	sess_resp_text(resp, verbs[commit->verb]);
	put_piece(resp, commit, &commit->settlement);
	for (enum group group = GROUP_NEW; group < GROUPS; group++) {
		for (unsigned int i = 0; i < commit->n; i++) {
			if (commit->ops[i].group == group)
				put_piece(resp, commit, &commit->ops[i].args);
		}
	}
}

static void watch_queues(struct ledger_ask *ask, const struct sess_ledger_commit *commit)
{
	for (unsigned int i = 0; i < commit->n; i++) {
		if (commit->ops[i].group == GROUP_QUEUE)
			sess_queue_watch(&ask->watches[ask->n++], commit->ops[i].queue);
	}
	if (commit->verb)
		sess_queue_watch(&ask->watches[ask->n++], commit->settles);
}

int sess_ledger_commit_go(const struct sess_ledger_commit *commit, sess_ledger_commit_cb *cb, void *ctx, uint64_t token)
{
	struct sess_ledger *ledger = commit->ledger;
	char counts[GROUPS] = { 0 };
	unsigned int keys = 1 + (commit->verb ? QUEUE_KEYS : 0), args = 3 + (commit->verb ? SETTLE_ARGS : 0), queues = commit->verb ? 1 : 0;
	if (ledger->asks.closing)
		return -ENOTCONN;
	if (commit->bad)
		return -EINVAL;
	for (unsigned int i = 0; i < commit->n; i++) {
		enum group group = commit->ops[i].group;
		counts[group]++;
		keys += groups[group].keys;
		args += groups[group].args;
		queues += group == GROUP_QUEUE;
	}
	keys += counts[GROUP_NOTE] ? 1 : 0;
	struct ledger_ask *ask = sess_ask_new(&ledger->asks, sizeof(*ask) + queues * sizeof(ask->watches[0]), &ledger->script, keys, args,
					      commit->at + HEAD_KEYS * SHORT_OCTETS + SHORT_OCTETS, on_committed);
	ask->ledger = ledger;
	ask->to.commit = cb;
	ask->ctx = ctx;
	ask->token = token;
	ask->partition = commit->partition;
	ask->verb = commit->verb;
	ask->noted = counts[GROUP_NOTE] != 0;
	ask->n_then = commit->n_then;
	memcpy(ask->then, commit->then, commit->n_then * sizeof(ask->then[0]));
	watch_queues(ask, commit);
	put_keys(&ask->sent.resp, commit, counts[GROUP_NOTE] != 0);
	put_args(&ask->sent.resp, commit, counts);
	sess_ask_go(&ask->sent);
	return 0;
}
