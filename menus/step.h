/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One step of a dialog: (menu, place, input) -> show a page | ask an agency | end. Pure: no clock, socket, global or log.
 *
 * A *place* (struct menu_run) is all that a dialog remembers: where it is, how it came there, what was typed and answered.
 * It belongs to one version of the menu. The caller decodes it from the session, makes one step, and encodes it again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "menus/operation.h"
#include "menus/set.h"

#define MENU_PAGE_OCTETS 1024      /* UTF-8 octets of one page, or of a text for SMS */
#define MENU_DIAL_OCTETS 256
#define MENU_PLACE_OCTETS 6144     /* an encoded place never exceeds this: what would, ends in the outcome "failed" */
#define MENU_LANGUAGE_OCTETS 4     /* "fa", "en" */

/* Opaque but of known size, so that it lives in the caller's memory. */
struct menu_run {
	_Alignas(16) unsigned char opaque[MENU_PLACE_OCTETS + 1024];
};

enum menu_event_kind {
	MENU_EVENT_DIAL,     /* text: the dial string in canonical order, "*4*2020*7748317800142#" (menu_dial_normalise) */
	MENU_EVENT_INPUT,    /* text: what was typed */
	MENU_EVENT_ANSWER,   /* answer: of the call that the last step asked for */
	MENU_EVENT_AGAIN,    /* the last page once more, nothing changes */
	MENU_EVENT_RESUME,   /* a dial after a cut: offers to go on where it broke or to begin anew (text: the dial string);
	                      * the same as DIAL where the menu switched that off or the place is not worth it (at the start) */
};

struct menu_event {
	enum menu_event_kind kind;
	const char *text;
	size_t octets;
	const struct menu_answer *answer;
	bool late;                        /* ANSWER: the dialog is over; the result is a whole text for SMS, not paged */
	bool typed;                       /* DIAL, and the ANSWERs that follow: what is behind the code was typed page by page (a network
	                                   * tells all of it each time), so it may be the numbers of options, "back" and the like */
};

/* What the outside gives to a step. */
struct menu_medium {
	bool (*fits)(const void *ctx, const char *utf8, size_t octets); /* does this text fit on one page? */
	const void *ctx;
	int64_t now_ms;                   /* wall clock */
	const char *msisdn;               /* the variable {msisdn} */
	const char *language;             /* the subscriber's remembered one, or "" */
};

enum menu_verdict {
	MENU_SHOW,           /* text is a page; the citizen may answer */
	MENU_END,            /* text is the last page */
	MENU_CALL,           /* operation is to be called with menu_run_value() of its inputs; text is empty */
};

struct menu_result {
	enum menu_verdict verdict;
	const struct menu_operation *operation;
	bool secret;                      /* what is typed next must not be logged or stored in clear */
	bool again;                       /* nothing was done: an input was refused, or a page turned */
	bool reading;                     /* a page that offers nothing further: what the citizen came for, or an end */
	bool visit;                       /* a page that stands in place of a visit to an office: for who counts them */
	bool wrong;                       /* the dialog ended because nothing right was typed */
	const char *service, *screen;     /* names, for counters; "" where there is none */
	const char *language;             /* of this page: "fa", "en" */
	bool language_chosen;             /* remember it for the subscriber */
	size_t octets, sms_octets;
	char text[MENU_PAGE_OCTETS + 1];  /* NUL-terminated */
	char sms[MENU_PAGE_OCTETS + 1];   /* to be sent to the citizen beside the page; sms_octets 0: nothing */
};

/* A fresh place at the menu's start. */
void menu_run_init(struct menu_run *run, const struct menu_set *set);
/* 0, or -EBADMSG: not a place of this version of the menu. */
int menu_run_decode(struct menu_run *run, const struct menu_set *set, const uint8_t *bytes, size_t octets);
/* Octets written (at most MENU_PLACE_OCTETS), or -ENOSPC. */
ssize_t menu_run_encode(const struct menu_run *run, uint8_t *bytes, size_t cap);
/* True while the place holds what a citizen typed into a secret question (from then until the call that uses it is answered,
 * or the dialog ends), or what an agency's file calls private: what is stored of it must be sealed. */
bool menu_run_secret(const struct menu_run *run);
/* Where it stands, by name: for counters. Service "" is the root; both are "" where nothing was dialled yet. They live as long as the set. */
void menu_run_at(const struct menu_run *run, const char **service, const char **screen);
/* Tells a decoded place what is not kept in it ({msisdn}, {now}), for menu_run_value without a step before it. */
void menu_run_attend(struct menu_run *run, const struct menu_medium *medium);
/* A variable's text, or NULL: inputs of an operation for the call. */
const char *menu_run_value(const struct menu_run *run, const char *name);

/* Never fails: what cannot go on ends politely (verdict MENU_END with a phrase). */
void menu_step(struct menu_run *run, const struct menu_set *set, const struct menu_medium *medium,
               const struct menu_event *event, struct menu_result *result);
