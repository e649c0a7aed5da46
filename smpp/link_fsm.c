/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The state machine of a link, in the order: events, timers, failure, each state (what entering it does, then its events),
 * the table, and what the owner wished meanwhile.
 *
 *        start            connected            bind_resp
 *   DOWN ------> CONNECTING ------> BINDING ------------> BOUND ---stop---> DRAINING --unbound--> STOPPED
 *    ^  <- pause     |                 |                    |                    |                   ^
 *    +----- lost ----+--- refused -----+------ lost --------+                    +------ lost -------+
 *                                                  (stop in any state but BOUND: STOPPED)
 *
 * States change only in callbacks of the loop (socket, timers) and in smpp_link_tick, never inside a call of the owner:
 * what start, stop and a failed flush wish is done by a timer of the next turn. So a callback may call anything of link.h,
 * and no code here need expect its own state to change under a callback.
 *
 * Follows SMPP v3.4 chapter 2 and 7.2; where it only names timers, the values are the owner's (struct smpp_link_config). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "smpp/link_priv.h"
#include "smpp/status.h"

static const struct value_string event_names[] = {
	{ SMPP_LINK_EV_START, "START" },
	{ SMPP_LINK_EV_CONNECTED, "CONNECTED" },
	{ SMPP_LINK_EV_BOUND, "BOUND" },
	{ SMPP_LINK_EV_REFUSED, "REFUSED" },
	{ SMPP_LINK_EV_LOST, "LOST" },
	{ SMPP_LINK_EV_STOP, "STOP" },
	{ SMPP_LINK_EV_QUIET, "QUIET" },
	{ SMPP_LINK_EV_UNBOUND, "UNBOUND" },
	{ 0, NULL }
};

/* Timers */

int64_t smpp_link_now_ms(void)
{
	struct timespec now;

	osmo_clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void arm(struct osmo_fsm_inst *fi, unsigned int ms)
{
	osmo_timer_schedule(&fi->timer, (int)(ms / 1000), (int)(ms % 1000 * 1000));
}

/* Every state has a timer of ms, save where it is 0. Not osmo_fsm_inst_state_chg_ms: in libosmocore 1.7.0 that takes the
 * milliseconds below a second for microseconds. */
static void enter(struct osmo_fsm_inst *fi, enum smpp_link_state state, unsigned int ms)
{
	osmo_timer_del(&fi->timer);
	if (ms)
		arm(fi, ms);
	osmo_fsm_inst_state_chg_keep_timer(fi, state);
}

/* Xorshift (Marsaglia 2003): links that fell together must not come back together. */
static uint32_t jitter(struct smpp_link *link)
{
	link->jitter ^= link->jitter << 13;
	link->jitter ^= link->jitter >> 17;
	link->jitter ^= link->jitter << 5;
	return link->jitter;
}

/* The pause before the next attempt: somewhere in the upper half of one that doubles each time. */
static unsigned int next_pause(struct smpp_link *link, unsigned int least_ms)
{
	unsigned int most_ms = OSMO_MAX(link->config.retry_max_ms, least_ms);
	unsigned int pause_ms = OSMO_MAX(link->pause_ms, least_ms);

	link->pause_ms = pause_ms > most_ms / 2 ? most_ms : pause_ms * 2;
	return pause_ms - jitter(link) % (pause_ms / 2 + 1);
}

/* Failure */

static bool has_connection(const struct smpp_link *link)
{
	return link->fi->state != SMPP_LINK_DOWN && link->fi->state != SMPP_LINK_STOPPED;
}

void smpp_link_lost(struct smpp_link *link, const char *fmt, ...)
{
	char why[256];
	va_list args;

	if (!has_connection(link))
		return;
	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	LOGLINK(link, LOGL_NOTICE, "%s", why);
	osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_LOST, NULL);
}

bool smpp_link_grumble(struct smpp_link *link, uint64_t *left_out)
{
	int64_t now_ms = smpp_link_now_ms();

	if (link->grumbled_ms && now_ms - link->grumbled_ms < 1000) {
		link->grumbles++;
		return false;
	}
	*left_out = link->grumbles;
	link->grumbles = 0;
	link->grumbled_ms = now_ms;
	return true;
}

/* What was in flight may or may not have been done. */
static void settle_as_lost(struct smpp_link *link)
{
	struct smpp_window_entry entry;

	while (smpp_window_expire(&link->window, INT64_MAX, &entry))
		link->ops.on_response(link->ops_ctx, link, entry.token, SMPP_LINK_LOST, ESME_RUNKNOWNERR, NULL);
}

static void report(struct smpp_link *link)
{
	link->ops.on_state(link->ops_ctx, link, smpp_link_state(link));
}

