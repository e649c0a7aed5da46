/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any answers of several agencies as one: within its bounds, every row whole and in its member's order, none invented, and those that were
 * left out are counted. The octets say how many members there are, what each answers, and how many rows of what its lists have. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/together.h"
#include "menus/operation_together.h"
#include "menus/utf8.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)
#define MEMBERS MENU_OPERATION_MEMBERS_MAX
#define LISTS 3

static const struct menu_field fields[] = { { .name = "id", .pointer = "/id" }, { .name = "sum", .pointer = "/sum" } };
static struct menu_list lists[LISTS] = {
	{ .name = "bills", .pointer = "/bills", .fields = fields, .n_fields = 2 }, { .name = "letters", .pointer = "/l", .fields = fields, .n_fields = 1 },
	{ .name = "files", .pointer = "/f", .fields = fields, .n_fields = 2 },
};
static struct menu_agency agencies[MEMBERS];
static struct menu_operation members[MEMBERS];
static struct menu_value values[MEMBERS][MENU_OPERATION_VALUES_MAX];
static struct menu_answer answers[MEMBERS];
static char texts[MEMBERS * MENU_OPERATION_VALUES_MAX][16], longest[MENU_OPERATION_VALUE_OCTETS + 1];

struct octets { const uint8_t *at; size_t left; };

static uint8_t next(struct octets *octets)
{
	if (!octets->left)
		return 0;
	octets->left--;
	return *octets->at++;
}

static bool is_there(const struct menu_answer *answer, const struct menu_value *value)
{
	for (size_t i = 0; i < answer->n; i++)
		if (answer->values[i].list == value->list && answer->values[i].row == value->row && answer->values[i].name == value->name)
			return true;
	return false;
}

/* A member's answer: values of rows in any order, each once, of lists that the whole has and of one that it has not; each text is its own. */
static const struct menu_answer *make_answer(struct octets *octets, size_t member)
{
	static const char *const outcomes[] = { "ok", "not_found", "failed", "late" }, *const names[] = { "bills", "letters", "files", "others", NULL };
	struct menu_answer *answer = &answers[member];
	uint8_t head = next(octets);
	size_t n = next(octets) % (MENU_OPERATION_VALUES_MAX + 1);

	if (head & 4)
		return NULL;
	*answer = (struct menu_answer){ outcomes[head & 3], head & 8 ? 1000 + head : 0, 0, values[member] };
	while (n--) {
		uint8_t what = next(octets), list = (what >> 1) % 5;
		char *text = texts[member * MENU_OPERATION_VALUES_MAX + answer->n];
		const struct menu_value value = { fields[list == 1 ? 0 : what & 1].name, text, names[list], (uint16_t)(next(octets) % 48) };

		if (is_there(answer, &value))
			continue;
		snprintf(text, sizeof(texts[0]), "%zu.%zu", member, answer->n);
		values[member][answer->n++] = value;
	}
	return answer;
}

static const char *value_of(const struct menu_answer *answer, enum menu_together_field field)
{
	for (size_t i = 0; i < answer->n; i++)
		if (!answer->values[i].list && strcmp(answer->values[i].name, menu_together_field_name(field)) == 0)
			return answer->values[i].value;
	return NULL;
}

/* Every value of a row is a member's own, of one that answered; the rows stand in the members' order. */
static void check_rows(const struct menu_answer *answer, const struct menu_answer *const *given)
{
	for (size_t l = 0; l < LISTS; l++) {
		unsigned int whose[MENU_OPERATION_ROWS_MAX + 1], last = 0;

		memset(whose, 0xff, sizeof(whose));
		for (size_t i = 0; i < answer->n; i++) {
			const struct menu_value *value = &answer->values[i];
			unsigned int member, number;

			if (!value->list || strcmp(value->list, lists[l].name) != 0)
				continue;
			HOLD(value->row < lists[l].rows_max && sscanf(value->value, "%u.%u", &member, &number) == 2 && member < MEMBERS);
			HOLD(gw_together_is_answer(given[member]) && values[member][number].list && strcmp(values[member][number].list, value->list) == 0);
			HOLD(strcmp(values[member][number].name, value->name) == 0 && member >= last);
			HOLD(whose[value->row] == UINT32_MAX || whose[value->row] == member);
			whose[value->row] = last = member;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gw_together together;
	const struct menu_operation *ops[MEMBERS];
	const struct menu_answer *given[MEMBERS];
	struct octets octets = { data, size };
	struct menu_operation whole = { .name = "all.mine", .lists = lists, .members = ops };
	unsigned int answered = 0;

	memset(longest, 'x', sizeof(longest) - 1);
	whole.n_members = 1 + next(&octets) % MEMBERS;
	whole.n_lists = 1 + next(&octets) % LISTS;
	for (size_t i = 0; i < LISTS; i++)
		lists[i].rows_max = 1 + next(&octets) % MENU_OPERATION_ROWS_MAX;
	for (size_t i = 0; i < whole.n_members; i++) {
		uint8_t name = next(&octets);

		agencies[i] = (struct menu_agency){ .title_fa = name & 1 ? "برق" : longest + name % 250, .title_en = longest + name };
		members[i].agency = &agencies[i];
		ops[i] = &members[i];
		given[i] = make_answer(&octets, i);
		answered += gw_together_is_answer(given[i]);
	}
	gw_together_merge(&together, &whole, given);
	HOLD(together.answer.n <= MENU_OPERATION_VALUES_MAX && strcmp(together.answer.outcome, answered ? "ok" : "failed") == 0);
	for (int field = 0; field < MENU_TOGETHER_FIELDS; field++)
		HOLD(value_of(&together.answer, (enum menu_together_field)field));
	HOLD(strtoul(value_of(&together.answer, MENU_TOGETHER_ANSWERED), NULL, 10) == answered);
	HOLD(strtoul(value_of(&together.answer, MENU_TOGETHER_SILENT), NULL, 10) == whole.n_members - answered);
	HOLD(menu_utf8_valid(together.silent_fa, strlen(together.silent_fa)) && strlen(together.silent_en) <= MENU_OPERATION_VALUE_OCTETS);
	check_rows(&together.answer, given);
	return 0;
}
