/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Runs in which everything goes wrong: the payment agency loses questions and answers, does them late, answers twice, is away;
 * Redis hangs; the gateway dies and another begins on the same ledger. In the end each payment is paid exactly once, or never, as the
 * agency's own books say; its citizen was told so once; and nothing is left in the queue.
 *
 * A run is what its seed says (PAYMENTS_SEED=N PAYMENTS_RUNS=1 plays one), but for what the kernel schedules. Time is the test's: a turn
 * is TURN_MS; what Redis holds back is made due by hand. */
#include "tests/unit/gateway/menu_world.h"

#include <errno.h>

#include "gateway/payments.h"
#include "sessions/store.h"

#ifdef __SANITIZE_ADDRESS__
#define RUNS 1000
#else
#define RUNS 100                 /* valgrind takes its time */
#endif
#define TURN_MS 50
#define BAD_TURNS 120            /* so long everything may go wrong; */
#define TURNS_MAX 4000           /* and so long it may take to mend */
#define PAYERS 3
#define BOOKS 64
#define TIMEOUT_TURNS 6          /* then the gateway hears no more of its question */

static const char *const bills[PAYERS][2] = { { "7748317800142", "1770160" }, { "2273482444320", "9876580379" }, { "41234577784", "1250090269" } };
static const int64_t amounts[PAYERS] = { 17000, 98765000, 12500000 };

/* What is freed is kept 8 MB long to find who uses it still, not 256: new pages would take half of the time. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=8:malloc_context_size=8";
}

/* ---- chance ---- */

static uint64_t seed, chance_state;

static uint32_t chance(uint32_t below)
{
	chance_state += 0x9e3779b97f4a7c15U;
	uint64_t z = chance_state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (uint32_t)((z ^ (z >> 31)) % below);
}

#define MUST(condition) do { if (!(condition)) fail_msg("seed %llu: not so: %s", (unsigned long long)seed, #condition); } while (0)

/* ---- the gateway ---- */

static struct gw_route route = { .name = "mci", .id = 77 };
static struct sess_ledger *ledger;
static struct gw_lanes *lanes;
static struct gw_events *events;
static struct gw_notices *notices;
static struct gw_payments *payments;
static unsigned int generation;      /* of the gateway */
static unsigned int now_turn;
static bool bad, hung;               /* it is the time of faults; Redis answers nothing */

static const struct gw_route *route_of(const void *ctx, const char *msisdn)
{
	(void)ctx;
	return strncmp(msisdn, "98912", 5) == 0 ? &route : NULL;
}

static bool known(void *ctx, const char *name)
{
	(void)ctx;
	return name[0] != '\0';
}

/* ---- the payment agency: its books, and what is on its way ---- */

enum book { NEVER, PAID, REFUSED, VOIDED };
static struct book_entry { char id[GW_PAYMENT_ID_OCTETS], bill[20]; enum book state; unsigned int paid; } books[BOOKS];
static size_t n_books;
static char paid_elsewhere[20];
static unsigned int away_until;
static struct way {                  /* a question, and its answer */
	bool used, done, told;
	enum gw_payment_act what;
	char id[GW_PAYMENT_ID_OCTETS], bill[20];
	uint64_t token;
	unsigned int generation, at, answer_at, silent_at, copies;
	enum gw_payment_event event;
} ways[256];

static struct book_entry *book_of(const char *id)
{
	for (size_t i = 0; i < n_books; i++)
		if (strcmp(books[i].id, id) == 0)
			return &books[i];
	MUST(n_books < BOOKS);
	snprintf(books[n_books].id, sizeof(books[n_books].id), "%s", id);
	return &books[n_books++];
}

static bool is_paid(const char *bill)
{
	bool paid = strcmp(bill, paid_elsewhere) == 0;

	for (size_t i = 0; i < n_books; i++)
		paid = paid || (books[i].state == PAID && strcmp(books[i].bill, bill) == 0);
	return paid;
}

static enum gw_payment_event put(struct book_entry *book, const char *bill)
{
	if (book->state == PAID)
		return GW_PAYMENT_PUT_PAID;
	if (book->state != NEVER)
		return GW_PAYMENT_PUT_REFUSED;
	if (is_paid(bill))
		return GW_PAYMENT_PUT_ALREADY;
	strcpy(book->bill, bill);
	book->state = chance(6) == 0 ? REFUSED : PAID;
	book->paid += book->state == PAID;
	return book->state == PAID ? GW_PAYMENT_PUT_PAID : GW_PAYMENT_PUT_REFUSED;
}

