/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_hooks.h. The signature is computed here anew, not by the gateway's code: a mistake shows as a difference. */
#include "tests/sim/agency_hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define ID_MAX 64
#define TYPE_MAX 64
#define EVENTS_MAX 10000000
#define LIST_OCTETS_MAX (4u * 1024 * 1024)

struct seen {
	char *id, *type, *code, *body;  /* code: of a request.received, or NULL */
	unsigned int times;
	bool answered;
};

struct sim_hooks {
	unsigned char key[64];
	size_t key_octets;              /* 0: no signature is asked for */
	int64_t tolerance_s;
	int fd;                         /* of the state; -1 */
	struct seen *seen;
	size_t n, cap;
	json_t *numbers, *by_type;      /* id -> index in seen; type -> count */
	struct sim_hooks_counts counts;
	size_t first_unanswered;        /* none before it */
};

/* --- the secret and the signature --- */

bool sim_hooks_secret(struct sim_hooks *hooks, const char *secret)
{
	const char *coded = strncmp(secret, "whsec_", 6) == 0 ? secret + 6 : "";
	int variant = strlen(coded) % 4 ? sodium_base64_VARIANT_ORIGINAL_NO_PADDING : sodium_base64_VARIANT_ORIGINAL;
	unsigned char key[sizeof(hooks->key)];
	size_t octets;

	if (sodium_base642bin(key, sizeof(key), coded, strlen(coded), NULL, &octets, NULL, variant) != 0 || octets == 0)
		return false;
	memcpy(hooks->key, key, octets);
	hooks->key_octets = octets;
	return true;
}

static bool signature_good(const struct sim_hooks *hooks, const struct sim_hook *hook)
{
	unsigned char hash[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	char coded[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_ORIGINAL)];
	const char *pieces[] = { hook->id, ".", hook->timestamp, "." };

	if (!hooks->key_octets)
		return true;
	crypto_auth_hmacsha256_init(&state, hooks->key, hooks->key_octets);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		crypto_auth_hmacsha256_update(&state, (const unsigned char *)pieces[i], strlen(pieces[i]));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)hook->body, hook->octets);
	crypto_auth_hmacsha256_final(&state, hash);
	sodium_bin2base64(coded, sizeof(coded), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
	for (const char *at = hook->signature; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n == strlen(coded) + 3 && strncmp(at, "v1,", 3) == 0 && sodium_memcmp(at + 3, coded, n - 3) == 0)
			return true;
		at += n;
	}
	return false;
}

/* --- what is remembered --- */

static struct seen *find(const struct sim_hooks *hooks, const char *id)
{
	const json_t *number = json_object_get(hooks->numbers, id);

	return number ? &hooks->seen[json_integer_value(number)] : NULL;
}

static char *code_in(const char *body, size_t octets)
{
	json_t *event = json_loadb(body, octets, 0, NULL);
	const char *code = json_string_value(json_object_get(json_object_get(event, "data"), "code"));
	char *copy = code ? strdup(code) : NULL;

	json_decref(event);
	return copy;
}

static void count_type(struct sim_hooks *hooks, const char *type)
{
	json_int_t before = json_integer_value(json_object_get(hooks->by_type, type));

	json_object_set_new(hooks->by_type, type, json_integer(before + 1));
}

static void remember(struct sim_hooks *hooks, const char *id, const char *type, const char *body, size_t octets)
{
	if (hooks->n == hooks->cap) {
		hooks->cap = hooks->cap ? hooks->cap * 2 : 64;
		hooks->seen = realloc(hooks->seen, hooks->cap * sizeof(*hooks->seen));
	}
	json_object_set_new(hooks->numbers, id, json_integer((json_int_t)hooks->n));
	hooks->seen[hooks->n++] = (struct seen){
		.id = strdup(id), .type = strdup(type), .body = strndup(body, octets), .times = 1,
		.code = strcmp(type, "request.received") == 0 ? code_in(body, octets) : NULL,
	};
	count_type(hooks, type);
	hooks->counts.unique++;
	hooks->counts.received++;
}

static void repeat(struct sim_hooks *hooks, struct seen *seen)
{
	seen->times++;
	hooks->counts.repeated++;
	hooks->counts.received++;
}

