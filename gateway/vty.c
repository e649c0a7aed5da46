/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See vty.h. The commands are a table; one function takes them all and finds the row by the element that libosmovty matched.
 *
 * libosmovty has one console in a process, which is why there is nothing here to be allocated but what closes it. It reads
 * and writes no file (vty_tame.c). There is no password, so that `enable` asks for none: who reaches the port is an operator,
 * which is why it listens on this machine only unless told otherwise. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <osmocom/vty/command.h>
#include <osmocom/vty/logging.h>
#include <osmocom/vty/telnet_interface.h>
#include <osmocom/vty/vty.h>

#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/vty.h"
#include "gateway/vty_priv.h"

void gw_vty_line(struct vty *vty, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vty_out_va(vty, format, args);
	va_end(args);
	vty_out_newline(vty);
}

static void menu_reload(struct vty *vty, struct gw *gw, const char *argument)
{
	struct menu_diags *diags = menu_diags_alloc(gw);
	int rc = gw_reload(gw, diags);

	(void)argument;
	for (size_t i = 0; i < menu_diags_count(diags); i++) {
		const struct menu_diag *diag = menu_diags_at(diags, i);

		gw_vty_line(vty, "%s:%u: %s: %s", diag->file, diag->line, diag->rule, diag->text);
	}
	if (rc < 0)
		gw_vty_line(vty, "%% the menu was refused: the one before stays");
	else
		gw_vty_line(vty, "menu version %016" PRIx64 " is current", menu_set_version(menu_pins_current(gw->pins)));
	talloc_free(diags);
}

static void drain(struct vty *vty, struct gw *gw, const char *argument)
{
	(void)argument;
	if (gw->life == GW_SERVING)
		gw_vty_line(vty, "draining: %u steps at work; the process ends when they have, or in %u ms", gw_dialogs_in_flight(gw->dialogs),
			    gw->config->drain_ms);
	else
		gw_vty_line(vty, "%% it is being stopped already");
	gw_drain(gw);
}

/* What changes something wants `enable` first: a command may be shortened, and "d" would be a drain. */
static struct command {
	struct cmd_element element;
	gw_vty_command *run;
	bool changes;
} commands[] = {
	{ { .string = "show links", .doc = SHOW_STR "Connections to the SMSCs: state and counters\n" }, gw_vty_show_links, false },
	{ { .string = "show operators", .doc = SHOW_STR "The mobile networks: dialect, deadlines, links\n" }, gw_vty_show_operators, false },
	{ { .string = "show sessions", .doc = SHOW_STR "Steps at work, the session cache, Redis\n" }, gw_vty_show_sessions, false },
	{ { .string = "show ledger", .doc = SHOW_STR "What must not be lost: its Redis, its promise, its counters\n" }, gw_vty_show_ledger, false },
	{ { .string = "show session MSISDN", .doc = SHOW_STR "The session of one number\nThe number, with its country code\n" },
	  gw_vty_show_session, false },
	{ { .string = "show request CODE", .doc = SHOW_STR "A request of a citizen: what it is, not what it says\nIts tracking code\n" },
	  gw_vty_show_request, false },
	{ { .string = "show texts", .doc = SHOW_STR "What citizens write: counters\n" }, gw_vty_show_texts, false },
	{ { .string = "show notices", .doc = SHOW_STR "Notices on their way to citizens, and their receipts: counters\n" }, gw_vty_show_notices, false },
	{ { .string = "show notice ID", .doc = SHOW_STR "A notice: where it is, not what it says\nIts id\n" }, gw_vty_show_notice, false },
	{ { .string = "show payments unsure", .doc = SHOW_STR "Payments of bills\nThose that nobody can tell the outcome of\n" }, gw_vty_show_payments_unsure, false },
	{ { .string = "show unsure", .doc = SHOW_STR "Notices of which it was not known whether they had gone out\n" }, gw_vty_show_unsure, false },
	{ { .string = "show identity NUMBER", .doc = SHOW_STR "What is remembered of a number's identity: levels and times\nThe number, with its country code\n" },
	  gw_vty_show_identity, false },
	{ { .string = "show agencies", .doc = SHOW_STR "The agencies: calls, breaker, counters\n" }, gw_vty_show_agencies, false },
	{ { .string = "show menus", .doc = SHOW_STR "The current menu's version and services\n" }, gw_vty_show_menus, false },
	{ { .string = "show counters", .doc = SHOW_STR "All that is counted\n" }, gw_vty_show_counters, false },
	{ { .string = "show webhooks", .doc = SHOW_STR "Events on their way to agencies: breaker, counters\n" }, gw_vty_show_webhooks, false },
	{ { .string = "show queues", .doc = SHOW_STR "The durable queues: what waits, what is dead\n" }, gw_vty_show_queues, false },
	{ { .string = "show bulk", .doc = SHOW_STR "Jobs of bulk sending that are not over\n" }, gw_vty_show_bulk, false },
	{ { .string = "show dead", .doc = SHOW_STR "Dead letters of all queues\n" }, gw_vty_show_dead, false },
	{ { .string = "show dead QUEUE", .doc = SHOW_STR "Dead letters\nof one queue\n" }, gw_vty_show_dead, false },
	{ { .string = "dead retry id ID", .doc = "Dead letters\nBack into the queue, as if they were new\nOne of them\nAs show dead prints it\n" },
	  gw_vty_dead_retry, true },
	{ { .string = "dead retry all QUEUE", .doc = "Dead letters\nBack into the queue, as if they were new\nAll that are dead now\nThe queue\n" },
	  gw_vty_dead_retry_all, true },
	{ { .string = "dead drop ID", .doc = "Dead letters\nForget one for good\nAs show dead prints it\n" }, gw_vty_dead_drop, true },
	{ { .string = "identity forget NUMBER", .doc = "What is remembered of numbers\nForget it, limits and lock-outs too\nThe number, with its country code\n" },
	  gw_vty_identity_forget, true },
	{ { .string = "menu reload", .doc = "The menu\nRead it again; a menu with a mistake changes nothing\n" }, menu_reload, true },
	{ { .string = "drain", .doc = "Take no new dialogs, let running ones end, stop\n" }, drain, true },
};

