/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What an operator decides of webhooks and feeds: the section `webhooks` of the configuration. */
#pragma once

#include <stdbool.h>

struct gw_webhooks_settings {
	unsigned int concurrency;        /* requests to one agency at once */
	unsigned int waiting;            /* events in its line beside those */
	unsigned int in_flight;          /* events held by this process, all agencies together */
	unsigned int timeout_ms;         /* of a request */
	unsigned int breaker_failures, breaker_open_ms;
	bool plain;                      /* http to near addresses */
	const char *ca_file;             /* authorities in place of the system's; NULL: those */
	unsigned int feed_length;        /* events in an agency's feed */
};
