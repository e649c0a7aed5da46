/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What citizens did, counted: cells and their bounds, steps of dialogs, and the way into a real Redis over lost answers and processes that
 * die. */
#include <time.h>
#include <sodium.h>

#include "tests/unit/sessions/redis_world.h"

#include "gateway/usage.h"
#include "gateway/usage_priv.h"
#include "menus/unicode.h"

static struct gw_usage *usage;

static void tick(void)
{
	gw_usage_tick(usage);
}

static struct gw_usage *make(void)
{
	const struct gw_usage_config config = { .redis = redises[0], .utc_offset = 210, .keep_ms = 86400000 };

	return gw_usage_alloc(root, &config);
}

static int begin(void **state)
{
	(void)state;
	world_connect(0, 5000, 1500);
	usage = make();
	world_empty(0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(usage);
	world_disconnect(0);
	osmo_select_main_ctx(1);
	return 0;
}

/* ---- what Redis has ---- */

static struct { bool done, ok; size_t n; char name[600][100]; int64_t value[600]; } kept;

static void on_loaded(void *ctx, uint64_t token, const struct sess_tally *items, size_t n)
{
	(void)ctx;
	(void)token;
	kept.done = true;
	kept.ok = items != NULL;
	kept.n = n;
	for (size_t i = 0; i < n && i < 600; i++) {
		snprintf(kept.name[i], sizeof(kept.name[i]), "%s", items[i].name);
		kept.value[i] = items[i].value;
	}
}

static void load(void)
{
	char key[GW_USAGE_KEY_OCTETS];

	gw_usage_key(gw_usage_day(sess_clock_wall_ms(), 210), key);
	do { /* a busy machine may be slower than the deadline */
		kept.done = false;
		assert_int_equal(sess_tallies_load(usage->tallies, key, on_loaded, NULL, 0), 0);
		TURN_UNTIL(kept.done);
	} while (!kept.ok);
}

static int64_t value(const char *name)
{
	for (size_t i = 0; i < kept.n && i < 600; i++)
		if (strcmp(kept.name[i], name) == 0)
			return kept.value[i];
	return 0;
}

/* ---- cells ---- */

static void test_days(void **state)
{
	static const struct { const char *text, *day; } written[] = {
		{ "1405/08/10", "2026-11-01" }, { "2026-11-01", "2026-11-01" }, { "1400/05/01", "2021-07-23" }, { "2021-07-23", "2021-07-23" } };
	static const char *const none[] = { "", "1405/13/01", "1405/08", "2026-11-01T10:00", "1793478600000", "1300/01/01" };
	char text[12], key[GW_USAGE_KEY_OCTETS];
	uint16_t day;

	(void)state;
	assert_int_equal(gw_usage_day(1793478600000 - 1, 210) + 1, gw_usage_day(1793478600000, 210)); /* midnight in Tehran */
	gw_usage_day_text(gw_usage_day(1793478600000, 210), text);
	assert_string_equal(text, "2026-11-01");
	gw_usage_key(gw_usage_day(1793478600000, 210), key);
	assert_non_null(strstr(key, "usage:{p"));
	assert_non_null(strstr(key, "}:2026-11-01"));
	/* a day that is written is itself, in either calendar, in summer time as well */
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		assert_true(gw_usage_day_read(written[i].text, &day));
		gw_usage_day_text(day, text);
		assert_string_equal(text, written[i].day);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(gw_usage_day_read(none[i], &day));
}

static void test_names(void **state)
{
	struct gw_usage_cells *cells = gw_usage_cells_alloc(root);
	char name[64];

	(void)state;
	assert_int_equal(gw_usage_name_of(cells, NULL), 0);
	assert_int_equal(gw_usage_name_of(cells, ""), 0);
	assert_int_equal(gw_usage_name_of(cells, "bills"), gw_usage_name_of(cells, "bills"));
	assert_int_not_equal(gw_usage_name_of(cells, "bills"), gw_usage_name_of(cells, "bill"));
	strcpy(name, "bills"); /* at the same place, another name */
	assert_int_equal(gw_usage_name_of(cells, name), gw_usage_name_of(cells, "bills"));
	strcpy(name, "bill");
	assert_int_equal(gw_usage_name_of(cells, name), gw_usage_name_of(cells, "bill"));
	assert_int_equal(gw_usage_name_of(cells, "a|b"), gw_usage_name_of(cells, "other"));
	assert_int_equal(gw_usage_name_of(cells, "a\nb"), gw_usage_name_of(cells, "other"));
	/* what is longer is cut between characters, and is one name whatever follows */
	strcpy(name, "سسسسسسسسسسسسسسسسسسسسسس");
	assert_int_equal(strlen(gw_usage_name_text(cells, gw_usage_name_of(cells, name))), 38);
	assert_int_equal(gw_usage_name_of(cells, name), gw_usage_name_of(cells, name));
	for (unsigned int i = 0; i < 2 * GW_USAGE_NAMES_MAX; i++) {
		snprintf(name, sizeof(name), "name-%u", i);
		gw_usage_name_of(cells, name);
	}
	assert_string_equal(gw_usage_name_text(cells, gw_usage_name_of(cells, "one more")), "other");
	assert_string_equal(gw_usage_name_text(cells, gw_usage_name_of(cells, "bills")), "bills");
	talloc_free(cells);
}

/* Nobody grows beyond the bound, what does not fit is told, and what was sent makes room. */
static void test_bounds(void **state)
{
	struct gw_usage_cells *cells = gw_usage_cells_alloc(root);
	struct gw_usage_cell *cell;
	uint16_t day = 0;
	size_t at = 0, n = 0;

	(void)state;
	for (gw_usage_name i = 0; i < 9000; i++)
		gw_usage_cells_add(cells, 7, GW_USAGE_SCREENS, (const gw_usage_name[]){ i, 2, 3 }, 3, 1);
	gw_usage_cells_add(cells, 6, GW_USAGE_SCREENS, (const gw_usage_name[]){ 1, 2, 3 }, 3, 5);
	assert_int_equal(gw_usage_cells_used(cells), GW_USAGE_CELLS_MAX / 4 * 3);
	assert_int_equal(gw_usage_cells_lost(cells), 9000 - GW_USAGE_CELLS_MAX / 4 * 3 + 5);
	assert_true(gw_usage_cells_oldest(cells, &day));
	assert_int_equal(day, 7);
	while ((cell = gw_usage_cells_next(cells, day, &at))) {
		cell->sent = (uint32_t)cell->value;
		n++;
	}
	assert_int_equal(n, GW_USAGE_CELLS_MAX / 4 * 3);
	gw_usage_cells_add(cells, 7, GW_USAGE_SCREENS, (const gw_usage_name[]){ 5, 2, 3 }, 3, 1); /* meanwhile */
	gw_usage_cells_settle(cells);
	assert_int_equal(gw_usage_cells_used(cells), 1);
	at = 0;
	assert_int_equal(gw_usage_cells_next(cells, day, &at)->value, 1);
	talloc_free(cells);
}

static void test_printed(void **state)
{
	struct gw_usage_cells *cells = gw_usage_cells_alloc(root);
	struct gw_usage_cell cell = { .table = GW_USAGE_NOTICES };
	enum gw_usage_table table;
	const char *dims[GW_USAGE_DIMS_MAX];
	char text[GW_USAGE_PRINTED_OCTETS], small[10];
	static const char *const none[] = { "", "uses", "uses|a|b", "uses|1|2|3|4|5|6|7", "rubbish|a", "|||", "steps|a" };

	(void)state;
	cell.dims[0] = gw_usage_name_of(cells, "tax");
	cell.dims[2] = gw_usage_name_of(cells, "sent");
	assert_true(gw_usage_print(cells, &cell, text, sizeof(text)));
	assert_string_equal(text, "notices|tax||sent");
	assert_false(gw_usage_print(cells, &cell, small, sizeof(small)));
	assert_true(gw_usage_parse(text, &table, dims));
	assert_int_equal(table, GW_USAGE_NOTICES);
	assert_string_equal(dims[0], "tax");
	assert_string_equal(dims[1], "");
	assert_string_equal(dims[2], "sent");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		strcpy(text, none[i]);
		assert_false(gw_usage_parse(text, &table, dims));
	}
	talloc_free(cells);
}

