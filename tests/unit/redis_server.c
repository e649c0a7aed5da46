/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See the header. "Ready" is when a connection to the socket is accepted: Redis listens after it has read its data. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/redis_server.h"

#define READY_TRIES 3000    /* of 10 ms: far more than it ever takes */

static void die(const char *what)
{
	fprintf(stderr, "redis-server for a test: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void run(const struct redis_server *server)
{
	const char *argv[16 + REDIS_SERVER_OPTIONS_MAX] = { "redis-server", "--port", "0", "--unixsocket", server->path, "--dir",
		server->folder, "--save", "", "--appendonly", "no", "--loglevel", "warning", "--logfile", "redis.log" };
	int n = 0, null = open("/dev/null", O_RDWR);
	while (argv[n])
		n++;
	for (int i = 0; server->options[i]; i++)
		argv[n++] = server->options[i];
	argv[n] = NULL;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static bool accepts(const struct redis_server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strncpy(address.sun_path, server->path, sizeof(address.sun_path) - 1);
	bool up = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return up;
}

static void launch(struct redis_server *server)
{
	server->pid = fork();
	if (server->pid < 0)
		die("fork");
	if (server->pid == 0)
		run(server);
	for (int i = 0; i < READY_TRIES; i++) {
		if (accepts(server))
			return;
		if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
			break;
		usleep(10000);
	}
	errno = 0;
	die("it does not start");
}

void redis_server_start(struct redis_server *server, const char *const *options)
{
	const char *top = getenv("TMPDIR");
	memset(server, 0, sizeof(*server));
	for (int i = 0; options && options[i] && i < REDIS_SERVER_OPTIONS_MAX; i++)
		server->options[i] = options[i];
	if (!top || strlen(top) > 32)
		top = "/tmp";
	snprintf(server->folder, sizeof(server->folder), "%s/dolat-redis-XXXXXX", top);
	if (!mkdtemp(server->folder))
		die(server->folder);
	snprintf(server->path, sizeof(server->path), "%s/socket", server->folder);
	launch(server);
}

void redis_server_hang(struct redis_server *server)
{
	int status;
	if (kill(server->pid, SIGSTOP) < 0 || waitpid(server->pid, &status, WUNTRACED) < 0)
		die("SIGSTOP");
}

void redis_server_resume(struct redis_server *server)
{
	if (kill(server->pid, SIGCONT) < 0)
		die("SIGCONT");
}

void redis_server_kill(struct redis_server *server)
{
	if (server->pid <= 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

void redis_server_restart(struct redis_server *server)
{
	unlink(server->path);
	launch(server);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

void redis_server_stop(struct redis_server *server)
{
	redis_server_kill(server);
	nftw(server->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