static enum gw_payment_event serve(const struct way *way)
{
	static const enum gw_payment_event gets[] = { GW_PAYMENT_GET_NEVER, GW_PAYMENT_GET_PAID, GW_PAYMENT_GET_REFUSED, GW_PAYMENT_GET_VOID };
	static const enum gw_payment_event deletes[] = { GW_PAYMENT_DELETE_VOID, GW_PAYMENT_DELETE_PAID, GW_PAYMENT_DELETE_REFUSED, GW_PAYMENT_DELETE_VOID };
	struct book_entry *book = book_of(way->id);
	enum book before = book->state;

	if (way->what == GW_PAYMENT_PUT)
		return put(book, way->bill);
	if (way->what == GW_PAYMENT_GET)
		return gets[before];
	if (before == NEVER)
		book->state = VOIDED;
	return deletes[before];
}

static int ask(void *ctx, enum gw_payment_act what, const json_t *record, uint64_t token)
{
	struct way *way = ways;

	(void)ctx;
	if (bad && chance(20) == 0)
		return -EBUSY;
	while (way->used)
		way++;
	MUST(way < ways + ARRAY_SIZE(ways));
	*way = (struct way){ .used = true, .what = what, .token = token, .generation = generation, .at = now_turn + 1, .copies = 1 };
	snprintf(way->id, sizeof(way->id), "%s", gw_request_text(record, "id"));
	snprintf(way->bill, sizeof(way->bill), "%s", gw_request_text(record, "bill_id"));
	way->silent_at = now_turn + TIMEOUT_TURNS;
	way->answer_at = way->at + 1 + chance(2);
	if (!bad)
		return 0;
	if (chance(4) == 0)
		way->at += chance(3 * TIMEOUT_TURNS);          /* slow: perhaps done when nobody waits any more */
	if (chance(5) == 0)
		way->at = UINT32_MAX;                          /* lost */
	way->answer_at = way->at == UINT32_MAX || chance(4) == 0 ? UINT32_MAX : way->at + 1 + chance(4); /* its answer is lost */
	way->copies += chance(6) == 0;
	return 0;
}

static void hear(struct way *way, enum gw_payment_event event)
{
	if (way->generation == generation && payments)
		gw_payments_heard(payments, way->token, event, "R1398", "funds");
	way->told = true;
}

static void turn_way(struct way *way)
{
	static const enum gw_payment_event silences[] = { GW_PAYMENT_PUT_SILENT, GW_PAYMENT_GET_SILENT, GW_PAYMENT_DELETE_SILENT };

	if (!way->done && now_turn >= way->at) {
		way->done = true;
		if (now_turn < away_until)
			way->answer_at = UINT32_MAX;
		else
			way->event = serve(way);
	}
	if (way->done && !way->told && now_turn >= way->answer_at)
		while (way->copies--)
			hear(way, way->event);
	else if (!way->told && now_turn >= way->silent_at)
		hear(way, silences[way->what]);
	way->used = !way->told || (!way->done && way->at != UINT32_MAX);
}

/* ---- life and death ---- */

static void clock_on(void)
{
	struct timespec *mono = osmo_clock_override_gettimespec(CLOCK_MONOTONIC);
	int64_t ms = (int64_t)mono->tv_sec * 1000 + mono->tv_nsec / 1000000 + TURN_MS, wall_ms = 1584264600000 + ms;

	mono->tv_sec = ms / 1000;
	mono->tv_nsec = ms % 1000 * 1000000;
	osmo_gettimeofday_override_time = (struct timeval){ wall_ms / 1000, wall_ms % 1000 * 1000 };
}

static unsigned int pending(void)
{
	return (redises[0] ? sess_redis_pending(redises[0]) : 0) + (redises[2] ? sess_redis_pending(redises[2]) : 0);
}

/* Redis has the time that it needs, however busy the machine is; but where chance would have it: then a gateway may die meanwhile. */
static void redis_answers(void)
{
	while (!hung && pending()) {
		for (unsigned int r = 0; r < WORLD_REDISES; r++)
			if (redises[r])
				sess_redis_flush(redises[r]);
		osmo_select_main_ctx(0);
	}
}

static void every_turn(void)
{
	if (!bad || chance(4) > 0)
		redis_answers();
	clock_on();
	now_turn++;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i].used)
			turn_way(&ways[i]);
	if (payments)
		gw_payments_tick(payments);
}

