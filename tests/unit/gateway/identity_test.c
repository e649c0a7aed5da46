/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The identity ladder on a real ledger with an agency over HTTP, as a menu reaches it, on two gateways that share nothing else. First the ways
 * up; then who is told what of a national ID, and what it cost; then what goes wrong: races, a ledger and an agency that are not there, a
 * gateway that dies between two steps, bodies that no menu sends. */
#include <errno.h>

#include <curl/curl.h>
#include <sodium.h>

#include "tests/unit/gateway/citizen_world.h"
#include "tests/unit/gateway/identity_agency.h"

#include "gateway/identity.h"
#include "gateway/identity_record.h"
#include "menus/unicode.h"

#define MINE AGENCY_PERSON
#define ANOTHERS "0499370899"
#define UNKNOWN "7731689956"
#define PIN "7402"

static struct { char folder[64]; uint64_t dialog; unsigned int complaints; } t;

/* ---- the world ---- */

static void count_complaints(struct log_target *target, unsigned int level, const char *line)
{
	(void)target;
	(void)level;
	t.complaints += strstr(line, "nobody can prove who they are") != NULL;
}

static void write_agency(unsigned int port)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "sed 's,url  *=.*,url = \"http://127.0.0.1:%u\";,' menus/dolat-hamrah/agencies/identity.cfg > %s/menu/agencies/identity.cfg", port, t.folder);
	assert_int_equal(0, system(command));
}

static void publish(struct gw *gw)
{
	char path[128];
	const char *const paths[] = { path };
	struct menu_diags *diags = menu_diags_alloc(world.ctx);
	struct menu_set *set;

	snprintf(path, sizeof(path), "%s/menu", t.folder);
	set = menu_set_load(world.ctx, paths, 1, diags);
	if (!set)
		menu_diags_print(diags, stdout);
	assert_non_null(set);
	gw_agencies_adopt(gw->agencies, menu_set_agencies(set), NULL);
	menu_pins_publish(gw->pins, set, gw_clock_ms());
}

static const struct gw_identity_limits limits = {
	.remember_ms = 30 * INT64_C(86400000), .lock_ms = 600000, .lock_max_ms = 86400000, .code_ms = 300000, .ids_per_hour = 3, .ids_per_day = 6,
	.codes_per_hour = 5, .codes_per_day = 10, .pin_tries = 3, .code_tries = 3,
};

static void gateway_start(struct gateway *gateway)
{
	static const struct gw_agency_io io = { gw_loop_add, gw_loop_update, gw_loop_del };
	struct gw *gw = &gateway->gw;

	gateway_begin(gateway, 1000);
	gw->agencies = gw_agencies_alloc(world.ctx, &io, GW_LOG_AGENCY);
	gw->pins = menu_pins_alloc(world.ctx);
	publish(gw);
	gw->notices = gw_notices_alloc(world.ctx, &(struct gw_notices_config){ .ledger = gw->ledger, .lanes = gateway->lanes, .seal = gw->seal, .keep_ms = 86400000 });
	gw->identities = gw_identities_alloc(world.ctx, &(struct gw_identities_config){ .ledger = gw->ledger, .notices = gw->notices, .seal = gw->seal,
		.pins = gw->pins, .agencies = gw->agencies, .agency = "identity", .limits = limits,
		.hasher = { .passes = 1, .memory_kib = 1024, .queue = 8, .io = &io } });
	assert_non_null(gw->identities);
	gateway_until_up(gateway);
}

static void gateway_stop(struct gateway *gateway)
{
	if (!gateway->alive)
		return;
	gateway->alive = false;
	talloc_free(gateway->gw.ledger);
	talloc_free(gateway->gw.agencies);
	talloc_free(gateway->gw.identities);
	gw_builtin_abort(gateway->gw.builtin);
	talloc_free(gateway->gw.notices);
}

