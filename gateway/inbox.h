/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A citizen's inbox, as menus reach it (builtin.h; paths and answers: menus/agencies.md). What the files of the inbox share:
 *
 *   inbox.c         the list, one notice, what the menu gets of it
 *   inbox_change.c  read, replied to, deleted
 *   inbox_open.c    the identity step of a sensitive notice
 *
 * A citizen reaches the notices of the number that dials, and no others: an id of another number is as unknown as one that does not
 * exist, after as many round trips. */
#pragma once

#include "gateway/builtin.h"
#include "gateway/gateway.h"
#include "gateway/notices.h"

/* What has been asked, until it is answered. A child of the builtin, found by pointer: only its own callbacks know it. */
struct gw_inbox_ask {
	struct gw *gw;
	struct gw_builtin *builtin;
	uint64_t token;
	char msisdn[GW_MSISDN_MAX + 1], language[4], id[GW_NOTICE_ID_OCTETS];
	int64_t from_ms;                 /* what was accepted before is as unknown as another's */
	char door[GW_NOTICE_DOOR_OCTETS], account[33]; /* by which the citizen came */
	unsigned int skip, limit;        /* of a list */
	int choice;                      /* of a reply, from 0 */
	char national_id[16];            /* of an identity step; wiped at its end */
	struct gw_notice *notice;        /* of an identity step, between its round trips */
	uint64_t tries_stamp;
	unsigned int tries, conflicts;
	int64_t tries_from_ms;
};

/* NULL: it has been answered (there is no ledger, or id is no id). id may be NULL. */
struct gw_inbox_ask *gw_inbox_ask(const struct gw_builtin_call *call, const char *id);
/* The end of it; body is taken over, or NULL. */
void gw_inbox_answer(struct gw_inbox_ask *ask, unsigned int status, json_t *body);
/* It is there for this citizen: theirs, also if the number changed hands, due, not deleted. */
bool gw_inbox_has(const struct gw_inbox_ask *ask, const struct gw_notice *notice);
/* What a list shows of it, and the whole. NULL: its text cannot be opened. */
json_t *gw_inbox_title(const struct gw_inbox_ask *ask, const struct gw_notice *notice);
json_t *gw_inbox_whole(const struct gw_inbox_ask *ask, const struct gw_notice *notice);
/* Inside a change: a line of the audit chain, with the account that acts for the citizen, if one does. more: taken over, or NULL. */
void gw_inbox_note(const struct gw_inbox_ask *ask, const struct gw_notice *notice, struct sess_ledger_commit *commit, const char *what, json_t *more);
/* Inside a change: it is read now; says so in the audit chain and to the agency. False: it was read before. */
bool gw_inbox_mark_read(const struct gw_inbox_ask *ask, struct gw_notice *notice, struct sess_ledger_commit *commit);

/* Services of the other files. */
void gw_inbox_read(const struct gw_builtin_call *call, const char *const *params);
void gw_inbox_reply(const struct gw_builtin_call *call, const char *const *params);
void gw_inbox_delete(const struct gw_builtin_call *call, const char *const *params);
void gw_inbox_open(const struct gw_builtin_call *call, const char *const *params);
