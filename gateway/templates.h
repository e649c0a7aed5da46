/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The templates of agencies in the ledger: `template:{p}:<agency>.<name>`, listed in the index `templates:{p}:<agency>`; p is the partition
 * of the agency's name. They are loaded whenever they are used, all of a call by one command: a copy kept here would be wrong
 * for a moment after each change, and saves less than it is worth.
 *
 * Asynchronous as the ledger is. gw_templates_load is for all who make notices of what agencies write (POST /v1/notices, bulk sending). */
#pragma once

#include "gateway/template.h"
#include "sessions/ledger.h"

#define GW_TEMPLATES_LOAD_MAX 32         /* at once */
#define GW_TEMPLATES_MAX 500             /* of an agency */

/* False: it is no name of a template. */
bool gw_template_key(char key[SESS_LEDGER_KEY_OCTETS], const char *agency, const char *name);
void gw_templates_key(char key[SESS_LEDGER_KEY_OCTETS], const char *agency); /* of the index */

/* templates: those that are there, n of them; the array and they belong to the context that was given. */
typedef void gw_templates_cb(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_template **templates, size_t n);
/* children_of: a talloc context that lives until the answer. 0, -EINVAL (none, too many, a name that is none), -ENOTCONN. */
int gw_templates_load(struct sess_ledger *ledger, void *children_of, const char *agency, const char *const *names, size_t n, gw_templates_cb *cb,
		      void *ctx, uint64_t token);
/* Adds the template that a notice names to `names`, of which there are n, if it is not there yet and is a name at all. How many there are
 * then; -1: more than GW_TEMPLATES_LOAD_MAX. The name lives as long as the notice. */
int gw_templates_named(const json_t *notice, const char *names[GW_TEMPLATES_LOAD_MAX], int n);