static int setup(void **state)
{
	char command[128];

	(void)state;
	memset(&t, 0, sizeof(t));
	t.dialog = 1;
	strcpy(t.folder, "/tmp/dolat-identity-XXXXXX");
	assert_non_null(mkdtemp(t.folder));
	snprintf(command, sizeof(command), "cp -r menus/sample %s/menu", t.folder);
	assert_int_equal(0, system(command));
	write_agency(identity_agency_start(CITIZEN));
	world_begin();
	for (size_t i = 0; i < GATEWAYS; i++)
		gateway_start(&gateways[i]);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	for (size_t i = 0; i < GATEWAYS; i++)
		gateway_stop(&gateways[i]);
	world_end();
	identity_agency_stop();
	snprintf(command, sizeof(command), "rm -r %s", t.folder);
	return system(command);
}

/* All that the ledger holds. */
static const char *everything(void)
{
	return redis("EVAL \"local o={} for _,k in ipairs(redis.call('KEYS','*')) do local t=redis.call('TYPE',k).ok o[#o+1]=k "
		     "if t=='string' then o[#o+1]=redis.call('GET',k) elseif t=='hash' then o[#o+1]=table.concat(redis.call('HGETALL',k),' ') "
		     "elseif t=='stream' then for _,e in ipairs(redis.call('XRANGE',k,'-','+')) do o[#o+1]=table.concat(e[2],' ') end end end "
		     "return table.concat(o,'\\n')\" 0");
}

/* The code of the text message that was accepted last, as the outbox would read it. */
static const char *code_sent(void)
{
	static char code[8];
	char key[128], text[512];
	struct gw_notice *notice;
	const char *keys = redis("--scan --pattern 'notice:{p%02u}:*'", sess_store_partition(CITIZEN)), *value, *at;
	char all[4096];
	int64_t newest = 0;

	code[0] = '\0';
	osmo_strlcpy(all, keys, sizeof(all));
	for (char *rest = all, *name; (name = strsep(&rest, "\n"));) {
		if (!name[0])
			continue;
		osmo_strlcpy(key, name, sizeof(key));
		value = redis("GETRANGE '%s' 8 -1", key); /* behind the stamp */
		notice = gw_notice_decode(world.ctx, value, strlen(value) - 1);
		assert_non_null(notice);
		assert_true(notice->sensitive && notice->aloud && notice->priority == GW_NOTICE_URGENT);
		assert_true(gw_notices_read(gateways[0].gw.notices, notice, "en", text, sizeof(text)) > 0);
		at = strpbrk(text, "0123456789");
		assert_non_null(at);
		if (notice->accepted_ms >= newest)
			osmo_strlcpy(code, at, 7);
		newest = OSMO_MAX(newest, notice->accepted_ms);
		talloc_free(notice);
	}
	return code;
}

/* ---- calls ---- */

static void begin_with(struct gateway *gateway, const char *msisdn, const char *body, struct told *told)
{
	begin_call(gateway, &(struct gw_builtin_request){ .method = "POST", .path = "/identity", .body = body, .msisdn = msisdn, .dialog = t.dialog,
							  .route = world.route.id }, told);
}

struct ask { int level, proved; const char *subject, *asked, *typed; };

static void begin_ask(struct gateway *gateway, const char *msisdn, const struct ask *ask, struct told *told)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"level\":%d,\"subject\":\"%s\",\"proved\":%d,\"asked\":\"%s\",\"typed\":\"%s\"}", ask->level,
		 ask->subject ? ask->subject : "person", ask->proved, ask->asked, ask->typed);
	begin_with(gateway, msisdn, body, told);
}

static unsigned int ask_at(struct gateway *gateway, int level, int proved, const char *asked, const char *typed)
{
	begin_ask(gateway, CITIZEN, &(struct ask){ level, proved, "person", asked, typed }, &last);
	turn_until(&last.done, asked);
	return last.status;
}

static unsigned int ask(int level, int proved, const char *asked, const char *typed)
{
	return ask_at(&gateways[0], level, proved, asked, typed);
}

static unsigned int get(struct gateway *gateway, const char *path, const char *account)
{
	begin_call(gateway, &(struct gw_builtin_request){ .method = "GET", .path = path, .msisdn = CITIZEN, .account = account, .dialog = t.dialog,
							  .route = world.route.id }, &last);
	turn_until(&last.done, path);
	return last.status;
}

