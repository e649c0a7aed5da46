/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See the header. */
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <osmocom/core/fsm.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>

#include "gateway/log.h"
#include "gateway/loop.h"
#include "menus/diag.h"
#include "menus/unicode.h"
#include "tests/unit/gateway/dialog_world.h"

#define PATIENCE_S 120              /* of UNTIL: far more than anything takes, under valgrind and on a busy machine, too */

struct world world;

/* ---- the agency ---- */

static struct osmo_fd listener = { .fd = -1 };
struct connection { struct osmo_fd ofd; char octets[4096]; size_t n; struct connection *next; };
static struct connection *connections;

static void forget_request(int fd)
{
	for (unsigned int i = 0; i < world.n_requests; i++)
		if (world.requests[i].fd == fd)
			world.requests[i].fd = -1;
}

static void close_connection(struct connection *connection)
{
	struct connection **at = &connections;

	while (*at != connection)
		at = &(*at)->next;
	*at = connection->next;
	forget_request(connection->ofd.fd);
	gw_loop_del(&connection->ofd);
	close(connection->ofd.fd);
	free(connection);
}

static size_t body_octets(const char *head)
{
	const char *length = strcasestr(head, "content-length:");

	return length ? strtoul(length + 15, NULL, 10) : 0;
}

static void take_request(struct connection *connection, const char *body)
{
	struct request *request = &world.requests[world.n_requests++];
	const char *key = strcasestr(connection->octets, "idempotency-key:");

	assert_true(world.n_requests <= REQUESTS_MAX);
	snprintf(request->line, sizeof(request->line), "%.*s %s", (int)strcspn(connection->octets, "\r"), connection->octets, body);
	snprintf(request->key, sizeof(request->key), "%.*s", key ? (int)strcspn(key, "\r") : 0, key ? key : "");
	request->fd = connection->ofd.fd;
	connection->n = 0;
}

static int on_connection(struct osmo_fd *ofd, unsigned int what)
{
	struct connection *connection = ofd->data;
	ssize_t n = read(ofd->fd, connection->octets + connection->n, sizeof(connection->octets) - 1 - connection->n);
	char *body;

	(void)what;
	if (n <= 0) {
		close_connection(connection);
		return 0;
	}
	connection->n += (size_t)n;
	connection->octets[connection->n] = '\0';
	body = strstr(connection->octets, "\r\n\r\n");
	if (body && strlen(body + 4) >= body_octets(connection->octets))
		take_request(connection, body + 4);
	return 0;
}

static int on_listener(struct osmo_fd *ofd, unsigned int what)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	(void)what;
	osmo_fd_setup(&connection->ofd, accept4(ofd->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), OSMO_FD_READ, on_connection, connection, 0);
	assert_true(connection->ofd.fd >= 0);
	connection->next = connections;
	connections = connection;
	assert_int_equal(0, gw_loop_add(&connection->ofd));
	return 0;
}

static void agency_start(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t octets = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(0, bind(fd, (struct sockaddr *)&address, sizeof(address)));
	assert_int_equal(0, listen(fd, 16));
	assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address, &octets));
	world.port = ntohs(address.sin_port);
	osmo_fd_setup(&listener, fd, OSMO_FD_READ, on_listener, NULL, 0);
	assert_int_equal(0, gw_loop_add(&listener));
}

static void agency_stop(void)
{
	while (connections)
		close_connection(connections);
	gw_loop_del(&listener);
	close(listener.fd);
}

void agency_answer(unsigned int request, unsigned int status, const char *json)
{
	char text[2048];
	int octets;

	UNTIL(request < world.n_requests);
	assert_true(world.requests[request].fd >= 0);
	octets = snprintf(text, sizeof(text), "HTTP/1.1 %u Said\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
			  strlen(json), json);
	assert_int_equal(octets, write(world.requests[request].fd, text, (size_t)octets));
	world.requests[request].fd = -1;
}

/* ---- the network ---- */

static void settle(struct gw_bearer *bearer, const struct gw_ticket *ticket, enum settled how)
{
	struct gateway *gateway = (struct gateway *)bearer;

	assert_true(ticket->command < gateway->n_tickets);
	assert_int_equal(PENDING, gateway->tickets[ticket->command]);
	gateway->tickets[ticket->command] = how;
}

