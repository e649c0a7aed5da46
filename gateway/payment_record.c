/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See payment_record.h. What a bill's numbers mean is known in one place, menus/input_money.c. */
#include "gateway/payment_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "gateway/rfc3339.h"
#include "menus/code.h"
#include "menus/input.h"

const char *const gw_payment_states[] = {
	[GW_PAYMENT_OPEN] = "open", [GW_PAYMENT_VOIDING] = "voiding", [GW_PAYMENT_UNSURE] = "unsure",
	[GW_PAYMENT_PAID] = "paid", [GW_PAYMENT_REFUSED] = "refused", [GW_PAYMENT_VOID] = "void", NULL,
};

/* ---- a bill's numbers ---- */

static bool check(const char *kind, const char *text, const struct menu_input_with *with, struct menu_input_result *result,
		  char out[GW_PAYMENT_NUMBER_OCTETS])
{
	menu_input_check(menu_input_find(kind), text, strlen(text), with, with ? 1 : 0, result);
	if (!result->ok || strlen(result->normal) >= GW_PAYMENT_NUMBER_OCTETS)
		return false;
	strcpy(out, result->normal);
	return true;
}

static bool says_amount(const struct menu_input_result *result, int64_t amount)
{
	for (size_t i = 0; i < result->n_facts; i++)
		if (strcmp(result->facts[i].name, "amount") == 0)
			return amount > 0 && strtoll(result->facts[i].value, NULL, 10) == amount;
	return false;
}

const char *gw_payment_check_bill(const char *bill, const char *payment, int64_t amount, char bill_id[GW_PAYMENT_NUMBER_OCTETS],
				  char payment_id[GW_PAYMENT_NUMBER_OCTETS])
{
	const struct menu_input_with with = { "bill_id", bill_id };
	struct menu_input_result result;

	if (!check("bill-id", bill, NULL, &result, bill_id))
		return "bill_id";
	if (!check("payment-id", payment, &with, &result, payment_id))
		return "payment_id";
	return says_amount(&result, amount) ? NULL : "amount";
}

/* ---- codes and ids ---- */

void gw_payment_draw_code(unsigned int partition, char code[GW_REQUEST_CODE_OCTETS])
{
	snprintf(code, GW_REQUEST_CODE_OCTETS, "%06u%02u", 100001U + 2 * (unsigned int)randombytes_uniform(450000), partition % 100);
	code[MENU_CODE_DIGITS - 1] = menu_code_check_digit(code);
	code[MENU_CODE_DIGITS] = '\0';
}

bool gw_payment_code_read(const char *text, char code[GW_REQUEST_CODE_OCTETS])
{
	return gw_request_code_read(text, code) && (code[5] - '0') % 2 == 1;
}

static void draw_id(unsigned int partition, char id[GW_PAYMENT_ID_OCTETS])
{
	static const char kinds[32] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[GW_PAYMENT_ID_OCTETS - 4];
	int n = snprintf(id, GW_PAYMENT_ID_OCTETS, "p%02u", partition % 100);

	randombytes_buf(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		id[(size_t)n + i] = kinds[random[i] % sizeof(kinds)];
	id[GW_PAYMENT_ID_OCTETS - 1] = '\0';
}

/* ---- the record ---- */

json_t *gw_payment_make(const struct gw_payment_new *payment, unsigned int partition, int64_t wall_ms)
{
	char code[GW_REQUEST_CODE_OCTETS], id[GW_PAYMENT_ID_OCTETS], content[GW_REQUEST_HASH_OCTETS] = "";
	const struct gw_piece piece = { payment->content, payment->content_octets };

	gw_payment_draw_code(partition, code);
	draw_id(partition, id);
	if (payment->content)
		gw_request_hash(&piece, 1, content);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:{s:s, s:s}, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s}", "code", code, "id", id, "msisdn",
			 payment->msisdn, "bill_id", payment->bill_id, "payment_id", payment->payment_id, "amount", (json_int_t)payment->amount,
			 "kind", "fa", payment->kind_fa, "en", payment->kind_en, "issuer", payment->issuer, "channel", payment->channel, "account",
			 payment->account, "language", payment->language, "content", content, "state", gw_payment_states[GW_PAYMENT_OPEN], "at",
			 (json_int_t)wall_ms, "changed", (json_int_t)wall_ms, "reference", "", "why", "");
}

static int find_state(const char *name)
{
	for (int i = 0; gw_payment_states[i]; i++)
		if (strcmp(gw_payment_states[i], name) == 0)
			return i;
	return -1;
}