/* Whole or not at all, as far as the kernel is concerned: that we are killed afterwards takes nothing back. */
static bool note(struct sim_hooks *hooks, const char *mark, const char *id, const char *type, const char *body, size_t octets)
{
	struct iovec parts[] = {
		{ (void *)(uintptr_t)mark, 1 }, { (void *)(uintptr_t)id, strlen(id) }, { (void *)(uintptr_t)" ", type ? 1 : 0 },
		{ (void *)(uintptr_t)type, type ? strlen(type) : 0 }, { (void *)(uintptr_t)" ", type ? 1 : 0 },
		{ (void *)(uintptr_t)body, octets }, { (void *)(uintptr_t)"\n", 1 },
	};
	size_t all = 0;

	if (hooks->fd < 0)
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		all += parts[i].iov_len;
	return writev(hooks->fd, parts, (int)(sizeof(parts) / sizeof(parts[0]))) == (ssize_t)all;
}

void sim_hooks_answered(struct sim_hooks *hooks, const char *id)
{
	struct seen *seen = find(hooks, id);

	if (!seen || seen->answered)
		return;
	seen->answered = true;
	hooks->counts.answered++;
	note(hooks, "!", id, NULL, "", 0);
	while (hooks->first_unanswered < hooks->n && (!hooks->seen[hooks->first_unanswered].code || hooks->seen[hooks->first_unanswered].answered))
		hooks->first_unanswered++;
}

bool sim_hooks_unanswered(const struct sim_hooks *hooks, uint64_t *at, const char **id, const char **code)
{
	for (size_t i = *at > hooks->first_unanswered ? (size_t)*at : hooks->first_unanswered; i < hooks->n; i++) {
		if (!hooks->seen[i].code || hooks->seen[i].answered)
			continue;
		*at = i + 1;
		*id = hooks->seen[i].id;
		*code = hooks->seen[i].code;
		return true;
	}
	return false;
}

/* --- one that came --- */

static char *problem(unsigned int *status, unsigned int is, uint64_t *counter, const char *error)
{
	char *text = malloc(64);

	++*counter;
	*status = is;
	snprintf(text, 64, "{\"error\":\"%s\"}", error);
	return text;
}

static bool id_good(const char *id)
{
	for (const char *at = id; *at; at++)
		if (*at <= ' ' || *at > '~')
			return false;
	return *id && strlen(id) <= ID_MAX;
}

static bool time_good(const struct sim_hooks *hooks, const char *timestamp, int64_t now_s)
{
	char *end;
	long long at_s = strtoll(timestamp, &end, 10);

	return end != timestamp && !*end && (!hooks->tolerance_s || llabs(at_s - now_s) <= hooks->tolerance_s);
}

/* The type of a body that is an event with this id; the body is one line, as the gateway writes it. */
static bool type_of(const struct sim_hook *hook, char type[TYPE_MAX + 1])
{
	json_t *event = json_loadb(hook->body, hook->octets, JSON_REJECT_DUPLICATES, NULL);
	const char *id = json_string_value(json_object_get(event, "id")), *is = json_string_value(json_object_get(event, "type"));
	bool good = id && is && strcmp(id, hook->id) == 0 && id_good(is) && strlen(is) <= TYPE_MAX && json_object_get(event, "at") &&
	            json_is_object(json_object_get(event, "data")) && !memchr(hook->body, '\n', hook->octets);

	if (good)
		strcpy(type, is);
	json_decref(event);
	return good;
}

char *sim_hooks_take(struct sim_hooks *hooks, const struct sim_hook *hook, int64_t now_s, bool take, unsigned int *status)
{
	char type[TYPE_MAX + 1];
	struct seen *seen;
	bool first;

	if (!hook->id || !hook->timestamp || !hook->signature || !id_good(hook->id))
		return problem(status, 400, &hooks->counts.malformed, "NO_HEADERS");
	if (!signature_good(hooks, hook))
		return problem(status, 401, &hooks->counts.bad_signatures, "BAD_SIGNATURE");
	if (!time_good(hooks, hook->timestamp, now_s))
		return problem(status, 400, &hooks->counts.bad_times, "BAD_TIME");
	if (!type_of(hook, type) || hooks->n >= EVENTS_MAX)
		return problem(status, 400, &hooks->counts.malformed, "NO_EVENT");
	*status = 200;
	if (!take)
		return strdup("{}");
	seen = find(hooks, hook->id);
	first = !seen;
	if (!note(hooks, first ? "+" : "=", hook->id, first ? type : NULL, hook->body, first ? hook->octets : 0)) {
		*status = 500;
		return strdup("{\"error\":\"NO_STATE\"}");
	}
	if (first)
		remember(hooks, hook->id, type, hook->body, hook->octets);
	else
		repeat(hooks, seen);
	return strdup(first ? "{\"first\":true}" : "{\"first\":false}");
}

