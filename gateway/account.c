/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See account.h, account_priv.h. Here is one account: its JSON, its keys, its addresses; how all of them are known is in accounts.c.
 *
 * {"name": "tax", "title_fa": "...", "title_en": "...", "disabled": false, "sender": "", "scopes": ["notices:send"],
 *  "notices_per_day": 0, "calls_per_minute": 0, "webhook": "https://..." (none: fetch), "addresses": ["192.0.2.0/24"],
 *  "keys": [{"id": "...", "hash": "64 hexadecimal digits", "made": ms, "ends": ms or 0}],
 *  "secrets": ["whsec_..."], "before_until": ms, "made": ms} */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/account_priv.h"

/* ---- scopes */
static const struct gw_scope_row scopes[] = {
	[GW_SCOPE_NONE] = { "", "no key is needed", false },
	[GW_SCOPE_ANY] = { "", "any key is good", false },
	[GW_SCOPE_NOTICES_SEND] = { "notices:send", "send notices to citizens, cancel them", false },
	[GW_SCOPE_NOTICES_READ] = { "notices:read", "see what became of notices", false },
	[GW_SCOPE_REQUESTS_READ] = { "requests:read", "see the requests of citizens", false },
	[GW_SCOPE_REQUESTS_ANSWER] = { "requests:answer", "answer requests, say how far they are", false },
	[GW_SCOPE_EVENTS] = { "events", "fetch events and acknowledge them", false },
	[GW_SCOPE_BULK] = { "bulk", "send notices by file", false },
	[GW_SCOPE_TEMPLATES] = { "templates", "write the texts of notices", false },
	[GW_SCOPE_DEAD] = { "dead", "list, retry and drop what could not be delivered", false },
	[GW_SCOPE_PROPOSE] = { "propose", "propose services for the catalogue, acknowledge what was decided", false },
	[GW_SCOPE_REPORT] = { "report", "tell how many bills were issued, on paper and without", false },
	[GW_SCOPE_PORTAL] = { "portal", "act for citizens whom it has authenticated", true },
	[GW_SCOPE_KARPOUSHEH] = { "karpousheh", "be told of all notices, say what was read", true },
	[GW_SCOPE_IDENTITY] = { "identity", "say that a number's SIM or owner has changed", true },
	[GW_SCOPE_PAYMENTS] = { "payments", "pay bills for citizens whom it has proved as a dialog does", true },
};
static_assert(ARRAY_SIZE(scopes) == GW_SCOPES, "every scope has a row");

const struct gw_scope_row *gw_scope_row(size_t scope)
{
	return scope < ARRAY_SIZE(scopes) ? &scopes[scope] : NULL;
}

enum gw_scope account_scope(const char *name)
{
	size_t scope = GW_SCOPE_ANY + 1;

	while (scope < GW_SCOPES && strcmp(scopes[scope].name, name) != 0)
		scope++;
	return (enum gw_scope)scope;
}

