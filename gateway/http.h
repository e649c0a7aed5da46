/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The local HTTP port: /metrics (Prometheus text format 0.0.4), /healthz (the process turns its loop), /readyz (citizens can
 * be served; 503 and the reason if not). A table of routes over libmicrohttpd, whose epoll fd is one fd of our loop. */
#pragma once

#include <stdint.h>

struct gw;
struct gw_http;

/* A child of gw. listen "": none is opened, and the object is an empty one. Port 0: any; the log tells which. NULL after a log line. */
struct gw_http *gw_http_alloc(struct gw *gw, const char *listen, uint16_t port);
