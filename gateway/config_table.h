/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A section of the configuration as a table of options over one struct: read, bounded, complained of and printed from it. Lists of
 * groups are read group by group with the table of their kind. Private to the files that read the configuration. */
#pragma once

#include <stddef.h>

#include "gateway/config.h"
#include "menus/source.h"

enum gw_option_kind { GW_OPTION_NUMBER, GW_OPTION_BOOL, GW_OPTION_STRING, GW_OPTION_PATH };

struct gw_option {
	const char *name;
	enum gw_option_kind kind;
	size_t offset;
	int64_t min, max, standard;      /* of a NUMBER, an unsigned int; standard of a BOOL, too */
	const char *standard_text;       /* of the others; NULL: must be given (REQUIRED) or stays NULL */
	bool required;
	const char *choices;             /* "a|b|c" */
	const char *text;
};

#define AT(type, field) offsetof(struct type, field)
#define N(type, field, key, low, high, def, help) { .name = key, .kind = GW_OPTION_NUMBER, .offset = AT(type, field), .min = low, .max = high, .standard = def, .text = help }
#define B(type, field, key, def, help) { .name = key, .kind = GW_OPTION_BOOL, .offset = AT(type, field), .standard = def, .text = help }
#define S(type, field, key, def, help) { .name = key, .kind = GW_OPTION_STRING, .offset = AT(type, field), .standard_text = def, .text = help }
#define R(type, field, key, help) { .name = key, .kind = GW_OPTION_STRING, .offset = AT(type, field), .required = true, .text = help }
#define C(type, field, key, all, def, help) { .name = key, .kind = GW_OPTION_STRING, .offset = AT(type, field), .choices = all, .standard_text = def, .text = help }
#define F(type, field, key, help) { .name = key, .kind = GW_OPTION_PATH, .offset = AT(type, field), .text = help }

/* Of a server of the API's kind (struct gw_config_api): what it is and its usual port; how large a body may be; connections, of them from one
 * address, and how long a head may take (s); what it is that may be wrong. */
#define SERVER_AT(what, number) \
	S(gw_config_api, listen, "listen", "127.0.0.1", "address of " what), \
	N(gw_config_api, port, "port", 0, 65535, number, "its TCP port (0: any, told in the log)"), \
	F(gw_config_api, cert_file, "cert_file", "the certificate and those between it and its authority (PEM): with it and key_file, TLS"), \
	F(gw_config_api, key_file, "key_file", "the certificate's key (PEM)"), \
	B(gw_config_api, plain, "plain", false, "without TLS on an address that can be reached from elsewhere: for a proxy that has TLS")
#define SERVER_BOUNDS(most, of_address, head_s, keys) \
	N(gw_config_api, connections, "connections", 1, 65536, most, "connections at once; beyond: they wait to be accepted"), \
	N(gw_config_api, connections_of_address, "connections_of_address", 1, 65536, of_address, "of these, from one address; beyond: closed"), \
	N(gw_config_api, idle_s, "idle_s", 1, 3600, head_s, "within this a request's head must have come, whole (s)"), \
	N(gw_config_api, failures_per_minute, "failures_per_minute", 0, 100000, 30, \
	  "wrong " keys " from one address; beyond: none from there is looked at for the rest of the minute (0: no limit)")

struct gw_section {
	const char *path;                /* in the help and in complaints; "": the file itself */
	const struct gw_option *options;
	size_t n;
};

struct gw_config_reader {
	void *ctx;                       /* what is read is its child */
	const char *folder;              /* of the file: relative paths start there */
	struct menu_diags *diags;
};

/* Says where, by which rule and what; the configuration is refused once all is read. */
void gw_config_complain(const struct gw_config_reader *reader, const struct menu_node *node, const char *rule, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Fills *into from the group (NULL: the section was left out) and complains about what is unknown or missing.
 * nested: names, "a|b", of keys that are groups or lists of their own and are read elsewhere. */
void gw_config_section(const struct gw_config_reader *reader, const struct gw_section *section, const struct menu_node *group,
		       const struct menu_node *blame, void *into, const char *nested);
void gw_config_section_help(FILE *to, const struct gw_section *section);

/* The child of this name; NULL if there is none, or, after a complaint, if it is of another kind. */
const struct menu_node *gw_config_find(const struct gw_config_reader *reader, const struct menu_node *group, const char *name,
				       enum menu_node_kind kind);
/* A list that must be there and hold something: NULL after a complaint, which is one however it is missing. */
const struct menu_node *gw_config_full_list(const struct gw_config_reader *reader, const struct menu_node *group, const char *name,
					    const char *text);
/* A file of the configuration: a relative name begins in its folder. */
const char *gw_config_path(const struct gw_config_reader *reader, const char *path);
bool gw_config_is_choice(const char *choices, const char *value);
/* Complain unless the address (of the group's key `name`) is numeric; unless the value is at most so long. */
void gw_config_numeric(const struct gw_config_reader *reader, const struct menu_node *group, const char *name, const char *address);
void gw_config_length(const struct gw_config_reader *reader, const struct menu_node *node, const char *name, const char *value, size_t max);

/* ---- config_operator.c ---- */

void gw_config_operators(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_operators_help(FILE *to);

/* ---- config_conend.c; behind the operators ---- */
void gw_config_http_ussd(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_http_ussd_help(FILE *to);

/* ---- config_api.c ---- */
/* Such a server's address and certificate: complains where it could be reached without TLS. */
void gw_config_server(const struct gw_config_reader *reader, const struct menu_node *group, const struct gw_config_api *server);
void gw_config_api(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_api_help(FILE *to);

/* ---- config_webhooks.c ---- */
void gw_config_webhooks(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_webhooks_help(FILE *to);

/* ---- config_notices.c ---- */
void gw_config_notices(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_notices_help(FILE *to);

/* ---- config_requests.c ---- */
void gw_config_requests(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_requests_help(FILE *to);

/* ---- config_report.c ---- */
void gw_config_report(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_report_help(FILE *to);
/* ---- config_payments.c ---- */
void gw_config_payments(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_payments_help(FILE *to);

/* ---- config_identity.c ---- */
void gw_config_identity(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config);
void gw_config_identity_help(FILE *to);
