/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A real redis-server of the test's own: on a unix socket in a temporary folder, without persistence unless asked for, killed by the
 * kernel if the test dies. Failing to start one fails the test. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define REDIS_SERVER_OPTIONS_MAX 16

struct redis_server {
	char folder[64], path[96];
	const char *options[REDIS_SERVER_OPTIONS_MAX + 1];
	pid_t pid;                    /* 0: not running */
};

/* options: NULL, or words as on redis-server's command line ("--requirepass", "secret", NULL); kept by pointer. */
void redis_server_start(struct redis_server *server, const char *const *options);
void redis_server_hang(struct redis_server *server);     /* SIGSTOP: it accepts, and answers nothing */
void redis_server_resume(struct redis_server *server);
void redis_server_kill(struct redis_server *server);     /* SIGKILL, and gone when this returns; its socket file stays */
void redis_server_restart(struct redis_server *server);  /* after kill; same folder, same options */
void redis_server_stop(struct redis_server *server);     /* and removes the folder */
