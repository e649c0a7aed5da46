/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See vty_question.h. */
#include "gateway/vty_question.h"

#include <osmocom/core/talloc.h>
#include <osmocom/vty/vty.h>

static LLIST_HEAD(questions);

static int question_free(struct gw_vty_question *question)
{
	llist_del(&question->entry);
	return 0;
}

void *gw_vty_question_alloc(struct vty *vty, size_t octets)
{
	static uint64_t last_token;
	struct gw_vty_question *question = talloc_zero_size(vty, octets);

	question->token = ++last_token;
	question->vty = vty;
	llist_add(&question->entry, &questions);
	talloc_set_destructor(question, question_free);
	return question;
}

void *gw_vty_question_at(uint64_t token)
{
	struct gw_vty_question *question;

	llist_for_each_entry(question, &questions, entry)
		if (question->token == token)
			return question;
	return NULL;
}

/* libosmovty writes only behind what was typed. */
void gw_vty_question_end(void *ended)
{
	struct gw_vty_question *question = ended;

	vty_flush(question->vty);
	talloc_free(question);
}
