/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The words of a script, which are also the commands of the control socket: "dial *4#", "expect قبض", "drop". A table.
 *
 * A verb is begun, then asked again after each turn of the loop until it is done; so that many may wait at once, each with a
 * context (a run) of its own: the operator and the phone that the words are about. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/smsc_handset.h"

#define SMSC_PHONES 64              /* named in one script */
#define SMSC_LINE 4096

struct smsc_run;

struct smsc_verb {
	const char *name, *arguments, *text;
	/* 1: done; 0: ask again; -1: failed, and run->error says why */
	int (*start)(struct smsc_run *run, const char *argument);
	int (*again)(struct smsc_run *run);
	bool late_is_done;              /* reaching the limit is success: the verb waits for time */
	bool prints_page;
};

struct smsc_run {
	struct smsc *smsc;
	struct smsc_operator *operator;
	struct smsc_handset *handset;
	int64_t limit_ms;               /* how long a verb may wait */
	struct {
		char name[32];
		struct smsc_handset *handset;
	} phones[SMSC_PHONES];
	size_t n_phones;
	/* the verb at work */
	const struct smsc_verb *verb;
	char argument[SMSC_LINE];
	int64_t deadline_ms;
	uint64_t mark, wanted;
	/* its result */
	char error[512];
	const struct smsc_sms *sms;     /* what `sms` found; of the handset */
	bool tells_status, lists;
	uint64_t list_from;             /* lists: the SMS from this one on */
};

void smsc_run_init(struct smsc_run *run, struct smsc *smsc, const char *msisdn);
/* Begins a line. 1, 0, -1 as a verb's start. */
int smsc_run_start(struct smsc_run *run, const char *line);
/* Asks again; the same. */
int smsc_run_again(struct smsc_run *run);
/* What stands on the phone now, in a line, for a failure's report. */
void smsc_run_describe(const struct smsc_run *run, char *out, size_t cap);
/* The answer of the control socket to a verb that ended so. */
void smsc_run_json(const struct smsc_run *run, bool ok, char *out, size_t cap);
const struct smsc_verb *smsc_verb_row(size_t index); /* NULL past the last */
