/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A libmicrohttpd daemon on our loop. The daemon keeps its sockets in an epoll set of its own, whose fd becomes one fd of the
 * loop; its time-outs become a timerfd.
 *
 * Life: the caller starts the daemon with MHD_USE_EPOLL and without a thread -> alloc -> talloc_free, which stops it and so
 * closes its sockets. It may not be freed from inside one of the daemon's callbacks. */
#pragma once

#include <microhttpd.h>

struct gw_loop_mhd;

/* Takes the daemon over; a child of ctx. NULL if it cannot be put on the loop: then the daemon is stopped. */
struct gw_loop_mhd *gw_loop_mhd_alloc(void *ctx, struct MHD_Daemon *daemon);
/* Does now what can be done without waiting. A connection that is resumed needs no such call: with MHD_ALLOW_SUSPEND_RESUME
 * the daemon has an eventfd in its epoll set, so that it runs in the loop's next turn. Not from inside its callbacks. */
void gw_loop_mhd_run(struct gw_loop_mhd *mhd);
