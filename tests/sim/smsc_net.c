/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Operators and their queues of deliveries. The links themselves, and what is read from them, are in smsc_link.c. */
#include "tests/sim/smsc_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smpp/status.h"
#include "tests/sim/smsc_fault.h"
#include "tests/sim/smsc_handset.h"
#include "tests/sim/smsc_journal.h"
#include "tests/sim/smsc_link.h"

#define TICK_MS 10
#define RETRY_REFUSED_MS 300

void smsc_log(const struct smsc *smsc, bool verbose_only, const char *format, ...)
{
	va_list args;

	if (smsc->quiet || (verbose_only && !smsc->verbose))
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void smsc_operator_complain(struct smsc_operator *op, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(op->complaint, sizeof(op->complaint), format, args);
	va_end(args);
	op->counters.complaints++;
	smsc_log(op->smsc, true, "%s: complaint: %s", op->name, op->complaint);
}

/* --- operators --- */

struct smsc_operator *smsc_operator_find(struct smsc *smsc, const char *name)
{
	for (size_t i = 0; i < smsc->n_operators; i++)
		if (strcmp(smsc->operators[i].name, name) == 0)
			return &smsc->operators[i];
	return NULL;
}

struct smsc_operator *smsc_operator_add(struct smsc *smsc, const char *name)
{
	struct smsc_operator *op;

	if (smsc->n_operators == SMSC_OPERATORS || smsc_operator_find(smsc, name))
		return NULL;
	op = &smsc->operators[smsc->n_operators++];
	*op = (struct smsc_operator){ .smsc = smsc, .listen_fd = -1, .window = 64, .tries = 8, .enquire_ms = 30000, .retry_ms = 5000,
		.answer_ms = 30000, .user_ms = 120000, .page_septets = SMPP_USSD_SEPTETS, .page_ucs2 = SMPP_USSD_UCS2_UNITS, .inbox = 16,
		.next_id = (uint32_t)smsc_now_ms() /* an SMSC that was restarted does not give the ids of before once more */ };
	snprintf(op->name, sizeof(op->name), "%s", name);
	snprintf(op->host, sizeof(op->host), "127.0.0.1");
	op->dialect = smsc_dialect_find("its");
	return op;
}

static int listen_on(struct smsc_operator *op, struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	socklen_t length = sizeof(*address);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)address, sizeof(*address)) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)address, &length)) {
		int error = -errno;

		close(fd);
		return error;
	}
	op->port = ntohs(address->sin_port);
	return fd;
}

int smsc_operator_up(struct smsc_operator *op)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(op->port) };
	int fd;

	if (op->listen_fd >= 0)
		return 0;
	if (inet_pton(AF_INET, op->host, &address.sin_addr) != 1)
		return -EINVAL;
	fd = listen_on(op, &address);
	if (fd < 0)
		return fd;
	op->listen_fd = fd;
	return smsc_loop_add(&op->smsc->loop, fd, POLLIN, smsc_link_accept, op) ? -ENOBUFS : 0;
}

void smsc_operator_drop(struct smsc_operator *op)
{
	for (struct smsc_link *link = op->links; link; link = link->next)
		link->dead = true;
}

void smsc_operator_down(struct smsc_operator *op)
{
	smsc_operator_drop(op);
	if (op->listen_fd < 0)
		return;
	smsc_loop_del(&op->smsc->loop, op->listen_fd);
	close(op->listen_fd);
	op->listen_fd = -1;
}

unsigned int smsc_operator_bound(const struct smsc_operator *op, bool receiving)
{
	unsigned int n = 0;

	for (const struct smsc_link *link = op->links; link; link = link->next)
		n += !link->dead && (link->receives || (!receiving && link->sends));
	return n;
}

bool smsc_operator_raw(struct smsc_operator *op, const uint8_t *data, size_t octets)
{
	bool sent = false;

	for (struct smsc_link *link = op->links; link; link = link->next) {
		if (link->dead || !link->receives || link->tx.used > SMSC_TX_OCTETS / 4)
			continue;
		smsc_link_put(link, data, octets, false);
		sent = true;
	}
	return sent;
}