/* ---- dialogs ---- */

static struct menu_set *set;
static struct menu_run run;
static struct menu_result result;
static struct gw_usage_step step;
static uint8_t use;

static bool fits(const void *ctx, const char *utf8, size_t octets)
{
	(void)ctx;
	(void)utf8;
	return octets <= 160;
}

static void walk(enum menu_event_kind kind, const char *text, const char *outcome)
{
	const struct menu_medium medium = { .fits = fits, .msisdn = "989121234567", .language = "en", .now_ms = 1793478600000 };
	const struct menu_answer answer = { .outcome = outcome };
	const struct menu_event event = { .kind = kind, .text = text, .octets = strlen(text), .answer = outcome ? &answer : NULL };

	gw_usage_from(usage, &step, &run);
	menu_step(&run, set, &medium, &event, &result);
	gw_usage_to(usage, &step, &run, kind, outcome ? &answer : NULL, &result, &use);
	gw_usage_saved(usage, "mci", &step);
	gw_usage_saved(usage, "mci", &step); /* a second save of the same step counts nothing */
}

static void open_menu(void)
{
	struct menu_diags *diags = menu_diags_alloc(root);
	const char *path = "menus/sample";

	set = menu_set_load(root, &path, 1, diags);
	assert_non_null(set);
	talloc_free(diags);
	menu_run_init(&run, set);
	use = 0;
}

