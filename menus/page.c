/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Cutting pages. Whether something fits is asked of the caller, with the navigation lines already below it; the answer is
 * taken to be monotonic (what is longer does not fit better), so that the best cut is found by halving. */
#include "menus/page.h"

#include <stdint.h>
#include <string.h>

#include "menus/utf8.h"

#define CUTS_MAX 256
#define PAGES_MAX 255

/* A page being put together; what does not go into MENU_PAGE_OCTETS makes it full, and a full one never fits. */
struct sheet { char *out; size_t octets; bool full; };

static void add(struct sheet *sheet, const char *text, size_t octets)
{
	if (octets > MENU_PAGE_OCTETS - sheet->octets) {
		sheet->full = true;
		return;
	}
	memcpy(sheet->out + sheet->octets, text, octets);
	sheet->octets += octets;
}

static void add_line(struct sheet *sheet, const struct menu_line *line)
{
	if (line)
		add(sheet, line->text + (sheet->octets == 0), line->octets - (sheet->octets == 0)); /* no empty line above */
}

/* The text from `from` to `to` with the hint above and the lines below. False if it is too long even for `out`. */
static bool put_together(const struct menu_page *page, const char *hint, size_t from, size_t to, bool more, bool home, char *out, size_t *octets)
{
	struct sheet sheet = { .out = out };
	if (hint)
		add(&sheet, hint, strlen(hint));
	if (hint && from < to)
		add(&sheet, "\n", 1);
	add(&sheet, page->text + from, to - from);
	add_line(&sheet, more ? page->more : NULL);
	add_line(&sheet, page->back);
	add_line(&sheet, home ? page->home : NULL);
	*octets = sheet.octets;
	return !sheet.full;
}

/* The same; true if it is a page. */
static bool compose(const struct menu_page *page, const char *hint, size_t from, size_t to, bool more, bool home, char *out, size_t *octets)
{
	return put_together(page, hint, from, to, more, home, out, octets) && page->fits(page->ctx, out, *octets);
}

static bool fits(const struct menu_page *page, size_t from, size_t to, bool more)
{
	char out[MENU_PAGE_OCTETS];
	size_t octets;
	return compose(page, NULL, from, to, more, false, out, &octets);
}

/* Offsets behind which the text from `from` to `to` may be cut, ascending: ends of lines, of words, of characters. */
static size_t collect_ends(const struct menu_page *page, size_t from, size_t to, char where, uint16_t *cuts)
{
	size_t n = 0, i;
	for (i = from + 1; i < to && n < CUTS_MAX; i++)
		if (where ? page->text[i] == where : ((unsigned char)page->text[i] & 0xc0) != 0x80)
			cuts[n++] = (uint16_t)i;
	return n;
}

/* The last cut that fits, or 0. */
static size_t best_cut(const struct menu_page *page, size_t from, const uint16_t *cuts, size_t n)
{
	size_t low = 0, high = n; /* cuts below low fit, those from high on do not */
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (fits(page, from, cuts[middle], true))
			low = middle + 1;
		else
			high = middle;
	}
	return low ? cuts[low - 1] : 0;
}

/* The end of a line, or of a word of the prose where that is more than twice as far; 0: not even one fits. */
static size_t line_end(const struct menu_page *page, size_t from)
{
	uint16_t cuts[CUTS_MAX];
	size_t line = best_cut(page, from, cuts, collect_ends(page, from, page->octets, '\n', cuts)), word;

	if (line >= page->prose || page->prose <= from)
		return line;
	word = best_cut(page, from, cuts, collect_ends(page, from, page->prose, ' ', cuts));
	return word > from + 2 * (line > from ? line - from : 0) ? word : line;
}

/* Where the page that begins at `from` ends. */
static size_t page_end(const struct menu_page *page, size_t from, bool *more)
{
	static const char wheres[] = { ' ', 0 };
	uint16_t cuts[CUTS_MAX];
	size_t i, end;

	*more = !fits(page, from, page->octets, false);
	if (!*more)
		return page->octets;
	end = line_end(page, from);
	if (end)
		return end;
	for (i = 0; i < sizeof(wheres); i++) {
		end = best_cut(page, from, cuts, collect_ends(page, from, page->octets, wheres[i], cuts));
		if (end)
			return end;
	}
	/* Not even one character fits with the lines below: something must be shown, and the text must come to an end. */
	end = from + menu_utf8_char(page->text + from, page->octets - from);
	*more = end > from && end < page->octets;
	return *more ? end : page->octets;
}

static size_t skip_blanks(const struct menu_page *page, size_t at)
{
	while (at < page->octets && (page->text[at] == ' ' || page->text[at] == '\n'))
		at++;
	return at;
}

/* With the hint above the page, or in the place of its head. False if there is no room for it either way. */
static bool compose_with_hint(const struct menu_page *page, size_t from, size_t end, bool more, char *out, size_t *octets)
{
	size_t after_head = from < page->head ? skip_blanks(page, page->head) : from;
	return compose(page, page->hint, from, end, more, false, out, octets) ||
	       compose(page, page->hint, after_head < end ? after_head : end, end, more, false, out, octets);
}

size_t menu_page_cut(const struct menu_page *page, unsigned int *index, char *out, bool *more)
{
	unsigned int wanted = *index < PAGES_MAX ? *index : PAGES_MAX;
	size_t from = 0, end = page_end(page, 0, more), octets;

	for (*index = 0; *more && *index < wanted; ++*index) {
		from = skip_blanks(page, end);
		end = page_end(page, from, more);
	}
	if (!(page->hint && compose_with_hint(page, from, end, *more, out, &octets)) &&
	    !(!page->hint && page->home && compose(page, NULL, from, end, *more, true, out, &octets)))
		put_together(page, NULL, from, end, *more, false, out, &octets); /* page_end has seen that it fits */
	out[octets] = '\0';
	return octets;
}
