/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Each shipped dialect plays one story, octet by octet: a begin, a continue, the last page, a break, a continue of a
 * session that is gone. Messages from the network are put together here by hand, from the table of dialects in
 * smpp/README.md, and what we send is compared as octets with what that table says. Then addresses, text, what goes wrong. */
#include "tests/unit/smpp/dialect_wire.h"

/* --- the stories --- */

struct mo {
	const char *type, *tlvs, *text;
};
struct mt {
	const char *type, *tlvs, *text;     /* text NULL: the plain one of the story */
};

struct story {
	const char *dialect;
	uint32_t mo_command, mt_command;
	uint8_t mt_esm_class, mt_registered;
	uint8_t mo_coding, mt_coding;
	const char *code;
	struct mo begin;
	const char *dialled;
	struct mt page;                  /* answers the begin: "Choose" */
	struct mo input;                 /* the citizen types "1" */
	struct mt last;                  /* answers it: "Bye" */
	struct mo gone;                  /* the network breaks the session off; type NULL: it has no way to */
	enum smpp_ussd_kind gone_kind;
	struct mt abort;                 /* we break off; type NULL: there is no way to */
	struct mo stale;                 /* the input of another session; type NULL: the dialect has no sessions */
};

static const struct story stories[] = {
	{ .dialect = "its", .code = "4",
	  .begin = { "USSD", "0501 0001 01  1383 0002 1234", "'*4*2020#'" }, .dialled = "*4*2020#",
	  .page = { "USSD", "0501 0001 02  1383 0002 1234", NULL },
	  .input = { "USSD", "0501 0001 12  1383 0002 1234", "'1'" },
	  .last = { "USSD", "0501 0001 11  1383 0002 1235", NULL },
	  .gone = { "USSD", "0501 0001 12  1383 0002 1235", "" }, .gone_kind = SMPP_USSD_END,
	  .stale = { "USSD", "0501 0001 12  1383 0002 5678", "'1'" } },
	{ .dialect = "tata", .code = "4",
	  .begin = { "", "0501 0001 01  1383 0002 0A00", "''" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  1383 0002 0A00", NULL },
	  .input = { "", "0501 0001 02  1383 0002 0A00", "'1'" },
	  .last = { "USSD", "0501 0001 02  1383 0002 0A01", NULL },
	  .gone = { "", "0501 0001 11  1383 0002 0A00", "" }, .gone_kind = SMPP_USSD_END,
	  .stale = { "", "0501 0001 12  1383 0002 0B00", "'1'" } },
	{ .dialect = "mica", .code = "4",
	  .begin = { "USSD", "0501 0001 01  0204 0002 00FE", "'*4#'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  0204 0002 00FE", NULL },
	  .input = { "USSD", "0501 0001 12  0204 0002 00FE", "'1'" },
	  .last = { "USSD", "0501 0001 11  0204 0002 00FE", NULL },
	  .gone = { "USSD", "0501 0001 81  0204 0002 00FE", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .stale = { "USSD", "0501 0001 12  0204 0002 00FF", "'1'" } },
	{ .dialect = "6d", .code = "4",
	  .begin = { "USSD", "0501 0001 01  1383 0002 FFFE", "'*4#'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  1383 0002 FFFE", NULL },
	  .input = { "USSD", "0501 0001 12  1383 0002 FFFE", "'1'" },
	  .last = { "USSD", "0501 0001 11  1383 0002 FFFF", NULL },
	  .gone = { "USSD", "0501 0001 81  1383 0002 FFFE", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .stale = { "USSD", "0501 0001 12  1383 0002 FEFE", "'1'" } },
	{ .dialect = "huawei", .code = "4", .mo_coding = 0x0F, .mt_coding = 0x0F,
	  .begin = { "USSD", "0501 0001 01  1383 0001 0B  0204 0002 0007", "'*4#'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  1383 0001 0B  0204 0002 0007", NULL },
	  .input = { "USSD", "0501 0001 12  1383 0001 0B  0204 0002 0008", "'1'" },
	  .last = { "USSD", "0501 0001 11  1383 0001 0B  0204 0002 0008", NULL },
	  .gone = { "USSD", "0501 0001 21  1383 0001 0B", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .abort = { "USSD", "0501 0001 21  1383 0001 0B", NULL },
	  .stale = { "USSD", "0501 0001 12  1383 0001 0C", "'1'" } },
	{ .dialect = "huawei-service-type", .code = "4", .mo_coding = 0x44, .mt_coding = 0x44,
	  .begin = { "PSSRR", "", "'*4#'" }, .dialled = "*4#", .page = { "USSRR", "", NULL },
	  .input = { "USSRC", "", "'1'" }, .last = { "PSSRC", "", NULL },
	  .gone = { "RELC", "", "" }, .gone_kind = SMPP_USSD_ABORT },
	{ .dialect = "velcom", .code = "375291112233",
	  .begin = { "USSD", "0501 0001 01  0204 0002 0010", "'*877#'" }, .dialled = "*877#",
	  .page = { "USSD", "0501 0001 02  0204 0002 0010", NULL },
	  .input = { "USSD", "0501 0001 12  0204 0002 0011", "'1'" },
	  .last = { "USSD", "0501 0001 03  0204 0002 0011", NULL },
	  .gone = { "USSD", "0501 0001 21  0204 0002 0011", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .abort = { "USSD", "0501 0001 21  0204 0002 0011", NULL } },
	{ .dialect = "comverse", .code = "4",
	  .begin = { "USSD", "0501 0001 01  1501 0004 01020304", "'*4#'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  1501 0004 01020304", NULL },
	  .input = { "USSD", "0501 0001 12  1501 0004 01020304", "'1'" },
	  .last = { "USSD", "0501 0001 11  1501 0004 01020304", NULL },
	  .gone = { "USSD", "0501 0001 81  1501 0004 01020304", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .abort = { "USSD", "0501 0001 80  1501 0004 01020304", NULL },
	  .stale = { "USSD", "0501 0001 12  1501 0004 01020305", "'1'" } },
	/* 109 is base64 of what was typed, 110 of "s-1"; in the answer 121 is the text, 123 "0" or "3", 116 "1" */
	{ .dialect = "comviva", .code = "4",
	  .begin = { "USSD", "0501 0001 01  1383 0002 0C00", "'1|100:OTg5MTIxMjM0NTY3|109:KjQj|110:cy0x'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  1383 0002 0C00", "'1|121:" BASE64_CHOOSE "|123:MA==|110:cy0x|116:MQ=='" },
	  .input = { "USSD", "0501 0001 12  1383 0002 0C00", "'1|109:MQ==|110:cy0x'" },
	  .last = { "USSD", "0501 0001 11  1383 0002 0C01", "'1|121:" BASE64_BYE "|123:Mw==|110:cy0x|116:MQ=='" },
	  .gone = { "USSD", "0501 0001 12  1383 0002 0C01", "'1|110:cy0x'" }, .gone_kind = SMPP_USSD_END,
	  .stale = { "USSD", "0501 0001 12  1383 0002 0C00", "'1|109:MQ==|110:cy0y'" } },
	{ .dialect = "cellicium", .code = "4", .mo_command = SMPP_DATA_SM, .mt_command = SMPP_DATA_SM, .mt_esm_class = 1, .mt_registered = 1,
	  .begin = { "USSD", "0501 0001 01  001E 0009 '0A1B2C3d' 00", "'*4#'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  001E 0009 '0A1B2C3d' 00", NULL },
	  .input = { "USSD", "0501 0001 12  001E 0009 '0A1B2C3d' 00", "'1'" },
	  .last = { "USSD", "0501 0001 11  001E 0009 '0A1B2C3d' 00", NULL },
	  .gone = { "USSD", "0501 0001 43  001E 0009 '0A1B2C3d' 00", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .abort = { "USSD", "0501 0001 44  001E 0009 '0A1B2C3d' 00", NULL },
	  .stale = { "USSD", "0501 0001 12  001E 0009 '0A1B2C3e' 00", "'1'" } },
	{ .dialect = "ussrel", .code = "4", .mo_command = SMPP_DATA_SM, .mt_command = SMPP_DATA_SM,
	  .begin = { "USSD", "0501 0001 01  001E 0005 '1234' 00", "'*4#'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  001E 0005 '1234' 00", NULL },
	  .input = { "USSD", "0501 0001 12  001E 0005 '1234' 00", "'1'" },
	  .last = { "USSD", "0501 0001 11  001E 0005 '1234' 00", NULL },
	  .gone = { "USSD", "0501 0001 81  001E 0005 '1234' 00", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .abort = { "USSD", "0501 0001 80  001E 0005 '1234' 00", NULL },
	  .stale = { "USSD", "0501 0001 12  001E 0005 '1235' 00", "'1'" } },
	{ .dialect = "ericsson", .code = "4",
	  .begin = { "USSD", "0501 0001 01  1383 0002 0102", "'*4*1420#' 00 00" }, .dialled = "*4*1420#",
	  .page = { "USSD", "0501 0001 02  1383 0002 0102", NULL },
	  .input = { "USSD", "0501 0001 12  1383 0002 0102", "'1' 00" },
	  .last = { "USSD", "0501 0001 11  1383 0002 0102", NULL },
	  .gone = { "USSD", "0501 0001 05  1383 0002 0102", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .stale = { "USSD", "0501 0001 12  1383 0002 0202", "'1'" } },
	{ .dialect = "eyeline", .code = "4",
	  .begin = { "USSD", "0501 0001 01  0204 0002 0100", "'*4#'" }, .dialled = "*4#",
	  .page = { "USSD", "0501 0001 02  0204 0002 0100", NULL },
	  .input = { "USSD", "0501 0001 12  0204 0002 0100", "'1'" },
	  .last = { "USSD", "0501 0001 11  0204 0002 0100", NULL },
	  .gone = { "USSD", "0501 0001 81  0204 0002 0100", "" }, .gone_kind = SMPP_USSD_ABORT,
	  .abort = { "USSD", "0501 0001 80  0204 0002 0100", NULL },
	  .stale = { "USSD", "0501 0001 12  0204 0002 0101", "'1'" } },
	{ .dialect = "tele2-kz", .code = "201",
	  .begin = { "USSD_", "0501 0001 01  1383 0002 0000  0381 0006 010106 '401'  0202 0004 a0 '770'  0203 0002 a0 '*'", "" }, .dialled = "*201#",
	  .page = { "USSD_", "0501 0001 02  1383 0002 0000", NULL },
	  .input = { "USSD_", "0501 0001 12  1383 0002 0000", "'1'" },
	  .last = { "USSD_", "0501 0001 11  1383 0002 0000", NULL } },
	{ .dialect = "sessionless", .code = "992927770000",
	  .begin = { "", "0501 0001 01", "'*3322*0#'" }, .dialled = "*3322*0#", .page = { "", "0501 0001 02", NULL },
	  .input = { "", "0501 0001 12", "'1'" }, .last = { "", "0501 0001 11", NULL } },
	{ .dialect = "jsmpp", .code = "*111", .mo_coding = 4, .mt_coding = 4,
	  .begin = { "BR", "", "''" }, .dialled = "*111#", .page = { "CR", "", NULL },
	  .input = { "CA", "", "'1'" }, .last = { "EF", "", NULL },
	  .gone = { "AF", "", "" }, .gone_kind = SMPP_USSD_ABORT },
};
#define N_STORIES (sizeof(stories) / sizeof(stories[0]))

static struct wire wire_of(const struct story *s, const struct mo *mo)
{
	return (struct wire){ .command = s->mo_command ? s->mo_command : SMPP_DELIVER_SM, .type = mo->type,
		.source_ton = 1, .source_npi = 1, .source = NUMBER, .destination_ton = 3, .destination_npi = 9, .destination = s->code,
		.data_coding = s->mo_coding, .tlvs = mo->tlvs, .text = mo->text };
}

static void assert_answer(const struct story *s, const struct smpp_ussd_event *event, enum smpp_ussd_answer answer, const char *text,
                          const struct mt *mt)
{
	char plain[32];
	struct bytes got;
	struct wire want = { .command = s->mt_command ? s->mt_command : SMPP_SUBMIT_SM, .type = mt->type,
		.source_ton = 3, .source_npi = 9, .source = s->code, .destination_ton = 1, .destination_npi = 1, .destination = NUMBER,
		.esm_class = s->mt_esm_class, .registered_delivery = s->mt_registered, .data_coding = s->mt_coding,
		.tlvs = mt->tlvs, .text = mt->text ? mt->text : plain };

	snprintf(plain, sizeof(plain), "'%s'", text);
	assert_int_equal(say(dialect(s->dialect), event, answer, text, &got), 0);
	assert_wire(&got, &want);
}

static void play(const struct story *s)
{
	const struct smpp_dialect *d = dialect(s->dialect);
	struct smpp_ussd_event begin, input, other;
	struct wire w = wire_of(s, &s->begin);
	struct bytes got;

	assert_int_equal(hear(d, &w, &begin), 0);
	assert_int_equal(begin.kind, SMPP_USSD_BEGIN);
	assert_string_equal(begin.text, s->dialled);
	assert_int_equal(begin.text_octets, strlen(s->dialled));
	assert_string_equal(begin.msisdn, NUMBER);
	assert_int_equal(begin.session != 0, s->stale.type != NULL);
	assert_answer(s, &begin, SMPP_ANSWER_CONTINUE, "Choose", &s->page);

	w = wire_of(s, &s->input);
	assert_int_equal(hear(d, &w, &input), 0);
	assert_int_equal(input.kind, SMPP_USSD_CONTINUE);
	assert_string_equal(input.text, "1");
	assert_int_equal(input.session, begin.session);
	assert_int_not_equal(input.fingerprint, 0);
	assert_int_not_equal(input.fingerprint, begin.fingerprint);
	assert_answer(s, &input, SMPP_ANSWER_END, "Bye", &s->last);
	assert_int_equal(hear(d, &w, &other), 0);
	assert_int_equal(other.fingerprint, input.fingerprint);

	if (s->gone.type) {
		w = wire_of(s, &s->gone);
		assert_int_equal(hear(d, &w, &other), 0);
		assert_int_equal(other.kind, s->gone_kind);
		assert_int_equal(other.session, begin.session);
		assert_string_equal(other.msisdn, NUMBER);
	}
	if (s->abort.type)
		assert_answer(s, &other, SMPP_ANSWER_ABORT, "", &s->abort);
	else
		assert_int_equal(say(d, &begin, SMPP_ANSWER_ABORT, "", &got), -ENOTSUP);
	if (s->stale.type) {
		w = wire_of(s, &s->stale);
		assert_int_equal(hear(d, &w, &other), 0);
		assert_int_equal(other.kind, SMPP_USSD_CONTINUE);
		assert_int_not_equal(other.session, 0);
		assert_int_not_equal(other.session, begin.session);
		assert_int_not_equal(other.fingerprint, input.fingerprint);
	}
}

static void every_dialect_plays_its_story(void **state)
{
	(void)state;
	for (size_t i = 0; smpp_dialect_row(i); i++) {
		size_t found = N_STORIES;

		for (size_t s = 0; s < N_STORIES; s++)
			found = strcmp(stories[s].dialect, smpp_dialect_row(i)->name) == 0 ? s : found;
		if (found == N_STORIES)
			fail_msg("%s has no story", smpp_dialect_row(i)->name);
		printf("story: %s\n", stories[found].dialect);
		play(&stories[found]);
	}
}

static void rows_are_sound(void **state)
{
	(void)state;
	for (size_t i = 0; smpp_dialect_row(i); i++) {
		const struct smpp_dialect *d = smpp_dialect_row(i);

		if (smpp_dialect_check(d))
			fail_msg("%s: %s", d->name, smpp_dialect_check(d));
		assert_ptr_equal(smpp_dialect_find(d->name), d);
		assert_true(strlen(smpp_dialect_text(i)) > 10);
		assert_in_range(d->page_septets, 160, 182);
		assert_int_equal(d->page_ucs2_units, 80);
	}
	assert_null(smpp_dialect_find("none such"));
	assert_null(smpp_dialect_text(N_STORIES));
	assert_null(smpp_dialect_row(1000));
}

/* velcom: the last page is a notify, its confirmation is answered with an empty release */
static void release_follows_the_confirmation(void **state)
{
	(void)state;
	const struct smpp_dialect *d = dialect("velcom");
	struct wire w = { .command = SMPP_DELIVER_SM, .type = "USSD", .source = "+" NUMBER, .destination = "877",
		.tlvs = "0501 0001 13  0204 0002 0042", .text = "" };
	struct smpp_ussd_event event;
	struct bytes got;

	assert_true(smpp_dialect_releases(d));
	assert_int_equal(hear(d, &w, &event), 0);
	assert_int_equal(event.kind, SMPP_USSD_NOTIFIED);
	assert_string_equal(event.text, "");
	assert_int_equal(say(d, &event, SMPP_ANSWER_RELEASE, "", &got), 0);
	assert_wire(&got, &(struct wire){ .command = SMPP_SUBMIT_SM, .type = "USSD", .source = "877", .destination = "+" NUMBER,
		.tlvs = "0501 0001 20  0204 0002 0042", .text = "" });
	assert_false(smpp_dialect_releases(dialect("its")));
	assert_int_equal(say(dialect("tata"), &event, SMPP_ANSWER_NOTIFY, "", &got), -ENOTSUP);
}

/* The structure of a capture of Tele2 Kazakhstan, a whole PDU. */
static void tele2_capture(void **state)
{
	(void)state;
	static const char head[] = "0000006b 00000005 00000000 00000002 'USSD_' 00 0101 '77010001122' 00 0001 '201' 00 00 00 00 00 00 00 00 00 00 00";
	struct bytes b = { .n = 0 };
	struct smpp_pdu pdu;
	struct smpp_ussd_event event;

	put_hex(&b, head);
	put_hex(&b, "0381 0012 010106 '401770000000001'  0202 0009 a0 '77010000'  0203 0002 a0 '*'  0501 0001 01  1383 0002 0000");
	b.at[3] = (uint8_t)b.n;
	assert_int_equal(smpp_pdu_decode(&pdu, b.at, b.n), 0);
	assert_int_equal(smpp_dialect_decode(dialect("tele2-kz"), &pdu, &event), 0);
	assert_int_equal(event.kind, SMPP_USSD_BEGIN);
	assert_string_equal(event.text, "*201#");
	assert_string_equal(event.msisdn, "77010001122");
	assert_int_equal(event.session, 0);
}

/* --- addresses --- */

/* The answer goes to the number as the network wrote it; inside we have one form. */
static void numbers_go_back_as_they_came(void **state)
{
	(void)state;
	static const struct { uint8_t ton; const char *written; } rows[] = {
		{ 1, "989121234567" }, { 1, "+989121234567" }, { 0, "00989121234567" }, { 2, "09121234567" }, { 2, "9121234567" }, { 0, "09121234567" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_dialect d = *dialect("sessionless");
		struct wire w = begin_wire("0501 0001 01", "'*4#'");
		struct wire want = { .command = SMPP_SUBMIT_SM, .type = "", .source_npi = 1, .source = "4", .destination_ton = rows[i].ton,
			.destination_npi = 1, .destination = rows[i].written, .tlvs = "0501 0001 11", .text = "'ok'" };
		struct smpp_ussd_event event;
		struct bytes got;

		w.source_ton = rows[i].ton;
		w.source = rows[i].written;
		assert_int_equal(hear(&d, &w, &event), 0);
		assert_string_equal(event.msisdn, NUMBER);
		assert_int_equal(say(&d, &event, SMPP_ANSWER_END, "ok", &got), 0);
		assert_wire(&got, &want);
		assert_int_equal(smpp_dialect_set(&d, "destination_form", "international"), 0);
		assert_int_equal(say(&d, &event, SMPP_ANSWER_END, "ok", &got), 0);
		want.destination_ton = 1;
		want.destination = NUMBER;
		assert_wire(&got, &want);
	}
}

static void where_the_code_stands(void **state)
{
	(void)state;
	static const struct { const char *code, *destination, *text, *tlvs, *dialled; } rows[] = {
		{ "either", "4", "'*4*2020#'", "", "*4*2020#" }, { "either", "4", "", "", "*4#" }, { "either", "201", "'hello'", "", "*201#" },
		{ "either", "*4*1420#", "", "", "*4*1420#" }, { "either", "*4*1420", "", "", "*4*1420#" }, { "either", "", "'4'", "", "4" },
		{ "either", "\xca", "'hello'", "", "" },
		{ "either", "4", "'#1420*4*'", "", "#1420*4*" }, { "either", "4", "'*4'", "", "*4#" }, { "either", "4", "'#'", "", "##" },
		{ "destination_addr", "4", "'*5#'", "", "*4#" }, { "destination_addr", "", "'*5#'", "", "*5#" },
		{ "text", "4", "'*5#'", "", "*5#" }, { "text", "4", "", "", "*4#" }, { "text", "4", "'5'", "", "5" },
		{ "subaddress", "201", "'*5#'", "0203 0002 a0 '*'", "*201#" }, { "subaddress", "201", "", "0203 0003 a0 '*#'", "*#201#" },
		{ "subaddress", "201", "", "0203 0001 a0", "*201#" }, { "subaddress", "201", "", "0203 0000", "*201#" },
		{ "subaddress", "201", "", "", "*201#" }, { "subaddress", "201", "", "0203 0004 a0 '1*1'", "*201#" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_dialect d = *dialect("sessionless");
		struct smpp_ussd_event event;
		struct wire w = begin_wire("", rows[i].text);
		char tlvs[64];

		snprintf(tlvs, sizeof(tlvs), "0501 0001 01 %s", rows[i].tlvs);
		w.tlvs = tlvs;
		w.destination = rows[i].destination;
		assert_int_equal(smpp_dialect_set(&d, "code", rows[i].code), 0);
		assert_int_equal(hear(&d, &w, &event), 0);
		assert_string_equal(event.text, rows[i].dialled);
		assert_int_equal(event.text_octets, strlen(event.text));
	}
}

/* --- text --- */

static void data_codings_in(void **state)
{
	(void)state;
	static const struct { uint8_t data_coding; const char *octets, *text; } rows[] = {
		{ 0, "00 1b65", "@€" }, { 1, "'a@'", "a@" }, { 3, "e9", "é" }, { 8, "0642 06f4", "ق۴" }, { 8, "d83d dcf1", "\xF0\x9F\x93\xB1" },
		{ 0x0F, "00", "@" }, { 0x15, "'1' 11", "1_" }, { 0x18, "0642", "ق" }, { 0x20, "00", "@" }, { 0x30, "00", "@" }, { 0x40, "00", "@" },
		{ 0x48, "0642", "ق" }, { 0x58, "0642", "ق" }, { 0x4C, "00", "@" }, { 0xF0, "00", "@" }, { 0xF3, "00", "@" }, { 0x80, "00", "@" },
		/* 0x11: UCS-2 if a packed language ("fa", 0xe6 0x30) stands there, else GSM 7-bit */
		{ 0x11, "e630 0642", "ق" }, { 0x11, "'12'", "12" }, { 0x11, "'1'", "1" }, { 0x10, "'fa' 0d '12'", "12" }, { 0x10, "'12'", "12" },
		/* not text */
		{ 2, "'1'", NULL }, { 4, "'1'", NULL }, { 5, "'1'", NULL }, { 6, "'1'", NULL }, { 7, "'1'", NULL }, { 9, "'1'", NULL },
		{ 10, "'1'", NULL }, { 13, "'1'", NULL }, { 14, "'1'", NULL }, { 0x44, "'1'", NULL }, { 0x54, "'1'", NULL }, { 0x64, "'1'", NULL },
		{ 0x68, "'1'", NULL }, { 0x90, "'1'", NULL }, { 0xD0, "'1'", NULL }, { 0xE0, "'1'", NULL }, { 0xF4, "'1'", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = begin_wire("0501 0001 12", rows[i].octets);
		struct smpp_ussd_event event;
		uint32_t status;

		w.data_coding = rows[i].data_coding;
		status = hear(dialect("sessionless"), &w, &event);
		if (!rows[i].text) {
			assert_int_equal(status, ESME_RX_R_APPN);
			continue;
		}
		assert_int_equal(status, 0);
		if (strcmp(event.text, rows[i].text) != 0)
			fail_msg("data_coding 0x%02x: \"%s\" instead of \"%s\"", rows[i].data_coding, event.text, rows[i].text);
	}
}

static void persian_answers(void **state)
{
	(void)state;
	static const struct { const char *dialect; uint8_t came, sent; const char *text, *octets; } rows[] = {
		{ "its", 0, 8, "قبض", "0642 0628 0636" }, { "comverse", 0, 72, "قبض", "0642 0628 0636" }, { "huawei", 0x15, 0x48, "ق", "0642" },
		{ "huawei", 0x15, 0x0F, "@", "00" }, { "its", 8, 0, "ok", "'ok'" },
		/* echo, unless the text cannot be said in it */
		{ "huawei-service-type", 0x48, 0x48, "ok", "006f 006b" }, { "huawei-service-type", 0x48, 0x48, "ق", "0642" },
		{ "huawei-service-type", 0x15, 0x15, "ok", "'ok'" }, { "huawei-service-type", 0x15, 0x48, "ق", "0642" },
		{ "huawei-service-type", 0x44, 0x44, "é", "e9" }, { "huawei-service-type", 0x11, 0x0F, "ok", "'ok'" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct smpp_dialect *d = dialect(rows[i].dialect);
		struct wire w = begin_wire("0501 0001 01", "");
		struct wire want = { .command = SMPP_SUBMIT_SM, .type = "USSD", .source_npi = 1, .source = "4", .destination_ton = 1,
			.destination_npi = 1, .destination = NUMBER, .data_coding = rows[i].sent, .tlvs = "0501 0001 02", .text = rows[i].octets };
		struct smpp_ussd_event event;
		struct bytes got;

		w.data_coding = rows[i].came;
		if (d->begin_type_in[0]) {
			w.type = d->begin_type_in;
			want.type = d->continue_type_out;
			want.tlvs = w.tlvs = "";
		}
		assert_int_equal(hear(d, &w, &event), 0);
		assert_int_equal(say(d, &event, SMPP_ANSWER_CONTINUE, rows[i].text, &got), 0);
		assert_wire(&got, &want);
	}
}

/* A hundred Latin letters are one page, but not in the UCS-2 that came. */
static void echo_keeps_the_page(void **state)
{
	(void)state;
	const struct smpp_dialect *d = dialect("huawei-service-type");
	struct wire w = begin_wire("", "");
	struct smpp_ussd_event event;
	struct smpp_dialect_room room;
	struct smpp_pdu pdu;
	char text[101] = "";

	memset(text, 'a', 100);
	w.type = "PSSRR";
	w.data_coding = 0x48;
	assert_int_equal(hear(d, &w, &event), 0);
	assert_true(smpp_dialect_fits(d, text, 100));
	assert_int_equal(smpp_dialect_encode(d, event.context, event.context_octets, SMPP_ANSWER_END, NUMBER, text, 100, &pdu, &room), 0);
	assert_int_equal(pdu.message.data_coding, 0x0F);
	assert_int_equal(pdu.message.sm_length, 100);
}

static void long_texts(void **state)
{
	(void)state;
	struct smpp_dialect d = *dialect("sessionless");
	struct wire w = begin_wire("0501 0001 01", "'*4#'");
	struct smpp_ussd_event event;
	struct smpp_dialect_room room;
	struct smpp_pdu pdu;
	static char text[3000];
	size_t octets;

	memset(text, 'a', sizeof(text));
	assert_int_equal(hear(&d, &w, &event), 0);
#define ENCODE(n) smpp_dialect_encode(&d, event.context, event.context_octets, SMPP_ANSWER_END, NUMBER, text, n, &pdu, &room)
	assert_int_equal(ENCODE(254), 0);
	assert_int_equal(pdu.message.sm_length, 254);
	assert_int_equal(ENCODE(255), -EMSGSIZE);
	assert_int_equal(smpp_dialect_set(&d, "long_text_in_payload", "true"), 0);
	assert_int_equal(ENCODE(254), 0);
	assert_int_equal(pdu.message.sm_length, 254);
	assert_int_equal(ENCODE(255), 0);
	assert_int_equal(pdu.message.sm_length, 0);
	smpp_pdu_text(&pdu, &octets);
	assert_int_equal(octets, 255);
	assert_int_equal(ENCODE(2048), 0);
	assert_int_equal(ENCODE(2049), -EMSGSIZE);
	text[7] = (char)0xC0;
	assert_int_equal(ENCODE(20), -EILSEQ);
#undef ENCODE
}

static void pages_fit(void **state)
{
	(void)state;
	struct smpp_dialect d = *dialect("its");
	char latin[183], persian[162];

	memset(latin, 'a', sizeof(latin));
	for (size_t i = 0; i < sizeof(persian); i += 2)
		memcpy(persian + i, "ق", 2);
	assert_true(smpp_dialect_fits(&d, "", 0));
	assert_true(smpp_dialect_fits(&d, latin, 182));
	assert_false(smpp_dialect_fits(&d, latin, 183));
	latin[0] = '[';
	assert_true(smpp_dialect_fits(&d, latin, 181));
	assert_false(smpp_dialect_fits(&d, latin, 182));
	assert_true(smpp_dialect_fits(&d, persian, 160));
	assert_false(smpp_dialect_fits(&d, persian, 162));
	assert_false(smpp_dialect_fits(&d, "\xC0", 1));
	assert_int_equal(smpp_dialect_set(&d, "page_ucs2_units", "70"), 0);
	assert_false(smpp_dialect_fits(&d, persian, 142));
	assert_int_equal(smpp_dialect_set(&d, "page_septets", "100"), 0);
	assert_false(smpp_dialect_fits(&d, latin, 100));
	assert_true(smpp_dialect_fits(&d, latin, 99));
	/* where everything goes out as UCS-2 */
	assert_int_equal(smpp_dialect_set(&d, "default_alphabet", "UCS2"), 0);
	assert_true(smpp_dialect_fits(&d, latin, 70));
	assert_false(smpp_dialect_fits(&d, latin, 71));
}

/* One page in segmentation.tsv is one page here. */
static void segmentation_vectors(void **state)
{
	(void)state;
	const struct smpp_dialect *d = dialect("its");
	FILE *file = fopen("tests/data/vectors/segmentation.tsv", "r");
	char line[4096];
	unsigned int rows = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *text = line, *last = strrchr(line, '\t'), *end = strchr(line, '\t'), *newline;

		if (line[0] == '#' || !last)
			continue;
		*end = '\0';
		while ((newline = strstr(text, "\\n"))) {
			*newline = '\n';
			memmove(newline + 1, newline + 2, strlen(newline + 2) + 1);
		}
		assert_int_equal(smpp_dialect_fits(d, text, strlen(text)), strncmp(last + 1, "fits", 4) == 0);
		rows++;
	}
	fclose(file);
	assert_in_range(rows, 10, 1000);
}

/* --- what is not ours, and what is wrong --- */

static void not_ussd(void **state)
{
	(void)state;
	static const struct { const char *dialect; struct wire wire; enum smpp_ussd_kind kind; } rows[] = {
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "", .text = "'hello'" }, SMPP_USSD_NONE },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "CMT", .tlvs = "1383 0002 0000", .text = "'hello'" }, SMPP_USSD_NONE },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .esm_class = 0x04, .tlvs = "0501 0001 01", .text = "'id:1'" }, SMPP_USSD_NONE },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .esm_class = 0x20, .tlvs = "", .text = "'id:1'" }, SMPP_USSD_NONE },
		{ "its", { .command = SMPP_SUBMIT_SM, .type = "USSD", .tlvs = "0501 0001 01", .text = "'*4#'" }, SMPP_USSD_NONE },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "USSD", .tlvs = "", .text = "'*4#'" }, SMPP_USSD_UNKNOWN },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "0501 0001 23", .text = "'1'" }, SMPP_USSD_UNKNOWN },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "0501 0001 FF", .text = "'1'" }, SMPP_USSD_UNKNOWN },
		{ "mica", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "0501 0001 FF", .text = "'1'" }, SMPP_USSD_CONTINUE },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "0501 0002 0012", .text = "'1'" }, SMPP_USSD_CONTINUE },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .esm_class = 0x18, .tlvs = "0501 0001 12", .text = "" }, SMPP_USSD_ABORT },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "0501 0001 01 1383 0002 0001", .text = "" }, SMPP_USSD_END },
		{ "ericsson", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "0501 0001 12 1383 0002 0001", .text = "" }, SMPP_USSD_CONTINUE },
		{ "huawei-service-type", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "", .text = "'1'" }, SMPP_USSD_NONE },
		{ "huawei-service-type", { .command = SMPP_DELIVER_SM, .type = "PSSR", .tlvs = "", .text = "'1'" }, SMPP_USSD_NONE },
		{ "huawei-service-type", { .command = SMPP_DELIVER_SM, .type = "", .tlvs = "0501 0001 01", .text = "'1'" }, SMPP_USSD_UNKNOWN },
		{ "jsmpp", { .command = SMPP_DELIVER_SM, .type = "AN", .tlvs = "", .text = "" }, SMPP_USSD_ABORT },
		{ "jsmpp", { .command = SMPP_DELIVER_SM, .type = "A", .tlvs = "", .text = "" }, SMPP_USSD_NONE },
		{ "jsmpp", { .command = SMPP_DELIVER_SM, .type = "EA", .tlvs = "", .text = "" }, SMPP_USSD_END },
		{ "its", { .command = SMPP_DELIVER_SM, .type = "", .data_coding = 2, .tlvs = "0501 0001 13", .text = "'x'" }, SMPP_USSD_NOTIFIED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = rows[i].wire;
		struct smpp_ussd_event event;

		w.source_ton = 1;
		w.source = NUMBER;
		w.destination = "4";
		assert_int_equal(hear(dialect(rows[i].dialect), &w, &event), 0);
		if (event.kind != rows[i].kind)
			fail_msg("row %zu (%s): kind %d instead of %d", i, rows[i].dialect, event.kind, rows[i].kind);
	}
}

