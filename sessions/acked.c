/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See acked.h. What is lost here (a connection breaks, a key expires) makes a new step look like a repeated one: the citizen
 * sees the same page again and nothing is done twice. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>

#include "sessions/acked.h"
#include "sessions/resp.h"
#include "sessions/session.h"
#include "sessions/store.h"

#define NOTE_MS 1000            /* how often this gateway says that it lives */
#define ALIVE_MS 3500           /* who said so within this time does */
#define KEEP_MS 120000          /* longer than any network waits before it repeats a step */
#define KEY_OCTETS (SESS_ID_MAX + 16)

#define SETS 16384
#define WAYS 4

struct note {
	uint32_t hash, version;
	int64_t when_us;
};

struct sess_acked {
	struct sess_redis *redis;
	struct note notes[SETS][WAYS];
	int64_t next_note_ms;
	unsigned int alive;      /* this one included */
	char name[20];
};

static const char living[] = "gateways:{p00}";

/* Redis answers what is pending when it is freed; until then we must be there to hear it. Hence: freed after redis. */
struct sess_acked *sess_acked_alloc(void *ctx, struct sess_redis *redis)
{
	struct sess_acked *acked = talloc_zero(ctx, struct sess_acked);
	uint64_t random = 0;
	FILE *urandom = fopen("/dev/urandom", "rbe");

	if (urandom) {
		if (fread(&random, sizeof(random), 1, urandom) != 1)
			random = 0;
		fclose(urandom);
	}
	acked->redis = redis;
	snprintf(acked->name, sizeof(acked->name), "%016" PRIx64, random ^ (uintptr_t)acked);
	return acked;
}

static void on_counted(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct sess_acked *acked = ctx;

	(void)token;
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_INTEGER)
		acked->alive = (unsigned int)reply->integer;
}

/* By the server's clock, because those of the gateways may differ by more than the time that counts. */
static const char note_lua[] =
	"local t=redis.call('TIME') local now=t[1]*1000+math.floor(t[2]/1000) "
	"redis.call('ZADD',KEYS[1],now,ARGV[1]) redis.call('ZREMRANGEBYSCORE',KEYS[1],'-inf',now-ARGV[2]) "
	"return redis.call('ZCARD',KEYS[1])";

void sess_acked_tick(struct sess_acked *acked, int64_t now_ms)
{
	char buf[sizeof(note_lua) + 128];
	struct sess_resp resp;

	if (now_ms < acked->next_note_ms || !sess_redis_up(acked->redis))
		return;
	acked->next_note_ms = now_ms + NOTE_MS;
	sess_resp_begin(&resp, buf, sizeof(buf), 6);
	sess_resp_text(&resp, "EVAL");
	sess_resp_text(&resp, note_lua);
	sess_resp_integer(&resp, 1);
	sess_resp_text(&resp, living);
	sess_resp_text(&resp, acked->name);
	sess_resp_integer(&resp, ALIVE_MS);
	if (sess_resp_octets(&resp))
		sess_redis_raw(acked->redis, on_counted, acked, 0, buf, sess_resp_octets(&resp));
}

unsigned int sess_acked_others(const struct sess_acked *acked)
{
	return acked->alive > 1 ? acked->alive - 1 : 0;
}

/* FNV-1a. Two numbers with one hash in one set would share a note: then a repeated step could pass for a new one only if
 * their sessions had the same version at the same time, too. */
static uint64_t hash_of(const char *id)
{
	uint64_t hash = 14695981039346656037u;

	for (; *id; id++)
		hash = (hash ^ (uint8_t)*id) * 1099511628211u;
	return hash;
}

static struct note *note_of(struct sess_acked *acked, const char *id)
{
	uint64_t hash = hash_of(id);
	struct note *set = acked->notes[hash % SETS], *oldest = &set[0];

	for (int i = 0; i < WAYS; i++) {
		if (set[i].hash == (uint32_t)(hash >> 32))
			return &set[i];
		if (set[i].when_us < oldest->when_us)
			oldest = &set[i];
	}
	oldest->hash = (uint32_t)(hash >> 32);
	oldest->version = 0;
	return oldest;
}

static size_t make_key(char key[KEY_OCTETS], const char *id)
{
	return (size_t)snprintf(key, KEY_OCTETS, "acked:{p%02u}:%.*s", sess_store_partition(id), SESS_ID_MAX, id);
}

static void share(struct sess_acked *acked, const char *id, const struct note *note)
{
	char key[KEY_OCTETS], value[48], buf[208];
	struct sess_resp resp;

	sess_resp_begin(&resp, buf, sizeof(buf), 5);
	sess_resp_text(&resp, "SET");
	sess_resp_arg(&resp, key, make_key(key, id));
	sess_resp_arg(&resp, value, (size_t)snprintf(value, sizeof(value), "%" PRIu32 " %" PRId64, note->version, note->when_us));
	sess_resp_text(&resp, "PX");
	sess_resp_integer(&resp, KEEP_MS);
	if (sess_resp_octets(&resp))
		sess_redis_raw(acked->redis, NULL, NULL, 0, buf, sess_resp_octets(&resp));
}

void sess_acked_note(struct sess_acked *acked, const char *id, uint32_t version, int64_t now_wall_us)
{
	struct note *note = note_of(acked, id);

	note->version = version;
	note->when_us = now_wall_us;
	if (acked->alive > 1)
		share(acked, id, note);
}

int64_t sess_acked_when(const struct sess_acked *acked, const char *id, uint32_t version)
{
	uint64_t hash = hash_of(id);
	const struct note *set = acked->notes[hash % SETS];

	for (int i = 0; i < WAYS; i++)
		if (set[i].hash == (uint32_t)(hash >> 32) && set[i].version == version)
			return set[i].when_us;
	return 0;
}

struct question {
	sess_acked_cb *cb;
	void *ctx;
};

static void on_told(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct question *question = ctx, asked = *question;
	uint32_t version = 0;
	int64_t when_us = 0;

	talloc_free(question);
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_STRING &&
	    sscanf(reply->text, "%" SCNu32 " %" SCNd64, &version, &when_us) != 2)
		version = 0;
	asked.cb(asked.ctx, token, version, version ? when_us : 0);
}

int sess_acked_ask(struct sess_acked *acked, const char *id, sess_acked_cb *cb, void *ctx, uint64_t token)
{
	char key[KEY_OCTETS], buf[96];
	struct sess_resp resp;
	struct question *question;
	int rc;

	sess_resp_begin(&resp, buf, sizeof(buf), 2);
	sess_resp_text(&resp, "GET");
	sess_resp_arg(&resp, key, make_key(key, id));
	if (!sess_resp_octets(&resp))
		return -EINVAL;
	question = talloc(acked, struct question);
	*question = (struct question){ cb, ctx };
	rc = sess_redis_raw(acked->redis, on_told, question, token, buf, sess_resp_octets(&resp));
	if (rc < 0)
		talloc_free(question);
	return rc;
}
