/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside the chain: sealing (chain_seal.c) and verification (chain_walk.c) share the asks and the shape of the keys.
 *
 *   audit:{pNN}        stream   b: a line that waits
 *   chain:{pNN}        stream   id "<n>-0"; h: hash, b: body
 *   chain-head:{pNN}   string   "<n> <hash>" of the last record */
#pragma once

#include "sessions/ask.h"
#include "sessions/chain.h"

#define CHAIN_PARTITIONS 64
#define CHAIN_BATCH 128            /* lines or records at once */
#define CHAIN_KEY_OCTETS 24
#define CHAIN_HEAD_OCTETS 96

/* A record's number and hash; of the one before the first: 0 and zeros. */
struct chain_link {
	uint64_t n;
	char hash[SESS_CHAIN_HASH_OCTETS];
};
extern const struct chain_link sess_chain_start;

struct chain_walk;
struct sess_chain {
	struct sess_asks asks;
	struct sess_script seal_script;
	/* A bit for each partition: hinted, for the next tick; to be looked at now; under way. */
	uint64_t hints, due, busy;
	unsigned int under_way, from;
	int64_t round_ms;
	struct chain_walk *walk;       /* the verification under way, or NULL */
	struct sess_chain_counters counters;
};

struct chain_ask {
	struct sess_ask sent;
	struct sess_chain *chain;
	unsigned int partition;
	struct chain_link head;        /* of a sealing: what the lines are to follow, then what they lead to */
};

/* A plain command about one key of a partition; kind: "audit", "chain", "chain-head". args: beside command and key. */
struct chain_ask *sess_chain_ask(struct sess_chain *chain, const char *command, const char *kind, unsigned int partition, unsigned int args,
				 sess_ask_cb *answered);
size_t sess_chain_key(char key[CHAIN_KEY_OCTETS], const char *kind, unsigned int partition);
/* The head as it stands there; none is the start. False: it is not of our form. */
bool sess_chain_read_head(struct chain_link *head, const struct sess_redis_reply *reply);
/* Its octets; 0 for the start: there is none in Redis. */
size_t sess_chain_print_head(char text[CHAIN_HEAD_OCTETS], const struct chain_link *head);
