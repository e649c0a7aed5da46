/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The identity ladder as a decision. First a table: every question with every kind of answer, from every state in which it may be put. Then
 * stories, limits moved by the clock, and what must never happen: a level without its proof, a try that is not counted, a flow that is
 * another dialog's. Agency, hashes and codes are played by a truth in this file: hash of P is "H:P", of a code "C:code". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "gateway/identity_step.h"
#include "menus/unicode.h"

#define NUMBER "989121234567"
#define MINE "0012345679"
#define ANOTHERS "0499370899"
#define UNKNOWN "7731689956"
#define LEGAL "14007650912"
#define NOT_LEGAL "10380284790"
#define PIN "7402"
#define CODE "555555"
#define T0 INT64_C(1584264600000)
#define MINUTE 60000
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct gw_identity_limits limits = {
	.remember_ms = 30 * (int64_t)DAY, .lock_ms = 10 * MINUTE, .lock_max_ms = DAY, .code_ms = 5 * MINUTE, .ids_per_hour = 3, .ids_per_day = 6,
	.codes_per_hour = 2, .codes_per_day = 3, .pin_tries = 3, .code_tries = 3,
};
static struct gw_identity record;
static struct gw_identity_verdict v;
static int64_t now;
static uint64_t dialog;
static struct { const char *since; bool sim_known; const char *code; unsigned int needs[GW_NEED_HASH + 1]; } truth;

static const char *hash_of(const char *pin)
{
	static char text[GW_IDENTITY_PIN_OCTETS];

	snprintf(text, sizeof(text), "H:%s", pin);
	return text;
}

static void play_fact(struct gw_identity_facts *facts, const struct gw_identity_request *q)
{
	truth.needs[v.need]++;
	switch (v.need) {
	case GW_NEED_SIM:
		facts->sim = truth.sim_known ? GW_FACT_YES : GW_FACT_NO;
		strcpy(facts->sim_since, truth.since);
		break;
	case GW_NEED_MATCH:
		facts->match = strcmp(q->typed, MINE) == 0 ? GW_FACT_YES : GW_FACT_NO;
		strcpy(facts->since, truth.since);
		strcpy(facts->province, "tehran");
		break;
	case GW_NEED_REPRESENTS:
		facts->represents = strcmp(q->typed, LEGAL) == 0 ? GW_FACT_YES : GW_FACT_NO;
		break;
	case GW_NEED_VERIFY:
		strcpy(facts->against, v.against);
		facts->verified = strcmp(v.against, hash_of(q->typed)) == 0 ? GW_FACT_YES : GW_FACT_NO;
		facts->hash[0] = '\0';
		break;
	default:
		strcpy(facts->hash, hash_of(q->typed));
	}
}

static unsigned int needs(void)
{
	unsigned int n = 0;

	for (size_t i = 1; i < sizeof(truth.needs) / sizeof(truth.needs[0]); i++)
		n += truth.needs[i];
	return n;
}

/* As the shell does it: facts until it is decided, and the record is kept where it says so. */
static void step(unsigned int level, bool business, unsigned int proved, enum gw_identity_question asked, const char *typed)
{
	char last[GW_IDENTITY_HASH_OCTETS], code[GW_IDENTITY_HASH_OCTETS];
	const struct gw_identity_request q = { .msisdn = NUMBER, .dialog = dialog, .level = level, .proved = proved, .business = business,
		.asked = asked, .typed = typed, .last = last, .code = code };
	struct gw_identity_facts facts = { 0 };
	struct gw_identity next;

	snprintf(last, sizeof(last), "%llu:%d:%s", (unsigned long long)dialog, (int)asked, typed);
	snprintf(code, sizeof(code), "C:%s", typed);
	snprintf(facts.new_code, sizeof(facts.new_code), "C:%s", truth.code);
	memset(truth.needs, 0, sizeof(truth.needs));
	for (int i = 0; i < 8; i++) {
		next = record;
		gw_identity_step(&limits, &next, &q, &facts, now, &v);
		if (v.need == GW_NEED_NOTHING)
			break;
		play_fact(&facts, &q);
	}
	assert_int_equal(v.need, GW_NEED_NOTHING);
	assert_true(v.status == 200 || v.status == 403 || v.status == 429);
	if (v.store)
		record = next;
}

static void arrive(unsigned int level, unsigned int proved)
{
	step(level, false, proved, GW_ASK_NOTHING, "");
}

