/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See agency_http.h. Settings are one immutable object, shared by the handles that were made with it; new settings put
 * the old object aside until the last transfer that uses it has ended. The connections are the multi handle's and stay.
 *
 * What is decided here once and for all: certificates are verified; no redirect, proxy, cookie, .netrc, compression or
 * protocol but HTTP; nothing is waited for before a body (no Expect); a name is looked up in a thread, remembered by curl
 * for a minute, and a look-up that hangs is left behind rather than waited for (QUICK_EXIT). */
#include "gateway/agency_http.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#define SECRET_OCTETS_MAX 4096
#define HEAD_OCTETS_MAX (64 * 1024)     /* of an answer's headers */
#define KEPT_OCTETS_MAX (64 * 1024)     /* a larger buffer is given back after its answer */

struct settings {
	unsigned int users;               /* transfers, idle ones too, and the agency while they are current */
	char *ca_file;
	char *secret;                     /* the header line with it */
	size_t answer_octets_max;
	bool drop;                        /* what an answer says is not kept */
	struct curl_slist plain[2], body[2]; /* nodes of ours: Accept, secret; Content-Type, Expect, then these */
};

struct gw_agency_http {
	struct gw_loop_curl *loop;
	gw_agency_http_done *on_done;
	struct settings *settings;        /* NULL: not configured */
	struct llist_head idle, running;
};

struct transfer {
	struct llist_head list;
	struct gw_agency_http *http;
	struct settings *settings;
	CURL *easy;
	void *ctx;
	char *body;
	size_t octets, cap, head_octets;
	bool too_large;
	char key[40];
	struct curl_slist key_node, extra[GW_AGENCY_HTTP_HEADERS_MAX];
};

/* --- the secret --- */

/* At most cap octets of the file into out. 0 or -errno with why; a warning in why if anybody may read it. */
static int slurp(const char *path, char *out, size_t cap, size_t *octets, char *why, size_t why_cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	ssize_t n = fd < 0 ? -1 : read(fd, out, cap);
	struct stat st;

	rc = n < 0 ? -errno : 0;
	*octets = n < 0 ? 0 : (size_t)n;
	if (rc)
		snprintf(why, why_cap, "the secret %s cannot be read: %s", path, strerror(-rc));
	else if (fstat(fd, &st) == 0 && st.st_mode & S_IROTH)
		snprintf(why, why_cap, "the secret %s can be read by everybody on this machine", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The file's only line. 0 or -errno with why. */
static int read_secret(const char *path, char *out, size_t cap, char *why, size_t why_cap)
{
	size_t n;
	int rc = slurp(path, out, cap, &n, why, why_cap);

	if (rc)
		return rc;
	if (n == cap)
		rc = -EINVAL;
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == '\r'))
		n--;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
			rc = -EINVAL;
	if (n == 0)
		rc = -EINVAL;
	if (rc == 0)
		out[n] = '\0';
	else
		snprintf(why, why_cap, "the secret %s must be one line of less than %zu octets", path, cap - 1);
	return rc;
}

/* "Authorization: Bearer ...", "X-Api-Key: ...": the header line of the secret, to be wiped by the caller. */
static char *secret_header(void *ctx, const struct menu_agency *agency, const char *secret)
{
	char coded[SECRET_OCTETS_MAX * 2];
	char *line;

	if (agency->auth == MENU_AUTH_BEARER)
		return talloc_asprintf(ctx, "Authorization: Bearer %s", secret);
	if (agency->auth == MENU_AUTH_HEADER)
		return talloc_asprintf(ctx, "%s: %s", agency->auth_header, secret);
	sodium_bin2base64(coded, sizeof(coded), (const unsigned char *)secret, strlen(secret), sodium_base64_VARIANT_ORIGINAL);
	line = talloc_asprintf(ctx, "Authorization: Basic %s", coded);
	explicit_bzero(coded, sizeof(coded));
	return line;
}

static int take_secret(struct settings *settings, const struct menu_agency *agency, char *why, size_t cap)
{
	char secret[SECRET_OCTETS_MAX];
	int rc;

	if (agency->auth == MENU_AUTH_NONE)
		return 0;
	rc = read_secret(agency->auth_secret_file, secret, sizeof(secret), why, cap);
	if (rc == 0)
		settings->secret = secret_header(settings, agency, secret);
	explicit_bzero(secret, sizeof(secret));
	return rc;
}

/* --- settings --- */

