/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One ESME connection: its life, and what its owner asks of it. Owns the window of our requests: each leaves it exactly once,
 * answered (link_rx.c), timed out (here) or lost (link_fsm.c). */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "smpp/link_priv.h"
#include "smpp/status.h"

#define SEQUENCE_MAX 0x7FFFFFFFu

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
	smpp_link_fsm_alloc(link);
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
	smpp_link_check_quiet(link);
	return 0; /* whether reading may go on is seen when it is written */
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
