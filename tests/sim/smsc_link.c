/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_link.h. A link is only marked dead where a fault is met, and freed by smsc_links_reap after the turn: whoever
 * holds a pointer to it during a turn may keep it. */
#include "tests/sim/smsc_link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smpp/pdu.h"
#include "smpp/status.h"
#include "tests/sim/smsc_handset.h"

#define HOLD_MS 50
#define BEHIND_RECEIPT_MS 300

/* --- writing --- */

static bool bytes_append(struct smsc_bytes *bytes, const uint8_t *data, size_t octets)
{
	size_t cap = bytes->cap ? bytes->cap : 4096;
	uint8_t *grown;

	if (bytes->used + octets > SMSC_TX_OCTETS)
		return false;
	while (cap < bytes->used + octets)
		cap *= 2;
	if (cap > bytes->cap) {
		grown = realloc(bytes->data, cap);
		if (!grown)
			return false;
		bytes->data = grown;
		bytes->cap = cap;
	}
	memcpy(bytes->data + bytes->used, data, octets);
	bytes->used += octets;
	return true;
}

static void put_now(struct smsc_link *link, const uint8_t *data, size_t octets)
{
	if (!link->tx.used)
		link->flush_at_ms = smsc_now_ms() + link->operator->faults.coalesce_ms;
	if (!bytes_append(&link->tx, data, octets))
		link->dead = true; /* the ESME does not read: a network does not wait for ever */
}

/* Sends what was held back, the last first. */
static void release_held(struct smsc_link *link)
{
	while (link->n_held) {
		struct smsc_bytes *held = &link->held[--link->n_held];

		put_now(link, held->data, held->used);
		free(held->data);
		*held = (struct smsc_bytes){ 0 };
	}
}

void smsc_link_put(struct smsc_link *link, const uint8_t *data, size_t octets, bool may_hold)
{
	unsigned int reorder = link->operator->faults.reorder;

	if (link->dead)
		return;
	if (may_hold && reorder && link->n_held < SMSC_HELD) {
		if (!link->n_held)
			link->flush_at_ms = smsc_now_ms() + HOLD_MS;
		if (!bytes_append(&link->held[link->n_held++], data, octets))
			link->dead = true;
		if (link->n_held >= reorder)
			release_held(link);
		return;
	}
	put_now(link, data, octets);
}

