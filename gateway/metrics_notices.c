/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The numbers of notices on their way to citizens, and of what networks say became of them. What waits is counted with the queues
 * (metrics_events.c): the lanes of the outbox are among them. */
#include <assert.h>

#include <osmocom/core/utils.h>

#include "gateway/gateway.h"
#include "gateway/metrics_priv.h"
#include "gateway/outbox.h"
#include "gateway/prom.h"
#include "gateway/receipts.h"

#define OUTBOX(field, help) { #field, offsetof(struct gw_outbox_counters, field), help }
const struct gw_metrics_field gw_metrics_outbox[] = {
	OUTBOX(taken, "entries that were taken to be sent"),
	OUTBOX(claimed, "entries taken over from processes that are gone"),
	OUTBOX(sent, "notices that a network has, in all their parts"),
	OUTBOX(failed, "notices that failed"),
	OUTBOX(expired, "notices whose time was over before they could be sent"),
	OUTBOX(refused, "notices that their citizen does not want"),
	OUTBOX(cancelled, "notices that were taken back"),
	OUTBOX(parts, "parts and pushes handed to a network"),
	OUTBOX(put_off, "parts and pushes that a network refused for now"),
	OUTBOX(unknown, "notices of which it was not known whether they had gone out"),
	OUTBOX(unknown_again, "of these, sent once more: they may have come twice"),
	OUTBOX(unknown_given_up, "of these, given up: they may not have come at all"),
	OUTBOX(quiet, "notices put off for the quiet hours"),
	OUTBOX(early, "notices put off for their own time"),
	OUTBOX(paused, "notices put off because their job pauses"),
	OUTBOX(lost, "entries that became another's"),
	OUTBOX(conflicts, "commits that another was faster with"),
	OUTBOX(failures, "times that the ledger was down or busy"),
};
static_assert(sizeof(struct gw_outbox_counters) == ARRAY_SIZE(gw_metrics_outbox) * sizeof(uint64_t), "every counter of the outbox is printed");
const size_t gw_metrics_n_outbox = ARRAY_SIZE(gw_metrics_outbox);

#define RECEIPTS(field, help) { #field, offsetof(struct gw_receipts_counters, field), help }
const struct gw_metrics_field gw_metrics_receipts[] = {
	RECEIPTS(heard, "verdicts of networks that came"),
	RECEIPTS(delivered, "parts that have arrived"),
	RECEIPTS(failed, "parts that will not arrive"),
	RECEIPTS(repeated, "verdicts that were known, or of a notice that is over"),
	RECEIPTS(early, "verdicts that came before it was known of what"),
	RECEIPTS(resolved, "verdicts that told what had become of a part of unknown outcome"),
	RECEIPTS(unmatched, "verdicts that were of nothing we know, and were dropped"),
	RECEIPTS(later, "times that a network was told to say it again later"),
};
static_assert(sizeof(struct gw_receipts_counters) == ARRAY_SIZE(gw_metrics_receipts) * sizeof(uint64_t), "every counter of receipts is printed");
const size_t gw_metrics_n_receipts = ARRAY_SIZE(gw_metrics_receipts);

void gw_metrics_print_notices(FILE *to, const struct gw *gw)
{
	static const struct gw_prom_family in_work = { "dolat_notices_", "in_work", GW_PROM_GAUGE, "notices that this process is sending" };

	if (!gw->outbox)
		return;
	gw_prom_family(to, &in_work);
	gw_prom_count(to, &in_work, "", GW_PROM_NO_LABELS, gw_outbox_in_work(gw->outbox));
	gw_metrics_print_fields(to, "dolat_notices_", gw_metrics_outbox, gw_metrics_n_outbox, gw_outbox_counters(gw->outbox));
	gw_metrics_print_fields(to, "dolat_receipts_", gw_metrics_receipts, gw_metrics_n_receipts, gw_receipts_counters(gw->receipts));
}