static void flush_all(void)
{
	TURN_UNTIL(gw_usage_close(usage));
	load();
}

static void test_dialog(void **state)
{
	(void)state;
	open_menu();
	walk(MENU_EVENT_DIAL, "*4*2020*7748317800142#", NULL);
	assert_int_equal(result.verdict, MENU_CALL);
	walk(MENU_EVENT_ANSWER, "", "not_found");
	menu_run_init(&run, set);
	walk(MENU_EVENT_DIAL, "*4#", NULL);
	gw_usage_left(usage, "mci", &run, use, GW_USAGE_CUT);    /* of the root: no use of a service */
	menu_run_init(&run, set);
	walk(MENU_EVENT_DIAL, "*4*2020#", NULL);
	gw_usage_left(usage, "mci", &run, use, GW_USAGE_CUT);
	flush_all();
	assert_int_equal(value("uses|ussd|mci|bills|begun|en|"), 2);
	assert_int_equal(value("uses|ussd|mci|bills|not_found|en|"), 1);
	assert_int_equal(value("uses|ussd|mci|bills|success|en|"), 0);
	assert_int_equal(value("uses|ussd|mci|bills|cut|en|"), 1);
	assert_int_equal(value("screens||home|shown") + value("screens||root|shown"), 1);
	assert_int_equal(value("screens|bills|home|shown"), 1);
	assert_int_equal(value("screens|bills|home|cut"), 1);
	talloc_free(set);
}

static void test_wrong_input(void **state)
{
	(void)state;
	open_menu();
	walk(MENU_EVENT_DIAL, "*4*2020#", NULL);
	for (int i = 0; i < 3; i++)
		walk(MENU_EVENT_INPUT, "77", NULL);
	assert_int_equal(result.verdict, MENU_END);
	flush_all();
	assert_int_equal(value("uses|ussd|mci|bills|wrong|en|"), 1);
	assert_int_equal(value("uses|ussd|mci|bills|finished|en|"), 0);
	assert_int_equal(value("screens|bills|home|answered"), 3);
	assert_int_equal(value("steps|ussd|bills"), 4);
	talloc_free(set);
}

/* A page that stands in place of a visit counts once in a use, however often it is seen. */
static void test_visit(void **state)
{
	(void)state;
	open_menu();
	walk(MENU_EVENT_DIAL, "*4*2020#", NULL);
	for (int i = 0; i < 3; i++) {
		gw_usage_from(usage, &step, &run);
		result.visit = true;
		gw_usage_to(usage, &step, &run, MENU_EVENT_INPUT, NULL, &result, &use);
		gw_usage_saved(usage, "mci", &step);
	}
	flush_all();
	assert_int_equal(value("uses|ussd|mci|bills|visit|en|"), 1);
	assert_int_equal(value("uses|ussd|mci|bills|begun|en|"), 1);
	talloc_free(set);
}

