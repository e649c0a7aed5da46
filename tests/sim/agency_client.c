/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_client.h. A few places, each for one request until it is answered or refused. */
#include "tests/sim/agency_client.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PLACES 16
#define PAUSE_MS 500
#define TIMEOUT_MS 10000
#define KEY_MAX 256

struct place {
	struct sim_client *client;
	CURL *easy;
	bool taken, running;
	int64_t due_ms;
	char id[80], code[80], url[512], *body;
	struct curl_slist *headers;
};

struct sim_client {
	struct sim_hooks *hooks;
	char *api, *ca_file, authorization[KEY_MAX + 32];
	CURLM *multi;
	struct place places[PLACES];
	uint64_t at, refused;         /* at: in the list of hooks */
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *answer_to(const char *code)
{
	char fa[160], en[160];
	json_t *json;
	char *text;

	snprintf(fa, sizeof(fa), "درخواست %s بررسی و انجام شد.", code);
	snprintf(en, sizeof(en), "Request %s was dealt with.", code);
	json = json_pack("{s:s, s:{s:s, s:s}, s:b}", "state", "answered", "text", "fa", fa, "en", en, "close", 1);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

static size_t ignore(char *data, size_t size, size_t n, void *ctx)
{
	(void)data;
	(void)ctx;
	return size * n;
}

/* --- one request --- */

static void fill(struct place *place, const char *id, const char *code)
{
	char line[160];

	snprintf(place->id, sizeof(place->id), "%s", id);
	snprintf(place->code, sizeof(place->code), "%s", code);
	snprintf(place->url, sizeof(place->url), "%s/v1/requests/%s/answer", place->client->api, code);
	place->body = answer_to(code);
	snprintf(line, sizeof(line), "Idempotency-Key: %s", id);
	place->headers = curl_slist_append(NULL, line);
	place->headers = curl_slist_append(place->headers, place->client->authorization);
	place->headers = curl_slist_append(place->headers, "Content-Type: application/json");
	place->taken = true;
	place->due_ms = 0;
}

static void empty(struct place *place)
{
	curl_slist_free_all(place->headers);
	free(place->body);
	place->headers = NULL;
	place->body = NULL;
	place->taken = false;
}

static void start(struct place *place)
{
	CURL *easy = place->easy;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, place);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_URL, place->url);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, place->body);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, place->headers);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
	if (place->client->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, place->client->ca_file);
	place->running = curl_multi_add_handle(place->client->multi, easy) == CURLM_OK;
	place->due_ms = clock_ms() + PAUSE_MS;
}

/* 2xx: answered. What is said to be wrong for good is not tried again, nor after a restart. */
static void end(struct place *place, CURLcode code)
{
	long status = 0;

	curl_easy_getinfo(place->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_multi_remove_handle(place->client->multi, place->easy);
	place->running = false;
	place->due_ms = clock_ms() + PAUSE_MS;
	if (code != CURLE_OK || status < 200 || status >= 500 || status == 401 || status == 403 || status == 429)
		return;
	if (status >= 300) {
		place->client->refused++;
		fprintf(stderr, "dolat-agency: the answer to request %s was refused: %ld\n", place->code, status);
	}
	sim_hooks_answered(place->client->hooks, place->id);
	empty(place);
}

/* --- all of them --- */

static void collect(struct sim_client *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left))) {
		struct place *place = NULL;
		CURLcode code = message->data.result; /* the message dies with its transfer */

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &place);
		end(place, code);
	}
}

/* Milliseconds until one that failed is tried again, or timeout_ms. */
static int start_all(struct sim_client *client, int timeout_ms)
{
	int64_t now_ms = clock_ms();
	const char *id, *code;

	for (size_t i = 0; i < PLACES; i++) {
		struct place *place = &client->places[i];

		if (!place->taken && sim_hooks_unanswered(client->hooks, &client->at, &id, &code))
			fill(place, id, code);
		if (!place->taken || place->running)
			continue;
		if (place->due_ms <= now_ms)
			start(place);
		else if (place->due_ms - now_ms < timeout_ms)
			timeout_ms = (int)(place->due_ms - now_ms);
	}
	return timeout_ms;
}

void sim_client_turn(struct sim_client *client, int fd, int timeout_ms)
{
	struct curl_waitfd server = { .fd = fd, .events = CURL_WAIT_POLLIN };
	int running;

	timeout_ms = start_all(client, timeout_ms);
	curl_multi_perform(client->multi, &running);
	curl_multi_poll(client->multi, &server, 1, timeout_ms, NULL);
	curl_multi_perform(client->multi, &running);
	collect(client);
}

uint64_t sim_client_refused(const struct sim_client *client)
{
	return client->refused;
}

/* --- life --- */

static bool read_key(struct sim_client *client, const char *path)
{
	FILE *file = path ? fopen(path, "re") : NULL;
	char key[KEY_MAX] = "";
	bool good = file && fgets(key, sizeof(key), file);

	if (file)
		fclose(file);
	key[strcspn(key, "\r\n")] = '\0';
	snprintf(client->authorization, sizeof(client->authorization), "Authorization: Bearer %s", key);
	return good && key[0];
}

struct sim_client *sim_client_open(const struct sim_client_config *config, struct sim_hooks *hooks)
{
	struct sim_client *client = calloc(1, sizeof(*client));

	client->hooks = hooks;
	client->api = strdup(config->api);
	client->ca_file = config->ca_file ? strdup(config->ca_file) : NULL;
	client->multi = curl_multi_init();
	for (size_t i = 0; i < PLACES; i++) {
		client->places[i].client = client;
		client->places[i].easy = curl_easy_init();
	}
	if (read_key(client, config->key_file))
		return client;
	fprintf(stderr, "dolat-agency: the API's key cannot be read\n");
	sim_client_close(client);
	return NULL;
}

void sim_client_close(struct sim_client *client)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct place *place = &client->places[i];

		if (place->running)
			curl_multi_remove_handle(client->multi, place->easy);
		curl_easy_cleanup(place->easy);
		empty(place);
	}
	curl_multi_cleanup(client->multi);
	free(client->api);
	free(client->ca_file);
	free(client);
}
