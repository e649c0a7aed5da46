/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_together.h. A group is one call: its members' answers, copied as they come, until it is answered; then it only waits for
 * the members that still run, for each of them will call back once. So the group is owned by its members' calls, and freed by
 * the last one: that is why a pointer to it may be their context.
 *
 * The caller's promise that the operation lives ends with the answer, but a late member's call still reads its own: the
 * group holds the members' agencies (a reference in talloc), also when their menu is replaced meanwhile. */
#include "gateway/agency_together.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>
#include <osmocom/core/utils.h>

#include "gateway/answer_copy.h"
#include "gateway/together.h"

struct gw_agency_together {
	struct gw_agencies *agencies;
	int log_category;
	struct llist_head groups;        /* not answered yet */
	struct gw_together merged;       /* what is being told */
};

struct group {
	struct llist_head list;
	struct gw_agency_together *together;
	const struct menu_operation *operation; /* the caller's, until the answer */
	gw_agency_cb *cb;
	void *ctx;
	uint64_t token;
	int64_t until_ms, enough_ms;     /* monotonic: the end; when one answer is enough */
	unsigned int running;
	bool answered;
	const struct menu_answer *answers[MENU_OPERATION_MEMBERS_MAX];
	char *inputs[MENU_OPERATION_INPUTS_MAX]; /* to find older answers by, when the caller's are gone; wiped */
};

static int64_t now_ms(void)
{
	struct timespec now;

	osmo_clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- inputs --- */

static const char *value_of(void *ctx, const char *name)
{
	const struct group *group = ctx;

	for (size_t i = 0; i < group->operation->n_inputs; i++)
		if (strcmp(group->operation->inputs[i], name) == 0)
			return group->inputs[i];
	return NULL;
}

static bool keep_inputs(struct group *group, const struct gw_agency_request *request)
{
	for (size_t i = 0; i < request->operation->n_inputs; i++) {
		const char *value = request->value(request->value_ctx, request->operation->inputs[i]);

		if (!value)
			return false;
		group->inputs[i] = talloc_strdup(group, value);
	}
	return true;
}

static int wipe_inputs(struct group *group)
{
	for (size_t i = 0; i < ARRAY_SIZE(group->inputs); i++)
		if (group->inputs[i])
			explicit_bzero(group->inputs[i], strlen(group->inputs[i]));
	return 0;
}

/* --- answers --- */

static void take_older_answers(struct group *group)
{
	for (size_t i = 0; i < group->operation->n_members; i++) {
		const struct gw_agency_request request = { .operation = group->operation->members[i], .value = value_of, .value_ctx = group };
		const struct menu_answer *older = gw_together_is_answer(group->answers[i]) ? NULL : gw_agency_as_of(group->together->agencies, &request);

		if (older)
			group->answers[i] = gw_answer_copy(group, older);
	}
}

static bool has_answer(const struct group *group)
{
	for (size_t i = 0; i < group->operation->n_members; i++)
		if (gw_together_is_answer(group->answers[i]))
			return true;
	return false;
}

/* The one end of a call, though not of its members' that still run. */
static void answer_group(struct group *group)
{
	struct gw_agency_together *together = group->together;
	struct gw_together *merged = &together->merged;

	llist_del(&group->list);
	group->answered = true;
	gw_together_merge(merged, group->operation, group->answers);
	LOGP(together->log_category, LOGL_DEBUG, "%s: %s, %s answered, %s silent (%s), %u still asked\n", group->operation->name, merged->answer.outcome,
	     merged->answered, merged->silent, merged->silent_en, group->running);
	group->cb(group->ctx, group->token, &merged->answer);
	group->operation = NULL;
}

static void on_member(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	struct group *group = ctx;

	group->running--;
	if (!group->answered)
		group->answers[token] = gw_answer_copy(group, answer);
	if (!group->answered && group->running == 0) {
		take_older_answers(group);
		answer_group(group);
	}
	if (group->running == 0)
		talloc_free(group);
}

void gw_agency_together_tick(struct gw_agency_together *together)
{
	struct group *group, *next;
	int64_t now = now_ms();

	llist_for_each_entry_safe(group, next, &together->groups, list) {
		if (now < group->enough_ms)
			continue;
		take_older_answers(group);
		if (now >= group->until_ms || has_answer(group))
			answer_group(group); /* its last member frees it */
	}
}

/* --- calling --- */

static struct group *group_of(struct gw_agency_together *together, const struct gw_agency_request *request, gw_agency_cb *cb, void *ctx, uint64_t token)
{
	struct group *group = talloc_zero(together, struct group);
	int64_t now = now_ms(), longest_ms = OSMO_MIN((int64_t)request->operation->timeout_ms, request->deadline_ms);

	talloc_set_destructor(group, wipe_inputs);
	group->together = together;
	group->operation = request->operation;
	group->cb = cb;
	group->ctx = ctx;
	group->token = token;
	group->until_ms = now + longest_ms;
	group->enough_ms = now + (request->patience_ms ? OSMO_MIN(request->patience_ms, longest_ms) : longest_ms);
	return group;
}

/* 0, or what the first member said that could not be called. */
static int call_members(struct group *group, const struct gw_agency_request *request)
{
	const struct menu_operation *op = group->operation;
	int first = 0;

	for (size_t i = 0; i < op->n_members; i++) {
		struct gw_agency_request part = *request;
		int rc;

		part.operation = op->members[i];
		part.deadline_ms = OSMO_MIN((int64_t)op->timeout_ms, request->deadline_ms);
		rc = gw_agency_call(group->together->agencies, &part, on_member, group, i);
		first = first ? first : rc;
		if (rc)
			continue;
		group->running++;
		if (!talloc_reference(group, op->members[i]->agency))
			OSMO_ASSERT(false);
	}
	return first;
}

int gw_agency_together_call(struct gw_agency_together *together, const struct gw_agency_request *request, gw_agency_cb *cb, void *ctx, uint64_t token)
{
	struct group *group = group_of(together, request, cb, ctx, token);
	int rc = keep_inputs(group, request) ? call_members(group, request) : -EINVAL;

	if (group->running == 0) {
		talloc_free(group);
		return rc;
	}
	llist_add_tail(&group->list, &together->groups);
	return 0;
}

struct gw_agency_together *gw_agency_together_alloc(void *ctx, struct gw_agencies *agencies, int log_category)
{
	struct gw_agency_together *together = talloc_zero(ctx, struct gw_agency_together);

	together->agencies = agencies;
	together->log_category = log_category;
	INIT_LLIST_HEAD(&together->groups);
	return together;
}
