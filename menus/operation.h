/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Agencies and their operations, as `agencies/NAME.cfg` describes them: how to call (HTTP) and what the answer means.
 * The menu checker needs the second half, gateway/agency.c both. All of it is immutable once loaded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "menus/diag.h"

#define MENU_OPERATION_VALUES_MAX 48    /* values that one answer may give to a menu, list rows included */
#define MENU_OPERATION_VALUE_OCTETS 256 /* of each; longer texts are cut at a character */
#define MENU_OPERATION_LONG_OCTETS 2048 /* of a field that is `long` */
#define MENU_OPERATION_LONGS_MAX 2      /* of an operation */
#define MENU_OPERATION_ROWS_MAX 40
#define MENU_OPERATION_FIELDS_MAX 32    /* of an operation, or of one of its lists */
#define MENU_OPERATION_INPUTS_MAX 16
#define MENU_OPERATION_MEMBERS_MAX 8    /* operations that one asks side by side */
#define MENU_LEVEL_MAX 3                /* of the identity ladder */

enum menu_auth { MENU_AUTH_NONE, MENU_AUTH_BEARER, MENU_AUTH_BASIC, MENU_AUTH_HEADER };

struct menu_field {              /* a value of the answer */
	const char *name;            /* "bill.amount" for the menu; of a list, "amount" in its rows */
	const char *pointer;         /* RFC 6901, in the answer or in a row */
	bool required;               /* an "ok" answer is not understood ("failed") without it */
	bool is_long;                /* a text of many lines, up to MENU_OPERATION_LONG_OCTETS */
	bool is_private;             /* may be shown, but a session that holds it is sealed */
};
struct menu_list {
	const char *name;            /* "bills" */
	const char *pointer;         /* to a JSON array */
	unsigned int rows_max;
	size_t n_fields;
	const struct menu_field *fields;
};
struct menu_status_rule {        /* first match wins */
	unsigned int status_from, status_to;
	const char *pointer, *equals; /* NULL: the status alone decides */
	const char *outcome;         /* "ok", "not_found", ... */
};

struct menu_agency;
struct menu_operation {
	const struct menu_agency *agency;
	const char *name;            /* "bills.inquire" */
	const char *method;          /* "GET", "POST", "PUT", "DELETE" */
	const char *path;            /* template: "/v1/bills/{bill_id}"; variables are percent-encoded */
	const char *body;            /* template of JSON text: variables are JSON-escaped, or numbers outside quotes; NULL: none */
	size_t n_inputs;
	const char *const *inputs;   /* the variables in path and body */
	unsigned int requires;       /* level of the identity ladder that a dialog must have proved; 0: none */
	bool business;               /* and that the citizen represents a business */
	bool safe;                   /* may be repeated without an Idempotency-Key (GET by default) */
	unsigned int timeout_ms, retries;
	unsigned int as_of_s;        /* an answer of this age may stand in for one that does not come; 0: never */
	size_t n_fields;
	const struct menu_field *fields;
	size_t n_lists;
	const struct menu_list *lists;
	size_t n_rules;
	const struct menu_status_rule *rules; /* after them: 200..299 is "ok", 404 "not_found", everything else "failed" */
	size_t n_members;            /* not 0: no request of its own, these are asked side by side (operation_together.h); path, */
	const struct menu_operation *const *members; /* method, retries and rules mean nothing then */
	const char *const *member_names; /* as the file names them */
	unsigned int together_rows;  /* of each list, of all members together */
	const char *file;
	unsigned int line;
};
struct menu_agency {
	const char *name;            /* the file's name without its suffix: "bills" */
	const char *title_fa, *title_en;
	const char *base_url;
	bool own;                    /* the gateway itself (`url = "gateway:"`): served in its process, base_url is "gateway:" */
	enum menu_auth auth;
	const char *auth_header;     /* of MENU_AUTH_HEADER */
	const char *auth_secret_file; /* as ca_file: a relative path was taken from the folder of `file` */
	const char *ca_file;         /* NULL: the system's; else these authorities and no others */
	unsigned int concurrency;    /* calls at once = connections */
	unsigned int queue;          /* calls that may wait for a place */
	unsigned int breaker_failures, breaker_open_ms;
	unsigned int answer_octets_max;
	size_t n_operations;
	const struct menu_operation *operations;
	const char *file;
};

struct menu_agencies;            /* all of them; a talloc object */

/* Reads the files (agencies/NAME.cfg each). Mistakes go to diags; the result holds what could be read, NULL never. */
struct menu_agencies *menu_agencies_load(void *ctx, const char *const *paths, size_t n, struct menu_diags *diags);
size_t menu_agencies_count(const struct menu_agencies *agencies);
const struct menu_agency *menu_agencies_at(const struct menu_agencies *agencies, size_t index);
const struct menu_operation *menu_operation_find(const struct menu_agencies *agencies, const char *name);
/* True if an answer of this operation can have this outcome; "failed" and "late" are always possible. */
bool menu_operation_has_outcome(const struct menu_operation *operation, const char *outcome);
/* True if its answer has a field of this name (those of lists are none). */
bool menu_operation_gives(const struct menu_operation *operation, const char *field);
/* Octets of the variable "{name}" that begins here in a template of path or body, braces included; 0: it is plain text. */
size_t menu_operation_variable(const char *text);

/* What an agency's answer gave: flat names and values. */
struct menu_value {
	const char *name;            /* a field's name */
	const char *value;           /* UTF-8 */
	const char *list;            /* NULL, or the list it belongs to */
	uint16_t row;                /* 0.. in that list */
};
struct menu_answer {
	const char *outcome;         /* "ok", "not_found", ..., "failed" */
	int64_t as_of_ms;            /* 0: fresh; else when this answer was true (wall clock) */
	size_t n;
	const struct menu_value *values;
};
