/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside the webhooks: webhook.c takes events and settles them, webhook_line.c brings them to an agency. Between the two goes a
 * delivery: an event that this process holds. Exactly one has it: an agency's line, its running transfer, an asked Redis (by its
 * token), or the list of what is to be settled once more. */
#pragma once

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/logging.h>

#include "gateway/agency_http.h"
#include "gateway/breaker.h"
#include "gateway/event.h"
#include "gateway/log.h"
#include "gateway/webhook.h"
#include "gateway/webhook_sign.h"

#define HEADER_OCTETS 160

enum webhook_verdict { WEBHOOK_DONE, WEBHOOK_LATER, WEBHOOK_BURY };

struct webhook_line {                    /* of an agency */
	struct llist_head list;
	struct gw_webhooks *all;
	char agency[GW_EVENT_AGENCY_OCTETS];
	struct llist_head waiting;
	unsigned int n_waiting, sending;
	struct gw_breaker breaker;
	int64_t quiet_until_ms;          /* it said Retry-After */
	int64_t turn_ms;                 /* when one that is given back now can be expected to have its turn */
	int64_t complained_ms;           /* of what an operator must mend; once a minute */
	unsigned int usual_ms;           /* of an answer, of late */
	uint64_t answer_ms;
	uint64_t counters[GW_WEBHOOK_CTRS];
};

struct webhook_delivery {
	struct llist_head list;          /* in the line's waiting or in all->unsettled */
	struct gw_webhooks *all;
	struct webhook_line *line;       /* NULL: it is for nobody */
	uint64_t token;
	struct sess_queue_handle handle;
	struct gw_event event;           /* body: in octets below */
	const char *id;
	int64_t since_ms;                /* in line, or on its way */
	enum gw_breaker_pass pass;
	enum webhook_verdict verdict;
	unsigned int pause_ms;
	char reason[SESS_QUEUE_REASON_MAX + 1];
	char header[3][HEADER_OCTETS];
	char octets[];                   /* the entry */
};

struct gw_webhooks {
	struct gw_webhooks_config config;
	struct gw_webhooks_settings settings;
	struct gw_loop_curl *loop;
	struct gw_agency_http *http;
	gw_webhooks_delivered *delivered;
	void *delivered_ctx;
	struct llist_head lines, unsettled;
	unsigned int n_lines, held;
	uint64_t last_token;
	struct webhook_delivery **by_token;  /* settings.in_flight places */
	bool taking, claiming, closing, freeing;
	int64_t looked_ms, claimed_ms;
};

#define LOGPWEBHOOK(delivery, level, format, ...) \
	LOGP(GW_LOG_AGENCY, level, "webhook(%s) %s: " format, (delivery)->event.agency, (delivery)->id, ##__VA_ARGS__)

/* ---- webhook.c: the end of a delivery; nothing may be done with it afterwards */
void webhook_done(struct webhook_delivery *delivery);
void webhook_later(struct webhook_delivery *delivery, int64_t pause_ms);
void webhook_bury(struct webhook_delivery *delivery, const char *reason);
/* There is no such account: it was taken away, or is so new that it is not known here yet. */
void webhook_unknown(struct webhook_delivery *delivery);
/* It did not work: again after its pause, and not before at_least_ms; or buried, when it is a day old. */
void webhook_failed(struct webhook_delivery *delivery, int64_t at_least_ms, const char *reason);

/* ---- webhook_line.c */
struct webhook_line *webhook_line_of(struct gw_webhooks *all, const char *agency);
/* Takes it over: sent now, in line, or given back. */
void webhook_line_add(struct webhook_line *line, struct webhook_delivery *delivery);
/* Starts what can be started; gives back what waited too long. */
void webhook_line_run(struct webhook_line *line, int64_t now_ms);
void webhook_line_give_back(struct webhook_line *line);
/* What an operator must mend, once a minute for an agency. */
bool webhook_line_complains(struct webhook_line *line, int64_t now_ms);
gw_agency_http_done webhook_on_answer;
