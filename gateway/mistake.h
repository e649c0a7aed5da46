/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is wrong with something that an agency wrote, all at once: where (a JSON Pointer, RFC 6901) and why (a sentence). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#define GW_MISTAKES_MAX 12               /* that are told of one thing */
#define GW_MISTAKE_POINTER_OCTETS 96

struct gw_mistake { char pointer[GW_MISTAKE_POINTER_OCTETS], detail[160]; };
struct gw_mistakes { size_t n; struct gw_mistake at[GW_MISTAKES_MAX]; };

/* What is above the bounds is not kept. pointer: "" is the whole. */
void gw_mistakes_add(struct gw_mistakes *mistakes, const char *pointer, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "<before>/<name>", escaped. False: it would be too long, and is `before`. */
bool gw_mistake_pointer(char pointer[GW_MISTAKE_POINTER_OCTETS], const char *before, const char *name);
/* Appends them to a list as the API shows them, each pointer behind a prefix. */
void gw_mistakes_show(const struct gw_mistakes *mistakes, const char *prefix, json_t *list);
