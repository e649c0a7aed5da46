/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A job of bulk sending: its record, as the ledger keeps it and as the API shows it, and the names of what belongs to it. Pure.
 *
 *   bulk:{p}:<id>             the record
 *   rows:{p}:<id>.<nonce>.<n> chunk n (from 0) of an upload: lines [line of the file, {a notice}]; a later upload has another nonce
 *   bulk-errors:{p}:<id>.<n>  batch n (from 0) of bad rows: [[line, pointer, detail], ...]
 *   bulk-open:{p}             index of jobs that are uploading, running or paused, by the time of their upload
 *   bulks:{p}:<agency>        index of an agency's jobs, by the same
 *   bulk-tally:{p}:<id>.<what> how many notices of the partition were sent, were delivered ...
 * p is the partition of the agency's name; of a tally that of the notice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "gateway/bulk.h"
#include "gateway/notice.h"

#define GW_BULK_ERRORS_KEPT 1000u    /* of a job */
#define GW_BULK_ERRORS_BATCH 125u    /* of them in a record */
#define GW_BULK_LIFE_MS (30 * 86400000ll)  /* a job that is not over by then is cancelled */
#define GW_BULK_ROWS_MS (35 * 86400000ll)  /* so long chunks are kept if nobody deletes them: longer than a job lives */
#define GW_BULK_KEEP_MS (120 * 86400000ll) /* the record, its errors and tallies */
#define GW_BULK_NONCE_OCTETS 14

struct gw_bulk_job {
	char id[GW_BULK_ID_OCTETS];
	char agency[33], sender[GW_NOTICE_SENDER_OCTETS]; /* sender: the account's, when the job was made; "" */
	char nonce[GW_BULK_NONCE_OCTETS];
	enum gw_bulk_state state;
	int64_t created_ms, state_ms;    /* wall clock: of the upload's beginning; of the state */
	int64_t not_before_ms;           /* nothing is fed before; 0: at once */
	json_t *notice;                  /* what all its notices have in common, as in POST /v1/notices; an object */
	json_t *template_text;           /* of the template that it names, as it was then; NULL: it names none */
	uint64_t rows;                   /* of the file, without its head line */
	uint64_t octets;                 /* of the file */
	uint64_t accepted, failed;       /* rows that are notices; that never will be */
	uint64_t errors, batches;        /* kept of these */
	uint64_t chunks, place;          /* stored; of these, made to notices */
	char feeder[17];                 /* which gateway is at it; "" */
};

/* Empty, with an object; a child of ctx. */
struct gw_bulk_job *gw_bulk_job_alloc(void *ctx);
/* id: of the agency's partition; with a key the same each time, else random. */
void gw_bulk_make_id(char id[GW_BULK_ID_OCTETS], const char *agency, const char *key);
void gw_bulk_make_nonce(char nonce[GW_BULK_NONCE_OCTETS]);
/* The partition that an id names, or -1: not an id. */
int gw_bulk_partition(const char *id);
/* malloc'ed text; and back: NULL if it is no job. */
char *gw_bulk_job_encode(const struct gw_bulk_job *job, size_t *octets);
struct gw_bulk_job *gw_bulk_job_decode(void *ctx, const void *value, size_t octets);
/* What is counted of a job's notices: the states that they come to (GW_NOTICE_..., from the first of these on), and that they have left,
 * which is: are no longer to be sent. */
#define GW_BULK_FIRST GW_NOTICE_SENT
#define GW_BULK_LEFT (GW_NOTICE_REFUSED + 1)
#define GW_BULK_TALLIES (GW_BULK_LEFT + 1)
/* What the API shows; a new reference. tallies: NULL: not shown. */
json_t *gw_bulk_job_show(const struct gw_bulk_job *job, const int64_t tallies[GW_BULK_TALLIES]);
bool gw_bulk_over(enum gw_bulk_state state);      /* nothing more will be fed */

/* Keys; id is one (gw_bulk_partition). */
void gw_bulk_job_key(char key[SESS_LEDGER_KEY_OCTETS], const char *id);
void gw_bulk_rows_key(char key[SESS_LEDGER_KEY_OCTETS], const struct gw_bulk_job *job, uint64_t chunk);
void gw_bulk_errors_key(char key[SESS_LEDGER_KEY_OCTETS], const char *id, uint64_t batch);
void gw_bulk_tally_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition, const char *id, unsigned int tally);
void gw_bulk_open_key(char key[SESS_LEDGER_KEY_OCTETS], unsigned int partition);
void gw_bulk_list_key(char key[SESS_LEDGER_KEY_OCTETS], const char *agency);
