/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `show identity NUMBER`: what is remembered of a number - levels and times, never whose it is - for the operator whose caller cannot get
 * in. `identity forget NUMBER`: all of it, limits and lock-outs too, so that the caller may begin anew.
 *
 * The ledger answers later (vty_question.h). */
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/bearer.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/rfc3339.h"
#include "gateway/vty_priv.h"
#include "gateway/vty_question.h"

struct lookup {
	struct gw_vty_question question;
	char msisdn[GW_MSISDN_MAX + 1];
};

static const char *moment(int64_t ms, char out[GW_RFC3339_OCTETS])
{
	gw_rfc3339_print(ms, out);
	return out;
}

static void print_tally(struct vty *vty, const char *what, const struct gw_identity_tally *tally)
{
	char hour[GW_RFC3339_OCTETS], day[GW_RFC3339_OCTETS];

	if (tally->in_day)
		gw_vty_line(vty, "  %s: %u in the hour from %s, %u in the day from %s", what, tally->in_hour, moment(tally->hour_ms, hour), tally->in_day,
			    moment(tally->day_ms, day));
}

static void print_levels(struct vty *vty, const struct gw_identity *record)
{
	char from[GW_RFC3339_OCTETS], to[GW_RFC3339_OCTETS];

	if (record->id[0])
		gw_vty_line(vty, "  level 1: matched with a national ID %s, good until %s", moment(record->matched_ms, from), moment(record->until_ms, to));
	else
		gw_vty_line(vty, "  level 1: not matched");
	if (record->pin[0])
		gw_vty_line(vty, "  level 2: a PIN since %s, %u wrong in a row", moment(record->pin_ms, from), record->pin_tries);
	else
		gw_vty_line(vty, "  level 2: no PIN");
	if (record->locked_ms > gw_clock_wall_ms())
		gw_vty_line(vty, "  locked out until %s, %u times in a row", moment(record->locked_ms, to), record->locks);
	if (record->changed_ms || record->hidden_ms)
		gw_vty_line(vty, "  its SIM or owner changed %s: what came before is not shown", moment(OSMO_MAX(record->changed_ms, record->hidden_ms), to));
	if (record->code[0])
		gw_vty_line(vty, "  level 3: a code is out, good until %s, %u wrong", moment(record->code_ms, to), record->code_tries);
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct gw_identity *record)
{
	struct lookup *lookup = gw_vty_question_at(token);
	struct vty *vty;

	(void)ctx;
	if (!lookup)
		return;
	vty = lookup->question.vty;
	if (result != SESS_LEDGER_OK) {
		gw_vty_line(vty, "%% the ledger does not answer");
	} else if (!record) {
		gw_vty_line(vty, "%s: nothing is remembered, or nothing that can be read", gw_log_mask(lookup->msisdn));
	} else {
		gw_vty_line(vty, "%s:", gw_log_mask(lookup->msisdn));
		print_levels(vty, record);
		print_tally(vty, "wrong national IDs", &record->ids);
		print_tally(vty, "wrong legal IDs", &record->legal_ids);
		print_tally(vty, "codes sent", &record->codes);
	}
	gw_vty_question_end(lookup);
}

static void on_dropped(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	struct lookup *lookup = gw_vty_question_at(token);

	(void)ctx;
	if (!lookup)
		return;
	gw_vty_line(lookup->question.vty, result == SESS_LEDGER_OK ? "%s is forgotten: it has to be proved anew" : "%% %s: the ledger does not answer",
		    gw_log_mask(lookup->msisdn));
	gw_vty_question_end(lookup);
}

/* NULL after a line: there is no ledger, that is no number. */
static struct lookup *begin(struct vty *vty, const struct gw *gw, const char *argument)
{
	const char *msisdn = argument[0] == '+' ? argument + 1 : argument;
	struct lookup *lookup;

	if (!gw->identities) {
		gw_vty_line(vty, "%% nothing is remembered: redis.ledger and session_key_file are needed for it");
		return NULL;
	}
	if (!msisdn[0] || strlen(msisdn) > GW_MSISDN_MAX || strspn(msisdn, "0123456789") != strlen(msisdn)) {
		gw_vty_line(vty, "%% that is no number: digits, with the country code first");
		return NULL;
	}
	lookup = gw_vty_question_alloc(vty, sizeof(*lookup));
	OSMO_STRLCPY_ARRAY(lookup->msisdn, msisdn);
	return lookup;
}

static void end_down(struct lookup *lookup)
{
	gw_vty_line(lookup->question.vty, "%% the ledger does not answer");
	gw_vty_question_end(lookup);
}

void gw_vty_show_identity(struct vty *vty, struct gw *gw, const char *argument)
{
	struct lookup *lookup = begin(vty, gw, argument);

	if (lookup && gw_identities_load(gw->identities, lookup->msisdn, on_loaded, gw, lookup->question.token) < 0)
		end_down(lookup);
}

void gw_vty_identity_forget(struct vty *vty, struct gw *gw, const char *argument)
{
	struct lookup *lookup = begin(vty, gw, argument);

	if (lookup && gw_identities_drop(gw->identities, lookup->msisdn, "operator", "the console", on_dropped, gw, lookup->question.token) < 0)
		end_down(lookup);
}
