/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The load generator's dialogs: which subscriber is at which step, whether each answer is right, how long it took.
 * smsc_load.c drives it; the sockets and the clock are the generator's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/smsc_dialect.h"
#include "tests/sim/smsc_generator.h"
#include "tests/sim/smsc_hist.h"
#include "tests/sim/smsc_template.h"

#define SMSC_LOAD_STEPS 16
#define SMSC_LOAD_SLOTS 65536     /* dialogs at once; a power of two */
#define SMSC_LOAD_RING (4 * SMSC_LOAD_SLOTS)
#define SMSC_LOAD_FIRST 989120000000u

enum smsc_load_error { SMSC_LOAD_TIMEOUT, SMSC_LOAD_REFUSED, SMSC_LOAD_THROTTLED, SMSC_LOAD_WRONG_OP, SMSC_LOAD_WRONG_SESSION,
	SMSC_LOAD_WRONG_TEXT, SMSC_LOAD_NOT_ENDED, SMSC_LOAD_ENDED_EARLY, SMSC_LOAD_UNEXPECTED, SMSC_LOAD_LINK_LOST, SMSC_LOAD_OVERRUN,
	SMSC_LOAD_UNFINISHED, SMSC_LOAD_UNACKNOWLEDGED, SMSC_LOAD_ERRORS };
extern const char *const smsc_load_error_names[SMSC_LOAD_ERRORS];

struct smsc_load_dialog {
	uint32_t number, session, next_free; /* number: which subscriber, from 0 */
	uint8_t step, link;
	bool busy;
	int64_t intended_ns;              /* when the step's input ought to have been sent */
};

/* What a page must be: the same octets as the first that was seen, or somewhere in it a text. */
struct smsc_load_page {
	bool learned;
	uint8_t coding;
	size_t octets, n_texts, text_octets[2];
	uint8_t data[1024], texts[2][512];
};

struct smsc_load {
	const struct smsc_dialect *dialect;
	unsigned int steps;
	uint32_t numbers;
	bool expect_end, hang_up, measuring;
	struct smsc_template inputs[SMSC_LOAD_STEPS], hangup;
	struct smsc_load_page pages[SMSC_LOAD_STEPS];
	struct smsc_generator links;
	/* the dialogs */
	uint32_t *slot_of;                /* by subscriber: slot + 1, or 0 */
	struct smsc_load_dialog slots[SMSC_LOAD_SLOTS];
	uint32_t first_free, in_flight, next_number, next_session, next_sequence, next_id;
	struct { uint32_t sequence, slot, session; } sent[SMSC_LOAD_RING]; /* deliver_sm awaiting their responses */
	/* what came of it */
	uint64_t dialogs, started, unacknowledged, errors[SMSC_LOAD_ERRORS];
	struct smsc_hist hist;
};

/* 0, or -1: the network cannot carry one of the inputs, or there is no memory. */
int smsc_load_init(struct smsc_load *load, char *const *inputs, unsigned int n_inputs);
void smsc_load_fini(struct smsc_load *load);
/* The page of this step (from 1) must contain the text. */
int smsc_load_expect(struct smsc_load *load, unsigned int step, const char *utf8);
/* Begins a dialog over a link. False: it could not (counted). */
bool smsc_load_start(struct smsc_load *load, unsigned int link, int64_t intended_ns);
/* A submit_sm or data_sm of the ESME's: answered and checked, and the next input sent. */
void smsc_load_submit(struct smsc_load *load, unsigned int link, const struct smpp_pdu *pdu, int64_t now_ns);
/* The response to one of our messages. */
void smsc_load_response(struct smsc_load *load, const struct smpp_pdu *pdu);
/* Ends the dialogs that have waited since before `before_ns`, or that went over a link (-1: all). */
void smsc_load_expire(struct smsc_load *load, int64_t before_ns, int link, enum smsc_load_error why);
