/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What citizens did with the services, and how they were served: counted in memory (usage_cells.h), added to the ledger every few seconds,
 * and read from there by the report. By day of the gateway's time zone; nothing that tells of a person.
 *
 *   hooks (one line each) ──> cells ──every FLUSH_MS, and at drain──> usage:{pNN}:2026-11-24, a hash (sessions/tally.h)
 *
 * An add is repeated until it is known to be done, and is done once. What dies with a process is what it counted since its last add: a few
 * seconds. Without a ledger the tallies lie in the sessions' Redis.
 *
 * Every hook takes NULL for "nobody counts". Names are read during the call only.
 *
 * What is a use? A citizen who comes to a page of a service begins one, and ends it by leaving for another service or for the root, or with
 * the dialog. Of one use are counted at most once: finished (it came to an end, to a page that offers nothing further, or to what an agency
 * answered), success (an agency's answer was ok), visit (a page came that stands in place of a visit to an office). Of a text message: begun,
 * and success when its request is accepted. Of what a portal does for a citizen: each act, begun, and what became of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "gateway/usage_cells.h"
#include "menus/step.h"
#include "sessions/redis.h"

struct gw_usage;
struct gw_notice;
struct sess_ledger_commit;

enum gw_usage_outcome {
	GW_USAGE_BEGUN, GW_USAGE_FINISHED, GW_USAGE_SUCCESS,
	GW_USAGE_NOT_FOUND, GW_USAGE_REFUSED /* another outcome of an agency's own */, GW_USAGE_FAILED,
	GW_USAGE_LATE,        /* an agency was slower than the network waits; the page goes by SMS */
	GW_USAGE_CUT,         /* ended by citizen or network, and not finished */
	GW_USAGE_TIMED_OUT,   /* the citizen dials again, and the dialog before had not been finished nor ended */
	GW_USAGE_WRONG,       /* ended: nothing right was typed */
	GW_USAGE_VISIT,       /* a page was shown that stands in place of a visit to an office (`visit`, menus/README.md) */
	GW_USAGE_OUTCOMES
};
extern const char *const gw_usage_outcomes[GW_USAGE_OUTCOMES];
/* Bounds of answer times (ms) and of waits (s); the last is 0: all that took longer. Names: "50", "more". */
extern const unsigned int gw_usage_times_ms[], gw_usage_waits_s[];
#define GW_USAGE_TIMES 12u
#define GW_USAGE_WAITS_N 8u
/* The name of a bucket into text (12 octets); i below the number of its kind. */
const char *gw_usage_bucket_name(const unsigned int *bounds, size_t i, char text[12]);

struct gw_usage_config {
	struct sess_redis *redis;        /* of the ledger, or of the sessions */
	int utc_offset;                  /* minutes: where a day begins */
	int64_t keep_ms;                 /* a day is kept so long */
};
/* A child of ctx; freed after redis. */
struct gw_usage *gw_usage_alloc(void *ctx, const struct gw_usage_config *config);
void gw_usage_tick(struct gw_usage *usage);       /* every GW_LOOP_TICK_MS */
/* What is left is sent at once. True: nothing is left. */
bool gw_usage_close(struct gw_usage *usage);
uint64_t gw_usage_lost(const struct gw_usage *usage);
uint64_t gw_usage_flushes(const struct gw_usage *usage);
uint64_t gw_usage_failures(const struct gw_usage *usage);
/* "usage:{pNN}:<day>"; the day's number of a moment (utc_offset: notices.time_zone); and of a day that is written, "1405/08/10" or
 * "2026-11-01", which is the same in every zone. False: it is none. */
#define GW_USAGE_KEY_OCTETS 48
void gw_usage_key(uint16_t day, char key[GW_USAGE_KEY_OCTETS]);
uint16_t gw_usage_day(int64_t wall_ms, int utc_offset);
bool gw_usage_day_read(const char *text, uint16_t *day);
/* "2026-11-24" of a day's number. */
void gw_usage_day_text(uint16_t day, char text[12]);

/* ---- dialogs (usage_dialog.c) ---- */

/* What a step of a menu did, until its session is saved and it counts; all 0: nothing. Flags of the use live in the session. */
struct gw_usage_step {
	gw_usage_name service, screen, from_service, from_screen, province, language;
	bool pending;                    /* not counted yet */
	bool typed, begun, shown, finished, success, wrong, called, visit;
	enum gw_usage_outcome outcome;   /* of the call, where `called` */
};
#define GW_USAGE_USE_FINISHED 1u
#define GW_USAGE_USE_SUCCESS 2u
#define GW_USAGE_USE_VISIT 4u
/* Before the menu's step: where the citizen stands. */
void gw_usage_from(struct gw_usage *usage, struct gw_usage_step *step, const struct menu_run *run);
/* Behind it: what became of that. answer: of a call, or NULL; *use: the session's flags. */
void gw_usage_to(struct gw_usage *usage, struct gw_usage_step *step, const struct menu_run *run, enum menu_event_kind kind,
		 const struct menu_answer *answer, const struct menu_result *result, uint8_t *use);
/* It is saved. */
void gw_usage_saved(struct gw_usage *usage, const char *route, struct gw_usage_step *step);
/* Something else became of the use that the step is of. */
void gw_usage_became(struct gw_usage *usage, const char *route, const struct gw_usage_step *step, enum gw_usage_outcome outcome);
/* The citizen is gone from here, unless the use was finished. */
void gw_usage_left(struct gw_usage *usage, const char *route, const struct menu_run *run, uint8_t use, enum gw_usage_outcome outcome);
void gw_usage_answered(struct gw_usage *usage, const char *route, uint64_t us);

/* ---- the others ---- */

/* An agency answered an attempt; good: with an answer that is one. */
void gw_usage_called(struct gw_usage *usage, const char *agency, int64_t ms, bool good);
/* An "agency" of this name failed, and is left alone for so long. */
void gw_usage_outage(struct gw_usage *usage, const char *what, const char *name, int64_t away_ms);
/* Every tick: is it there? What is away for a second is an outage, which is as long as it lasts. At most GW_USAGE_WATCHED_MAX things. */
#define GW_USAGE_WATCHED_MAX 256u
void gw_usage_watch(struct gw_usage *usage, const char *what, const char *name, bool up);
/* What was written by SMS; service: as the catalogue calls keywords, "bills.bill". */
void gw_usage_text_request(struct gw_usage *usage, const char *route, const char *service, const char *language, enum gw_usage_outcome outcome);
/* What a portal or the national inbox did for a citizen by the API; account: whose it is. Begun, and what became of it. */
void gw_usage_act(struct gw_usage *usage, const char *account, const char *service, const char *language, enum gw_usage_outcome outcome);
/* state: "received", "delivered", "answered", "refused"; waited_ms: since it was received, of the last two; -1: it is not told. */
void gw_usage_request(struct gw_usage *usage, const char *agency, const char *channel, const char *state, int64_t waited_ms);
/* A notice comes to a state, or is "read", if this commit is made. */
void gw_usage_notice(struct gw_usage *usage, struct sess_ledger_commit *commit, const struct gw_notice *notice, const char *state);
