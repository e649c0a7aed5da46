/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The phone in the terminal of a menu's author. One dialog at a time; between two the subscriber's language is kept, as the
 * gateway would. An agency is waited for as long as its own time-outs say: what a citizen would be told when it is late
 * belongs to the operator's deadlines, which are not known here. */
#include "gateway/try.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>
#include <talloc.h>

#include "gateway/agency.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "menus/step.h"
#include "menus/unicode.h"
#include "smpp/text.h"

#define AGENCY_DEADLINE_MS 30000
#define STEPS_WITHOUT_INPUT_MAX 32 /* calls in a row: more is a menu that goes round by itself */

struct phone {
	const struct gw_try *options;
	struct gw_agencies *agencies; /* NULL with samples */
	struct menu_run run;
	struct menu_result result;
	char language[MENU_LANGUAGE_OCTETS];
	bool terminal, open;
	bool answered;                /* the agency's answer has been stepped */
};

static bool fits(const void *ctx, const char *utf8, size_t octets)
{
	return smpp_dialect_fits(ctx, utf8, octets);
}

static void step(struct phone *phone, const struct menu_event *event)
{
	struct menu_medium medium = {
		.fits = fits, .ctx = phone->options->dialect, .now_ms = gw_clock_wall_ms(), .msisdn = phone->options->number,
		.language = phone->language,
	};

	menu_step(&phone->run, phone->options->set, &medium, event, &phone->result);
	if (phone->result.language_chosen)
		snprintf(phone->language, sizeof(phone->language), "%s", phone->result.language);
}

/* ---- the screen ---- */

static void show_lines(const char *text, size_t octets)
{
	while (octets > 0) {
		const char *feed = memchr(text, '\n', octets);
		size_t n = feed ? (size_t)(feed - text) : octets;

		printf("| %.*s\n", (int)n, text);
		n += feed != NULL;
		text += n;
		octets -= n;
	}
}

static void show_page(const struct phone *phone)
{
	const struct menu_result *result = &phone->result;
	enum smpp_alphabet alphabet = smpp_text_choose(result->text, result->octets);
	bool septets = alphabet == SMPP_ALPHABET_GSM7;
	unsigned int room = septets ? phone->options->dialect->page_septets : phone->options->dialect->page_ucs2_units;

	printf("+----------------------------------- %zd/%u %s", smpp_text_units(alphabet, result->text, result->octets), room,
	       smpp_text_alphabet_name(alphabet));
	if (phone->options->screens)
		printf(" %s.%s", result->service, result->screen);
	printf("\n");
	show_lines(result->text, result->octets);
	printf("+-----------------------------------%s\n", result->verdict == MENU_END ? " end" : "");
	if (result->sms_octets > 0) {
		printf("+=================================== SMS\n");
		show_lines(result->sms, result->sms_octets);
		printf("+===================================\n");
	}
	fflush(stdout);
}

/* ---- agencies ---- */

static const char *value_of(void *ctx, const char *name)
{
	return menu_run_value(ctx, name);
}

static void on_answer(void *ctx, uint64_t token, const struct menu_answer *answer)
{
	struct phone *phone = ctx;
	struct menu_event event = { .kind = MENU_EVENT_ANSWER, .answer = answer };

	(void)token;
	step(phone, &event);
	phone->answered = true;
}

static void answer_failed(struct phone *phone, const char *why)
{
	struct menu_answer failed = { .outcome = "failed" };

	fprintf(stderr, "%s: %s\n", phone->result.operation->name, why);
	on_answer(phone, 0, &failed);
}

static void ask_agency(struct phone *phone)
{
	struct gw_agency_request request = {
		.operation = phone->result.operation, .value = value_of, .value_ctx = &phone->run, .deadline_ms = AGENCY_DEADLINE_MS,
		.msisdn = phone->options->number, .language = menu_run_value(&phone->run, "language"),
	};

	if (getrandom(&request.idempotency, sizeof(request.idempotency), 0) != sizeof(request.idempotency))
		request.idempotency = (uint64_t)gw_clock_wall_ms();
	phone->answered = false;
	if (request.operation->agency->own) {
		answer_failed(phone, "only a gateway can answer it, or samples");
		return;
	}
	if (gw_agency_call(phone->agencies, &request, on_answer, phone, 0) < 0)
		answer_failed(phone, "the call cannot be made: an input is missing or too long");
	while (!phone->answered)
		gw_loop_turn();
}

static void ask_samples(struct phone *phone)
{
	const struct menu_answer *answer = gw_samples_find(phone->options->samples, phone->result.operation, value_of, &phone->run);

	if (answer)
		on_answer(phone, 0, answer);
	else
		answer_failed(phone, "no sample fits, it is answered \"failed\"");
}

