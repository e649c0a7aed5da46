/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is hidden of a number that changed hands: histories, each a row of what happened, a letter and an hour for each, and what who has the
 * number at the end may see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "gateway/identity_step.h"

#define HOUR INT64_C(3600000)
#define T0 INT64_C(1584264600000)
#define REST 24

static struct gw_identity record;
static int64_t now;

/* Who proves that the number is theirs is a capital letter; it is a SIM that the network tells of, a sale, a drop by an operator. */
static void happens(const struct gw_identity_limits *limits, char what)
{
	now += HOUR;
	switch (what) {
	case 's':
		gw_identity_change(limits, &record, GW_CHANGED_SIM, now);
		break;
	case 'o':
		gw_identity_change(limits, &record, GW_CHANGED_OWNER, now);
		break;
	case 'p':
		gw_identity_change(limits, &record, GW_CHANGED_PERSON, now);
		break;
	case 'd':
		gw_identity_drop(&record);
		break;
	case '+':
		now += REST * HOUR;
		break;
	default:
		memset(record.id, what, 1);
		record.id[1] = '\0';
	}
}

static void histories(void **state)
{
	static const struct { const char *story; int hour; const char *why; } rows[] = {
		{ "", 0, "nothing is known" },
		{ "A", 0, "it is theirs" },
		{ "As", 2, "whoever it is has proved nothing" },
		{ "AsA", 2, "the same person, too early" },
		{ "AsA+", 0, "the same person, and the number has rested" },
		{ "AsB+", 2, "another person" },
		{ "AsB+p", 2, "and whoever else has that SIM" },
		{ "AsAd+", 2, "what was proved is forgotten, what is hidden is not" },
		{ "AsAd+A", 0, "proved again" },
		{ "As+", 2, "time alone proves nothing" },
		{ "s", 1, "told by the network, of whom nobody knew anything" },
		{ "sA", 1, "too early" },
		{ "sA+", 0, "whose it is registered with is the owner" },
		{ "sss", 3, "again and again" },
		{ "AssA+", 0, "told twice, by agency and network" },
		{ "AsBs", 4, "the second change hides from the thief, too" },
		{ "AsBsB+", 2, "who sees what came in their time" },
		{ "AsBsA+", 4, "and the first person does not see what came to the second" },
		{ "AsAsA+", 0, "two new SIMs of one person" },
		{ "Ao", 2, "sold" },
		{ "AoA+", 2, "the owner of before has bought it back" },
		{ "AoB+", 2, "the next owner" },
		{ "AoBsB+", 2, "and their new SIM" },
		{ "o", 1, "nothing was known" },
		{ "osA+", 1, "sold, then another SIM" },
		{ "pA", 0, "a family's number" },
		{ "ApB", 0, "each of them sees it" },
	};
	const struct gw_identity_limits limits = { .rest_ms = REST * HOUR };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t from;

		memset(&record, 0, sizeof(record));
		now = T0;
		for (const char *at = rows[i].story; *at; at++)
			happens(&limits, *at);
		from = gw_identity_from_ms(&limits, &record, now);
		if (from != (rows[i].hour ? T0 + rows[i].hour * HOUR : 0))
			fail_msg("%s, %s: from hour %lld", rows[i].story, rows[i].why, (long long)(from ? (from - T0) / HOUR : 0));
	}
}

/* What is hidden is hidden without a rest, too. */
static void without_rest(void **state)
{
	const struct gw_identity_limits limits = { .rest_ms = 0 };

	(void)state;
	memset(&record, 0, sizeof(record));
	now = T0;
	happens(&limits, 'A');
	happens(&limits, 's');
	assert_true(gw_identity_from_ms(&limits, &record, now) == now);
	happens(&limits, 'B');
	assert_true(gw_identity_from_ms(&limits, &record, now) == T0 + 2 * HOUR);
	memcpy(record.id, "A", 2);
	assert_true(gw_identity_from_ms(&limits, &record, now) == 0);
	assert_true(record.locked_ms == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(histories), cmocka_unit_test(without_rest) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
