/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_loop.h. A callback may delete any descriptor, its own too: deletion leaves a hole (fd -1), which poll(2)
 * skips, and holes are filled again by the next addition, so that no event of this turn can reach a new owner: a slot
 * filled during the turn has no revents yet. */
#include "tests/sim/smsc_loop.h"

#include <time.h>

int64_t smsc_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t smsc_now_ms(void)
{
	return smsc_now_ns() / 1000000;
}

static size_t slot_of(const struct smsc_loop *loop, int fd)
{
	size_t i = 0;

	while (i < loop->used && loop->polls[i].fd != fd)
		i++;
	return i;
}

int smsc_loop_add(struct smsc_loop *loop, int fd, short events, void (*on_ready)(void *ctx, short revents), void *ctx)
{
	size_t i = slot_of(loop, -1);

	if (i == SMSC_LOOP_FDS)
		return -1;
	if (i == loop->used)
		loop->used++;
	loop->polls[i] = (struct pollfd){ .fd = fd, .events = events };
	loop->owners[i].on_ready = on_ready;
	loop->owners[i].ctx = ctx;
	return 0;
}

void smsc_loop_want(struct smsc_loop *loop, int fd, short events)
{
	size_t i = slot_of(loop, fd);

	if (i < loop->used)
		loop->polls[i].events = events;
}

void smsc_loop_del(struct smsc_loop *loop, int fd)
{
	size_t i = slot_of(loop, fd);

	if (i < loop->used)
		loop->polls[i] = (struct pollfd){ .fd = -1 };
	while (loop->used && loop->polls[loop->used - 1].fd == -1)
		loop->used--;
}

void smsc_timer_disarm(struct smsc_loop *loop, struct smsc_timer *timer)
{
	for (struct smsc_timer **at = &loop->timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			break;
		}
	}
	timer->armed = false;
}

void smsc_timer_arm(struct smsc_loop *loop, struct smsc_timer *timer, int64_t delay_ms)
{
	struct smsc_timer **at = &loop->timers;

	if (timer->armed)
		smsc_timer_disarm(loop, timer);
	timer->due_ms = smsc_now_ms() + delay_ms;
	timer->armed = true;
	while (*at && (*at)->due_ms <= timer->due_ms)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
}

static void fire_timers(struct smsc_loop *loop)
{
	int64_t now = smsc_now_ms();

	while (loop->timers && loop->timers->due_ms <= now) {
		struct smsc_timer *timer = loop->timers;

		loop->timers = timer->next;
		timer->armed = false;
		timer->on_due(timer->ctx);
	}
}

void smsc_loop_turn(struct smsc_loop *loop, int64_t max_ms)
{
	int64_t wait = max_ms;
	size_t seen = loop->used;

	if (loop->timers && loop->timers->due_ms - smsc_now_ms() < wait)
		wait = loop->timers->due_ms - smsc_now_ms();
	if (poll(loop->polls, seen, wait < 0 ? 0 : (int)wait) > 0) {
		for (size_t i = 0; i < seen && i < loop->used; i++) {
			short revents = loop->polls[i].revents;

			if (loop->polls[i].fd >= 0 && revents)
				loop->owners[i].on_ready(loop->owners[i].ctx, revents);
		}
	}
	fire_timers(loop);
}
