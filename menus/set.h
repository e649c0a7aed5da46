/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A compiled menu: what a folder of libconfig files becomes at load. Immutable; its version is the hash of what was read. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "menus/diag.h"
#include "menus/operation.h"

struct menu_set;   /* a talloc object, owns all that it points to but the agencies */

/* Reads the menu in these files (or, for a folder, its *.cfg, the operations in its agencies/ *.cfg and the keywords in its
 * keywords/ *.cfg). NULL and diagnostics
 * if there is any mistake: a menu with one is refused. */
struct menu_set *menu_set_load(void *ctx, const char *const *paths, size_t n, struct menu_diags *diags);
uint64_t menu_set_version(const struct menu_set *set);
const struct menu_agencies *menu_set_agencies(const struct menu_set *set);
/* What citizens can write by SMS (keyword.h). Never NULL; it may hold none. */
struct menu_keywords;
const struct menu_keywords *menu_set_keywords(const struct menu_set *set);

/* What the gateway itself says to a citizen, in the citizen's language; overridable in the menu's root file (`phrases`). */
enum menu_phrase {
	MENU_PHRASE_BUSY,         /* too many are dialling */
	MENU_PHRASE_TRY_AGAIN,    /* something of ours is down */
	MENU_PHRASE_LATE,         /* an agency takes its time; "{code}" is the tracking code; the answer comes by SMS */
	MENU_PHRASE_OVER,         /* the dialog took too long, dial again */
	MENU_PHRASE_TOO_OFTEN,    /* this number dials too often */
	MENU_PHRASE_CLOSING,      /* the service is being restarted */
	MENU_PHRASE_GOODBYE,
	/* what the engine itself says */
	MENU_PHRASE_BACK, MENU_PHRASE_EXIT, MENU_PHRASE_HOME, MENU_PHRASE_MORE, MENU_PHRASE_YES, MENU_PHRASE_NO,
	MENU_PHRASE_WRONG_CHOICE, MENU_PHRASE_EMPTY, MENU_PHRASE_UNKNOWN_CODE, MENU_PHRASE_TOO_MANY_TRIES,
	MENU_PHRASE_RESUME, MENU_PHRASE_GO_ON, MENU_PHRASE_ANEW, MENU_PHRASE_DIAL_TO_GO_ON,
	/* by SMS: {what} is a request's title, {code} its tracking code */
	MENU_PHRASE_SMS_RECEIVED, MENU_PHRASE_SMS_STATE, MENU_PHRASE_SMS_NO_REQUEST, MENU_PHRASE_SMS_STOPPED, MENU_PHRASE_SMS_STARTED,
	MENU_PHRASE_SMS_UNKNOWN, MENU_PHRASE_SMS_TOO_OFTEN, MENU_PHRASE_SMS_PART_MISSING, MENU_PHRASE_SMS_CLOSED,
	MENU_PHRASE_SMS_SENSITIVE, /* {what}: from whom, {code}: what to dial to read it */
	MENU_PHRASE_SMS_CODE, MENU_PHRASE_SMS_CODE_RESET, /* {code}: a code that proves who reads it */
	/* the proof of who is there (proof.h): questions, what was wrong with an answer ("{left}" tries more), why not ("{until}": a time) */
	MENU_PHRASE_PROOF_ID, MENU_PHRASE_PROOF_LEGAL_ID, MENU_PHRASE_PROOF_PIN, MENU_PHRASE_PROOF_NEW_PIN, MENU_PHRASE_PROOF_AGAIN_PIN,
	MENU_PHRASE_PROOF_CODE,
	MENU_PHRASE_PROOF_WRONG, MENU_PHRASE_PROOF_WEAK, MENU_PHRASE_PROOF_DIFFERS, MENU_PHRASE_PROOF_EXPIRED, MENU_PHRASE_PROOF_LEFT,
	MENU_PHRASE_PROOF_NOT_YOURS, MENU_PHRASE_PROOF_NOT_REPRESENTED, MENU_PHRASE_PROOF_CHANGED, MENU_PHRASE_PROOF_OFTEN,
	MENU_PHRASE_PROOF_LOCKED, MENU_PHRASE_PROOF_FAILED,
	MENU_PHRASE_SMS_PAID, MENU_PHRASE_SMS_NOT_PAID, /* of a payment: {what}, {amount}, {code}; {state}: the reference */
	/* states of a request, in this order */
	MENU_PHRASE_STATE_RECEIVED, MENU_PHRASE_STATE_DELIVERED, MENU_PHRASE_STATE_PROGRESS, MENU_PHRASE_STATE_ANSWERED, MENU_PHRASE_STATE_REFUSED,
	MENU_PHRASES
};
/* Writes the phrase in this language (default language if "" or unknown) into out, with code in place of {code}. Octets written. */
/* (Empty where cap is too small for it.) */
size_t menu_set_phrase(const struct menu_set *set, enum menu_phrase phrase, const char *language, const char *code, char *out, size_t cap);

/* The same with other values in place of their {names}; of one that is not given nothing is left. 0: it does not fit. */
struct menu_say { const char *name, *value; };
size_t menu_set_say(const struct menu_set *set, enum menu_phrase phrase, const char *language, const struct menu_say *values, size_t n,
                    char *out, size_t cap);

/* True if a screen of it asks for a secret, or a call gets what is private: then sessions need a key to be sealed with. */
bool menu_set_has_secrets(const struct menu_set *set);

/* Its codes, the first is its main one, without the last '#': "*4". NULL past the last. */
const char *menu_set_code(const struct menu_set *set, size_t index);
/* True if the dial string, in canonical order, begins with one of the menu's codes. */
bool menu_set_has_code(const struct menu_set *set, const char *dial);

/* The string that opens this service with a value for its screen `direct`: "*4*100*VALUE#"; value "": "*4*100#". False: there is no such service, or no way
 * straight there; or it does not fit. */
bool menu_set_dial(const struct menu_set *set, const char *service, const char *value, char *out, size_t cap);

/* Listing, for tools and the VTY: services in their order. */
size_t menu_set_services(const struct menu_set *set);
struct menu_service_info { const char *name, *title_fa, *title_en, *dial, *file; size_t screens; };
void menu_set_service(const struct menu_set *set, size_t index, struct menu_service_info *info);

/* The screens in their order, the root's own pages first (their service is ""). */
size_t menu_set_screens(const struct menu_set *set);
struct menu_screen_info {
	const char *service, *name, *kind; /* kind: its main key, "ask" */
	const char *file;
	unsigned int line;
	bool shown;                        /* a citizen sees it; else it passes on */
	const char *check;                 /* of a question, else NULL */
	bool secret;                       /* a question whose answer is a secret */
	unsigned int requires;             /* level of the identity ladder; 0: none */
	const struct menu_operation *operation; /* of a call, else NULL */
};
void menu_set_screen(const struct menu_set *set, size_t index, struct menu_screen_info *info);
