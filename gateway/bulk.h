/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bulk sending: a file of a million rows becomes a million notices, slowly enough that nobody else waits for them.
 *
 *   uploading ──all is in the ledger──> running <──pause, resume──> paused
 *       │ (broke off)                      │  └────────cancel─────────┴──> cancelled
 *       v                                  v
 *     gone                              finished: every row is a notice that was sent or never will be, or was refused
 *
 * The rows come by HTTP (api_bulk.c, bulk_upload.c), piece by piece, are checked (bulk_row.c), and are put into the ledger in chunks
 * of at most 32 KB, a commit each; the upload is held back while too many are under way. When all are there, and not before, the
 * job runs. One gateway at a time (bulk_feed.c) takes its chunks in order and makes notices of the rows, whose ids are
 * those of job and line: a chunk that is taken twice makes them once. The job's record (bulk_job.c) says how far it is.
 *
 * What becomes of the notices is tallied beside them (gw_bulk_count), by partition, and summed when somebody asks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/notice.h"
#include "sessions/ledger.h"

struct gw;
struct gw_bulk;

#define GW_BULK_ID_OCTETS 24 /* "b" + partition + 20 characters, with its NUL */

enum gw_bulk_state { GW_BULK_UNKNOWN, GW_BULK_UPLOADING, GW_BULK_RUNNING, GW_BULK_PAUSED, GW_BULK_CANCELLED, GW_BULK_FINISHED };
const char *gw_bulk_state_name(enum gw_bulk_state state);

/* counts since alloc */
struct gw_bulk_counters {
	uint64_t uploads, uploads_broken, rows, rows_refused; /* as they come in */
	uint64_t fed, feed_failures;   /* rows that became notices, and that could not */
	uint64_t takeovers;            /* jobs that another gateway had left */
	uint64_t finished;
};

/* A child of gw; needs its ledger, events, lanes and notices, and is freed behind the ledger and its redis, which answer what is pending. */
struct gw_bulk *gw_bulk_alloc(struct gw *gw);
void gw_bulk_tick(struct gw_bulk *bulk);      /* every GW_LOOP_TICK_MS */
/* No new chunk is begun, and the jobs are left for others to take at once. True when nothing is under way any more. */
bool gw_bulk_close(struct gw_bulk *bulk);

/* For the outbox: may a notice of this job go? A remembered answer, at most a second or so old; UNKNOWN: it is being asked for,
 * ask again in a moment. A job that is not there any more is FINISHED: what it accepted goes. */
enum gw_bulk_state gw_bulk_state(struct gw_bulk *bulk, const char *id);

/* For whoever sets the state of a notice (before: the one it was in; ACCEPTED for a new one): counts it for its job in the same commit, by
 * at most three operations; by none if it has no job. */
void gw_bulk_count(struct sess_ledger_commit *commit, const struct gw_notice *notice, enum gw_notice_state before);

const struct gw_bulk_counters *gw_bulk_counters(const struct gw_bulk *bulk);
/* The jobs that are not over, for the VTY; ours: fed by this gateway. False past the last. */
struct gw_bulk_info { const char *id, *agency; enum gw_bulk_state state; uint64_t rows, accepted, failed; unsigned int in_flight; bool ours; };
bool gw_bulk_at(const struct gw_bulk *bulk, size_t index, struct gw_bulk_info *info);
