/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See notice_read.h. A table says which function reads which member; what members mean together is judged when all have been read. */
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/notice_read.h"
#include "gateway/rfc3339.h"
#include "menus/input.h"
#include "smpp/text.h"

#define AHEAD_MAX_MS (366 * 86400000LL)
#define CHANNELS_STANDARD (GW_CHANNEL_SMS | GW_CHANNEL_INBOX)
#define PART_UCS2_UNITS 67               /* of a long SMS, 3GPP TS 23.040 9.2.3.24.1 */

struct reading {
	const json_t *object;
	const struct gw_notice_terms *terms;
	struct gw_notice *notice;
	struct gw_notice_reading *out;
};

/* What comes of a row of text: which field, how long, may it have lines? */
struct text_rule { const char *pointer; size_t max; bool lines; };

#define blame(r, ...) gw_mistakes_add(&(r)->out->mistakes, __VA_ARGS__)

/* ---- texts ---- */

/* NULL: it was blamed. */
static const char *text_of(struct reading *r, const json_t *value, const struct text_rule *rule)
{
	const char *text = json_string_value(value);

	if (!text) {
		blame(r, rule->pointer, "it is a text");
	} else if (!text[0] || json_string_length(value) > rule->max) {
		blame(r, rule->pointer, "it has 1 to %zu octets of UTF-8", rule->max);
		text = NULL;
	} else if (!gw_notice_text_is_clean(text, rule->lines)) {
		blame(r, rule->pointer, rule->lines ? "it has a control character: only \\n is taken" : "it is one line without control characters");
		text = NULL;
	}
	return text;
}

static void take_text(struct reading *r, const json_t *value, const struct text_rule *rule, char **field)
{
	const char *text = text_of(r, value, rule);

	if (text)
		gw_notice_set(r->notice, field, text);
}

static void read_text(struct reading *r, const json_t *value)
{
	static const struct text_rule rules[GW_NOTICE_LANGUAGES] = {
		{ "/text/fa", GW_NOTICE_TEXT_OCTETS, true }, { "/text/en", GW_NOTICE_TEXT_OCTETS, true },
	};
	size_t known = 0;

	for (size_t i = 0; i < GW_NOTICE_LANGUAGES; i++) {
		const json_t *text = json_object_get(value, gw_notice_languages[i]);

		known += text != NULL;
		if (text)
			take_text(r, text, &rules[i], &r->notice->text[i]);
	}
	if (!json_is_object(value) || !known || known != json_object_size(value))
		blame(r, "/text", "it is an object with fa, en or both, and nothing else");
}

static void read_title(struct reading *r, const json_t *value)
{
	take_text(r, value, &(struct text_rule){ "/title", GW_NOTICE_TITLE_OCTETS, false }, &r->notice->title);
}

static void read_reference(struct reading *r, const json_t *value)
{
	take_text(r, value, &(struct text_rule){ "/reference", GW_NOTICE_REFERENCE_OCTETS, false }, &r->notice->reference);
}

/* An agency that names a sender means this one; another it may not have. */
static void read_sender(struct reading *r, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text || !text[0] || strcmp(text, r->terms->sender) != 0)
		blame(r, "/sender", "it is the account's sender, or is left out");
}

/* ---- templates ---- */

static void read_template(struct reading *r, const json_t *value)
{
	const char *name = json_string_value(value);

	for (size_t i = 0; name && i < r->terms->n_templates; i++)
		if (strcmp(r->terms->templates[i]->name, name) == 0) {
			gw_template_fill(r->terms->templates[i], json_object_get(r->object, "fields"), r->notice, &r->out->mistakes);
			return;
		}
	blame(r, "/template", "there is no template of this name");
}

/* Read with the template. */
static void read_fields(struct reading *r, const json_t *value)
{
	(void)value;
	if (!json_object_get(r->object, "template"))
		blame(r, "/fields", "fields are those of a template, and none is named");
}

/* ---- numbers of people ---- */

static const char *checked(struct reading *r, const json_t *value, const char *pointer, const char *kind, struct menu_input_result *result)
{
	const char *text = json_string_value(value);

	if (!text) {
		blame(r, pointer, "it is a text");
		return NULL;
	}
	menu_input_check(menu_input_find(kind), text, json_string_length(value), NULL, 0, result);
	if (result->ok)
		return result->normal;
	blame(r, pointer, "%s", result->reason_en);
	return NULL;
}

static void read_to(struct reading *r, const json_t *value)
{
	struct menu_input_result result;
	const char *number = checked(r, value, "/to", "mobile", &result);

	if (number) /* "+98912..." */
		osmo_strlcpy(r->out->to, number + 1, sizeof(r->out->to));
}

