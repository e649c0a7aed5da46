/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One asynchronous Redis connection: an FSM that connects, authenticates, checks ROLE, serves, backs off; every request
 * has a deadline and exactly one answer, never from inside the call that made it. hiredis stays behind this file.
 *
 * Commands gather and leave with sess_redis_flush (once a turn of the owner's loop). A server that does not answer for
 * `deadline_ms` is cut: all its requests are answered with SESS_REDIS_TIMEOUT or _LOST, and the connection starts anew. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <osmocom/core/select.h>

struct sess_redis;

struct sess_redis_io {
	int (*add)(struct osmo_fd *ofd);
	void (*update)(struct osmo_fd *ofd, unsigned int when);
	void (*del)(struct osmo_fd *ofd);
};

struct sess_redis_config {
	const char *name;               /* in logs: "sessions", "ledger" */
	const char *path;               /* unix socket; NULL: host and port */
	const char *host;               /* numeric address */
	uint16_t port;
	const char *user, *password;    /* NULL: no AUTH; wiped from memory by free */
	unsigned int database;
	unsigned int deadline_ms;       /* of every request */
	unsigned int connect_ms;
	unsigned int retry_min_ms, retry_max_ms;
	unsigned int pending_max;       /* requests in flight; beyond: -EAGAIN */
	struct sess_redis_io io;
	int log_category;
};

enum sess_redis_outcome {
	SESS_REDIS_OK,
	SESS_REDIS_ERROR,       /* the server's; text in reply */
	SESS_REDIS_TIMEOUT,     /* no answer within deadline_ms; reply is NULL, here and below */
	SESS_REDIS_LOST,        /* the connection broke first, or redis was freed */
};

/* A reply, decoded from hiredis; valid during the callback. */
struct sess_redis_reply {
	enum { SESS_REPLY_NIL, SESS_REPLY_INTEGER, SESS_REPLY_STRING, SESS_REPLY_ERROR, SESS_REPLY_STATUS, SESS_REPLY_ARRAY } kind;
	int64_t integer;
	const char *text;               /* STRING, ERROR, STATUS */
	size_t octets;
	size_t n;                       /* ARRAY */
	const void *elements;           /* use sess_redis_element */
};

typedef void sess_redis_cb(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply);
typedef void sess_redis_state_cb(void *ctx, struct sess_redis *redis, bool up);

struct sess_redis_counters { uint64_t commands, errors, timeouts, lost, connects; };

/* A child of ctx in talloc; talloc_free closes it and answers what is pending with SESS_REDIS_LOST. It may be freed in any
 * of its callbacks. The program must ignore SIGPIPE and call osmo_fsm_set_dealloc_ctx(OTC_SELECT). The config is copied.
 * on_state (may be NULL) is called when commands begin and cease to be accepted; then what was pending is answered. */
struct sess_redis *sess_redis_alloc(void *ctx, const struct sess_redis_config *config, sess_redis_state_cb *on_state, void *on_state_ctx);
void sess_redis_start(struct sess_redis *redis);
bool sess_redis_up(const struct sess_redis *redis);
/* A script that every server we meet is given before it counts as up. Returns its SHA1 (40 digits) for EVALSHA, as the
 * server told it, "" until then; it lives as long as redis. SCRIPT FLUSH can still make it unknown: be ready for NOSCRIPT. */
const char *sess_redis_script(struct sess_redis *redis, const char *lua);
/* argv with lengths, as Redis takes it. 0, -ENOTCONN, -EAGAIN (pending_max). cb may be NULL. Neither SUBSCRIBE nor
 * MONITOR nor anything that blocks or closes: one command, one reply, in order. After -ENOTCONN or -EAGAIN nothing is called. */
int sess_redis_command(struct sess_redis *redis, sess_redis_cb *cb, void *cb_ctx, uint64_t token, int argc, const char *const *argv, const size_t *octets);
/* The same for a command that is RESP already (the hot path; sessions/resp.h writes it). It is copied. The octet behind it
 * must be readable. */
int sess_redis_raw(struct sess_redis *redis, sess_redis_cb *cb, void *cb_ctx, uint64_t token, const char *resp, size_t octets);
void sess_redis_element(const struct sess_redis_reply *array, size_t index, struct sess_redis_reply *element);
/* Writes what gathered, all at once. From inside a reply's callback it does nothing: call it at the end of the turn. */
void sess_redis_flush(struct sess_redis *redis);
void sess_redis_tick(struct sess_redis *redis);   /* deadlines; about ten times a second or more */
unsigned int sess_redis_pending(const struct sess_redis *redis);
const struct sess_redis_counters *sess_redis_counters(const struct sess_redis *redis);
