/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The load mode: listens, waits for the gateway's binds, then plays one dialog over and over for many subscribers and prints
 * one line of JSON. Open loop (--rate): dialogs begin when they ought to, however slow the answers are, and a step's time
 * counts from the moment its input ought to have been sent; so a gateway that stalls is charged for everyone who would have
 * waited. Saturation (--rate 0): always --in-flight dialogs. Every answer is checked (smsc_dialogs.c). */
#include "tests/sim/smsc_load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "smpp/status.h"
#include "tests/sim/smsc_json.h"
#include "tests/sim/smsc_loop.h"
#include "tests/sim/smsc_mode.h"

#define SECOND_NS 1000000000LL
#define ANSWER_NS (10 * SECOND_NS)     /* a step that takes longer is a timeout */

struct generator {
	struct smsc_load *load;
	unsigned int binds, in_flight;
	double rate, seconds, warmup, bind_wait;
	int64_t begin_ns, measure_ns, stop_ns, expire_ns, cpu_us;
	uint64_t scheduled, dialogs_before;
	bool running;
};

/* There is one load in a process: what the links' callbacks find it by. */
static struct generator current;

/* --- the turn --- */

static int64_t next_start_ns(const struct generator *generator)
{
	return generator->begin_ns + (int64_t)((double)generator->scheduled * 1e9 / generator->rate);
}

static void start_dialogs(struct generator *generator)
{
	unsigned int link;

	if (!generator->running || generator->load->links.now_ns >= generator->stop_ns || !smsc_generator_next(&generator->load->links, &link))
		return;
	if (generator->rate > 0) {
		for (int64_t due; (due = next_start_ns(generator)) <= generator->load->links.now_ns; generator->scheduled++)
			if (smsc_generator_next(&generator->load->links, &link))
				smsc_load_start(generator->load, link, due);
		return;
	}
	while (generator->load->in_flight < generator->in_flight && smsc_generator_next(&generator->load->links, &link))
		if (!smsc_load_start(generator->load, link, generator->load->links.now_ns))
			break;
}

static void on_turn(struct smsc_generator *links)
{
	struct generator *generator = &current;

	start_dialogs(generator);
	if (links->now_ns >= generator->expire_ns) {
		generator->expire_ns = links->now_ns + SECOND_NS / 4;
		smsc_load_expire(generator->load, links->now_ns - ANSWER_NS, -1, SMSC_LOAD_TIMEOUT);
	}
}

static void on_pdu(struct smsc_generator *links, unsigned int link, const struct smpp_pdu *pdu)
{
	if (pdu->command_id == SMPP_SUBMIT_SM || pdu->command_id == SMPP_DATA_SM)
		smsc_load_submit(current.load, link, pdu, links->now_ns);
	else if (pdu->command_id == SMPP_DELIVER_SM_RESP || pdu->command_id == SMPP_DATA_SM_RESP || pdu->command_id == SMPP_GENERIC_NACK)
		smsc_load_response(current.load, pdu);
}

static void on_lost(struct smsc_generator *links, unsigned int link)
{
	(void)links;
	smsc_load_expire(current.load, INT64_MAX, (int)link, SMSC_LOAD_LINK_LOST);
}

static const struct smsc_generator_user user = { .on_pdu = on_pdu, .on_lost = on_lost, .on_turn = on_turn };

/* --- the run --- */

static void turn(struct generator *generator)
{
	bool paced = generator->running && generator->rate > 0 && generator->load->links.now_ns < generator->stop_ns;

	smsc_generator_turn(&generator->load->links, paced ? next_start_ns(generator) : INT64_MAX);
}

static void run_until(struct generator *generator, int64_t until_ns)
{
	while (!smsc_stopping && generator->load->links.now_ns < until_ns)
		turn(generator);
}

/* Returns the seconds that were measured. */
static double run(struct generator *generator)
{
	struct smsc_load *load = generator->load;
	int64_t end_ns;

	generator->load->links.now_ns = generator->begin_ns = smsc_now_ns();
	generator->measure_ns = generator->begin_ns + (int64_t)(generator->warmup * 1e9);
	generator->stop_ns = generator->measure_ns + (int64_t)(generator->seconds * 1e9);
	generator->running = true;
	run_until(generator, generator->measure_ns);
	generator->dialogs_before = load->dialogs;
	generator->cpu_us = smsc_cpu_us();
	load->measuring = true;
	run_until(generator, generator->stop_ns);
	load->measuring = false;
	generator->cpu_us = smsc_cpu_us() - generator->cpu_us;
	generator->dialogs_before = load->dialogs - generator->dialogs_before;
	end_ns = generator->load->links.now_ns;
	/* What was begun may finish, but counts no more. */
	while (!smsc_stopping && (load->in_flight || load->unacknowledged) && generator->load->links.now_ns < end_ns + ANSWER_NS / 4 && smsc_generator_bound(&load->links))
		turn(generator);
	smsc_load_expire(load, INT64_MAX, -1, SMSC_LOAD_UNFINISHED);
	load->errors[SMSC_LOAD_UNACKNOWLEDGED] = load->unacknowledged;
	return (double)(end_ns - generator->measure_ns) / 1e9;
}

