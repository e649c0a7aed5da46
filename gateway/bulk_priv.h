/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The insides of bulk sending, for bulk*.c and api_bulk.c only. */
#pragma once

#include <osmocom/core/linuxlist.h>

#include "gateway/api.h"
#include "gateway/bulk_job.h"
#include "gateway/bulk_notice.h"
#include "gateway/bulk_rows.h"
#include "gateway/gateway.h"
#include "gateway/lane.h"

#define BULK_RENEW_MS 1000           /* whoever is at a job writes its record so often, */
#define BULK_LEASE_MS 6000           /* and is taken for dead if it was not written for so long: by our own clock, from what we saw */
#define BULK_AGAIN_MS 300            /* after DOWN and BUSY */

struct bulk_state_entry {            /* what gw_bulk_state remembers */
	struct llist_head entry;
	char id[GW_BULK_ID_OCTETS];
	enum gw_bulk_state state;
	int64_t asked_ms, known_ms;      /* 0: never */
	bool asking;
};

struct gw_bulk {
	struct gw *gw;
	char token[17];                  /* this process, in records */
	struct gw_bulk_counters counters;
	uint64_t serial;
	bool closing;
	struct llist_head uploads;       /* bulk_upload.c */
	struct llist_head feeds;         /* bulk_feed.c */
	unsigned int scan, scans;        /* the partition whose open jobs are listed next; lists asked for, */
	int64_t scan_ms;                 /* and when the last was */
	struct llist_head states;        /* bulk.c; the last asked for first */
	unsigned int n_states;
	int64_t room_ms, room_wanted_ms; /* bulk_room.c: when the lanes were last asked, and when somebody last wanted to know; */
	unsigned int room_asked;         /* answers that are still to come, */
	struct bulk_room { bool known; uint64_t waiting, delayed, waiting_new, delayed_new, taken; } room[GW_LANES]; /* of the longest lane */
};

/* The record over the one that was loaded. */
void bulk_put_job(struct sess_ledger_commit *commit, const struct gw_bulk_job *job, sess_ledger_stamp over);
/* What was just written by us need not be asked for. */
void bulk_learn_state(struct gw_bulk *bulk, const char *id, enum gw_bulk_state state);
/* The audit line of a job. */
void bulk_note(struct sess_ledger_commit *commit, const struct gw_bulk_job *job, const char *what);
/* Stores batches of bad rows ([line, pointer, detail] each), as many as are still kept, and counts them in the job: before its record. */
void bulk_put_errors(struct sess_ledger_commit *commit, struct gw_bulk_job *job, const json_t *errors);

/* ---- bulk_tally.c */
#define BULK_SUM_ALL ((1U << GW_BULK_TALLIES) - (1U << GW_BULK_FIRST))
/* wanted: 1 << tally, added up; others are 0. tallies: NULL: the ledger does not answer. 0, -ENOTCONN. */
typedef void bulk_sum_cb(void *ctx, uint64_t token, const int64_t tallies[GW_BULK_TALLIES]);
int bulk_sum(struct gw_bulk *bulk, const char *id, unsigned int wanted, bulk_sum_cb *cb, void *ctx, uint64_t token);

/* ---- bulk_upload.c */
bool bulk_is_uploading(const struct gw_bulk *bulk, const char *id); /* in this process */
/* job and maker are taken over; the call is answered in any case. */
void bulk_upload_begin(struct gw_bulk *bulk, struct gw_api_call *call, struct gw_bulk_job *job, struct gw_bulk_maker *maker,
		       enum gw_bulk_format format, bool paused);
void bulk_upload_piece(struct gw_api_call *call, const char *data, size_t octets);
void bulk_upload_end(struct gw_api_call *call);
void bulk_upload_gone(struct gw_api_call *call);
void bulk_uploads_tick(struct gw_bulk *bulk, int64_t now_ms);

/* ---- bulk_chunk.c */
struct bulk_chunk_row { const char *text; size_t octets; int state; };
struct bulk_chunk {
	uint32_t serial;                 /* in tokens, above the row's number */
	sess_ledger_stamp stamp;
	char *text;
	struct bulk_chunk_row *rows;
	size_t n, next, out, done;       /* rows; the first that may have to be fed; under way; settled */
	uint64_t accepted, failed;
	json_t *errors;
	int64_t again_ms;
};
/* What feeding needs to know. */
struct bulk_feeding {
	struct gw_bulk *bulk;
	const struct gw_bulk_maker *maker;
	enum gw_notice_priority priority;
	void (*cb)(void *ctx, uint64_t token, enum sess_ledger_result result); /* ctx: the bulk */
};
struct bulk_chunk *bulk_chunk_alloc(void *ctx, struct gw_bulk *bulk, const struct sess_ledger_record *record);
void bulk_chunk_feed(struct bulk_chunk *chunk, const struct bulk_feeding *feeding);
void bulk_chunk_answer(struct bulk_chunk *chunk, uint32_t number, enum sess_ledger_result result);
bool bulk_chunk_done(const struct bulk_chunk *chunk);

/* ---- bulk_feed.c */
/* There is something to do for this job, or its record was changed by us: look at once. */
void bulk_feed_hint(struct gw_bulk *bulk, const char *id);
void bulk_feeds_tick(struct gw_bulk *bulk, int64_t now_ms);
bool bulk_feeds_idle(const struct gw_bulk *bulk);

/* ---- bulk_room.c: how much the lanes of a priority take now, and that it was taken. */
uint64_t bulk_room(struct gw_bulk *bulk, enum gw_notice_priority priority);
void bulk_room_take(struct gw_bulk *bulk, enum gw_notice_priority priority);
void bulk_room_tick(struct gw_bulk *bulk, int64_t now_ms);
