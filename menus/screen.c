/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Screens as text. A screen is a head (its text) and lines that can be chosen; the lines are told by one function for each
 * kind, which both the showing and the choosing use, so that what is shown under a number is what the number does. */
#include "menus/screen.h"

#include <string.h>

#include "menus/page.h"
#include "menus/template.h"
#include "menus/utf8.h"

#define WHOLE_OCTETS 8192              /* 64 lines of 128 octets; what is beyond is cut */
#define NUMBER_OCTETS 8

struct sheet {
	struct menu_view view;
	bool numbered;
	size_t octets, head;
	char text[WHOLE_OCTETS + 1];
};

static const char *phrase(const struct menu_place *place, enum menu_phrase which)
{
	return place->set->phrases[which][place->language];
}

static void put(struct sheet *s, const char *text, size_t octets)
{
	octets = menu_utf8_floor(text, octets, WHOLE_OCTETS - s->octets);
	memcpy(s->text + s->octets, text, octets);
	s->octets += octets;
}

static void put_template(struct sheet *s, const struct menu_text *text)
{
	s->octets += menu_template_render(&text->in[s->view.place->language], &s->view, s->text + s->octets, WHOLE_OCTETS + 1 - s->octets);
}

/* "\n12- ", the number of the choice with this index among those that are shown. */
static void put_number(struct sheet *s, size_t index)
{
	char digits[NUMBER_OCTETS], *at = digits + sizeof(digits);
	unsigned int number = s->view.place->set->numbers[index];
	if (s->octets)
		put(s, "\n", 1);
	if (!s->numbered)
		return;
	*--at = ' ';
	*--at = '-';
	for (; number; number /= 10)
		*--at = (char)('0' + number % 10);
	put(s, at, (size_t)(digits + sizeof(digits) - at));
}

static void put_phrase_line(struct sheet *s, size_t index, enum menu_phrase which)
{
	const char *text = phrase(s->view.place, which);
	put_number(s, index);
	put(s, text, strlen(text));
}

/* --- the lines of each kind. With a sheet they are written; `wanted` is the number of a line, whose choice is returned
 * (-1 if there is none); wanted == MENU_NONE only counts on. --- */

typedef int lines_fn(struct sheet *s, bool write, size_t wanted);

/* Options behind so many rows; theirs are the choices from there on. */
static int options_behind(struct sheet *s, size_t rows, bool write, size_t wanted)
{
	const struct menu_screen *screen = menu_place_screen(s->view.place);
	size_t i, shown = rows;
	for (i = 0; i < screen->n_options; i++) {
		if (!menu_condition_holds(&screen->options[i].when, &s->view))
			continue;
		if (shown == wanted)
			return (int)(rows + i);
		if (write) {
			put_number(s, shown);
			put_template(s, &screen->options[i].text);
		}
		shown++;
	}
	return -1;
}

static int option_lines(struct sheet *s, bool write, size_t wanted)
{
	return options_behind(s, 0, write, wanted);
}

static int row_lines(struct sheet *s, bool write, size_t wanted)
{
	const struct menu_screen *screen = menu_place_screen(s->view.place);
	unsigned int i, n = menu_place_rows(s->view.place, screen->columns, screen->n_columns);
	s->view.screen = screen;
	for (i = 0; write && i < n && i < MENU_CHOICES_MAX; i++) {
		s->view.row = i;
		put_number(s, i);
		put_template(s, &screen->row);
	}
	s->view.screen = NULL;
	return wanted < n ? (int)wanted : options_behind(s, n, write, wanted);
}

static int language_lines(struct sheet *s, bool write, size_t wanted)
{
	const struct menu_set *set = s->view.place->set;
	size_t i;
	for (i = 0; write && i < set->n_languages; i++) {
		const char *name = menu_languages[set->languages[i]].name;
		put_number(s, i);
		put(s, name, strlen(name));
	}
	return wanted < set->n_languages ? (int)wanted : -1;
}

static int confirm_lines(struct sheet *s, bool write, size_t wanted)
{
	if (write) {
		put_phrase_line(s, 0, MENU_PHRASE_YES);
		put_phrase_line(s, 1, MENU_PHRASE_NO);
	}
	return wanted < 2 ? (int)wanted : -1;
}

static int resume_lines(struct sheet *s, bool write, size_t wanted)
{
	if (write) {
		put_phrase_line(s, 0, MENU_PHRASE_GO_ON);
		put_phrase_line(s, 1, MENU_PHRASE_ANEW);
	}
	return wanted < 2 ? (int)wanted : -1;
}