static void gateway_begin(void)
{
	char consumer[24];

	snprintf(consumer, sizeof(consumer), "gateway-%u", ++generation);
	world_connect(0, 256, 1000);
	ledger = sess_ledger_alloc(root, redises[0]);
	lanes = gw_lanes_alloc(root, redises[0], consumer, route_of, NULL);
	gw_lanes_add(lanes, &route);
	events = gw_events_alloc(root, &(struct gw_events_config){ .redis = redises[0], .consumer = consumer, .known = known });
	notices = gw_notices_alloc(root, &(struct gw_notices_config){ .ledger = ledger, .lanes = lanes, .events = events, .keep_ms = 3600000 });
	payments = gw_payments_alloc(root, &(struct gw_payments_config){ .ledger = ledger, .consumer = consumer, .lanes = lanes, .notices = notices,
		.events = events, .pins = pins, .answer_ms = 1000, .idle_ms = 6000, .keep_ms = 3600000, .in_work = 16, .call = ask,
		.settings = { .call_ms = 1500, .pause_min_ms = 200, .pause_max_ms = 1000, .void_after_ms = 3000, .unsure_after_ms = 5000 } });
	assert_non_null(payments);
}

static void gateway_kill(void)
{
	struct gw_payments *dying = payments;

	payments = NULL; /* nobody hears for it any more */
	world_disconnect(0);
	talloc_free(ledger);
	talloc_free(dying);
	talloc_free(notices);
	talloc_free(events);
	talloc_free(lanes);
}

/* ---- citizens ---- */

static struct payer {
	char msisdn[GW_MSISDN_MAX + 1];
	unsigned int begin_at, tries;    /* of the same dialog's step */
	uint64_t once;
	bool waits, told, told_paid, told_refused, told_failed, told_unknown;
	unsigned int generation;
	char code[GW_REQUEST_CODE_OCTETS];
} payers[PAYERS];
static bool any_killed;
static uint64_t n_told_unknown, n_told_failed;

static void on_paid(void *ctx, uint64_t token, enum sess_ledger_result result, enum gw_paid verdict, const json_t *record)
{
	struct payer *payer = &payers[token & 0xff];

	(void)ctx;
	if (token >> 8 != generation || !payments)
		return;
	payer->waits = false;
	payer->told = true;
	payer->told_failed = result != SESS_LEDGER_OK;
	if (result != SESS_LEDGER_OK)
		return;
	MUST(verdict == GW_PAID_NOW || verdict == GW_PAID_BEFORE || verdict == GW_PAID_UNKNOWN);
	payer->told_unknown = verdict == GW_PAID_UNKNOWN;
	n_told_unknown += verdict == GW_PAID_UNKNOWN;
	if (verdict == GW_PAID_UNKNOWN)
		return;
	snprintf(payer->code, sizeof(payer->code), "%s", gw_request_text(record, "code"));
	payer->told_paid = strcmp(gw_payment_word(record), "paid") == 0;
	payer->told_refused = strcmp(gw_payment_word(record), "refused") == 0;
}

static void pay(size_t i)
{
	struct payer *payer = &payers[i];
	const struct gw_payment_new new = { .msisdn = payer->msisdn, .channel = "ussd", .account = "", .language = i % 2 ? "en" : "fa", .bill_id = bills[i][0],
		.payment_id = bills[i][1], .amount = amounts[i], .kind_fa = "برق", .kind_en = "Electricity", .issuer = "bills", .once = &payer->once,
		.once_octets = sizeof(payer->once) };

	payer->generation = generation;
	payer->waits = gw_payments_pay(payments, &new, on_paid, NULL, (uint64_t)generation << 8 | i) == 0;
	if (!payer->waits && payer->tries == 1)
		payer->told = payer->told_failed = chance(2) == 0; /* some give up then */
	n_told_failed += payer->told_failed;
}

/* The network repeats a step that was not answered: the same payment. */
static void citizens(void)
{
	for (size_t i = 0; i < PAYERS; i++) {
		struct payer *payer = &payers[i];

		if (payer->told || !payments || now_turn < payer->begin_at || (payer->waits && payer->generation == generation) || payer->tries == 4)
			continue;
		payer->tries++;
		pay(i);
	}
}

/* ---- what came of it ---- */

static json_t *listed;
static bool got, answered;

static void on_list(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n)
{
	(void)ctx;
	(void)token;
	got = true;
	answered = result == SESS_LEDGER_OK; /* a turn is much for a busy machine: it is asked again */
	for (size_t i = 0; answered && i < n; i++)
		json_array_append(listed, records[i]);
}

static unsigned int told_paid, told_not;