static void type(unsigned int level, enum gw_identity_question asked, const char *typed)
{
	step(level, false, 0, asked, typed);
}

static int setup(void **state)
{
	(void)state;
	memset(&record, 0, sizeof(record));
	truth.since = "2015";
	truth.sim_known = true;
	truth.code = CODE;
	now = T0;
	dialog = 1;
	return 0;
}

static bool noted(enum gw_identity_note note)
{
	for (size_t i = 0; i < v.n_notes; i++)
		if (v.notes[i] == note)
			return true;
	return false;
}

#define ASKS(q, h) do { assert_int_equal(200, v.status); assert_string_equal(gw_identity_questions[v.question], gw_identity_questions[q]); \
	assert_string_equal(gw_identity_hints[v.hint], gw_identity_hints[h]); } while (0)
#define PROVES(n) do { assert_int_equal(200, v.status); assert_string_equal(gw_identity_questions[v.question], ""); assert_int_equal(n, v.level); } while (0)
#define REFUSES(code, word) do { assert_int_equal(code, v.status); assert_string_equal(word, v.why); } while (0)

/* ---- the table ---- */

/* States in which a dialog of this number may stand before the answer. */
enum from { NOBODY, MATCHED, WITH_PIN, LOCKED, RESETTING, RESET_CODE, RESET_PIN, CODE_OUT, TYPED_ONCE, NO_PIN_YET, FROMS };

static void bring_to(enum from from)
{
	setup(NULL);
	if (from == NOBODY)
		return;
	arrive(1, 0);
	type(1, GW_ASK_ID, MINE);
	if (from == MATCHED)
		return;
	arrive(2, 1);
	if (from == NO_PIN_YET)
		return;
	type(2, GW_ASK_NEW_PIN, PIN);
	if (from == TYPED_ONCE)
		return;
	type(2, GW_ASK_AGAIN_PIN, PIN);
	PROVES(2);
	dialog++;
	arrive(3, 0);
	if (from == WITH_PIN)
		return;
	if (from == LOCKED) {
		type(3, GW_ASK_PIN, "0000");
		type(3, GW_ASK_PIN, "0001");
		type(3, GW_ASK_PIN, "0002");
		return;
	}
	type(3, GW_ASK_PIN, from == CODE_OUT ? PIN : GW_IDENTITY_FORGOTTEN);
	if (from == RESETTING || from == CODE_OUT)
		return;
	type(3, GW_ASK_ID, MINE);
	if (from == RESET_CODE)
		return;
	type(3, GW_ASK_CODE, CODE);
}

