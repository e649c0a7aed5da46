/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See templates.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/templates.h"
#include "sessions/store.h"

struct load {
	void *children_of;
	size_t n;
	char names[GW_TEMPLATES_LOAD_MAX][GW_TEMPLATE_NAME_MAX + 1];
	gw_templates_cb *cb;
	void *ctx;
	uint64_t token;
};

bool gw_template_key(char key[SESS_LEDGER_KEY_OCTETS], const char *agency, const char *name)
{
	char id[SESS_LEDGER_KEY_OCTETS];

	if (!gw_template_name_is_good(name))
		return false;
	snprintf(id, sizeof(id), "%s.%s", agency, name);
	return sess_ledger_key(key, "template", sess_store_partition(agency), id);
}

void gw_templates_key(char key[SESS_LEDGER_KEY_OCTETS], const char *agency)
{
	if (!sess_ledger_key(key, "templates", sess_store_partition(agency), agency))
		OSMO_ASSERT(false); /* an agency's name fits */
}

static void on_loaded(void *ctx, uint64_t token, enum sess_ledger_result result, const struct sess_ledger_record *records, size_t n)
{
	const struct load load = *(struct load *)ctx;
	struct gw_template **templates = talloc_array(load.children_of, struct gw_template *, GW_TEMPLATES_LOAD_MAX);
	size_t found = 0;

	(void)token;
	talloc_free(ctx); /* who is told may free the context that it is a child of */
	for (size_t i = 0; result == SESS_LEDGER_OK && i < load.n && i < n; i++) {
		struct gw_template *template = records[i].stamp ? gw_template_decode(templates, load.names[i], records[i].value, records[i].octets) : NULL;

		if (template)
			templates[found++] = template;
	}
	load.cb(load.ctx, load.token, result, templates, found);
}

int gw_templates_load(struct sess_ledger *ledger, void *children_of, const char *agency, const char *const *names, size_t n, gw_templates_cb *cb,
		      void *ctx, uint64_t token)
{
	char keys[GW_TEMPLATES_LOAD_MAX][SESS_LEDGER_KEY_OCTETS];
	const char *pointers[GW_TEMPLATES_LOAD_MAX];
	struct load *load;
	int rc;

	if (n < 1 || n > GW_TEMPLATES_LOAD_MAX)
		return -EINVAL;
	load = talloc_zero(children_of, struct load);
	*load = (struct load){ .children_of = children_of, .n = n, .cb = cb, .ctx = ctx, .token = token };
	rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = gw_template_key(keys[i], agency, names[i]) ? 0 : -EINVAL;
		pointers[i] = keys[i];
		OSMO_STRLCPY_ARRAY(load->names[i], names[i]);
	}
	if (rc == 0)
		rc = sess_ledger_load(ledger, pointers, n, on_loaded, load, 0);
	if (rc < 0)
		talloc_free(load);
	return rc;
}

int gw_templates_named(const json_t *notice, const char *names[GW_TEMPLATES_LOAD_MAX], int n)
{
	const char *name = json_string_value(json_object_get(notice, "template"));

	if (!name || n < 0 || !gw_template_name_is_good(name))
		return n;
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return n;
	if (n == GW_TEMPLATES_LOAD_MAX)
		return -1;
	names[n] = name;
	return n + 1;
}
