/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_text.h. The writer keeps its first error and writes on into nothing: checked once, at the end. */
#include "gateway/agency_text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "menus/utf8.h"

struct writer {
	char *out;
	size_t used, cap;
	int error;
};

static void put(struct writer *w, const char *text, size_t octets)
{
	if (w->cap - w->used <= octets) {
		w->error = w->error ? w->error : -EMSGSIZE;
		return;
	}
	memcpy(w->out + w->used, text, octets);
	w->used += octets;
	w->out[w->used] = '\0';
}

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static void put_percent(struct writer *w, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	for (const unsigned char *v = (const unsigned char *)value; *v; v++) {
		char escaped[3] = { '%', digits[*v >> 4], digits[*v & 15] };
		if (is_unreserved(*v))
			put(w, (const char *)v, 1);
		else
			put(w, escaped, 3);
	}
}

static void put_json(struct writer *w, const char *value)
{
	static const char digits[] = "0123456789abcdef";

	if (!menu_utf8_valid(value, strlen(value)))
		w->error = -EINVAL;
	for (const unsigned char *v = (const unsigned char *)value; *v; v++) {
		char control[6] = { '\\', 'u', '0', '0', digits[*v >> 4], digits[*v & 15] };
		if (*v < 0x20 || *v == 0x7f)
			put(w, control, 6);
		else if (*v == '"' || *v == '\\')
			put(w, (const char[]){ '\\', (char)*v }, 2);
		else
			put(w, (const char *)v, 1);
	}
}

/* A whole number as JSON has it: no plus, no leading zero. */
static void put_number(struct writer *w, const char *value)
{
	const char *digits = value + (value[0] == '-');
	size_t n = strlen(digits);

	if (n == 0 || n > 18 || strspn(digits, "0123456789") != n || (digits[0] == '0' && n > 1))
		w->error = -EINVAL;
	put(w, value, strlen(value));
}

/* The value of the variable at t, "" with an error if there is none. */
static const char *value_of(struct writer *w, const char *t, size_t octets, gw_agency_value_fn *value, void *ctx)
{
	char name[128];
	const char *found = NULL;

	if (octets - 2 < sizeof(name)) {
		memcpy(name, t + 1, octets - 2);
		name[octets - 2] = '\0';
		found = value(ctx, name);
	}
	if (!found)
		w->error = -EINVAL;
	return found ? found : "";
}

static void put_path(struct writer *w, const char *path, gw_agency_value_fn *value, void *ctx)
{
	for (const char *t = path; *t;) {
		size_t n = menu_operation_variable(t);
		if (n)
			put_percent(w, value_of(w, t, n, value, ctx));
		else
			put(w, t, n = 1);
		t += n;
	}
}

static bool is_dots(const char *segment, size_t n)
{
	return (n == 1 && segment[0] == '.') || (n == 2 && segment[0] == '.' && segment[1] == '.');
}

/* Servers and proxies shorten "a/../b" and "a//b": a value must not lead to a resource that the author did not name. */
static bool path_wanders(const char *path, const char *pattern)
{
	size_t slashes = 0, empties = 0, n;

	for (const char *t = path; *t == '/'; t += n) {
		n = strcspn(++t, "/?");
		if (is_dots(t, n))
			return true;
		empties += n == 0;
		slashes++;
	}
	for (const char *t = pattern; *t == '/'; t += n) {
		n = strcspn(++t, "/?");
		empties -= n == 0;
		slashes--;
	}
	return empties != 0 || slashes != 0;
}

static void put_body(struct writer *w, const char *body, gw_agency_value_fn *value, void *ctx)
{
	bool quoted = false;

	for (const char *t = body; *t;) {
		size_t n = menu_operation_variable(t);
		if (n && quoted) {
			put_json(w, value_of(w, t, n, value, ctx));
		} else if (n) {
			put_number(w, value_of(w, t, n, value, ctx));
		} else {
			n = quoted && t[0] == '\\' && t[1] ? 2 : 1;
			if (t[0] == '"')
				quoted = !quoted;
			put(w, t, n);
		}
		t += n;
	}
}

int gw_agency_text_write(struct gw_agency_text *text, char *out, size_t cap, const char *base_url,
                         const struct menu_operation *operation, gw_agency_value_fn *value, void *ctx)
{
	struct writer w = { .out = out, .cap = cap };
	size_t path;

	*text = (struct gw_agency_text){ .url = out };
	put(&w, base_url, strlen(base_url));
	path = w.used;
	put_path(&w, operation->path, value, ctx);
	if (w.error)
		return w.error;
	if (path_wanders(out + path, operation->path))
		return -EINVAL;
	if (!operation->body)
		return 0;
	w.out += w.used + 1;
	w.cap -= w.used + 1;
	w.used = 0;
	if (w.cap == 0)
		return -EMSGSIZE;
	put_body(&w, operation->body, value, ctx);
	text->body = w.out;
	text->body_octets = w.used;
	return w.error;
}