/* --- deliveries --- */

int smsc_deliver(struct smsc_operator *op, struct smsc_handset *handset, uint32_t dialog, const struct smsc_message *message)
{
	return smsc_deliver_after(op, handset, dialog, message, 0);
}

int smsc_deliver_after(struct smsc_operator *op, struct smsc_handset *handset, uint32_t dialog, const struct smsc_message *message, int64_t ms)
{
	struct smsc_delivery **last = &op->deliveries, *delivery;

	if (op->n_deliveries == SMSC_DELIVERIES)
		return -ENOBUFS;
	delivery = malloc(sizeof(*delivery));
	if (!delivery)
		return -ENOBUFS;
	*delivery = (struct smsc_delivery){ .handset = handset, .dialog = dialog, .message = *message, .due_ms = ms ? smsc_now_ms() + ms : 0 };
	while (*last)
		last = &(*last)->next;
	*last = delivery;
	op->n_deliveries++;
	return 0;
}

static void delivery_free(struct smsc_operator *op, struct smsc_delivery **at)
{
	struct smsc_delivery *delivery = *at;

	*at = delivery->next;
	free(delivery);
	op->n_deliveries--;
}

/* The least busy link that may receive; another than the last that this delivery went by, if there is one. */
static struct smsc_link *choose_link(struct smsc_operator *op, uint32_t avoid)
{
	struct smsc_link *best = NULL;

	for (struct smsc_link *link = op->links; link; link = link->next) {
		if (link->dead || link->closing || !link->receives || link->in_flight >= op->window)
			continue;
		if (!best || best->id == avoid || (link->id != avoid && link->in_flight < best->in_flight))
			best = link;
	}
	return best;
}

static uint32_t send_over(struct smsc_link *link, struct smsc_message *message)
{
	uint8_t buf[SMSC_PDU_OCTETS];
	ssize_t octets;

	message->sequence = smsc_link_sequence(link);
	octets = smsc_wire_encode(message, buf, sizeof(buf));
	if (octets < 0)
		return 0;
	smsc_link_put(link, buf, (size_t)octets, true);
	return message->sequence;
}

/* A network that repeats itself: the same again, over another link if there is one. Its response is of no interest. */
static void send_again(struct smsc_operator *op, struct smsc_link *link, struct smsc_message message)
{
	struct smsc_link *other = choose_link(op, link->id);

	send_over(other ? other : link, &message);
	op->faults.repeat--;
	op->counters.resent++;
}

static bool send_delivery(struct smsc_operator *op, struct smsc_delivery *delivery, int64_t now_ms)
{
	struct smsc_link *link = choose_link(op, delivery->last_link);

	if (!link)
		return true;
	delivery->sequence = send_over(link, &delivery->message);
	if (!delivery->sequence)
		return false;
	delivery->link = delivery->last_link = link->id;
	delivery->due_ms = now_ms + op->retry_ms;
	link->in_flight++;
	op->counters.delivers++;
	op->counters.resent += delivery->tries++ > 0;
	smsc_log(op->smsc, true, "%s: link %u <- message for %s, sequence %u, try %u", op->name, link->id, delivery->message.source,
	         delivery->sequence, delivery->tries);
	if (op->faults.repeat)
		send_again(op, link, delivery->message);
	return true;
}

static struct smsc_link *link_by_id(struct smsc_operator *op, uint32_t id)
{
	struct smsc_link *link = op->links;

	while (link && link->id != id)
		link = link->next;
	return link;
}

static void leave_link(struct smsc_operator *op, struct smsc_delivery *delivery)
{
	struct smsc_link *link = link_by_id(op, delivery->link);

	if (link)
		link->in_flight--;
	delivery->link = 0;
}

