/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Every knob of a dialect: that it can be set and printed, that its bounds hold, that it changes what is heard or said, and
 * that contradictions are found. */
#include "tests/unit/smpp/dialect_wire.h"

/* Sets a knob on a copy of a dialect; then a message comes and an answer goes. `want` stands for what must differ. */
struct honoured {
	const char *knob, *value;
	const char *dialect;
	struct wire mo;              /* fields left empty are those of a plain begin */
	enum smpp_ussd_answer answer;
	const char *say;
	uint32_t status;             /* of the decoding; 0: the rest is looked at */
	enum smpp_ussd_kind kind;
	const char *heard;           /* NULL: not looked at */
	struct wire mt;              /* command 0: not looked at */
};

#define PLAIN(t, x) { .tlvs = t, .text = x }
#define SENT(t, x) { .tlvs = t, .text = x, .command = SMPP_SUBMIT_SM }
#define BEGIN_OP "0501 0001 01 "
#define INPUT_OP "0501 0001 12 "
#define PAGE_OP "0501 0001 02 "
#define END_OP "0501 0001 11 "

static const struct honoured honoured[] = {
	{ "session", "umr", "its", PLAIN(BEGIN_OP "1383 0002 0002 0204 0002 0009", "'*4#'"), SMPP_ANSWER_CONTINUE, "x", 0, SMPP_USSD_BEGIN, "*4#",
	  SENT(PAGE_OP "0204 0002 0009", "'x'") },
	{ "session", "receipted_message_id", "its", PLAIN(BEGIN_OP "001E 0002 'a' 00", "'*4#'"), SMPP_ANSWER_CONTINUE, "x", 0, SMPP_USSD_BEGIN, NULL,
	  SENT(PAGE_OP "001E 0002 'a' 00", "'x'") },
	{ "its_mask", "65024", "its", PLAIN(BEGIN_OP "1383 0002 0002", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(END_OP "1383 0002 0003", "'x'") },
	{ "echo_session", "false", "mica", PLAIN(BEGIN_OP "0204 0002 0009", "'*4#'"), SMPP_ANSWER_CONTINUE, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(PAGE_OP, "'x'") },
	{ "echo_its", "true", "mica", PLAIN(BEGIN_OP "0204 0001 09 1383 0002 0102", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  SENT(END_OP "0204 0001 09 1383 0002 0102", "'x'") },
	{ "echo_umr", "true", "its", PLAIN(BEGIN_OP "0204 0001 09 1383 0002 0102", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  SENT(END_OP "1383 0002 0103 0204 0001 09", "'x'") },
	{ "session_octets", "4", "mica", PLAIN(BEGIN_OP "0204 0002 0109", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  SENT(END_OP "0204 0004 00000109", "'x'") },
	{ "session_octets", "1", "mica", PLAIN(BEGIN_OP "0204 0002 0109", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(END_OP "0204 0001 09", "'x'") },
	{ "session_octets", "2", "its", PLAIN(BEGIN_OP "1383 0001 0B", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(END_OP "1383 0002 0B01", "'x'") },
	{ "end", "op", "its", PLAIN(BEGIN_OP "1383 0002 0102", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(END_OP "1383 0002 0102", "'x'") },
	{ "end", "its_bit", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(PAGE_OP "1383 0002 0001", "'x'") },
	{ "end", "its_bit", "its", PLAIN(BEGIN_OP "1383 0001 0B", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(PAGE_OP "1383 0002 0B01", "'x'") },
	{ "end", "both", "ericsson", PLAIN(BEGIN_OP "1383 0002 0002", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(END_OP "1383 0002 0003", "'x'") },
	{ "pdu", "data_sm", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, { .command = SMPP_DATA_SM, .tlvs = END_OP, .text = "'x'" } },
	{ "text", "message_payload", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT(END_OP "0424 0001 'x'", "") },
	{ "text", "structured", "its", PLAIN(BEGIN_OP, "'1|109:KjQj'"), SMPP_ANSWER_END, "Bye", 0, SMPP_USSD_BEGIN, "*4#",
	  SENT(END_OP, "'1|121:" BASE64_BYE "|123:Mw==|116:MQ=='") },
	{ "code", "text", "its", PLAIN(BEGIN_OP, "'5'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, "5", { 0 } },
	{ "cut_at_hash", "true", "its", PLAIN(BEGIN_OP, "'*4*1#99'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, "*4*1#", { 0 } },
	{ "cut_at_hash", "false", "its", PLAIN(BEGIN_OP, "'*4*1#99'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, "*4*1#99", { 0 } },
	{ "begin_in", "200", "its", PLAIN("0501 0001 C8", "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, "*4#", { 0 } },
	{ "continue_in", "200", "its", PLAIN("0501 0001 C8", "'1'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_CONTINUE, "1", { 0 } },
	{ "continue_in_alt", "200", "its", PLAIN("0501 0001 C8", "'1'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_CONTINUE, "1", { 0 } },
	{ "end_in", "200", "its", PLAIN("0501 0001 C8", ""), SMPP_ANSWER_END, "x", 0, SMPP_USSD_END, NULL, { 0 } },
	{ "abort_in", "200", "its", PLAIN("0501 0001 C8", ""), SMPP_ANSWER_END, "x", 0, SMPP_USSD_ABORT, NULL, { 0 } },
	{ "abort_in_alt", "200", "its", PLAIN("0501 0001 C8", ""), SMPP_ANSWER_END, "x", 0, SMPP_USSD_ABORT, NULL, { 0 } },
	{ "abort_in_third", "200", "its", PLAIN("0501 0001 C8", ""), SMPP_ANSWER_END, "x", 0, SMPP_USSD_ABORT, NULL, { 0 } },
	{ "notify_confirm_in", "200", "its", PLAIN("0501 0001 C8", ""), SMPP_ANSWER_END, "x", 0, SMPP_USSD_NOTIFIED, NULL, { 0 } },
	{ "continue_out", "200", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_CONTINUE, "x", 0, SMPP_USSD_BEGIN, NULL, SENT("0501 0001 C8", "'x'") },
	{ "end_out", "17", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT("0501 0001 11", "'x'") },
	{ "end_out", "200", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, SENT("0501 0001 C8", "'x'") },
	{ "notify_out", "200", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_NOTIFY, "x", 0, SMPP_USSD_BEGIN, NULL, SENT("0501 0001 C8", "'x'") },
	{ "abort_out", "200", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_ABORT, "", 0, SMPP_USSD_BEGIN, NULL, SENT("0501 0001 C8", "") },
	{ "release_out", "200", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_RELEASE, "", 0, SMPP_USSD_BEGIN, NULL, SENT("0501 0001 C8", "") },
	{ "unknown_op_continues", "true", "its", PLAIN("0501 0001 C8", "'1'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_CONTINUE, "1", { 0 } },
	{ "begin_type_in", "XA", "its", { .type = "XA", .tlvs = "", .text = "'*4#'" }, SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL, { 0 } },
	{ "continue_type_in", "X?", "its", { .type = "XA", .tlvs = "", .text = "'1'" }, SMPP_ANSWER_END, "x", 0, SMPP_USSD_CONTINUE, NULL, { 0 } },
	{ "end_type_in", "XA", "its", { .type = "XA", .tlvs = "", .text = "" }, SMPP_ANSWER_END, "x", 0, SMPP_USSD_END, NULL, { 0 } },
	{ "abort_type_in", "XA", "its", { .type = "XA", .tlvs = "", .text = "" }, SMPP_ANSWER_END, "x", 0, SMPP_USSD_ABORT, NULL, { 0 } },
	{ "continue_type_out", "XA", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_CONTINUE, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .type = "XA", .tlvs = PAGE_OP, .text = "'x'" } },
	{ "end_type_out", "XA", "jsmpp", { .type = "BR", .tlvs = "", .text = "" }, SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .type = "XA", .data_coding = 4, .tlvs = "", .text = "'x'" } },
	{ "abort_type_out", "XA", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_ABORT, "", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .type = "XA", .tlvs = "", .text = "" } },
	{ "service_type", "XA", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .type = "XA", .tlvs = END_OP, .text = "'x'" } },
	{ "default_alphabet", "LATIN1", "its", PLAIN(INPUT_OP, "e9"), SMPP_ANSWER_END, "\xC3\xA9", 0, SMPP_USSD_CONTINUE, "\xC3\xA9", SENT(END_OP, "e9") },
	{ "default_alphabet", "GSM7_PACKED", "its", PLAIN(INPUT_OP, "31d98c56b3dd1a"), SMPP_ANSWER_END, "1234567", 0, SMPP_USSD_CONTINUE, "1234567",
	  SENT(END_OP, "31d98c56b3dd1a") },
	{ "default_alphabet", "OCTETS", "its", PLAIN(INPUT_OP, "'1'"), SMPP_ANSWER_END, "x", ESME_RX_R_APPN, SMPP_USSD_NONE, NULL, { 0 } },
	{ "eight_bit_alphabet", "ASCII", "its", { .data_coding = 0x44, .tlvs = INPUT_OP, .text = "'1@'" }, SMPP_ANSWER_END, "x", 0, SMPP_USSD_CONTINUE, "1@", { 0 } },
	{ "data_coding_gsm7", "1", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "@", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .data_coding = 1, .tlvs = END_OP, .text = "'@'" } },
	{ "data_coding_ucs2", "72", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "ق", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .data_coding = 72, .tlvs = END_OP, .text = "0642" } },
	{ "echo_data_coding", "true", "its", { .data_coding = 0x48, .tlvs = BEGIN_OP, .text = "" }, SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .data_coding = 0x48, .tlvs = END_OP, .text = "0078" } },
	{ "source_ton", "5", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .source_ton = 5, .source_npi = 1, .source = "4", .tlvs = END_OP, .text = "'x'" } },
	{ "source_npi", "5", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .source_npi = 5, .source = "4", .tlvs = END_OP, .text = "'x'" } },
	{ "destination_ton", "5", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .destination_ton = 5, .destination_npi = 1, .destination = NUMBER, .tlvs = END_OP, .text = "'x'" } },
	{ "destination_npi", "5", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .destination_ton = 1, .destination_npi = 5, .destination = NUMBER, .tlvs = END_OP, .text = "'x'" } },
	{ "source_address", "*4#", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .source_npi = 1, .source = "*4#", .tlvs = END_OP, .text = "'x'" } },
	{ "destination_form", "international", "its", { .source_ton = 2, .source_npi = 1, .source = "9121234567", .tlvs = BEGIN_OP, .text = "'*4#'" }, SMPP_ANSWER_END,
	  "x", 0, SMPP_USSD_BEGIN, NULL, SENT(END_OP, "'x'") },
	{ "country", "7", "its", { .source_ton = 2, .source_npi = 1, .source = "89121234567", .tlvs = BEGIN_OP, .text = "'*4#'" }, SMPP_ANSWER_END, "x", 0,
	  SMPP_USSD_BEGIN, NULL, { .command = SMPP_SUBMIT_SM, .destination_ton = 2, .destination_npi = 1, .destination = "89121234567", .tlvs = END_OP, .text = "'x'" } },
	{ "refuse_status", "100", "its", { .data_coding = 2, .tlvs = INPUT_OP, .text = "'1'" }, SMPP_ANSWER_END, "x", 100, SMPP_USSD_NONE, NULL, { 0 } },
	{ "esm_class", "3", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .esm_class = 3, .tlvs = END_OP, .text = "'x'" } },
	{ "registered_delivery", "1", "its", PLAIN(BEGIN_OP, "'*4#'"), SMPP_ANSWER_END, "x", 0, SMPP_USSD_BEGIN, NULL,
	  { .command = SMPP_SUBMIT_SM, .registered_delivery = 1, .tlvs = END_OP, .text = "'x'" } },
};
#define N_HONOURED (sizeof(honoured) / sizeof(honoured[0]))

/* Tests of their own: pages_fit, long_texts, stale_statuses, session_goes_into_the_response. */
static const char *const honoured_elsewhere[] = { "page_septets", "page_ucs2_units", "long_text_in_payload", "stale_status", "stale_status_alt",
	"session_in_response", "push", "push_session", "push_notify_out", "push_end_out", "push_releases" /* dialect_push_test.c */ };

static struct wire filled(struct wire w, bool ours)
{
	if (!w.command)
		w.command = SMPP_DELIVER_SM;
	w.type = w.type ? w.type : "USSD";
	if (!w.source && ours)
		w.source = "4", w.source_npi = 1;
	else if (!w.source)
		w.source = NUMBER, w.source_ton = w.source_npi = 1;
	if (!w.destination && ours)
		w.destination = NUMBER, w.destination_ton = w.destination_npi = 1;
	else if (!w.destination)
		w.destination = "4", w.destination_npi = 1;
	return w;
}

static void knobs_are_honoured(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_HONOURED; i++) {
		const struct honoured *h = &honoured[i];
		struct smpp_dialect d = *dialect(h->dialect);
		struct wire mo = filled(h->mo, false), mt;
		struct smpp_ussd_event event;
		char value[32];
		struct bytes got;

		printf("%s = %s\n", h->knob, h->value);
		assert_int_equal(smpp_dialect_set(&d, h->knob, h->value), 0);
		assert_int_equal(smpp_dialect_get(&d, h->knob, value, sizeof(value)), 0);
		assert_string_equal(value, h->value);
		assert_int_equal(hear(&d, &mo, &event), h->status);
		if (h->status != 0)
			continue;
		assert_int_equal(event.kind, h->kind);
		if (h->heard)
			assert_string_equal(event.text, h->heard);
		if (!h->mt.command)
			continue;
		mt = filled(h->mt, true);
		assert_int_equal(say(&d, &event, h->answer, h->say, &got), 0);
		assert_wire(&got, &mt);
	}
}

static void session_goes_into_the_response(void **state)
{
	(void)state;
	struct smpp_dialect d = *dialect("ussrel");
	struct wire w = begin_wire(BEGIN_OP "001E 0003 '77' 00", "'*4#'");
	struct smpp_ussd_event event;
	char id[SMPP_MESSAGE_ID_MAX];

	assert_int_equal(hear(&d, &w, &event), 0);
	assert_true(smpp_dialect_response_id(&d, event.context, event.context_octets, id));
	assert_string_equal(id, "77");
	assert_int_equal(smpp_dialect_set(&d, "session_in_response", "false"), 0);
	assert_true(smpp_dialect_response_id(&d, event.context, event.context_octets, id));
	assert_string_equal(id, "");
}

static void no_knob_is_forgotten(void **state)
{
	(void)state;
	const struct smpp_dialect_knob *knob;

	for (size_t k = 0; (knob = smpp_dialect_knob(k)); k++) {
		bool found = false;

		for (size_t i = 0; i < N_HONOURED; i++)
			found |= strcmp(honoured[i].knob, knob->name) == 0;
		for (size_t i = 0; i < sizeof(honoured_elsewhere) / sizeof(honoured_elsewhere[0]); i++)
			found |= strcmp(honoured_elsewhere[i], knob->name) == 0;
		if (!found)
			fail_msg("nothing tests the knob %s", knob->name);
		assert_true(strlen(knob->text) > 5);
	}
}

/* Every value that a knob may have is taken, printed and taken again; those around its bounds are refused. */
static void knobs_can_be_set(void **state)
{
	(void)state;
	const struct smpp_dialect_knob *knob;
	char out[40], in[40];

	for (size_t k = 0; (knob = smpp_dialect_knob(k)); k++) {
		struct smpp_dialect d = *dialect("its");

#define TAKES(value, printed) do { \
		assert_int_equal(smpp_dialect_set(&d, knob->name, value), 0); \
		assert_int_equal(smpp_dialect_get(&d, knob->name, out, sizeof(out)), 0); \
		assert_string_equal(out, printed); \
	} while (0)
		switch (knob->kind) {
		case SMPP_KNOB_CHOICE:
			for (size_t c = 0; knob->choices[c]; c++)
				TAKES(knob->choices[c], knob->choices[c]);
			assert_int_equal(smpp_dialect_set(&d, knob->name, "no such"), -EINVAL);
			assert_int_equal(smpp_dialect_set(&d, knob->name, "0"), -EINVAL);
			break;
		case SMPP_KNOB_BOOL:
			TAKES("false", "false");
			TAKES("true", "true");
			assert_int_equal(smpp_dialect_set(&d, knob->name, "1"), -EINVAL);
			break;
		case SMPP_KNOB_NUMBER:
			snprintf(in, sizeof(in), "%lld", (long long)knob->min);
			TAKES(in, knob->word ? knob->word : in);
			if (knob->word)
				TAKES(knob->word, knob->word);
			snprintf(in, sizeof(in), "%lld", (long long)knob->max);
			TAKES(in, in);
			snprintf(in, sizeof(in), "%lld", (long long)knob->max + 1);
			assert_int_equal(smpp_dialect_set(&d, knob->name, in), -ERANGE);
			snprintf(in, sizeof(in), "%lld", (long long)knob->min - 1);
			assert_int_equal(smpp_dialect_set(&d, knob->name, in), -ERANGE);
			assert_int_equal(smpp_dialect_set(&d, knob->name, "99999999999999999999"), -ERANGE);
			assert_int_equal(smpp_dialect_set(&d, knob->name, "0x11"), -EINVAL);
			assert_int_equal(smpp_dialect_set(&d, knob->name, ""), -EINVAL);
			assert_int_equal(smpp_dialect_set(&d, knob->name, "-"), -EINVAL);
			assert_int_equal(smpp_dialect_set(&d, knob->name, "1 "), -EINVAL);
			break;
		case SMPP_KNOB_STRING:
			memset(in, '7', sizeof(in));
			in[knob->max] = '\0';
			TAKES(in, in);
			in[knob->max] = '7';
			in[knob->max + 1] = '\0';
			assert_int_equal(smpp_dialect_set(&d, knob->name, in), -ERANGE);
			assert_int_equal(smpp_dialect_set(&d, knob->name, "a b"), -EINVAL);
			TAKES("", "");
			break;
		}
#undef TAKES
		assert_int_equal(smpp_dialect_get(&d, knob->name, out, 0), -ENOSPC);
	}
	assert_int_equal(smpp_dialect_set(&(struct smpp_dialect){ 0 }, "colour", "red"), -ENOENT);
	assert_int_equal(smpp_dialect_get(dialect("its"), "colour", out, sizeof(out)), -ENOENT);
}

static void contradictions(void **state)
{
	(void)state;
	static const struct { const char *dialect, *knob, *value, *complaint; } rows[] = {
		{ "its", "begin_in", "none", "begin_type_in" }, { "its", "continue_out", "none", "continue_type_out" }, { "its", "end_out", "none", "end_out" },
		{ "tata", "continue_out", "none", "continue_out" }, { "jsmpp", "end_type_out", "", "end_type_out" }, { "its", "end", "service_type", "end_type_out" },
		{ "velcom", "release_out", "none", "release_out" }, { "its", "end", "release", "release_out" }, { "its", "abort_in", "18", "two meanings" },
		{ "its", "session", "text_field", "structured" }, { "its", "data_coding_gsm7", "17", "data_coding_gsm7" }, { "its", "default_alphabet", "OCTETS", "data_coding_gsm7" },
		{ "mica", "push", "notify", "push_notify_out" }, { "its", "push_end_out", "none", "push_end_out" }, { "its", "push_releases", "true", "release_out" },
		{ "its", "data_coding_ucs2", "0", "data_coding_ucs2" }, { "its", "country", "", "country" }, { "its", "country", "098", "country" },
		{ "its", "country", "ir", "country" }, { "its", "page_septets", "255", "short_message" }, { "its", "page_ucs2_units", "128", "short_message" },
		{ "comviva", "long_text_in_payload", "false", "short_message" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_dialect d = *dialect(rows[i].dialect);
		const char *complaint;

		assert_int_equal(smpp_dialect_set(&d, rows[i].knob, rows[i].value), 0);
		complaint = smpp_dialect_check(&d);
		if (!complaint || !strstr(complaint, rows[i].complaint))
			fail_msg("%s, %s = %s: %s", rows[i].dialect, rows[i].knob, rows[i].value, complaint ? complaint : "no complaint");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knobs_are_honoured), cmocka_unit_test(session_goes_into_the_response), cmocka_unit_test(no_knob_is_forgotten),
		cmocka_unit_test(knobs_can_be_set), cmocka_unit_test(contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
