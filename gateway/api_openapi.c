/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See api_openapi.h. The assembler puts the files into the program as they are; they are read and merged when they are asked for. */
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/api_openapi.h"
#include "gateway/log.h"

/* base first; then one for each api_<noun>.c. */
#define FRAGMENTS(each) \
	each(base) \
	each(notices) \
	each(templates) \
	each(events) \
	each(dead) \
	each(requests) \
	each(citizens) \
	each(reports) \
	each(catalogue) \
	each(bulk) \
	each(identity) \
	each(payments)

#define EMBED(name) \
	__asm__(".pushsection .rodata\n" \
		"openapi_" #name ": .incbin \"gateway/openapi/" #name ".json\"\n" \
		"openapi_" #name "_end: .byte 0\n" \
		".popsection\n"); \
	extern const char openapi_##name[], openapi_##name##_end[];
#define ROW(name) { #name, openapi_##name, openapi_##name##_end },

FRAGMENTS(EMBED)

static const struct { const char *name, *begin, *end; } fragments[] = { FRAGMENTS(ROW) };

/* Members of `from` into `into`, down to a depth; deeper, and what is no object, may be said once only. */
static bool merge(json_t *into, json_t *from, unsigned int depth, const char **twice)
{
	const char *name;
	json_t *value;

	json_object_foreach(from, name, value) {
		json_t *there = json_object_get(into, name);

		if (!there) {
			json_object_set(into, name, value);
		} else if (json_is_array(there) && json_is_array(value)) {
			json_array_extend(there, value);
		} else if (!depth || !json_is_object(there) || !json_is_object(value)) {
			*twice = name;
			return false;
		} else if (!merge(there, value, depth - 1, twice)) {
			return false;
		}
	}
	return true;
}

json_t *gw_api_openapi(void)
{
	json_t *document = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(fragments); i++) {
		json_error_t error = { .line = 0 };
		json_t *fragment = json_loadb(fragments[i].begin, (size_t)(fragments[i].end - fragments[i].begin), JSON_REJECT_DUPLICATES, &error);
		const char *twice = NULL;
		bool good = fragment && merge(document, fragment, 2, &twice);

		json_decref(fragment);
		if (good)
			continue;
		LOGP(GW_LOG_API, LOGL_ERROR, "openapi/%s.json, line %d: %s%s\n", fragments[i].name, error.line, twice ? twice : error.text,
		     twice ? " was said before" : "");
		json_decref(document);
		return NULL;
	}
	return document;
}