static void refusals(void **state)
{
	(void)state;
	static const struct { const char *dialect, *source, *tlvs, *text; uint32_t status; } rows[] = {
		{ "its", NUMBER, "0501 0000", "", ESME_RINVOPTPARAMVAL },
		{ "its", NUMBER, "0501 0005 0000000001", "", ESME_RINVOPTPARAMVAL },
		{ "its", NUMBER, "0501 0002 0101", "", ESME_RINVOPTPARAMVAL },
		{ "its", NUMBER, "0501 0001 01 1383 0000", "", ESME_RINVOPTPARAMVAL },
		{ "its", NUMBER, "0501 0001 01 1383 0005 0102030405", "", ESME_RINVOPTPARAMVAL },
		{ "huawei", NUMBER, "0501 0001 01 0204 0000", "", ESME_RINVOPTPARAMVAL },
		{ "comverse", NUMBER, "0501 0001 01 1501 0005 0102030405", "", ESME_RINVOPTPARAMVAL },
		{ "its", "", "0501 0001 01", "", ESME_RX_R_APPN },
		{ "its", "Bank", "0501 0001 01", "", ESME_RX_R_APPN },
		{ "cellicium", "12", "0501 0001 01", "", ESME_RSYSERR },
		{ "cellicium", NUMBER, "0501 0001 01 001E 0005 'a' 00 'bcd'", "", ESME_RSYSERR },
		{ "cellicium", NUMBER, "0501 0001 01 001E 0023 'abcdefghijklmnopqrstuvwxyz01234567' 00", "", ESME_RSYSERR },
		{ "comviva", NUMBER, "0501 0001 12", "'1|109:!|110:cy0x'", ESME_RX_R_APPN },
		{ "comviva", NUMBER, "0501 0001 12", "'1|109:MQ==|110:c'", ESME_RX_R_APPN },
		{ "comviva", NUMBER, "0501 0001 12", "'1|109:/w==|110:cy0x'", ESME_RX_R_APPN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w = begin_wire(rows[i].tlvs, rows[i].text);
		struct smpp_ussd_event event;
		uint32_t status;

		w.source = rows[i].source;
		status = hear(dialect(rows[i].dialect), &w, &event);
		if (status != rows[i].status)
			fail_msg("row %zu (%s): status 0x%x instead of 0x%x", i, rows[i].dialect, status, rows[i].status);
	}
}

/* A text above the bound is refused, one at the bound is whole. */
static void longest_text(void **state)
{
	(void)state;
	static uint8_t payload[1100];
	struct smpp_pdu pdu = { .command_id = SMPP_DELIVER_SM, .n_tlvs = 2,
		.message = { .service_type = "", .source = { .digits = NUMBER }, .destination = { .digits = "4" }, .schedule_delivery_time = "", .validity_period = "" },
		.tlvs = { { SMPP_TAG_USSD_SERVICE_OP, 1, (const uint8_t *)"\x12" }, { SMPP_TAG_MESSAGE_PAYLOAD, SMPP_DIALECT_TEXT_OCTETS, payload } } };
	struct smpp_ussd_event event;

	memset(payload, 'a', sizeof(payload));
	assert_int_equal(smpp_dialect_decode(dialect("its"), &pdu, &event), 0);
	assert_int_equal(event.text_octets, SMPP_DIALECT_TEXT_OCTETS);
	assert_int_equal(event.text[SMPP_DIALECT_TEXT_OCTETS], '\0');
	pdu.tlvs[1].octets++;
	assert_int_equal(smpp_dialect_decode(dialect("its"), &pdu, &event), ESME_RINVMSGLEN);
	/* nor does a dial string of that length get a '#' beyond the end */
	pdu.tlvs[0].value = (const uint8_t *)"\x01";
	pdu.tlvs[1].octets--;
	payload[0] = '*';
	assert_int_equal(smpp_dialect_decode(dialect("its"), &pdu, &event), 0);
	assert_int_equal(event.text_octets, SMPP_DIALECT_TEXT_OCTETS);
}

/* Session ids and short codes at the bound of a context: kept whole or refused, in each way of packing. */
static void context_bounds(void **state)
{
	(void)state;
	static const struct { const char *letters; size_t fits; } rows[] = { { "0123456789", 56 }, { "0123456789ABCDEF", 56 }, { "0123456789abcdef", 56 },
		{ "01-23.45_6", 56 }, { "<0.34.0>", 28 }, { "aB", 28 } };
	const struct smpp_dialect *d = dialect("cellicium");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t n = 1; n < 70; n++) {
			char id[80] = "", tlvs[160], back[SMPP_MESSAGE_ID_MAX];
			struct wire w;
			struct smpp_ussd_event event;
			uint32_t status;

			for (size_t c = 0; c < n; c++)
				id[c] = rows[i].letters[c % strlen(rows[i].letters)];
			snprintf(tlvs, sizeof(tlvs), "0501 0001 01 001E %04zx '%s' 00", n + 1, id);
			w = begin_wire(tlvs, "");
			w.destination = "14200";
			status = hear(d, &w, &event);
			assert_int_equal(status, n <= rows[i].fits || (rows[i].fits == 28 && n == 1) ? 0 : ESME_RSYSERR);
			if (status != 0)
				continue;
			assert_true(event.context_octets <= SMPP_DIALECT_CONTEXT_OCTETS);
			assert_true(smpp_dialect_response_id(d, event.context, event.context_octets, back));
			assert_string_equal(back, id);
		}
	}
}

