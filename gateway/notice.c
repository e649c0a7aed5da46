/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See notice.h. The record is compact JSON: a table says which key is which field; what is empty is left out. A record that is not
 * what the table says - too long a text, a name that is none, a number below zero - is no notice at all: nothing is guessed about what
 * goes to a citizen. */
#include <assert.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/notice.h"
#include "gateway/rfc3339.h"
#include "sessions/queue.h"
#include "sessions/store.h"

const char *const gw_notice_classes[] = { "info", "service", "legal", NULL };
const char *const gw_notice_priorities[] = { "normal", "high", "urgent", "bulk", NULL };
const char *const gw_notice_states[] = { "accepted", "sending", "sent", "delivered", "failed", "expired", "cancelled", "refused", NULL };
const char *const gw_part_states[] = { "waiting", "intent", "sent", "delivered", "failed", "unknown", NULL };
const char *const gw_inbox_states[] = { "no", "unread", "read", "deleted", NULL };
const char *const gw_channels[] = { "sms", "ussd", "inbox", NULL };
const char *const gw_notice_languages[] = { "fa", "en", NULL };
static_assert(ARRAY_SIZE(gw_notice_states) == GW_NOTICE_REFUSED + 2 && ARRAY_SIZE(gw_part_states) == GW_PART_UNKNOWN + 2 &&
	      ARRAY_SIZE(gw_inbox_states) == GW_INBOX_DELETED + 2 && ARRAY_SIZE(gw_notice_classes) == GW_NOTICE_LEGAL + 2 &&
	      ARRAY_SIZE(gw_notice_priorities) == GW_NOTICE_BULK + 2 && ARRAY_SIZE(gw_notice_languages) == GW_NOTICE_LANGUAGES + 1 &&
	      1 << (ARRAY_SIZE(gw_channels) - 2) == GW_CHANNEL_INBOX, "every enumerator has a name");

#define AT(field) offsetof(struct gw_notice, field)
#define CHANNELS_ALL (GW_CHANNEL_SMS | GW_CHANNEL_USSD | GW_CHANNEL_INBOX)
#define SEALED_OCTETS 4096              /* a sealed text is longer than what it seals, and base64 */

static const struct { const char *key; size_t offset, max; } texts[] = {
	{ "agency", AT(agency), 32 }, { "sender", AT(sender), 20 }, { "title", AT(title), GW_NOTICE_TITLE_OCTETS },
	{ "fa", AT(text[0]), SEALED_OCTETS }, { "en", AT(text[1]), SEALED_OCTETS }, { "reference", AT(reference), GW_NOTICE_REFERENCE_OCTETS },
	{ "request", AT(request), 32 }, { "bulk", AT(bulk), 32 }, { "subject", AT(subject), 128 }, { "error", AT(error), 128 },
	{ "read_by", AT(read_by), GW_NOTICE_DOOR_OCTETS - 1 },
};
static const struct { const char *key; size_t offset; } times[] = {
	{ "at", AT(accepted_ms) }, { "not_before", AT(not_before_ms) }, { "not_after", AT(not_after_ms) }, { "state_at", AT(state_ms) },
	{ "read_at", AT(read_ms) },
};
static const struct { const char *key; size_t offset; } flags[] = {
	{ "flash", AT(flash) }, { "sensitive", AT(sensitive) }, { "aloud", AT(aloud) }, { "give_up", AT(give_up) },
};
/* Unsigned numbers, and enumerators by their names. */
static const struct { const char *key; size_t offset; unsigned int max; const char *const *names; } numbers[] = {
	{ "class", AT(klass), GW_NOTICE_LEGAL, gw_notice_classes }, { "priority", AT(priority), GW_NOTICE_BULK, gw_notice_priorities },
	{ "state", AT(state), GW_NOTICE_REFUSED, gw_notice_states }, { "inbox", AT(inbox), GW_INBOX_DELETED, gw_inbox_states },
	{ "channels", AT(channels), CHANNELS_ALL, NULL }, { "by", AT(by), GW_CHANNEL_INBOX, NULL },
	{ "attempts", AT(attempts), UINT32_MAX, NULL }, { "unknowns", AT(unknowns), UINT32_MAX, NULL },
};
static_assert(sizeof(enum gw_notice_class) == sizeof(unsigned int) && sizeof(enum gw_channel) == sizeof(unsigned int),
	      "an enumerator is read and written as a number");