#define SAYS(part) do { if (!strstr(last.text, part)) fail_msg("line %d: %u %s does not say %s", __LINE__, last.status, last.text, part); } while (0)
#define ASKS(q) do { assert_int_equal(200, last.status); SAYS("\"ask\":\"" q "\""); } while (0)
#define PROVES(n) do { assert_int_equal(200, last.status); SAYS("\"ask\":\"\",\"level\":" n ",\"id\":\"" MINE "\""); } while (0)
#define REFUSES(code, word) do { assert_int_equal(code, last.status); SAYS("\"why\":\"" word "\""); } while (0)

static void prove_2(void)
{
	ask(2, 0, "", "");
	ask(2, 0, "id", MINE);
	ask(2, 0, "new_pin", PIN);
	ask(2, 0, "again_pin", PIN);
	PROVES("2");
}

/* ---- the ways up ---- */

static void level_1(void **state)
{
	(void)state;
	ask(1, 0, "", "");
	ASKS("id");
	SAYS("\"left\":3");
	ask(1, 0, "id", MINE);
	PROVES("1");
	SAYS("\"province\":\"تهران\"");
	assert_int_equal(1, identity_agency.matches);
	assert_int_equal(0, identity_agency.sims);
	/* remembered, by the other gateway too; the SIM is asked for once a dialog */
	t.dialog++;
	ask_at(&gateways[1], 1, 0, "", "");
	PROVES("1");
	ask_at(&gateways[1], 1, 1, "", "");
	PROVES("1");
	assert_int_equal(1, identity_agency.matches);
	assert_int_equal(1, identity_agency.sims);
	assert_int_equal(1, notes("identity.matched"));
	assert_int_equal(1, notes("identity.proved"));
}

static void levels_2_and_3(void **state)
{
	char code[8];

	(void)state;
	prove_2();
	t.dialog++;
	ask(3, 0, "", "");
	ASKS("pin");
	ask_at(&gateways[1], 3, 0, "pin", "7403"); /* each step may be made by another */
	ASKS("pin");
	SAYS("\"hint\":\"wrong\",\"left\":2");
	ask(3, 0, "pin", PIN);
	ASKS("code");
	strcpy(code, code_sent());
	assert_int_equal(6, strlen(code));
	ask(3, 0, "code", strcmp(code, "000000") == 0 ? "000001" : "000000");
	ASKS("code");
	SAYS("\"hint\":\"wrong\",\"left\":2");
	ask_at(&gateways[1], 3, 0, "code", code);
	PROVES("3");
	assert_int_equal(1, notes("identity.code_sent"));
	assert_int_equal(1, notes("identity.code_wrong"));
	/* nothing of it lies there in clear */
	assert_null(strstr(everything(), code));
	assert_null(strstr(everything(), MINE));
	assert_null(strstr(everything(), "sim-1"));
	assert_null(strstr(everything(), "\"" PIN));
	assert_non_null(strstr(everything(), "$argon2id$"));
}

static void a_business(void **state)
{
	(void)state;
	begin_ask(&gateways[0], CITIZEN, &(struct ask){ 1, 0, "business", "", "" }, &last);
	turn_until(&last.done, "the first question");
	ASKS("id");
	begin_ask(&gateways[0], CITIZEN, &(struct ask){ 1, 0, "business", "id", MINE }, &last);
	turn_until(&last.done, "the second question");
	ASKS("legal_id");
	begin_ask(&gateways[1], CITIZEN, &(struct ask){ 1, 0, "business", "legal_id", AGENCY_BUSINESS }, &last);
	turn_until(&last.done, "the proof");
	PROVES("1");
	SAYS("\"legal_id\":\"" AGENCY_BUSINESS "\"");
	t.dialog++;
	begin_ask(&gateways[1], CITIZEN, &(struct ask){ 1, 0, "business", "", "" }, &last);
	turn_until(&last.done, "the question");
	begin_ask(&gateways[1], CITIZEN, &(struct ask){ 1, 0, "business", "legal_id", "10380284790" }, &last);
	turn_until(&last.done, "the refusal");
	REFUSES(403, "not_represented");
	assert_null(strstr(everything(), AGENCY_BUSINESS));
}

