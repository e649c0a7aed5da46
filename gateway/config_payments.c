/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The section `payments`: by whom bills are paid, and for how long an outcome that is not known is asked for. Without it nothing is paid. */
#include <osmocom/core/utils.h>

#include "gateway/config_table.h"

static const struct gw_option options[] = {
	S(gw_config_payments, agency, "agency", NULL, "the menu's agency with the operations pay, state and void; left out: nothing is paid"),
	N(gw_config_payments, answer_ms, "answer_ms", 100, 60000, 4000, "a menu is told within this what became of a payment, or that it is not known yet (ms)"),
	N(gw_config_payments, call_ms, "call_ms", 1000, 600000, 30000, "for so long a new payment is left to the process that began it (ms)"),
	N(gw_config_payments, pause_min_ms, "pause_min_ms", 100, 3600000, 5000, "first pause before an unknown outcome is asked for again; doubled each time (ms)"),
	N(gw_config_payments, pause_max_ms, "pause_max_ms", 100, 3600000, 300000, "longest such pause (ms)"),
	N(gw_config_payments, void_after_s, "void_after_s", 10, 86400, 900, "what is not known to be paid by then is voided: the agency makes sure that it never is (s)"),
	N(gw_config_payments, unsure_after_s, "unsure_after_s", 60, 2592000, 86400, "if even that is not answered by then: a dead letter, for the operators (s)"),
	N(gw_config_payments, keep_days, "keep_days", 1, 3650, 400, "a payment is kept so long after it is over (days)"),
	N(gw_config_payments, in_work, "in_work", 2, 100000, 1000, "payments being worked on at once"),
};
static const struct gw_section section = { "payments", options, ARRAY_SIZE(options) };

void gw_config_payments(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *group = gw_config_find(reader, root, "payments", MENU_NODE_GROUP);
	struct gw_config_payments *payments = &config->payments;

	gw_config_section(reader, &section, group, root, payments, "");
	if (!group)
		return;
	if (payments->pause_min_ms > payments->pause_max_ms)
		gw_config_complain(reader, group, "out-of-bounds", "pause_min_ms is above pause_max_ms");
	if (payments->unsure_after_s <= payments->void_after_s)
		gw_config_complain(reader, group, "out-of-bounds", "unsure_after_s is not above void_after_s");
	if (payments->agency && !config->has_ledger)
		gw_config_complain(reader, group, "missing-key", "payments need redis.ledger");
}

void gw_config_payments_help(FILE *to)
{
	gw_config_section_help(to, &section);
}