/* Lets go of the connection; after on_state no more is heard of its requests. */
static void let_go(struct smpp_link *link)
{
	link->unbinding = link->peer_tlvs = false;
	smpp_link_io_close(link);
	settle_as_lost(link);
	report(link);
}

static void go_down(struct smpp_link *link, unsigned int least_ms)
{
	unsigned int pause_ms = next_pause(link, least_ms);

	LOGLINK(link, LOGL_NOTICE, "next attempt in %u ms", pause_ms);
	enter(link->fi, SMPP_LINK_DOWN, pause_ms);
}

/* DOWN: before the start, and between two attempts */

static void down_enter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	(void)prev_state;
	let_go(fi->priv);
}

static void down_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct smpp_link *link = fi->priv;

	(void)event; /* START */
	(void)data;
	if (!link->stopping) /* else STOP is on its way */
		enter(fi, SMPP_LINK_CONNECTING, link->config.bind_ms);
}

/* CONNECTING: its timer goes on through BINDING */

static void connecting_enter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_link *link = fi->priv;
	int rc;

	(void)prev_state;
	report(link);
	rc = smpp_link_io_open(link);
	if (rc < 0)
		smpp_link_lost(link, "cannot connect to %s port %u: %s", link->config.host, link->config.port,
			       strerror(-rc));
}

static void connecting_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct smpp_link *link = fi->priv;

	(void)data;
	if (event == SMPP_LINK_EV_LOST) {
		go_down(link, 0);
		return;
	}
	link->counters.connects++; /* CONNECTED */
	link->epoch++;
	osmo_fsm_inst_state_chg_keep_timer(fi, SMPP_LINK_BINDING);
}

/* BINDING */

static void binding_enter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_link *link = fi->priv;
	struct smpp_pdu pdu = { .command_id = link->config.bind, .bind = link->config.credentials };

	(void)prev_state;
	link->bind_sequence = smpp_link_ask(link, &pdu);
	report(link);
}

static void binding_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct smpp_link *link = fi->priv;

	(void)data;
	switch (event) {
	case SMPP_LINK_EV_BOUND:
		enter(fi, SMPP_LINK_BOUND, 0);
		break;
	case SMPP_LINK_EV_REFUSED:
		go_down(link, link->config.retry_refused_ms);
		break;
	case SMPP_LINK_EV_LOST:
		go_down(link, 0);
		break;
	}
}

/* BOUND: the idle state; silence is found by smpp_link_tick */

static void bound_enter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_link *link = fi->priv;

	(void)prev_state;
	link->bound_ms = link->heard_ms = smpp_link_now_ms();
	link->asked_ms = 0;
	LOGLINK(link, LOGL_NOTICE, "bound as \"%s\" to %s port %u%s", link->config.credentials.system_id, link->config.host,
		link->config.port, link->peer_tlvs ? "" : ", which does not say that it knows TLVs (3.3)");
	report(link);
}

/* A link that is bound and lost at once, again and again, must not start from the shortest pause each time. */
static void bound_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct smpp_link *link = fi->priv;

	(void)event; /* LOST */
	(void)data;
	link->counters.losses++;
	if (smpp_link_now_ms() - link->bound_ms >= link->config.retry_max_ms)
		link->pause_ms = link->config.retry_min_ms;
	go_down(link, 0);
}

/* DRAINING: first for responses either way, then for unbind_resp, each for drain_ms at most */

static void begin_unbind(struct smpp_link *link)
{
	struct smpp_pdu pdu = { .command_id = SMPP_UNBIND };

	link->unbinding = true;
	smpp_link_ask(link, &pdu);
	arm(link->fi, link->config.drain_ms);
}

static void draining_enter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	(void)prev_state;
	report(fi->priv);
	smpp_link_check_quiet(fi->priv);
}

static void draining_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct smpp_link *link = fi->priv;

	(void)data;
	switch (event) {
	case SMPP_LINK_EV_QUIET:
		begin_unbind(link);
		break;
	case SMPP_LINK_EV_LOST:
		link->counters.losses++;
		enter(fi, SMPP_LINK_STOPPED, 0);
		break;
	case SMPP_LINK_EV_UNBOUND:
		enter(fi, SMPP_LINK_STOPPED, 0);
		break;
	}
}

void smpp_link_check_quiet(struct smpp_link *link)
{
	if (link->fi->state == SMPP_LINK_DRAINING && !link->unbinding && link->window.used == 0 && link->owed == 0)
		osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_QUIET, NULL);
}

/* STOPPED: the end */

static void stopped_enter(struct osmo_fsm_inst *fi, uint32_t prev_state)
{
	struct smpp_link *link = fi->priv;

	(void)prev_state;
	LOGLINK(link, LOGL_NOTICE, "stopped");
	let_go(link);
}

