/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See bulk_notice.h. A row may say anything that a notice says, save what is sensitive: rows wait in the ledger as they came. */
#include <inttypes.h>
#include <stdio.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bulk_notice.h"
#include "gateway/notice_read.h"

struct gw_bulk_maker {
	const struct gw_bulk_job *job;
	struct gw_notice_terms terms;
	struct gw_template *template;    /* or NULL */
	enum gw_notice_priority priority;
};

static void copy_mistake(struct gw_bulk_bad *bad, const struct gw_mistake *mistake)
{
	OSMO_STRLCPY_ARRAY(bad->pointer, mistake->pointer);
	OSMO_STRLCPY_ARRAY(bad->detail, mistake->detail);
}

/* What a row says itself goes before. */
static json_t *lay_over(const json_t *common, const json_t *row)
{
	json_t *all = json_copy((json_t *)(uintptr_t)row);

	json_object_update_missing(all, (json_t *)(uintptr_t)common);
	return all;
}

static struct gw_notice *read_notice(const struct gw_bulk_maker *maker, void *ctx, const json_t *common, const json_t *row, struct gw_bulk_bad *bad)
{
	static const struct gw_mistake sensitive = { "/sensitive", "what is sensitive is sent one by one: rows are not sealed" };
	struct gw_notice_reading reading;
	json_t *all = lay_over(common, row);

	reading.notice = NULL;
	if (json_object_get(all, "sensitive") || json_object_get(all, "national_id"))
		copy_mistake(bad, &sensitive);
	else if (!gw_notice_read(ctx, all, &maker->terms, &reading))
		copy_mistake(bad, &reading.mistakes.at[0]);
	json_decref(all);
	return reading.notice;
}

/* What all have in common is good if a row with nothing but what it must have would be: one with a text, since the fields of a
 * template are the rows' own. */
static bool read_common(struct gw_bulk_maker *maker, struct gw_bulk_bad *bad)
{
	json_t *row = json_pack("{s:s, s:{s:s}}", "to", "989120000000", "text", "fa", "-"), *common = json_copy(maker->job->notice);
	struct gw_notice *notice;

	json_object_del(common, "template");
	notice = read_notice(maker, maker, common, row, bad);

	if (notice)
		maker->priority = notice->priority;
	talloc_free(notice);
	json_decref(row);
	json_decref(common);
	return notice != NULL;
}

/* As it was when the job was made: what is changed later is for later jobs. */
static bool compile_template(struct gw_bulk_maker *maker, struct gw_bulk_bad *bad)
{
	const char *name = json_string_value(json_object_get(maker->job->notice, "template"));
	struct gw_mistakes mistakes = { 0 };

	if (!name)
		return true;
	maker->template = gw_template_compile(maker, name, maker->job->template_text, &mistakes);
	if (!maker->template)
		copy_mistake(bad, &mistakes.at[0]);
	maker->terms.n_templates = 1;
	maker->terms.templates = &maker->template;
	return maker->template != NULL;
}

struct gw_bulk_maker *gw_bulk_maker_alloc(void *ctx, const struct gw_bulk_job *job, struct gw_bulk_bad *bad)
{
	struct gw_bulk_maker *maker = talloc_zero(ctx, struct gw_bulk_maker);

	maker->job = job;
	maker->terms = (struct gw_notice_terms){ .agency = job->agency, .sender = job->sender, .now_ms = job->created_ms };
	if (!compile_template(maker, bad) || !read_common(maker, bad))
		TALLOC_FREE(maker);
	return maker;
}

enum gw_notice_priority gw_bulk_maker_priority(const struct gw_bulk_maker *maker)
{
	return maker->priority;
}

struct gw_notice *gw_bulk_maker_make(const struct gw_bulk_maker *maker, void *ctx, const json_t *row, uint64_t line, struct gw_bulk_bad *bad)
{
	struct gw_notice *notice = read_notice(maker, ctx, maker->job->notice, row, bad);
	char seed[64];
	int octets;

	if (!notice)
		return NULL;
	octets = snprintf(seed, sizeof(seed), "%s.%s.%" PRIu64, maker->job->id, maker->job->nonce, line);
	gw_notice_make_id(notice->id, notice->msisdn, seed, (size_t)octets);
	gw_notice_set(notice, &notice->bulk, maker->job->id);
	return notice;
}