int gw_notice_name_find(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *gw_notice_state_name(enum gw_notice_state state)
{
	return gw_notice_states[state];
}

bool gw_notice_over(enum gw_notice_state state)
{
	return state != GW_NOTICE_ACCEPTED && state != GW_NOTICE_SENDING && state != GW_NOTICE_SENT;
}

static char **text_at(const struct gw_notice *notice, size_t offset)
{
	return (char **)((char *)(uintptr_t)notice + offset);
}

struct gw_notice *gw_notice_alloc(void *ctx)
{
	struct gw_notice *notice = talloc_zero(ctx, struct gw_notice);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*text_at(notice, texts[i].offset) = talloc_strdup(notice, "");
	notice->reply = -1;
	return notice;
}

void gw_notice_set(struct gw_notice *notice, char **field, const char *value)
{
	char *before = *field;

	*field = talloc_strdup(notice, value);
	talloc_free(before);
}

const char *gw_notice_text(const struct gw_notice *notice, const char *language)
{
	int wanted = gw_notice_name_find(gw_notice_languages, language);

	if (wanted >= 0 && notice->text[wanted][0])
		return notice->text[wanted];
	return notice->text[0][0] ? notice->text[0] : notice->text[1];
}

bool gw_notice_text_is_clean(const char *text, bool lines)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && !(lines && *text == '\n')) || *text == 0x7f)
			return false;
	return true;
}

/* ---- the id ---- */

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

void gw_notice_make_id(char id[GW_NOTICE_ID_OCTETS], const char *msisdn, const void *seed, size_t octets)
{
	unsigned int partition = sess_store_partition(msisdn);
	uint8_t hash[20];

	if (seed)
		crypto_generichash(hash, sizeof(hash), seed, octets, NULL, 0);
	else
		randombytes_buf(hash, sizeof(hash));
	id[0] = 'n';
	id[1] = (char)('0' + partition / 10);
	id[2] = (char)('0' + partition % 10);
	for (size_t i = 0; i < sizeof(hash); i++)
		id[3 + i] = alphabet[hash[i] % 32];
	id[GW_NOTICE_ID_OCTETS - 1] = '\0';
}

int gw_notice_partition(const char *id)
{
	int partition;

	if (strnlen(id, GW_NOTICE_ID_OCTETS) != GW_NOTICE_ID_OCTETS - 1 || id[0] != 'n' || id[1] < '0' || id[1] > '9' || id[2] < '0' ||
	    id[2] > '9' || strspn(id + 3, alphabet) != GW_NOTICE_ID_OCTETS - 4)
		return -1;
	partition = (id[1] - '0') * 10 + (id[2] - '0');
	return partition < SESS_QUEUE_PARTITIONS ? partition : -1;
}

/* ---- encode ---- */

static json_t *encode_part(const struct gw_notice_part *part)
{
	json_t *object = json_object();

	json_object_set_new(object, "s", json_string(gw_part_states[part->state]));
	if (part->id[0])
		json_object_set_new(object, "id", json_string(part->id));
	if (part->error[0])
		json_object_set_new(object, "e", json_string(part->error));
	if (part->at_ms)
		json_object_set_new(object, "at", json_integer(part->at_ms));
	if (part->tries) {
		json_object_set_new(object, "st", json_integer(part->status));
		json_object_set_new(object, "n", json_integer(part->tries));
	}
	return object;
}

static void encode_fields(json_t *object, const struct gw_notice *notice)
{
	const char *base = (const char *)notice;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if ((*text_at(notice, texts[i].offset))[0])
			json_object_set_new_nocheck(object, texts[i].key, json_string(*text_at(notice, texts[i].offset)));
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		if (*(const int64_t *)(base + times[i].offset))
			json_object_set_new_nocheck(object, times[i].key, json_integer(*(const int64_t *)(base + times[i].offset)));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (*(const bool *)(base + flags[i].offset))
			json_object_set_new_nocheck(object, flags[i].key, json_true());
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		unsigned int value = *(const unsigned int *)(base + numbers[i].offset);

		if (value)
			json_object_set_new_nocheck(object, numbers[i].key,
						    numbers[i].names ? json_string_nocheck(numbers[i].names[value]) : json_integer(value));
	}
}

static void encode_lists(json_t *object, const struct gw_notice *notice)
{
	json_t *replies = notice->n_replies ? json_array() : NULL, *parts = notice->n_parts ? json_array() : NULL;

	for (unsigned int i = 0; i < notice->n_replies; i++)
		json_array_append_new(replies, json_string(notice->replies[i]));
	for (unsigned int i = 0; i < notice->n_parts; i++)
		json_array_append_new(parts, encode_part(&notice->parts[i]));
	if (replies)
		json_object_set_new_nocheck(object, "replies", replies);
	if (parts)
		json_object_set_new_nocheck(object, "parts", parts);
}

