/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An agency's HTTP answer -> outcome and values, by the pointers and rules of its operation. Pure.
 *
 * Whatever an agency sends - wrong type, wrong bytes, endless nesting - the result is an outcome and bounded values in the
 * caller's struct; `fault` says why an answer was not trusted. The only user of jansson's decoder in this floor. */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "menus/operation.h"

#define GW_AGENCY_DEPTH_MAX 32

enum gw_agency_fault {
	GW_AGENCY_FAULT_NONE,
	GW_AGENCY_FAULT_STATUS,    /* a status that no rule knows */
	GW_AGENCY_FAULT_TYPE,
	GW_AGENCY_FAULT_JSON,
	GW_AGENCY_FAULT_UTF8,
	GW_AGENCY_FAULT_DEPTH,
	GW_AGENCY_FAULT_DUPLICATE,
	GW_AGENCY_FAULT_NUL,
	GW_AGENCY_FAULT_NUMBER,
	GW_AGENCY_FAULT_MISSING,   /* a required field, or a list that is no array */
	GW_AGENCY_FAULTS
};

struct gw_agency_answer {
	struct menu_answer answer;       /* points into this struct and into the operation */
	enum gw_agency_fault fault;      /* not NONE: the outcome is "failed" and there are no values */
	struct menu_value values[MENU_OPERATION_VALUES_MAX];
	size_t n_longs;
	char longs[MENU_OPERATION_LONGS_MAX][MENU_OPERATION_LONG_OCTETS + 1];
	char texts[MENU_OPERATION_VALUES_MAX][MENU_OPERATION_VALUE_OCTETS + 1];
};

/* content_type: the header's value, or NULL. */
void gw_agency_answer_read(struct gw_agency_answer *answer, const struct menu_operation *operation, unsigned int status,
                           const char *content_type, const char *body, size_t octets);
/* The same of a document that is one already; NULL: there is none. */
void gw_agency_answer_take(struct gw_agency_answer *answer, const struct menu_operation *operation, unsigned int status, const json_t *json);
