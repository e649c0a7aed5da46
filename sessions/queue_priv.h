/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside the queues: the scripts, and the ask, one command in flight. Everything public is made of asks. */
#pragma once

#define typeof __typeof__ /* linuxlist.h asks for GNU C, and we compile as C11 */
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/timer.h>

#include "sessions/queue.h"
#include "sessions/resp.h"

/* The keys of a partition, in the order in which every script but `add` gets them first. */
enum queue_key {
	QUEUE_KEY_STREAM,       /* stream      <name>:{pNN} */
	QUEUE_KEY_LATER,        /* sorted set  ids, by the time (ms) from which they may be taken again */
	QUEUE_KEY_HELD,         /* sorted set  "<order> <id>", all of score 0: the followers, in order */
	QUEUE_KEY_TURN,         /* hash        <order> -> the id that is out */
	QUEUE_KEY_CLAIMS,       /* hash        id -> how often it was claimed */
	QUEUE_KEY_DEAD,         /* stream      dead:{pNN}:<name> */
	QUEUE_KEYS
};
#define QUEUE_KEY_OCTETS 48

enum queue_script {
	QUEUE_SCRIPT_NONE,      /* a plain command */
	QUEUE_SCRIPT_ADD,
	QUEUE_SCRIPT_TAKE,
	QUEUE_SCRIPT_CLAIM,
	QUEUE_SCRIPT_SETTLE,
	QUEUE_SCRIPT_REVIVE,
	QUEUE_SCRIPT_TEND,
	QUEUE_SCRIPT_STATS,
	QUEUE_SCRIPTS
};
extern const char *const sess_queue_lua[QUEUE_SCRIPTS];

struct sess_queue {
	struct sess_redis *redis;
	char name[SESS_QUEUE_NAME_MAX + 1];
	char *group, *consumer;
	bool shared, closing;
	unsigned int held_max, length_max, claims_max;
	char keys[SESS_QUEUE_PARTITIONS][QUEUE_KEYS][QUEUE_KEY_OCTETS];
	const char *sha[QUEUE_SCRIPTS];     /* redis' */
	uint64_t hints;                     /* a bit for each partition in which something is likely */
	unsigned int take_from, claim_from; /* the partition to begin with */
	struct llist_head asks, refused;
	struct osmo_timer_list refused_timer;
	struct sess_queue_counters counters;
};

struct queue_ask;
/* result: OK, DOWN or BUSY; reply: with OK; with DOWN the server's error, or NULL. The ask is freed behind it; its queue may be closing. */
typedef void queue_ask_cb(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply);

struct queue_ask {
	struct llist_head list;             /* in queue->asks or queue->refused */
	struct sess_queue *queue;           /* NULL: the queue is gone, and the asker was told */
	queue_ask_cb *answered;
	union {
		sess_queue_add_cb *add;
		sess_queue_settle_cb *settle;
		void *walk;                 /* what is made of several asks */
	} to;
	void *ctx;
	uint64_t token;
	enum queue_script script;
	unsigned int partition;
	uint64_t *counted;                  /* of a settlement: what it counts as */
	bool reloaded;
	enum sess_queue_result refusal;     /* while in queue->refused */
	struct sess_resp resp;
	char command[];
};

/* An ask with room for `room` octets of arguments and their overhead beside the script's name and the partition's keys.
 * `args` counts what follows: of a script its own arguments and the `extra_keys` that come before them; of a plain command, all. */
struct queue_ask *sess_queue_ask_new(struct sess_queue *queue, enum queue_script script, unsigned int partition,
				     unsigned int extra_keys, unsigned int args, size_t room, queue_ask_cb *answered);
void sess_queue_ask_id(struct queue_ask *ask, const struct sess_queue_id *id);
/* Sent, or answered from a timer. */
void sess_queue_ask_go(struct queue_ask *ask);

/* ---- replies */
bool sess_queue_parse_id(struct sess_queue_id *id, const char *text, size_t octets);
/* The element at index; NIL if there is none. */
struct sess_redis_reply sess_queue_at(const struct sess_redis_reply *reply, size_t index);