/* No octets that are not a context of this dialect are taken for one: each prefix, each changed octet. */
static void contexts_are_checked(void **state)
{
	(void)state;
	const struct smpp_dialect *d = dialect("cellicium");
	struct wire w = begin_wire("0501 0001 01 001E 0007 'sess-1' 00", "'*4#'");
	struct smpp_ussd_event event, changed;
	char id[SMPP_MESSAGE_ID_MAX];
	struct bytes got;

	assert_int_equal(hear(d, &w, &event), 0);
	changed = event;
	for (changed.context_octets = 0; changed.context_octets < event.context_octets; changed.context_octets++)
		assert_int_equal(say(d, &changed, SMPP_ANSWER_END, "x", &got), -EINVAL);
	changed.context[changed.context_octets++] = 0;
	assert_int_equal(say(d, &changed, SMPP_ANSWER_END, "x", &got), -EINVAL);
	assert_int_equal(say(dialect("its"), &event, SMPP_ANSWER_END, "x", &got), -EINVAL);
	assert_false(smpp_dialect_response_id(dialect("its"), event.context, event.context_octets, id));
	assert_string_equal(id, "");
	assert_true(smpp_dialect_response_id(d, event.context, event.context_octets, id));
	assert_string_equal(id, "sess-1");
	event.msisdn[0] = '\0';
	assert_int_equal(say(d, &event, SMPP_ANSWER_END, "x", &got), -EINVAL);
}

