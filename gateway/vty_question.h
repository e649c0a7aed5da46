/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A command of the console whose answer has to be asked of Redis. The console may be closed before it comes: so a question is a child of
 * its console, and known to whoever is asked by its token only. The answer then stands behind the next prompt. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <osmocom/core/linuxlist.h>

struct vty;

struct gw_vty_question {         /* first in the command's own struct, if that has more */
	struct llist_head entry;
	uint64_t token;          /* unlike that of any other question */
	struct vty *vty;
};

/* octets, zeroed, of which the first are the question. */
void *gw_vty_question_alloc(struct vty *vty, size_t octets);
/* NULL: its console is closed, or it was ended. */
void *gw_vty_question_at(uint64_t token);
/* What was written to the console is shown, and the question freed. */
void gw_vty_question_end(void *question);