static void on_inbox(void *ctx, uint64_t token, enum sess_ledger_result result, struct gw_notice *const *all, size_t n, unsigned int count, unsigned int unread)
{
	const char *code = ctx;

	(void)token;
	(void)count;
	(void)unread;
	got = true;
	answered = result == SESS_LEDGER_OK;
	for (size_t i = 0; answered && i < n; i++) {
		const char *text = gw_notice_text(all[i], "fa");

		if (strcmp(all[i]->request, code) != 0)
			continue;
		MUST(strstr(text, ": 17,000 ") || strstr(text, ": 98,765,000 ") || strstr(text, ": 12,500,000 "));
		if (strstr(text, "پرداخت شد") || strstr(text, "rial paid"))
			told_paid++;
		else
			told_not++;
	}
}

static void check_record(const struct payer *payer, const json_t *record)
{
	enum gw_payment_state state = gw_payment_state(record);
	const struct book_entry *book = book_of(gw_request_text(record, "id"));
	const char *code = gw_request_text(record, "code");

	MUST(gw_payment_over(state));
	MUST((state == GW_PAYMENT_PAID) == (book->state == PAID));
	MUST(book->state != NEVER && book->paid <= 1);
	told_paid = told_not = 0;
	for (answered = false; !answered;) {
		got = false;
		MUST(gw_notices_inbox(notices, payer->msisdn, 0, 0, 32, on_inbox, (void *)(uintptr_t)code, 0) == 0);
		TURN_UNTIL(got);
	}
	MUST(told_paid == (state == GW_PAYMENT_PAID) && told_not == (state != GW_PAYMENT_PAID));
	if (strcmp(payer->code, code) == 0) {
		MUST(!payer->told_paid || state == GW_PAYMENT_PAID);
		MUST(!payer->told_refused || state == GW_PAYMENT_REFUSED);
	}
}

static void check_payer(const struct payer *payer)
{
	size_t i;
	json_t *record;
	unsigned int paid = 0;

	listed = json_array();
	for (answered = false; !answered;) {
		got = false;
		MUST(gw_payments_of_citizen(payments, payer->msisdn, 0, 16, on_list, NULL, 0) == 0);
		TURN_UNTIL(got);
	}
	json_array_foreach(listed, i, record) {
		check_record(payer, record);
		paid += gw_payment_state(record) == GW_PAYMENT_PAID;
	}
	MUST(json_array_size(listed) <= 1);                    /* it was one dialog's step, however often it was sent */
	MUST(!payer->told_failed || json_array_size(listed) == 0); /* who was told that it did not begin has not paid, whoever died */
	MUST(!payer->told || payer->told_failed || (payer->told_unknown && any_killed) || json_array_size(listed) == 1);
	json_decref(listed);
}

static int64_t count_of(const char *pattern, const char *command)
{
	char script[300];

	snprintf(script, sizeof(script), "local n=0 for _,k in ipairs(redis.call('KEYS','%s')) do n=n+redis.call('%s',k) end return n", pattern, command);
	return REDIS("EVAL", script, "0").integer;
}

/* What Redis holds back by its own clock is due; what was taken is idle; what is dead comes back, as operators would have it. */
static void hurry(bool idle)
{
	REDIS("EVAL",
	      "for _,k in ipairs(redis.call('KEYS','later:*')) do for _,m in ipairs(redis.call('ZRANGE',k,0,-1)) do "
	      "redis.call('ZADD',k,0,m) end end return 1", "0");
	if (idle)
		REDIS("EVAL",
		      "for _,k in ipairs(redis.call('KEYS','payments:*')) do if redis.call('TYPE',k).ok=='stream' then "
		      "local p=redis.pcall('XPENDING',k,'gateway','-','+',1000) if p.err then p={} end for _,e in ipairs(p) do if e[2]~='parked' then "
		      "redis.call('XCLAIM',k,'gateway',e[2],0,e[1],'IDLE',3600000,'JUSTID') end end end end return 1", "0");
}

static void on_dead(void *ctx, uint64_t token, enum sess_queue_result result, const struct sess_queue_dead *dead, size_t n)
{
	(void)ctx;
	(void)token;
	for (size_t i = 0; result == SESS_QUEUE_OK && i < n; i++)
		sess_queue_dead_retry(gw_payments_queue(payments), &dead[i].id, NULL, NULL, 0);
	got = true;
}

static uint64_t n_unsure, n_runs_killed;

static void operators(void)
{
	if (!count_of("dead:*", "XLEN"))
		return;
	n_unsure++;
	got = false;
	sess_queue_dead_list(gw_payments_queue(payments), NULL, 10, on_dead, NULL, 0);
	TURN_UNTIL(got);
}

/* ---- a run ---- */

static void die(void)
{
	gateway_kill();
	any_killed = true;
	gateway_begin();
}

