/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See counter.h. */
#include <assert.h>

#include <osmocom/core/utils.h>

#include "gateway/counter.h"

const struct gw_counter_info gw_counter_infos[GW_COUNTERS] = {
	[GW_CTR_DIALS] = { "dials", "dialogs that citizens began" },
	[GW_CTR_INPUTS] = { "inputs", "answers that citizens typed" },
	[GW_CTR_GONE] = { "gone", "dialogs that the citizen or the network ended" },
	[GW_CTR_REPEATED] = { "repeated_steps", "steps that the network sent again, answered from the session" },
	[GW_CTR_STALE] = { "stale_steps", "steps of a dialog that is no longer there" },
	[GW_CTR_RESUMED] = { "resumed", "dials that found a dialog that had been cut" },
	[GW_CTR_BEGUN] = { "begun", "dialogs that began with us" },
	[GW_CTR_BEGUN_REPLIES] = { "begun_replies", "of these, those that the citizen has replied to" },
	[GW_CTR_ENDED] = { "ended", "dialogs that came to their last page" },
	[GW_CTR_CUT] = { "cut", "dialogs that were cut in the middle" },
	[GW_CTR_CALLS] = { "dialog_calls", "calls to agencies on behalf of a dialog" },
	[GW_CTR_LATE] = { "late_calls", "dialogs ended with a tracking code because an agency was slow" },
	[GW_CTR_LATE_SENT] = { "late_answers", "screens of slow agencies that went out by SMS" },
	[GW_CTR_TAKEN_OVER] = { "taken_over", "steps that another process had left waiting" },
	[GW_CTR_DIALOG_TEXTS] = { "dialog_texts", "text messages of dialogs that were promised: the ledger has them" },
	[GW_CTR_DIALOG_TEXTS_MEMORY] = { "dialog_texts_memory", "text messages of dialogs sent from memory: private, not taken by the ledger, or there is none" },
	[GW_CTR_BUSY] = { "busy", "dials answered with the busy page" },
	[GW_CTR_TOO_OFTEN] = { "too_often", "dials refused because the number dials too often" },
	[GW_CTR_REFUSED_LATER] = { "refused_later", "steps that the network was told to send again later" },
	[GW_CTR_TOO_LONG] = { "too_long", "dialogs that lasted longer than the operator allows" },
	[GW_CTR_STORE_DOWN] = { "store_down", "steps that ended because the session store did not answer" },
	[GW_CTR_CONFLICTS] = { "conflicts", "saves that found that another process had been faster" },
	[GW_CTR_SMS_OUT] = { "sms_out", "text messages handed to a bearer" },
	[GW_CTR_SMS_LOST] = { "sms_lost", "text messages, or parts, that the network refused or did not answer" },
	[GW_CTR_SMS_PUT_OFF] = { "sms_put_off", "text messages, or parts, that the network refused for now" },
	[GW_CTR_SMS_IN] = { "sms_in", "text messages, or parts, that came from citizens" },
	[GW_CTR_SMS_UNUSABLE] = { "sms_unusable", "of these, those that nobody here could use" },
	[GW_CTR_RECEIPTS] = { "receipts", "receipts that came" },
	[GW_CTR_RECEIPTS_UNREADABLE] = { "receipts_unreadable", "of these, those that did not say of which message, or what became of it" },
	[GW_CTR_TEXTS_LATER] = { "texts_later", "text messages and receipts that the network was told to send again later" },
	[GW_CTR_PUSHES] = { "pushes", "texts and dialogs that we began on a handset, and the network has taken" },
	[GW_CTR_PUSHES_FAILED] = { "pushes_failed", "those that it refused or did not answer" },
	[GW_CTR_ANSWERS] = { "answers", "answers that the network has taken" },
	[GW_CTR_ANSWERS_REFUSED] = { "answers_refused", "answers that the network refused" },
	[GW_CTR_ANSWERS_UNKNOWN] = { "answers_unknown", "answers of which the network never said what became" },
	[GW_CTR_ANSWERS_UNSENT] = { "answers_unsent", "answers for which there was no link or no room" },
	[GW_CTR_LANGUAGE] = { "languages_chosen", "citizens who chose their language" },
};
static_assert(ARRAY_SIZE(gw_counter_infos) == GW_COUNTERS, "every counter has a name and a text");

void gw_counter_step(struct gw_counters *counters, uint64_t us)
{
	unsigned int bucket = us < 2 ? 0 : 63 - (unsigned int)__builtin_clzll(us);

	counters->step_us[OSMO_MIN(bucket, GW_STEP_BUCKETS - 1)]++;
	counters->step_us_sum += us;
}
