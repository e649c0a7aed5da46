/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See api_tls.h. */
#include <assert.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/api_tls.h"
#include "gateway/log.h"

#define CHAIN_MAX 8
#define KEEP_MS 60000

struct identity {
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned int n;
	gnutls_privkey_t key;
};
struct gw_api_tls {
	const char *cert_file, *key_file;
	struct identity *current, *before;
	int64_t before_until_ms;
	unsigned int place;
};
static struct gw_api_tls *places[GW_API_TLS_MAX];

static int free_identity(struct identity *identity)
{
	for (unsigned int i = 0; i < identity->n; i++)
		gnutls_pcert_deinit(&identity->chain[i]);
	if (identity->key)
		gnutls_privkey_deinit(identity->key);
	return 0;
}

static int read_key(struct identity *identity, const char *file)
{
	gnutls_datum_t data;
	int rc = gnutls_load_file(file, &data);

	if (rc < 0)
		return rc;
	rc = gnutls_privkey_init(&identity->key);
	if (rc == 0)
		rc = gnutls_privkey_import_x509_raw(identity->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
	sodium_memzero(data.data, data.size);
	gnutls_free(data.data);
	return rc;
}

/* Is it the key of this certificate? */
static int check_pair(const struct identity *identity)
{
	unsigned char ids[2][64];
	size_t octets[2] = { sizeof(ids[0]), sizeof(ids[1]) };
	gnutls_pubkey_t public;
	int rc = gnutls_pubkey_init(&public);

	if (rc < 0)
		return rc;
	rc = gnutls_pubkey_import_privkey(public, identity->key, 0, 0);
	if (rc == 0)
		rc = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, ids[0], &octets[0]);
	if (rc == 0)
		rc = gnutls_pubkey_get_key_id(identity->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, ids[1], &octets[1]);
	if (rc == 0 && (octets[0] != octets[1] || memcmp(ids[0], ids[1], octets[0]) != 0))
		rc = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
	gnutls_pubkey_deinit(public);
	return rc;
}

static struct identity *read_identity(struct gw_api_tls *tls)
{
	struct identity *identity = talloc_zero(tls, struct identity);
	const char *at = tls->cert_file;
	int rc;

	talloc_set_destructor(identity, free_identity);
	identity->n = CHAIN_MAX;
	rc = gnutls_pcert_list_import_x509_file(identity->chain, &identity->n, tls->cert_file, GNUTLS_X509_FMT_PEM, NULL, NULL, 0);
	if (rc < 0) {
		identity->n = 0;
	} else {
		at = tls->key_file;
		rc = read_key(identity, tls->key_file);
	}
	if (rc == 0)
		rc = check_pair(identity);
	if (rc == 0)
		return identity;
	LOGP(GW_LOG_API, LOGL_ERROR, "api: %s: %s\n", at, gnutls_strerror(rc));
	talloc_free(identity);
	return NULL;
}

static int give_identity(const struct gw_api_tls *tls, gnutls_pcert_st **chain, unsigned int *n, gnutls_privkey_t *key)
{
	if (!tls)
		return -1;
	*chain = tls->current->chain;
	*n = tls->current->n;
	*key = tls->current->key;
	return 0;
}

/* A function for each place: there is no context. */
#define GIVER(place) \
	static int give_##place(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities, \
				const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain, unsigned int *n, \
				gnutls_privkey_t *key) \
	{ \
		(void)session; \
		(void)authorities; \
		(void)n_authorities; \
		(void)algorithms; \
		(void)n_algorithms; \
		return give_identity(places[place], chain, n, key); \
	}
GIVER(0)
GIVER(1)
static gnutls_certificate_retrieve_function2 *const givers[] = { give_0, give_1 };
static_assert(ARRAY_SIZE(givers) == GW_API_TLS_MAX, "each place has its function");

void *gw_api_tls_callback(const struct gw_api_tls *tls)
{
	union { gnutls_certificate_retrieve_function2 *function; void *object; } callback = { .function = givers[tls->place] };

	return callback.object;
}

static int free_tls(struct gw_api_tls *tls)
{
	places[tls->place] = NULL;
	return 0;
}

struct gw_api_tls *gw_api_tls_alloc(void *ctx, const char *cert_file, const char *key_file)
{
	struct gw_api_tls *tls = talloc_zero(ctx, struct gw_api_tls);

	tls->cert_file = cert_file;
	tls->key_file = key_file;
	tls->current = read_identity(tls);
	if (!tls->current) {
		talloc_free(tls);
		return NULL;
	}
	while (places[tls->place])
		OSMO_ASSERT(++tls->place < GW_API_TLS_MAX);
	places[tls->place] = tls;
	talloc_set_destructor(tls, free_tls);
	return tls;
}

bool gw_api_tls_reload(struct gw_api_tls *tls, int64_t now_ms)
{
	struct identity *identity = tls->before ? NULL : read_identity(tls);

	if (tls->before)
		LOGP(GW_LOG_API, LOGL_ERROR, "api: the certificate was read anew within the last minute: try again later\n");
	if (!identity)
		return false;
	tls->before = tls->current;
	tls->before_until_ms = now_ms + KEEP_MS;
	tls->current = identity;
	LOGP(GW_LOG_API, LOGL_NOTICE, "api: %s was read anew\n", tls->cert_file);
	return true;
}

void gw_api_tls_tick(struct gw_api_tls *tls, int64_t now_ms)
{
	if (tls->before && now_ms >= tls->before_until_ms)
		TALLOC_FREE(tls->before);
}
