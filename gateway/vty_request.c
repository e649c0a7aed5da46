/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `show request CODE`: how one request stands, for the operator who has its citizen or its agency on the telephone; the number masked, and
 * not a word of what was asked or answered. `show texts`: what citizens write, in numbers.
 *
 * The ledger answers later, and a console may be closed before: as in vty_session.c, a lookup is a child of its console and known to
 * the ledger by a number only. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>

#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/request_record.h"
#include "gateway/requests.h"
#include "gateway/rfc3339.h"
#include "gateway/text.h"
#include "gateway/vty_priv.h"

struct lookup { struct llist_head entry; uint64_t token; struct vty *vty; };
static LLIST_HEAD(lookups);

static struct lookup *find_lookup(uint64_t token)
{
	struct lookup *lookup;

	llist_for_each_entry(lookup, &lookups, entry)
		if (lookup->token == token)
			return lookup;
	return NULL;
}

static int free_lookup(struct lookup *lookup)
{
	llist_del(&lookup->entry);
	return 0;
}

static const char *moment(const json_t *record, const char *name, char out[GW_RFC3339_OCTETS])
{
	gw_rfc3339_print(json_integer_value(json_object_get(record, name)), out);
	return out;
}

static void print_request(struct vty *vty, const json_t *record)
{
	char at[GW_RFC3339_OCTETS];
	const json_t *answers = json_object_get(record, "answers");

	gw_vty_line(vty, "%s: %s.%s of %s, by %s", gw_request_text(record, "code"), gw_request_text(record, "agency"), gw_request_text(record, "service"),
		    gw_log_mask(gw_request_text(record, "msisdn")), gw_request_text(record, "channel"));
	gw_vty_line(vty, "  received %s", moment(record, "received", at));
	gw_vty_line(vty, "  %s since %s%s", gw_request_text(record, "state"), moment(record, "changed", at),
		    json_is_true(json_object_get(record, "closed")) ? ", closed" : "");
	for (size_t i = 0; i < json_array_size(answers); i++) {
		const json_t *answer = json_array_get(answers, i);
		const char *notice = gw_request_text(answer, "notice");

		gw_vty_line(vty, "  answer %s %s%s%s", moment(answer, "at", at), gw_request_text(answer, "state"), notice[0] ? ", notice " : "", notice);
	}
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record)
{
	struct lookup *lookup = find_lookup(token);

	(void)ctx;
	if (!lookup)
		return;
	if (record)
		print_request(lookup->vty, record);
	else
		gw_vty_line(lookup->vty, "%% %s", result == SESS_LEDGER_OK ? "there is no such request" : "the ledger does not answer");
	vty_flush(lookup->vty); /* libosmovty does so only after what was typed */
	talloc_free(lookup);
}

void gw_vty_show_request(struct vty *vty, struct gw *gw, const char *argument)
{
	static uint64_t last_token;
	char code[GW_REQUEST_CODE_OCTETS];
	struct lookup *lookup;

	if (!gw->requests) {
		gw_vty_line(vty, "%% there is no ledger: redis.ledger is not configured");
		return;
	}
	if (!gw_request_code_read(argument, code)) {
		gw_vty_line(vty, "%% that is no tracking code: nine digits, of which the last checks the others");
		return;
	}
	lookup = talloc_zero(vty, struct lookup);
	lookup->token = ++last_token;
	lookup->vty = vty;
	llist_add(&lookup->entry, &lookups);
	talloc_set_destructor(lookup, free_lookup);
	if (gw_requests_load(gw->requests, code, on_loaded, gw, lookup->token) < 0) {
		gw_vty_line(vty, "%% the ledger does not answer");
		talloc_free(lookup);
	}
}

void gw_vty_show_texts(struct vty *vty, struct gw *gw, const char *argument)
{
	const struct gw_text_ctr_row *row;

	(void)argument;
	if (!gw->texts) {
		gw_vty_line(vty, "%% there is no ledger: redis.ledger is not configured");
		return;
	}
	for (size_t i = 0; (row = gw_text_ctr_row(i)); i++)
		gw_vty_line(vty, "%12" PRIu64 "  %s (%s)", gw_texts_counter(gw->texts, (enum gw_text_ctr)i), row->text, row->name);
	gw_vty_line(vty, "%u in work", gw_texts_in_work(gw->texts));
}
