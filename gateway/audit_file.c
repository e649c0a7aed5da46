/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See audit_file.h. Nothing that a file says is believed: each line is judged by itself and by the one before it in its chain. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/audit_file.h"

#define LINE_OCTETS (1024 * 1024)    /* of a record: what the ledger takes as a note, escaped */

/* ---- writing ---- */

bool gw_audit_file_write(FILE *to, const struct sess_chain_record *record)
{
	json_t *object = json_pack("{s:i, s:I, s:s}", "partition", (int)record->partition, "n", (json_int_t)record->n, "hash", record->hash);
	json_t *body = json_stringn(record->body, record->octets);
	char *base64 = NULL;
	bool good;

	if (!body) {
		size_t octets = sodium_base64_encoded_len(record->octets, sodium_base64_VARIANT_ORIGINAL);

		base64 = malloc(octets);
		sodium_bin2base64(base64, octets, record->body, record->octets, sodium_base64_VARIANT_ORIGINAL);
	}
	json_object_set_new_nocheck(object, base64 ? "base64" : "body", base64 ? json_string(base64) : body);
	good = json_dumpf(object, to, JSON_COMPACT) == 0 && fputc('\n', to) != EOF;
	json_decref(object);
	free(base64);
	return good;
}

/* ---- reading ---- */

struct line {
	unsigned int partition;
	uint64_t n;
	const char *hash;
	const void *body;
	size_t octets;
	uint8_t *room;                   /* for a body in base64: as long as the line */
};

static bool read_body(const json_t *object, struct line *line)
{
	const json_t *body = json_object_get(object, "body"), *base64 = json_object_get(object, "base64");

	if (json_is_string(body)) {
		line->body = json_string_value(body);
		line->octets = json_string_length(body);
		return !base64;
	}
	if (!json_is_string(base64))
		return false;
	line->body = line->room;
	return sodium_base642bin(line->room, json_string_length(base64), json_string_value(base64), json_string_length(base64), NULL,
				 &line->octets, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

static bool read_line(const json_t *object, struct line *line)
{
	json_int_t partition = json_integer_value(json_object_get(object, "partition")), n = json_integer_value(json_object_get(object, "n"));

	line->hash = json_string_value(json_object_get(object, "hash"));
	if (!json_is_integer(json_object_get(object, "partition")) || partition < 0 || partition >= SESS_QUEUE_PARTITIONS || n < 1 || !line->hash)
		return false;
	line->partition = (unsigned int)partition;
	line->n = (uint64_t)n;
	return read_body(object, line);
}

/* NULL, or what is wrong with it. */
static const char *judge(const struct line *line, const struct gw_audit_heads *kept, struct gw_audit_heads *heads)
{
	unsigned int p = line->partition;
	char hash[SESS_CHAIN_HASH_OCTETS];

	if (line->n > heads->n[p] + 1)
		return "records before it are missing";
	if (line->n <= heads->n[p])
		return "it stands there twice";
	sess_chain_hash(p, line->n, heads->hash[p], line->body, line->octets, hash);
	if (strcmp(hash, line->hash) != 0)
		return "it, or the one before it, was changed";
	if (kept->n[p] == line->n && strcmp(kept->hash[p], hash) != 0)
		return "it is not the one whose hash was kept";
	heads->n[p] = line->n;
	strcpy(heads->hash[p], hash);
	return NULL;
}

static void clear(struct gw_audit_heads *heads)
{
	for (unsigned int p = 0; p < SESS_QUEUE_PARTITIONS; p++) {
		heads->n[p] = 0;
		memset(heads->hash[p], '0', SESS_CHAIN_HASH_OCTETS - 1);
		heads->hash[p][SESS_CHAIN_HASH_OCTETS - 1] = '\0';
	}
}

static bool verify_line(const char *text, size_t octets, uint64_t number, const struct gw_audit_heads *kept, struct gw_audit_heads *heads,
			char *why, size_t cap)
{
	json_t *object = json_loadb(text, octets, JSON_ALLOW_NUL, NULL);
	struct line line = { .room = talloc_size(NULL, octets) };
	const char *wrong = NULL;

	if (!read_line(object, &line))
		snprintf(why, cap, "line %" PRIu64 " is no record", number);
	else if ((wrong = judge(&line, kept, heads)))
		snprintf(why, cap, "line %" PRIu64 ", record %" PRIu64 " of partition %u: %s", number, line.n, line.partition, wrong);
	talloc_free(line.room);
	json_decref(object);
	return !why[0];
}

bool gw_audit_file_verify(FILE *from, const struct gw_audit_heads *kept, struct gw_audit_heads *heads, uint64_t *records, char *why, size_t cap)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t octets;

	clear(heads);
	*records = 0;
	why[0] = '\0';
	while (!why[0] && (octets = getline(&text, &room, from)) >= 0) {
		if (octets > LINE_OCTETS)
			snprintf(why, cap, "line %" PRIu64 " is no record: it is too long", *records + 1);
		else if (verify_line(text, (size_t)octets, *records + 1, kept, heads, why, cap))
			(*records)++;
	}
	if (!why[0] && ferror(from))
		snprintf(why, cap, "it cannot be read");
	free(text);
	return !why[0];
}

/* ---- heads ---- */

void gw_audit_heads_print(FILE *to, const struct gw_audit_heads *heads)
{
	for (unsigned int p = 0; p < SESS_QUEUE_PARTITIONS; p++)
		if (heads->n[p])
			fprintf(to, "head %02u %" PRIu64 " %s\n", p, heads->n[p], heads->hash[p]);
}

bool gw_audit_heads_read(FILE *from, struct gw_audit_heads *heads)
{
	char text[256], hash[SESS_CHAIN_HASH_OCTETS];
	unsigned int p;
	uint64_t n;

	clear(heads);
	while (fgets(text, sizeof(text), from)) {
		if (strncmp(text, "head ", 5) != 0)
			continue;
		if (sscanf(text, "head %2u %19" SCNu64 " %64[0-9a-f]", &p, &n, hash) != 3 || p >= SESS_QUEUE_PARTITIONS || n == 0 ||
		    strlen(hash) != SESS_CHAIN_HASH_OCTETS - 1)
			return false;
		heads->n[p] = n;
		strcpy(heads->hash[p], hash);
	}
	return !ferror(from);
}