static void any_state_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct smpp_link *link = fi->priv;

	(void)event; /* STOP, once in the life of a link */
	(void)data;
	if (fi->state == SMPP_LINK_BOUND)
		enter(fi, SMPP_LINK_DRAINING, link->config.drain_ms);
	else
		enter(fi, SMPP_LINK_STOPPED, 0);
}

static int on_state_timer(struct osmo_fsm_inst *fi)
{
	struct smpp_link *link = fi->priv;

	switch (fi->state) {
	case SMPP_LINK_DOWN:
		osmo_fsm_inst_dispatch(fi, SMPP_LINK_EV_START, NULL);
		break;
	case SMPP_LINK_CONNECTING:
	case SMPP_LINK_BINDING:
		smpp_link_lost(link, "not bound to %s port %u within %u ms", link->config.host, link->config.port,
			       link->config.bind_ms);
		break;
	case SMPP_LINK_DRAINING:
		if (link->unbinding)
			smpp_link_lost(link, "no unbind_resp within %u ms", link->config.drain_ms);
		else
			begin_unbind(link);
		break;
	}
	return 0;
}

#define S(state) (1u << (SMPP_LINK_##state))
#define E(event) (1u << (SMPP_LINK_EV_##event))

static const struct osmo_fsm_state fsm_states[] = {
	[SMPP_LINK_DOWN] = {
		.name = "DOWN", .onenter = down_enter, .action = down_event,
		.in_event_mask = E(START), .out_state_mask = S(CONNECTING) | S(STOPPED),
	},
	[SMPP_LINK_CONNECTING] = {
		.name = "CONNECTING", .onenter = connecting_enter, .action = connecting_event,
		.in_event_mask = E(CONNECTED) | E(LOST), .out_state_mask = S(BINDING) | S(DOWN) | S(STOPPED),
	},
	[SMPP_LINK_BINDING] = {
		.name = "BINDING", .onenter = binding_enter, .action = binding_event,
		.in_event_mask = E(BOUND) | E(REFUSED) | E(LOST), .out_state_mask = S(BOUND) | S(DOWN) | S(STOPPED),
	},
	[SMPP_LINK_BOUND] = {
		.name = "BOUND", .onenter = bound_enter, .action = bound_event,
		.in_event_mask = E(LOST), .out_state_mask = S(DOWN) | S(DRAINING),
	},
	[SMPP_LINK_DRAINING] = {
		.name = "DRAINING", .onenter = draining_enter, .action = draining_event,
		.in_event_mask = E(QUIET) | E(LOST) | E(UNBOUND), .out_state_mask = S(STOPPED),
	},
	[SMPP_LINK_STOPPED] = {
		.name = "STOPPED", .onenter = stopped_enter,
	},
};

static struct osmo_fsm fsm = {
	.name = "smpp_link",
	.states = fsm_states,
	.num_states = ARRAY_SIZE(fsm_states),
	.event_names = event_names,
	.log_subsys = DLGLOBAL,
	.allstate_event_mask = E(STOP),
	.allstate_action = any_state_event,
	.timer_cb = on_state_timer,
};

static __attribute__((constructor)) void register_fsm(void)
{
	OSMO_ASSERT(osmo_fsm_register(&fsm) == 0);
}

/* What was wished inside a call of the owner */

static void on_later(void *data)
{
	struct smpp_link *link = data;
	const struct smpp_link_wishes wishes = link->wishes;

	link->wishes = (struct smpp_link_wishes){ 0 };
	smpp_link_io_reap(link);
	if (wishes.write_error) {
		smpp_link_io_read(link); /* what it said before it went away still counts */
		smpp_link_lost(link, "write failed: %s", strerror(wishes.write_error));
	}
	if (wishes.resume)
		smpp_link_io_resume(link);
	if (wishes.start && link->fi->state == SMPP_LINK_DOWN)
		osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_START, NULL);
	if (wishes.stop)
		osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_STOP, NULL);
}

void smpp_link_later(struct smpp_link *link)
{
	osmo_timer_schedule(&link->later, 0, 0);
}

/* For link.c */

void smpp_link_fsm_alloc(struct smpp_link *link)
{
	osmo_timer_setup(&link->later, on_later, link);
	fsm.log_subsys = link->config.log_category;
	link->fi = osmo_fsm_inst_alloc(&fsm, link, link, LOGL_DEBUG, NULL);
	OSMO_ASSERT(link->fi);
	osmo_fsm_inst_update_id_f_sanitize(link->fi, '_', "%s", link->config.name);
}

const char *smpp_link_state_name(enum smpp_link_state state)
{
	return (unsigned int)state < ARRAY_SIZE(fsm_states) ? fsm_states[state].name : "?";
}