static void forgotten(void **state)
{
	(void)state;
	prove_2();
	t.dialog++;
	ask(2, 0, "", "");
	ask(2, 0, "pin", "1");
	ASKS("id");
	ask(2, 0, "id", MINE);
	ASKS("code");
	ask(2, 0, "code", code_sent());
	ASKS("new_pin");
	ask(2, 0, "new_pin", "1111");
	SAYS("weak");
	ask(2, 0, "new_pin", "8306");
	ask(2, 0, "again_pin", "8306");
	PROVES("3");
	assert_int_equal(1, notes("identity.pin_reset"));
	t.dialog++;
	ask(2, 0, "", "");
	ask(2, 0, "pin", "8306");
	PROVES("2");
}

/* ---- who is told what, and what it cost ---- */

struct cost { uint64_t loads, commits; unsigned int matches, sims; };

static struct cost cost(void)
{
	const struct sess_ledger_counters *ledger = sess_ledger_counters(gateways[0].gw.ledger);

	return (struct cost){ ledger->loads, ledger->commits, identity_agency.matches, identity_agency.sims };
}

/* Another's ID, one that nobody has, and - over the limit - the right one: the same words, the same work. */
static void refusals_look_alike(void **state)
{
	static const char *const ids[] = { ANOTHERS, UNKNOWN, "0084575948", ANOTHERS, MINE, UNKNOWN };
	struct cost before, each = { 0 };
	char text[128] = "";

	(void)state;
	ask(1, 0, "", "");
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct cost after;

		before = cost();
		ask(1, 0, "id", ids[i]);
		after = cost();
		after = (struct cost){ after.loads - before.loads, after.commits - before.commits, after.matches - before.matches, after.sims - before.sims };
		if (i == 0)
			each = after;
		assert_memory_equal(&each, &after, sizeof(each));
		assert_int_equal(1, after.loads);
		assert_int_equal(1, after.commits);
		assert_int_equal(1, after.matches);
		if (i < 2) {
			ASKS("id");
			continue;
		}
		REFUSES(429, "often");
		if (i > 2)
			assert_string_equal(text, last.text);
		osmo_strlcpy(text, last.text, sizeof(text));
	}
	/* two who guess the same way are told the same */
	assert_int_equal(3, notes("identity.refused"));
	assert_int_equal(3, notes("identity.too_often"));
	t.dialog++;
	ask_at(&gateways[1], 1, 0, "", "");
	REFUSES(429, "often");
	assert_null(strstr(everything(), ANOTHERS));
}

/* Many guesses at the same moment, on both gateways, the right one among them: three are counted, and no more are told anything. */
static void guesses_side_by_side(void **state)
{
	static struct told told[12];
	unsigned int wrong = 0, often = 0;
	char id[16];

	(void)state;
	ask(1, 0, "", "");
	for (unsigned int i = 0; i < ARRAY_SIZE(told); i++) {
		unsigned int sum = 0, rest;

		snprintf(id, sizeof(id), "0%08u", 49937080 + i);
		for (unsigned int k = 0; k < 9; k++)
			sum += (unsigned int)(id[k] - '0') * (10 - k);
		rest = sum % 11;
		snprintf(id + 9, sizeof(id) - 9, "%u", rest < 2 ? rest : 11 - rest);
		begin_ask(&gateways[i % 2], CITIZEN, &(struct ask){ 1, 0, "person", "id", id }, &told[i]);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(told); i++) {
		turn_until(&told[i].done, "a guess");
		wrong += strstr(told[i].text, "wrong") != NULL;
		often += told[i].status == 429;
		assert_true(told[i].status == 200 || told[i].status == 429 || told[i].status == 503);
		free(told[i].text);
	}
	assert_true(wrong <= 2 && often >= 1);
	assert_int_equal(3, notes("identity.refused"));
	memset(told, 0, sizeof(told));
}

static void pins_side_by_side(void **state)
{
	static struct told told[8];
	unsigned int right = 0;
	char pin[8];

	(void)state;
	prove_2();
	t.dialog++;
	ask(2, 0, "", "");
	for (unsigned int i = 0; i < ARRAY_SIZE(told); i++) {
		snprintf(pin, sizeof(pin), i + 1 < ARRAY_SIZE(told) ? "74%02u" : PIN, 10 + i);
		begin_ask(&gateways[i % 2], CITIZEN, &(struct ask){ 2, 0, "person", "pin", pin }, &told[i]);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(told); i++) {
		turn_until(&told[i].done, "a guess");
		right += strstr(told[i].text, "\"ask\":\"\"") != NULL;
		free(told[i].text);
	}
	memset(told, 0, sizeof(told));
	/* whichever came first: never more than two wrong before the right one, or none right at all */
	assert_true(right <= 1);
	assert_true(notes("identity.locked") + right >= 1);
}