char *gw_notice_encode(const struct gw_notice *notice, size_t *octets)
{
	json_t *object = json_object();
	char *text;

	json_object_set_new_nocheck(object, "id", json_string(notice->id));
	json_object_set_new_nocheck(object, "to", json_string(notice->msisdn));
	encode_fields(object, notice);
	encode_lists(object, notice);
	if (notice->language[0])
		json_object_set_new_nocheck(object, "language", json_string(notice->language));
	if (notice->route)
		json_object_set_new_nocheck(object, "route", json_integer(notice->route));
	if (notice->sms_reference)
		json_object_set_new_nocheck(object, "sms_reference", json_integer(notice->sms_reference));
	if (notice->reply >= 0)
		json_object_set_new_nocheck(object, "reply", json_integer(notice->reply));
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	*octets = text ? strlen(text) : 0;
	return text;
}

/* ---- decode: false as soon as something is not as it should be ---- */

static bool take_string(const json_t *object, const char *key, char *out, size_t cap)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return true;
	if (!json_is_string(value) || json_string_length(value) >= cap || strlen(json_string_value(value)) != json_string_length(value))
		return false;
	memcpy(out, json_string_value(value), json_string_length(value) + 1);
	return true;
}

static bool take_number(const json_t *object, const char *key, int64_t max, int64_t *out)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return true;
	*out = json_integer_value(value);
	return json_is_integer(value) && *out >= 0 && *out <= max;
}

static bool take_texts(const json_t *object, struct gw_notice *notice)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const json_t *value = json_object_get(object, texts[i].key);

		if (!value)
			continue;
		if (!json_is_string(value) || json_string_length(value) > texts[i].max)
			return false;
		gw_notice_set(notice, text_at(notice, texts[i].offset), json_string_value(value));
	}
	return true;
}

static bool take_scalars(const json_t *object, struct gw_notice *notice)
{
	char *base = (char *)notice;

	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		if (!take_number(object, times[i].key, INT64_MAX, (int64_t *)(base + times[i].offset)))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		*(bool *)(base + flags[i].offset) = json_is_true(json_object_get(object, flags[i].key));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const json_t *value = json_object_get(object, numbers[i].key);
		int64_t number = 0;

		if (value && numbers[i].names)
			number = json_is_string(value) ? gw_notice_name_find(numbers[i].names, json_string_value(value)) : -1;
		else if (!take_number(object, numbers[i].key, numbers[i].max, &number))
			return false;
		if (number < 0)
			return false;
		*(unsigned int *)(base + numbers[i].offset) = (unsigned int)number;
	}
	return true;
}

static bool take_replies(const json_t *object, struct gw_notice *notice)
{
	const json_t *list = json_object_get(object, "replies");

	if (json_array_size(list) > GW_NOTICE_REPLIES_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *reply = json_string_value(json_array_get(list, i));

		if (!reply || strlen(reply) > GW_NOTICE_REPLY_OCTETS)
			return false;
		notice->replies[notice->n_replies++] = talloc_strdup(notice, reply);
	}
	return true;
}

static bool take_part(const json_t *object, struct gw_notice_part *part)
{
	const char *state = json_string_value(json_object_get(object, "s"));
	int found = state ? gw_notice_name_find(gw_part_states, state) : -1;
	int64_t status = 0, tries = 0;

	if (found < 0 || !take_string(object, "id", part->id, sizeof(part->id)) || !take_string(object, "e", part->error, sizeof(part->error)) ||
	    !take_number(object, "at", INT64_MAX, &part->at_ms) || !take_number(object, "st", UINT32_MAX, &status) ||
	    !take_number(object, "n", UINT32_MAX, &tries))
		return false;
	part->state = (enum gw_part_state)found;
	part->status = (uint32_t)status;
	part->tries = (unsigned int)tries;
	return true;
}

static bool take_parts(const json_t *object, struct gw_notice *notice)
{
	const json_t *list = json_object_get(object, "parts");

	if (json_array_size(list) > GW_SMS_PARTS_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!take_part(json_array_get(list, i), &notice->parts[notice->n_parts++]))
			return false;
	return true;
}

static bool take_all(const json_t *object, struct gw_notice *notice)
{
	int64_t route = 0, sms_reference = 0, reply = -1;

	if (!take_string(object, "id", notice->id, sizeof(notice->id)) || !take_string(object, "to", notice->msisdn, sizeof(notice->msisdn)) ||
	    !take_string(object, "language", notice->language, sizeof(notice->language)) || !take_texts(object, notice) ||
	    !take_scalars(object, notice) || !take_replies(object, notice) || !take_parts(object, notice) ||
	    !take_number(object, "route", UINT16_MAX, &route) || !take_number(object, "sms_reference", UINT16_MAX, &sms_reference) ||
	    !take_number(object, "reply", GW_NOTICE_REPLIES_MAX, &reply))
		return false;
	notice->route = (uint16_t)route;
	notice->sms_reference = (uint16_t)sms_reference;
	notice->reply = (int)reply;
	return gw_notice_partition(notice->id) >= 0 && notice->msisdn[0] && strspn(notice->msisdn, "0123456789") == strlen(notice->msisdn) &&
	       notice->reply < (int)notice->n_replies && (notice->by & (notice->by - 1)) == 0;
}

