/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See loop_curl.h. Registered sockets are cached by fd: curl forgets a kept connection between two transfers and would have
 * it registered anew for each (4 fcntl and 2 epoll_ctl); we leave it in the set until it is closed, or until it speaks
 * while nobody listens (the server hung up). Only sockets that curl opened through us can stay: of others (its resolver's)
 * we would not hear that they were closed.
 *
 * A socket is closed at the next turn, so that its number does not come back while events of this turn are served. The
 * cached entries live as long as the adapter: a late event finds one that ignores it. */
#include "gateway/loop_curl.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <osmocom/core/talloc.h>

#include "gateway/near.h"

#define ROUNDS_MAX 16 /* of due timers in one turn */

struct watched {
	struct osmo_fd ofd;
	bool registered;
	bool ours;                /* opened by open_socket */
	bool wanted;              /* curl listens */
};

struct opener { struct gw_loop_curl *loop; bool near_only; }; /* how far a handle's connections may go */

struct gw_loop_curl {
	struct gw_agency_io io;
	CURLM *multi;
	struct watched **by_fd;
	size_t n_fds;
	int *closing;
	size_t n_closing;
	struct opener anywhere, nearby;
	int64_t due_ms;           /* -1: no timer */
	bool worked;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now); /* curl's own clock, whatever a test does to osmocom's */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct watched *watched(struct gw_loop_curl *loop, int fd)
{
	size_t at = (size_t)fd;

	if (at >= loop->n_fds) {
		size_t n = at + 64;
		loop->by_fd = talloc_realloc(loop, loop->by_fd, struct watched *, n);
		for (size_t i = loop->n_fds; i < n; i++)
			loop->by_fd[i] = NULL;
		loop->n_fds = n;
	}
	if (!loop->by_fd[at])
		loop->by_fd[at] = talloc_zero(loop, struct watched);
	return loop->by_fd[at];
}

static void forget(struct gw_loop_curl *loop, struct watched *w)
{
	if (w->registered)
		loop->io.del(&w->ofd);
	w->registered = false;
	w->wanted = false;
}

static int on_fd(struct osmo_fd *ofd, unsigned int what)
{
	struct gw_loop_curl *loop = ofd->data;
	struct watched *w = watched(loop, ofd->fd);
	int running, mask = (what & OSMO_FD_READ ? CURL_CSELECT_IN : 0) | (what & OSMO_FD_WRITE ? CURL_CSELECT_OUT : 0) |
	                    (what & OSMO_FD_EXCEPT ? CURL_CSELECT_ERR : 0);

	if (!w->registered)
		return 0;
	if (!w->wanted) { /* a kept connection that nobody uses has ended: curl will find out when it takes it up */
		forget(loop, w);
		return 0;
	}
	curl_multi_socket_action(loop->multi, ofd->fd, mask, &running);
	loop->worked = true;
	return 0;
}

static void watch(struct gw_loop_curl *loop, struct watched *w, int fd, unsigned int when)
{
	w->wanted = true;
	if (w->registered) {
		if (w->ofd.when != when)
			loop->io.update(&w->ofd, when);
		return;
	}
	osmo_fd_setup(&w->ofd, fd, when, on_fd, loop, 0);
	w->registered = loop->io.add(&w->ofd) == 0; /* if not, the transfer ends by its time-out */
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *unused)
{
	static const unsigned int when[] = {
		[CURL_POLL_IN] = OSMO_FD_READ, [CURL_POLL_OUT] = OSMO_FD_WRITE, [CURL_POLL_INOUT] = OSMO_FD_READ | OSMO_FD_WRITE,
	};
	struct gw_loop_curl *loop = ctx;
	struct watched *w = watched(loop, fd);

	(void)easy, (void)unused;
	if (what >= CURL_POLL_IN && what <= CURL_POLL_INOUT) {
		watch(loop, w, fd, when[what]);
	} else if (what == CURL_POLL_REMOVE) {
		w->wanted = false;
		if (!w->ours)
			forget(loop, w);
		else if (w->registered && w->ofd.when != OSMO_FD_READ)
			loop->io.update(&w->ofd, OSMO_FD_READ);
	}
	return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct gw_loop_curl *loop = ctx;

	(void)multi;
	/* A millisecond more: served before its time a timer would not be told again. */
	loop->due_ms = timeout_ms < 0 ? -1 : timeout_ms == 0 ? 0 : clock_ms() + timeout_ms + 1;
	return 0;
}

static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	const struct opener *opener = ctx;
	int fd;

	(void)purpose;
	if (opener->near_only && !gw_near(&address->addr))
		return CURL_SOCKET_BAD;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	watched(opener->loop, fd)->ours = true;
	return fd;
}

static int close_socket(void *ctx, curl_socket_t fd)
{
	struct gw_loop_curl *loop = ctx;
	struct watched *w = watched(loop, fd);

	forget(loop, w);
	w->ours = false;
	loop->closing = talloc_realloc(loop, loop->closing, int, loop->n_closing + 1);
	loop->closing[loop->n_closing++] = fd;
	return 0;
}

static void close_all(struct gw_loop_curl *loop)
{
	for (size_t i = 0; i < loop->n_closing; i++)
		close(loop->closing[i]);
	loop->n_closing = 0;
}

static int destroy(struct gw_loop_curl *loop)
{
	curl_multi_cleanup(loop->multi);
	close_all(loop);
	for (size_t i = 0; i < loop->n_fds; i++)
		if (loop->by_fd[i])
			forget(loop, loop->by_fd[i]);
	curl_global_cleanup();
	return 0;
}

struct gw_loop_curl *gw_loop_curl_alloc(void *ctx, const struct gw_agency_io *io)
{
	struct gw_loop_curl *loop;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	loop = talloc_zero(ctx, struct gw_loop_curl);
	loop->io = *io;
	loop->due_ms = -1;
	loop->anywhere = (struct opener){ .loop = loop };
	loop->nearby = (struct opener){ .loop = loop, .near_only = true };
	loop->multi = curl_multi_init();
	if (!loop->multi) {
		talloc_free(loop);
		curl_global_cleanup();
		return NULL;
	}
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	talloc_set_destructor(loop, destroy);
	return loop;
}

CURLM *gw_loop_curl_multi(struct gw_loop_curl *loop)
{
	return loop->multi;
}

void gw_loop_curl_prepare(struct gw_loop_curl *loop, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &loop->anywhere);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
}

void gw_loop_curl_near_only(struct gw_loop_curl *loop, CURL *easy, bool near_only)
{
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, near_only ? &loop->nearby : &loop->anywhere);
}

bool gw_loop_curl_turn(struct gw_loop_curl *loop)
{
	bool worked;
	int running;

	close_all(loop);
	for (int i = 0; i < ROUNDS_MAX && loop->due_ms >= 0 && (loop->due_ms == 0 || loop->due_ms <= clock_ms()); i++) {
		loop->due_ms = -1;
		curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		loop->worked = true;
	}
	worked = loop->worked;
	loop->worked = false;
	return worked;
}