static void a_number_is_one_record(void **state)
{
	(void)state;
	prove_2();
	begin_ask(&gateways[0], OTHER, &(struct ask){ 1, 0, "person", "", "" }, &last);
	turn_until(&last.done, "another number");
	ASKS("id");
	begin_ask(&gateways[0], OTHER, &(struct ask){ 1, 0, "person", "id", MINE }, &last);
	turn_until(&last.done, "another number's answer");
	ASKS("id");
	SAYS("wrong");
	/* a record that is copied to another number's key opens nothing */
	assert_non_null(strstr(redis("--eval /dev/stdin <<'EOF'\nlocal v = redis.call('GET', 'identity:{p%02u}:" CITIZEN "') "
				     "redis.call('SET', 'identity:{p%02u}:" OTHER "', v) return 'copied'\nEOF\n", sess_store_partition(CITIZEN),
				     sess_store_partition(OTHER)), "copied"));
	t.dialog++;
	begin_ask(&gateways[0], OTHER, &(struct ask){ 2, 0, "person", "", "" }, &last);
	turn_until(&last.done, "a copied record");
	ASKS("id");
}

/* ---- changes ---- */

static void on_dropped(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	(void)token;
	assert_int_equal(SESS_LEDGER_OK, result);
	*(bool *)ctx = true;
}

static void drop(const char *why)
{
	bool done = false;

	assert_int_equal(0, gw_identities_drop(gateways[1].gw.identities, CITIZEN, why, "mci", on_dropped, &done, 0));
	assert_false(done);
	turn_until(&done, "a drop");
}

static void sim_swapped(void **state)
{
	(void)state;
	prove_2();
	identity_agency.since = 2;
	t.dialog++;
	ask(2, 0, "", "");
	ASKS("id");
	assert_int_equal(1, notes("identity.sim_changed"));
	ask(2, 0, "id", MINE);
	ASKS("new_pin");
}

/* An agency that does not know the number any more, or whose address is wrong, takes nothing from anybody; and lets nobody in. */
static void sim_not_known(void **state)
{
	(void)state;
	prove_2();
	identity_agency.since = 0;
	t.dialog++;
	assert_int_equal(503, ask(2, 0, "", ""));
	assert_int_equal(503, get(&gateways[0], "/inbox", NULL));
	assert_int_equal(0, notes("identity.sim_changed") + notes("identity.dropped"));
	identity_agency.since = 1;
	ask(2, 0, "", "");
	ASKS("pin");
	ask(2, 0, "pin", PIN);
	PROVES("2");
	assert_int_equal(200, get(&gateways[0], "/inbox", NULL));
}

static void told_of_a_change(void **state)
{
	(void)state;
	drop("sim"); /* of whom nothing is known */
	prove_2();
	drop("owner");
	assert_int_equal(2, notes("identity.dropped"));
	ask(2, 2, "", "");
	REFUSES(403, "changed");
	ask(2, 0, "", "");
	ASKS("id");
	/* in the middle of a way up */
	ask(2, 0, "id", MINE);
	ASKS("new_pin");
	drop("sim");
	ask(2, 0, "new_pin", PIN);
	ASKS("id");
}

static void on_looked(void *ctx, uint64_t token, enum sess_ledger_result result, const struct gw_identity *record)
{
	(void)token;
	assert_int_equal(SESS_LEDGER_OK, result);
	assert_non_null(record);
	assert_int_equal(1, record->locks);
	*(bool *)ctx = true;
}