/* ---- the others ---- */

static void test_others(void **state)
{
	char text[12];

	(void)state;
	gw_usage_called(usage, "bills", 3, true);
	gw_usage_called(usage, "bills", 240, true);
	gw_usage_called(usage, "bills", 99999, true);
	gw_usage_called(usage, "bills", 0, false);
	gw_usage_outage(usage, "agency", "bills", 30500);
	gw_usage_act(usage, "portal", "inbox", "fa", GW_USAGE_SUCCESS);
	gw_usage_act(usage, "portal", "inbox", "fa", GW_USAGE_REFUSED);
	gw_usage_answered(usage, "mci", 7000);
	gw_usage_text_request(usage, "mci", "bills.bill", "fa", GW_USAGE_BEGUN);
	gw_usage_request(usage, "bills", "sms", "received", -1);
	gw_usage_request(usage, "bills", "sms", "answered", 4000 * 1000);
	flush_all();
	assert_int_equal(value("calls|bills|5"), 1);
	assert_int_equal(value("calls|bills|250"), 1);
	assert_int_equal(value("calls|bills|more"), 1);
	assert_int_equal(value("calls|bills|sum"), 100242);
	assert_int_equal(value("calls|bills|failed"), 1);
	assert_int_equal(value("outages|agency|bills"), 1);
	assert_int_equal(value("away|agency|bills"), 30);
	assert_int_equal(value("uses|api|portal|inbox|begun|fa|"), 2);
	assert_int_equal(value("uses|api|portal|inbox|success|fa|"), 1);
	assert_int_equal(value("uses|api|portal|inbox|finished|fa|"), 1);
	assert_int_equal(value("uses|api|portal|inbox|refused|fa|"), 1);
	assert_int_equal(value("answers|ussd|mci|10"), 1);
	assert_int_equal(value("uses|sms|mci|bills.bill|begun|fa|"), 1);
	assert_int_equal(value("requests|bills|sms|received"), 1);
	assert_int_equal(value("waits|bills|21600"), 1);
	assert_int_equal(value("waits|bills|sum"), 4000);
	assert_string_equal(gw_usage_bucket_name(gw_usage_times_ms, GW_USAGE_TIMES - 1, text), "more");
}

/* What is away for less than a second is no outage; what is away for longer is one, however long; and it is counted while it lasts. */
static void test_watched(void **state)
{
	char name[16];

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, osmo_clock_override_gettimespec(CLOCK_MONOTONIC));
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	for (unsigned int ms = 0; ms < 90500; ms += 100) {
		gw_usage_watch(usage, "operator", "mci", false);
		gw_usage_watch(usage, "operator", "irancell", ms / 800 % 2);
		gw_usage_watch(usage, "redis", "ledger", true);
		osmo_clock_override_add(CLOCK_MONOTONIC, 0, 100000000);
	}
	osmo_clock_override_enable(CLOCK_MONOTONIC, false);
	gw_usage_watch(usage, "operator", "mci", true);
	for (unsigned int i = 0; i < 2 * GW_USAGE_WATCHED_MAX; i++) { /* nobody grows beyond the bound */
		snprintf(name, sizeof(name), "o-%u", i);
		gw_usage_watch(usage, "operator", name, false);
	}
	assert_int_equal(usage->n_watched, GW_USAGE_WATCHED_MAX);
	flush_all();
	assert_int_equal(value("outages|operator|mci"), 1);
	assert_int_equal(value("away|operator|mci"), 90);
	assert_int_equal(value("outages|operator|irancell"), 0);
	assert_int_equal(value("outages|redis|ledger"), 0);
}

