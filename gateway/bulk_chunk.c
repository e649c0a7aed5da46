/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A chunk that is being fed: its rows become notices, at most OUT_MAX of them under way, as far as the lanes have room. A row that
 * could not be written (Redis is away, a lane is full) is tried again until it is; one that was written before - by a gateway
 * that died behind it - is there, and counts. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bulk_priv.h"
#include "gateway/notices.h"
#include "sessions/clock.h"

#define OUT_MAX 128

enum row_state { ROW_TODO, ROW_OUT, ROW_DONE };

static int free_chunk(struct bulk_chunk *chunk)
{
	json_decref(chunk->errors);
	return 0;
}

static void split_rows(struct bulk_chunk *chunk, const char *end)
{
	size_t n = 0;

	for (const char *at = chunk->text; at < end; at++)
		n += *at == '\n';
	chunk->rows = talloc_zero_array(chunk, struct bulk_chunk_row, n);
	for (const char *at = chunk->text; chunk->n < n; chunk->n++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		chunk->rows[chunk->n].text = at;
		chunk->rows[chunk->n].octets = (size_t)(newline - at);
		at = newline + 1;
	}
}

struct bulk_chunk *bulk_chunk_alloc(void *ctx, struct gw_bulk *bulk, const struct sess_ledger_record *record)
{
	struct bulk_chunk *chunk = talloc_zero(ctx, struct bulk_chunk);

	talloc_set_destructor(chunk, free_chunk);
	chunk->serial = (uint32_t)++bulk->serial;
	chunk->stamp = record->stamp;
	chunk->errors = json_array();
	chunk->text = talloc_strndup(chunk, record->value, record->octets);
	split_rows(chunk, chunk->text + record->octets);
	return chunk;
}

bool bulk_chunk_done(const struct bulk_chunk *chunk)
{
	return chunk->done == chunk->n;
}

/* ---- a row ---- */

static void refuse(struct bulk_chunk *chunk, struct bulk_chunk_row *row, json_int_t line, const struct gw_bulk_bad *bad)
{
	row->state = ROW_DONE;
	chunk->done++;
	chunk->failed++;
	json_array_append_new(chunk->errors, json_pack("[I, s, s]", line, bad->pointer, bad->detail));
}

/* False: not now. */
static bool accept(struct bulk_chunk *chunk, const struct bulk_feeding *feeding, struct bulk_chunk_row *row, json_int_t line, json_t *object)
{
	struct gw_bulk_bad bad = { .pointer = "" };
	struct gw_notice *notice = gw_bulk_maker_make(feeding->maker, chunk, object, (uint64_t)line, &bad);
	int rc = -EINVAL;

	if (notice) {
		rc = gw_notices_accept(feeding->bulk->gw->notices, notice, feeding->cb, feeding->bulk,
				       (uint64_t)chunk->serial << 32 | (uint64_t)(row - chunk->rows));
		snprintf(bad.pointer, sizeof(bad.pointer), "/to");
		snprintf(bad.detail, sizeof(bad.detail), "no operator serves this number");
	}
	if (rc == 0) {
		row->state = ROW_OUT;
		chunk->out++;
		bulk_room_take(feeding->bulk, notice->priority);
	} else if (rc == -EINVAL) {
		refuse(chunk, row, line, &bad);
	}
	talloc_free(notice);
	return rc == 0 || rc == -EINVAL;
}

static bool feed_row(struct bulk_chunk *chunk, const struct bulk_feeding *feeding, struct bulk_chunk_row *row)
{
	static const struct gw_bulk_bad rubbish = { .pointer = "", .detail = "it cannot be read any more" };
	json_t *pair = json_loadb(row->text, row->octets, 0, NULL), *object;
	json_int_t line = 0;
	bool taken = true;

	if (pair && json_unpack(pair, "[I, o]", &line, &object) == 0 && json_is_object(object))
		taken = accept(chunk, feeding, row, line, object);
	else
		refuse(chunk, row, line, &rubbish);
	json_decref(pair);
	return taken;
}

void bulk_chunk_feed(struct bulk_chunk *chunk, const struct bulk_feeding *feeding)
{
	uint64_t room = bulk_room(feeding->bulk, feeding->priority);

	if (sess_clock_ms() < chunk->again_ms)
		return;
	for (; chunk->next < chunk->n && chunk->out < OUT_MAX && room > 0; chunk->next++, room--) {
		struct bulk_chunk_row *row = &chunk->rows[chunk->next];

		if (row->state == ROW_TODO && !feed_row(chunk, feeding, row)) {
			chunk->again_ms = sess_clock_ms() + BULK_AGAIN_MS;
			return;
		}
	}
}

void bulk_chunk_answer(struct bulk_chunk *chunk, uint32_t number, enum sess_ledger_result result)
{
	struct bulk_chunk_row *row = number < chunk->n ? &chunk->rows[number] : NULL;

	if (!row || row->state != ROW_OUT)
		return;
	chunk->out--;
	if (result == SESS_LEDGER_OK || result == SESS_LEDGER_THERE) {
		row->state = ROW_DONE;
		chunk->done++;
		chunk->accepted++;
		return;
	}
	row->state = ROW_TODO;
	chunk->next = OSMO_MIN(chunk->next, number);
	chunk->again_ms = sess_clock_ms() + BULK_AGAIN_MS;
}