static void forgotten_by_an_operator(void **state)
{
	bool done = false;

	(void)state;
	prove_2();
	t.dialog++;
	ask(2, 0, "", "");
	ask(2, 0, "pin", "7411");
	ask(2, 0, "pin", "7412");
	ask(2, 0, "pin", "7413");
	REFUSES(429, "locked");
	assert_int_equal(0, gw_identities_load(gateways[1].gw.identities, CITIZEN, on_looked, &done, 0));
	turn_until(&done, "a look");
	drop("sim"); /* which does not unlock */
	ask(2, 0, "", "");
	ask(2, 0, "id", MINE);
	REFUSES(429, "locked");
	drop("operator");
	assert_int_equal(1, notes("identity.forgotten"));
	ask(2, 0, "", "");
	ask(2, 0, "id", MINE);
	ASKS("new_pin");
	assert_int_equal(-EINVAL, gw_identities_drop(gateways[0].gw.identities, "98912x", "sim", "mci", on_dropped, NULL, 0));
	assert_int_equal(-EINVAL, gw_identities_drop(gateways[0].gw.identities, "", "sim", "mci", on_dropped, NULL, 0));
}

/* ---- what was kept of the number ---- */

/* A letter in the inbox; its id. */
static const char *write_letter(void)
{
	static char id[GW_NOTICE_ID_OCTETS];
	struct gw_notice *notice = gw_notice_alloc(world.ctx);
	struct sess_ledger_commit *commit = sess_ledger_commit_begin(world.ctx, gateways[0].gw.ledger, sess_store_partition(CITIZEN));

	osmo_strlcpy(notice->msisdn, CITIZEN, sizeof(notice->msisdn));
	gw_notice_set(notice, &notice->text[0], "نامه");
	gw_notice_set(notice, &notice->text[1], "a letter");
	notice->channels = GW_CHANNEL_INBOX;
	gw_notice_make_id(notice->id, CITIZEN, NULL, 0);
	strcpy(id, notice->id);
	assert_int_equal(0, gw_notices_add(gateways[0].gw.notices, commit, notice));
	assert_int_equal(0, sess_ledger_commit_go(commit, NULL, NULL, 0));
	talloc_free(commit);
	return id;
}

#define LIST(gateway, n) do { assert_int_equal(200, get(gateway, "/inbox", NULL)); SAYS("\"count\":" n ","); } while (0)

/* It is not for who has swapped the SIM, though nobody told us of it and nothing was proved since. */
static void kept_for_whom_it_was(void **state)
{
	char first[64], second[64];

	(void)state;
	snprintf(first, sizeof(first), "/inbox/%s", write_letter());
	LIST(&gateways[0], "1");
	assert_int_equal(0, identity_agency.sims);         /* nobody is known: there is nothing to ask */
	prove_2();
	LIST(&gateways[1], "1");
	LIST(&gateways[1], "1");
	assert_int_equal(1, identity_agency.sims);         /* once in a dialog */
	identity_agency.since = 2;
	t.dialog++;
	LIST(&gateways[1], "0");
	assert_int_equal(1, notes("identity.dropped"));
	assert_int_equal(404, get(&gateways[0], first, NULL));
	assert_int_equal(2, identity_agency.sims);         /* it is known now */
	assert_int_equal(200, get(&gateways[0], first, "portal")); /* which knows its citizens itself */
	snprintf(second, sizeof(second), "/inbox/%s", write_letter());
	LIST(&gateways[0], "1");
	assert_int_equal(200, get(&gateways[0], second, NULL));
	/* who it was sees all of it again; nobody does after a sale, and an operator who forgets the number brings nothing back */
	t.dialog++;
	ask(1, 0, "", "");
	ask(1, 0, "id", MINE);
	PROVES("1");
	LIST(&gateways[1], "2");
	drop("owner");
	LIST(&gateways[1], "0");
	drop("operator");
	LIST(&gateways[0], "0");
	t.dialog++;
	ask(1, 0, "", "");
	ask(1, 0, "id", MINE);
	PROVES("1");
	LIST(&gateways[1], "0");
}

static void kept_while_nobody_can_tell(void **state)
{
	(void)state;
	write_letter();
	prove_2();
	identity_agency.down = true;
	assert_int_equal(503, get(&gateways[0], "/inbox", NULL));
	t.dialog = 0;                                      /* a dialog that is not known is asked for each time */
	assert_int_equal(503, get(&gateways[0], "/inbox", NULL));
	identity_agency.down = false;
	LIST(&gateways[0], "1");
	/* of a number that never proved anything the network may tell, too */
	drop("operator");
	LIST(&gateways[0], "1");
	drop("sim");
	LIST(&gateways[0], "0");
}

