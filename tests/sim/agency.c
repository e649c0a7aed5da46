/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* dolat-agency: a sample agency with made-up bills and balances, that can also be slow, silent or broken on request. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/agency_server.h"

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void usage(FILE *to)
{
	fputs("usage: dolat-agency [--listen ADDR:PORT] [--port-file FILE] [--data FILE] [--mode MODE[,MS]]\n"
	      "                    [--cert FILE --key FILE] [--log] [--hook-secret-file FILE] [--hook-tolerance S]\n"
	      "                    [--country FILE] [--asks N] [--state FILE] [--api URL --api-key-file FILE [--api-ca FILE]]\n\n"
	      "  -l, --listen ADDR:PORT  numeric address (127.0.0.1:8380); port 0: any\n"
	      "  -p, --port-file FILE    writes the port there once it is served\n"
	      "  -d, --data FILE         bills and balances as JSON, in place of the built-in ones\n"
	      "  -m, --mode MODE[,MS]    how every operation answers, until POST /control says otherwise\n"
	      "  -c, --cert FILE, -k, --key FILE  serve TLS\n"
	      "  -v, --log               a line for each request\n"
	      "  -s, --hook-secret-file FILE  whose first line is the secret of webhooks (whsec_...); else any signature is good\n"
	      "  -t, --hook-tolerance S  a webhook's time may be so many seconds from ours (300; 0: any)\n"
	      "  -C, --country FILE      keeps people, bills, payments ... of the national menu's agencies there (else in memory)\n"
	      "  -n, --asks N            a number may ask each of them so often an hour (120; 0: as often as it likes)\n"
	      "  -S, --state FILE        remembers the webhooks that came, over a restart\n"
	      "  -a, --api URL           answers requests through the gateway's API, http://127.0.0.1:8480\n"
	      "  -K, --api-key-file FILE whose first line is the key for it\n"
	      "  -A, --api-ca FILE       the authority of its certificate\n\nmodes:\n", to);
	for (unsigned int i = 0; sim_mode_row(i); i++)
		fprintf(to, "  %-10s%s\n", sim_mode_row(i)->name, sim_mode_row(i)->text);
}

static int parse_listen(char *text, struct sim_server_config *config)
{
	char *colon = strrchr(text, ':'), *end;
	unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 65536;

	if (port > 65535 || *end || end == colon + 1)
		return -EINVAL;
	*colon = '\0';
	config->port = (uint16_t)port;
	config->listen = text[0] == '[' ? text + 1 : text;
	if (text[0] == '[' && colon[-1] == ']')
		colon[-1] = '\0';
	return 0;
}

static int parse_asks(const char *text, struct sim_country_config *config)
{
	char *end;
	unsigned long asks = strtoul(text, &end, 10);

	config->asks = (unsigned int)asks;
	return end != text && !*end && asks <= 1000000 ? 0 : -EINVAL;
}

static int parse_mode(const char *text, struct sim_fault *fault)
{
	size_t n = strcspn(text, ",");

	fault->count = -1;
	fault->status = 503;
	fault->ms = text[n] ? (unsigned int)strtoul(text + n + 1, NULL, 10) : 0;
	for (unsigned int i = 0; sim_mode_row(i); i++) {
		if (strncmp(sim_mode_row(i)->name, text, n) == 0 && sim_mode_row(i)->name[n] == '\0') {
			fault->mode = (enum sim_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* The first line of the file. */
static int read_secret(const char *path, char *secret, size_t cap)
{
	FILE *file = fopen(path, "re");
	bool good = file && fgets(secret, (int)cap, file);

	if (file)
		fclose(file);
	else
		perror(path);
	secret[strcspn(secret, "\r\n")] = '\0';
	return good && secret[0] ? 0 : -EINVAL;
}

/* Whoever waits for the file must never read half of it. */
static int write_port(const char *path, uint16_t port)
{
	char temporary[4096];
	FILE *file;

	snprintf(temporary, sizeof(temporary), "%s.tmp", path);
	file = fopen(temporary, "we");
	if (!file)
		return -errno;
	fprintf(file, "%u\n", port);
	fclose(file);
	return rename(temporary, path) == 0 ? 0 : -errno;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listen", required_argument, NULL, 'l' }, { "port-file", required_argument, NULL, 'p' },
		{ "data", required_argument, NULL, 'd' }, { "mode", required_argument, NULL, 'm' },
		{ "cert", required_argument, NULL, 'c' }, { "key", required_argument, NULL, 'k' },
		{ "log", no_argument, NULL, 'v' }, { "help", no_argument, NULL, 'h' },
		{ "hook-secret-file", required_argument, NULL, 's' }, { "hook-tolerance", required_argument, NULL, 't' },
		{ "country", required_argument, NULL, 'C' }, { "asks", required_argument, NULL, 'n' },
		{ "state", required_argument, NULL, 'S' }, { "api", required_argument, NULL, 'a' },
		{ "api-key-file", required_argument, NULL, 'K' }, { "api-ca", required_argument, NULL, 'A' }, { 0 },
	};
	struct sim_server_config config = { .listen = "127.0.0.1", .port = 8380, .hooks = { .tolerance_s = 300 },
	                                    .country = { .asks = SIM_COUNTRY_ASKS } };
	struct sim_fault fault = { .mode = SIM_MODE_NONE };
	const char *port_file = NULL;
	static char secret[256];
	struct sim_server *server;
	int option, bad = 0;

	while ((option = getopt_long(argc, argv, "l:p:d:m:c:k:vhs:t:S:a:K:A:C:n:", options, NULL)) != -1) {
		switch (option) {
		case 'l': bad |= parse_listen(optarg, &config); break;
		case 'p': port_file = optarg; break;
		case 'd': config.data_file = optarg; break;
		case 'm': bad |= parse_mode(optarg, &fault); break;
		case 'c': config.cert_file = optarg; break;
		case 'k': config.key_file = optarg; break;
		case 'v': config.log = true; break;
		case 's': bad |= read_secret(optarg, secret, sizeof(secret)); config.hooks.secret = secret; break;
		case 't': config.hooks.tolerance_s = strtol(optarg, NULL, 10); break;
		case 'C': config.country.file = optarg; break;
		case 'n': bad |= parse_asks(optarg, &config.country); break;
		case 'S': config.hooks.state_file = optarg; break;
		case 'a': config.client.api = optarg; break;
		case 'K': config.client.key_file = optarg; break;
		case 'A': config.client.ca_file = optarg; break;
		case 'h': usage(stdout); return 0;
		default: bad = -EINVAL;
		}
	}
	if (bad || optind < argc || !config.cert_file != !config.key_file || !config.client.api != !config.client.key_file) {
		usage(stderr);
		return 2;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	server = sim_server_open(&config);
	if (!server)
		return 1;
	sim_server_fault(server, "", &fault);
	fprintf(stderr, "dolat-agency: serving on %s port %u\n", config.listen, sim_server_port(server));
	if (port_file && write_port(port_file, sim_server_port(server)) != 0) {
		perror(port_file);
		stop = 1;
	}
	while (!stop)
		sim_server_turn(server, 1000);
	sim_server_close(server);
	return 0;
}