/* ---- names and addresses */
bool account_name_is_good(const char *name)
{
	size_t n = strlen(name);

	return n && n <= GW_ACCOUNT_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

struct network { int family; uint8_t octets[16]; unsigned int bits; };

static int read_octets(const char *text, uint8_t octets[16])
{
	return inet_pton(AF_INET, text, octets) == 1 ? AF_INET : inet_pton(AF_INET6, text, octets) == 1 ? AF_INET6 : 0;
}

static bool read_network(const char *cidr, struct network *network)
{
	size_t n = strcspn(cidr, "/");
	char text[INET6_ADDRSTRLEN], *end;
	unsigned long bits;

	if (n >= sizeof(text))
		return false;
	memcpy(text, cidr, n);
	text[n] = '\0';
	network->family = read_octets(text, network->octets);
	network->bits = network->family == AF_INET ? 32 : 128;
	if (!network->family || !cidr[n])
		return network->family;
	if (cidr[n + 1] < '0' || cidr[n + 1] > '9')
		return false;
	bits = strtoul(cidr + n + 1, &end, 10);
	if (*end || bits > network->bits)
		return false;
	network->bits = (unsigned int)bits;
	return true;
}

/* The bits behind the network's own must be none: "192.0.2.7/24" is a mistake of somebody who meant one of two things. */
bool account_address_is_good(const char *cidr)
{
	struct network network;

	if (!read_network(cidr, &network))
		return false;
	for (unsigned int bit = network.bits; bit < (network.family == AF_INET ? 32u : 128u); bit++)
		if (network.octets[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

bool account_address_has(const char *cidr, const char *address)
{
	struct network network;
	uint8_t octets[16];

	if (!read_network(cidr, &network) || read_octets(address, octets) != network.family)
		return false;
	for (unsigned int bit = 0; bit < network.bits; bit++)
		if ((network.octets[bit / 8] ^ octets[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* ---- keys and secrets */
bool account_key_has(const struct account_key *key, int64_t now_ms)
{
	return !key->ends_ms || now_ms < key->ends_ms;
}

bool account_key_id(const char *key, char id[ACCOUNT_KEY_ID_OCTETS])
{
	if (strlen(key) != ACCOUNT_KEY_OCTETS - 1 || memcmp(key, "dh_", 3) != 0 || key[11] != '_')
		return false;
	memcpy(id, key + 3, ACCOUNT_KEY_ID_OCTETS - 1);
	id[ACCOUNT_KEY_ID_OCTETS - 1] = '\0';
	return true;
}

void account_key_hash(const char *key, uint8_t hash[ACCOUNT_HASH_OCTETS])
{
	crypto_hash_sha256(hash, (const unsigned char *)key, strlen(key));
}

/* Small letters and digits, without those that are taken for one another: 32 of them. */
void account_key_make(char key[ACCOUNT_KEY_OCTETS])
{
	static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz0";
	uint8_t random[32];

	randombytes_buf(random, ACCOUNT_KEY_ID_OCTETS - 1);
	memcpy(key, "dh_", 3);
	for (size_t i = 0; i < ACCOUNT_KEY_ID_OCTETS - 1; i++)
		key[3 + i] = letters[random[i] % 32];
	key[11] = '_';
	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(key + 12, ACCOUNT_KEY_OCTETS - 12, random, sizeof(random), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof(random));
}

void account_secret_make(char secret[ACCOUNT_SECRET_OCTETS])
{
	uint8_t random[32];

	randombytes_buf(random, sizeof(random));
	strcpy(secret, "whsec_");
	sodium_bin2base64(secret + 6, ACCOUNT_SECRET_OCTETS - 6, random, sizeof(random), sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(random, sizeof(random));
}

/* ---- JSON */
static const char *keep(void *ctx, const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text ? talloc_strdup(ctx, text) : NULL;
}

static unsigned int number(const json_t *json, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(json, name));

	return value > 0 && value <= UINT32_MAX ? (unsigned int)value : 0;
}

static int64_t time_ms(const json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

static bool read_key(const json_t *json, struct account_key *key)
{
	const char *id = json_string_value(json_object_get(json, "id")), *hash = json_string_value(json_object_get(json, "hash"));
	size_t octets = 0;

	if (!id || strlen(id) != sizeof(key->id) - 1 || !hash ||
	    sodium_hex2bin(key->hash, sizeof(key->hash), hash, strlen(hash), NULL, &octets, NULL) != 0 || octets != sizeof(key->hash))
		return false;
	memcpy(key->id, id, sizeof(key->id));
	key->made_ms = time_ms(json, "made");
	key->ends_ms = time_ms(json, "ends");
	return true;
}

static bool read_lists(struct account *account, const json_t *json)
{
	const json_t *keys = json_object_get(json, "keys"), *addresses = json_object_get(json, "addresses");
	const json_t *names = json_object_get(json, "scopes"), *secrets = json_object_get(json, "secrets");

	if (json_array_size(keys) > ARRAY_SIZE(account->keys) || json_array_size(addresses) > ARRAY_SIZE(account->pub.addresses))
		return false;
	for (size_t i = 0; i < json_array_size(keys); i++)
		if (!read_key(json_array_get(keys, i), &account->keys[account->n_keys++]))
			return false;
	for (size_t i = 0; i < json_array_size(addresses); i++) {
		const char *text = json_string_value(json_array_get(addresses, i));

		if (!text)
			return false;
		account->pub.addresses[account->pub.n_addresses++] = talloc_strdup(account, text);
	}
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (name && account_scope(name) < GW_SCOPES) /* a later program may know more of them */
			account->pub.scopes |= 1u << account_scope(name);
	}
	for (size_t i = 0; i < json_array_size(secrets) && i < ARRAY_SIZE(account->pub.webhook_secrets); i++)
		account->pub.webhook_secrets[i] = talloc_strdup(account, json_string_value(json_array_get(secrets, i)));
	return true;
}

struct account *account_read(void *ctx, const void *text, size_t octets)
{
	struct account *account = talloc_zero(ctx, struct account);
	json_t *json = json_loadb(text, octets, JSON_REJECT_DUPLICATES, NULL);

	account->pub.name = keep(account, json, "name");
	account->pub.title_fa = keep(account, json, "title_fa");
	account->pub.title_en = keep(account, json, "title_en");
	account->pub.sender = keep(account, json, "sender");
	account->pub.webhook_url = keep(account, json, "webhook");
	account->pub.disabled = json_is_true(json_object_get(json, "disabled"));
	account->pub.notices_per_day = number(json, "notices_per_day");
	account->pub.calls_per_minute = number(json, "calls_per_minute");
	account->made_ms = time_ms(json, "made");
	account->before_until_ms = time_ms(json, "before_until");
	account->pub.sender = account->pub.sender ? account->pub.sender : "";
	account->pub.delivery = account->pub.webhook_url && account->pub.webhook_url[0] ? GW_DELIVERY_WEBHOOK : GW_DELIVERY_FETCH;
	account->pub.webhook_url = account->pub.webhook_url ? account->pub.webhook_url : "";
	if (!read_lists(account, json) || account_check(account))
		TALLOC_FREE(account);
	json_decref(json);
	return account;
}

static json_t *print_keys(const struct account *account)
{
	json_t *keys = json_array();
	char hash[2 * ACCOUNT_HASH_OCTETS + 1];

	for (size_t i = 0; i < account->n_keys; i++) {
		const struct account_key *key = &account->keys[i];

		sodium_bin2hex(hash, sizeof(hash), key->hash, sizeof(key->hash));
		json_array_append_new(keys, json_pack("{s:s, s:s, s:I, s:I}", "id", key->id, "hash", hash, "made", (json_int_t)key->made_ms,
						      "ends", (json_int_t)key->ends_ms));
	}
	return keys;
}

json_t *account_print(const struct account *account)
{
	const struct gw_account *pub = &account->pub;
	json_t *names = json_array(), *addresses = json_array(), *secrets = json_array();

	for (size_t i = 0; i < GW_SCOPES; i++)
		if (pub->scopes & 1u << i)
			json_array_append_new(names, json_string(scopes[i].name));
	for (size_t i = 0; i < pub->n_addresses; i++)
		json_array_append_new(addresses, json_string(pub->addresses[i]));
	for (size_t i = 0; i < ARRAY_SIZE(pub->webhook_secrets) && pub->webhook_secrets[i]; i++)
		json_array_append_new(secrets, json_string(pub->webhook_secrets[i]));
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:I, s:I, s:s, s:o, s:o, s:o, s:I, s:I}", "name", pub->name, "title_fa", pub->title_fa,
			 "title_en", pub->title_en, "disabled", pub->disabled, "sender", pub->sender, "scopes", names, "notices_per_day",
			 (json_int_t)pub->notices_per_day, "calls_per_minute", (json_int_t)pub->calls_per_minute, "webhook", pub->webhook_url,
			 "addresses", addresses, "secrets", secrets, "keys", print_keys(account), "before_until",
			 (json_int_t)account->before_until_ms, "made", (json_int_t)account->made_ms);
}

/* ---- is it as it must be? */
static bool is_text(const char *text, size_t max)
{
	json_t *json = text && text[0] && strlen(text) <= max ? json_string(text) : NULL; /* NULL, too, if it is not UTF-8 */
	bool good = json != NULL;

	for (const char *at = text; good && *at; at++)
		good = (unsigned char)*at >= ' ' && *at != 0x7f;
	json_decref(json);
	return good;
}

/* What can be an SMS sender: a number, or a name of up to eleven characters. */
static bool is_sender(const char *sender)
{
	size_t n = strlen(sender);

	if (strspn(sender + (sender[0] == '+'), "0123456789") == n - (sender[0] == '+'))
		return n <= ACCOUNT_SENDER_MAX && sender[n ? n - 1 : 0] != '+';
	for (const char *at = sender; *at; at++)
		if (*at < ' ' || *at > '~')
			return false;
	return n <= 11;
}

static bool is_url(const char *url)
{
	if (strlen(url) > ACCOUNT_URL_MAX || (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0))
		return false;
	for (const char *at = url; *at; at++)
		if (*at <= ' ' || *at > '~')
			return false;
	return strlen(strchr(url, ':')) > 3;
}

const char *account_check(const struct account *account)
{
	const struct gw_account *pub = &account->pub;

	if (!pub->name || !account_name_is_good(pub->name))
		return "a name has at most 32 characters: small letters, digits, '_'";
	if (!is_text(pub->title_fa, ACCOUNT_TITLE_MAX) || !is_text(pub->title_en, ACCOUNT_TITLE_MAX))
		return "a title (--title-fa, --title-en) is UTF-8 and has at most 100 octets";
	if (!is_sender(pub->sender))
		return "a sender is a number of at most 20 digits or a name of at most 11 printable ASCII characters";
	if (pub->webhook_url[0] && !is_url(pub->webhook_url))
		return "a webhook is an http:// or https:// address of at most 500 ASCII characters";
	for (size_t i = 0; i < pub->n_addresses; i++)
		if (!account_address_is_good(pub->addresses[i]))
			return "an address is like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32, with no bits behind the network's";
	return NULL;
}