static void read_national_id(struct reading *r, const json_t *value)
{
	struct menu_input_result result;
	const char *number = checked(r, value, "/national_id", "national-id", &result);

	if (number)
		osmo_strlcpy(r->out->national_id, number, sizeof(r->out->national_id));
	sodium_memzero(&result, sizeof(result));
}

/* ---- one of some names ---- */

/* -1: it was blamed. */
static int name_of(struct reading *r, const json_t *value, const char *pointer, const char *const *names)
{
	const char *text = json_string_value(value);
	int found = text ? gw_notice_name_find(names, text) : -1;
	char list[80] = "";

	if (found >= 0)
		return found;
	for (size_t i = 0; names[i]; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "", names[i]);
	blame(r, pointer, "it is one of: %s", list);
	return -1;
}

static void read_class(struct reading *r, const json_t *value)
{
	int found = name_of(r, value, "/class", gw_notice_classes);

	if (found >= 0)
		r->notice->klass = (enum gw_notice_class)found;
}

static void read_priority(struct reading *r, const json_t *value)
{
	int found = name_of(r, value, "/priority", gw_notice_priorities);

	if (found >= 0)
		r->notice->priority = (enum gw_notice_priority)found;
}

static void read_language(struct reading *r, const json_t *value)
{
	int found = name_of(r, value, "/language", gw_notice_languages);

	if (found >= 0)
		OSMO_STRLCPY_ARRAY(r->notice->language, gw_notice_languages[found]);
}

static void read_on_unknown(struct reading *r, const json_t *value)
{
	static const char *const policies[] = { "again", "give_up", NULL };

	r->notice->give_up = name_of(r, value, "/on_unknown", policies) == 1;
}

static void read_channels(struct reading *r, const json_t *value)
{
	char pointer[32];

	r->notice->channels = 0;
	if (!json_array_size(value))
		blame(r, "/channels", "it is a list of sms, ussd, inbox: one of them at least");
	for (size_t i = 0; i < json_array_size(value) && i < GW_MISTAKES_MAX; i++) {
		int found;

		snprintf(pointer, sizeof(pointer), "/channels/%zu", i);
		found = name_of(r, json_array_get(value, i), pointer, gw_channels);
		if (found >= 0 && r->notice->channels & 1U << found)
			blame(r, pointer, "it stands there twice");
		else if (found >= 0)
			r->notice->channels |= 1U << found;
	}
}

/* ---- the rest ---- */

static void read_moment(struct reading *r, const json_t *value, const char *pointer, int64_t *moment)
{
	const char *text = json_string_value(value);

	if (!text || !gw_rfc3339_parse(text, moment))
		blame(r, pointer, "it is a moment like 2020-03-15T13:00:00+03:30 (RFC 3339)");
	else if (*moment > r->terms->now_ms + AHEAD_MAX_MS)
		blame(r, pointer, "it is more than a year ahead");
}

static void read_not_before(struct reading *r, const json_t *value)
{
	read_moment(r, value, "/not_before", &r->notice->not_before_ms);
}

static void read_not_after(struct reading *r, const json_t *value)
{
	read_moment(r, value, "/not_after", &r->notice->not_after_ms);
}

static bool flag_of(struct reading *r, const json_t *value, const char *pointer)
{
	if (!json_is_boolean(value))
		blame(r, pointer, "it is true or false");
	return json_is_true(value);
}

static void read_flash(struct reading *r, const json_t *value)
{
	r->notice->flash = flag_of(r, value, "/flash");
}

static void read_sensitive(struct reading *r, const json_t *value)
{
	r->notice->sensitive = flag_of(r, value, "/sensitive");
}

static void read_replies(struct reading *r, const json_t *value)
{
	size_t n = json_array_size(value);

	if (n < 1 || n > GW_NOTICE_REPLIES_MAX) {
		blame(r, "/replies", "it is a list of 1 to %d texts", GW_NOTICE_REPLIES_MAX);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		char pointer[32];
		const char *text;

		snprintf(pointer, sizeof(pointer), "/replies/%zu", i);
		text = text_of(r, json_array_get(value, i), &(struct text_rule){ pointer, GW_NOTICE_REPLY_OCTETS, false });
		if (text)
			r->notice->replies[r->notice->n_replies++] = talloc_strdup(r->notice, text);
	}
}

static const struct { const char *name; void (*read)(struct reading *r, const json_t *value); } members[] = {
	{ "to", read_to }, { "text", read_text }, { "template", read_template }, { "fields", read_fields }, { "title", read_title }, { "class", read_class }, { "priority", read_priority },
	{ "channels", read_channels }, { "reference", read_reference }, { "language", read_language }, { "not_before", read_not_before },
	{ "not_after", read_not_after }, { "on_unknown", read_on_unknown }, { "replies", read_replies }, { "sensitive", read_sensitive },
	{ "national_id", read_national_id }, { "flash", read_flash }, { "sender", read_sender },
};

