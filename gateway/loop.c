/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See loop.h. An event of a turn may close the fd of another event of the same turn, and the kernel may give that number to
 * a new socket at once: gw_loop_del therefore blanks what of the current batch belongs to the osmo_fd that leaves. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <osmocom/core/utils.h>

#include "gateway/loop.h"

#define BATCH 128
#define HOOKS_MAX 8

struct hooks {
	struct { gw_loop_hook *call; void *ctx; } at[HOOKS_MAX];
	unsigned int n;
};

static struct {
	struct osmo_fd epoll, timer;
	struct epoll_event batch[BATCH];
	int n_batch, at_batch;
	struct hooks after_turn, every;
	int64_t now_ms, now_wall_ms;
} loop = { .epoll.fd = -1, .timer.fd = -1 };

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t gw_clock_ms(void)
{
	return loop.now_ms ? loop.now_ms : clock_ms(CLOCK_MONOTONIC);
}

int64_t gw_clock_wall_ms(void)
{
	return loop.now_ms ? loop.now_wall_ms : clock_ms(CLOCK_REALTIME);
}

int64_t gw_clock_wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void hooks_add(struct hooks *hooks, gw_loop_hook *call, void *ctx)
{
	OSMO_ASSERT(hooks->n < HOOKS_MAX);
	hooks->at[hooks->n].call = call;
	hooks->at[hooks->n++].ctx = ctx;
}

static void hooks_run(const struct hooks *hooks)
{
	for (unsigned int i = 0; i < hooks->n; i++)
		hooks->at[i].call(hooks->at[i].ctx);
}

static uint32_t events_of(unsigned int when)
{
	return ((when & OSMO_FD_READ) ? EPOLLIN : 0) | ((when & OSMO_FD_WRITE) ? EPOLLOUT : 0) |
	       ((when & OSMO_FD_EXCEPT) ? EPOLLPRI : 0);
}

/* A hang-up or an error is told as whatever is waited for, so that the owner's read or write finds out which it is. */
static unsigned int what_of(uint32_t events, unsigned int when)
{
	unsigned int what = ((events & EPOLLIN) ? OSMO_FD_READ : 0) | ((events & EPOLLOUT) ? OSMO_FD_WRITE : 0) |
			    ((events & EPOLLPRI) ? OSMO_FD_EXCEPT : 0);

	if (events & (EPOLLHUP | EPOLLERR))
		what |= when & (OSMO_FD_READ | OSMO_FD_WRITE) ? when & (OSMO_FD_READ | OSMO_FD_WRITE) : OSMO_FD_READ;
	return what;
}

int gw_loop_add(struct osmo_fd *ofd)
{
	struct epoll_event event = { .events = events_of(ofd->when), .data.ptr = ofd };

	return epoll_ctl(loop.epoll.fd, EPOLL_CTL_ADD, ofd->fd, &event) < 0 ? -errno : 0;
}

void gw_loop_update(struct osmo_fd *ofd, unsigned int when)
{
	struct epoll_event event = { .events = events_of(when), .data.ptr = ofd };

	if (ofd->when == when)
		return;
	ofd->when = when;
	epoll_ctl(loop.epoll.fd, EPOLL_CTL_MOD, ofd->fd, &event);
}

void gw_loop_del(struct osmo_fd *ofd)
{
	if (ofd->fd >= 0)
		epoll_ctl(loop.epoll.fd, EPOLL_CTL_DEL, ofd->fd, NULL);
	for (int i = loop.at_batch; i < loop.n_batch; i++)
		if (loop.batch[i].data.ptr == ofd)
			loop.batch[i].data.ptr = NULL;
}

static int on_epoll(struct osmo_fd *ofd, unsigned int what)
{
	(void)what;
	loop.now_ms = clock_ms(CLOCK_MONOTONIC); /* the wait is over: this is the time of the whole turn */
	loop.now_wall_ms = clock_ms(CLOCK_REALTIME);
	loop.n_batch = epoll_wait(ofd->fd, loop.batch, BATCH, 0);
	for (loop.at_batch = 0; loop.at_batch < loop.n_batch; loop.at_batch++) {
		struct epoll_event *event = &loop.batch[loop.at_batch];
		struct osmo_fd *member = event->data.ptr;

		if (member)
			member->cb(member, what_of(event->events, member->when));
	}
	loop.n_batch = loop.at_batch = 0;
	return 0;
}

/* A timerfd and not an osmo_timer: those follow the wall clock, and spin when they are short. */
static int on_tick(struct osmo_fd *ofd, unsigned int what)
{
	uint64_t expirations;

	(void)what;
	if (read(ofd->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		hooks_run(&loop.every);
	return 0;
}

int gw_loop_init(void *ctx)
{
	const struct itimerspec every = { .it_interval.tv_nsec = GW_LOOP_TICK_MS * 1000000L,
					  .it_value.tv_nsec = GW_LOOP_TICK_MS * 1000000L };

	(void)ctx;
	loop.after_turn.n = loop.every.n = 0;
	loop.now_ms = 0;
	osmo_fd_setup(&loop.epoll, epoll_create1(EPOLL_CLOEXEC), OSMO_FD_READ, on_epoll, NULL, 0);
	if (loop.epoll.fd < 0 || osmo_fd_register(&loop.epoll) < 0)
		return -errno;
	osmo_fd_setup(&loop.timer, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), OSMO_FD_READ, on_tick, NULL, 0);
	if (loop.timer.fd < 0 || timerfd_settime(loop.timer.fd, 0, &every, NULL) < 0)
		return -errno;
	return gw_loop_add(&loop.timer);
}

void gw_loop_fini(void)
{
	if (loop.timer.fd >= 0) {
		gw_loop_del(&loop.timer);
		close(loop.timer.fd);
	}
	if (loop.epoll.fd >= 0) {
		osmo_fd_unregister(&loop.epoll);
		close(loop.epoll.fd);
	}
	loop.epoll.fd = loop.timer.fd = -1;
	loop.now_ms = 0; /* no turn keeps it fresh any more */
}

void gw_loop_after_turn(gw_loop_hook *hook, void *ctx)
{
	hooks_add(&loop.after_turn, hook, ctx);
}

void gw_loop_every(gw_loop_hook *hook, void *ctx)
{
	hooks_add(&loop.every, hook, ctx);
}

void gw_loop_turn(void)
{
	osmo_select_main_ctx(0);
	hooks_run(&loop.after_turn);
}
