/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The load mode: listens, waits for the gateway's binds, then plays one dialog over and over for many subscribers and prints
 * one line of JSON. Open loop (--rate): dialogs begin when they ought to, however slow the answers are, and a step's time
 * counts from the moment its input ought to have been sent; so a gateway that stalls is charged for everyone who would have
 * waited. Saturation (--rate 0): always --in-flight dialogs. Every answer is checked (smsc_dialogs.c). */
#include "tests/sim/smsc_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smpp/status.h"
#include "tests/sim/smsc_json.h"
#include "tests/sim/smsc_loop.h"
#include "tests/sim/smsc_mode.h"

#define SECOND_NS 1000000000LL
#define ANSWER_NS (10 * SECOND_NS)     /* a step that takes longer is a timeout */

struct link {
	struct smsc_stream stream;
	struct generator *generator;
	unsigned int index;
	bool open, receives;
};

struct generator {
	struct smsc_load *load;
	struct link links[SMSC_LOAD_LINKS];
	int listen_fd;
	unsigned int binds, in_flight, next_link;
	double rate, seconds, warmup, bind_wait;
	int64_t now_ns, begin_ns, measure_ns, stop_ns, expire_ns, cpu_us;
	uint64_t scheduled, dialogs_before;
	bool running;
};

/* --- the links --- */

static void on_pdu(void *ctx, const struct smpp_pdu *pdu)
{
	struct link *link = ctx;
	struct smpp_pdu response;

	switch (pdu->command_id) {
	case SMPP_SUBMIT_SM:
	case SMPP_DATA_SM:
		smsc_load_submit(link->generator->load, link->index, pdu, link->generator->now_ns);
		break;
	case SMPP_DELIVER_SM_RESP:
	case SMPP_DATA_SM_RESP:
	case SMPP_GENERIC_NACK:
		smsc_load_response(link->generator->load, pdu);
		break;
	case SMPP_BIND_TRANSCEIVER:
	case SMPP_BIND_RECEIVER:
	case SMPP_BIND_TRANSMITTER:
		response = (struct smpp_pdu){ .command_id = pdu->command_id | SMPP_RESPONSE_BIT, .sequence = pdu->sequence,
			.bind = { .system_id = "load" } };
		smsc_stream_put(&link->stream, &response);
		link->receives = pdu->command_id != SMPP_BIND_TRANSMITTER;
		break;
	case SMPP_ENQUIRE_LINK:
	case SMPP_UNBIND:
		smsc_stream_put_response(&link->stream, pdu->command_id, pdu->sequence, 0);
		break;
	default:
		break;
	}
}

static void accept_link(struct generator *generator)
{
	int fd = accept4(generator->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	unsigned int i = 0;

	while (i < SMSC_LOAD_LINKS && generator->links[i].open)
		i++;
	if (fd < 0 || i == SMSC_LOAD_LINKS) {
		if (fd >= 0)
			close(fd);
		return;
	}
	generator->links[i] = (struct link){ .generator = generator, .index = i, .open = true };
	if (!smsc_stream_init(&generator->links[i].stream, fd))
		abort();
	generator->load->streams[i] = &generator->links[i].stream;
}

static void close_link(struct generator *generator, struct link *link)
{
	smsc_load_expire(generator->load, INT64_MAX, (int)link->index, SMSC_LOAD_LINK_LOST);
	generator->load->streams[link->index] = NULL;
	smsc_stream_fini(&link->stream);
	link->open = link->receives = false;
}

static unsigned int bound(const struct generator *generator)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < SMSC_LOAD_LINKS; i++)
		n += generator->links[i].open && generator->links[i].receives;
	return n;
}

static bool next_link(struct generator *generator, unsigned int *index)
{
	for (unsigned int i = 0; i < SMSC_LOAD_LINKS; i++) {
		*index = generator->next_link++ % SMSC_LOAD_LINKS;
		if (generator->links[*index].open && generator->links[*index].receives)
			return true;
	}
	return false;
}

/* --- the turn --- */

static int64_t next_start_ns(const struct generator *generator)
{
	return generator->begin_ns + (int64_t)((double)generator->scheduled * 1e9 / generator->rate);
}

static void start_dialogs(struct generator *generator)
{
	unsigned int link;

	if (!generator->running || generator->now_ns >= generator->stop_ns || !next_link(generator, &link))
		return;
	if (generator->rate > 0) {
		for (int64_t due; (due = next_start_ns(generator)) <= generator->now_ns; generator->scheduled++)
			if (next_link(generator, &link))
				smsc_load_start(generator->load, link, due);
		return;
	}
	while (generator->load->in_flight < generator->in_flight && next_link(generator, &link))
		if (!smsc_load_start(generator->load, link, generator->now_ns))
			break;
}