static void write_out(struct smsc_link *link)
{
	size_t octets = link->operator->faults.split ? 1 : link->tx.used;
	ssize_t written = send(link->fd, link->tx.data, octets, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (written < 0 && errno != EAGAIN && errno != EINTR)
		link->dead = true;
	if (written > 0) {
		memmove(link->tx.data, link->tx.data + written, link->tx.used - (size_t)written);
		link->tx.used -= (size_t)written;
	}
}

static void put_header(struct smsc_link *link, uint32_t command, uint32_t status, uint32_t sequence)
{
	uint8_t buf[16];

	smsc_link_put(link, buf, smsc_wire_encode_header(command, status, sequence, buf), false);
}

uint32_t smsc_link_sequence(struct smsc_link *link)
{
	uint32_t sequence = link->next_sequence;

	link->next_sequence = sequence == 0x7FFFFFFF ? 1 : sequence + 1;
	return sequence;
}

/* --- what an ESME sends --- */

static uint32_t check_bind(struct smsc_operator *op, const struct smsc_link *link, const struct smsc_credentials *who)
{
	if (op->faults.refuse_binds) {
		op->faults.refuse_binds--;
		return op->faults.refuse_status;
	}
	if (link->receives || link->sends)
		return ESME_RALYBND;
	if (op->system_id[0] && strcmp(op->system_id, who->system_id) != 0)
		return ESME_RINVSYSID;
	if (op->password[0] && strcmp(op->password, who->password) != 0)
		return ESME_RINVPASWD;
	return ESME_ROK;
}

static void on_bind(struct smsc_link *link, const struct smsc_header *header, const uint8_t *frame)
{
	struct smsc_operator *op = link->operator;
	struct smsc_credentials who = { "", "", "" };
	uint32_t status = smsc_wire_decode_bind(&who, frame, header->octets);
	uint8_t buf[64];
	ssize_t octets;

	if (!status)
		status = check_bind(op, link, &who);
	smsc_log(op->smsc, false, "%s: link %u: %s by '%s': %s", op->name, link->id, smpp_pdu_command_name(header->command), who.system_id,
	         smpp_status_name(status));
	if (status) {
		op->counters.refused_binds++;
		put_header(link, header->command | SMPP_RESPONSE_BIT, status, header->sequence);
		return;
	}
	octets = smsc_wire_encode_bind_resp(header->command | SMPP_RESPONSE_BIT, header->sequence, "dolat-smsc", buf, sizeof(buf));
	if (octets < 0)
		return;
	smsc_link_put(link, buf, (size_t)octets, false);
	link->receives = header->command != SMPP_BIND_TRANSMITTER;
	link->sends = header->command != SMPP_BIND_RECEIVER;
	snprintf(link->system_id, sizeof(link->system_id), "%s", who.system_id);
	op->counters.binds++;
}

struct late {
	struct smsc_timer timer;
	struct smsc_operator *operator;
	uint32_t link;
	size_t octets;
	uint8_t data[100];
};

static void on_late(void *ctx)
{
	struct late *late = ctx;

	for (struct smsc_link *link = late->operator->links; link; link = link->next)
		if (link->id == late->link)
			smsc_link_put(link, late->data, late->octets, false);
	late->operator->late_pending--;
	free(late);
}

static void put_late(struct smsc_link *link, const uint8_t *data, size_t octets, unsigned int ms)
{
	struct smsc_operator *op = link->operator;
	struct late *late = op->late_pending < 4096 ? calloc(1, sizeof(*late)) : NULL;

	if (!late)
		return; /* that late is never */
	op->late_pending++;
	late->timer.on_due = on_late;
	late->timer.ctx = late;
	late->operator = op;
	late->link = link->id;
	late->octets = octets;
	memcpy(late->data, data, octets);
	smsc_timer_arm(&op->smsc->loop, &late->timer, ms);
}

/* The status that a fault imposes on this submit, or 0. */
static uint32_t imposed_status(struct smsc_faults *faults)
{
	if (faults->throttle) {
		faults->throttle--;
		return ESME_RTHROTTLED;
	}
	if (faults->statuses) {
		faults->statuses--;
		return faults->status;
	}
	if (faults->queue_full) {
		faults->queue_full--;
		return ESME_RMSGQFUL;
	}
	return 0;
}

/* Where a receipt is to come first, the response waits for it. */
static unsigned int response_ms(struct smsc_faults *faults, const struct smsc_message *request, uint32_t status)
{
	if (status || !faults->receipts.early || (request->registered_delivery & 3) != 1)
		return faults->late_ms;
	faults->receipts.early--;
	return faults->late_ms + BEHIND_RECEIPT_MS;
}

static void answer_submit(struct smsc_link *link, const struct smsc_message *request, uint32_t status, const char *message_id)
{
	static struct smsc_message response;
	struct smsc_faults *faults = &link->operator->faults;
	unsigned int ms;
	uint8_t buf[100];
	ssize_t octets;

	if (faults->no_answer) {
		faults->no_answer--;
		return;
	}
	response.command = request->command | SMPP_RESPONSE_BIT;
	response.status = status;
	response.sequence = request->sequence;
	snprintf(response.message_id, sizeof(response.message_id), "%s", message_id);
	octets = smsc_wire_encode(&response, buf, sizeof(buf));
	if (octets < 0) /* sequence number 0 is beyond libsmpp34 */
		octets = (ssize_t)smsc_wire_encode_header(response.command, status, request->sequence, buf);
	ms = response_ms(faults, request, status);
	if (ms)
		put_late(link, buf, (size_t)octets, ms);
	else
		smsc_link_put(link, buf, (size_t)octets, false);
}

static void on_message(struct smsc_link *link, const struct smsc_header *header, const uint8_t *frame)
{
	static struct smsc_message message;
	struct smsc_operator *op = link->operator;
	uint32_t status = smsc_wire_decode(&message, frame, header->octets);
	char message_id[16];

	op->counters.submits++;
	snprintf(message_id, sizeof(message_id), "%08X", ++op->next_id);
	if (status) {
		smsc_operator_complain(op, "%s that libsmpp34 or its guard refuses: %s", smpp_pdu_command_name(header->command),
		                       smpp_status_name(status));
	} else if (!link->sends) {
		status = ESME_RINVBNDSTS;
		smsc_operator_complain(op, "%s over a link that is not bound to send", smpp_pdu_command_name(header->command));
	} else {
		status = imposed_status(&op->faults);
	}
	if (!status)
		status = smsc_handset_submit(op, &message, message_id);
	smsc_log(op->smsc, true, "%s: link %u -> %s to %s, %u octets: %s", op->name, link->id, smpp_pdu_command_name(header->command),
	         message.destination, message.text_octets, smpp_status_name(status));
	answer_submit(link, &message, status, message_id);
}

static void on_response(struct smsc_link *link, const struct smsc_header *header, const uint8_t *frame)
{
	static struct smsc_message response;

	if (link->operator->faults.no_response)
		return;
	link->operator->counters.nacks += header->command == SMPP_GENERIC_NACK;
	if (header->command == SMPP_ENQUIRE_LINK_RESP || smsc_wire_decode(&response, frame, header->octets))
		return;
	smsc_net_response(link, &response);
}

static void on_pdu(struct smsc_link *link, const struct smsc_header *header, const uint8_t *frame)
{
	if (header->command & SMPP_RESPONSE_BIT) {
		on_response(link, header, frame);
		return;
	}
	switch (header->command) {
	case SMPP_BIND_RECEIVER:
	case SMPP_BIND_TRANSMITTER:
	case SMPP_BIND_TRANSCEIVER:
		on_bind(link, header, frame);
		break;
	case SMPP_SUBMIT_SM:
	case SMPP_DATA_SM:
		on_message(link, header, frame);
		break;
	case SMPP_ENQUIRE_LINK:
		if (!link->operator->faults.no_enquire)
			put_header(link, SMPP_ENQUIRE_LINK_RESP, ESME_ROK, header->sequence);
		break;
	case SMPP_UNBIND:
		link->receives = link->sends = false;
		link->closing = true;
		put_header(link, SMPP_UNBIND_RESP, ESME_ROK, header->sequence);
		break;
	default:
		link->operator->counters.odd++;
		put_header(link, SMPP_GENERIC_NACK, ESME_RINVCMDID, header->sequence);
	}
}

/* --- reading --- */

static void take_pdus(struct smsc_link *link)
{
	size_t at = 0;

	while (!link->dead && link->rx_used - at >= 16) {
		struct smsc_header header = smsc_wire_header(link->rx + at);

		if (header.octets < 16 || header.octets > SMSC_PDU_OCTETS) {
			smsc_operator_complain(link->operator, "a PDU of %u octets", header.octets);
			link->dead = true;
			return;
		}
		if (link->rx_used - at < header.octets)
			break;
		on_pdu(link, &header, link->rx + at);
		at += header.octets;
	}
	memmove(link->rx, link->rx + at, link->rx_used - at);
	link->rx_used -= at;
}

static void on_ready(void *ctx, short revents)
{
	struct smsc_link *link = ctx;
	ssize_t octets;

	if (link->dead || !(revents & (POLLIN | POLLHUP | POLLERR)))
		return;
	octets = recv(link->fd, link->rx + link->rx_used, sizeof(link->rx) - link->rx_used, MSG_DONTWAIT);
	if (octets == 0 || (octets < 0 && errno != EAGAIN && errno != EINTR)) {
		link->dead = true;
		return;
	}
	if (octets < 0)
		return;
	link->heard_ms = smsc_now_ms();
	link->asked_ms = 0;
	link->rx_used += (size_t)octets;
	take_pdus(link);
}

/* --- life --- */

void smsc_link_accept(void *ctx, short revents)
{
	struct smsc_operator *op = ctx;
	int fd = accept4(op->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
	struct smsc_link *link = fd >= 0 && op->n_links < SMSC_LINKS ? calloc(1, sizeof(*link)) : NULL;

	(void)revents;
	if (!link || smsc_loop_add(&op->smsc->loop, fd, POLLIN, on_ready, link)) {
		free(link);
		if (fd >= 0)
			close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	link->operator = op;
	link->id = ++op->next_link;
	link->fd = fd;
	link->next_sequence = 1;
	link->heard_ms = smsc_now_ms();
	link->next = op->links;
	op->links = link;
	op->n_links++;
}

static void link_free(struct smsc_link *link)
{
	smsc_loop_del(&link->operator->smsc->loop, link->fd);
	close(link->fd);
	for (unsigned int i = 0; i < link->n_held; i++)
		free(link->held[i].data);
	free(link->tx.data);
	free(link);
}

void smsc_links_reap(struct smsc_operator *op)
{
	for (struct smsc_link **at = &op->links; *at;) {
		struct smsc_link *link = *at;

		if (!link->dead) {
			at = &link->next;
			continue;
		}
		*at = link->next;
		op->n_links--;
		op->counters.lost_links += link->receives || link->sends;
		smsc_log(op->smsc, false, "%s: link %u is gone", op->name, link->id);
		link_free(link);
	}
}

/* Silence: ask once, and give up after as long again. */
static void ask_for_life(struct smsc_link *link, int64_t now_ms)
{
	unsigned int enquire_ms = link->operator->enquire_ms;

	if (!enquire_ms || now_ms - link->heard_ms < enquire_ms)
		return;
	if (!link->asked_ms) {
		link->asked_ms = now_ms;
		put_header(link, SMPP_ENQUIRE_LINK, ESME_ROK, smsc_link_sequence(link));
	} else if (now_ms - link->asked_ms >= enquire_ms) {
		smsc_operator_complain(link->operator, "no answer to enquire_link");
		link->dead = true;
	}
}

void smsc_links_tend(struct smsc_operator *op, int64_t now_ms)
{
	for (struct smsc_link *link = op->links; link; link = link->next) {
		if (link->dead)
			continue;
		ask_for_life(link, now_ms);
		if (link->n_held && now_ms >= link->flush_at_ms)
			release_held(link);
		if (link->tx.used && (!op->faults.coalesce_ms || now_ms >= link->flush_at_ms))
			write_out(link);
		smsc_loop_want(&op->smsc->loop, link->fd, (short)(POLLIN | (link->tx.used && !op->faults.coalesce_ms ? POLLOUT : 0)));
		if (link->closing && !link->tx.used)
			link->dead = true;
	}
}