/* Steps on until there is a page, and shows it. */
static void settle(struct phone *phone)
{
	for (int i = 0; phone->result.verdict == MENU_CALL && i < STEPS_WITHOUT_INPUT_MAX; i++)
		(phone->options->samples ? ask_samples : ask_agency)(phone);
	if (phone->result.verdict == MENU_CALL)
		fprintf(stderr, "%s: the menu calls agencies without an end\n", phone->result.screen);
	phone->open = phone->result.verdict == MENU_SHOW;
	if (phone->result.verdict != MENU_CALL)
		show_page(phone);
}

/* ---- the keypad ---- */

static void echo(bool on)
{
	struct termios settings;

	if (tcgetattr(STDIN_FILENO, &settings) != 0)
		return;
	settings.c_lflag = on ? settings.c_lflag | ECHO : settings.c_lflag & ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

static char *read_plain(const char *prompt)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	fputs(prompt, stdout);
	fflush(stdout);
	n = getline(&line, &cap, stdin);
	if (n < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

/* A line to be freed, NULL at the end of input. What is secret is neither shown nor kept in the history. */
static char *read_line(const struct phone *phone, const char *prompt, bool secret)
{
	char *line;

	if (!phone->terminal || secret) {
		if (phone->terminal)
			echo(false);
		line = read_plain(prompt);
		if (phone->terminal)
			echo(true);
		if (line)
			printf("%s\n", phone->terminal || secret ? "" : line); /* a piped dialog reads like one that was typed */
		return line;
	}
	line = readline(prompt);
	if (line && *line)
		add_history(line);
	return line;
}

static bool dial(struct phone *phone, const char *code)
{
	char canonical[MENU_DIAL_OCTETS];
	ssize_t n = menu_dial_normalise(code, strlen(code), canonical, sizeof(canonical));
	struct menu_event event = { .kind = MENU_EVENT_DIAL, .text = canonical, .octets = n < 0 ? 0 : (size_t)n };

	if (n < 0) {
		fprintf(stderr, "\"%s\" is not a dial string: *4# or *4*2020#\n", code);
		return false;
	}
	menu_run_init(&phone->run, phone->options->set);
	step(phone, &event);
	settle(phone);
	return true;
}

/* One line of the person: an answer in a dialog, a code outside of one. No answer begins with a star, so within a dialog a
 * code hangs up and dials. False: the person went away. */
static bool turn(struct phone *phone)
{
	char *line = read_line(phone, phone->open ? "> " : "dial> ", phone->open && phone->result.secret);
	bool go_on = line && (phone->open || *line);

	if (go_on && (!phone->open || (line[0] == '*' && line[strlen(line) - 1] == '#')))
		dial(phone, line); /* a wrong code is told, and asked for again */
	else if (go_on) {
		struct menu_event event = { .kind = MENU_EVENT_INPUT, .text = line, .octets = strlen(line) };

		step(phone, &event);
		settle(phone);
	}
	free(line);
	return go_on;
}

static void agencies_turn(void *ctx)
{
	gw_agencies_turn(ctx);
}

static void agencies_tick(void *ctx)
{
	gw_agencies_tick(ctx);
}

static int agencies_open(void *ctx, struct phone *phone)
{
	static const struct gw_agency_io io = { gw_loop_add, gw_loop_update, gw_loop_del };
	struct menu_diags *diags = menu_diags_alloc(ctx);

	phone->agencies = gw_agencies_alloc(ctx, &io, GW_LOG_AGENCY);
	if (!phone->agencies)
		return 1;
	gw_agencies_adopt(phone->agencies, menu_set_agencies(phone->options->set), diags);
	if (menu_diags_count(diags) > 0)
		menu_diags_print(diags, stderr); /* those agencies answer "failed": the menu can still be tried */
	gw_loop_after_turn(agencies_turn, phone->agencies);
	gw_loop_every(agencies_tick, phone->agencies);
	return 0;
}

int gw_try_run(void *ctx, const struct gw_try *options)
{
	struct phone *phone = talloc_zero(ctx, struct phone);
	int rc;

	phone->options = options;
	phone->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	snprintf(phone->language, sizeof(phone->language), "%s", options->language);
	if (gw_loop_init(ctx) < 0 || (!options->samples && agencies_open(ctx, phone) != 0)) {
		fprintf(stderr, "the event loop or the agencies cannot be set up\n");
		return 1;
	}
	rc = dial(phone, options->dial) ? 0 : 1;
	while (rc == 0 && turn(phone))
		;
	if (rc == 0)
		printf("\n");
	talloc_free(phone->agencies);
	gw_loop_fini();
	return rc;
}
