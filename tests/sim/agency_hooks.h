/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sample agency as a receiver of webhooks: checks signature and time as Standard Webhooks says, remembers every webhook-id, and
 * tells a copy from a first. What it has taken is in a file before it answers, so that an agency that is killed and started again
 * still knows: whoever asks it afterwards can tell whether an effect came twice, or not at all.
 *
 * The file has one line for each: "+ID TYPE BODY" taken first, "=ID" again, "!ID" answered through the API. A last line without
 * its end was being written when the agency died: it was not answered, and does not count. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim_hooks;

struct sim_hooks_config {
	const char *secret;           /* "whsec_..."; NULL: whatever the signature */
	const char *state_file;       /* NULL: only in memory */
	int64_t tolerance_s;          /* a timestamp may be so far from our clock; 0: any */
};

/* NULL with a line on stderr: the state cannot be read, the secret is none. */
struct sim_hooks *sim_hooks_open(const struct sim_hooks_config *config);
void sim_hooks_close(struct sim_hooks *hooks);
/* False: it is no secret. */
bool sim_hooks_secret(struct sim_hooks *hooks, const char *secret);

/* One that came. Any of the headers may be NULL. Sets the status; a JSON text, malloc'ed. take false: only checked, nothing is remembered. */
struct sim_hook { const char *id, *timestamp, *signature, *body; size_t octets; };
char *sim_hooks_take(struct sim_hooks *hooks, const struct sim_hook *hook, int64_t now_s, bool take, unsigned int *status);

struct sim_hooks_counts {
	uint64_t received;            /* with a good signature, copies too */
	uint64_t unique, repeated, bad_signatures, bad_times, malformed;
	uint64_t answered;            /* requests, through the API */
};
struct sim_hooks_counts sim_hooks_counts(const struct sim_hooks *hooks);
/* {"received": ..., "by_type": {"notice.sent": 3, ...}}, malloc'ed */
char *sim_hooks_text(const struct sim_hooks *hooks);
/* Those after number `after` (from 1, in the order in which they came first): {"events": [{"n", "id", "type", "times", "event"}],
 * "next": n, "more": bool}, malloc'ed. */
char *sim_hooks_list(const struct sim_hooks *hooks, uint64_t after, unsigned int limit);

/* The next request.received behind number *at that is not answered yet: its id and code, *at its number; false: none. Valid until the next event. */
bool sim_hooks_unanswered(const struct sim_hooks *hooks, uint64_t *at, const char **id, const char **code);
void sim_hooks_answered(struct sim_hooks *hooks, const char *id);
