/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The socket of a link and its two buffers: connect, read bursts, cut them into PDUs, gather what is sent, write it once a
 * turn. Owns the file descriptor and decides when reading pauses (link_priv.h, back-pressure).
 *
 * An fd is taken from the loop at once but closed only in the next turn: in the middle of a turn its number could be given
 * to a new socket, to which the loop would then deliver an event of the old one. For the same reason a connect is believed
 * only when the socket knows its peer. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smpp/frame.h"
#include "smpp/link_priv.h"

/* Connecting */

/* A numeric host costs no look-up; a name is looked up anew each time, and blocks for as long as that takes. */
static int resolve(struct smpp_link *link, struct addrinfo **list)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	char port[8];
	int rc;

	snprintf(port, sizeof(port), "%u", link->config.port);
	rc = getaddrinfo(link->config.host, port, &hints, list);
	if (rc == EAI_NONAME) {
		hints.ai_flags = AI_NUMERICSERV;
		rc = getaddrinfo(link->config.host, port, &hints, list);
	}
	if (rc == 0)
		return 0;
	LOGLINK(link, LOGL_NOTICE, "cannot look up %s: %s", link->config.host, gai_strerror(rc));
	return -EADDRNOTAVAIL;
}

/* Each attempt takes the next address of the host, so that a dead one does not keep us from the others. */
static const struct addrinfo *choose(const struct addrinfo *list, uint32_t attempt)
{
	const struct addrinfo *at = list;

	while (attempt--)
		at = at->ai_next ? at->ai_next : list;
	return at;
}

static int open_socket(const struct addrinfo *to)
{
	const int yes = 1;
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	int rc;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)); /* we gather ourselves */
	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static int on_fd(struct osmo_fd *ofd, unsigned int what);

int smpp_link_io_open(struct smpp_link *link)
{
	struct addrinfo *list;
	int fd, rc = resolve(link, &list);

	if (rc < 0)
		return rc;
	fd = open_socket(choose(list, link->attempts++ % 16));
	freeaddrinfo(list);
	if (fd < 0)
		return fd;
	link->when = OSMO_FD_WRITE;
	osmo_fd_setup(&link->ofd, fd, link->when, on_fd, link, 0);
	rc = link->config.io.add(&link->ofd);
	if (rc < 0) {
		close(fd);
		link->ofd.fd = -1;
	}
	return rc;
}

void smpp_link_io_reap(struct smpp_link *link)
{
	if (link->doomed_fd >= 0)
		close(link->doomed_fd);
	link->doomed_fd = -1;
}

void smpp_link_io_close(struct smpp_link *link)
{
	if (link->ofd.fd >= 0) {
		link->config.io.del(&link->ofd);
		shutdown(link->ofd.fd, SHUT_RDWR); /* the peer need not wait for the close */
		smpp_link_io_reap(link);
		link->doomed_fd = link->ofd.fd;
		link->ofd.fd = -1;
		smpp_link_later(link);
	}
	link->rx_octets = link->tx_head = link->tx_tail = 0;
	link->owed = 0;
	link->paused = false;
	link->wishes.resume = false;
	link->wishes.write_error = 0;
}

/* Tells the loop only what changes. */
static void want(struct smpp_link *link, unsigned int when)
{
	if (link->when == when)
		return;
	link->when = when;
	link->config.io.update(&link->ofd, when);
}

static unsigned int want_read(const struct smpp_link *link)
{
	return link->paused ? 0 : OSMO_FD_READ;
}

static void on_connected(struct smpp_link *link)
{
	struct sockaddr_storage peer;
	socklen_t octets = sizeof(int);
	int error = 0;

	if (getsockopt(link->ofd.fd, SOL_SOCKET, SO_ERROR, &error, &octets) < 0)
		error = errno;
	if (error) {
		smpp_link_lost(link, "cannot connect to %s port %u: %s", link->config.host, link->config.port,
			       strerror(error));
		return;
	}
	octets = sizeof(peer);
	if (getpeername(link->ofd.fd, (struct sockaddr *)&peer, &octets) < 0)
		return; /* not yet: an event that was not ours */
	want(link, OSMO_FD_READ);
	osmo_fsm_inst_dispatch(link->fi, SMPP_LINK_EV_CONNECTED, NULL);
}

/* Sending */

size_t smpp_link_io_unsent(const struct smpp_link *link)
{
	return link->tx_tail - link->tx_head;
}

uint8_t *smpp_link_io_room(struct smpp_link *link, size_t octets)
{
	if (link->tx_tail + octets > 2 * link->tx_limit) {
		link->tx_tail -= link->tx_head;
		memmove(link->tx, link->tx + link->tx_head, link->tx_tail);
		link->tx_head = 0;
	}
	OSMO_ASSERT(link->tx_tail + octets <= 2 * link->tx_limit);
	return link->tx + link->tx_tail;
}