struct gw_notice *gw_notice_decode(void *ctx, const void *value, size_t octets)
{
	json_t *object = json_loadb(value, octets, 0, NULL);
	struct gw_notice *notice = json_is_object(object) ? gw_notice_alloc(ctx) : NULL;

	if (notice && !take_all(object, notice))
		TALLOC_FREE(notice);
	json_decref(object);
	return notice;
}

/* ---- what is shown of it ---- */

static void show_time(json_t *object, const char *key, int64_t wall_ms)
{
	char text[GW_RFC3339_OCTETS];

	if (!wall_ms)
		return;
	gw_rfc3339_print(wall_ms, text);
	json_object_set_new(object, key, json_string(text));
}

static void show_text(json_t *object, const char *key, const char *text)
{
	if (text[0])
		json_object_set_new(object, key, json_string(text));
}

static json_t *show_parts(const struct gw_notice *notice)
{
	json_t *parts = json_array();

	for (unsigned int i = 0; i < notice->n_parts; i++) {
		const struct gw_notice_part *part = &notice->parts[i];
		/* that we are about to send it is nothing that an agency can use */
		enum gw_part_state state = part->state == GW_PART_INTENT ? GW_PART_WAITING : part->state;
		json_t *object = json_pack("{s:i, s:s}", "part", (int)i + 1, "state", gw_part_states[state]);

		show_text(object, "error", part->error);
		show_time(object, "at", part->at_ms);
		json_array_append_new(parts, object);
	}
	return parts;
}

static json_t *show_channels(unsigned int channels)
{
	json_t *list = json_array();

	for (size_t i = 0; gw_channels[i]; i++)
		if (channels & 1U << i)
			json_array_append_new(list, json_string(gw_channels[i]));
	return list;
}

json_t *gw_notice_show_briefly(const struct gw_notice *notice)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "id", notice->id, "to", notice->msisdn, "state", gw_notice_states[notice->state]);

	show_time(object, "state_at", notice->state_ms);
	show_text(object, "error", notice->error);
	show_text(object, "reference", notice->reference);
	show_text(object, "request", notice->request);
	show_text(object, "bulk", notice->bulk);
	for (size_t i = 0; gw_channels[i]; i++)
		if (notice->by == 1U << i)
			json_object_set_new(object, "by", json_string(gw_channels[i]));
	json_object_set_new(object, "attempts", json_integer(notice->attempts));
	if (notice->unknowns)
		json_object_set_new(object, "unknown_outcomes", json_integer(notice->unknowns));
	json_object_set_new(object, "parts", show_parts(notice));
	if (notice->inbox != GW_INBOX_NOT)
		json_object_set_new(object, "inbox", json_string(gw_inbox_states[notice->inbox]));
	show_time(object, "read_at", notice->read_ms);
	show_text(object, "read_by", notice->read_by);
	if (notice->reply >= 0)
		json_object_set_new(object, "reply", json_pack("{s:i, s:s}", "index", notice->reply, "text", notice->replies[notice->reply]));
	return object;
}

json_t *gw_notice_show(const struct gw_notice *notice)
{
	json_t *object = gw_notice_show_briefly(notice), *text = json_object();

	json_object_set_new(object, "class", json_string(gw_notice_classes[notice->klass]));
	json_object_set_new(object, "priority", json_string(gw_notice_priorities[notice->priority]));
	json_object_set_new(object, "channels", show_channels(notice->channels));
	json_object_set_new(object, "sensitive", json_boolean(notice->sensitive));
	json_object_set_new(object, "on_unknown", json_string(notice->give_up ? "give_up" : "again"));
	show_text(object, "sender", notice->sender);
	show_text(object, "language", notice->language);
	show_time(object, "accepted_at", notice->accepted_ms);
	show_time(object, "not_before", notice->not_before_ms);
	show_time(object, "not_after", notice->not_after_ms);
	if (!notice->sensitive) {
		show_text(object, "title", notice->title);
		for (size_t i = 0; i < GW_NOTICE_LANGUAGES; i++)
			show_text(text, gw_notice_languages[i], notice->text[i]);
		json_object_set(object, "text", text);
	}
	json_decref(text);
	return object;
}
