/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The audit chains as a file, so that whoever is to check them needs neither Redis nor us: NDJSON, one record a line, each chain in
 * the order of its numbers:
 *
 *   {"partition":7,"n":1,"hash":"8d3c...","body":"{...}"}
 *
 * A body that is not UTF-8 stands as "base64" instead. What the hash is made of is told in sessions/chain.h and in the manual page. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "sessions/chain.h"
#include "sessions/queue.h"

/* How far the chains are, and where each stands. */
struct gw_audit_heads { uint64_t n[SESS_QUEUE_PARTITIONS]; char hash[SESS_QUEUE_PARTITIONS][SESS_CHAIN_HASH_OCTETS]; };

/* False: it cannot be written. */
bool gw_audit_file_write(FILE *to, const struct sess_chain_record *record);
/* Reads and verifies all of a file. False: not good, and `why` says in a sentence where it is not. kept: heads of old; a record that was one
 * must still be it (n 0: none was kept). heads: of what was good. */
bool gw_audit_file_verify(FILE *from, const struct gw_audit_heads *kept, struct gw_audit_heads *heads, uint64_t *records, char *why, size_t cap);

/* A head is a line "head PP N HASH". */
void gw_audit_heads_print(FILE *to, const struct gw_audit_heads *heads);
/* Reads such lines and passes over all others, so that what `audit verify` printed once is such a file. False: a line is none. */
bool gw_audit_heads_read(FILE *from, struct gw_audit_heads *heads);
