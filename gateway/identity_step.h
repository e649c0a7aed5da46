/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The identity ladder as a decision: what is remembered of a number, what a citizen typed, and what is known by asking others go in; the
 * next question, the refusal or the proof comes out, and what is to be remembered from now on. Pure: no clock, no ledger, no hashes.
 *
 *   1  number <-> national ID      matched at the identity agency; remembered for a while, dropped when SIM or owner change
 *   2  a PIN                       proved anew in each dialog, on top of 1; set when there is none yet
 *   3  a code by SMS               on top of 2
 *   a legal ID                     on top of 1, for the business that the citizen represents
 *
 * Who has forgotten the PIN types 1 in its place, proves the national ID afresh and a code, and sets another.
 *
 * A step that cannot go on without a *fact* - what the agency says, whether a hash fits - says which (`need`), and is made once more, from
 * the record as it was, when the fact is there. So it can be made again on another record, when another process was faster: facts stay
 * true. What is right over a limit is refused like what is wrong, and only then: nothing is learnt from a try that is not counted.
 *
 * A *flow* is one dialog's way up the ladder, and it is that dialog's alone: another's answer begins its own. What was typed last is known
 * by its hash: a step that is made again (a repeated message, a process that takes over) is answered as before and counts once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_IDENTITY_ID_OCTETS 11         /* of a national ID, with its NUL */
#define GW_IDENTITY_LEGAL_OCTETS 12
#define GW_IDENTITY_SINCE_OCTETS 65
#define GW_IDENTITY_PROVINCE_OCTETS 65
#define GW_IDENTITY_PIN_OCTETS 128       /* of a PIN's hash */
#define GW_IDENTITY_HASH_OCTETS 65       /* of a keyed hash */
#define GW_IDENTITY_TYPED_OCTETS 32      /* of what is typed; longer is nothing that is asked for */
#define GW_IDENTITY_FLOW_MS 600000       /* a flow that nobody went on with for so long is over; so is a proof by code */

enum gw_identity_question { GW_ASK_NOTHING, GW_ASK_ID, GW_ASK_LEGAL_ID, GW_ASK_PIN, GW_ASK_NEW_PIN, GW_ASK_AGAIN_PIN, GW_ASK_CODE, GW_ASKS };
enum gw_identity_hint { GW_HINT_NONE, GW_HINT_WRONG, GW_HINT_WEAK, GW_HINT_DIFFERS, GW_HINT_EXPIRED, GW_HINTS };
extern const char *const gw_identity_questions[GW_ASKS], *const gw_identity_hints[GW_HINTS]; /* as menus know them; "" for none */

/* How often within an hour and a day, each from the first of them. */
struct gw_identity_tally { int64_t hour_ms, day_ms; unsigned int in_hour, in_day; };

struct gw_identity {                     /* what is remembered of a number */
	/* level 1 */
	char id[GW_IDENTITY_ID_OCTETS];  /* "": not matched */
	char since[GW_IDENTITY_SINCE_OCTETS]; /* the agency's word for this SIM and owner: another means a change */
	char province[GW_IDENTITY_PROVINCE_OCTETS];
	int64_t matched_ms, until_ms;
	/* level 2 */
	char pin[GW_IDENTITY_PIN_OCTETS]; /* "": none is set */
	int64_t pin_ms;                  /* since when */
	unsigned int pin_tries, locks;   /* wrong ones in a row; lock-outs in a row */
	int64_t locked_ms;               /* until */
	/* level 3 */
	char code[GW_IDENTITY_HASH_OCTETS]; /* "": none is out */
	int64_t code_ms;                 /* until */
	unsigned int code_tries;
	bool code_resets;                /* it was sent to set another PIN, and says so */
	/* what was kept for whoever had it before SIM or owner changed: identity_drop.c */
	int64_t changed_ms;              /* what is older is for `was` alone; 0: no change is known */
	int64_t hidden_ms;               /* what is older is for nobody */
	char was[GW_IDENTITY_ID_OCTETS]; /* a national ID, or GW_IDENTITY_ANYBODY who proves the number theirs */
	/* limits */
	struct gw_identity_tally ids, legal_ids, codes; /* wrong ones, wrong ones, sent ones */

	struct gw_identity_flow {
		uint64_t dialog;         /* whose; 0: none, or not known */
		int64_t at_ms;
		enum gw_identity_question question;
		enum gw_identity_hint hint;
		bool asked_sim, fresh_id, pin_ok, code_ok, reset, not_represented, done;
		char legal_id[GW_IDENTITY_LEGAL_OCTETS]; /* proved */
		char pending[GW_IDENTITY_PIN_OCTETS]; /* the new PIN, typed once */
		char last[GW_IDENTITY_HASH_OCTETS];   /* of dialog, question and what was typed */
	} flow;
};

struct gw_identity_limits {
	int64_t remember_ms, lock_ms, lock_max_ms, code_ms;
	int64_t rest_ms;                 /* after a change of SIM or owner no PIN can be set for so long: 0 none */
	unsigned int ids_per_hour, ids_per_day, codes_per_hour, codes_per_day, pin_tries, code_tries;
};

