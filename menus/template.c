/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Texts: compiled at load to segments (compile is the only part that fails), rendered at run time into the caller's buffer.
 * A variable without a value renders as nothing; flow.c has proved that this happens only to an agency's optional fields. */
#include "menus/template.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "menus/piece.h"
#include "menus/proof.h"
#include "menus/utf8.h"

#define ZWNJ "\xe2\x80\x8c"
#define FILTERED_OCTETS 512

static void complain(const struct menu_site *site, const char *rule, const char *text)
{
	menu_diag_add(site->diags, site->file, site->line, rule, "%s", text);
}

/* Copies without ZWNJ, whole characters as long as there is room; octets written. */
static size_t copy_plain(char *out, size_t cap, const char *text, size_t octets)
{
	size_t at = 0, i, n;
	for (i = 0; i < octets; i += n) {
		n = menu_utf8_char(text + i, octets - i);
		n = n ? n : 1;
		if (n == 3 && memcmp(text + i, ZWNJ, 3) == 0)
			continue;
		if (at + n > cap)
			break;
		memcpy(out + at, text + i, n);
		at += n;
	}
	return at;
}

char *menu_template_plain(void *ctx, const char *text)
{
	size_t octets = strlen(text);
	char *plain = talloc_zero_size(ctx, octets + 1);
	copy_plain(plain, octets, text, octets);
	return plain;
}

struct compiling {
	const struct menu_site *site;
	struct menu_segment *segments;
	size_t n;
};

static struct menu_segment *add_segment(struct compiling *c)
{
	c->segments = talloc_realloc(c->site->ctx, c->segments, struct menu_segment, (unsigned int)(c->n + 1));
	c->segments[c->n] = (struct menu_segment){ .var = MENU_NONE };
	return &c->segments[c->n++];
}

/* Puts literal text behind the last segment. */
static void add_literal(struct compiling *c, const char *text, size_t octets)
{
	struct menu_segment *last = c->n && c->segments[c->n - 1].var == MENU_NONE ? &c->segments[c->n - 1] : NULL;
	if (octets == 0)
		return;
	if (!last) {
		last = add_segment(c);
		last->text = talloc_strdup(c->site->ctx, "");
	}
	last->text = talloc_strndup_append((char *)(uintptr_t)last->text, text, octets);
	last->octets = (uint16_t)strlen(last->text);
}

static void add_variable(struct compiling *c, const struct menu_piece *piece)
{
	const char *name = piece->name;
	const struct menu_filter *filter = NULL;
	uint16_t var;
	struct menu_segment *segment;

	if (piece->has_filter) {
		filter = menu_filter_find(piece->filter);
		if (!filter)
			menu_diag_add(c->site->diags, c->site->file, c->site->line, "unknown-filter", "\"%s\" is no filter", piece->filter);
	}
	var = menu_tree_named(c->site->service, name);
	if (var == MENU_NONE) {
		menu_diag_add(c->site->diags, c->site->file, c->site->line, "unknown-variable", "nothing sets \"%s\"", name);
		return;
	}
	if (c->site->service->vars[var].secret)
		menu_diag_add(c->site->diags, c->site->file, c->site->line, "secret-shown", "\"%s\" is a secret: it cannot be shown", name);
	segment = add_segment(c);
	segment->var = var;
	segment->filter = filter;
}

static bool text_is_clean(const struct menu_site *site, const char *text)
{
	size_t i;
	for (i = 0; text[i]; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\n') {
			complain(site, "bad-template", "a control character in a text (only \\n is allowed)");
			return false;
		}
	if (i > MENU_PAGE_OCTETS)
		complain(site, "bad-template", "a text of more than 1024 octets");
	return i <= MENU_PAGE_OCTETS;
}

struct menu_template menu_template_compile(const struct menu_site *site, const char *text)
{
	struct compiling c = { .site = site };
	const char *t = text_is_clean(site, text) ? menu_template_plain(site->ctx, text) : "";
	struct menu_piece piece;
	enum menu_piece_kind kind;

	while ((kind = menu_piece_next(&t, &piece)) != MENU_PIECE_END) {
		if (kind == MENU_PIECE_TEXT) {
			add_literal(&c, piece.text, piece.octets);
		} else if (kind == MENU_PIECE_VALUE) {
			add_variable(&c, &piece);
		} else {
			complain(site, "bad-template", "a \"{\" without its \"}\" (\"{{\" stands for a brace)");
			break;
		}
	}
	return (struct menu_template){ c.segments, c.n };
}

static const char *view_now(const struct menu_view *view)
{
	snprintf(view->place->now, sizeof(view->place->now), "%lld", (long long)(view->medium->now_ms / 1000));
	return view->place->now;
}

const char *menu_view_value(const struct menu_view *view, uint16_t var)
{
	const struct menu_service *service = menu_place_service(view->place);
	size_t i;

	switch (service->vars[var].kind) {
	case MENU_VAR_MSISDN:
		return view->medium->msisdn ? view->medium->msisdn : "";
	case MENU_VAR_LANGUAGE:
		return menu_languages[view->place->language].code;
	case MENU_VAR_LEVEL:
		return menu_proof_digit(view->place->ladder.level);
	case MENU_VAR_NOW:
		return view_now(view);
	case MENU_VAR_ITEM:
		for (i = 0; view->screen && i < view->screen->n_columns; i++)
			if (view->screen->columns[i].item == var)
				return menu_place_value(view->place, view->screen->columns[i].column, view->row);
		return menu_place_value(view->place, var, 0);
	default:
		return menu_place_value(view->place, var, 0);
	}
}

static size_t render_value(const struct menu_segment *segment, const struct menu_view *view, char *out, size_t cap)
{
	const char *value = menu_view_value(view, segment->var);
	char filtered[FILTERED_OCTETS];
	if (!value || value[0] == '\0')
		return 0;
	if (segment->filter && segment->filter->apply(menu_languages[view->place->language].code, value, filtered, sizeof(filtered)) >= 0)
		value = filtered;
	return copy_plain(out, cap, value, strlen(value));
}

size_t menu_template_render(const struct menu_template *template, const struct menu_view *view, char *out, size_t cap)
{
	size_t at = 0, i, room = cap - 1;
	for (i = 0; i < template->n && at < room; i++) {
		const struct menu_segment *s = &template->segments[i];
		if (s->var != MENU_NONE) {
			at += render_value(s, view, out + at, room - at);
		} else {
			size_t n = menu_utf8_floor(s->text, s->octets, room - at);
			memcpy(out + at, s->text, n);
			at += n;
		}
	}
	out[at] = '\0';
	return at;
}
