/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One ESME connection: its state machine, its life, and what the owner asks of it. The socket is in link_io.c, the PDUs of
 * the peer in link_rx.c. Owns the window of our requests: each leaves it exactly once, answered, timed out or lost.
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
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <osmocom/core/fsm.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "smpp/link_priv.h"
#include "smpp/status.h"

#define SEQUENCE_MAX 0x7FFFFFFFu

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

static const char *const state_names[] = {
	[SMPP_LINK_DOWN] = "DOWN", [SMPP_LINK_CONNECTING] = "CONNECTING", [SMPP_LINK_BINDING] = "BINDING",
	[SMPP_LINK_BOUND] = "BOUND", [SMPP_LINK_DRAINING] = "DRAINING", [SMPP_LINK_STOPPED] = "STOPPED",
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

/* Life */

static bool is_between(uint64_t value, uint64_t min, uint64_t max)
{
	return value >= min && value <= max;
}

static bool is_sound(const struct smpp_link_config *config, const struct smpp_link_ops *ops)
{
	const struct smpp_pdu bind = { .command_id = config->bind, .bind = config->credentials };
	uint8_t room[SMPP_LINK_OWN_OCTETS / 2];

	return config->name && config->host && config->port &&
	       (config->bind == SMPP_BIND_TRANSCEIVER || config->bind == SMPP_BIND_TRANSMITTER ||
		config->bind == SMPP_BIND_RECEIVER) &&
	       is_between(config->window, 1, SMPP_LINK_WINDOW_MAX) &&
	       config->enquire_ms && config->response_ms && config->bind_ms && config->drain_ms &&
	       config->retry_min_ms && config->retry_refused_ms && config->retry_max_ms >= config->retry_min_ms &&
	       is_between(config->pdu_octets_max, 256, SMPP_PDU_OCTETS_MAX) &&
	       is_between(config->tx_octets_max, config->pdu_octets_max, SMPP_LINK_TX_OCTETS_MAX) &&
	       config->io.add && config->io.update && config->io.del &&
	       ops->on_state && ops->on_request && ops->on_response &&
	       config->credentials.system_id && config->credentials.password && config->credentials.system_type &&
	       config->credentials.address_range && smpp_pdu_encode(room, sizeof(room), &bind) > 0;
}

static void copy_config(struct smpp_link *link, const struct smpp_link_config *config)
{
	struct smpp_bind *own = &link->config.credentials;

	link->config = *config;
	link->config.name = talloc_strdup(link, config->name);
	link->config.host = talloc_strdup(link, config->host);
	own->system_id = talloc_strdup(link, own->system_id);
	own->password = talloc_strdup(link, own->password);
	own->system_type = talloc_strdup(link, own->system_type);
	own->address_range = talloc_strdup(link, own->address_range);
	OSMO_ASSERT(link->config.name && link->config.host && own->system_id && own->password && own->system_type &&
		    own->address_range);
}

static void alloc_buffers(struct smpp_link *link)
{
	uint32_t slots = 2;
	struct smpp_window_entry *entries;

	while (slots < 2 * link->config.window)
		slots *= 2;
	entries = talloc_zero_array(link, struct smpp_window_entry, slots);
	link->rx_room = SMPP_LINK_BURST_OCTETS + link->config.pdu_octets_max;
	link->rx = talloc_size(link, link->rx_room);
	link->tx_limit = link->config.tx_octets_max + SMPP_PDU_OCTETS_MAX +
			 SMPP_LINK_OWED_MAX * SMPP_LINK_RESPONSE_OCTETS + SMPP_LINK_OWN_OCTETS;
	link->tx = talloc_size(link, 2 * link->tx_limit);
	OSMO_ASSERT(entries && link->rx && link->tx);
	smpp_window_init(&link->window, entries, slots, link->config.window);
}

static void seed_jitter(struct smpp_link *link)
{
	if (getrandom(&link->jitter, sizeof(link->jitter), GRND_NONBLOCK) != sizeof(link->jitter))
		link->jitter = (uint32_t)smpp_link_now_ms() ^ (uint32_t)(uintptr_t)link;
	link->jitter |= 1; /* zero would stay zero */
}

/* Freed by its parent or by its owner: nobody is called back, the peer sees the connection close. */
static int link_destroy(struct smpp_link *link)
{
	osmo_timer_del(&link->later);
	smpp_link_io_reap(link);
	if (link->ofd.fd >= 0) {
		link->config.io.del(&link->ofd);
		close(link->ofd.fd);
	}
	osmo_fsm_inst_free(link->fi);
	return 0;
}

struct smpp_link *smpp_link_alloc(void *ctx, const struct smpp_link_config *config, const struct smpp_link_ops *ops,
				  void *ops_ctx)
{
	struct smpp_link *link;

	if (!is_sound(config, ops))
		return NULL;
	link = talloc_zero(ctx, struct smpp_link);
	OSMO_ASSERT(link);
	link->ops = *ops;
	link->ops_ctx = ops_ctx;
	link->ofd.fd = link->doomed_fd = -1;
	copy_config(link, config);
	alloc_buffers(link);
	seed_jitter(link);
	link->pause_ms = config->retry_min_ms;
	osmo_timer_setup(&link->later, on_later, link);
	fsm.log_subsys = config->log_category;
	link->fi = osmo_fsm_inst_alloc(&fsm, link, link, LOGL_DEBUG, NULL);
	OSMO_ASSERT(link->fi);
	osmo_fsm_inst_update_id_f_sanitize(link->fi, '_', "%s", config->name);
	talloc_set_destructor(link, link_destroy);
	return link;
}

void smpp_link_start(struct smpp_link *link)
{
	link->wishes.start = true;
	smpp_link_later(link);
}

void smpp_link_stop(struct smpp_link *link)
{
	if (link->stopping)
		return;
	link->stopping = link->wishes.stop = true;
	smpp_link_later(link);
}

/* Requests, and responses to the peer's */

static uint32_t next_sequence(struct smpp_window *window)
{
	uint32_t sequence = window->next_sequence;

	window->next_sequence = sequence >= SEQUENCE_MAX ? 1 : sequence + 1;
	return sequence;
}

/* From the same row of numbers as the window's, so that none is in use twice. */
uint32_t smpp_link_ask(struct smpp_link *link, struct smpp_pdu *pdu)
{
	ssize_t octets;

	pdu->sequence = next_sequence(&link->window);
	octets = smpp_pdu_encode(smpp_link_io_room(link, SMPP_LINK_OWN_OCTETS / 2), SMPP_LINK_OWN_OCTETS / 2, pdu);
	OSMO_ASSERT(octets > 0); /* smpp_link_alloc tried the bind, and the others have no body */
	smpp_link_io_commit(link, (size_t)octets);
	return pdu->sequence;
}

/* Requests cannot be sent by a receiver: it has no right to (SMPP v3.4 2.2, 4.7). */
static bool may_send(const struct smpp_link *link)
{
	return link->fi->state == SMPP_LINK_BOUND && !link->stopping && link->config.bind != SMPP_BIND_RECEIVER;
}

int smpp_link_send(struct smpp_link *link, struct smpp_pdu *pdu, uint64_t token)
{
	struct smpp_window_entry entry;
	int64_t now_ms;
	ssize_t octets;

	if (!may_send(link))
		return -ENOTCONN;
	if (pdu->command_id != SMPP_SUBMIT_SM && pdu->command_id != SMPP_DATA_SM)
		return -EINVAL;
	if (smpp_link_io_unsent(link) > link->config.tx_octets_max)
		return -EAGAIN;
	now_ms = smpp_link_now_ms();
	pdu->sequence = smpp_window_add(&link->window, pdu->command_id, token, now_ms, now_ms + link->config.response_ms);
	if (pdu->sequence == 0)
		return -EAGAIN;
	octets = smpp_pdu_encode(smpp_link_io_room(link, SMPP_PDU_OCTETS_MAX), SMPP_PDU_OCTETS_MAX, pdu);
	if (octets < 0) {
		smpp_window_take(&link->window, pdu->sequence, &entry); /* never accepted, so never answered */
		return (int)octets;
	}
	smpp_link_io_commit(link, (size_t)octets);
	LOGLINK(link, LOGL_DEBUG, "out: %s %u, %zd octets", smpp_pdu_command_name(pdu->command_id), pdu->sequence, octets);
	return 0;
}

static ssize_t encode_response(uint8_t *room, uint32_t request_command, uint32_t sequence, uint32_t status,
			       const char *message_id)
{
	struct smpp_pdu pdu;

	if (message_id == NULL || *message_id == '\0')
		return (ssize_t)smpp_pdu_encode_response(room, request_command, sequence, status);
	memset(&pdu, 0, sizeof(pdu));
	pdu.command_id = request_command | SMPP_RESPONSE_BIT;
	pdu.command_status = status;
	pdu.sequence = sequence;
	pdu.message_id = message_id;
	return smpp_pdu_encode(room, SMPP_LINK_RESPONSE_OCTETS, &pdu);
}

int smpp_link_respond(struct smpp_link *link, uint32_t epoch, uint32_t request_command, uint32_t sequence, uint32_t status,
		      const char *message_id)
{
	ssize_t octets;

	if (epoch != link->epoch || link->ofd.fd < 0)
		return -ENOTCONN;
	if (link->owed == 0)
		return -EINVAL; /* nothing was asked, or it was answered twice */
	octets = encode_response(smpp_link_io_room(link, SMPP_LINK_RESPONSE_OCTETS), request_command, sequence, status,
				 message_id);
	if (octets < 0)
		return (int)octets;
	smpp_link_io_commit(link, (size_t)octets);
	link->owed--;
	LOGLINK(link, LOGL_DEBUG, "out: response to %s %u, status 0x%x", smpp_pdu_command_name(request_command), sequence,
		status);
	if (link->paused && smpp_link_io_may_resume(link)) {
		link->wishes.resume = true;
		smpp_link_later(link);
	}
	smpp_link_check_quiet(link);
	return 0;
}

/* Time */

static void expire(struct smpp_link *link, int64_t now_ms)
{
	struct smpp_window_entry entry;

	while (smpp_window_expire(&link->window, now_ms, &entry)) {
		link->counters.timeouts++;
		link->ops.on_response(link->ops_ctx, link, entry.token, SMPP_LINK_TIMEOUT, ESME_RUNKNOWNERR, NULL);
	}
}

/* While we do not read, that the peer takes our octets is its life. */
static bool is_dead(const struct smpp_link *link, int64_t now_ms)
{
	if (link->paused)
		return now_ms - link->heard_ms >= 2 * (int64_t)link->config.enquire_ms;
	return link->asked_ms && now_ms - link->asked_ms >= link->config.enquire_ms;
}

/* Asks a silent peer, and gives up on one that stays silent. */
static void enquire(struct smpp_link *link, int64_t now_ms)
{
	struct smpp_pdu pdu = { .command_id = SMPP_ENQUIRE_LINK };

	if (link->paused && link->counters.octets_out != link->octets_out_seen)
		link->heard_ms = now_ms;
	link->octets_out_seen = link->counters.octets_out;
	if (is_dead(link, now_ms)) {
		smpp_link_lost(link, "nothing heard for %lld ms", (long long)(now_ms - link->heard_ms));
		return;
	}
	if (link->asked_ms || link->paused || now_ms - link->heard_ms < link->config.enquire_ms)
		return;
	smpp_link_ask(link, &pdu);
	link->asked_ms = now_ms;
}

/* True if the process slept (stopped, or blocked in a look-up): what arrived meanwhile must be read before anybody is found
 * silent. Never twice in a row, in case the owner is simply slow. */
static bool overslept(struct smpp_link *link, int64_t now_ms)
{
	int64_t gap_ms = now_ms - link->ticked_ms;

	link->ticked_ms = now_ms;
	link->overslept = !link->overslept && gap_ms > OSMO_MIN(link->config.enquire_ms, link->config.response_ms) / 2;
	return link->overslept;
}

void smpp_link_tick(struct smpp_link *link)
{
	int64_t now_ms;

	if (link->fi->state != SMPP_LINK_BOUND && link->fi->state != SMPP_LINK_DRAINING)
		return;
	now_ms = smpp_link_now_ms();
	if (overslept(link, now_ms))
		return;
	expire(link, now_ms);
	enquire(link, now_ms);
	smpp_link_check_quiet(link);
}

/* What it says of itself */

uint32_t smpp_link_epoch(const struct smpp_link *link)
{
	return link->epoch;
}

enum smpp_link_state smpp_link_state(const struct smpp_link *link)
{
	return (enum smpp_link_state)link->fi->state;
}

const char *smpp_link_state_name(enum smpp_link_state state)
{
	return (unsigned int)state < ARRAY_SIZE(state_names) ? state_names[state] : "?";
}

unsigned int smpp_link_in_flight(const struct smpp_link *link)
{
	return link->window.used;
}

bool smpp_link_ready(const struct smpp_link *link)
{
	return may_send(link) && !smpp_window_full(&link->window) &&
	       smpp_link_io_unsent(link) <= link->config.tx_octets_max;
}

bool smpp_link_peer_tlvs(const struct smpp_link *link)
{
	return link->peer_tlvs;
}

const char *smpp_link_name(const struct smpp_link *link)
{
	return link->config.name;
}

const struct smpp_link_counters *smpp_link_counters(const struct smpp_link *link)
{
	return &link->counters;
}