static void link_headers(struct settings *s)
{
	static char accept[] = "Accept: application/json", type[] = "Content-Type: application/json", expect[] = "Expect:";
	struct curl_slist *secret = s->secret ? &s->plain[1] : NULL;

	s->plain[0] = (struct curl_slist){ accept, secret };
	s->plain[1] = (struct curl_slist){ s->secret, NULL };
	s->body[0] = (struct curl_slist){ type, &s->body[1] };
	s->body[1] = (struct curl_slist){ expect, &s->plain[0] };
}

static int wipe_settings(struct settings *settings)
{
	if (settings->secret)
		explicit_bzero(settings->secret, strlen(settings->secret));
	return 0;
}

static void put_settings(struct settings *settings)
{
	if (settings && --settings->users == 0)
		talloc_free(settings);
}

static void free_transfer(struct transfer *t)
{
	llist_del(&t->list);
	curl_easy_cleanup(t->easy);
	put_settings(t->settings);
	talloc_free(t);
}

static void drop_idle(struct gw_agency_http *http)
{
	struct transfer *t, *next;

	llist_for_each_entry_safe(t, next, &http->idle, list)
		free_transfer(t);
}

static struct settings *new_settings(struct gw_agency_http *http, const char *ca_file, size_t answer_octets_max)
{
	struct settings *settings = talloc_zero(http, struct settings);

	talloc_set_destructor(settings, wipe_settings);
	settings->users = 1;
	settings->answer_octets_max = answer_octets_max;
	settings->ca_file = ca_file ? talloc_strdup(settings, ca_file) : NULL;
	return settings;
}

/* The settings, in place of those before; or none, if something is wrong with them. */
static int take_over(struct gw_agency_http *http, struct settings *settings, int rc, char *why, size_t cap)
{
	if (rc == 0 && settings->ca_file && access(settings->ca_file, R_OK) != 0) {
		rc = -errno;
		snprintf(why, cap, "the authorities in %s cannot be read: %s", settings->ca_file, strerror(errno));
	}
	link_headers(settings);
	drop_idle(http);
	put_settings(http->settings);
	http->settings = settings;
	if (rc) {
		put_settings(settings);
		http->settings = NULL;
	}
	return rc;
}

int gw_agency_http_configure(struct gw_agency_http *http, const struct menu_agency *agency, char *why, size_t cap)
{
	struct settings *settings = new_settings(http, agency->ca_file, agency->answer_octets_max);

	why[0] = '\0';
	return take_over(http, settings, take_secret(settings, agency, why, cap), why, cap);
}

int gw_agency_http_configure_plain(struct gw_agency_http *http, const struct gw_agency_http_plain *plain, char *why, size_t cap)
{
	struct settings *settings = new_settings(http, plain->ca_file, plain->answer_octets_max);

	why[0] = '\0';
	settings->drop = true;
	return take_over(http, settings, 0, why, cap);
}

/* --- one transfer --- */

static size_t on_head(char *data, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	(void)data;
	t->head_octets += size * n;
	t->too_large = t->head_octets > HEAD_OCTETS_MAX;
	return t->too_large ? 0 : size * n;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	size_t octets = size * n;

	if (t->octets + octets > t->settings->answer_octets_max) {
		t->too_large = true;
		return 0; /* curl ends the transfer */
	}
	if (t->settings->drop) {
		t->octets += octets;
		return octets;
	}
	if (t->octets + octets > t->cap) {
		t->cap = t->octets + octets < 2048 ? 4096 : (t->octets + octets) * 2;
		t->body = talloc_realloc_size(t, t->body, t->cap);
	}
	memcpy(t->body + t->octets, data, octets);
	t->octets += octets;
	return octets;
}

static void set_options(struct transfer *t)
{
	CURL *easy = t->easy;

	gw_loop_curl_prepare(t->http->loop, easy);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "dolat-gateway/" DOLAT_VERSION);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (t->settings->ca_file) { /* these and no others: Debian's curl has a folder of authorities built in */
		curl_easy_setopt(easy, CURLOPT_CAINFO, t->settings->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->settings->answer_octets_max);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
}

static struct transfer *new_transfer(struct gw_agency_http *http)
{
	CURL *easy = curl_easy_init();
	struct transfer *t;

	if (!easy)
		return NULL;
	t = talloc_zero(http, struct transfer);
	t->http = http;
	t->easy = easy;
	t->settings = http->settings;
	t->settings->users++;
	llist_add(&t->list, &http->idle);
	set_options(t);
	return t;
}

