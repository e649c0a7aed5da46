/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The loop with real fds: what is told, to whom, and what an fd that leaves in mid-turn must not be told any more. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include <osmocom/core/fsm.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "gateway/loop.h"

#define PAIRS 300 /* more than one batch */

struct pair {
	struct osmo_fd near;
	int far;
	unsigned int events, what;
	struct pair *deletes;          /* in its callback */
};
static struct pair pairs[PAIRS];

static int on_event(struct osmo_fd *ofd, unsigned int what)
{
	struct pair *pair = ofd->data;
	char octet;

	pair->events++;
	pair->what = what;
	if (what & OSMO_FD_READ)
		(void)!recv(ofd->fd, &octet, 1, MSG_DONTWAIT);
	if (pair->deletes) {
		gw_loop_del(&pair->deletes->near);
		close(pair->deletes->near.fd);
		pair->deletes->near.fd = -1;
	}
	return 0;
}

static void open_pair(struct pair *pair, unsigned int when)
{
	int fds[2];

	memset(pair, 0, sizeof(*pair));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	osmo_fd_setup(&pair->near, fds[0], when, on_event, pair, 0);
	pair->far = fds[1];
	assert_int_equal(gw_loop_add(&pair->near), 0);
}

static void close_pair(struct pair *pair)
{
	if (pair->near.fd >= 0) {
		gw_loop_del(&pair->near);
		close(pair->near.fd);
	}
	if (pair->far >= 0)
		close(pair->far);
}

static int begin(void **state)
{
	(void)state;
	return gw_loop_init(NULL);
}

static int end(void **state)
{
	(void)state;
	gw_loop_fini();
	return 0;
}

static void turns(int n)
{
	for (int i = 0; i < n; i++)
		gw_loop_turn();
}

static void reading_and_writing(void **state)
{
	struct pair pair;

	(void)state;
	open_pair(&pair, OSMO_FD_READ);
	turns(2);
	assert_int_equal(pair.events, 0);
	assert_int_equal(write(pair.far, "x", 1), 1);
	turns(3);
	assert_int_equal(pair.events, 1);
	assert_int_equal(pair.what, OSMO_FD_READ);
	gw_loop_update(&pair.near, OSMO_FD_READ | OSMO_FD_WRITE);
	turns(1);
	assert_int_equal(pair.what, OSMO_FD_WRITE);
	gw_loop_update(&pair.near, 0);
	pair.events = 0;
	assert_int_equal(write(pair.far, "x", 1), 1);
	turns(2);
	assert_int_equal(pair.events, 0);
	gw_loop_update(&pair.near, OSMO_FD_READ);
	turns(1);
	assert_int_equal(pair.events, 1); /* what was there when nobody asked is not lost */
	close_pair(&pair);
}

/* A peer that goes is told as what the owner waits for: its read or write then finds the reason. */
static void a_hang_up_is_told(void **state)
{
	static const unsigned int whens[] = { OSMO_FD_READ, OSMO_FD_WRITE, OSMO_FD_READ | OSMO_FD_WRITE };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(whens); i++) {
		struct pair pair;

		open_pair(&pair, whens[i]);
		close(pair.far);
		pair.far = -1;
		turns(1);
		assert_true(pair.events > 0);
		assert_int_equal(pair.what, whens[i]);
		close_pair(&pair);
	}
}

static void many_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAIRS; i++) {
		open_pair(&pairs[i], OSMO_FD_READ);
		assert_int_equal(write(pairs[i].far, "x", 1), 1);
	}
	turns(10);
	for (size_t i = 0; i < PAIRS; i++) {
		assert_int_equal(pairs[i].events, 1);
		close_pair(&pairs[i]);
	}
}

/* Each of two wants to delete the other, in the turn in which both have something to read: one of them is never told. */
static void who_is_deleted_hears_nothing(void **state)
{
	(void)state;
	open_pair(&pairs[0], OSMO_FD_READ);
	open_pair(&pairs[1], OSMO_FD_READ);
	pairs[0].deletes = &pairs[1];
	pairs[1].deletes = &pairs[0];
	assert_int_equal(write(pairs[0].far, "x", 1), 1);
	assert_int_equal(write(pairs[1].far, "x", 1), 1);
	turns(3);
	assert_int_equal(pairs[0].events + pairs[1].events, 1);
	close_pair(&pairs[0]);
	close_pair(&pairs[1]);
}

