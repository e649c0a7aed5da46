/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* USSD over HTTP against a whole gateway in this process: pages, copies, who may ask, who goes away, and a store that says nothing. */
#include "gateway/bearer_conend.h"
#include "gateway/loop.h"
#include "tests/unit/gateway/gw_world.h"
#include "tests/unit/redis_server.h"

static struct redis_server redis;
static char got[65536];

static int begin_with(const char *route)
{
	char text[1024];

	redis_server_start(&redis, NULL);
	snprintf(text, sizeof(text), "http_ussd = { port = 0; failures_per_minute = 2; routes = ( { name = \"agg\"; path = \"/ussd\"; %s } ); };", route);
	world_begin(redis.path, text);
	for (int i = 0; i < WORLD_TURNS_MAX && !world.gw->met_networks; i++)
		gw_loop_turn();
	assert_true(world.gw->met_networks);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	return begin_with("addresses = ( \"127.0.0.1\" );");
}

static int begin_hasty(void **state)
{
	(void)state;
	return begin_with("addresses = ( \"127.0.0.1\" ); answer_ms = 500;");
}

static int begin_query(void **state)
{
	(void)state;
	return begin_with("addresses = ( \"127.0.0.1\" ); dialect = \"conend-get\";");
}

static int begin_alone(void **state)
{
	const char *operators = world_operators;
	int rc;

	world_operators = "";
	rc = begin(state);
	world_operators = operators;
	return rc;
}

static int begin_secret(void **state)
{
	int rc;
	FILE *file = fopen("/tmp/dolat-conend-test.secret", "we");

	(void)state;
	assert_non_null(file);
	fputs("open sesame\n", file);
	fclose(file);
	rc = begin_with("secret_file = \"/tmp/dolat-conend-test.secret\";");
	remove("/tmp/dolat-conend-test.secret");
	return rc;
}

static int end(void **state)
{
	(void)state;
	world_end();
	redis_server_stop(&redis);
	return 0;
}

static bool is_whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "content-length:");

	return body && length && strlen(body + 4) >= strtoul(length + 15, NULL, 10);
}

static bool has_head(const char *text)
{
	return strstr(text, "\r\n\r\n") != NULL;
}

static int send_form(const char *headers, const char *session, const char *typed)
{
	char request[1024], body[512];
	int fd = world_connect(world_number("http_ussd port "));

	snprintf(body, sizeof(body), "sessionId=%s&phoneNumber=%%2B989121234567&serviceCode=%%2A4%%23&text=%s", session, typed);
	snprintf(request, sizeof(request), "POST /ussd HTTP/1.1\r\nHost: x\r\n%sContent-Type: application/x-www-form-urlencoded\r\n"
		 "Content-Length: %zu\r\n\r\n%s", headers, strlen(body), body);
	world_send(fd, request);
	return fd;
}

/* What comes on it: the body. */
static const char *take(int fd)
{
	got[0] = '\0';
	world_read(fd, got, sizeof(got), is_whole);
	close(fd);
	assert_non_null(strstr(got, "\r\n\r\n"));
	return strstr(got, "\r\n\r\n") + 4;
}

static const char *ask(const char *session, const char *typed)
{
	return take(send_form("", session, typed));
}

static uint64_t counted(enum gw_conend_ctr which)
{
	struct gw_conend_info info;

	assert_true(gw_bearer_conend_at(world.gw->http_ussd, 0, &info));
	return info.counters[which];
}

static void a_dialog_goes_on_page_by_page(void **state)
{
	char page[1024];

	(void)state;
	assert_memory_equal(ask("s", ""), "CON ", 4);
	assert_non_null(strstr(got, "HTTP/1.1 200"));
	assert_non_null(strstr(got, "text/plain; charset=utf-8"));
	snprintf(page, sizeof(page), "%s", ask("s", "1"));
	assert_memory_equal(page, "CON ", 4);
	assert_string_equal(ask("s", "1"), page);
	assert_string_equal(ask("s", ""), page);
	assert_int_equal(world.gw->counters.at[GW_CTR_REPEATED], 2);
	assert_string_not_equal(ask("s", "1*1"), page);
	assert_memory_equal(ask("s", "1*1*00*0"), "CON ", 4);
	assert_memory_equal(ask("t", "1*1*00*0"), "END ", 4);
	assert_memory_equal(ask("t", "1*1*00*0"), "END ", 4);
	assert_memory_equal(ask("t", "1*1*00*0*1"), "END ", 4);
	assert_int_equal(counted(GW_CONEND_CTR_ENDS), 3);
	assert_true(world.gw->counters.at[GW_CTR_ANSWERS] >= 8);
}

/* The same by five at once: none is left without an answer; four hear the page. */
static void copies_at_once(void **state)
{
	int fds[5];
	unsigned int pages = 0, busy = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		fds[i] = send_form("", "s", "");
	for (int i = 0; i < 5; i++) {
		const char *body = take(fds[i]);

		pages += strncmp(body, "CON ", 4) == 0;
		busy += strstr(got, "HTTP/1.1 503") != NULL && strncmp(body, "END ", 4) == 0;
	}
	assert_int_equal(pages + busy, 5);
	assert_true(pages >= 4);
}

