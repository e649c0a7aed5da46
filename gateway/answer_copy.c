/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See answer_copy.h. */
#include <osmocom/core/talloc.h>

#include "gateway/answer_copy.h"

struct menu_answer *gw_answer_copy(void *ctx, const struct menu_answer *answer)
{
	struct menu_answer *copy = talloc_zero(ctx, struct menu_answer);
	struct menu_value *values = talloc_zero_array(copy, struct menu_value, (unsigned int)answer->n);

	copy->outcome = talloc_strdup(copy, answer->outcome);
	copy->as_of_ms = answer->as_of_ms;
	copy->n = answer->n;
	copy->values = values;
	for (size_t i = 0; i < answer->n; i++) {
		values[i].name = talloc_strdup(copy, answer->values[i].name);
		values[i].value = talloc_strdup(copy, answer->values[i].value);
		values[i].list = answer->values[i].list ? talloc_strdup(copy, answer->values[i].list) : NULL;
		values[i].row = answer->values[i].row;
	}
	return copy;
}
