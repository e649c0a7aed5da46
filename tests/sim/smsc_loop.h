/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The simulator's event loop: poll(2) over a fixed table of descriptors, and timers in a sorted list. It is not
 * libosmocore's on purpose: what tests the gateway should not share its loop. One loop for a process, single thread. */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMSC_LOOP_FDS 512

struct smsc_timer {
	int64_t due_ms;
	void (*on_due)(void *ctx);
	void *ctx;
	struct smsc_timer *next;
	bool armed;
};

struct smsc_loop {
	struct pollfd polls[SMSC_LOOP_FDS];
	struct {
		void (*on_ready)(void *ctx, short revents);
		void *ctx;
	} owners[SMSC_LOOP_FDS];
	size_t used;
	struct smsc_timer *timers;
};

/* Monotonic clock. */
int64_t smsc_now_ms(void);
int64_t smsc_now_ns(void);

/* 0, or -1 when the table is full. A descriptor must be deleted before it is closed. */
int smsc_loop_add(struct smsc_loop *loop, int fd, short events, void (*on_ready)(void *ctx, short revents), void *ctx);
void smsc_loop_want(struct smsc_loop *loop, int fd, short events);
void smsc_loop_del(struct smsc_loop *loop, int fd);
/* The caller sets on_due and ctx once; arming an armed timer moves it. */
void smsc_timer_arm(struct smsc_loop *loop, struct smsc_timer *timer, int64_t delay_ms);
void smsc_timer_disarm(struct smsc_loop *loop, struct smsc_timer *timer);
/* Waits at most max_ms (or until the next timer), then calls whoever is ready. */
void smsc_loop_turn(struct smsc_loop *loop, int64_t max_ms);