static void redis_hangs(unsigned int turns)
{
	unsigned int until = now_turn + turns;

	redis_server_hang(&server);
	hung = true;
	while (now_turn < until) {
		citizens();
		turn();
		if (chance(40) == 0)
			die();
	}
	redis_server_resume(&server);
	hung = false;
}

static void fault(void)
{
	if (chance(60) == 0)
		die();
	if (chance(60) == 0)
		away_until = now_turn + chance(60);
	if (chance(100) == 0)
		redis_hangs(1 + chance(60));
}

static void run_begin(void)
{
	memset(books, 0, sizeof(books));
	memset(ways, 0, sizeof(ways));
	memset(payers, 0, sizeof(payers));
	n_books = 0;
	now_turn = away_until = 0;
	any_killed = false;
	chance_state = seed;
	bad = true;
	snprintf(paid_elsewhere, sizeof(paid_elsewhere), "%s", chance(4) == 0 ? bills[chance(PAYERS)][0] : "");
	for (size_t i = 0; i < PAYERS; i++) {
		snprintf(payers[i].msisdn, sizeof(payers[i].msisdn), "98912%07u", chance(10000000));
		payers[i].begin_at = chance(60);
		payers[i].once = i + 1;
	}
	if (chance(10) == 0)
		away_until = 60 + chance(100); /* for so long that operators get it */
	world_connect(2, 64, 100000);
	gateway_begin();
	TURN_UNTIL(sess_redis_up(redises[0]) && sess_redis_up(redises[2]));
	now_turn = 0;
}

static void run_end(void)
{
	REDIS("FLUSHALL");
	gateway_kill();
	world_disconnect(2);
	osmo_select_main_ctx(1);
}

static void explain(void)
{
	const struct gw_payments_counters *counters = gw_payments_counters(payments);

	fail_msg("seed %llu: it does not end: %u in work, %d in the queue, %d dead, %d later; begun %d, paid %d, refused %d, void %d, unsure %d, asked %d, "
		 "silent %d, taken %d, claimed %d, conflicts %d, failures %d", (unsigned long long)seed, gw_payments_in_work(payments),
		 (int)count_of("payments:*", "XLEN"), (int)count_of("dead:*", "XLEN"), (int)count_of("later:*", "ZCARD"), (int)counters->begun,
		 (int)counters->paid, (int)counters->refused, (int)counters->voided, (int)counters->unsure, (int)counters->asked,
		 (int)counters->silent, (int)counters->taken, (int)counters->claimed, (int)counters->conflicts, (int)counters->failures);
}

static void run(void)
{
	unsigned int round = 0;

	run_begin();
	for (bool over = false; !over; round++) {
		bad = now_turn < BAD_TURNS;
		if (now_turn >= TURNS_MAX)
			explain();
		citizens();
		turn();
		if (bad)
			fault();
		if (round % 8 == 7)
			hurry(round % 32 == 31);
		if (!bad && round % 8 == 7 && sess_redis_up(redises[0])) {
			operators();
			over = gw_payments_in_work(payments) == 0 && count_of("payments:*", "XLEN") == 0 && count_of("dead:*", "XLEN") == 0;
		}
	}
	for (size_t i = 0; i < PAYERS; i++)
		check_payer(&payers[i]);
	for (size_t i = 0; i < n_books; i++)
		MUST(books[i].paid <= 1);
	MUST(count_of("unsure-pay:*", "ZCARD") == 0);
	n_runs_killed += any_killed;
	run_end();
}

static void runs_with_faults(void **state)
{
	const char *from = getenv("PAYMENTS_SEED"), *many = getenv("PAYMENTS_RUNS");
	uint64_t first = from ? strtoull(from, NULL, 10) : 1, n = many ? strtoull(many, NULL, 10) : RUNS;

	(void)state;
	for (seed = first; seed < first + n; seed++)
		run();
	if (n == RUNS) { /* the faults are there, and found */
		assert_in_range(n_runs_killed, RUNS / 4, RUNS);
		assert_true(n_unsure > 0);
		assert_true(n_told_unknown > 0 && n_told_failed > 0);
	}
}

static int group_begin(void **state)
{
	(void)state;
	menu_world_begin("payments");
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	*osmo_clock_override_gettimespec(CLOCK_MONOTONIC) = (struct timespec){ .tv_sec = 1000 };
	osmo_gettimeofday_override = true;
	osmo_gettimeofday_override_time = (struct timeval){ .tv_sec = 1584264600 };
	world_tick = every_turn;
	world_nap_us = 0;
	return 0;
}

static int group_end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(runs_with_faults) };

	return cmocka_run_group_tests(tests, group_begin, group_end);
}