static void op_accept(struct gw_bearer *bearer, const struct gw_ticket *ticket)
{
	settle(bearer, ticket, ACCEPTED);
}

static void op_refuse(struct gw_bearer *bearer, const struct gw_ticket *ticket, enum gw_refusal why)
{
	assert_int_equal(GW_REFUSE_LATER, why);
	settle(bearer, ticket, REFUSED);
}

static void keep(struct answer *to, const char *msisdn, const char *text, size_t octets)
{
	assert_true(octets < sizeof(to->text));
	snprintf(to->msisdn, sizeof(to->msisdn), "%s", msisdn);
	snprintf(to->text, sizeof(to->text), "%.*s", (int)octets, text);
}

static int op_answer(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_answer *answer)
{
	struct gateway *gateway = (struct gateway *)bearer;
	struct answer *to = &gateway->answers[gateway->n_answers++];

	assert_true(gateway->n_answers <= ANSWERS_MAX);
	assert_ptr_equal(route, &gateway->route);
	assert_int_equal(sizeof(to->session), answer->context_octets);
	memcpy(&to->session, answer->context, sizeof(to->session));
	to->kind = answer->kind;
	to->pushed = answer->pushed;
	to->version = answer->version;
	keep(to, answer->msisdn, answer->text, answer->octets);
	return 0;
}

static int op_sms(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_sms *sms)
{
	struct gateway *gateway = (struct gateway *)bearer;

	assert_ptr_equal(route, &gateway->route);
	assert_true(gateway->n_sms < ANSWERS_MAX);
	keep(&gateway->sms[gateway->n_sms++], sms->msisdn, sms->text, sms->octets);
	return gateway->sms_result;
}

static int op_push(struct gw_bearer *bearer, const struct gw_route *route, const struct gw_push *push)
{
	struct gateway *gateway = (struct gateway *)bearer;
	struct pushed *to = &gateway->pushes[gateway->n_pushes];

	assert_ptr_equal(route, &gateway->route);
	assert_true(gateway->n_pushes < ANSWERS_MAX && push->octets < sizeof(to->text));
	if (gateway->push_result < 0)
		return gateway->push_result;
	gateway->n_pushes++;
	to->kind = push->kind;
	to->token = push->token;
	snprintf(to->msisdn, sizeof(to->msisdn), "%s", push->msisdn);
	snprintf(to->text, sizeof(to->text), "%.*s", (int)push->octets, push->text);
	return 0;
}

static const struct gw_bearer_ops ops = { .accept = op_accept, .refuse = op_refuse, .answer = op_answer, .sms = op_sms, .push = op_push };

/* told: what the network says of the step, all of it. */
static uint32_t hand_over(struct gateway *gateway, struct gw_step *step, const char *told)
{
	step->route = &gateway->route;
	step->octets = strlen(step->text);
	step->context = (const uint8_t *)&step->session;
	step->context_octets = sizeof(step->session);
	step->ticket.command = gateway->n_tickets++;
	step->ticket.epoch = 1;
	step->fingerprint = 2166136261u ^ (uint32_t)step->kind ^ step->session * 31;
	for (const char *at = told; *at; at++)
		step->fingerprint = (step->fingerprint ^ (uint8_t)*at) * 16777619u;
	assert_true(gateway->n_tickets <= TICKETS_MAX);
	gateway->bearer.user->on_step(gateway->bearer.user->ctx, step);
	return step->ticket.command;
}

uint32_t deliver_of(struct gateway *gateway, const char *msisdn, enum gw_step_kind kind, uint32_t session, uint32_t sequence,
		    const char *text)
{
	struct gw_step step = { .kind = kind, .msisdn = msisdn, .text = text, .session = session, .ticket = { .sequence = sequence } };

	return hand_over(gateway, &step, text);
}

uint32_t deliver_so_far(struct gateway *gateway, uint32_t session, const char *typed)
{
	const char *star = strrchr(typed, '*');
	char dialled[128];
	struct gw_step step = { .kind = *typed ? GW_STEP_INPUT : GW_STEP_DIAL, .msisdn = CITIZEN, .text = *typed ? star ? star + 1 : typed : dialled,
				.session = session, .order = (uint32_t)strlen(typed), .dial = *typed ? dialled : NULL };

	snprintf(dialled, sizeof(dialled), "*4%s%s#", *typed ? "*" : "", typed);
	return hand_over(gateway, &step, typed);
}

