/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Rows of a job -> notices: each row is laid over what all have in common, and read by the same code as the notices of
 * POST /v1/notices - when it comes in, to say what is wrong with it, and again when it is fed. Both times "now" is when the job was made,
 * so that a row is good or bad for ever: one whose time is over by then becomes a notice that expires, and is counted as that. Pure. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "gateway/bulk_job.h"
#include "gateway/bulk_row.h"

struct gw_bulk_maker;

/* A child of ctx; job must live as long. NULL: what all have in common is not good (bad->pointer names the member). */
struct gw_bulk_maker *gw_bulk_maker_alloc(void *ctx, const struct gw_bulk_job *job, struct gw_bulk_bad *bad);
/* What most of its notices have. */
enum gw_notice_priority gw_bulk_maker_priority(const struct gw_bulk_maker *maker);
/* A child of ctx; NULL: the row is bad. With its job, agency and id, which is that of job and line. row is not changed. */
struct gw_notice *gw_bulk_maker_make(const struct gw_bulk_maker *maker, void *ctx, const json_t *row, uint64_t line, struct gw_bulk_bad *bad);
