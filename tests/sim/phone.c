/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A phone in the terminal: a box with the page, the inbox below it, and a line to type on. On a terminal it redraws itself
 * when something changes; anywhere else it prints each page as plain lines and takes its input a line at a time, the next
 * when the answer to the last is there, so that it can stand in a pipe.
 *
 * Nothing is typed ahead of the network: a line waits until the gateway has bound and the page has come. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/smsc_inbox.h"
#include "tests/sim/smsc_mode.h"

#define WIDTH 46                /* columns inside the box */
#define INBOX_SHOWN 4
#define HINTS_OCTETS 4096

struct phone {
	struct smsc *smsc;
	struct smsc_handset *handset;
	bool terminal, input_ended, leaving, show_inbox, show_hints;
	char hints[HINTS_OCTETS];   /* what there is to dial; "" for none */
	char note[160];             /* what went wrong with the last line */
	size_t used;
	char input[1024];
	/* what is on the screen, to see whether it must be drawn again */
	struct {
		enum smsc_dialog_state state;
		unsigned int pages;
		uint32_t session;
		uint64_t sms;
		bool bound, drawn;
	} shown;
};

static bool is_bound(const struct phone *phone)
{
	return smsc_operator_bound(phone->handset->operator, true) > 0;
}

static bool in_dialog(const struct phone *phone)
{
	return phone->handset->state == SMSC_OPEN || phone->handset->state == SMSC_WAITING;
}

/* --- drawing --- */

static const char *alphabet_units(const struct smsc_handset *handset)
{
	return handset->alphabet == SMPP_ALPHABET_UCS2 ? "UCS-2 units" : "septets";
}

/* What stands where no page does. */
static const char *headline(const struct phone *phone)
{
	const struct smsc_handset *handset = phone->handset;

	if (!is_bound(phone))
		return "waiting for the gateway ...";
	switch (handset->state) {
	case SMSC_WAITING: return "...";
	case SMSC_CUT: return handset->why;
	case SMSC_HUNG_UP: return "call ended";
	default: return "dial, for example *4#";
	}
}

static bool shows_page(const struct phone *phone)
{
	const struct smsc_handset *handset = phone->handset;

	return handset->pages && (handset->state == SMSC_OPEN || handset->state == SMSC_ENDED || handset->notified);
}

/* The right border is set by column, not by counting: how wide a terminal makes a Persian line is its own affair. */
static void box_line(const char *text, size_t octets)
{
	printf("│ %.*s\033[%dG│\033[K\n", (int)octets, text, WIDTH + 4);
}

static void rule(const char *left, const char *right, const char *label)
{
	int columns = printf("%s─", left) > 0 ? 2 : 0;

	if (*label)
		columns += printf(" %s ", label);
	while (columns++ < WIDTH + 3)
		fputs("─", stdout);
	printf("%s\n", right);
}

static void draw_page(const struct phone *phone)
{
	const struct smsc_handset *handset = phone->handset;
	const char *text = shows_page(phone) ? handset->page : headline(phone);

	for (const char *line = text;; line++) {
		size_t octets = strcspn(line, "\n");

		box_line(line, octets);
		line += octets;
		if (!*line)
			break;
	}
	for (int i = 0; i < 2; i++)
		box_line("", 0);
}

static void print_sms(const struct smsc_sms *sms, bool whole)
{
	size_t octets = whole ? sms->octets : strcspn(sms->text, "\n");

	printf("✉ %s", sms->from);
	if (whole && sms->parts > 1)
		printf(" (%u parts)", sms->parts);
	fputs(whole ? "\n" : ": ", stdout);
	printf("%.*s%s\n", (int)octets, sms->text, !whole && octets < sms->octets ? " ..." : "");
}

static void draw_inbox(const struct phone *phone)
{
	const struct smsc_handset *handset = phone->handset;
	size_t kept = smsc_inbox_kept(handset);
	size_t from = phone->show_inbox || kept <= INBOX_SHOWN ? 0 : kept - INBOX_SHOWN;

	printf("SMS: %llu\n", (unsigned long long)handset->sms_count);
	for (size_t i = from; i < kept; i++)
		print_sms(smsc_inbox_at(handset, i), phone->show_inbox);
}

