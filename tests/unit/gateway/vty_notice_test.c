/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Notices at the console and in the metrics: of each where it is, of none what it says or to whom it goes. */
#include "tests/unit/gateway/vty_world.h"

#include "gateway/metrics.h"
#include "gateway/notices.h"
#include "tests/unit/redis_server.h"

#define CITIZEN "989123456789"
#define SECRET "the parcel is under the stone"

static struct redis_server redis;
static bool is_done;
static char text[65536];

static int begin(void **state)
{
	(void)state;
	redis_server_start(&redis, NULL);
	world_begin_with(redis.path, true, "");
	vty_world_open();
	for (int i = 0; i < WORLD_TURNS_MAX && !sess_redis_up(world.gw->ledger_redis); i++)
		gw_loop_turn();
	return 0;
}

static int end(void **state)
{
	(void)state;
	world_end();
	redis_server_stop(&redis);
	return 0;
}

static void on_done(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	(void)ctx;
	(void)token;
	assert_int_equal(result, SESS_LEDGER_OK);
	is_done = true;
}

static void on_committed(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *there)
{
	(void)there;
	on_done(ctx, token, result);
}

static void wait_until_done(void)
{
	for (int i = 0; i < WORLD_TURNS_MAX && !is_done; i++)
		gw_loop_turn();
	assert_true(is_done);
	is_done = false;
}

static const char *accept_notice(const char *agency)
{
	static char id[GW_NOTICE_ID_OCTETS];
	struct gw_notice *notice = gw_notice_alloc(world_ctx);

	OSMO_STRLCPY_ARRAY(notice->msisdn, CITIZEN);
	gw_notice_set(notice, &notice->agency, agency);
	gw_notice_set(notice, &notice->text[1], SECRET);
	notice->klass = GW_NOTICE_LEGAL;
	notice->channels = GW_CHANNEL_SMS;
	assert_int_equal(gw_notices_accept(world.gw->notices, notice, on_done, NULL, 0), 0);
	wait_until_done();
	strcpy(id, notice->id);
	talloc_free(notice);
	return id;
}

static void list_as_unsure(const char *agency, const char *id, int64_t at_ms)
{
	unsigned int partition = (unsigned int)gw_notice_partition(id);
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(world_ctx, world.gw->ledger, partition);
	char key[SESS_LEDGER_KEY_OCTETS], member[64];

	assert_true(gw_unsure_log_key(key, partition));
	snprintf(member, sizeof(member), "%s %s", agency, id);
	sess_ledger_index(commit, key, (double)at_ms, member);
	assert_int_equal(sess_ledger_commit_go(commit, on_committed, NULL, 0), 0);
	wait_until_done();
	talloc_free(commit);
}

/* What comes until `last` has come. */
static const char *say(const char *command, const char *last)
{
	vty_world_say(text, sizeof(text), command, last);
	assert_null(strstr(text, CITIZEN));
	assert_null(strstr(text, SECRET));
	return text;
}

static void a_notice(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "show notice %s", accept_notice("tax"));
	assert_non_null(strstr(say(command, "handed over 0 times"), "of tax to 98912"));
	assert_non_null(strstr(text, "(legal, normal), by sms at m\"c\\i"));
	assert_non_null(strstr(text, "  accepted since "));
	assert_non_null(strstr(text, "inbox: no"));
	snprintf(command, sizeof(command), "show notice %s", accept_notice(""));
	say(command, "of the gateway to ");
	say("show notice n00aaaaaaaaaaaaaaaaaaaa", "% there is no such notice");
	say("show notice 'n00", "% that is no notice's id");
}

static void counters(void **state)
{
	(void)state;
	say("show notices", "0 in work (at most ");
	assert_non_null(strstr(text, "(unknown_given_up)"));
	assert_non_null(strstr(text, "(resolved)"));
}

static void unsure(void **state)
{
	char id[GW_NOTICE_ID_OCTETS], *gone;

	(void)state;
	say("show unsure", "there is none");
	strcpy(id, accept_notice(""));
	list_as_unsure("", id, 1584262800000);
	list_as_unsure("tax", "n07aaaaaaaaaaaaaaaaaaaa", 1584262900000); /* its record is gone */
	say("show unsure", "accepted  the gateway");
	gone = strstr(text, "n07aaaaaaaaaaaaaaaaaaaa  is not kept any more");
	assert_non_null(gone);
	assert_true(gone < strstr(text, id)); /* newest first */
}

/* No more than can be shown, and these are the newest of all partitions. */
static void many_unsure(void **state)
{
	char id[GW_NOTICE_ID_OCTETS];
	size_t rows = 0;

	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "n%02uaaaaaaaaaaaaaaaaax%c%c", i % 3 * 31, 'a' + i / 26, 'a' + i % 26);
		list_as_unsure("tax", id, 1584262800000 + i);
	}
	say("show unsure", "and older ones");
	for (const char *at = text; (at = strstr(at, "is not kept")); at++)
		rows++;
	assert_int_equal(rows, SESS_LEDGER_LOAD_MAX);
	assert_non_null(strstr(text, "axhr"));
	assert_non_null(strstr(text, "axfg"));
	assert_null(strstr(text, "axff"));
}

static void a_console_that_closes(void **state)
{
	int fd = world_connect(world_number("vty port "));

	(void)state;
	world_send(fd, "show unsure\r\nshow notice n00aaaaaaaaaaaaaaaaaaaa\r\nexit\r\n");
	assert_true(world_read(fd, strcpy(text, ""), sizeof(text), NULL));
	close(fd);
	for (int i = 0; i < 20; i++)
		gw_loop_turn();
}

static void a_ledger_that_is_down(void **state)
{
	(void)state;
	redis_server_kill(&redis);
	say("show unsure", "% the ledger does not answer");
	say("show notice n00aaaaaaaaaaaaaaaaaaaa", "% the ledger does not answer");
}

static void the_metrics(void **state)
{
	char *page;
	size_t octets;
	FILE *to = open_memstream(&page, &octets);

	(void)state;
	gw_metrics_print(to, world.gw);
	fclose(to);
	assert_non_null(strstr(page, "\ndolat_notices_in_work 0\n"));
	assert_non_null(strstr(page, "\ndolat_notices_unknown_total 0\n"));
	assert_non_null(strstr(page, "\ndolat_receipts_heard_total 0\n"));
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_notice, begin, end),
		cmocka_unit_test_setup_teardown(counters, begin, end),
		cmocka_unit_test_setup_teardown(unsure, begin, end),
		cmocka_unit_test_setup_teardown(many_unsure, begin, end),
		cmocka_unit_test_setup_teardown(a_console_that_closes, begin, end),
		cmocka_unit_test_setup_teardown(a_ledger_that_is_down, begin, end),
		cmocka_unit_test_setup_teardown(the_metrics, begin, end),
	};

	return cmocka_run_group_tests(tests, vty_world_init, NULL);
}
