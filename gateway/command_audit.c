/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `dolat-gateway audit ...`: are the chains of the ledger (sessions/chain.h) as they were written? And the same of a file, on a machine
 * that has neither the ledger nor a configuration.
 *
 * A chain proves itself up to its head. That the head is what it was is proved by one that was kept elsewhere: verify prints the heads,
 * and takes a file of them that was printed once. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/audit_file.h"
#include "gateway/command.h"
#include "sessions/chain.h"

static const struct option options[] = {
	{ "file", required_argument, NULL, 'f' }, { "heads", required_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
};

struct audit {
	bool takes_heads;
	const char *file, *heads_file;
	struct gw_audit_heads kept, heads; /* kept elsewhere; met now */
	char why[160];                   /* "": nothing is wrong */
	uint64_t records, unsealed;
	FILE *to;                        /* of an export */
	bool write_failed, no_answer, done;
};

/* ---- arguments ---- */

static bool read_heads(struct audit *audit)
{
	FILE *from = fopen(audit->heads_file, "re");
	bool good = from && gw_audit_heads_read(from, &audit->kept);

	if (!from)
		gw_command_fail("%s: %s", audit->heads_file, strerror(errno));
	else if (!good)
		gw_command_fail("%s: a line that begins with \"head\" is none", audit->heads_file);
	if (from)
		fclose(from);
	return good;
}

static int take_option(void *ctx, int option, const char *value)
{
	struct audit *audit = ctx;

	if (option == 'h' && !audit->takes_heads)
		return GW_COMMAND_USAGE;
	*(option == 'f' ? &audit->file : &audit->heads_file) = value;
	return 0;
}

/* 0, or the exit status. */
static int read_arguments(struct audit *audit, int argc, char **argv, bool with_heads)
{
	char **rest;
	int rc;

	memset(audit, 0, sizeof(*audit));
	audit->takes_heads = with_heads;
	rc = gw_command_options(argc, argv, options, take_option, audit, 0, &rest);
	return rc == 0 && audit->heads_file && !read_heads(audit) ? EXIT_FAILURE : rc;
}

/* ---- verifying ---- */

/* Is the record that was a head once what it was then? */
static void compare(struct audit *audit, unsigned int partition, uint64_t n, const char *hash)
{
	if (!audit->why[0] && audit->kept.n[partition] == n && strcmp(audit->kept.hash[partition], hash) != 0)
		snprintf(audit->why, sizeof(audit->why), "partition %u: record %" PRIu64 " is not the one whose hash was kept", partition, n);
}

static void compare_lengths(struct audit *audit)
{
	for (unsigned int p = 0; p < SESS_QUEUE_PARTITIONS && !audit->why[0]; p++)
		if (audit->heads.n[p] < audit->kept.n[p])
			snprintf(audit->why, sizeof(audit->why), "partition %u: record %" PRIu64 ", whose hash was kept, is missing: "
				 "the chain ends at %" PRIu64, p, audit->kept.n[p], audit->heads.n[p]);
}

static void on_record(void *ctx, const struct sess_chain_record *record)
{
	struct audit *audit = ctx;

	audit->heads.n[record->partition] = record->n;
	memcpy(audit->heads.hash[record->partition], record->hash, SESS_CHAIN_HASH_OCTETS);
	compare(audit, record->partition, record->n, record->hash);
	if (audit->to && !gw_audit_file_write(audit->to, record))
		audit->write_failed = true;
}

static void on_end(void *ctx, const struct sess_chain_verdict *verdict)
{
	struct audit *audit = ctx;

	audit->done = true;
	audit->no_answer = !verdict;
	if (!verdict)
		return;
	audit->records = verdict->records;
	audit->unsealed = verdict->unsealed;
	if (!verdict->good)
		snprintf(audit->why, sizeof(audit->why), "partition %u: %s", verdict->partition, verdict->why);
}

/* All chains of the ledger. False after a sentence: it could not be asked. */
static bool walk(struct gw_command_world *world, struct audit *audit)
{
	struct sess_chain *chain;
	int rc;

	if (!gw_command_open(world))
		return false;
	chain = sess_chain_alloc(world->ctx, world->redis);
	rc = sess_chain_verify(chain, on_record, on_end, audit);
	if (rc == 0)
		gw_command_wait(&audit->done);
	talloc_free(chain);
	if (rc == 0 && !audit->no_answer)
		return true;
	gw_command_fail("the ledger does not answer");
	return false;
}

/* The same of a file. */
static bool walk_file(struct audit *audit)
{
	FILE *from = fopen(audit->file, "re");

	if (!from) {
		gw_command_fail("%s: %s", audit->file, strerror(errno));
		return false;
	}
	gw_audit_file_verify(from, &audit->kept, &audit->heads, &audit->records, audit->why, sizeof(audit->why));
	fclose(from);
	return true;
}

static int verify(struct gw_command_world *world, int argc, char **argv)
{
	struct audit audit;
	int rc = read_arguments(&audit, argc, argv, true);

	if (rc != 0)
		return rc;
	if (!(audit.file ? walk_file(&audit) : walk(world, &audit)))
		return EXIT_FAILURE;
	if (!audit.why[0])
		compare_lengths(&audit);
	printf("%" PRIu64 " records verified\n", audit.records);
	if (!audit.file)
		printf("%" PRIu64 " lines not sealed yet\n", audit.unsealed);
	if (audit.why[0]) {
		printf("WRONG: %s\n", audit.why);
		return EXIT_FAILURE;
	}
	gw_audit_heads_print(stdout, &audit.heads);
	return EXIT_SUCCESS;
}

/* ---- exporting ---- */

/* What is wrong ends the file, but is not hidden: it is told, and the exit status tells it. */
static int export(struct gw_command_world *world, int argc, char **argv)
{
	struct audit audit;
	int rc = read_arguments(&audit, argc, argv, false);
	bool walked;

	if (rc != 0)
		return rc;
	audit.to = audit.file ? fopen(audit.file, "wxe") : stdout;
	if (!audit.to)
		return gw_command_fail("%s: %s", audit.file, strerror(errno));
	walked = walk(world, &audit);
	if (fflush(audit.to) != 0 || (audit.file && fclose(audit.to) != 0))
		audit.write_failed = true;
	if (!walked)
		return EXIT_FAILURE;
	if (audit.write_failed)
		return gw_command_fail("%s cannot be written", audit.file ? audit.file : "it");
	if (audit.why[0])
		return gw_command_fail("WRONG: %s; only what is before it was written", audit.why);
	fprintf(stderr, "%" PRIu64 " records\n", audit.records);
	return EXIT_SUCCESS;
}

const struct gw_command gw_audit_commands[] = {
	{ "audit", "verify", "[--file FILE] [--heads FILE]",
	  "whether the chains are as they were written, and their heads, to be kept elsewhere; --file: an exported one; --heads: as printed once",
	  verify },
	{ "audit", "export", "[--file FILE]", "all records, one a line of JSON, for a machine without the ledger", export },
	{ 0 },
};
