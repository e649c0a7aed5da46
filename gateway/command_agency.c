/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* `dolat-gateway agency ...`: accounts of agencies, written into the ledger; the gateways that run know of it within two seconds.
 *
 * A key and a secret are shown once, alone on stdout, when they are made; what is kept of a key is its hash. A key is shown when it
 * is good at every gateway, which takes two seconds. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account_change.h"
#include "gateway/command.h"
#include "gateway/loop.h"

#define DAY_MS INT64_C(86400000)
#define DAYS_MAX 36500u
#define KNOWN_MS 2000          /* the gateways look once a second */

/* ---- options: what was not given is NULL, or not there */
struct wish {
	const char *name;
	const char *title_fa, *title_en, *sender, *scopes, *webhook, *revoke;
	bool fetch, rotate, has_per_day, has_per_minute, any_address;
	unsigned int per_day, per_minute, days;
	size_t n_addresses;
	const char *addresses[GW_ACCOUNT_ADDRESSES_MAX];
	/* made on the way */
	char key[ACCOUNT_KEY_OCTETS], secret[ACCOUNT_SECRET_OCTETS];
	bool is_new, has_new_secret;
	char why[256];
};

enum { OPT_TITLE_FA = 256, OPT_TITLE_EN, OPT_SENDER, OPT_SCOPES, OPT_WEBHOOK, OPT_FETCH, OPT_PER_DAY, OPT_PER_MINUTE, OPT_ADDRESS,
       OPT_DAYS, OPT_REVOKE, OPT_ROTATE };
static const struct option account_options[] = {
	{ "title-fa", required_argument, NULL, OPT_TITLE_FA },	{ "title-en", required_argument, NULL, OPT_TITLE_EN },
	{ "sender", required_argument, NULL, OPT_SENDER },	{ "scopes", required_argument, NULL, OPT_SCOPES },
	{ "webhook", required_argument, NULL, OPT_WEBHOOK },	{ "fetch", no_argument, NULL, OPT_FETCH },
	{ "notices-per-day", required_argument, NULL, OPT_PER_DAY }, { "calls-per-minute", required_argument, NULL, OPT_PER_MINUTE },
	{ "address", required_argument, NULL, OPT_ADDRESS },	{ NULL, 0, NULL, 0 },
};
static const struct option key_options[] = {
	{ "days", required_argument, NULL, OPT_DAYS }, { "revoke", required_argument, NULL, OPT_REVOKE }, { NULL, 0, NULL, 0 },
};
static const struct option secret_options[] = { { "rotate", no_argument, NULL, OPT_ROTATE }, { NULL, 0, NULL, 0 } };
static const struct option no_options[] = { { NULL, 0, NULL, 0 } };

static bool read_number(const char *what, const char *text, unsigned int min, unsigned int max, unsigned int *out)
{
	bool is_number = text[0] && strlen(text) <= 10 && strspn(text, "0123456789") == strlen(text);
	unsigned long long value = is_number ? strtoull(text, NULL, 10) : ULLONG_MAX;

	if (value < min || value > max) {
		gw_command_fail("%s is a whole number from %u to %u", what, min, max);
		return false;
	}
	*out = (unsigned int)value;
	return true;
}

static bool take_address(struct wish *wish, const char *text)
{
	if (strcmp(text, "any") == 0) {
		wish->any_address = true;
		return true;
	}
	if (wish->n_addresses == ARRAY_SIZE(wish->addresses)) {
		gw_command_fail("an account has at most %d addresses", GW_ACCOUNT_ADDRESSES_MAX);
		return false;
	}
	wish->addresses[wish->n_addresses++] = text;
	return true;
}

static int take_option(void *ctx, int option, const char *value)
{
	struct wish *wish = ctx;

	switch (option) {
	case OPT_TITLE_FA:
		wish->title_fa = value;
		return 0;
	case OPT_TITLE_EN:
		wish->title_en = value;
		return 0;
	case OPT_SENDER:
		wish->sender = value;
		return 0;
	case OPT_SCOPES:
		wish->scopes = value;
		return 0;
	case OPT_WEBHOOK:
		wish->webhook = value;
		return 0;
	case OPT_FETCH:
		wish->fetch = true;
		return 0;
	case OPT_PER_DAY:
		wish->has_per_day = true;
		return read_number("--notices-per-day", value, 0, 1000000000, &wish->per_day) ? 0 : EXIT_FAILURE;
	case OPT_PER_MINUTE:
		wish->has_per_minute = true;
		return read_number("--calls-per-minute", value, 0, 1000000, &wish->per_minute) ? 0 : EXIT_FAILURE;
	case OPT_ADDRESS:
		return take_address(wish, value) ? 0 : EXIT_FAILURE;
	case OPT_DAYS:
		return read_number("--days", value, 1, DAYS_MAX, &wish->days) ? 0 : EXIT_FAILURE;
	case OPT_REVOKE:
		wish->revoke = value;
		return 0;
	case OPT_ROTATE:
		wish->rotate = true;
		return 0;
	default:
		return GW_COMMAND_USAGE;
	}
}