struct gw_identity_request {
	const char *msisdn;
	uint64_t dialog;
	unsigned int level;              /* 1..3: to be proved */
	unsigned int proved;             /* 0..3: in this dialog already */
	bool business;
	enum gw_identity_question asked; /* and what was typed in answer; NOTHING: the dialog only arrives */
	const char *typed;
	const char *last;                /* its hash, with dialog and question */
	const char *code;                /* of CODE: the hash of what was typed */
};

enum gw_identity_fact { GW_FACT_UNKNOWN, GW_FACT_YES, GW_FACT_NO };
struct gw_identity_facts {
	enum gw_identity_fact sim;       /* the agency knows the number; then sim_since */
	char sim_since[GW_IDENTITY_SINCE_OCTETS];
	enum gw_identity_fact match;     /* of the national ID typed; then since, province */
	char since[GW_IDENTITY_SINCE_OCTETS], province[GW_IDENTITY_PROVINCE_OCTETS];
	enum gw_identity_fact represents;/* the legal ID typed */
	enum gw_identity_fact verified;  /* the PIN typed, against `against` */
	char against[GW_IDENTITY_PIN_OCTETS];
	char hash[GW_IDENTITY_PIN_OCTETS]; /* of the new PIN typed, or of the right one under new parameters; "" */
	char new_code[GW_IDENTITY_HASH_OCTETS]; /* hash of the code that would be sent */
};

enum gw_identity_need {
	GW_NEED_NOTHING,                 /* it is decided */
	GW_NEED_SIM, GW_NEED_MATCH, GW_NEED_REPRESENTS,
	GW_NEED_VERIFY,                  /* what was typed, against `against` below */
	GW_NEED_HASH,                    /* of what was typed */
};
enum gw_identity_note {
	GW_NOTE_NONE, GW_NOTE_MATCHED, GW_NOTE_ID_REFUSED, GW_NOTE_OFTEN, GW_NOTE_DROPPED_SIM, GW_NOTE_REPRESENTS, GW_NOTE_NOT_REPRESENTED, GW_NOTE_PIN_SET,
	GW_NOTE_PIN_WRONG, GW_NOTE_LOCKED, GW_NOTE_PIN_FORGOTTEN, GW_NOTE_PIN_RESET, GW_NOTE_CODE_SENT, GW_NOTE_CODE_WRONG, GW_NOTE_PROVED, GW_NOTES
};
#define GW_IDENTITY_NOTES_MAX 4
/* One row for each note: its word in the audit chain. */
extern const char *const gw_identity_notes[GW_NOTES];

struct gw_identity_verdict {
	enum gw_identity_need need;      /* all else only if NOTHING */
	const char *against;             /* of VERIFY: into the record */
	unsigned int status;             /* 200, 403, 429 */
	enum gw_identity_question question; /* of 200: NOTHING is the proof */
	enum gw_identity_hint hint;
	unsigned int left;               /* tries; 0: not limited */
	unsigned int level;              /* of a proof */
	const char *why;                 /* of 403, 429 */
	int64_t until_ms;                /* of 429 */
	bool send_code;                  /* in the same commit */
	bool store;                      /* the record is to be written */
	size_t n_notes;
	enum gw_identity_note notes[GW_IDENTITY_NOTES_MAX];
};

/* One step. record is changed only for good if nothing is needed: hand in a copy. now_ms: wall clock. */
void gw_identity_step(const struct gw_identity_limits *limits, struct gw_identity *record, const struct gw_identity_request *request,
		      const struct gw_identity_facts *facts, int64_t now_ms, struct gw_identity_verdict *verdict);

/* ---- identity_drop.c */
/* Forgets what was proved; limits and lock-outs stay, or who drops would have tries without end; and what is hidden stays hidden. */
void gw_identity_drop(struct gw_identity *record);
enum gw_identity_change {
	GW_CHANGED_PERSON,               /* another of those who have this SIM has proved who they are */
	GW_CHANGED_SIM,                  /* another SIM; whether of another owner is not known, or it is not */
	GW_CHANGED_OWNER,
};
/* The same because of this: then the number rests, so that who has swapped a SIM, and knows whose it was, must wait until its owner has
 * missed it. What came to the number before is hidden from who has it now. */
void gw_identity_change(const struct gw_identity_limits *limits, struct gw_identity *record, enum gw_identity_change what, int64_t now_ms);
#define GW_IDENTITY_ANYBODY "*"
/* What is older (wall clock) is not for who has the number now; 0: all of it is theirs. Who was known before a change sees all again, once
 * they have proved who they are with the new SIM and the number has rested. */
int64_t gw_identity_from_ms(const struct gw_identity_limits *limits, const struct gw_identity *record, int64_t now_ms);
/* How long a lock-out lasts, the n-th in a row from 0: four times as long each time, up to the longest. */
int64_t gw_identity_lock_ms(const struct gw_identity_limits *limits, unsigned int n);

/* ---- identity_pin.c */
#define GW_IDENTITY_PIN_MIN 4
#define GW_IDENTITY_PIN_MAX 8
#define GW_IDENTITY_FORGOTTEN "1"        /* typed in place of the PIN */
/* 4 to 8 digits. */
bool gw_identity_is_pin(const char *typed);
/* Easily guessed: one digit, two in turn, a row up or down, a repeated half, a year that may be of birth, a piece of the number or the ID. */
bool gw_identity_is_weak(const char *pin, const char *msisdn, const char *national_id);