static void a_client_goes_away(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		int fd = send_form("", "s", "");

		for (int k = 0; k < i; k++)
			gw_loop_turn();
		close(fd);
	}
	for (int i = 0; i < WORLD_TURNS_MAX && gw_bearers_waiting(world.gw); i++)
		gw_loop_turn();
	assert_memory_equal(ask("s", "1"), "CON ", 4);
}

static void a_store_that_says_nothing(void **state)
{
	(void)state;
	redis_server_hang(&redis);
	assert_memory_equal(ask("s", ""), "END ", 4);
	assert_int_equal(counted(GW_CONEND_CTR_LATE), 1);
	redis_server_resume(&redis);
	for (int i = 0; i < WORLD_TURNS_MAX && gw_dialogs_in_flight(world.gw->dialogs); i++)
		gw_loop_turn();
}

static void who_may_ask(void **state)
{
	(void)state;
	assert_memory_equal(take(send_form("X-Ussd-Secret: open sesame\r\n", "s", "")), "CON ", 4);
	take(send_form("", "s", ""));
	assert_non_null(strstr(got, "HTTP/1.1 401"));
	take(send_form("X-Ussd-Secret: open sesame!\r\n", "s", ""));
	assert_non_null(strstr(got, "HTTP/1.1 401"));
	take(send_form("X-Ussd-Secret: open sesame\r\n", "s", ""));
	assert_non_null(strstr(got, "HTTP/1.1 429")); /* too many wrong ones */
	assert_int_equal(counted(GW_CONEND_CTR_SECRETS), 2);
	assert_null(strstr(world.lines, "sesame"));
}

static void it_drains(void **state)
{
	(void)state;
	ask("s", "");
	gw_drain(world.gw);
	for (int i = 0; i < WORLD_TURNS_MAX && world.gw->life != GW_STOPPED; i++)
		gw_loop_turn();
	assert_int_equal(world.gw->life, GW_STOPPED);
}

/* A proxy's or a checker's HEAD is no step: its page nobody would see. */
static void head_is_no_step(void **state)
{
	static const char query[] = "/ussd?sessionId=s&phoneNumber=989121234567&serviceCode=*4%23&text=";
	char request[256];
	int fd = world_connect(world_number("http_ussd port "));

	(void)state;
	snprintf(request, sizeof(request), "HEAD %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", query);
	world_send(fd, request);
	got[0] = '\0';
	world_read(fd, got, sizeof(got), has_head);
	close(fd);
	assert_non_null(strstr(got, "HTTP/1.1 405"));
	assert_non_null(strstr(got, "Allow: GET\r\n"));
	assert_int_equal(world.gw->counters.at[GW_CTR_DIALS], 0);
	fd = world_connect(world_number("http_ussd port "));
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", query);
	world_send(fd, request);
	assert_memory_equal(take(fd), "CON ", 4);
}

/* Aggregators only: dialogs as ever; a text message has nobody who would take it. */
static void there_are_no_operators(void **state)
{
	const struct gw_sms sms = { .msisdn = "989121234567", .sender = "", .text = "x", .octets = 1 };
	const struct gw_bearer *bearer = world.gw->http_ussd;

	(void)state;
	assert_non_null(strstr(world.lines, "there are no operators"));
	assert_memory_equal(ask("s", ""), "CON ", 4);
	assert_memory_equal(ask("s", "1"), "CON ", 4);
	assert_null(world.gw->smpp->ops->route(world.gw->smpp, 0));
	assert_int_equal(bearer->ops->sms(world.gw->http_ussd, bearer->ops->route(bearer, 0), &sms), -ENOTSUP);
	assert_int_equal(bearer->ops->sms_parts(bearer, bearer->ops->route(bearer, 0), &sms), -ENOTSUP);
	gw_drain(world.gw);
	for (int i = 0; i < WORLD_TURNS_MAX && world.gw->life != GW_STOPPED; i++)
		gw_loop_turn();
	assert_int_equal(world.gw->life, GW_STOPPED);
}

/* Freed with a request in its hands. */
static void it_is_freed_in_the_middle(void **state)
{
	int fd = send_form("", "s", "");

	(void)state;
	for (int i = 0; i < WORLD_TURNS_MAX && !gw_bearers_waiting(world.gw); i++)
		gw_loop_turn();
	talloc_free(world.gw);
	world.gw = NULL;
	close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_dialog_goes_on_page_by_page, begin, end),
		cmocka_unit_test_setup_teardown(copies_at_once, begin, end),
		cmocka_unit_test_setup_teardown(a_client_goes_away, begin, end),
		cmocka_unit_test_setup_teardown(a_store_that_says_nothing, begin_hasty, end),
		cmocka_unit_test_setup_teardown(who_may_ask, begin_secret, end),
		cmocka_unit_test_setup_teardown(head_is_no_step, begin_query, end),
		cmocka_unit_test_setup_teardown(there_are_no_operators, begin_alone, end),
		cmocka_unit_test_setup_teardown(it_drains, begin, end),
		cmocka_unit_test_setup_teardown(it_is_freed_in_the_middle, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