/* ---- all of it ---- */

static void blame_unknown(struct reading *r, const char *name)
{
	char pointer[GW_MISTAKE_POINTER_OCTETS];

	gw_mistake_pointer(pointer, "", name);
	blame(r, pointer, "a notice has no member of this name");
}

static void read_members(struct reading *r)
{
	json_t *object = (json_t *)(uintptr_t)r->object, *value;
	const char *name;

	json_object_foreach(object, name, value) {
		size_t i = 0;

		while (i < ARRAY_SIZE(members) && strcmp(members[i].name, name) != 0)
			i++;
		if (i < ARRAY_SIZE(members))
			members[i].read(r, value);
		else
			blame_unknown(r, name);
	}
}

static bool has(const struct reading *r, const char *name)
{
	return json_object_get(r->object, name);
}

/* A text that must go as UCS-2 may have too many units for all the parts that a message can have. */
static void judge_length(struct reading *r)
{
	static const char *const pointers[GW_NOTICE_LANGUAGES] = { "/text/fa", "/text/en" };

	for (size_t i = 0; i < GW_NOTICE_LANGUAGES; i++) {
		const char *text = r->notice->text[i];
		size_t octets = strlen(text);

		if (octets > GW_SMS_PARTS_MAX * PART_UCS2_UNITS && smpp_text_choose(text, octets) == SMPP_ALPHABET_UCS2 &&
		    smpp_text_units(SMPP_ALPHABET_UCS2, text, octets) > GW_SMS_PARTS_MAX * PART_UCS2_UNITS)
			blame(r, has(r, "template") ? "/template" : pointers[i], "it is too long for an SMS: with letters like these it has %d characters at most",
			      GW_SMS_PARTS_MAX * PART_UCS2_UNITS);
	}
}

static void judge_sensitive(struct reading *r)
{
	const struct gw_notice *notice = r->notice;

	if (!notice->sensitive) {
		if (has(r, "national_id"))
			blame(r, "/national_id", "it is for a sensitive notice only");
		return;
	}
	if (!r->terms->can_seal)
		blame(r, "/sensitive", "this gateway has no key to seal what is sensitive");
	if (!has(r, "national_id"))
		blame(r, "/national_id", "a sensitive notice is opened with it: it must be there");
	if (!(notice->channels & GW_CHANNEL_INBOX))
		blame(r, "/channels", "a sensitive notice is read in the inbox: it must be one of them");
}

static void judge(struct reading *r)
{
	const struct gw_notice *notice = r->notice;

	if (!has(r, "to"))
		blame(r, "/to", "it must be there");
	if (!has(r, "text") && !has(r, "template"))
		blame(r, "/text", "it must be there, or a template");
	if (has(r, "text") && has(r, "template"))
		blame(r, "/text", "there is a template already");
	if (notice->not_after_ms && notice->not_after_ms <= OSMO_MAX(notice->not_before_ms, r->terms->now_ms))
		blame(r, "/not_after", "it is over before it can be sent");
	if (notice->n_replies && !(notice->channels & GW_CHANNEL_INBOX))
		blame(r, "/replies", "replies are given in the inbox: it must be one of the channels");
	if (notice->flash && !(notice->channels & GW_CHANNEL_SMS))
		blame(r, "/flash", "it is about the SMS: sms must be one of the channels");
	judge_sensitive(r);
	if (notice->channels & GW_CHANNEL_SMS && !notice->sensitive)
		judge_length(r);
}

bool gw_notice_read(void *ctx, const json_t *object, const struct gw_notice_terms *terms, struct gw_notice_reading *reading)
{
	struct reading r = { .object = object, .terms = terms, .out = reading };

	reading->mistakes.n = 0;
	reading->to[0] = reading->national_id[0] = '\0';
	r.notice = reading->notice = gw_notice_alloc(ctx);
	r.notice->channels = CHANNELS_STANDARD;
	if (json_is_object(object)) {
		read_members(&r);
		judge(&r);
	} else {
		blame(&r, "", "a notice is an object");
	}
	if (reading->mistakes.n) {
		TALLOC_FREE(reading->notice);
		return false;
	}
	OSMO_STRLCPY_ARRAY(r.notice->msisdn, reading->to);
	gw_notice_set(r.notice, &r.notice->agency, terms->agency);
	gw_notice_set(r.notice, &r.notice->sender, terms->sender);
	return true;
}