/* What is computed with must not overflow, what is copied must fit: printable, and no longer than the longest that is ever written. */
static bool is_word(const json_t *record, const char *name, size_t min, size_t max)
{
	const char *text = gw_request_text(record, name);
	size_t n = 0;

	while (text[n] >= ' ' && text[n] < 0x7f && n <= max)
		n++;
	return !text[n] && n >= min && n <= max;
}

static bool is_number(const json_t *record, const char *name, json_int_t min, json_int_t max)
{
	const json_t *number = json_object_get(record, name);

	return json_is_integer(number) && json_integer_value(number) >= min && json_integer_value(number) <= max;
}

static bool is_record(const json_t *record)
{
	static const struct { const char *name; size_t min, max; } words[] = {
		{ "id", 1, GW_PAYMENT_ID_OCTETS - 1 }, { "msisdn", 1, GW_MSISDN_MAX }, { "bill_id", 1, GW_PAYMENT_NUMBER_OCTETS - 1 },
		{ "payment_id", 1, GW_PAYMENT_NUMBER_OCTETS - 1 }, { "issuer", 0, GW_PAYMENT_WORD_OCTETS - 1 },
		{ "account", 0, GW_PAYMENT_WORD_OCTETS - 1 }, { "reference", 0, GW_PAYMENT_WORD_OCTETS - 1 }, { "why", 0, GW_PAYMENT_WORD_OCTETS - 1 },
	};
	char code[GW_REQUEST_CODE_OCTETS];

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!is_word(record, words[i].name, words[i].min, words[i].max))
			return false;
	return gw_payment_code_read(gw_request_text(record, "code"), code) && find_state(gw_request_text(record, "state")) >= 0 &&
	       is_number(record, "amount", 1, GW_PAYMENT_AMOUNT_MAX) && is_number(record, "at", 0, GW_RFC3339_MS_MAX) &&
	       is_number(record, "changed", 0, GW_RFC3339_MS_MAX);
}

json_t *gw_payment_decode(const void *value, size_t octets)
{
	json_t *record = json_loadb(value, octets, JSON_REJECT_DUPLICATES, NULL);

	if (is_record(record))
		return record;
	json_decref(record);
	return NULL;
}

enum gw_payment_state gw_payment_state(const json_t *record)
{
	int state = find_state(gw_request_text(record, "state"));

	return state >= 0 ? (enum gw_payment_state)state : GW_PAYMENT_UNSURE;
}

bool gw_payment_over(enum gw_payment_state state)
{
	return state == GW_PAYMENT_PAID || state == GW_PAYMENT_REFUSED || state == GW_PAYMENT_VOID;
}

/* An agency's word: printable ASCII and not for ever. What else there is between words is one space. */
static void set_word(json_t *record, const char *name, const char *word)
{
	char clean[GW_PAYMENT_WORD_OCTETS];
	bool apart = false;
	size_t n = 0;

	for (; *word && n + 1 + (apart && n) < sizeof(clean); word++) {
		if (*word <= ' ' || *word >= 0x7f) {
			apart = true;
			continue;
		}
		if (apart && n)
			clean[n++] = ' ';
		apart = false;
		clean[n++] = *word;
	}
	clean[n] = '\0';
	json_object_set_new(record, name, json_string(clean));
}

void gw_payment_set(json_t *record, enum gw_payment_state state, const char *reference, const char *why, int64_t wall_ms)
{
	json_object_set_new(record, "state", json_string(gw_payment_states[state]));
	json_object_set_new(record, "changed", json_integer(wall_ms));
	set_word(record, "reference", reference);
	set_word(record, "why", why);
}

const char *gw_payment_kind(const json_t *record, const char *language)
{
	const json_t *kinds = json_object_get(record, "kind");
	const char *kind = gw_request_text(kinds, language);

	return kind[0] ? kind : gw_request_text(kinds, strcmp(language, "fa") == 0 ? "en" : "fa");
}

const char *gw_payment_word(const json_t *record)
{
	enum gw_payment_state state = gw_payment_state(record);

	return gw_payment_over(state) ? gw_payment_states[state] : "unknown";
}

static void show_time(json_t *object, const char *name, const json_t *ms)
{
	char text[GW_RFC3339_OCTETS];

	gw_rfc3339_print(json_integer_value(ms), text);
	json_object_set_new(object, name, json_string(text));
}

json_t *gw_payment_show(const json_t *record)
{
	static const char *const names[] = { "code", "msisdn", "bill_id", "payment_id", "amount", "kind", "issuer", "channel", "reference", "why" };
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set(object, names[i], json_object_get(record, names[i]));
	json_object_set_new(object, "state", json_string(gw_payment_word(record)));
	show_time(object, "at", json_object_get(record, "at"));
	show_time(object, "state_at", json_object_get(record, "changed"));
	return object;
}