static void one_may_delete_itself(void **state)
{
	(void)state;
	open_pair(&pairs[0], OSMO_FD_READ);
	pairs[0].deletes = &pairs[0];
	assert_int_equal(write(pairs[0].far, "xx", 2), 2);
	turns(3);
	assert_int_equal(pairs[0].events, 1);
	close_pair(&pairs[0]);
}

static void errors_of_adding(void **state)
{
	struct osmo_fd ofd;
	int fd = open("/tmp", O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	(void)state;
	osmo_fd_setup(&ofd, -1, OSMO_FD_READ, on_event, NULL, 0);
	assert_int_equal(gw_loop_add(&ofd), -EBADF);
	osmo_fd_setup(&ofd, fd, OSMO_FD_READ, on_event, NULL, 0);
	assert_int_equal(gw_loop_add(&ofd), -EPERM); /* no poll on a folder */
	close(fd);
	ofd.fd = -1;
	gw_loop_del(&ofd); /* hurts nobody */
}

static char order[64];

static void hook(void *ctx)
{
	if (strlen(order) < sizeof(order) - 1)
		strncat(order, ctx, 1);
}

static unsigned int ticks;

static void on_tick(void *ctx)
{
	(void)ctx;
	ticks++;
}

static void hooks_run_in_order(void **state)
{
	(void)state;
	order[0] = '\0';
	ticks = 0;
	gw_loop_after_turn(hook, "a");
	gw_loop_after_turn(hook, "b");
	gw_loop_every(on_tick, NULL);
	turns(2);
	assert_string_equal(order, "abab");
	for (int i = 0; i < 100 && ticks < 3; i++)
		gw_loop_turn(); /* each waits for a tick at most */
	assert_int_equal(ticks, 3);
	gw_loop_fini();
	assert_int_equal(gw_loop_init(NULL), 0);
	order[0] = '\0';
	turns(2);
	assert_string_equal(order, ""); /* a new loop has none of them */
}

static void clocks(void **state)
{
	int64_t before, now;

	(void)state;
	turns(1);
	before = gw_clock_ms();
	turns(2);
	now = gw_clock_ms();
	assert_true(now >= before);
	assert_int_equal(gw_clock_ms(), now); /* it stands still within a turn */
	assert_true(gw_clock_wall_ms() > 1600000000000);
}

/* The loop's native part goes on beside the private set. */
static void on_timer(void *ctx)
{
	*(unsigned int *)ctx += 1;
}

static void native_timers_run(void **state)
{
	struct osmo_timer_list timer = { 0 };
	unsigned int fired = 0;

	(void)state;
	osmo_timer_setup(&timer, on_timer, &fired);
	osmo_timer_schedule(&timer, 0, 5000);
	for (int i = 0; i < 100000000 && !fired; i++)
		gw_loop_turn(); /* which does not wait while less than a millisecond is left */
	assert_int_equal(fired, 1);
}

static int begin_all(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reading_and_writing, begin, end),
		cmocka_unit_test_setup_teardown(a_hang_up_is_told, begin, end),
		cmocka_unit_test_setup_teardown(many_at_once, begin, end),
		cmocka_unit_test_setup_teardown(who_is_deleted_hears_nothing, begin, end),
		cmocka_unit_test_setup_teardown(one_may_delete_itself, begin, end),
		cmocka_unit_test_setup_teardown(errors_of_adding, begin, end),
		cmocka_unit_test_setup_teardown(hooks_run_in_order, begin, end),
		cmocka_unit_test_setup_teardown(clocks, begin, end),
		cmocka_unit_test_setup_teardown(native_timers_run, begin, end),
	};

	return cmocka_run_group_tests(tests, begin_all, NULL);
}