/* 0, or the exit status. named: one NAME is needed. */
static int read_arguments(struct wish *wish, int argc, char **argv, const struct option *options, bool named)
{
	char **rest;
	int rc;

	memset(wish, 0, sizeof(*wish));
	rc = gw_command_options(argc, argv, options, take_option, wish, named, &rest);
	if (rc)
		return rc;
	wish->name = named ? rest[0] : NULL;
	if (named && !account_name_is_good(wish->name))
		return gw_command_fail("%s is not a name: at most %d small letters, digits and '_'", wish->name, GW_ACCOUNT_NAME_MAX);
	if (wish->webhook && wish->fetch)
		return gw_command_fail("--webhook and --fetch say two things");
	if (wish->any_address && wish->n_addresses)
		return gw_command_fail("--address any and another --address say two things");
	return 0;
}

/* ---- changes */
struct outcome { bool done; enum account_changed changed; const char *why; };

static void on_changed(void *ctx, enum account_changed changed, const struct account *account, const char *why)
{
	struct outcome *outcome = ctx;

	(void)account;
	outcome->done = true;
	outcome->changed = changed;
	outcome->why = why;
}

/* The exit status. */
static int change(struct gw_command_world *world, struct wish *wish, const char *what, account_edit *edit)
{
	struct outcome outcome = { .done = false };
	const struct account_change change = { .name = wish->name, .is_new = wish->is_new, .what = what, .edit = edit, .edit_ctx = wish,
					       .cb = on_changed, .ctx = &outcome };

	if (!gw_command_open(world))
		return EXIT_FAILURE;
	if (account_change(world->ctx, world->ledger, &change) < 0)
		return gw_command_fail("the ledger does not answer");
	gw_command_wait(&outcome.done);
	return outcome.changed == ACCOUNT_CHANGED ? EXIT_SUCCESS : gw_command_fail("%s: %s", wish->name, outcome.why);
}

static const char *refuse_scope(struct wish *wish, const char *name)
{
	size_t n = (size_t)snprintf(wish->why, sizeof(wish->why), "%.40s is no scope; these are, with commas between them: all", name);

	for (size_t i = GW_SCOPE_ANY + 1; i < GW_SCOPES && n < sizeof(wish->why); i++)
		n += (size_t)snprintf(wish->why + n, sizeof(wish->why) - n, ", %s", gw_scope_row(i)->name);
	return wish->why;
}

static const char *set_scopes(struct wish *wish, struct account *account)
{
	char *names = talloc_strdup(account, wish->scopes), *rest = names, *name;
	uint32_t scopes = 0;

	while ((name = strsep(&rest, ","))) {
		enum gw_scope scope = account_scope(name);

		if (strcmp(name, "all") == 0)
			for (size_t i = GW_SCOPE_ANY + 1; i < GW_SCOPES; i++)
				scopes |= gw_scope_row(i)->named ? 0 : 1u << i;
		else if (scope < GW_SCOPES)
			scopes |= 1u << scope;
		else if (name[0])
			return refuse_scope(wish, name);
	}
	account->pub.scopes = scopes;
	return NULL;
}

/* The one before stays good for a while, so that both sides need not change in the same moment. */
static void set_secret(struct wish *wish, struct account *account)
{
	account_secret_make(wish->secret);
	wish->has_new_secret = true;
	account->pub.webhook_secrets[1] = account->pub.webhook_secrets[0];
	account->pub.webhook_secrets[0] = wish->secret;
	account->before_until_ms = account->pub.webhook_secrets[1] ? gw_clock_wall_ms() + ACCOUNT_OVERLAP_MS : 0;
}

