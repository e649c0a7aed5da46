/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See http_listen.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jansson.h>

#include "gateway/http_listen.h"

#define BACKLOG 64

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* 0: it is none. */
static socklen_t read_address(const char *text, uint16_t port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->four.sin_addr) == 1) {
		address->four.sin_family = AF_INET;
		address->four.sin_port = htons(port);
		return sizeof(address->four);
	}
	if (inet_pton(AF_INET6, text, &address->six.sin6_addr) == 1) {
		address->six.sin6_family = AF_INET6;
		address->six.sin6_port = htons(port);
		return sizeof(address->six);
	}
	return 0;
}

static uint16_t port_of(int fd)
{
	union address address = { .six = { 0 } };
	socklen_t octets = sizeof(address);

	if (getsockname(fd, &address.any, &octets) < 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
}

int gw_http_listen(const char *text, uint16_t *port)
{
	const int yes = 1;
	union address address;
	socklen_t octets = read_address(text, *port, &address);
	int fd = octets ? socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1, rc;

	if (fd < 0)
		return octets ? -errno : -EINVAL;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, &address.any, octets) == 0 && listen(fd, BACKLOG) == 0) {
		*port = port_of(fd);
		return fd;
	}
	rc = -errno;
	close(fd);
	return rc;
}

const char *gw_http_listen_error(int rc)
{
	return rc == -EINVAL ? "not a numeric address" : strerror(-rc);
}

bool gw_http_is_loopback(const char *text)
{
	union address address;

	if (!read_address(text, 0, &address))
		return false;
	return address.any.sa_family == AF_INET ? (ntohl(address.four.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET :
						  IN6_IS_ADDR_LOOPBACK(&address.six.sin6_addr);
}

/* A sentence that was cut to fit may end within a character: NULL only if it is no UTF-8 all the same. */
static json_t *text_of(const char *text)
{
	size_t n = text ? strlen(text) : 0;
	json_t *json = text ? json_string(text) : NULL;

	for (int i = 0; !json && i < 3 && n; i++)
		json = json_stringn(text, --n);
	return json;
}

json_t *gw_http_problem_show(const struct gw_http_problem *problem)
{
	return json_pack("{s:s, s:s, s:i, s:o*, s:o*, s:O*, s:o*}", "type", problem->type, "title", problem->title, "status", (int)problem->status,
			 "detail", text_of(problem->detail), "pointer", text_of(problem->pointer), "errors", problem->errors, "request_id",
			 text_of(problem->request_id));
}

char *gw_http_problem_print(const struct gw_http_problem *problem, size_t *octets)
{
	json_t *json = gw_http_problem_show(problem);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	*octets = text ? strlen(text) : 0;
	return text;
}