static const char *prompt(const struct phone *phone)
{
	if (in_dialog(phone))
		return "answer (empty or hang: hang up): ";
	return *phone->hints ? "*4#, sms, text NUMBER TEXT, help, quit: " : "*4#, sms, text NUMBER TEXT, quit: ";
}

static void draw(struct phone *phone)
{
	const struct smsc_handset *handset = phone->handset;
	char label[120] = "";

	printf("\033[H\033[2J");
	snprintf(label, sizeof(label), "%s  %s", handset->dialog.msisdn, handset->operator->name);
	rule("╭", "╮", label);
	draw_page(phone);
	label[0] = '\0';
	if (shows_page(phone))
		snprintf(label, sizeof(label), "%ld %s%s", handset->units, alphabet_units(handset),
		         handset->state == SMSC_ENDED ? ", the last page" : "");
	rule("╰", "╯", label);
	draw_inbox(phone);
	printf("\n%s%s%s%s", phone->show_hints ? phone->hints : "", phone->note, *phone->note ? "\n" : "", prompt(phone));
	fflush(stdout);
}

static void print_plain(const struct phone *phone)
{
	const struct smsc_handset *handset = phone->handset;

	if (phone->shown.drawn && handset->sms_count > phone->shown.sms)
		print_sms(smsc_inbox_at(handset, smsc_inbox_kept(handset) - 1), true);
	if (*phone->note)
		printf("! %s\n", phone->note);
	if (phone->shown.drawn && phone->shown.state == handset->state && phone->shown.pages == handset->pages &&
	    phone->shown.session == handset->dialog.session)
		return;
	if (shows_page(phone))
		printf("%s\n[%ld %s%s]\n", handset->page, handset->units, alphabet_units(handset),
		       handset->state == SMSC_ENDED ? ", the last page" : "");
	else if (handset->state != SMSC_WAITING && handset->state != SMSC_IDLE)
		printf("[%s]\n", headline(phone));
	fflush(stdout);
}

static void refresh(struct phone *phone, bool force)
{
	const struct smsc_handset *handset = phone->handset;
	bool same = phone->shown.drawn && phone->shown.state == handset->state && phone->shown.pages == handset->pages &&
	            phone->shown.session == handset->dialog.session && phone->shown.sms == handset->sms_count &&
	            phone->shown.bound == is_bound(phone);

	if (same && !force)
		return;
	if (phone->terminal)
		draw(phone);
	else
		print_plain(phone);
	phone->note[0] = '\0';
	phone->shown.state = handset->state;
	phone->shown.pages = handset->pages;
	phone->shown.session = handset->dialog.session;
	phone->shown.sms = handset->sms_count;
	phone->shown.bound = is_bound(phone);
	phone->shown.drawn = true;
}

/* --- what is typed --- */

static void note(struct phone *phone, int error)
{
	if (error == -EINVAL)
		snprintf(phone->note, sizeof(phone->note), "this network cannot carry that");
	else if (error)
		snprintf(phone->note, sizeof(phone->note), "%s", strerror(-error));
}

static void send_text(struct phone *phone, char *argument)
{
	char *text = argument + strcspn(argument, " ");

	if (*text)
		*text++ = '\0';
	if (*text)
		note(phone, smsc_handset_send_sms(phone->handset, argument, text));
	else
		snprintf(phone->note, sizeof(phone->note), "text NUMBER TEXT");
}

/* Until the first dial, and whenever they are asked for. */
static void toggle_hints(struct phone *phone)
{
	phone->show_hints = !phone->show_hints;
	if (!phone->terminal)
		fputs(phone->hints, stdout);
}

static void out_of_dialog(struct phone *phone, char *line)
{
	if (line[0] == '*' || line[0] == '#') {
		phone->show_hints = false;
		note(phone, smsc_handset_dial(phone->handset, line));
	} else if (*phone->hints && strcmp(line, "help") == 0) {
		toggle_hints(phone);
	} else if (strcmp(line, "sms") == 0) {
		phone->show_inbox = !phone->show_inbox;
	} else if (strncmp(line, "text ", 5) == 0) {
		send_text(phone, line + 5);
	} else if (*line && strcmp(line, "hang") != 0) {
		snprintf(phone->note, sizeof(phone->note), "a code begins with * or #; or type sms, text NUMBER TEXT, quit");
	}
}