void smpp_link_io_commit(struct smpp_link *link, size_t octets)
{
	link->tx_tail += octets;
	link->counters.pdus_out++;
}

int smpp_link_io_write(struct smpp_link *link)
{
	ssize_t n = send(link->ofd.fd, link->tx + link->tx_head, smpp_link_io_unsent(link), MSG_NOSIGNAL);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		n = 0;
	}
	link->counters.octets_out += (uint64_t)n;
	link->tx_head += (size_t)n;
	if (link->tx_head == link->tx_tail)
		link->tx_head = link->tx_tail = 0;
	want(link, want_read(link) | (link->tx_tail ? OSMO_FD_WRITE : 0));
	if (link->paused && smpp_link_io_may_resume(link)) {
		link->wishes.resume = true;
		smpp_link_later(link);
	}
	return 0;
}

void smpp_link_flush(struct smpp_link *link)
{
	int rc;

	if (link->tx_tail == 0 || (link->when & OSMO_FD_WRITE) || link->wishes.write_error)
		return;
	rc = smpp_link_io_write(link);
	if (rc < 0) {
		link->wishes.write_error = -rc; /* told in the next turn: nobody is called back from here */
		smpp_link_later(link);
	}
}

/* Reading */

static bool overfull(const struct smpp_link *link)
{
	return smpp_link_io_unsent(link) > link->config.tx_octets_max || link->owed >= SMPP_LINK_OWED_MAX;
}

bool smpp_link_io_may_resume(const struct smpp_link *link)
{
	return smpp_link_io_unsent(link) <= link->config.tx_octets_max / 2 && link->owed <= SMPP_LINK_OWED_MAX / 2;
}

static void bad_frame(struct smpp_link *link, const uint8_t *at)
{
	uint32_t octets = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];

	link->counters.malformed++;
	smpp_link_lost(link, "the peer sent a PDU of %u octets, outside %u to %u", octets, SMPP_HEADER_OCTETS,
		       link->config.pdu_octets_max);
}

/* All whole PDUs in the buffer, or as many as may be taken up; what remains is moved to the front once. */
static void work_off(struct smpp_link *link)
{
	size_t done = 0;

	while (link->ofd.fd >= 0) {
		ssize_t octets;

		if (overfull(link)) {
			link->paused = true;
			break;
		}
		octets = smpp_frame_next(link->rx + done, link->rx_octets - done, link->config.pdu_octets_max);
		if (octets == 0)
			break;
		if (octets < 0) {
			bad_frame(link, link->rx + done);
			break;
		}
		smpp_link_rx_frame(link, link->rx + done, (size_t)octets);
		done += (size_t)octets;
	}
	if (link->ofd.fd < 0)
		return; /* let go of meanwhile, and the buffers with it */
	link->rx_octets -= done;
	if (done && link->rx_octets)
		memmove(link->rx, link->rx + done, link->rx_octets);
	want(link, want_read(link) | (link->when & OSMO_FD_WRITE));
	smpp_link_check_quiet(link);
}

void smpp_link_io_read(struct smpp_link *link)
{
	ssize_t n = recv(link->ofd.fd, link->rx + link->rx_octets, link->rx_room - link->rx_octets, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		smpp_link_lost(link, "read failed: %s", strerror(errno));
		return;
	}
	if (n == 0) {
		smpp_link_lost(link, "the peer closed the connection");
		return;
	}
	link->heard_ms = smpp_link_now_ms();
	link->asked_ms = 0;
	link->counters.octets_in += (uint64_t)n;
	link->rx_octets += (size_t)n;
	work_off(link);
}

void smpp_link_io_resume(struct smpp_link *link)
{
	if (link->ofd.fd < 0 || !link->paused || !smpp_link_io_may_resume(link))
		return;
	link->paused = false;
	link->heard_ms = smpp_link_now_ms(); /* the silence was ours */
	link->asked_ms = 0;
	work_off(link);
}

/* Some loops report a hang-up or an error even where nothing is waited for, and again in each turn. */
static void on_event_while_paused(struct smpp_link *link)
{
	struct pollfd fd = { .fd = link->ofd.fd };

	if (poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR)))
		smpp_link_lost(link, "the peer hung up");
}

/* Reads before it writes: what the peer said before it went away still counts. */
static int on_fd(struct osmo_fd *ofd, unsigned int what)
{
	struct smpp_link *link = ofd->data;
	int rc;

	if (link->fi->state == SMPP_LINK_CONNECTING) {
		on_connected(link);
		return 0;
	}
	if (what & OSMO_FD_READ)
		link->paused ? on_event_while_paused(link) : smpp_link_io_read(link);
	if (link->ofd.fd < 0 || !(what & OSMO_FD_WRITE) || link->tx_tail == 0)
		return 0;
	rc = smpp_link_io_write(link);
	if (rc < 0)
		smpp_link_lost(link, "write failed: %s", strerror(-rc));
	return 0;
}
