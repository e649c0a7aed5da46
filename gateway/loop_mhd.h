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
/* Does now what can be done without waiting. Not from inside the daemon's callbacks. */
void gw_loop_mhd_run(struct gw_loop_mhd *mhd);
/* A connection that MHD_resume_connection was called for does not go on by itself: the daemon has no thread to wake, and makes no
 * event. So whoever resumes one wants a run, and calls turn at the end of each turn of the loop: it runs if one is wanted. */
void gw_loop_mhd_want(struct gw_loop_mhd *mhd);
void gw_loop_mhd_turn(struct gw_loop_mhd *mhd);