/* One request, one answer: the network acknowledges nothing else. */
const char *so_far(struct gateway *gateway, uint32_t session, const char *typed)
{
	unsigned int before = gateway->n_answers;
	uint32_t ticket = deliver_so_far(gateway, session, typed);

	UNTIL(gateway->n_answers > before);
	assert_int_equal(before + 1, gateway->n_answers);
	assert_int_equal(ACCEPTED, gateway->tickets[ticket]);
	return last_answer(gateway)->text;
}

uint32_t deliver(struct gateway *gateway, enum gw_step_kind kind, uint32_t session, uint32_t sequence, const char *text)
{
	return deliver_of(gateway, CITIZEN, kind, session, sequence, text);
}

const struct answer *last_answer(const struct gateway *gateway)
{
	assert_true(gateway->n_answers > 0);
	return &gateway->answers[gateway->n_answers - 1];
}

void taken(struct gateway *gateway)
{
	const struct answer *answer = last_answer(gateway);

	gateway->bearer.user->on_sent(gateway->bearer.user->ctx, &gateway->route, answer->msisdn, answer->version, GW_SENT_TAKEN);
}

static const char *step(struct gateway *gateway, enum gw_step_kind kind, uint32_t session, const char *text)
{
	static uint32_t sequence = 1000;
	unsigned int before = gateway->n_answers;
	uint32_t ticket = deliver(gateway, kind, session, ++sequence, text);

	UNTIL(gateway->n_answers > before);
	assert_int_equal(before + 1, gateway->n_answers);
	assert_int_equal(ACCEPTED, gateway->tickets[ticket]);
	assert_int_equal(session, last_answer(gateway)->session);
	taken(gateway);
	return last_answer(gateway)->text;
}

const char *dial(struct gateway *gateway, uint32_t session, const char *text)
{
	return step(gateway, GW_STEP_DIAL, session, text);
}

const char *type(struct gateway *gateway, uint32_t session, const char *text)
{
	return step(gateway, GW_STEP_INPUT, session, text);
}

void hang_up(struct gateway *gateway, uint32_t session)
{
	static uint32_t sequence = 500000;
	uint32_t ticket = deliver(gateway, GW_STEP_GONE, session, ++sequence, "");

	UNTIL(gateway->tickets[ticket] == ACCEPTED);
}

uint64_t counted(const struct gateway *gateway, enum gw_counter counter)
{
	return gateway->counters.at[counter];
}

/* ---- who keeps texts ---- */

struct promise { gw_dialog_text_cb *cb; void *ctx; uint64_t token; enum sess_ledger_result result; struct gateway *gateway; };
static struct promise promises[ANSWERS_MAX];
static unsigned int n_promises;

static enum sess_ledger_result keep_text(const struct gw_dialog_text *text)
{
	struct kept *kept = &world.kept[world.n_kept];

	for (unsigned int i = 0; i < world.n_kept; i++)
		if (strcmp(world.kept[i].name, text->name) == 0) {
			world.n_kept_again++;
			return SESS_LEDGER_THERE;
		}
	assert_true(++world.n_kept <= ANSWERS_MAX);
	snprintf(kept->name, sizeof(kept->name), "%s", text->name);
	snprintf(kept->msisdn, sizeof(kept->msisdn), "%s", text->msisdn);
	snprintf(kept->language, sizeof(kept->language), "%s", text->language);
	snprintf(kept->text, sizeof(kept->text), "%s", text->text);
	return SESS_LEDGER_OK;
}

static int on_text(void *ctx, const struct gw_dialog_text *text, gw_dialog_text_cb *cb, void *cb_ctx, uint64_t token)
{
	struct promise *promise = &promises[n_promises];

	assert_true(strlen(text->name) < sizeof(world.kept[0].name));
	if (world.keeper == REFUSES)
		return -ENOTCONN;
	assert_true(++n_promises <= ANSWERS_MAX);
	*promise = (struct promise){ cb, cb_ctx, token, SESS_LEDGER_DOWN, ctx };
	if (world.keeper != IS_DOWN)
		promise->result = keep_text(text);
	return 0;
}