static void set_method(CURL *easy, const struct gw_agency_http_request *request)
{
	bool get = strcmp(request->method, "GET") == 0;

	if (get) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body_octets);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_headers(struct transfer *t, const struct gw_agency_http_request *request)
{
	struct curl_slist *headers = request->body ? &t->settings->body[0] : &t->settings->plain[0];

	if (request->keyed) {
		snprintf(t->key, sizeof(t->key), "Idempotency-Key: %016" PRIx64, request->idempotency);
		t->key_node = (struct curl_slist){ t->key, headers };
		headers = &t->key_node;
	}
	OSMO_ASSERT(request->n_headers <= GW_AGENCY_HTTP_HEADERS_MAX);
	for (size_t i = 0; i < request->n_headers; i++) {
		t->extra[i] = (struct curl_slist){ request->headers[i], headers };
		headers = &t->extra[i];
	}
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, headers);
}

int gw_agency_http_start(struct gw_agency_http *http, const struct gw_agency_http_request *request, void *transfer_ctx)
{
	struct transfer *t;

	if (!http->settings)
		return -EACCES;
	t = llist_empty(&http->idle) ? new_transfer(http) : llist_first_entry(&http->idle, struct transfer, list);
	if (!t)
		return -ENOMEM;
	t->ctx = transfer_ctx;
	t->octets = t->head_octets = 0;
	t->too_large = false;
	set_method(t->easy, request);
	set_headers(t, request);
	gw_loop_curl_near_only(http->loop, t->easy, request->near_only);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->timeout_ms);
	if (curl_easy_setopt(t->easy, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_multi_add_handle(gw_loop_curl_multi(http->loop), t->easy) != CURLM_OK)
		return -EINVAL;
	llist_del(&t->list);
	llist_add_tail(&t->list, &http->running);
	return 0;
}

/* --- its end --- */

static enum gw_agency_http_fault fault_of(const struct transfer *t, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return GW_AGENCY_HTTP_NONE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		return GW_AGENCY_HTTP_NO_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return GW_AGENCY_HTTP_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CIPHER:
		return GW_AGENCY_HTTP_TLS;
	case CURLE_FILESIZE_EXCEEDED:
		return GW_AGENCY_HTTP_TOO_LARGE;
	default:
		return t->too_large ? GW_AGENCY_HTTP_TOO_LARGE : GW_AGENCY_HTTP_BROKEN;
	}
}

static void fill(const struct transfer *t, struct gw_agency_http_result *result)
{
	long status = 0, connects = 0;
	curl_off_t retry_after = 0;
	char *type = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &connects);
	result->connects = (unsigned int)connects;
	if (result->fault != GW_AGENCY_HTTP_NONE && result->fault != GW_AGENCY_HTTP_TOO_LARGE)
		return;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	result->status = (unsigned int)status;
	if (result->fault != GW_AGENCY_HTTP_NONE)
		return;
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	if (status == 429 || status == 503)
		curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after);
	result->content_type = type;
	result->body = t->body && !t->settings->drop ? t->body : "";
	result->octets = t->settings->drop ? 0 : t->octets;
	result->retry_after_s = retry_after;
}

/* Back among the idle ones, or away if the settings are no longer the agency's. */
static void rest(struct transfer *t)
{
	if (t->cap > KEPT_OCTETS_MAX) {
		talloc_free(t->body);
		t->body = NULL;
		t->cap = 0;
	}
	if (t->settings != t->http->settings) {
		free_transfer(t);
		return;
	}
	llist_del(&t->list);
	llist_add(&t->list, &t->http->idle);
}

static void end(struct transfer *t, enum gw_agency_http_fault fault, const char *why)
{
	struct gw_agency_http_result result = { .fault = fault, .why = why };

	fill(t, &result);
	curl_multi_remove_handle(gw_loop_curl_multi(t->http->loop), t->easy);
	t->http->on_done(t->ctx, &result);
	rest(t);
}

void gw_agency_http_collect(struct gw_loop_curl *loop)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(gw_loop_curl_multi(loop), &left))) {
		struct transfer *t = NULL;
		CURLcode code = message->data.result; /* the message dies with its transfer */
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
		end(t, fault_of(t, code), curl_easy_strerror(code));
	}
}

void gw_agency_http_abort(struct gw_agency_http *http)
{
	struct transfer *t;

	while ((t = llist_first_entry_or_null(&http->running, struct transfer, list)))
		end(t, GW_AGENCY_HTTP_ABORTED, "given up");
}

static int destroy(struct gw_agency_http *http)
{
	gw_agency_http_abort(http);
	drop_idle(http);
	return 0;
}

struct gw_agency_http *gw_agency_http_alloc(void *ctx, struct gw_loop_curl *loop, gw_agency_http_done *on_done)
{
	struct gw_agency_http *http = talloc_zero(ctx, struct gw_agency_http);

	http->loop = loop;
	http->on_done = on_done;
	INIT_LLIST_HEAD(&http->idle);
	INIT_LLIST_HEAD(&http->running);
	talloc_set_destructor(http, destroy);
	return http;
}
