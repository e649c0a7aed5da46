/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any text as an operation's input: what is written is still the URL and the JSON document that its author meant. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/agency_text.h"

#define HOLD(condition) do { if (!(condition)) abort(); } while (0)

static const char *value(void *ctx, const char *name)
{
	(void)name;
	return ctx;
}

static void check_body(const char *body, const char *text)
{
	json_t *json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);

	HOLD(json && json_object_size(json) == 2 && strcmp(json_string_value(json_object_get(json, "a")), text) == 0);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct menu_operation get = { .path = "/v1/{x}/y?z={x}" }, post = { .path = "/v1", .body = "{\"a\":\"{x}\",\"b\":1}" },
	                                   count = { .path = "/v1", .body = "[{x}]" };
	char *text = malloc(size + 1), out[2048];
	struct gw_agency_text written;
	json_t *json;

	memcpy(text, data, size);
	text[size] = '\0';
	if (gw_agency_text_write(&written, out, sizeof(out), "http://h", &get, value, text) == 0) {
		HOLD(strncmp(written.url, "http://h/v1/", 12) == 0 && written.url[12] != '/');
		HOLD(strspn(written.url + 12, "%-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == strcspn(written.url + 12, "/"));
		HOLD(strcspn(written.url, "#\r\n \"") == strlen(written.url) && strchr(written.url, '?') == strrchr(written.url, '?'));
	}
	if (gw_agency_text_write(&written, out, sizeof(out), "http://h", &post, value, text) == 0)
		check_body(written.body, text);
	if (gw_agency_text_write(&written, out, sizeof(out), "http://h", &count, value, text) == 0) {
		json = json_loads(written.body, 0, NULL);
		HOLD(json_array_size(json) == 1 && json_is_integer(json_array_get(json, 0)));
		json_decref(json);
	}
	free(text);
	return 0;
}