static const struct row {
	enum from from;
	enum gw_identity_question asked;
	const char *typed;
	unsigned int status;
	const char *then; /* the question, or why not, or "proved N" */
	enum gw_identity_hint hint;
	unsigned int left;
	enum gw_identity_note note;
	enum gw_identity_need need; /* that was asked for */
} rows[] = {
	/* arriving with a wish for level 3 */
	{ NOBODY, GW_ASK_NOTHING, "", 200, "id", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ MATCHED, GW_ASK_NOTHING, "", 200, "new_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_SIM },
	{ WITH_PIN, GW_ASK_NOTHING, "", 200, "pin", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_SIM },
	{ LOCKED, GW_ASK_NOTHING, "", 429, "locked", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_SIM },
	{ RESETTING, GW_ASK_NOTHING, "", 200, "pin", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_SIM },
	{ RESET_PIN, GW_ASK_NOTHING, "", 200, "pin", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_SIM },
	{ CODE_OUT, GW_ASK_NOTHING, "", 200, "pin", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_SIM },
	/* the national ID */
	{ NOBODY, GW_ASK_ID, MINE, 200, "id", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING }, /* it was not asked for here */
	{ RESETTING, GW_ASK_ID, MINE, 200, "code", GW_HINT_NONE, 3, GW_NOTE_CODE_SENT, GW_NEED_MATCH },
	{ RESETTING, GW_ASK_ID, ANOTHERS, 200, "id", GW_HINT_WRONG, 2, GW_NOTE_ID_REFUSED, GW_NEED_MATCH },
	{ RESETTING, GW_ASK_ID, UNKNOWN, 200, "id", GW_HINT_WRONG, 2, GW_NOTE_ID_REFUSED, GW_NEED_MATCH },
	{ RESETTING, GW_ASK_ID, "0012345678", 200, "id", GW_HINT_WRONG, 3, GW_NOTE_NONE, GW_NEED_NOTHING }, /* cannot be one: nothing is learnt */
	{ RESETTING, GW_ASK_ID, "", 200, "id", GW_HINT_WRONG, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ RESETTING, GW_ASK_PIN, PIN, 200, "id", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ RESETTING, GW_ASK_NEW_PIN, PIN, 200, "id", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ RESETTING, GW_ASK_CODE, CODE, 200, "id", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	/* the PIN */
	{ WITH_PIN, GW_ASK_PIN, PIN, 200, "code", GW_HINT_NONE, 3, GW_NOTE_CODE_SENT, GW_NEED_VERIFY },
	{ WITH_PIN, GW_ASK_PIN, "7403", 200, "pin", GW_HINT_WRONG, 2, GW_NOTE_PIN_WRONG, GW_NEED_VERIFY },
	{ WITH_PIN, GW_ASK_PIN, "12", 200, "pin", GW_HINT_WRONG, 2, GW_NOTE_PIN_WRONG, GW_NEED_NOTHING },
	{ WITH_PIN, GW_ASK_PIN, "", 200, "pin", GW_HINT_WRONG, 2, GW_NOTE_PIN_WRONG, GW_NEED_NOTHING },
	{ WITH_PIN, GW_ASK_PIN, "1", 200, "id", GW_HINT_NONE, 3, GW_NOTE_PIN_FORGOTTEN, GW_NEED_NOTHING },
	{ WITH_PIN, GW_ASK_NEW_PIN, "9999", 200, "pin", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ WITH_PIN, GW_ASK_AGAIN_PIN, PIN, 200, "pin", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ WITH_PIN, GW_ASK_CODE, CODE, 200, "pin", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ LOCKED, GW_ASK_PIN, PIN, 429, "locked", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ LOCKED, GW_ASK_PIN, "7403", 429, "locked", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ LOCKED, GW_ASK_PIN, "1", 429, "locked", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	/* a new PIN */
	{ NO_PIN_YET, GW_ASK_NEW_PIN, "7402", 200, "again_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_HASH },
	{ NO_PIN_YET, GW_ASK_NEW_PIN, "1111", 200, "new_pin", GW_HINT_WEAK, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ NO_PIN_YET, GW_ASK_NEW_PIN, "4567", 200, "new_pin", GW_HINT_WEAK, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ NO_PIN_YET, GW_ASK_NEW_PIN, "123", 200, "new_pin", GW_HINT_WEAK, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ NO_PIN_YET, GW_ASK_NEW_PIN, "", 200, "new_pin", GW_HINT_WEAK, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ NO_PIN_YET, GW_ASK_AGAIN_PIN, "7402", 200, "new_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ NO_PIN_YET, GW_ASK_CODE, CODE, 200, "new_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ TYPED_ONCE, GW_ASK_AGAIN_PIN, PIN, 200, "code", GW_HINT_NONE, 3, GW_NOTE_PIN_SET, GW_NEED_VERIFY },
	{ TYPED_ONCE, GW_ASK_AGAIN_PIN, "7403", 200, "new_pin", GW_HINT_DIFFERS, 0, GW_NOTE_NONE, GW_NEED_VERIFY },
	{ TYPED_ONCE, GW_ASK_AGAIN_PIN, "", 200, "new_pin", GW_HINT_DIFFERS, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ TYPED_ONCE, GW_ASK_NOTHING, "", 200, "new_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_SIM },
	{ RESET_PIN, GW_ASK_NEW_PIN, "8306", 200, "again_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_HASH },
	{ RESET_PIN, GW_ASK_NEW_PIN, "8765", 200, "new_pin", GW_HINT_WEAK, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ RESET_PIN, GW_ASK_PIN, PIN, 200, "new_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	/* the code */
	{ CODE_OUT, GW_ASK_CODE, CODE, 200, "proved 3", GW_HINT_NONE, 0, GW_NOTE_PROVED, GW_NEED_NOTHING },
	{ CODE_OUT, GW_ASK_CODE, "555556", 200, "code", GW_HINT_WRONG, 2, GW_NOTE_CODE_WRONG, GW_NEED_NOTHING },
	{ CODE_OUT, GW_ASK_CODE, "", 200, "code", GW_HINT_WRONG, 2, GW_NOTE_CODE_WRONG, GW_NEED_NOTHING },
	{ CODE_OUT, GW_ASK_PIN, PIN, 200, "code", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING }, /* the same step once more */
	{ CODE_OUT, GW_ASK_PIN, "7403", 200, "code", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ RESET_CODE, GW_ASK_CODE, CODE, 200, "new_pin", GW_HINT_NONE, 0, GW_NOTE_NONE, GW_NEED_NOTHING },
	{ RESET_CODE, GW_ASK_CODE, "000000", 200, "code", GW_HINT_WRONG, 2, GW_NOTE_CODE_WRONG, GW_NEED_NOTHING },
	{ RESET_CODE, GW_ASK_NEW_PIN, "8306", 200, "code", GW_HINT_NONE, 3, GW_NOTE_NONE, GW_NEED_NOTHING },
};

static void check_row(const struct row *row)
{
	char then[24] = "";

	bring_to(row->from);
	if (row->from == NO_PIN_YET || row->from == TYPED_ONCE) /* these are of a dialog that wanted level 2 */
		record.flow.asked_sim = true;
	type(3, row->asked, row->typed);
	if (v.status != 200)
		snprintf(then, sizeof(then), "%s", v.why);
	else if (v.question == GW_ASK_NOTHING)
		snprintf(then, sizeof(then), "proved %u", v.level);
	else
		snprintf(then, sizeof(then), "%s", gw_identity_questions[v.question]);
	if (v.status != row->status || strcmp(then, row->then) != 0 || (v.status == 200 && (v.hint != row->hint || v.left != row->left)) ||
	    (row->note && !noted(row->note)) || (!row->note && v.n_notes) || (row->need ? !truth.needs[row->need] : needs()))
		fail_msg("row %u: from %d asked \"%s\" typed \"%s\": %u %s hint \"%s\" left %u notes %zu needs %u", (unsigned int)(row - rows), row->from,
			 gw_identity_questions[row->asked], row->typed, v.status, then, gw_identity_hints[v.hint], v.left, v.n_notes, needs());
}

static void every_question_with_every_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* ---- stories ---- */

static void level_1(void **state)
{
	(void)state;
	arrive(1, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	type(1, GW_ASK_ID, MINE);
	PROVES(1);
	assert_true(noted(GW_NOTE_MATCHED));
	assert_string_equal(MINE, record.id);
	assert_string_equal("tehran", record.province);
	/* it is remembered, and the SIM looked at once in a dialog; nothing is written */
	dialog++;
	arrive(1, 0);
	PROVES(1);
	assert_int_equal(1, truth.needs[GW_NEED_SIM]);
	assert_false(v.store);
	arrive(1, 1);
	PROVES(1);
	assert_int_equal(0, needs());
	/* until it is too old */
	now += limits.remember_ms;
	arrive(1, 1);
	PROVES(1);
	dialog++;
	arrive(1, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
}

static void levels_2_and_3(void **state)
{
	(void)state;
	arrive(3, 0);
	type(3, GW_ASK_ID, MINE);
	ASKS(GW_ASK_NEW_PIN, GW_HINT_NONE);
	type(3, GW_ASK_NEW_PIN, PIN);
	ASKS(GW_ASK_AGAIN_PIN, GW_HINT_NONE);
	type(3, GW_ASK_AGAIN_PIN, PIN);
	ASKS(GW_ASK_CODE, GW_HINT_NONE);
	assert_true(v.send_code);
	type(3, GW_ASK_CODE, CODE);
	PROVES(3);
	/* a PIN and a code are proved anew in each dialog, but within one the dialog says what it has */
	arrive(2, 3);
	PROVES(3);
	dialog++;
	arrive(2, 0);
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
	type(2, GW_ASK_PIN, PIN);
	PROVES(2);
	arrive(3, 2);
	ASKS(GW_ASK_CODE, GW_HINT_NONE);
	assert_true(v.send_code);
}

static void pin_survives_the_match(void **state)
{
	(void)state;
	bring_to(WITH_PIN);
	now += limits.remember_ms;
	dialog++;
	arrive(2, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	type(2, GW_ASK_ID, MINE);
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
}

static void forgotten(void **state)
{
	(void)state;
	bring_to(RESET_PIN);
	ASKS(GW_ASK_NEW_PIN, GW_HINT_NONE);
	type(3, GW_ASK_NEW_PIN, "8306");
	type(3, GW_ASK_AGAIN_PIN, "8306");
	PROVES(3);
	assert_true(noted(GW_NOTE_PIN_RESET));
	dialog++;
	arrive(2, 0);
	type(2, GW_ASK_PIN, PIN);
	ASKS(GW_ASK_PIN, GW_HINT_WRONG);
	type(2, GW_ASK_PIN, "8306");
	PROVES(2);
}

/* Who leaves in the middle of it has changed nothing. */
static void reset_left(void **state)
{
	(void)state;
	bring_to(RESET_PIN);
	type(3, GW_ASK_NEW_PIN, "8306");
	dialog++;
	arrive(2, 0);
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
	type(2, GW_ASK_AGAIN_PIN, "8306");
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
	type(2, GW_ASK_PIN, PIN);
	PROVES(2);
}

static void sim_changed(void **state)
{
	(void)state;
	bring_to(CODE_OUT);
	dialog++;
	truth.since = "2020";
	arrive(1, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	assert_true(noted(GW_NOTE_DROPPED_SIM));
	assert_string_equal("", record.id);
	assert_string_equal("", record.pin);
	assert_string_equal("", record.code);
	type(2, GW_ASK_ID, MINE);
	ASKS(GW_ASK_NEW_PIN, GW_HINT_NONE);
	/* and where the agency knows no such number any more */
	bring_to(WITH_PIN);
	dialog++;
	truth.sim_known = false;
	arrive(1, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	assert_string_equal("", record.pin);
}

/* Whoever has the SIM now may know the national ID: level 1 is theirs, but no PIN before the owner has missed the SIM. */
static void rests_after_a_change(void **state)
{
	const struct gw_identity_limits rests = { .rest_ms = DAY };

	(void)state;
	bring_to(WITH_PIN);
	gw_identity_change(&rests, &record, GW_CHANGED_SIM, now);
	dialog++;
	arrive(2, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	type(2, GW_ASK_ID, MINE);
	REFUSES(429, "locked");
	assert_true(v.until_ms == T0 + DAY);
	dialog++;
	arrive(1, 0);
	PROVES(1);
	now += DAY;
	arrive(2, 1);
	ASKS(GW_ASK_NEW_PIN, GW_HINT_NONE);
	/* a longer lock-out stays, and of whom nothing was known there is nothing to rest for */
	bring_to(LOCKED);
	record.locked_ms = T0 + 2 * (int64_t)DAY;
	gw_identity_change(&rests, &record, GW_CHANGED_SIM, now);
	assert_true(record.locked_ms == T0 + 2 * (int64_t)DAY);
	setup(NULL);
	gw_identity_change(&rests, &record, GW_CHANGED_SIM, now);
	assert_true(record.locked_ms == 0);
}

/* The agency says at the match that it is another SIM: remembered by whom it was before. */
static void sim_changed_at_the_match(void **state)
{
	(void)state;
	bring_to(RESETTING);
	truth.since = "2020";
	type(3, GW_ASK_ID, MINE);
	ASKS(GW_ASK_NEW_PIN, GW_HINT_NONE);
	assert_string_equal("", record.pin);
}

static void dropped_in_the_middle(void **state)
{
	(void)state;
	bring_to(CODE_OUT);
	gw_identity_drop(&record);
	step(3, false, 0, GW_ASK_CODE, CODE);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	bring_to(CODE_OUT);
	gw_identity_drop(&record);
	step(3, false, 2, GW_ASK_CODE, CODE);
	REFUSES(403, "changed");
	arrive(1, 1);
	REFUSES(403, "changed");
}

static void a_business(void **state)
{
	(void)state;
	step(1, true, 0, GW_ASK_NOTHING, "");
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	step(1, true, 0, GW_ASK_ID, MINE);
	ASKS(GW_ASK_LEGAL_ID, GW_HINT_NONE);
	step(1, true, 0, GW_ASK_LEGAL_ID, "14007650913");
	ASKS(GW_ASK_LEGAL_ID, GW_HINT_WRONG);
	assert_int_equal(0, needs());
	step(1, true, 0, GW_ASK_LEGAL_ID, LEGAL);
	PROVES(1);
	assert_string_equal(LEGAL, record.flow.legal_id);
	/* it stays proved in this dialog, and in no other */
	step(2, true, 1, GW_ASK_NOTHING, "");
	ASKS(GW_ASK_NEW_PIN, GW_HINT_NONE);
	dialog++;
	step(1, true, 0, GW_ASK_NOTHING, "");
	ASKS(GW_ASK_LEGAL_ID, GW_HINT_NONE);
	step(1, true, 0, GW_ASK_LEGAL_ID, NOT_LEGAL);
	REFUSES(403, "not_represented");
	assert_true(noted(GW_NOTE_NOT_REPRESENTED));
	step(1, true, 0, GW_ASK_LEGAL_ID, NOT_LEGAL); /* the same step once more */
	REFUSES(403, "not_represented");
	assert_int_equal(1, record.legal_ids.in_hour);
	for (int i = 0; i < 2; i++) {
		dialog++;
		step(1, true, 1, GW_ASK_NOTHING, "");
		step(1, true, 1, GW_ASK_LEGAL_ID, NOT_LEGAL);
		REFUSES(403, "not_represented");
	}
	step(1, true, 1, GW_ASK_LEGAL_ID, LEGAL);
	REFUSES(429, "often");
	dialog++;
	step(1, true, 1, GW_ASK_NOTHING, "");
	REFUSES(429, "often");
	assert_true(v.until_ms == T0 + HOUR);
}

/* ---- limits ---- */

static void guessing_ids(void **state)
{
	static const char *const ids[] = { ANOTHERS, UNKNOWN, "0084575948" };

	(void)state;
	arrive(1, 0);
	for (unsigned int i = 0; i < 3; i++) {
		type(1, GW_ASK_ID, ids[i]);
		assert_int_equal(1, needs());
		assert_true(v.store);
		if (i < 2)
			assert_int_equal(2 - i, v.left);
	}
	REFUSES(429, "often");
	/* over the limit the right one is as good as any, and costs the same */
	type(1, GW_ASK_ID, MINE);
	REFUSES(429, "often");
	assert_int_equal(1, truth.needs[GW_NEED_MATCH]);
	assert_true(v.store);
	assert_string_equal("", record.id);
	assert_true(v.until_ms == T0 + HOUR);
	dialog++;
	arrive(1, 0);
	REFUSES(429, "often");
	now += HOUR;
	for (unsigned int i = 0; i < 3; i++) {
		dialog++;
		arrive(1, 0);
		ASKS(GW_ASK_ID, GW_HINT_NONE);
		type(1, GW_ASK_ID, ids[i]);
	}
	REFUSES(429, "often");
	assert_true(v.until_ms == T0 + DAY);
	now += 2 * HOUR;
	dialog++;
	arrive(1, 0);
	REFUSES(429, "often");
	now = T0 + DAY;
	arrive(1, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
	assert_int_equal(3, v.left);
	type(1, GW_ASK_ID, MINE);
	PROVES(1);
}

static void the_same_twice_counts_once(void **state)
{
	(void)state;
	arrive(1, 0);
	for (int i = 0; i < 5; i++) {
		type(1, GW_ASK_ID, ANOTHERS);
		ASKS(GW_ASK_ID, GW_HINT_WRONG);
		assert_int_equal(2, v.left);
	}
	assert_int_equal(1, record.ids.in_hour);
	bring_to(WITH_PIN);
	for (int i = 0; i < 5; i++)
		type(3, GW_ASK_PIN, "7403");
	assert_int_equal(1, record.pin_tries);
	type(3, GW_ASK_PIN, PIN);
	for (int i = 0; i < 3; i++) { /* a step that a process takes over: no second code */
		type(3, GW_ASK_PIN, PIN);
		ASKS(GW_ASK_CODE, GW_HINT_NONE);
		assert_false(v.send_code);
	}
	type(3, GW_ASK_CODE, CODE);
	PROVES(3);
	type(3, GW_ASK_CODE, CODE);
	PROVES(3);
	dialog++; /* but it is of no use in another dialog */
	type(3, GW_ASK_CODE, CODE);
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
}

static void lock_out(void **state)
{
	static const int64_t minutes[] = { 10, 40, 160, 640, 1440, 1440 };
	char pin[8];

	(void)state;
	bring_to(WITH_PIN);
	for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
		dialog++;
		arrive(2, 0);
		ASKS(GW_ASK_PIN, GW_HINT_NONE);
		for (unsigned int k = 0; k < 3; k++) {
			snprintf(pin, sizeof(pin), "90%u7", k);
			type(2, GW_ASK_PIN, pin);
		}
		REFUSES(429, "locked");
		assert_true(noted(GW_NOTE_LOCKED));
		assert_true(v.until_ms == now + minutes[i] * MINUTE);
		now = v.until_ms - 1;
		dialog++;
		arrive(2, 0);
		REFUSES(429, "locked");
		arrive(1, 0); /* level 1 is not locked */
		PROVES(1);
		now++;
	}
	dialog++;
	arrive(2, 0);
	type(2, GW_ASK_PIN, PIN);
	PROVES(2);
	assert_int_equal(0, record.locks);
}

static void a_lock_outlives_a_drop(void **state)
{
	(void)state;
	bring_to(LOCKED);
	gw_identity_drop(&record);
	dialog++;
	arrive(2, 0);
	type(2, GW_ASK_ID, MINE);
	REFUSES(429, "locked");
	type(2, GW_ASK_NEW_PIN, "8306");
	REFUSES(429, "locked");
	now += 10 * MINUTE;
	dialog++;
	arrive(2, 0);
	ASKS(GW_ASK_NEW_PIN, GW_HINT_NONE);
}

static void codes(void **state)
{
	(void)state;
	bring_to(CODE_OUT);
	type(3, GW_ASK_CODE, "000001");
	type(3, GW_ASK_CODE, "000002");
	truth.code = "666666";
	type(3, GW_ASK_CODE, "000003"); /* void, and another is sent */
	ASKS(GW_ASK_CODE, GW_HINT_EXPIRED);
	assert_true(v.send_code);
	assert_int_equal(3, v.left);
	type(3, GW_ASK_CODE, CODE);
	ASKS(GW_ASK_CODE, GW_HINT_WRONG);
	type(3, GW_ASK_CODE, "666666");
	PROVES(3);
	/* two in an hour */
	dialog++;
	arrive(3, 0);
	type(3, GW_ASK_PIN, PIN);
	REFUSES(429, "often");
	assert_true(v.until_ms == T0 + HOUR);
	assert_false(v.send_code);
	now += HOUR;
	dialog++;
	arrive(3, 0);
	type(3, GW_ASK_PIN, PIN);
	ASKS(GW_ASK_CODE, GW_HINT_NONE);
	/* expired: three in a day, so no other */
	now += 5 * MINUTE;
	type(3, GW_ASK_CODE, "666666");
	REFUSES(429, "often");
	assert_true(v.until_ms == T0 + DAY);
}

/* Many telephones show no SMS while a dialog is open: hang up, read, dial again. */
static void a_code_of_the_dialog_before(void **state)
{
	(void)state;
	bring_to(CODE_OUT);
	dialog++;
	now += MINUTE;
	arrive(3, 0);
	type(3, GW_ASK_PIN, PIN);
	ASKS(GW_ASK_CODE, GW_HINT_NONE);
	assert_false(v.send_code);
	type(3, GW_ASK_CODE, CODE);
	PROVES(3);
	/* but not one that was sent for another purpose */
	bring_to(CODE_OUT);
	dialog++;
	truth.code = "777777";
	arrive(2, 0);
	type(2, GW_ASK_PIN, "1");
	type(2, GW_ASK_ID, MINE);
	ASKS(GW_ASK_CODE, GW_HINT_NONE);
	assert_true(v.send_code);
	type(2, GW_ASK_CODE, CODE);
	ASKS(GW_ASK_CODE, GW_HINT_WRONG);
	/* and not one that is about to expire */
	bring_to(CODE_OUT);
	dialog++;
	now += 4 * MINUTE + 1;
	arrive(3, 0);
	type(3, GW_ASK_PIN, PIN);
	assert_true(v.send_code);
}

/* ---- what must never be ---- */

/* A dialog cannot go on with what another has begun. */
static void another_dialog(void **state)
{
	(void)state;
	bring_to(CODE_OUT);
	dialog++;
	type(3, GW_ASK_CODE, CODE);
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
	dialog--;
	type(3, GW_ASK_CODE, CODE); /* nor can the first go on with its own, once the second has begun */
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
	bring_to(CODE_OUT);
	now += GW_IDENTITY_FLOW_MS;
	type(3, GW_ASK_CODE, CODE);
	ASKS(GW_ASK_PIN, GW_HINT_NONE);
}

/* Two guesses side by side: both loaded the same record, and the second one decides again on what the first has left. */
static void side_by_side(void **state)
{
	struct gw_identity_facts facts = { .match = GW_FACT_YES, .since = "2015" };
	const struct gw_identity_request q = { .msisdn = NUMBER, .dialog = 1, .level = 1, .asked = GW_ASK_ID, .typed = MINE, .last = "x", .code = "" };

	(void)state;
	arrive(1, 0);
	type(1, GW_ASK_ID, ANOTHERS);
	type(1, GW_ASK_ID, UNKNOWN);
	type(1, GW_ASK_ID, "0084575948");
	gw_identity_step(&limits, &record, &q, &facts, now, &v);
	REFUSES(429, "often");
	assert_string_equal("", record.id);
	/* the same with PINs: what fitted a hash that was replaced meanwhile is no fact */
	bring_to(WITH_PIN);
	facts = (struct gw_identity_facts){ .verified = GW_FACT_YES };
	strcpy(facts.against, hash_of(PIN));
	strcpy(record.pin, hash_of("8306"));
	gw_identity_step(&limits, &record, &(struct gw_identity_request){ .msisdn = NUMBER, .dialog = dialog, .level = 2, .asked = GW_ASK_PIN, .typed = PIN,
		.last = "y", .code = "" }, &facts, now, &v);
	assert_int_equal(GW_NEED_VERIFY, v.need);
}

/* Whatever is typed to whatever question, from every state: nobody comes to a level without its proofs. */
static void nothing_is_skipped(void **state)
{
	static const char *const typed[] = { "", "1", ANOTHERS, NOT_LEGAL, "7403", "000000", "8306", "99999999999999999999999999999" };

	(void)state;
	for (int from = 0; from < FROMS; from++)
		for (int asked = 0; asked < GW_ASKS; asked++)
			for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
				bring_to((enum from)from);
				dialog++; /* in which nothing was proved */
				type(3, (enum gw_identity_question)asked, typed[i]);
				assert_true(v.status != 200 || v.question != GW_ASK_NOTHING);
				type(3, v.question, typed[i]);
				assert_true(v.status != 200 || v.question != GW_ASK_NOTHING);
			}
}

static void a_clock_that_is_set_back(void **state)
{
	(void)state;
	now += 10 * (int64_t)DAY;
	arrive(1, 0);
	type(1, GW_ASK_ID, ANOTHERS);
	type(1, GW_ASK_ID, UNKNOWN);
	type(1, GW_ASK_ID, "0084575948");
	now = T0;
	dialog++;
	arrive(1, 0);
	ASKS(GW_ASK_ID, GW_HINT_NONE);
}

static void weak_pins(void **state)
{
	static const char *const weak[] = { "0000", "1111", "99999999", "1234", "4321", "7890", "8901", "2109", "0987", "123456", "1212", "123123", "45454",
		"1122", "112233", "332211", "1357913579", "1365", "1399", "1984", "2020", "4567", "1234567", "9891", "0012", "5679" };
	static const char *const good[] = { "7402", "8306", "1729", "90210", "314159", "27182818", "1029", "5083" };

	(void)state;
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		if (!gw_identity_is_weak(weak[i], NUMBER, MINE) && gw_identity_is_pin(weak[i]))
			fail_msg("%s is taken", weak[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (gw_identity_is_weak(good[i], NUMBER, MINE) || !gw_identity_is_pin(good[i]))
			fail_msg("%s is not taken", good[i]);
	assert_false(gw_identity_is_pin("123"));
	assert_false(gw_identity_is_pin("123456789"));
	assert_false(gw_identity_is_pin("12a4"));
	assert_false(gw_identity_is_pin("۱۲۳۴"));
	assert_false(gw_identity_is_pin(" 1234"));
}

#define STORY(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(every_question_with_every_answer), STORY(level_1), STORY(levels_2_and_3), STORY(pin_survives_the_match), STORY(forgotten),
		STORY(reset_left), STORY(sim_changed), STORY(rests_after_a_change), STORY(sim_changed_at_the_match), STORY(dropped_in_the_middle), STORY(a_business),
		STORY(guessing_ids), STORY(the_same_twice_counts_once), STORY(lock_out), STORY(a_lock_outlives_a_drop), STORY(codes),
		STORY(a_code_of_the_dialog_before), STORY(another_dialog), STORY(side_by_side), STORY(nothing_is_skipped),
		STORY(a_clock_that_is_set_back), STORY(weak_pins),
	};

	menu_unicode_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
