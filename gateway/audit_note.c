/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See audit_note.h. */
#include "gateway/audit_note.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/rfc3339.h"

void gw_audit_note(struct sess_ledger_commit *commit, int64_t at_ms, const char *what, json_t *more)
{
	char at[GW_RFC3339_OCTETS], *text;
	json_t *line;

	gw_rfc3339_print(at_ms, at);
	line = json_pack("{s:s, s:s}", "at", at, "what", what);
	json_object_update(line, more);
	json_decref(more);
	text = json_dumps(line, JSON_COMPACT);
	sess_ledger_note(commit, text, strlen(text));
	free(text);
	json_decref(line);
}
