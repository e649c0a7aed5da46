/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Plays scripts: line by line, each page printed, until the first line that does not hold. See README.md for the words. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/sim/smsc_mode.h"
#include "tests/sim/smsc_verb.h"

static void print_block(const char *mark, const char *text, size_t octets)
{
	size_t from = 0;

	for (size_t i = 0; i <= octets; i++) {
		if (i < octets && text[i] != '\n')
			continue;
		printf("    %s %.*s\n", mark, (int)(i - from), text + from);
		from = i + 1;
	}
}

static void print_result(const struct smsc_run *run)
{
	const struct smsc_handset *handset = run->handset;

	if (run->verb->prints_page) {
		print_block("│", handset->page, handset->octets);
		printf("    └ %ld units of %s, %.1f ms%s\n", handset->units, smpp_text_alphabet_name(handset->alphabet),
		       (double)(handset->answered_ns - handset->asked_ns) / 1e6, handset->state == SMSC_ENDED ? ", the last page" : "");
	}
	if (run->sms) {
		print_block("✉", run->sms->text, run->sms->octets);
		printf("    └ SMS from %s, %u parts\n", run->sms->from, run->sms->parts);
	}
	if (run->tells_status || run->lists) {
		static char json[65536];

		smsc_run_json(run, true, json, sizeof(json));
		printf("    %s\n", json);
	}
}

static bool play_line(struct smsc_run *run, const char *file, unsigned int number, const char *line)
{
	char seen[SMSC_UTF8_OCTETS + 600];
	int done;

	printf("%s\n", line);
	done = smsc_run_start(run, line);
	while (!done && !smsc_stopping) {
		smsc_turn(run->smsc, 10);
		done = smsc_run_again(run);
	}
	if (done > 0) {
		print_result(run);
		fflush(stdout);
		return true;
	}
	fflush(stdout);
	smsc_run_describe(run, seen, sizeof(seen));
	fprintf(stderr, "%s:%u: %s: %s\n%s:%u: seen instead: %s\n", file, number, line, run->error[0] ? run->error : "stopped", file,
	        number, seen);
	return false;
}

static bool play_file(struct smsc *smsc, const char *path, const char *msisdn)
{
	static struct smsc_run run;
	char line[SMSC_LINE];
	unsigned int number = 0;
	bool good = true;
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	smsc_run_init(&run, smsc, msisdn);
	while (good && fgets(line, sizeof(line), file)) {
		const char *text = line + strspn(line, " \t");

		number++;
		line[strcspn(line, "\r\n")] = '\0';
		if (*text && *text != '#')
			good = play_line(&run, path, number, text);
	}
	if (file != stdin)
		fclose(file);
	return good;
}

int smsc_play(struct smsc *smsc, const struct smsc_options *options)
{
	bool good = options->n_arguments > 0;

	if (!good)
		fprintf(stderr, "play: which scripts?\n");
	if (good && !smsc_wait_bound(smsc, options->bind_wait_ms)) {
		fprintf(stderr, "the gateway has not bound to every operator within %lld ms\n", (long long)options->bind_wait_ms);
		return 1;
	}
	for (int i = 0; good && i < options->n_arguments; i++)
		good = play_file(smsc, options->arguments[i], options->msisdn);
	return good ? 0 : 1;
}