/* One delivery that is due. False: it is over and goes. */
static bool step_delivery(struct smsc_operator *op, struct smsc_delivery *delivery, int64_t now_ms)
{
	if (delivery->link)
		leave_link(op, delivery);
	if (delivery->tries >= op->tries) {
		smsc_handset_refused(delivery->handset, delivery->dialog, "the gateway does not answer deliver_sm");
		return false;
	}
	if (send_delivery(op, delivery, now_ms))
		return true;
	smsc_handset_refused(delivery->handset, delivery->dialog, "the message cannot be encoded");
	return false;
}

static void pump(struct smsc_operator *op, int64_t now_ms)
{
	for (struct smsc_delivery **at = &op->deliveries; *at;) {
		struct smsc_delivery *delivery = *at;

		if (delivery->link && !link_by_id(op, delivery->link)) {
			delivery->link = 0; /* its link has gone: again, at once */
			delivery->due_ms = now_ms;
		}
		if (delivery->due_ms > now_ms || step_delivery(op, delivery, now_ms))
			at = &(*at)->next;
		else
			delivery_free(op, at);
	}
}

static bool retryable(uint32_t status)
{
	return status == ESME_RX_T_APPN || status == ESME_RTHROTTLED || status == ESME_RMSGQFUL || status == ESME_RSYSERR;
}

static void check_owed_id(struct smsc_operator *op, const struct smsc_delivery *delivery, const char *message_id)
{
	char room[16];
	const char *owed = delivery->dialog ? smsc_dialect_owed_id(op->dialect, &delivery->message, room) : NULL;

	if (owed && strcmp(owed, message_id) != 0)
		smsc_operator_complain(op, "message_id '%s' in data_sm_resp is not the session's, '%s'", message_id, owed);
}

void smsc_net_response(struct smsc_link *link, const struct smsc_message *response)
{
	struct smsc_operator *op = link->operator;
	struct smsc_delivery **at = &op->deliveries;
	char why[80];

	while (*at && ((*at)->link != link->id || (*at)->sequence != response->sequence))
		at = &(*at)->next;
	if (!*at)
		return; /* a repeat's, a hostile PDU's, or too late */
	leave_link(op, *at);
	if (response->status && retryable(response->status)) {
		(*at)->due_ms = smsc_now_ms() + RETRY_REFUSED_MS;
		return;
	}
	if (response->status) {
		op->counters.refused++;
		snprintf(why, sizeof(why), "refused with %s", smpp_status_name(response->status));
		smsc_handset_refused((*at)->handset, (*at)->dialog, why);
	} else {
		check_owed_id(op, *at, response->message_id);
		if (!(*at)->dialog)
			smsc_journal_acknowledged(op, &(*at)->message);
	}
	delivery_free(op, at);
}

/* --- the turn --- */

static void work(struct smsc *smsc)
{
	int64_t now_ms = smsc_now_ms();

	for (size_t i = 0; i < smsc->n_operators; i++) {
		struct smsc_operator *op = &smsc->operators[i];

		smsc_links_reap(op);
		pump(op, now_ms);
		smsc_fault_pump(op);
		smsc_links_tend(op, now_ms);
	}
}

static bool flooding(const struct smsc *smsc)
{
	for (size_t i = 0; i < smsc->n_operators; i++)
		if (smsc->operators[i].hostile_left)
			return true;
	return false;
}

void smsc_turn(struct smsc *smsc, int64_t max_ms)
{
	work(smsc); /* what the caller has asked for since the last turn */
	smsc_loop_turn(&smsc->loop, flooding(smsc) ? 1 : max_ms < TICK_MS ? max_ms : TICK_MS);
	if (smsc_now_ms() - smsc->ticked_ms >= TICK_MS) {
		smsc->ticked_ms = smsc_now_ms();
		smsc_handset_tick(smsc, smsc->ticked_ms);
	}
	work(smsc);
}

void smsc_fini(struct smsc *smsc)
{
	for (size_t i = 0; i < smsc->n_operators; i++) {
		struct smsc_operator *op = &smsc->operators[i];

		smsc_operator_down(op);
		smsc_links_reap(op);
		while (op->deliveries)
			delivery_free(op, &op->deliveries);
	}
	smsc_handset_free_all(smsc);
}