static const char *edit_settings(void *ctx, struct account *account)
{
	struct wish *wish = ctx;
	const char *why = wish->scopes ? set_scopes(wish, account) : NULL;

	account->pub.title_fa = wish->title_fa ? wish->title_fa : account->pub.title_fa;
	account->pub.title_en = wish->title_en ? wish->title_en : account->pub.title_en;
	account->pub.sender = wish->sender ? wish->sender : account->pub.sender;
	account->pub.webhook_url = wish->fetch ? "" : wish->webhook ? wish->webhook : account->pub.webhook_url;
	account->pub.notices_per_day = wish->has_per_day ? wish->per_day : account->pub.notices_per_day;
	account->pub.calls_per_minute = wish->has_per_minute ? wish->per_minute : account->pub.calls_per_minute;
	if (wish->n_addresses || wish->any_address)
		account->pub.n_addresses = wish->n_addresses;
	for (size_t i = 0; i < wish->n_addresses; i++)
		account->pub.addresses[i] = wish->addresses[i];
	wish->has_new_secret = false;
	if (account->pub.webhook_url[0] && !account->pub.webhook_secrets[0])
		set_secret(wish, account);
	return why;
}

/* What was made is shown once it is kept. */
static int show_secret(struct wish *wish, int rc)
{
	if (rc == EXIT_SUCCESS && wish->has_new_secret)
		puts(wish->secret);
	sodium_memzero(wish->secret, sizeof(wish->secret));
	return rc;
}

#define STANDARD_SCOPES "notices:send,notices:read,requests:read,requests:answer,events"

static int add(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, account_options, true);

	if (rc)
		return rc;
	if (!wish.title_fa || !wish.title_en)
		return gw_command_fail("an account needs --title-fa and --title-en: citizens read them");
	wish.is_new = true;
	wish.scopes = wish.scopes ? wish.scopes : STANDARD_SCOPES;
	return show_secret(&wish, change(world, &wish, "account.added", edit_settings));
}

static int set(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, account_options, true);

	if (rc)
		return rc;
	return show_secret(&wish, change(world, &wish, "account.set", edit_settings));
}

static const char *edit_secret(void *ctx, struct account *account)
{
	struct wish *wish = ctx;

	if (account->pub.webhook_secrets[0] && !wish->rotate)
		return "its secret was shown when it was made; --rotate makes another";
	set_secret(wish, account);
	return NULL;
}

static int secret(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, secret_options, true);

	if (rc)
		return rc;
	return show_secret(&wish, change(world, &wish, "account.secret", edit_secret));
}

static const char *edit_disabled(void *ctx, struct account *account)
{
	(void)ctx;
	account->pub.disabled = true;
	return NULL;
}

static const char *edit_enabled(void *ctx, struct account *account)
{
	(void)ctx;
	account->pub.disabled = false;
	return NULL;
}

static int disable(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, true);

	return rc ? rc : change(world, &wish, "account.disabled", edit_disabled);
}

static int enable(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, true);

	return rc ? rc : change(world, &wish, "account.enabled", edit_enabled);
}

/* ---- keys */
static void drop_key(struct account *account, size_t index)
{
	memmove(&account->keys[index], &account->keys[index + 1], (account->n_keys - index - 1) * sizeof(account->keys[0]));
	account->n_keys--;
}

static const char *edit_new_key(void *ctx, struct account *account)
{
	struct wish *wish = ctx;
	int64_t now_ms = gw_clock_wall_ms();
	struct account_key *key;

	for (size_t i = account->n_keys; i-- > 0;)
		if (!account_key_has(&account->keys[i], now_ms))
			drop_key(account, i);
	if (account->n_keys == GW_ACCOUNT_KEYS_MAX)
		return "it has as many keys as an account may have: revoke one";
	key = &account->keys[account->n_keys++];
	account_key_make(wish->key);
	account_key_id(wish->key, key->id);
	account_key_hash(wish->key, key->hash);
	key->made_ms = now_ms;
	key->ends_ms = wish->days ? now_ms + wish->days * DAY_MS : 0;
	return NULL;
}

static const char *edit_revoked_key(void *ctx, struct account *account)
{
	const struct wish *wish = ctx;

	for (size_t i = 0; i < account->n_keys; i++)
		if (strcmp(account->keys[i].id, wish->revoke) == 0) {
			drop_key(account, i);
			return NULL;
		}
	return "it has no such key";
}

/* A key that is printed is good: every gateway that runs has had the time to hear of it. */
static void let_them_know(void)
{
	for (int64_t until_ms = gw_clock_ms() + KNOWN_MS; gw_clock_ms() < until_ms;)
		gw_loop_turn();
}

