/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is said back about keywords: how one is written, what is wrong with what was written, which there are. All of it has to go
 * into one part of an SMS, so it is made of lines, and the least important stay away.
 *
 * A placeholder stands in brackets, which the parser takes for spaces: who copies them is understood. Between two numbers of a
 * Persian line stands a bracket and a Persian word, so that nothing is turned around; a keyword of digits comes first on its line,
 * where it is shown first in either direction. */
#include <stdio.h>
#include <string.h>

#include "menus/keyword_priv.h"
#include "menus/utf8.h"

#define LINE_OCTETS 512
#define LINES_MAX (MENU_KEYWORD_FIELDS_MAX + 2)

/* Persian, English: as menu_languages has them. */
static const struct { const char *send, *missing, *too_many, *optional; } says[MENU_LANGUAGES] = {
	{ "بفرستید: ", "این هم لازم است: ", "بیش از اندازه نوشته شده است.", "، اگر هست" },
	{ "Send: ", "Please add: ", "There is too much in your message.", ", if any" },
};

struct lines { size_t n; char at[LINES_MAX][LINE_OCTETS]; bool used[LINES_MAX]; };

static size_t append(char *out, size_t cap, size_t at, const char *text)
{
	size_t n = strlen(text);

	if (at + n >= cap)
		return 0;
	memcpy(out + at, text, n + 1);
	return at + n;
}

size_t menu_keyword_format(const struct menu_keyword *keyword, unsigned int language, char *out, size_t cap)
{
	char line[LINE_OCTETS];
	int n = snprintf(line, sizeof(line), "%s%s%s", keyword->parent ? keyword->parent->shown[language] : "", keyword->parent ? " " : "",
	                 keyword->shown[language]);
	size_t at = n > 0 && (size_t)n < sizeof(line) ? append(out, cap, 0, line) : 0;

	for (size_t i = 0; i < keyword->n_fields && at > 0; i++) {
		const struct menu_keyword_field *field = &keyword->fields[i];

		n = snprintf(line, sizeof(line), " (%s%s)", field->labels[language], field->optional ? says[language].optional : "");
		at = n > 0 && (size_t)n < sizeof(line) ? append(out, cap, at, line) : 0;
	}
	return at;
}

static size_t join(const struct lines *lines, char *out, size_t cap)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < lines->n; i++) {
		if (!lines->used[i] || !lines->at[i][0])
			continue;
		if (at > 0)
			at = append(out, cap, at, "\n");
		at = at > 0 || out[0] == '\0' ? append(out, cap, at, lines->at[i]) : 0;
		if (at == 0)
			return 0;
	}
	return at;
}

/* Takes the line in if all of it still fits. */
static bool use(struct lines *lines, size_t index, menu_sms_fits *fits, const void *ctx, char *out, size_t cap)
{
	size_t n;

	if (!lines->at[index][0])
		return true;
	lines->used[index] = true;
	n = join(lines, out, cap);
	if (n > 0 && fits(ctx, out, n))
		return true;
	lines->used[index] = false;
	return false;
}

static void reason_line(const struct menu_sms *sms, unsigned int language, char line[LINE_OCTETS])
{
	const char *label = sms->field ? sms->field->labels[language] : "";

	line[0] = '\0';
	if (!sms->rule) /* help was asked for: what is it? */
		snprintf(line, LINE_OCTETS, "%s", sms->keyword->titles[language]);
	else if (strcmp(sms->rule, "missing") == 0)
		snprintf(line, LINE_OCTETS, "%s%s", says[language].missing, label);
	else if (strcmp(sms->rule, "too-many") == 0)
		snprintf(line, LINE_OCTETS, "%s", says[language].too_many);
	else
		snprintf(line, LINE_OCTETS, "%s", sms->reasons[language]);
}

static void format_line(const struct menu_keyword *keyword, unsigned int language, char line[LINE_OCTETS])
{
	char format[LINE_OCTETS];

	if (keyword->help[language])
		snprintf(line, LINE_OCTETS, "%s", keyword->help[language]);
	else if (menu_keyword_format(keyword, language, format, sizeof(format) - 32) > 0)
		snprintf(line, LINE_OCTETS, "%s%s", says[language].send, format);
	else
		line[0] = '\0';
}

static void hint_line(const struct menu_keyword_field *field, unsigned int language, char line[LINE_OCTETS])
{
	snprintf(line, LINE_OCTETS, "%s: %s", field->labels[language], language == 0 ? field->check->format_fa : field->check->format_en);
}

/* Of a keyword that stands for its sub-keywords: these, one a line. Without the parent's list there is no more to be said. */
static void sub_lines(const struct menu_keyword *group, unsigned int language, struct lines *lines)
{
	/* Sub-keywords stand behind their parent, before the next keyword without one. */
	for (const struct menu_keyword *sub = group + 1; sub->parent == group && lines->n < LINES_MAX; sub++)
		if (menu_keyword_format(sub, language, lines->at[lines->n], LINE_OCTETS) > 0)
			lines->n++;
}

size_t menu_sms_help(const struct menu_sms *sms, unsigned int language, menu_sms_fits *fits, const void *ctx, char *out, size_t cap)
{
	const struct menu_keyword *keyword = sms->keyword;
	struct lines lines = { .n = 2 };
	bool good = true;

	reason_line(sms, language, lines.at[0]);
	if (!keyword->group || keyword->help[language])
		format_line(keyword, language, lines.at[1]);
	else
		sub_lines(keyword, language, &lines);
	for (size_t i = 0; i < keyword->n_fields && !keyword->help[language] && lines.n < LINES_MAX; i++)
		hint_line(&keyword->fields[i], language, lines.at[lines.n++]);
	use(&lines, 1, fits, ctx, out, cap);
	use(&lines, 0, fits, ctx, out, cap);
	for (size_t i = 2; i < lines.n && good; i++)
		good = use(&lines, i, fits, ctx, out, cap);
	return join(&lines, out, cap);
}

size_t menu_sms_list(const struct menu_keywords *keywords, const char *to, unsigned int language, menu_sms_fits *fits, const void *ctx,
                     char *out, size_t cap)
{
	const struct menu_keyword *keyword;
	size_t at = append(out, cap, 0, says[language].send);

	if (at > 0)
		out[--at] = '\0'; /* the space at its end */
	for (size_t i = 0; at > 0 && (keyword = menu_keywords_of(keywords, to, i)); i++) {
		char line[LINE_OCTETS] = "\n";
		size_t n;

		if (menu_keyword_format(keyword, language, line + 1, sizeof(line) - 1) == 0)
			continue;
		n = append(out, cap, at, line);
		if (n == 0 || !fits(ctx, out, n)) {
			out[at] = '\0';
			break;
		}
		at = n;
	}
	return at;
}