static void wait_for_events(struct generator *generator, struct pollfd *polls, nfds_t n)
{
	int64_t wait = 50 * SECOND_NS / 1000;
	struct timespec timeout;

	if (generator->running && generator->rate > 0 && generator->now_ns < generator->stop_ns) {
		wait = next_start_ns(generator) - smsc_now_ns();
		wait = wait < 0 ? 0 : wait > 50 * SECOND_NS / 1000 ? 50 * SECOND_NS / 1000 : wait;
	}
	timeout = (struct timespec){ wait / SECOND_NS, wait % SECOND_NS };
	ppoll(polls, n, &timeout, NULL);
}

static void turn(struct generator *generator)
{
	struct pollfd polls[SMSC_LOAD_LINKS + 1];
	nfds_t n = 0;

	polls[n++] = (struct pollfd){ .fd = generator->listen_fd, .events = POLLIN };
	for (unsigned int i = 0; i < SMSC_LOAD_LINKS; i++) {
		struct link *link = &generator->links[i];
		bool unsent = link->open && link->stream.tx_sent < link->stream.tx_used;

		polls[n++] = (struct pollfd){ .fd = link->open ? link->stream.fd : -1, .events = (short)(POLLIN | (unsent ? POLLOUT : 0)) };
	}
	wait_for_events(generator, polls, n);
	generator->now_ns = smsc_now_ns();
	if (polls[0].revents)
		accept_link(generator);
	for (unsigned int i = 0; i < SMSC_LOAD_LINKS; i++)
		if (polls[i + 1].fd >= 0 && polls[i + 1].revents & (POLLIN | POLLHUP | POLLERR))
			smsc_stream_read(&generator->links[i].stream, on_pdu, &generator->links[i]);
	start_dialogs(generator);
	for (unsigned int i = 0; i < SMSC_LOAD_LINKS; i++) {
		struct link *link = &generator->links[i];

		if (link->open)
			smsc_stream_flush(&link->stream);
		if (link->open && link->stream.broken)
			close_link(generator, link);
	}
	if (generator->now_ns >= generator->expire_ns) {
		generator->expire_ns = generator->now_ns + SECOND_NS / 4;
		smsc_load_expire(generator->load, generator->now_ns - ANSWER_NS, -1, SMSC_LOAD_TIMEOUT);
	}
}

/* --- the run --- */

static bool wait_for_binds(struct generator *generator)
{
	int64_t until = smsc_now_ns() + (int64_t)(generator->bind_wait * 1e9);

	while (!smsc_stopping && bound(generator) < generator->binds && smsc_now_ns() < until)
		turn(generator);
	return bound(generator) >= generator->binds;
}

static void run_until(struct generator *generator, int64_t until_ns)
{
	while (!smsc_stopping && generator->now_ns < until_ns)
		turn(generator);
}

/* Returns the seconds that were measured. */
static double run(struct generator *generator)
{
	struct smsc_load *load = generator->load;
	int64_t end_ns;

	generator->now_ns = generator->begin_ns = smsc_now_ns();
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
	end_ns = generator->now_ns;
	/* What was begun may finish, but counts no more. */
	while (!smsc_stopping && (load->in_flight || load->unacknowledged) && generator->now_ns < end_ns + ANSWER_NS / 4 && bound(generator))
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
	static struct generator generator;
	struct smsc_operator *op = &smsc->operators[0];
	char script[512] = "*4#,1,1,1", *inputs[SMSC_LOAD_STEPS];
	unsigned int n_inputs;
	bool good = false;

	load.numbers = 1000000;
	load.expect_end = true;
	load.dialect = op->dialect;
	generator = (struct generator){ .load = &load, .listen_fd = op->listen_fd, .binds = 1, .in_flight = 256, .seconds = 10, .warmup = 1,
		.bind_wait = 30 };
	optind = 0; /* getopt begins anew, at our own words */
	if (read_options(&generator, options->n_arguments + 1, options->arguments - 1, script, sizeof(script)))
		return usage();
	n_inputs = split(script, inputs, SMSC_LOAD_STEPS);
	if (smsc_load_init(&load, inputs, n_inputs)) {
		fprintf(stderr, "load: the dialect %s cannot carry this script here\n", op->dialect->name);
	} else {
		prctl(PR_SET_TIMERSLACK, 1000); /* 1 us in place of 50: intended times are kept */
		if (wait_for_binds(&generator))
			good = report(&generator, run(&generator));
		else
			fprintf(stderr, "load: the gateway has not bound\n");
	}
	for (unsigned int i = 0; i < SMSC_LOAD_LINKS; i++)
		if (generator.links[i].open)
			close_link(&generator, &generator.links[i]);
	smsc_load_fini(&load);
	return good ? 0 : 1;
}
