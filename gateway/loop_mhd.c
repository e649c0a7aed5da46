/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See loop_mhd.h. Whatever happens, MHD_run does all that can be done without waiting; then the daemon is asked when it wants
 * to be called though nothing happened, and the timer is set to that. */
#include <errno.h>
#include <stdbool.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/loop.h"
#include "gateway/loop_mhd.h"

struct gw_loop_mhd {
	struct MHD_Daemon *daemon;
	struct osmo_fd epoll, timer;
	bool inside, wanted;
};

/* A time of zero would disarm the timer: "at once" is a nanosecond. */
static void set_timer(struct gw_loop_mhd *mhd)
{
	struct itimerspec when = { 0 };
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(mhd->daemon, &ms) == MHD_YES) {
		when.it_value.tv_sec = (time_t)(ms / 1000);
		when.it_value.tv_nsec = ms ? (long)(ms % 1000) * 1000000L : 1;
	}
	timerfd_settime(mhd->timer.fd, 0, &when, NULL);
}

void gw_loop_mhd_run(struct gw_loop_mhd *mhd)
{
	mhd->inside = true;
	mhd->wanted = false;
	MHD_run(mhd->daemon);
	mhd->inside = false;
	set_timer(mhd);
}

void gw_loop_mhd_want(struct gw_loop_mhd *mhd)
{
	mhd->wanted = true;
}

void gw_loop_mhd_turn(struct gw_loop_mhd *mhd)
{
	if (mhd->wanted)
		gw_loop_mhd_run(mhd);
}

static int on_epoll(struct osmo_fd *ofd, unsigned int what)
{
	(void)what;
	gw_loop_mhd_run(ofd->data);
	return 0;
}

static int on_timer(struct osmo_fd *ofd, unsigned int what)
{
	uint64_t expirations;

	(void)what;
	if (read(ofd->fd, &expirations, sizeof(expirations)) == sizeof(expirations))
		gw_loop_mhd_run(ofd->data);
	return 0;
}

static int free_mhd(struct gw_loop_mhd *mhd)
{
	OSMO_ASSERT(!mhd->inside);
	gw_loop_del(&mhd->epoll); /* the fd is the daemon's to close */
	gw_loop_del(&mhd->timer);
	if (mhd->timer.fd >= 0)
		close(mhd->timer.fd);
	MHD_stop_daemon(mhd->daemon);
	return 0;
}

struct gw_loop_mhd *gw_loop_mhd_alloc(void *ctx, struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct gw_loop_mhd *mhd = talloc_zero(ctx, struct gw_loop_mhd);

	mhd->daemon = daemon;
	osmo_fd_setup(&mhd->epoll, info ? info->epoll_fd : -1, OSMO_FD_READ, on_epoll, mhd, 0);
	osmo_fd_setup(&mhd->timer, timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), OSMO_FD_READ, on_timer, mhd, 0);
	talloc_set_destructor(mhd, free_mhd);
	if (gw_loop_add(&mhd->epoll) < 0 || gw_loop_add(&mhd->timer) < 0) {
		talloc_free(mhd);
		return NULL;
	}
	return mhd;
}