/* ---- what goes wrong ---- */

/* A gateway dies with a step on its way, at whatever moment: another makes the same step, and it counts once. */
static void a_gateway_dies(void **state)
{
	(void)state;
	prove_2();
	for (int turns = 0; turns < 12; turns++) {
		struct told lost = { .done = false };
		char wrong[16];

		t.dialog++;
		ask_at(&gateways[1], 3, 0, "", "");
		if (last.status == 429)
			break;
		snprintf(wrong, sizeof(wrong), "75%02d", turns);
		begin_ask(&gateways[0], CITIZEN, &(struct ask){ 3, 0, "person", "pin", turns % 3 ? PIN : wrong }, &lost);
		for (int i = 0; i < turns; i++)
			gw_loop_turn();
		gateway_stop(&gateways[0]);
		free(lost.text);
		ask_at(&gateways[1], 3, 0, "pin", turns % 3 ? PIN : wrong);
		if (turns % 3)
			ASKS("code");
		else
			SAYS("\"hint\":\"wrong\",\"left\":2");
		ask_at(&gateways[1], 3, 0, "pin", PIN);
		ASKS("code");
		gateway_start(&gateways[0]);
	}
	assert_int_equal(1, notes("identity.code_sent")); /* the same one is good in all these dialogs */
}

static void the_agency_is_down(void **state)
{
	(void)state;
	ask(1, 0, "", "");
	identity_agency.down = true;
	ask(1, 0, "id", ANOTHERS);
	assert_int_equal(503, last.status);
	identity_agency.down = false;
	ask(1, 0, "id", MINE); /* nothing was counted */
	PROVES("1");
	assert_int_equal(0, notes("identity.refused"));
	identity_agency.down = true;
	t.dialog++;
	ask(1, 0, "", ""); /* whether it is the same SIM is not known: nobody is let in */
	assert_int_equal(503, last.status);
}

static void no_such_agency(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm %s/menu/agencies/identity.cfg", t.folder);
	assert_int_equal(0, system(command));
	publish(&gateways[0].gw);
	ask(1, 0, "", "");
	ASKS("id");
	for (int i = 0; i < 3; i++)
		assert_int_equal(503, ask(1, 0, "id", MINE));
	assert_int_equal(1, t.complaints);
}

static void the_ledger_is_down(void **state)
{
	(void)state;
	ask(1, 0, "", "");
	redis_server_kill(&world.redis);
	ask(1, 0, "id", ANOTHERS);
	assert_int_equal(503, last.status);
	redis_server_restart(&world.redis);
	while (!sess_redis_up(gateways[0].redis))
		gw_loop_turn();
	ask(1, 0, "", ""); /* this Redis keeps nothing over its death */
	ASKS("id");
	ask(1, 0, "id", MINE);
	PROVES("1");
}

static void bodies_that_no_menu_sends(void **state)
{
	static const char *const bad[] = {
		"{}", "[]", "{\"level\":0,\"subject\":\"person\",\"proved\":0,\"asked\":\"\",\"typed\":\"\"}",
		"{\"level\":4,\"subject\":\"person\",\"proved\":0,\"asked\":\"\",\"typed\":\"\"}",
		"{\"level\":1,\"subject\":\"cat\",\"proved\":0,\"asked\":\"\",\"typed\":\"\"}",
		"{\"level\":1,\"subject\":\"person\",\"proved\":-1,\"asked\":\"\",\"typed\":\"\"}",
		"{\"level\":1,\"subject\":\"person\",\"proved\":9,\"asked\":\"\",\"typed\":\"\"}",
		"{\"level\":1,\"subject\":\"person\",\"proved\":0,\"asked\":\"mother\",\"typed\":\"\"}",
		"{\"level\":1,\"subject\":\"person\",\"proved\":0,\"asked\":7,\"typed\":\"\"}",
		"{\"level\":1,\"subject\":\"person\",\"proved\":0,\"asked\":\"id\",\"typed\":12345}",
		"{\"level\":\"1\",\"subject\":\"person\",\"proved\":0,\"asked\":\"\",\"typed\":\"\"}",
	};
	char body[512], typed[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		begin_with(&gateways[0], CITIZEN, bad[i], &last);
		turn_until(&last.done, "an answer");
		assert_int_equal(422, last.status);
	}
	begin_with(&gateways[0], CITIZEN, NULL, &last);
	turn_until(&last.done, "an answer");
	assert_int_equal(422, last.status);
	ask(1, 0, "", "");
	memset(typed, '0', sizeof(typed) - 1);
	typed[sizeof(typed) - 1] = '\0';
	snprintf(body, sizeof(body), "{\"level\":1,\"subject\":\"person\",\"proved\":0,\"asked\":\"id\",\"typed\":\"%s\"}", typed);
	begin_with(&gateways[0], CITIZEN, body, &last);
	turn_until(&last.done, "an answer");
	ASKS("id");
	assert_int_equal(0, identity_agency.matches);
}