static void test_nobody_counts(void **state)
{
	(void)state;
	gw_usage_act(NULL, "portal", "inbox", "fa", GW_USAGE_SUCCESS);
	gw_usage_watch(NULL, "redis", "ledger", false);
	gw_usage_called(NULL, "bills", 3, true);
	gw_usage_outage(NULL, "agency", "bills", 0);
	gw_usage_answered(NULL, "mci", 7000);
	gw_usage_text_request(NULL, "mci", "bills.bill", "fa", GW_USAGE_BEGUN);
	gw_usage_request(NULL, "bills", "sms", "received", -1);
	gw_usage_notice(NULL, NULL, NULL, "sent");
	gw_usage_became(NULL, "mci", &step, GW_USAGE_LATE);
	gw_usage_tick(NULL);
	assert_true(gw_usage_close(NULL));
}

/* ---- into Redis ---- */

/* The server does what it was sent, and its answer is lost: sent again, it counts once; what was counted meanwhile follows. */
static void test_lost_answer(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		gw_usage_outage(usage, "agency", "bills", 0);
	redis_server_hang(&server);
	gw_usage_close(usage);
	TURN_UNTIL(gw_usage_failures(usage) > 0);
	gw_usage_outage(usage, "agency", "bills", 0);
	redis_server_resume(&server);
	TURN_UNTIL(sess_redis_up(redises[0]));
	flush_all();
	assert_int_equal(value("outages|agency|bills"), 101);
	assert_int_equal(gw_usage_flushes(usage), 2);
}

/* Two processes; one dies and loses what it had not sent, and only that. */
static void test_crash(void **state)
{
	struct gw_usage *other = make(), *first = usage;

	(void)state;
	gw_usage_outage(first, "agency", "bills", 0);
	gw_usage_outage(other, "agency", "bills", 0);
	TURN_UNTIL(gw_usage_close(first) && gw_usage_close(other));
	gw_usage_outage(first, "agency", "bills", 0); /* never sent */
	usage = other;
	talloc_free(first);
	gw_usage_outage(other, "agency", "bills", 0);
	flush_all();
	assert_int_equal(value("outages|agency|bills"), 3);
}

/* More than one add holds. */
static void test_many(void **state)
{
	char name[32];
	int64_t sum = 0;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		snprintf(name, sizeof(name), "agency-%d", i);
		gw_usage_outage(usage, "agency", name, 0);
	}
	flush_all();
	assert_int_equal(kept.n, 1500);
	for (size_t i = 0; i < 600; i++)
		sum += kept.value[i];
	assert_int_equal(sum, 600);
	assert_int_equal(gw_usage_flushes(usage), 2);
}

/* What a step costs: told, not judged (sanitizers, other work). */
static void test_cost(void **state)
{
	struct timespec from, to;
	enum { N = 200000 };

	(void)state;
	open_menu();
	walk(MENU_EVENT_DIAL, "*4*2020#", NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < N; i++) {
		gw_usage_from(usage, &step, &run);
		gw_usage_to(usage, &step, &run, MENU_EVENT_INPUT, NULL, &result, &use);
		gw_usage_saved(usage, "mci", &step);
		gw_usage_answered(usage, "mci", 1000);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	print_message("a step of a dialog, all that is counted of it: %ld ns\n",
		      ((to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec) / N);
	talloc_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_printed),
		cmocka_unit_test_setup_teardown(test_dialog, begin, end),
		cmocka_unit_test_setup_teardown(test_wrong_input, begin, end),
		cmocka_unit_test_setup_teardown(test_visit, begin, end),
		cmocka_unit_test_setup_teardown(test_others, begin, end),
		cmocka_unit_test_setup_teardown(test_watched, begin, end),
		cmocka_unit_test_setup_teardown(test_nobody_counts, begin, end),
		cmocka_unit_test_setup_teardown(test_lost_answer, begin, end),
		cmocka_unit_test_setup_teardown(test_crash, begin, end),
		cmocka_unit_test_setup_teardown(test_many, begin, end),
		cmocka_unit_test_setup_teardown(test_cost, begin, end),
	};

	if (sodium_init() < 0)
		return 1;
	menu_unicode_init();
	world_begin("usage_test", NULL);
	world_tick = tick;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	world_end();
	return failed;
}