static lines_fn *lines_of(const struct menu_place *place)
{
	static lines_fn *const by_kind[MENU_SCREEN_KINDS] = {
		[MENU_SCREEN_PAGE] = option_lines, [MENU_SCREEN_LIST] = row_lines,
		[MENU_SCREEN_LANGUAGE] = language_lines, [MENU_SCREEN_CONFIRM] = confirm_lines,
	};
	return place->resuming ? resume_lines : by_kind[menu_place_screen(place)->kind];
}

/* A hint may take the place of a title or of a question that was just asked, but not of what a citizen came to read. */
static size_t head_for_hint(const struct sheet *s)
{
	bool asks = menu_place_screen(s->view.place)->kind == MENU_SCREEN_ASK;
	return asks || !memchr(s->text, '\n', s->head) ? s->head : 0;
}

/* --- the whole --- */

static void init(struct sheet *s, struct menu_place *place, const struct menu_medium *medium)
{
	s->view = (struct menu_view){ place, medium, NULL, 0 };
	s->numbered = true;
	s->octets = s->head = 0;
}

static void write_sheet(struct sheet *s, bool with_lines)
{
	lines_fn *lines = lines_of(s->view.place);
	if (s->view.place->resuming)
		put(s, phrase(s->view.place, MENU_PHRASE_RESUME), strlen(phrase(s->view.place, MENU_PHRASE_RESUME)));
	else
		put_template(s, &menu_place_screen(s->view.place)->text);
	s->head = s->octets;
	if (lines && with_lines)
		lines(s, true, MENU_NONE);
}

static bool show(struct menu_place *place, const struct menu_medium *medium, const char *hint, char *out, size_t *octets)
{
	const struct menu_set *set = place->set;
	const uint8_t language = place->language;
	bool home = !place->resuming && place->depth > 1, more, ends = place->state == MENU_ST_END;
	struct sheet s;
	struct menu_page page;
	unsigned int index = place->page;

	init(&s, place, medium);
	write_sheet(&s, true);
	page = (struct menu_page){
		.text = s.text, .octets = s.octets, .head = head_for_hint(&s), .prose = s.head, .hint = hint, .fits = medium->fits, .ctx = medium->ctx,
		.back = ends ? NULL : &set->nav[place->depth || place->resuming ? MENU_NAV_BACK : MENU_NAV_EXIT][language],
		.home = home && !ends ? &set->nav[MENU_NAV_HOME][language] : NULL,
		.more = &set->nav[MENU_NAV_MORE][language],
	};
	if (place->resuming) {
		page.back = &set->nav[MENU_NAV_EXIT][language];
		index = 0;
	}
	*octets = menu_page_cut(&page, &index, out, &more);
	if (!place->resuming)
		place->page = (uint8_t)index;
	return more;
}

bool menu_screen_show(struct menu_place *place, const struct menu_medium *medium, const char *hint, struct menu_result *result)
{
	return show(place, medium, hint, result->text, &result->octets);
}

bool menu_screen_has_more(struct menu_place *place, const struct menu_medium *medium)
{
	char out[MENU_PAGE_OCTETS + 1];
	size_t octets;
	return show(place, medium, NULL, out, &octets);
}

void menu_screen_whole(struct menu_place *place, const struct menu_medium *medium, struct menu_result *result)
{
	enum menu_screen_kind kind = menu_place_screen(place)->kind;
	struct sheet s;

	init(&s, place, medium);
	s.numbered = false;
	write_sheet(&s, kind == MENU_SCREEN_LIST);
	if (kind == MENU_SCREEN_ASK || kind == MENU_SCREEN_CONFIRM || kind == MENU_SCREEN_LANGUAGE) {
		put(&s, "\n", 1);
		put(&s, phrase(place, MENU_PHRASE_DIAL_TO_GO_ON), strlen(phrase(place, MENU_PHRASE_DIAL_TO_GO_ON)));
	}
	result->octets = menu_utf8_floor(s.text, s.octets, MENU_PAGE_OCTETS);
	memcpy(result->text, s.text, result->octets);
	result->text[result->octets] = '\0';
}

int menu_screen_choice(struct menu_place *place, const struct menu_medium *medium, const char *typed)
{
	lines_fn *lines = lines_of(place);
	unsigned int number = 0;
	struct sheet s;
	size_t i;

	for (i = 0; typed[i] >= '0' && typed[i] <= '9' && i < 3; i++)
		number = 10 * number + (unsigned int)(typed[i] - '0');
	if (!lines || i == 0 || typed[i] != '\0')
		return -1;
	for (i = 0; i < MENU_CHOICES_MAX && place->set->numbers[i] != number; i++)
		;
	if (i == MENU_CHOICES_MAX)
		return -1;
	init(&s, place, medium);
	return lines(&s, false, i);
}