/* --- what it tells --- */

struct sim_hooks_counts sim_hooks_counts(const struct sim_hooks *hooks)
{
	return hooks->counts;
}

char *sim_hooks_text(const struct sim_hooks *hooks)
{
	const struct sim_hooks_counts *c = &hooks->counts;
	json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:O}", "received", (json_int_t)c->received, "unique", (json_int_t)c->unique,
	                         "repeated", (json_int_t)c->repeated, "bad_signatures", (json_int_t)c->bad_signatures, "bad_times",
	                         (json_int_t)c->bad_times, "malformed", (json_int_t)c->malformed, "answered", (json_int_t)c->answered, "by_type",
	                         hooks->by_type);
	char *text = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return text;
}

char *sim_hooks_list(const struct sim_hooks *hooks, uint64_t after, unsigned int limit)
{
	json_t *events = json_array(), *whole;
	size_t at = after < hooks->n ? (size_t)after : hooks->n, octets = 0;
	char *text;

	for (; at < hooks->n && json_array_size(events) < limit && octets < LIST_OCTETS_MAX; at++) {
		const struct seen *seen = &hooks->seen[at];

		json_array_append_new(events, json_pack("{s:I, s:s, s:s, s:i, s:b, s:o}", "n", (json_int_t)at + 1, "id", seen->id, "type", seen->type,
		                                        "times", (int)seen->times, "answered", seen->answered, "event", json_loads(seen->body, 0, NULL)));
		octets += strlen(seen->body);
	}
	whole = json_pack("{s:o, s:I, s:b}", "events", events, "next", (json_int_t)at, "more", at < hooks->n);
	text = json_dumps(whole, JSON_COMPACT);
	json_decref(whole);
	return text;
}

/* --- its life --- */

static void read_line(struct sim_hooks *hooks, char *line)
{
	char *id = line + 1, *type = strchr(id, ' '), *body = type ? strchr(type + 1, ' ') : NULL;
	struct seen *seen;

	if (line[0] == '+' && body) {
		*type++ = '\0';
		*body++ = '\0';
		remember(hooks, id, type, body, strlen(body));
		return;
	}
	seen = find(hooks, id);
	if (seen && line[0] == '=')
		repeat(hooks, seen);
	else if (seen && line[0] == '!')
		sim_hooks_answered(hooks, id); /* there is no file to write to yet */
}

/* What was there, and the file to go on with. A line that was not finished is cut off. */
static bool read_state(struct sim_hooks *hooks, const char *path)
{
	FILE *file = fopen(path, "a+e");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	off_t good = 0;
	bool done;

	if (!file)
		return false;
	rewind(file);
	while ((n = getline(&line, &cap, file)) > 0 && line[n - 1] == '\n') {
		good += n;
		line[n - 1] = '\0';
		read_line(hooks, line);
	}
	free(line);
	done = !ferror(file) && ftruncate(fileno(file), good) == 0;
	if (done)
		hooks->fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
	fclose(file);
	return done && hooks->fd >= 0;
}

struct sim_hooks *sim_hooks_open(const struct sim_hooks_config *config)
{
	struct sim_hooks *hooks = calloc(1, sizeof(*hooks));

	hooks->fd = -1;
	hooks->tolerance_s = config->tolerance_s;
	hooks->numbers = json_object();
	hooks->by_type = json_object();
	if (config->secret && !sim_hooks_secret(hooks, config->secret)) {
		fprintf(stderr, "dolat-agency: the secret of the webhooks is none\n");
		sim_hooks_close(hooks);
		return NULL;
	}
	if (config->state_file && !read_state(hooks, config->state_file)) {
		fprintf(stderr, "dolat-agency: %s: %s\n", config->state_file, strerror(errno));
		sim_hooks_close(hooks);
		return NULL;
	}
	return hooks;
}

void sim_hooks_close(struct sim_hooks *hooks)
{
	for (size_t i = 0; i < hooks->n; i++) {
		free(hooks->seen[i].id);
		free(hooks->seen[i].type);
		free(hooks->seen[i].code);
		free(hooks->seen[i].body);
	}
	free(hooks->seen);
	json_decref(hooks->numbers);
	json_decref(hooks->by_type);
	if (hooks->fd >= 0)
		close(hooks->fd);
	free(hooks);
}
