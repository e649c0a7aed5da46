/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_generator.h. */
#include "tests/sim/smsc_generator.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/smsc_loop.h"
#include "tests/sim/smsc_mode.h"

#define SECOND_NS 1000000000LL
#define SLEEP_NS (SECOND_NS / 20)      /* at most: somebody may want us to stop */

static void on_pdu(void *ctx, const struct smpp_pdu *pdu)
{
	struct smsc_generator_link *link = ctx;
	struct smpp_pdu response;

	switch (pdu->command_id) {
	case SMPP_BIND_TRANSCEIVER:
	case SMPP_BIND_RECEIVER:
	case SMPP_BIND_TRANSMITTER:
		response = (struct smpp_pdu){ .command_id = pdu->command_id | SMPP_RESPONSE_BIT, .sequence = pdu->sequence,
			.bind = { .system_id = "load" } };
		smsc_stream_put(&link->stream, &response);
		link->receives = pdu->command_id != SMPP_BIND_TRANSMITTER;
		break;
	case SMPP_ENQUIRE_LINK:
	case SMPP_UNBIND:
		smsc_stream_put_response(&link->stream, pdu->command_id, pdu->sequence, 0);
		break;
	default:
		link->generator->user->on_pdu(link->generator, link->index, pdu);
	}
}

struct smsc_stream *smsc_generator_stream(struct smsc_generator *generator, unsigned int link)
{
	return generator->links[link].open ? &generator->links[link].stream : NULL;
}

static void accept_link(struct smsc_generator *generator)
{
	int fd = accept4(generator->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	unsigned int i = 0;

	while (i < SMSC_GENERATOR_LINKS && generator->links[i].open)
		i++;
	if (fd < 0 || i == SMSC_GENERATOR_LINKS) {
		if (fd >= 0)
			close(fd);
		return;
	}
	generator->links[i] = (struct smsc_generator_link){ .generator = generator, .index = i, .open = true };
	if (!smsc_stream_init(&generator->links[i].stream, fd))
		abort();
}

static void close_link(struct smsc_generator *generator, struct smsc_generator_link *link)
{
	generator->user->on_lost(generator, link->index);
	smsc_stream_fini(&link->stream);
	link->open = link->receives = false;
}

unsigned int smsc_generator_bound(const struct smsc_generator *generator)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < SMSC_GENERATOR_LINKS; i++)
		n += generator->links[i].open && generator->links[i].receives;
	return n;
}

bool smsc_generator_next(struct smsc_generator *generator, unsigned int *link)
{
	for (unsigned int i = 0; i < SMSC_GENERATOR_LINKS; i++) {
		*link = generator->next_link++ % SMSC_GENERATOR_LINKS;
		if (generator->links[*link].open && generator->links[*link].receives)
			return true;
	}
	return false;
}

static void wait_for_events(struct pollfd *polls, nfds_t n, int64_t wake_ns)
{
	int64_t wait = wake_ns - smsc_now_ns();
	struct timespec timeout;

	wait = wait < 0 ? 0 : wait > SLEEP_NS ? SLEEP_NS : wait;
	timeout = (struct timespec){ wait / SECOND_NS, wait % SECOND_NS };
	ppoll(polls, n, &timeout, NULL);
}

void smsc_generator_turn(struct smsc_generator *generator, int64_t wake_ns)
{
	struct pollfd polls[SMSC_GENERATOR_LINKS + 1];
	nfds_t n = 0;

	polls[n++] = (struct pollfd){ .fd = generator->listen_fd, .events = POLLIN };
	for (unsigned int i = 0; i < SMSC_GENERATOR_LINKS; i++) {
		struct smsc_generator_link *link = &generator->links[i];
		bool unsent = link->open && link->stream.tx_sent < link->stream.tx_used;

		polls[n++] = (struct pollfd){ .fd = link->open ? link->stream.fd : -1, .events = (short)(POLLIN | (unsent ? POLLOUT : 0)) };
	}
	wait_for_events(polls, n, wake_ns);
	generator->now_ns = smsc_now_ns();
	if (polls[0].revents)
		accept_link(generator);
	for (unsigned int i = 0; i < SMSC_GENERATOR_LINKS; i++)
		if (polls[i + 1].fd >= 0 && polls[i + 1].revents & (POLLIN | POLLHUP | POLLERR))
			smsc_stream_read(&generator->links[i].stream, on_pdu, &generator->links[i]);
	generator->user->on_turn(generator);
	for (unsigned int i = 0; i < SMSC_GENERATOR_LINKS; i++) {
		struct smsc_generator_link *link = &generator->links[i];

		if (link->open)
			smsc_stream_flush(&link->stream);
		if (link->open && link->stream.broken)
			close_link(generator, link);
	}
}

bool smsc_generator_wait_bound(struct smsc_generator *generator, unsigned int binds, double seconds)
{
	int64_t until = smsc_now_ns() + (int64_t)(seconds * 1e9);

	while (!smsc_stopping && smsc_generator_bound(generator) < binds && smsc_now_ns() < until)
		smsc_generator_turn(generator, until);
	return smsc_generator_bound(generator) >= binds;
}

void smsc_generator_close(struct smsc_generator *generator)
{
	for (unsigned int i = 0; i < SMSC_GENERATOR_LINKS; i++)
		if (generator->links[i].open)
			close_link(generator, &generator->links[i]);
}
