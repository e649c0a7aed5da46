/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bills that agencies tell of, on a real Redis: told, told again, listed in order, more than one load takes; what is no month. */
#include <errno.h>

#include "tests/unit/sessions/redis_world.h"

#include "gateway/paper_bills.h"
#include "gateway/usage.h"
#include "menus/unicode.h"

static struct sess_ledger *ledger;
static struct { unsigned int answers; enum sess_ledger_result result; bool ok; size_t n; struct gw_paper_bills bills[200]; } told;

static void on_told(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	assert_ptr_equal(ctx, &told);
	assert_int_equal(token, 3);
	told.answers++;
	told.result = result;
}

static int tell(const char *agency, const char *period, int64_t paper, int64_t paperless)
{
	struct gw_paper_bills bills = { .paper = paper, .paperless = paperless };
	int rc;

	snprintf(bills.agency, sizeof(bills.agency), "%s", agency);
	snprintf(bills.period, sizeof(bills.period), "%s", period);
	told.answers = 0;
	rc = gw_paper_bills_tell(root, ledger, &bills, on_told, &told, 3);
	if (rc == 0)
		TURN_UNTIL(told.answers);
	return rc < 0 ? rc : (int)told.result;
}

static void on_loaded(void *ctx, bool ok, const struct gw_paper_bills *bills, size_t n)
{
	assert_ptr_equal(ctx, &told);
	told.answers++;
	told.ok = ok;
	told.n = n;
	if (n)
		memcpy(told.bills, bills, n * sizeof(*bills));
}

static void load(void)
{
	told.answers = 0;
	assert_int_equal(gw_paper_bills_load(root, ledger, on_loaded, &told), 0);
	TURN_UNTIL(told.answers);
}

static void test_months(void **state)
{
	static const char *const none[] = { "", "1405", "1405/13", "1405/00", "1405-08", "2026/11/", "14a5/08", "1405/8", "9999999" };
	uint16_t day;
	char text[12];

	(void)state;
	assert_true(gw_paper_bills_day("1405/08", &day));
	gw_usage_day_text(day, text);
	assert_string_equal(text, "2026-10-23");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(gw_paper_bills_day(none[i], &day));
	assert_int_equal(tell("water", "1405/13", 1, 1), -EINVAL);
	assert_int_equal(tell("water", "1405/08", -1, 1), -EINVAL);
	assert_int_equal(tell("water", "1405/08", 1, GW_PAPER_BILLS_MAX + 1), -EINVAL);
}

static void test_told(void **state)
{
	(void)state;
	load();
	assert_true(told.ok);
	assert_int_equal(told.n, 0);
	assert_int_equal(tell("water", "1405/08", 100, 20), SESS_LEDGER_OK);
	assert_int_equal(tell("gas", "1405/07", 5, 6), SESS_LEDGER_OK);
	assert_int_equal(tell("water", "1405/08", 90, 30), SESS_LEDGER_OK); /* takes the place of the first */
	load();
	assert_int_equal(told.n, 2);
	assert_string_equal(told.bills[0].agency, "gas");
	assert_string_equal(told.bills[1].period, "1405/08");
	assert_int_equal(told.bills[1].paper, 90);
	assert_int_equal(told.bills[1].paperless, 30);
	assert_true(told.bills[1].told_ms > 0);
}

static void test_many(void **state)
{
	char agency[32];

	(void)state;
	for (int i = 0; i < 130; i++) {
		snprintf(agency, sizeof(agency), "issuer_%03d", i);
		assert_int_equal(tell(agency, "1405/08", i, 1), SESS_LEDGER_OK);
	}
	load();
	assert_int_equal(told.n, 132);
	assert_string_equal(told.bills[130].agency, "issuer_129");
	assert_int_equal(told.bills[130].paper, 129);
}

static void test_down(void **state)
{
	(void)state;
	redis_server_kill(&server);
	TURN_UNTIL(!sess_redis_up(redises[0]));
	assert_int_equal(tell("water", "1405/08", 1, 1), SESS_LEDGER_DOWN);
	load();
	assert_false(told.ok);
}

static int begin(void **state)
{
	(void)state;
	world_begin("paper_bills_test", NULL);
	menu_unicode_init();
	world_connect(0, 5000, 5000);
	ledger = sess_ledger_alloc(root, redises[0]);
	TURN_UNTIL(sess_redis_up(redises[0]));
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(ledger);
	world_disconnect(0);
	osmo_select_main_ctx(1);
	world_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_months), cmocka_unit_test(test_told), cmocka_unit_test(test_many), cmocka_unit_test(test_down),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