/* What lies at the record's place may be anything: nobody is let in by it, and an operator can take it away. */
static void hostile_records(void **state)
{
	static const char *const bad[] = { "x", "{}x", "[]", "{\"pin_tries\":-1}", "{\"pin_tries\":70000}", "{\"locked_until\":1e99}", "{\"who\":7}",
		"{\"flow_question\":\"mother\"}", "{\"pin\":7}", "{\"flow_done\":1}" };
	struct gw_identity record;
	char deep[4096];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(-EBADMSG, gw_identity_decode(&record, gateways[0].gw.seal, CITIZEN, bad[i], strlen(bad[i])));
	memset(deep, '[', sizeof(deep));
	assert_int_equal(-EBADMSG, gw_identity_decode(&record, gateways[0].gw.seal, CITIZEN, deep, sizeof(deep)));
	assert_int_equal(-EKEYREJECTED, gw_identity_decode(&record, gateways[0].gw.seal, CITIZEN, "{\"who\":\"AAAA\",\"locks\":3}", 24));
	assert_int_equal(3, record.locks);
	assert_int_equal(0, gw_identity_decode(&record, gateways[0].gw.seal, CITIZEN, "{\"later\":[1]}", 13));
	prove_2();
	redis("SET 'identity:{p%02u}:" CITIZEN "' 12345678x", sess_store_partition(CITIZEN));
	t.dialog++;
	assert_int_equal(503, ask(1, 0, "", ""));
	drop("operator");
	ask(1, 0, "", "");
	ASKS("id");
}

static void freed_in_the_middle(void **state)
{
	static struct told told[3];

	(void)state;
	prove_2();
	t.dialog++;
	ask(2, 0, "", "");
	begin_ask(&gateways[0], CITIZEN, &(struct ask){ 2, 0, "person", "pin", PIN }, &told[0]);
	begin_ask(&gateways[0], CITIZEN, &(struct ask){ 2, 0, "person", "pin", "7413" }, &told[1]);
	begin_ask(&gateways[0], OTHER, &(struct ask){ 1, 0, "person", "", "" }, &told[2]);
	gw_loop_turn();
	gw_loop_turn();
	gateway_stop(&gateways[0]);
	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		assert_true(told[i].done);
		free(told[i].text);
	}
	memset(told, 0, sizeof(told));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(level_1), STORY(levels_2_and_3), STORY(a_business), STORY(forgotten), STORY(refusals_look_alike), STORY(guesses_side_by_side),
		STORY(pins_side_by_side), STORY(a_number_is_one_record), STORY(sim_swapped), STORY(sim_not_known), STORY(told_of_a_change), STORY(forgotten_by_an_operator),
		STORY(kept_for_whom_it_was), STORY(kept_while_nobody_can_tell),
		STORY(a_gateway_dies), STORY(the_agency_is_down), STORY(no_such_agency), STORY(the_ledger_is_down), STORY(bodies_that_no_menu_sends),
		STORY(hostile_records), STORY(freed_in_the_middle),
	};
	struct log_target *target;

	signal(SIGPIPE, SIG_IGN);
	osmo_fsm_set_dealloc_ctx(OTC_SELECT);
	if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return 1;
	gw_log_init(NULL);
	log_del_target(osmo_stderr_target);
	target = log_target_create();
	target->output = count_complaints;
	log_set_all_filter(target, 1);
	log_add_target(target);
	menu_unicode_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
