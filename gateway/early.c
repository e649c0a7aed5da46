/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See early.h. The record is a list, in the order of arrival:
 * [{"r": route, "v": "d" or "f", "s": state, "at": ms, "ref": reference, "ids": [...]}]. */
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/early.h"

/* ---- the record ---- */

static bool decode_one(const json_t *object, struct gw_early_receipt *receipt)
{
	const json_t *ids = json_object_get(object, "ids"), *reference = json_object_get(object, "ref");
	const char *verdict = json_string_value(json_object_get(object, "v")), *state = json_string_value(json_object_get(object, "s"));

	*receipt = (struct gw_early_receipt){ .route = (uint16_t)json_integer_value(json_object_get(object, "r")),
		.at_ms = json_integer_value(json_object_get(object, "at")), .has_reference = json_is_integer(reference),
		.reference = (uint16_t)json_integer_value(reference) };
	if (!verdict || json_array_size(ids) > GW_RECEIPT_KEYS_MAX)
		return false;
	receipt->delivered = strcmp(verdict, "d") == 0;
	osmo_strlcpy(receipt->state, state ? state : "", sizeof(receipt->state));
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		if (!id || strlen(id) >= GW_SMS_ID_OCTETS)
			return false;
		osmo_strlcpy(receipt->ids[receipt->n_ids++], id, GW_SMS_ID_OCTETS);
	}
	return true;
}

void gw_early_decode(struct gw_early *early, const void *value, size_t octets)
{
	json_t *list = octets ? json_loadb(value, octets, 0, NULL) : NULL;

	early->n = 0;
	early->dropped = 0;
	for (size_t i = 0; i < json_array_size(list) && early->n < GW_EARLY_MAX; i++)
		early->n += decode_one(json_array_get(list, i), &early->at[early->n]);
	json_decref(list);
}

char *gw_early_encode(const struct gw_early *early, size_t *octets)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < early->n; i++) {
		const struct gw_early_receipt *receipt = &early->at[i];
		json_t *ids = json_array();
		json_t *object = json_pack("{s:i, s:s, s:s, s:I}", "r", (int)receipt->route, "v", receipt->delivered ? "d" : "f",
					   "s", receipt->state, "at", (json_int_t)receipt->at_ms);

		for (size_t j = 0; j < receipt->n_ids; j++)
			json_array_append_new(ids, json_string(receipt->ids[j]));
		json_object_set_new(object, "ids", ids);
		if (receipt->has_reference)
			json_object_set_new(object, "ref", json_integer(receipt->reference));
		json_array_append_new(list, object);
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	*octets = strlen(text);
	return text;
}

/* ---- the list ---- */

void gw_early_from(struct gw_early_receipt *receipt, const struct gw_receipt *from, int64_t now_ms)
{
	*receipt = (struct gw_early_receipt){ .route = from->route->id, .delivered = from->verdict == GW_RECEIPT_DELIVERED, .at_ms = now_ms,
		.has_reference = from->has_reference, .reference = from->reference };
	/* the network's words are octets of a peer: what would not be JSON is left out */
	for (size_t i = 0; from->state[i] && i + 1 < sizeof(receipt->state); i++)
		receipt->state[i] = (char)(from->state[i] < ' ' || from->state[i] > '~' ? '?' : from->state[i]);
	for (size_t i = 0; i < from->n_ids && i < GW_RECEIPT_KEYS_MAX; i++)
		if (from->ids[i][0])
			osmo_strlcpy(receipt->ids[receipt->n_ids++], from->ids[i], GW_SMS_ID_OCTETS);
}

void gw_early_drop(struct gw_early *early, size_t index)
{
	memmove(&early->at[index], &early->at[index + 1], (early->n - index - 1) * sizeof(early->at[0]));
	early->n--;
}

void gw_early_add(struct gw_early *early, const struct gw_early_receipt *receipt)
{
	for (size_t i = 0; i < early->n && receipt->n_ids; i++)
		if (gw_early_has_id(&early->at[i], receipt->route, receipt->ids[0]))
			return;
	if (early->n == GW_EARLY_MAX) {
		gw_early_drop(early, 0);
		early->dropped++;
	}
	early->at[early->n++] = *receipt;
}

void gw_early_age(struct gw_early *early, int64_t before_ms)
{
	while (early->n && early->at[0].at_ms < before_ms) {
		gw_early_drop(early, 0);
		early->dropped++;
	}
}

/* ---- whose is it? ---- */

bool gw_early_has_id(const struct gw_early_receipt *receipt, uint16_t route, const char *id)
{
	if (receipt->route != route || !id[0])
		return false;
	for (size_t i = 0; i < receipt->n_ids; i++)
		if (strcmp(receipt->ids[i], id) == 0)
			return true;
	return false;
}

bool gw_part_hear(struct gw_notice_part *part, bool delivered, const char *state, int64_t at_ms)
{
	enum gw_part_state heard = delivered ? GW_PART_DELIVERED : GW_PART_FAILED;

	if (part->state == GW_PART_DELIVERED || part->state == heard)
		return false; /* nothing undoes that it arrived */
	part->state = heard;
	part->at_ms = at_ms;
	osmo_strlcpy(part->error, state, sizeof(part->error));
	return true;
}

int gw_part_of_unknown(const struct gw_notice *notice, const struct gw_early_receipt *receipt, bool alone)
{
	if (notice->route != receipt->route || (receipt->has_reference ? receipt->reference != notice->sms_reference : !alone))
		return -1;
	for (unsigned int i = 0; i < notice->n_parts; i++)
		if (notice->parts[i].state == GW_PART_UNKNOWN && notice->parts[i].at_ms <= receipt->at_ms)
			return (int)i;
	return -1;
}

static unsigned int match_ids(struct gw_early *early, struct gw_notice *notice, uint16_t route)
{
	unsigned int taken = 0;

	for (size_t i = early->n; i-- > 0;)
		for (unsigned int p = 0; p < notice->n_parts; p++) {
			if (!gw_early_has_id(&early->at[i], route, notice->parts[p].id))
				continue;
			gw_part_hear(&notice->parts[p], early->at[i].delivered, early->at[i].state, early->at[i].at_ms);
			gw_early_drop(early, i);
			taken++;
			break;
		}
	return taken;
}

/* Those that say no reference, and came since: if there is more than one, nobody knows which is whose. */
static unsigned int nameless(const struct gw_early *early, const struct gw_notice *notice)
{
	unsigned int n = 0;

	for (size_t i = 0; i < early->n; i++)
		n += !early->at[i].has_reference && gw_part_of_unknown(notice, &early->at[i], true) >= 0;
	return n;
}

static unsigned int match_unknown(struct gw_early *early, struct gw_notice *notice, int64_t settled_ms)
{
	unsigned int taken = 0;
	bool alone = nameless(early, notice) == 1;

	for (size_t i = 0; i < early->n;) {
		const struct gw_early_receipt *receipt = &early->at[i];
		int part = gw_part_of_unknown(notice, receipt, alone && receipt->at_ms <= settled_ms);

		if (part < 0) {
			i++;
			continue;
		}
		osmo_strlcpy(notice->parts[part].id, receipt->n_ids ? receipt->ids[0] : "", GW_SMS_ID_OCTETS);
		gw_part_hear(&notice->parts[part], receipt->delivered, receipt->state, receipt->at_ms);
		gw_early_drop(early, i);
		taken++;
	}
	return taken;
}

unsigned int gw_early_match(struct gw_early *early, struct gw_notice *notice, uint16_t route, int64_t settled_ms)
{
	return match_ids(early, notice, route) + match_unknown(early, notice, settled_ms);
}