static void stale_statuses(void **state)
{
	(void)state;
	assert_true(smpp_dialect_stale(dialect("eyeline"), 1038));
	assert_true(smpp_dialect_stale(dialect("eyeline"), 1031));
	assert_false(smpp_dialect_stale(dialect("eyeline"), ESME_RX_R_APPN));
	for (size_t i = 0; smpp_dialect_row(i); i++) {
		struct smpp_dialect d = *smpp_dialect_row(i);

		assert_false(smpp_dialect_stale(&d, ESME_ROK));
		assert_true(smpp_dialect_stale(&d, d.stale_status));
		d.stale_status = 0;
		assert_false(smpp_dialect_stale(&d, ESME_ROK));
	}
}

/* its_session_info of a network that counts in it: the session number alone names the session, all of it goes back. */
static void its_with_a_sequence(void **state)
{
	(void)state;
	struct smpp_dialect d = *dialect("its");
	struct wire first = begin_wire("0501 0001 01 1383 0002 0502", "'*4#'"), second = begin_wire("0501 0001 12 1383 0002 0504", "'1'");
	struct smpp_ussd_event one, two;
	struct bytes got;

	assert_int_equal(hear(&d, &first, &one), 0);
	assert_int_equal(hear(&d, &second, &two), 0);
	assert_int_not_equal(one.session, two.session);
	assert_int_equal(smpp_dialect_set(&d, "its_mask", "65280"), 0);
	assert_int_equal(hear(&d, &first, &one), 0);
	assert_int_equal(hear(&d, &second, &two), 0);
	assert_int_equal(one.session, two.session);
	assert_int_equal(say(&d, &two, SMPP_ANSWER_CONTINUE, "x", &got), 0);
	assert_memory_equal(got.at + got.n - 2, "\x05\x04", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound), cmocka_unit_test(every_dialect_plays_its_story), cmocka_unit_test(release_follows_the_confirmation),
		cmocka_unit_test(tele2_capture), cmocka_unit_test(numbers_go_back_as_they_came), cmocka_unit_test(where_the_code_stands),
		cmocka_unit_test(data_codings_in), cmocka_unit_test(persian_answers), cmocka_unit_test(echo_keeps_the_page), cmocka_unit_test(long_texts),
		cmocka_unit_test(pages_fit), cmocka_unit_test(segmentation_vectors), cmocka_unit_test(not_ussd), cmocka_unit_test(refusals),
		cmocka_unit_test(longest_text), cmocka_unit_test(context_bounds), cmocka_unit_test(contexts_are_checked), cmocka_unit_test(stale_statuses),
		cmocka_unit_test(its_with_a_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
