/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is forgotten of a number, and what is hidden from who has it now. Pure: identity_step.h.
 *
 * Letters, requests and payments are kept by number. A number that gets another SIM may be in another hand: of a thief, of whom it was sold to.
 * So what came before the change is shown only to the person who was known, proved anew, and not before the number has rested; to nobody
 * where its owner changed. Where nobody was known and the SIM changed (the network told it: its owner is the same), whoever is registered
 * with the number is that owner. */
#include <string.h>

#include "gateway/identity_step.h"

void gw_identity_drop(struct gw_identity *record)
{
	const struct gw_identity kept = *record;

	memset(record, 0, sizeof(*record));
	record->ids = kept.ids;
	record->legal_ids = kept.legal_ids;
	record->codes = kept.codes;
	record->pin_tries = kept.pin_tries;
	record->locks = kept.locks;
	record->locked_ms = kept.locked_ms;
	record->changed_ms = kept.changed_ms;
	record->hidden_ms = kept.hidden_ms;
	memcpy(record->was, kept.was, sizeof(record->was));
}

static bool was_theirs(const struct gw_identity *record)
{
	return strcmp(record->was, GW_IDENTITY_ANYBODY) == 0 || strcmp(record->was, record->id) == 0;
}

static void hide(struct gw_identity *record, enum gw_identity_change what, int64_t now_ms)
{
	if (what == GW_CHANGED_OWNER) {
		record->hidden_ms = now_ms;
		record->changed_ms = 0;
		record->was[0] = '\0';
		return;
	}
	if (record->id[0]) {
		if (record->changed_ms && !was_theirs(record)) /* what they may see began with the change that brought them */
			record->hidden_ms = record->changed_ms;
		memcpy(record->was, record->id, sizeof(record->was));
	} else if (!record->changed_ms) {
		memcpy(record->was, GW_IDENTITY_ANYBODY, sizeof(GW_IDENTITY_ANYBODY));
	}
	record->changed_ms = now_ms;
}

void gw_identity_change(const struct gw_identity_limits *limits, struct gw_identity *record, enum gw_identity_change what, int64_t now_ms)
{
	bool rests = limits->rest_ms && record->id[0];

	if (what != GW_CHANGED_PERSON)
		hide(record, what, now_ms);
	gw_identity_drop(record);
	if (rests && record->locked_ms < now_ms + limits->rest_ms)
		record->locked_ms = now_ms + limits->rest_ms;
}

int64_t gw_identity_from_ms(const struct gw_identity_limits *limits, const struct gw_identity *record, int64_t now_ms)
{
	if (record->id[0] && was_theirs(record) && now_ms >= record->changed_ms + limits->rest_ms)
		return record->hidden_ms;
	return record->changed_ms > record->hidden_ms ? record->changed_ms : record->hidden_ms;
}
