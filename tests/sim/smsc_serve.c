/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Serves a unix socket: each connection sends lines, the words of the scripts, and gets one line of JSON for each. A
 * connection has a run of its own and waits alone, so that one program may hold many phones at once. `quit` ends the
 * program. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/sim/smsc_mode.h"
#include "tests/sim/smsc_verb.h"

#define CLIENTS 128
#define ANSWER 65536

struct client {
	struct client *next;
	struct server *server;
	int fd;
	bool gone, busy;
	struct smsc_run run;
	size_t used;
	char line[SMSC_LINE];
};

struct server {
	struct smsc *smsc;
	const char *msisdn;
	int fd;
	struct client *clients;
	size_t n_clients;
};

/* An answer is one write: a client that has not read 200 KB of answers does not read at all. */
static void answer(struct client *client, bool ok)
{
	static char json[ANSWER + 1];
	size_t octets;

	smsc_run_json(&client->run, ok, json, ANSWER);
	octets = strlen(json);
	json[octets++] = '\n';
	if (send(client->fd, json, octets, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)octets)
		client->gone = true;
	client->busy = false;
}

static void begin(struct client *client, const char *line)
{
	int done;

	if (strcmp(line, "quit") == 0) {
		smsc_stopping = true;
		client->gone = true;
		return;
	}
	client->busy = true;
	done = smsc_run_start(&client->run, line);
	if (done)
		answer(client, done > 0);
}

/* Works off whole lines, one at a time: the next begins when the one before is answered. */
static void take_lines(struct client *client)
{
	char *feed;

	while (!client->busy && !client->gone && (feed = memchr(client->line, '\n', client->used))) {
		size_t octets = (size_t)(feed - client->line) + 1;

		*feed = '\0';
		begin(client, client->line);
		memmove(client->line, client->line + octets, client->used - octets);
		client->used -= octets;
	}
	if (client->used == sizeof(client->line))
		client->gone = true;
}

static void on_client(void *ctx, short revents)
{
	struct client *client = ctx;
	size_t room = sizeof(client->line) - client->used;
	ssize_t octets;

	(void)revents;
	if (client->gone || !room)
		return;
	octets = recv(client->fd, client->line + client->used, room, MSG_DONTWAIT);
	if (octets == 0 || (octets < 0 && errno != EAGAIN && errno != EINTR))
		client->gone = true;
	if (octets <= 0)
		return;
	client->used += (size_t)octets;
	take_lines(client);
}

static void on_accept(void *ctx, short revents)
{
	struct server *server = ctx;
	int fd = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client = fd >= 0 && server->n_clients < CLIENTS ? calloc(1, sizeof(*client)) : NULL;

	(void)revents;
	if (!client || smsc_loop_add(&server->smsc->loop, fd, POLLIN, on_client, client)) {
		free(client);
		if (fd >= 0)
			close(fd);
		return;
	}
	client->server = server;
	client->fd = fd;
	smsc_run_init(&client->run, server->smsc, server->msisdn);
	client->next = server->clients;
	server->clients = client;
	server->n_clients++;
}

static void reap(struct server *server, bool all)
{
	for (struct client **at = &server->clients; *at;) {
		struct client *client = *at;

		if (!client->gone && !all) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		server->n_clients--;
		smsc_loop_del(&server->smsc->loop, client->fd);
		close(client->fd);
		free(client);
	}
}

static void ask_again(struct server *server)
{
	for (struct client *client = server->clients; client; client = client->next) {
		int done = client->busy && !client->gone ? smsc_run_again(&client->run) : 0;

		if (done)
			answer(client, done > 0);
		take_lines(client);
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	unlink(path);
	umask(077); /* who controls the network controls every phone */
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 64) ? -1 : fd;
}

int smsc_serve(struct smsc *smsc, const struct smsc_options *options)
{
	struct server server = { .smsc = smsc, .msisdn = options->msisdn, .fd = -1 };

	if (options->control) {
		server.fd = listen_at(options->control);
		if (server.fd < 0 || smsc_loop_add(&smsc->loop, server.fd, POLLIN, on_accept, &server)) {
			fprintf(stderr, "%s: %s\n", options->control, strerror(errno));
			return 1;
		}
	}
	while (!smsc_stopping) {
		smsc_turn(smsc, 10);
		ask_again(&server);
		reap(&server, false);
	}
	reap(&server, true);
	if (server.fd >= 0) {
		close(server.fd);
		unlink(options->control);
	}
	return 0;
}
