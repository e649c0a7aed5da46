/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Values for fields. Three readings of the tokens are tried, the likeliest first, and the first in which every check passes is
 * it:
 *
 *   by marks   `*3*issuer*cheque*date#`: what stands between two marks is one field
 *   by checks  `7748 3178 00142 1770160`: numbers that people wrote in groups; a field takes as many tokens as its check wants
 *   backwards  a Persian line shows `1*A*B#` as `#B*A*1`, and so people copy it: the fields from the last to the first
 *
 * If none is, what is told is the first field at which the plainest reading fails. The number of checks that are tried is
 * bounded: a message is 2,048 octets at most, and what it may cost must not depend on who writes it. */
#include <string.h>

#include "menus/keyword_priv.h"

#define SPAN_TOKENS_MAX 8          /* a number is not written in more groups */
#define CHECKS_MAX 300

struct filling {
	const struct menu_keyword *keyword;
	const struct menu_sms_tokens *tokens;
	size_t from, to;
	unsigned int checks;
	struct menu_sms *sms;
	struct menu_input_result result;
};

static bool is_free(const struct menu_keyword_field *field)
{
	return strcmp(field->check->name, "text") == 0;
}

/* The field's check over the text of these tokens; if it passes, the value is field number `index`. */
static bool check(struct filling *f, size_t index, size_t from, size_t to)
{
	const struct menu_keyword_field *field = &f->keyword->fields[index];
	struct menu_input_with with[MENU_KEYWORD_BOUNDS_MAX + MENU_KEYWORD_FIELDS_MAX];
	size_t n = field->n_with, at = f->tokens->at[from].from, octets = f->tokens->at[to - 1].to - at;

	if (f->checks++ >= CHECKS_MAX)
		return false;
	if (n)
		memcpy(with, field->with, n * sizeof(with[0]));
	for (size_t i = 0; i < index; i++)
		with[n++] = (struct menu_input_with){ f->keyword->fields[i].name, f->sms->fields[i].value };
	menu_input_check(field->check, f->tokens->text + at, octets, with, n, &f->result);
	if (!f->result.ok)
		return false;
	f->sms->fields[index].name = field->name;
	memcpy(f->sms->fields[index].value, f->result.normal, strlen(f->result.normal) + 1);
	return true;
}

static bool succeed(struct filling *f, size_t n)
{
	f->sms->kind = MENU_SMS_REQUEST;
	f->sms->n_fields = n;
	return true;
}

/* ---- groups: the tokens between gaps of a width or wider */

struct groups { size_t n; struct { size_t from, to; } at[MENU_KEYWORD_FIELDS_MAX + 1]; bool more; };

static void group(const struct filling *f, enum menu_sms_gap gap, struct groups *groups)
{
	*groups = (struct groups){ 0 };
	for (size_t i = f->from; i < f->to; i++) {
		if (i == f->from || f->tokens->at[i].gap >= gap) {
			if (groups->n == MENU_KEYWORD_FIELDS_MAX + 1) {
				groups->more = true;
				return;
			}
			groups->at[groups->n++].from = i;
		}
		groups->at[groups->n - 1].to = i + 1;
	}
}

static bool fits_fields(const struct filling *f, const struct groups *groups)
{
	return groups->n >= f->keyword->n_required && groups->n <= f->keyword->n_fields && !groups->more;
}

static bool fill_groups(struct filling *f, const struct groups *groups, bool backwards)
{
	if (!fits_fields(f, groups))
		return false;
	for (size_t i = 0; i < groups->n; i++) {
		size_t k = backwards ? groups->n - 1 - i : i;

		if ((backwards && is_free(&f->keyword->fields[i])) || !check(f, i, groups->at[k].from, groups->at[k].to))
			return false;
	}
	return succeed(f, groups->n);
}

/* ---- by checks */

/* Field number `index` and those behind it from the token `from` on. */
static bool fill_from(struct filling *f, size_t index, size_t from)
{
	const struct menu_keyword *keyword = f->keyword;
	size_t most;

	if (from == f->to)
		return index >= keyword->n_required && succeed(f, index);
	if (index == keyword->n_fields)
		return false;
	most = is_free(&keyword->fields[index]) || f->to - from < SPAN_TOKENS_MAX ? f->to : from + SPAN_TOKENS_MAX;
	/* The last field must take all: no need to try less. */
	for (size_t to = index + 1 == keyword->n_fields ? most : from + 1; to <= most; to++) {
		if (to < f->to && f->tokens->at[to].gap == MENU_GAP_GLUED)
			continue;
		if (f->checks >= CHECKS_MAX)
			return false;
		if (check(f, index, from, to) && fill_from(f, index + 1, to))
			return true;
	}
	return false;
}

/* ---- what is wrong */

static void tell(struct filling *f, const struct menu_keyword_field *field, const char *rule)
{
	f->sms->field = field;
	f->sms->rule = rule;
}

static void tell_check(struct filling *f, size_t index)
{
	tell(f, &f->keyword->fields[index], f->result.rule);
	memcpy(f->sms->reasons[0], f->result.reason_fa, sizeof(f->result.reason_fa));
	memcpy(f->sms->reasons[1], f->result.reason_en, sizeof(f->result.reason_en));
}

static void complain(struct filling *f, struct groups *groups)
{
	const struct menu_keyword *keyword = f->keyword;
	size_t i;

	f->checks = 0;
	f->sms->kind = MENU_SMS_HELP;
	f->sms->n_fields = 0;
	if (keyword->n_fields == 1 && groups->n > 1) { /* one value in groups, or with words around it */
		groups->n = 1;
		groups->at[0].to = f->to;
	}
	for (i = 0; i < groups->n && i < keyword->n_fields; i++)
		if (!check(f, i, groups->at[i].from, groups->at[i].to)) {
			tell_check(f, i);
			return;
		}
	if (i < keyword->n_required)
		tell(f, &keyword->fields[i], "missing");
	else
		tell(f, NULL, "too-many");
}

void menu_sms_fill(const struct menu_keyword *keyword, const struct menu_sms_tokens *tokens, size_t from, size_t to, struct menu_sms *sms)
{
	struct filling f = { .keyword = keyword, .tokens = tokens, .from = from, .to = to, .sms = sms };
	struct groups marks, spaces;

	sms->keyword = keyword;
	sms->field = NULL;
	sms->rule = NULL;
	group(&f, MENU_GAP_MARK, &marks);
	group(&f, MENU_GAP_SPACE, &spaces);
	if ((marks.n > 1 && fill_groups(&f, &marks, false)) || fill_from(&f, 0, from))
		return;
	f.checks = 0;
	if ((marks.n > 1 && fill_groups(&f, &marks, true)) || (spaces.n > 1 && fill_groups(&f, &spaces, true)))
		return;
	complain(&f, marks.n > 1 ? &marks : &spaces);
}