static void answer_promises(struct gateway *of)
{
	unsigned int n = n_promises;
	struct promise all[ANSWERS_MAX];

	memcpy(all, promises, n * sizeof(all[0]));
	n_promises = 0;
	for (unsigned int i = 0; i < n; i++)
		if (!of || all[i].gateway == of)
			all[i].cb(all[i].ctx, all[i].token, all[i].result);
		else
			promises[n_promises++] = all[i];
}

void keeper_says(enum sess_ledger_result result)
{
	for (unsigned int i = 0; i < n_promises; i++)
		promises[i].result = result;
	answer_promises(NULL);
}

/* ---- a gateway ---- */

static bool fits(const void *ctx, const char *utf8, size_t octets)
{
	(void)ctx;
	(void)utf8;
	return octets <= 300;
}

static const struct gw_route *find_route(void *ctx, uint16_t id)
{
	struct gateway *gateway = ctx;

	return id == gateway->route.id ? &gateway->route : NULL;
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", world.folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void write_menu(void)
{
	char text[4096], agencies[96];

	snprintf(agencies, sizeof(agencies), "%s/agencies", world.folder);
	mkdir(agencies, 0700);
	snprintf(text, sizeof(text),
		 "codes = ( \"*4#\" );\nlanguages = ( \"en\", \"fa\" );\ntitle = { fa = \"خدمات\"; en = \"Services\"; };\n"
		 "services = ( \"bills\", \"words\", \"language\" );\n%s\n", world.menu_tail ? world.menu_tail : "");
	write_file("menu.cfg", text);
	write_file("bills.cfg",
		"title = { fa = \"قبض\"; en = \"Bills\"; }; scope = \"general\"; dial = \"2020\"; start = \"home\";\n"
		"screens = {\n"
		"home = { text = { fa = \"قبض‌ها\"; en = \"Your bills\"; }; options = (\n"
		" { text = { fa = \"شناسه\"; en = \"By ID\"; }; go = \"ask\"; },\n"
		" { text = { fa = \"من\"; en = \"Mine\"; }; go = \"mine\"; },\n"
		" { text = { fa = \"پرداخت\"; en = \"Pay\"; }; go = \"sure\"; } ); };\n"
		"ask = { ask = { fa = \"شناسه؟\"; en = \"Which bill?\"; }; into = \"id\"; check = \"digits\"; go = \"inquire\"; };\n"
		"inquire = { call = \"bills.inquire\"; ok = \"bill\"; not_found = \"unknown\"; failed = \"later\"; };\n"
		"mine = { call = \"bills.mine\"; ok = \"own\"; not_found = \"unknown\"; failed = \"later\"; };\n"
		"own = { text = { fa = \"{own.n}\"; en = \"You have {own.n}\"; }; };\n"
		"sure = { confirm = { fa = \"پرداخت؟\"; en = \"Really pay?\"; }; go = \"pay\"; no = \"home\"; };\n"
		"pay = { call = \"bills.pay\"; ok = \"paid\"; failed = \"later\"; not_found = \"unknown\"; };\n"
		"paid = { text = { fa = \"{pay.receipt}\"; en = \"Paid, receipt {pay.receipt}\"; }; };\n"
		"bill = { text = { fa = \"{bill.amount}\"; en = \"Bill {id} is {bill.amount}\"; };\n"
		" options = ( { text = { fa = \"پیامک\"; en = \"By SMS\"; }; go = \"send\"; } ); };\n"
		"send = { sms = { fa = \"{bill.amount}\"; en = \"Bill {id}, pay {bill.amount}\"; }; go = \"sent\"; };\n"
		"sent = { end = { fa = \"پیامک شد\"; en = \"It is sent\"; }; };\n"
		"unknown = { text = { fa = \"نیست\"; en = \"There is none\"; }; };\n"
		"later = { text = { fa = \"بعدا\"; en = \"No answer, later\"; }; };\n"
		"};\n");
	write_file("words.cfg",
		"title = { fa = \"واژه\"; en = \"Words\"; }; scope = \"general\"; dial = \"77\"; start = \"one\";\n"
		"screens = {\n"
		"one = { text = { fa = \"یک\"; en = \"First\"; }; options = ( { text = { fa = \"بعد\"; en = \"Next\"; }; go = \"two\"; } ); };\n"
		"two = { text = { fa = \"دو\"; en = \"Second\"; }; options = ( { text = { fa = \"بعد\"; en = \"Next\"; }; go = \"three\"; } ); };\n"
		"three = { text = { fa = \"سه\"; en = \"Third\"; }; options = ( { text = { fa = \"پایان\"; en = \"Finish\"; }; go = \"over\"; },\n"
		" { text = { fa = \"بنویس\"; en = \"Write\"; }; go = \"write\"; } ); };\n"
		"write = { ask = { fa = \"بنویسید\"; en = \"Write\"; }; into = \"word\"; check = \"text\"; go = \"over\"; };\n"
		"over = { end = { fa = \"تمام\"; en = \"Finished\"; }; };\n"
		"};\n");
	write_file("language.cfg", "title = { fa = \"زبان\"; en = \"Language\"; }; scope = \"general\"; dial = \"98\"; start = \"choose\";\n"
		"screens = { choose = { language = { fa = \"زبان\"; en = \"Language\"; }; }; };\n");
	snprintf(text, sizeof(text),
		"title = { fa = \"قبض\"; en = \"Bills\"; }; url = \"http://127.0.0.1:%u\"; breaker = { failures = 0; };\n"
		"operations = {\n"
		"inquire = { path = \"/bills/{id}\"; timeout_ms = 60000; retries = 0; answer = { bill = { amount = \"/amount\"; }; }; };\n"
		"mine = { path = \"/of/{msisdn}\"; timeout_ms = 60000; retries = 0; as_of_s = 600; answer = { own = { n = \"/n\"; }; }; };\n"
		"pay = { method = \"POST\"; path = \"/pay\"; body = \"{\\\"of\\\":\\\"{msisdn}\\\"}\"; timeout_ms = 60000;\n"
		"  answer = { pay = { receipt = \"/receipt\"; }; }; %s };\n"
		"};\n", world.port, world.has_private ? "private = ( \"pay.receipt\" );" : "");
	write_file("agencies/bills.cfg", text);
}

static void write_inbox(void)
{
	write_file("agencies/own.cfg",
		"title = { fa = \"درگاه\"; en = \"Own\"; }; url = \"gateway:\";\n"
		"operations = { letter = { path = \"/letters/{id}\"; retries = 0; answer = { title = \"/title\"; }; }; };\n");
	write_file("inbox.cfg",
		"title = { fa = \"پیام\"; en = \"Inbox\"; }; scope = \"general\"; dial = \"100\"; start = \"which\"; direct = \"which\";\n"
		"screens = {\n"
		"which = { ask = { fa = \"شناسه؟\"; en = \"Which letter?\"; }; into = \"id\"; check = \"text\"; go = \"look\"; };\n"
		"look = { call = \"own.letter\"; ok = \"envelope\"; not_found = \"gone\"; failed = \"gone\"; };\n"
		"envelope = { text = { fa = \"نامه: {title}\"; en = \"A letter: {title}\"; }; options = ( { text = { fa = \"بخوان\"; en = \"Read\"; };\n"
		"  go = \"letter\"; } ); };\n"
		"letter = { end = { fa = \"این است\"; en = \"It says hello\"; }; };\n"
		"gone = { text = { fa = \"نیست\"; en = \"No such letter\"; }; };\n"
		"};\n");
}

void gateway_publish(struct gateway *gateway)
{
	const char *paths[] = { world.folder };
	struct menu_diags *diags = menu_diags_alloc(world.ctx);
	struct menu_set *set;

	write_menu();
	if (world.tables)
		write_inbox();
	set = menu_set_load(world.ctx, paths, 1, diags);
	for (size_t i = 0; i < menu_diags_count(diags); i++)
		print_error("%s:%u: %s\n", menu_diags_at(diags, i)->file, menu_diags_at(diags, i)->line, menu_diags_at(diags, i)->text);
	assert_non_null(set);
	gw_agencies_adopt(gateway->agencies, menu_set_agencies(set), diags);
	menu_pins_publish(gateway->pins, set, gw_clock_ms());
	talloc_free(diags);
}

static void make_floors(struct gateway *gateway)
{
	const struct gw_agency_io agency_io = { gw_loop_add, gw_loop_update, gw_loop_del };
	const struct sess_store_config store = { .cache_entries = world.cache_sessions };
	const struct sess_redis_config redis = {
		.name = "sessions", .path = world.redis.path, .deadline_ms = 1000, .connect_ms = 1000, .retry_min_ms = 10, .retry_max_ms = 50,
		.pending_max = 1000, .io = { gw_loop_add, gw_loop_update, gw_loop_del }, .log_category = GW_LOG_REDIS,
	};

	gateway->redis = sess_redis_alloc(gateway, &redis, NULL, NULL);
	gateway->store = sess_store_alloc(gateway, gateway->redis, &store);
	gateway->acked = sess_acked_alloc(gateway, gateway->redis);
	gateway->agencies = gw_agencies_alloc(gateway, &agency_io, GW_LOG_AGENCY);
	if (world.tables) {
		gateway->builtin = gw_builtin_alloc(gateway, NULL, world.tables);
		gw_agencies_serve_own(gateway->agencies, gateway->builtin);
	}
	gateway->pins = menu_pins_alloc(gateway);
}

struct gateway *gateway_start(unsigned int which)
{
	struct gateway *gateway = talloc_zero(world.ctx, struct gateway);
	struct gw_dialogs_config config = {
		.in_flight_max = world.in_flight_max, .busy_at = world.busy_at, .dials_per_minute = world.dials_per_minute,
		.agency_calls = world.agency_calls, .late_calls = world.late_calls, .find_route = find_route, .find_route_ctx = gateway,
		.text = world.keeper ? on_text : NULL, .text_ctx = gateway,
	};

	make_floors(gateway);
	config.store = gateway->store;
	config.acked = gateway->acked;
	config.pins = gateway->pins;
	config.agencies = gateway->agencies;
	config.counters = &gateway->counters;
	if (world.has_private)
		config.seal = gw_seal_alloc(gateway, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	gateway->dialogs = gw_dialogs_alloc(gateway, &config);
	gateway->bearer = (struct gw_bearer){ .ops = &ops, .user = gw_dialogs_user(gateway->dialogs) };
	gateway->route = (struct gw_route){
		.name = "operator", .id = gw_route_id("operator"), .bearer = &gateway->bearer, .answer_ms = world.answer_ms, .user_ms = 60000,
		.session_ms = world.session_ms, .resume_ms = world.resume_ms, .fits = fits,
		.exact = world.exact, .answers_each = world.exact,
	};
	gateway_publish(gateway);
	world.gateways[which] = gateway;
	sess_redis_start(gateway->redis);
	UNTIL(sess_redis_up(gateway->redis));
	return gateway;
}

void gateway_kill(struct gateway *gateway)
{
	for (unsigned int i = 0; i < GATEWAYS; i++)
		if (world.gateways[i] == gateway)
			world.gateways[i] = NULL;
	gw_dialogs_abandon(gateway->dialogs);
	answer_promises(gateway); /* as the ledger does when it is freed */
	assert_int_equal(0, gw_dialogs_in_flight(gateway->dialogs));
	assert_int_equal(0, gw_dialogs_calling(gateway->dialogs));
	TALLOC_FREE(gateway->store);
	TALLOC_FREE(gateway->redis);
	TALLOC_FREE(gateway->agencies);
	talloc_free(gateway);
}

/* ---- Redis ---- */

static char redis_text[512];
static bool redis_answered;

static void on_redis(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	(void)ctx;
	(void)token;
	redis_answered = true;
	redis_text[0] = '\0';
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_INTEGER)
		snprintf(redis_text, sizeof(redis_text), "%lld", (long long)reply->integer);
	else if (outcome == SESS_REDIS_OK && reply->kind != SESS_REPLY_NIL)
		snprintf(redis_text, sizeof(redis_text), "%.*s", (int)reply->octets, reply->text);
}

const char *redis_do(struct gateway *gateway, const char *command)
{
	char words[256];
	const char *argv[8];
	size_t octets[8];
	int argc = 0;

	snprintf(words, sizeof(words), "%s", command);
	for (char *word = strtok(words, " "); word && argc < 8; word = strtok(NULL, " ")) {
		argv[argc] = word;
		octets[argc++] = strlen(word);
	}
	redis_answered = false;
	assert_int_equal(0, sess_redis_command(gateway->redis, on_redis, NULL, 0, argc, argv, octets));
	UNTIL(redis_answered);
	return redis_text;
}

void make_due(struct gateway *gateway, const char *msisdn)
{
	char command[96];

	snprintf(command, sizeof(command), "ZADD waiting:{p%02u} XX CH 1 %s", sess_store_partition(msisdn), msisdn);
	assert_string_equal("1", redis_do(gateway, command));
}

/* ---- the loop ---- */

static void after_turn(void *ctx)
{
	(void)ctx;
	for (unsigned int i = 0; i < GATEWAYS; i++) {
		if (!world.gateways[i])
			continue;
		gw_agencies_turn(world.gateways[i]->agencies);
		sess_redis_flush(world.gateways[i]->redis);
	}
}

static void every_tick(void *ctx)
{
	(void)ctx;
	if (world.keeper != HOLDS)
		answer_promises(NULL);
	for (unsigned int i = 0; i < GATEWAYS; i++) {
		if (!world.gateways[i])
			continue;
		sess_redis_tick(world.gateways[i]->redis);
		gw_agencies_tick(world.gateways[i]->agencies);
		gw_dialogs_tick(world.gateways[i]->dialogs);
	}
}

/* what: a condition that does not hold yet; NULL: it holds, and the next wait begins anew. */
bool world_turn(const char *what)
{
	static time_t since;

	if (!what) {
		since = 0;
		return true;
	}
	if (!since)
		since = time(NULL);
	if (time(NULL) - since > PATIENCE_S) {
		since = 0;
		fail_msg("waited in vain: %s", what);
	}
	gw_loop_turn();
	return true;
}

void assert_non_null_text(const char *text, const char *part, int line)
{
	if (!strstr(text, part))
		fail_msg("line %d: \"%s\" does not say \"%s\"", line, text, part);
}

/* ---- life ---- */

int world_group_start(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	gw_log_init(NULL);
	gw_log_configure("stderr", "error");
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	menu_unicode_init();
	return 0;
}

int world_group_stop(void **state)
{
	(void)state;
	return 0;
}

int world_start(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	n_promises = 0;
	world.ctx = talloc_named_const(NULL, 0, "world");
	redis_server_start(&world.redis, NULL);
	snprintf(world.folder, sizeof(world.folder), "%s/menu", world.redis.folder); /* removed with it */
	assert_int_equal(0, mkdir(world.folder, 0700));
	assert_int_equal(0, gw_loop_init(world.ctx));
	gw_loop_after_turn(after_turn, NULL);
	gw_loop_every(every_tick, NULL);
	agency_start();
	world.in_flight_max = world.busy_at = world.dials_per_minute = world.agency_calls = world.late_calls = 100;
	world.cache_sessions = 100;
	world.answer_ms = world.session_ms = world.resume_ms = 600000;
	return 0;
}

static void demand_order(struct gateway *gateway)
{
	assert_int_equal(0, gw_dialogs_in_flight(gateway->dialogs));
	assert_int_equal(0, gw_dialogs_calling(gateway->dialogs));
	for (uint32_t i = 0; i < gateway->n_tickets; i++)
		assert_int_not_equal(PENDING, gateway->tickets[i]);
	for (unsigned int i = 0; i < 3; i++) /* nothing holds an old menu */
		menu_pins_sweep(gateway->pins, INT64_MAX / 2, 0);
	assert_int_equal(1, menu_pins_count(gateway->pins));
}

int world_stop(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < GATEWAYS; i++)
		if (world.gateways[i]) {
			struct gateway *gateway = world.gateways[i];

			UNTIL(gw_dialogs_in_flight(gateway->dialogs) == 0);
			demand_order(gateway);
			gateway_kill(gateway);
		}
	agency_stop();
	gw_loop_fini();
	redis_server_stop(&world.redis);
	talloc_free(world.ctx);
	return 0;
}
