/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See together.h. */
#include "gateway/together.h"

#include <stdio.h>
#include <string.h>

#include "menus/operation_together.h"

#define ROOM (MENU_OPERATION_VALUES_MAX - MENU_TOGETHER_FIELDS)

bool gw_together_is_answer(const struct menu_answer *answer)
{
	return answer && (strcmp(answer->outcome, "ok") == 0 || strcmp(answer->outcome, "not_found") == 0);
}

static void put(struct gw_together *t, const char *name, const char *value, const char *list, unsigned int row)
{
	if (t->answer.n < MENU_OPERATION_VALUES_MAX)
		t->values[t->answer.n++] = (struct menu_value){ name, value, list, (uint16_t)row };
}

/* --- rows --- */

static bool is_of(const struct menu_value *value, const struct menu_list *list)
{
	return value->list && strcmp(value->list, list->name) == 0 && value->row < MENU_OPERATION_ROWS_MAX;
}

static unsigned int rows_of(const struct menu_answer *answer, const struct menu_list *list)
{
	unsigned int rows = 0;

	if (!gw_together_is_answer(answer))
		return 0;
	for (size_t i = 0; i < answer->n; i++)
		if (is_of(&answer->values[i], list) && answer->values[i].row >= rows)
			rows = answer->values[i].row + 1u;
	return rows;
}

/* One row in turn for everybody who has one, as long as there is room. How many are left out. */
static unsigned int share(const unsigned int *has, unsigned int *given, size_t n, unsigned int room)
{
	unsigned int left = 0;

	for (bool again = true; again && room > 0;) {
		again = false;
		for (size_t i = 0; i < n && room > 0; i++)
			if (given[i] < has[i]) {
				given[i]++;
				room--;
				again = true;
			}
	}
	for (size_t i = 0; i < n; i++)
		left += has[i] - given[i];
	return left;
}

static void put_rows(struct gw_together *t, const struct menu_answer *answer, const struct menu_list *list, unsigned int rows, unsigned int first)
{
	for (size_t i = 0; rows > 0 && i < answer->n; i++)
		if (is_of(&answer->values[i], list) && answer->values[i].row < rows)
			put(t, answer->values[i].name, answer->values[i].value, list->name, first + answer->values[i].row);
}

static unsigned int merge_list(struct gw_together *t, const struct menu_operation *op, const struct menu_answer *const *answers,
                               const struct menu_list *list, unsigned int room)
{
	unsigned int has[MENU_OPERATION_MEMBERS_MAX] = { 0 }, given[MENU_OPERATION_MEMBERS_MAX] = { 0 }, first = 0, left;

	for (size_t i = 0; i < op->n_members; i++)
		has[i] = rows_of(answers[i], list);
	left = share(has, given, op->n_members, room < list->rows_max ? room : list->rows_max);
	for (size_t i = 0; i < op->n_members; i++) {
		put_rows(t, answers[i], list, given[i], first);
		first += given[i];
	}
	return left;
}

/* Each list has an equal part of the room; what one does not need, the next ones have. */
static unsigned int merge_lists(struct gw_together *t, const struct menu_operation *op, const struct menu_answer *const *answers)
{
	unsigned int more = 0;

	for (size_t i = 0; i < op->n_lists; i++) {
		size_t values = (ROOM - t->answer.n) / (op->n_lists - i), width = op->lists[i].n_fields;

		more += merge_list(t, op, answers, &op->lists[i], (unsigned int)(width ? values / width : values));
	}
	return more;
}

/* --- who --- */

/* Joined names, as many as there is room for; whole ones only. */
static void add_name(char *names, const char *comma, const char *name)
{
	size_t used = strlen(names), octets = (used ? strlen(comma) : 0) + strlen(name);

	if (used + octets <= MENU_OPERATION_VALUE_OCTETS)
		snprintf(names + used, MENU_OPERATION_VALUE_OCTETS + 1 - used, "%s%s", used ? comma : "", name);
}

static unsigned int count(struct gw_together *t, const struct menu_operation *op, const struct menu_answer *const *answers)
{
	unsigned int answered = 0;

	for (size_t i = 0; i < op->n_members; i++) {
		const struct menu_agency *agency = op->members[i]->agency;

		if (gw_together_is_answer(answers[i])) {
			answered++;
			if (answers[i]->as_of_ms && (!t->answer.as_of_ms || answers[i]->as_of_ms < t->answer.as_of_ms))
				t->answer.as_of_ms = answers[i]->as_of_ms;
			continue;
		}
		add_name(t->silent_fa, "، ", agency->title_fa);
		add_name(t->silent_en, ", ", agency->title_en);
	}
	return answered;
}

void gw_together_merge(struct gw_together *t, const struct menu_operation *op, const struct menu_answer *const *answers)
{
	unsigned int answered, more;

	t->silent_fa[0] = t->silent_en[0] = '\0';
	t->answer = (struct menu_answer){ .values = t->values };
	answered = count(t, op, answers);
	t->answer.outcome = answered ? "ok" : "failed";
	more = merge_lists(t, op, answers);
	snprintf(t->answered, sizeof(t->answered), "%u", answered);
	snprintf(t->silent, sizeof(t->silent), "%u", (unsigned int)op->n_members - answered);
	snprintf(t->more, sizeof(t->more), "%u", more);
	put(t, menu_together_field_name(MENU_TOGETHER_ANSWERED), t->answered, NULL, 0);
	put(t, menu_together_field_name(MENU_TOGETHER_SILENT), t->silent, NULL, 0);
	put(t, menu_together_field_name(MENU_TOGETHER_SILENT_FA), t->silent_fa, NULL, 0);
	put(t, menu_together_field_name(MENU_TOGETHER_SILENT_EN), t->silent_en, NULL, 0);
	put(t, menu_together_field_name(MENU_TOGETHER_MORE), t->more, NULL, 0);
}