static int key(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, key_options, true);

	if (rc)
		return rc;
	if (wish.revoke && wish.days)
		return gw_command_fail("--days is for a new key");
	if (wish.revoke)
		return change(world, &wish, "account.key_revoked", edit_revoked_key);
	rc = change(world, &wish, "account.key", edit_new_key);
	if (rc == EXIT_SUCCESS) {
		let_them_know();
		puts(wish.key);
	}
	sodium_memzero(wish.key, sizeof(wish.key));
	return rc;
}

/* ---- lists */
/* NULL after a sentence. */
static struct gw_accounts *load_all(struct gw_command_world *world)
{
	struct gw_accounts *accounts;
	int64_t until_ms;

	if (!gw_command_open(world))
		return NULL;
	accounts = gw_accounts_alloc(world->ctx, world->ledger);
	until_ms = gw_clock_ms() + 2 * world->config->ledger.deadline_ms + 1000;
	while (!gw_accounts_loaded(accounts) && gw_clock_ms() < until_ms) {
		gw_accounts_tick(accounts, gw_clock_ms(), gw_clock_wall_ms());
		gw_loop_turn();
	}
	if (gw_accounts_loaded(accounts))
		return accounts;
	gw_command_fail("the ledger does not answer");
	return NULL;
}

static const char *day_text(int64_t ms, char text[32])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm utc;

	if (!ms)
		return "never";
	gmtime_r(&seconds, &utc);
	strftime(text, 32, "%Y-%m-%dT%H:%MZ", &utc);
	return text;
}

static int keys(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, true);
	struct gw_accounts *accounts = rc ? NULL : load_all(world);
	const struct account *account;
	char made[32], ends[32];

	if (!accounts)
		return rc ? rc : EXIT_FAILURE;
	account = account_of(gw_accounts_find(accounts, wish.name));
	if (!account)
		return gw_command_fail("%s: there is no such account", wish.name);
	printf("%-10s %-18s %-18s\n", "key", "made", "ends");
	for (size_t i = 0; i < account->n_keys; i++)
		printf("%-10s %-18s %-18s%s\n", account->keys[i].id, day_text(account->keys[i].made_ms, made), day_text(account->keys[i].ends_ms, ends),
		       account_key_has(&account->keys[i], gw_clock_wall_ms()) ? "" : "it has ended");
	return EXIT_SUCCESS;
}

static void print_scopes(const struct gw_account *account)
{
	const char *comma = "";

	for (size_t i = 0; gw_scope_row(i); i++)
		if (account->scopes & 1u << i) {
			printf("%s%s", comma, gw_scope_row(i)->name);
			comma = ",";
		}
}

static int list(struct gw_command_world *world, int argc, char **argv)
{
	struct wish wish;
	int rc = read_arguments(&wish, argc, argv, no_options, false);
	struct gw_accounts *accounts = rc ? NULL : load_all(world);
	const struct gw_account *account;

	if (!accounts)
		return rc ? rc : EXIT_FAILURE;
	for (size_t i = 0; (account = gw_accounts_at(accounts, i)); i++) {
		printf("%-32s %-8s %zu keys  %s  ", account->name, account->disabled ? "disabled" : "enabled", account_of(account)->n_keys,
		       account->delivery == GW_DELIVERY_WEBHOOK ? account->webhook_url : "fetch");
		print_scopes(account);
		printf("  %s\n", account->title_en);
	}
	return EXIT_SUCCESS;
}

#define SETTINGS \
	"[--sender S] [--scopes A,B|all] [--webhook URL | --fetch] [--notices-per-day N] [--calls-per-minute N] [--address CIDR|any]..."
const struct gw_command gw_agency_commands[] = {
	{ "agency", "add", "NAME --title-fa T --title-en T " SETTINGS, "a new account; with a webhook, its secret is printed", add },
	{ "agency", "set", "NAME [--title-fa T] [--title-en T] " SETTINGS, "changes what is given (limits: 0 is none)", set },
	{ "agency", "key", "NAME [--days N | --revoke KEY]", "a new key, printed once, good for N days or for ever; or revokes one", key },
	{ "agency", "keys", "NAME", "its keys, by what stands behind dh_ in them", keys },
	{ "agency", "secret", "NAME [--rotate]", "a webhook secret, printed once; the one before stays good for a day", secret },
	{ "agency", "list", "", "all accounts", list },
	{ "agency", "disable", "NAME", "no key of it is good until it is enabled", disable },
	{ "agency", "enable", "NAME", "the reverse", enable },
	{ NULL, NULL, NULL, NULL, NULL },
};
