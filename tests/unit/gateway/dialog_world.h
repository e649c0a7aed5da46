/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The world around the dialogs of one or two gateways, for dialog_*_test.c: a real Redis, real stores, agencies and menus; the
 * networks and the agency's server are played by the test. A story says what the citizen and the network do, then what
 * each of them must have got. Nothing waits for a time: UNTIL turns the loop until its condition holds.
 *
 * At the end of every story world_stop demands that no step is in flight and that every ticket was settled exactly once. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/agency.h"
#include "gateway/builtin.h"
#include "gateway/dialog.h"
#include "gateway/seal.h"
#include "tests/unit/redis_server.h"

#define CITIZEN "989121234567"
#define GATEWAYS 2
#define TICKETS_MAX 256
#define ANSWERS_MAX 128
#define REQUESTS_MAX 64

enum settled { PENDING, ACCEPTED, REFUSED };

struct answer {
	enum gw_answer_kind kind;
	bool pushed;
	char msisdn[GW_MSISDN_MAX + 1], text[1025];
	uint32_t version, session;   /* the session comes from the context that went through the dialog */
};

struct pushed {
	enum gw_push_kind kind;
	char msisdn[GW_MSISDN_MAX + 1], text[1025];
	uint64_t token;
};

struct gateway {
	struct gw_bearer bearer;     /* first: its ops find the gateway */
	struct gw_route route;
	struct gw_counters counters;
	struct sess_redis *redis;
	struct sess_store *store;
	struct sess_acked *acked;
	struct menu_pins *pins;
	struct gw_builtin *builtin;
	struct gw_agencies *agencies;
	struct gw_dialogs *dialogs;
	enum settled tickets[TICKETS_MAX];
	uint32_t n_tickets;
	struct answer answers[ANSWERS_MAX], sms[ANSWERS_MAX];
	struct pushed pushes[ANSWERS_MAX];
	unsigned int n_answers, n_sms, n_pushes;
	int sms_result, push_result;
};

struct request {                     /* what an agency was asked */
	char line[512], key[64];
	int fd;                      /* -1: answered, or the caller hung up */
};

enum keeper { NO_KEEPER, KEEPS, HOLDS /* says nothing until keeper_says */, IS_DOWN, REFUSES };
struct kept { char name[96], msisdn[GW_MSISDN_MAX + 1], language[8], text[1025]; };

struct world {
	void *ctx;
	struct redis_server redis;
	char folder[80];
	uint16_t port;
	struct gateway *gateways[GATEWAYS];
	unsigned int in_flight_max, busy_at, dials_per_minute, agency_calls, late_calls, cache_sessions;
	unsigned int answer_ms, session_ms, resume_ms;
	bool exact;                  /* the network tells copies from steps, and all that was typed: see `so_far` */
	bool has_private;            /* receipts of payments are private, and there is a key to seal them with */
	const char *menu_tail;       /* appended to menu.cfg: another version */
	const struct gw_builtin_row *const *tables; /* what the gateways serve themselves; then the menu has an inbox, whose letters they are */
	struct request requests[REQUESTS_MAX];
	unsigned int n_requests;
	enum keeper keeper;          /* where the gateways promise texts: they share it, as they do the ledger */
	struct kept kept[ANSWERS_MAX];
	unsigned int n_kept, n_kept_again;
};
extern struct world world;

int world_start(void **state);       /* cmocka's set-up and tear-down of a story */
int world_stop(void **state);
int world_group_start(void **state); /* of a program */
int world_group_stop(void **state);
/* With the limits that stand in `world`; which: 0 or 1. */
struct gateway *gateway_start(unsigned int which);
/* As kill -9 would: steps at work are forgotten, connections close. */
void gateway_kill(struct gateway *gateway);
/* Publishes the menu again, with world.menu_tail. */
void gateway_publish(struct gateway *gateway);

/* The network delivers a step; its ticket. */
uint32_t deliver(struct gateway *gateway, enum gw_step_kind kind, uint32_t session, uint32_t sequence, const char *text);
uint32_t deliver_of(struct gateway *gateway, const char *msisdn, enum gw_step_kind kind, uint32_t session, uint32_t sequence,
		    const char *text);
/* Of an exact network, which tells all that was typed so far, "1*2"; "": the dial. Its ticket. */
uint32_t deliver_so_far(struct gateway *gateway, uint32_t session, const char *typed);
/* The same, and waits for one more answer, whose text it returns. */
const char *so_far(struct gateway *gateway, uint32_t session, const char *typed);
const char *dial(struct gateway *gateway, uint32_t session, const char *text);
const char *type(struct gateway *gateway, uint32_t session, const char *text);
void hang_up(struct gateway *gateway, uint32_t session);
/* The network has taken the last answer; dial and type say so themselves. */
void taken(struct gateway *gateway);
const struct answer *last_answer(const struct gateway *gateway);
uint64_t counted(const struct gateway *gateway, enum gw_counter counter);

/* Of a keeper that HOLDS: its answer to all that it was asked. What it was asked it has kept. */
void keeper_says(enum sess_ledger_result result);

/* The agency answers its request: the body is JSON. */
void agency_answer(unsigned int request, unsigned int status, const char *json);
/* One command to Redis, words apart; its integer or text is in redis_text until the next. */
const char *redis_do(struct gateway *gateway, const char *command);
/* Everybody who waits for an agency is due to be taken over. */
void make_due(struct gateway *gateway, const char *msisdn);

bool world_turn(const char *what);
#define UNTIL(condition) do { while (!(condition)) world_turn(#condition); world_turn(NULL); } while (0)
#define SAYS(text, part) assert_non_null_text(text, part, __LINE__)
void assert_non_null_text(const char *text, const char *part, int line);