static void take_line(struct phone *phone, char *line)
{
	size_t octets = strlen(line);

	if (!phone->terminal)
		printf("> %s\n", line);
	if (strcmp(line, "quit") == 0) {
		phone->leaving = true;
	} else if (!in_dialog(phone)) {
		out_of_dialog(phone, line);
	} else if (!octets || strcmp(line, "hang") == 0) {
		smsc_handset_hang_up(phone->handset);
	} else if (octets > 1 && line[0] == '*' && line[octets - 1] == '#') {
		note(phone, smsc_handset_dial(phone->handset, line));
	} else {
		note(phone, smsc_handset_reply(phone->handset, line));
	}
	refresh(phone, true);
}

/* Takes one line, if one is there and its turn has come. On a terminal hanging up and leaving need not wait. */
static void next_line(struct phone *phone)
{
	char *feed = memchr(phone->input, '\n', phone->used);
	bool free_now = is_bound(phone) && phone->handset->state != SMSC_WAITING && !phone->handset->releasing;
	size_t octets;

	if (!feed)
		return;
	octets = (size_t)(feed - phone->input) + 1;
	*feed = '\0';
	if (!free_now && !(phone->terminal && (octets == 1 || strcmp(phone->input, "quit") == 0 || strcmp(phone->input, "hang") == 0))) {
		*feed = '\n';
		return;
	}
	take_line(phone, phone->input);
	memmove(phone->input, phone->input + octets, phone->used - octets);
	phone->used -= octets;
}

/* Ctrl-D hangs up, or leaves when there is nothing to hang up; the end of a pipe leaves when all is answered. */
static void on_end(struct phone *phone)
{
	if (phone->terminal && in_dialog(phone)) {
		smsc_handset_hang_up(phone->handset);
		return;
	}
	phone->input_ended = true;
	smsc_loop_del(&phone->smsc->loop, STDIN_FILENO);
}

static void on_input(void *ctx, short revents)
{
	struct phone *phone = ctx;
	ssize_t octets;

	(void)revents;
	if (phone->used == sizeof(phone->input)) {
		if (!memchr(phone->input, '\n', phone->used))
			phone->used = 0; /* nobody types that */
		return;
	}
	octets = read(STDIN_FILENO, phone->input + phone->used, sizeof(phone->input) - phone->used);
	if (octets > 0)
		phone->used += (size_t)octets;
	else if (octets == 0 || errno != EINTR)
		on_end(phone);
}

static bool all_said(const struct phone *phone)
{
	return phone->input_ended && !memchr(phone->input, '\n', phone->used) && phone->handset->state != SMSC_WAITING &&
	       !phone->handset->operator->n_deliveries;
}

/* Leaves politely: what has been said is delivered, if the gateway still listens. */
static void leave(struct phone *phone)
{
	int64_t until = smsc_now_ms() + 2000;

	smsc_handset_hang_up(phone->handset);
	while (phone->handset->operator->n_deliveries && smsc_now_ms() < until)
		smsc_turn(phone->smsc, 10);
	if (phone->terminal)
		printf("\n");
}

/* 0, -errno; more than there is room for is cut. */
static int read_hints(struct phone *phone, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t octets;

	if (!file)
		return -errno;
	octets = fread(phone->hints, 1, sizeof(phone->hints) - 1, file);
	phone->hints[octets] = '\0';
	phone->show_hints = octets > 0;
	fclose(file);
	return 0;
}

int smsc_phone(struct smsc *smsc, const struct smsc_options *options)
{
	static struct phone phone;
	int error = options->n_arguments ? read_hints(&phone, options->arguments[0]) : 0;

	if (error || options->n_arguments > 1) {
		fprintf(stderr, "phone: %s: %s\n", options->arguments[options->n_arguments - 1], error ? strerror(-error) : "one file of hints is enough");
		return 2;
	}
	phone.smsc = smsc;
	phone.handset = smsc_handset_get(&smsc->operators[0], options->msisdn);
	phone.terminal = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
	if (!phone.handset || smsc_loop_add(&smsc->loop, STDIN_FILENO, POLLIN, on_input, &phone))
		return 2;
	smsc->quiet = smsc->quiet || phone.terminal; /* a log would run across the picture */
	while (!smsc_stopping && !phone.leaving && !all_said(&phone)) {
		refresh(&phone, false);
		next_line(&phone);
		smsc_turn(smsc, 10);
	}
	refresh(&phone, false);
	leave(&phone);
	return 0;
}
