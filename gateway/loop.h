/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The event loop: osmo_select outermost, with one private epoll set registered in it as a single osmo_fd. Sockets live in
 * that set, because osmo_select costs 0.17 us for each of its fds on each turn; timers, signals and the VTY stay native.
 *
 * The functions on fds have the meaning of osmo_fd_register and its kin and may be handed to the floors below in their
 * place; but an fd's owner has made it non-blocking itself. There is one loop in a process, as there is one osmo_select: that is why none of them takes a loop. */
#pragma once

#include <stdint.h>
#include <osmocom/core/select.h>

/* Work to be done after each turn: write out what has gathered. */
typedef void gw_loop_hook(void *ctx);

int gw_loop_init(void *ctx);     /* 0 or -errno */
void gw_loop_fini(void);
int gw_loop_add(struct osmo_fd *ofd);
void gw_loop_update(struct osmo_fd *ofd, unsigned int when);
void gw_loop_del(struct osmo_fd *ofd);  /* before the fd is closed; no event of this turn reaches it any more */
void gw_loop_after_turn(gw_loop_hook *hook, void *ctx);  /* at most 8 hooks, in this order */
void gw_loop_every(gw_loop_hook *hook, void *ctx);       /* the same, every GW_LOOP_TICK_MS */
#define GW_LOOP_TICK_MS 20
/* One turn: waits for events, serves them, runs the hooks. */
void gw_loop_turn(void);

int64_t gw_clock_ms(void);       /* monotonic; read once a turn */
int64_t gw_clock_wall_ms(void);  /* since 1970; read once a turn, too */
int64_t gw_clock_wall_us(void);  /* this moment */