static int on_command(struct cmd_element *element, struct vty *vty, int argc, const char *argv[])
{
	const struct command *command = container_of(element, struct command, element);
	const struct telnet_connection *connection = vty->priv;

	command->run(vty, connection->priv, argc ? argv[0] : NULL);
	return CMD_SUCCESS;
}

void gw_vty_init(void *ctx)
{
	static struct vty_app_info info = {
		.name = "dolat-gateway",
		.version = DOLAT_VERSION,
		.copyright = "Licence AGPL-3.0-or-later. There is no warranty.\r\n",
	};

	info.tall_ctx = ctx;
	vty_init(&info);
	gw_vty_tame();
	logging_vty_add_cmds();
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		commands[i].element.func = on_command;
		if (commands[i].changes)
			install_element(ENABLE_NODE, &commands[i].element);
		else
			install_element_ve(&commands[i].element);
	}
}

/* libosmovty keeps its socket to itself; it is the one on the loop whose data is what we handed over with it. */
static unsigned int port_of(const struct gw *gw)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address = { .six = { 0 } };
	socklen_t octets = sizeof(address);
	long max = sysconf(_SC_OPEN_MAX);

	for (int fd = 0; fd < max; fd++) {
		const struct osmo_fd *ofd = osmo_fd_get_by_fd(fd);

		if (!ofd || ofd->data != gw || getsockname(fd, &address.any, &octets) < 0)
			continue;
		return ntohs(address.any.sa_family == AF_INET6 ? address.six.sin6_port : address.four.sin_port);
	}
	return 0;
}

/* The gateway goes: consoles that are open must not find it, nor a log line find them. */
static int close_port(void *guard)
{
	(void)guard;
	telnet_exit();
	return 0;
}

int gw_vty_open(struct gw *gw, const char *listen, uint16_t port)
{
	int rc;

	if (!listen[0])
		return 0;
	errno = 0;
	rc = telnet_init_dynif(NULL, gw, listen, port);
	if (rc < 0) {
		rc = errno ? -errno : -EINVAL;
		LOGP(GW_LOG_MAIN, LOGL_ERROR, "vty cannot listen at %s, port %u: %s\n", listen, port, strerror(-rc));
		return rc;
	}
	talloc_set_destructor(talloc_named_const(gw, 1, "vty"), close_port);
	LOGP(GW_LOG_MAIN, LOGL_NOTICE, "vty port %u at %s\n", port_of(gw), listen);
	return 0;
}