static bool report(const struct generator *generator, double seconds)
{
	static const struct { const char *name; double share; } quantiles[] = { { "p50_us", 0.5 }, { "p90_us", 0.9 }, { "p99_us", 0.99 },
		{ "p999_us", 0.999 } };
	const struct smsc_load *load = generator->load;
	uint64_t dialogs = generator->dialogs_before, errors = 0;
	struct smsc_json json;
	char line[2048];

	smsc_json_open(&json, line, sizeof(line));
	smsc_json_number(&json, "dialogs", (double)dialogs);
	smsc_json_number(&json, "dialogs_per_s", seconds > 0 ? (double)dialogs / seconds : 0);
	smsc_json_number(&json, "steps", (double)load->hist.count);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		smsc_json_number(&json, quantiles[i].name, smsc_hist_quantile_us(&load->hist, quantiles[i].share));
	smsc_json_number(&json, "max_us", (double)load->hist.max_ns / 1000);
	smsc_json_number(&json, "smsc_cpu_us_per_dialog", dialogs ? (double)generator->cpu_us / (double)dialogs : 0);
	smsc_json_begin(&json, "errors");
	for (size_t i = 0; i < SMSC_LOAD_ERRORS; i++) {
		errors += load->errors[i];
		if (load->errors[i])
			smsc_json_number(&json, smsc_load_error_names[i], (double)load->errors[i]);
	}
	smsc_json_end(&json);
	smsc_json_close(&json);
	puts(line);
	return !errors && dialogs;
}

/* --- the command line --- */

static int usage(void)
{
	fprintf(stderr, "usage: dolat-smsc [--listen HOST:PORT] [--port-file FILE] [--dialect NAME] load [OPTION...]\n"
	        "  --rate N        dialogs begun in a second; 0: as many as go (0)\n"
	        "  --in-flight N   with rate 0: dialogs at once (256)\n"
	        "  --seconds N     measured (10), after --warmup N (1)\n"
	        "  --script LIST   what is dialled, then what is typed (*4#,1,1,1)\n"
	        "  --open-end      the last page leaves the dialog open; --hang-up: and the subscriber hangs up then\n"
	        "  --expect N=TEXT page N must say TEXT; without it, page N must be what it was the first time\n"
	        "  --numbers N     subscribers, in rotation (1000000)\n"
	        "  --binds N       links to wait for (1), --bind-wait SECONDS (30)\n");
	return 2;
}

static unsigned int split(char *list, char **parts, unsigned int max)
{
	unsigned int n = 0;

	for (char *part = strtok(list, ","); part && n < max; part = strtok(NULL, ","))
		parts[n++] = part;
	return n;
}

static int expect(struct smsc_load *load, const char *argument)
{
	char *text;
	unsigned long step = strtoul(argument, &text, 10);

	return *text == '=' && step >= 1 && step <= SMSC_LOAD_STEPS ? smsc_load_expect(load, (unsigned int)step, text + 1) : -1;
}

static int read_options(struct generator *generator, int argc, char **argv, char *script, size_t script_cap)
{
	static const struct option options[] = { { "rate", 1, NULL, 'r' }, { "in-flight", 1, NULL, 'f' }, { "seconds", 1, NULL, 's' },
		{ "warmup", 1, NULL, 'w' }, { "script", 1, NULL, 'S' }, { "open-end", 0, NULL, 'o' }, { "expect-end", 0, NULL, 'E' },
		{ "hang-up", 0, NULL, 'h' }, { "expect", 1, NULL, 'e' }, { "numbers", 1, NULL, 'n' }, { "binds", 1, NULL, 'b' },
		{ "bind-wait", 1, NULL, 'B' }, { NULL, 0, NULL, 0 } };
	struct smsc_load *load = generator->load;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'r': generator->rate = strtod(optarg, NULL); break;
		case 'f': generator->in_flight = (unsigned int)strtoul(optarg, NULL, 10); break;
		case 's': generator->seconds = strtod(optarg, NULL); break;
		case 'w': generator->warmup = strtod(optarg, NULL); break;
		case 'S': snprintf(script, script_cap, "%s", optarg); break;
		case 'o': load->expect_end = false; break;
		case 'E': load->expect_end = true; break;
		case 'h': load->hang_up = true; break;
		case 'e':
			if (expect(load, optarg))
				return -1;
			break;
		case 'n': load->numbers = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'b': generator->binds = (unsigned int)strtoul(optarg, NULL, 10); break;
		case 'B': generator->bind_wait = strtod(optarg, NULL); break;
		default: return -1;
		}
	}
	return optind == argc && load->numbers && load->numbers <= 10000000 && generator->in_flight <= SMSC_LOAD_SLOTS ? 0 : -1;
}

int smsc_load(struct smsc *smsc, const struct smsc_options *options)
{
	static struct smsc_load load;
	struct generator *generator = &current;
	struct smsc_operator *op = &smsc->operators[0];
	char script[512] = "*4#,1,1,1", *inputs[SMSC_LOAD_STEPS];
	unsigned int n_inputs;
	bool good = false;

	load.numbers = 1000000;
	load.expect_end = true;
	load.dialect = op->dialect;
	load.links.user = &user;
	load.links.listen_fd = op->listen_fd;
	*generator = (struct generator){ .load = &load, .binds = 1, .in_flight = 256, .seconds = 10, .warmup = 1,
		.bind_wait = 30 };
	optind = 0; /* getopt begins anew, at our own words */
	if (read_options(generator, options->n_arguments + 1, options->arguments - 1, script, sizeof(script)))
		return usage();
	n_inputs = split(script, inputs, SMSC_LOAD_STEPS);
	if (smsc_load_init(&load, inputs, n_inputs)) {
		fprintf(stderr, "load: the dialect %s cannot carry this script here\n", op->dialect->name);
	} else {
		prctl(PR_SET_TIMERSLACK, 1000); /* 1 us in place of 50: intended times are kept */
		if (smsc_generator_wait_bound(&load.links, generator->binds, generator->bind_wait))
			good = report(generator, run(generator));
		else
			fprintf(stderr, "load: the gateway has not bound\n");
	}
	smsc_generator_close(&load.links);
	smsc_load_fini(&load);
	return good ? 0 : 1;
}
