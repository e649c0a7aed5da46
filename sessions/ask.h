/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An ask: one command in flight, kept as it was sent. When Redis has forgotten its script (SCRIPT FLUSH, a failover), the
 * script is loaded and the same command sent once more. What cannot even be sent is answered from a timer. An ask outlives an
 * owner that is freed: its asker is told DOWN, and the ask stays behind, `asks` NULL, for the reply to find.
 *
 * Private to sessions/: queues, the ledger and the chain are made of asks. An asker's own struct begins with a struct sess_ask. */
#pragma once

#define typeof __typeof__ /* linuxlist.h asks for GNU C, and we compile as C11 */
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/timer.h>

#include "sessions/redis.h"
#include "sessions/resp.h"

/* An owner's: part of it. */
struct sess_asks {
	struct sess_redis *redis;
	struct llist_head sent, refused;
	struct osmo_timer_list refused_timer;
	bool closing;
	uint64_t *failures, *reloads;      /* where to count */
};

struct sess_script {
	const char *lua;
	const char *sha;                   /* redis' */
};

enum sess_ask_result { SESS_ASK_OK, SESS_ASK_DOWN, SESS_ASK_BUSY };

struct sess_ask;
/* reply: with OK; with DOWN the server's error, or NULL. The ask is freed behind it; its owner may be closing, or be freed by it. */
typedef void sess_ask_cb(struct sess_ask *ask, enum sess_ask_result result, const struct sess_redis_reply *reply);

struct sess_ask {
	struct llist_head list;            /* in asks->sent or asks->refused */
	struct sess_asks *asks;            /* NULL: the owner is gone, and the asker was told */
	sess_ask_cb *answered;
	const struct sess_script *script;  /* NULL: a plain command */
	bool reloaded;
	enum sess_ask_result refusal;      /* while in asks->refused */
	struct sess_resp resp;             /* the command; its octets lie behind the asker's struct */
};

void sess_asks_init(struct sess_asks *asks, struct sess_redis *redis, uint64_t *failures, uint64_t *reloads);
/* Answers all with DOWN. From then on sess_ask_go must not be called (`closing`). */
void sess_asks_fini(struct sess_asks *asks);

/* size: of the asker's struct, zeroed but for its head. room: octets of the keys and arguments to come. A script's name and
 * the number of its keys are written already; a plain command (script NULL, keys 0) is all arguments. */
void *sess_ask_new(struct sess_asks *asks, size_t size, const struct sess_script *script, unsigned int keys, unsigned int args,
		   size_t room, sess_ask_cb *answered);
/* Sent, or answered from a timer. */
void sess_ask_go(struct sess_ask *ask);

/* The element of an array at index; NIL if there is none. */
struct sess_redis_reply sess_reply_at(const struct sess_redis_reply *reply, size_t index);
