/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See hasher.h. A job is in one of three lists: free, waiting (for the thread), done (for the loop); the two that the thread sees are under
 * the lock, and between them a job is the thread's alone. The thread allocates nothing of ours, writes no log line and calls nobody. */
#include "gateway/hasher.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/select.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/log.h"

#define NICENESS 10                      /* of the thread */

static_assert(GW_HASHER_HASH_OCTETS == crypto_pwhash_STRBYTES, "the header says how long a hash is");

struct job {
	struct llist_head list;
	bool verify;
	char secret[GW_HASHER_SECRET_OCTETS], hash[GW_HASHER_HASH_OCTETS];
	enum gw_hashed result;
	gw_hasher_cb *cb;
	void *ctx;
	uint64_t token;
};

struct gw_hasher {
	struct gw_hasher_config config;
	struct gw_hasher_counters counters;
	struct llist_head spare;         /* the loop's */
	struct job *jobs;
	unsigned int pending;
	struct osmo_fd event;            /* the thread has done something */
	pthread_t thread;
	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct llist_head waiting, done;
	bool stop;                       /* written by the loop only */
};

/* ---- in the thread ---- */

static enum gw_hashed make_hash(const struct gw_hasher_config *config, struct job *job)
{
	int rc = crypto_pwhash_str(job->hash, job->secret, strlen(job->secret), config->passes, (size_t)config->memory_kib * 1024);

	return rc == 0 ? GW_HASHED_YES : GW_HASHED_FAILED;
}

/* Where a hash says itself how much it costs, one that somebody has put there could keep the thread for hours, and take all memory. */
static bool is_affordable(const char *hash)
{
	unsigned int memory_kib, passes, lanes;

	return sscanf(hash, "$argon2id$v=19$m=%9u,t=%9u,p=%9u$", &memory_kib, &passes, &lanes) == 3 && memory_kib <= GW_HASHER_MEMORY_KIB_MAX &&
	       (uint64_t)memory_kib * passes <= GW_HASHER_COST_MAX && lanes == 1;
}

/* What does not fit and what could not be computed are told apart by errno only. */
static enum gw_hashed verify(const struct gw_hasher_config *config, struct job *job)
{
	if (!is_affordable(job->hash))
		return GW_HASHED_FAILED;
	errno = 0;
	if (crypto_pwhash_str_verify(job->hash, job->secret, strlen(job->secret)) != 0)
		return errno == EINVAL ? GW_HASHED_NO : GW_HASHED_FAILED;
	if (crypto_pwhash_str_needs_rehash(job->hash, config->passes, (size_t)config->memory_kib * 1024) == 0 || make_hash(config, job) != GW_HASHED_YES)
		job->hash[0] = '\0'; /* the old one stays good */
	return GW_HASHED_YES;
}

static void compute(const struct gw_hasher_config *config, struct job *job)
{
	job->result = job->verify ? verify(config, job) : make_hash(config, job);
	sodium_memzero(job->secret, sizeof(job->secret));
	if (job->result != GW_HASHED_YES)
		job->hash[0] = '\0';
}

/* NULL: it is to stop. Called and left with the lock held. */
static struct job *next_job(struct gw_hasher *hasher)
{
	while (llist_empty(&hasher->waiting) && !hasher->stop)
		pthread_cond_wait(&hasher->work, &hasher->lock);
	return hasher->stop ? NULL : llist_first_entry(&hasher->waiting, struct job, list);
}

static void *work(void *ctx)
{
	struct gw_hasher *hasher = ctx;
	const uint64_t one = 1;
	struct job *job;

	/* Behind the loop, where there is one core for both: a flood of PINs must not make pages late. (To be nicer needs no right.) */
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	pthread_mutex_lock(&hasher->lock);
	while ((job = next_job(hasher))) {
		llist_del(&job->list);
		pthread_mutex_unlock(&hasher->lock);
		compute(&hasher->config, job);
		pthread_mutex_lock(&hasher->lock);
		llist_add_tail(&job->list, &hasher->done);
		if (write(hasher->event.fd, &one, sizeof(one)) < 0)
			continue; /* the counter is full: the loop is woken already */
	}
	pthread_mutex_unlock(&hasher->lock);
	return NULL;
}

/* ---- on the loop ---- */

/* The job is free before its owner hears, who may ask again. */
static void answer(struct gw_hasher *hasher, struct job *job)
{
	struct job told = *job;

	sodium_memzero(job->secret, sizeof(job->secret));
	sodium_memzero(job->hash, sizeof(job->hash));
	llist_add(&job->list, &hasher->spare);
	hasher->pending--;
	hasher->counters.failed += told.result == GW_HASHED_FAILED;
	hasher->counters.verified += told.verify && told.result != GW_HASHED_FAILED;
	hasher->counters.hashed += !told.verify && told.result == GW_HASHED_YES;
	told.cb(told.ctx, told.token, told.result, told.hash);
	sodium_memzero(&told, sizeof(told));
}

static struct job *take_done(struct gw_hasher *hasher)
{
	struct job *job;

	pthread_mutex_lock(&hasher->lock);
	job = llist_first_entry_or_null(&hasher->done, struct job, list);
	if (job)
		llist_del(&job->list);
	pthread_mutex_unlock(&hasher->lock);
	return job;
}

static int on_event(struct osmo_fd *ofd, unsigned int what)
{
	struct gw_hasher *hasher = ofd->data;
	struct job *job;
	uint64_t n;

	(void)what;
	if (read(ofd->fd, &n, sizeof(n)) < 0)
		return 0;
	while ((job = take_done(hasher)))
		answer(hasher, job);
	return 0;
}

static int submit(struct gw_hasher *hasher, const char *secret, const char *hash, gw_hasher_cb *cb, void *ctx, uint64_t token)
{
	struct job *job = llist_first_entry_or_null(&hasher->spare, struct job, list);

	if (strlen(secret) >= sizeof(job->secret) || (hash && strlen(hash) >= sizeof(job->hash)))
		return -EINVAL;
	if (!job || hasher->stop) {
		hasher->counters.refused++;
		return -EBUSY;
	}
	llist_del(&job->list);
	job->verify = hash != NULL;
	OSMO_STRLCPY_ARRAY(job->secret, secret);
	OSMO_STRLCPY_ARRAY(job->hash, hash ? hash : "");
	job->result = GW_HASHED_FAILED;
	job->cb = cb;
	job->ctx = ctx;
	job->token = token;
	hasher->pending++;
	pthread_mutex_lock(&hasher->lock);
	llist_add_tail(&job->list, &hasher->waiting);
	pthread_cond_signal(&hasher->work);
	pthread_mutex_unlock(&hasher->lock);
	return 0;
}

int gw_hasher_hash(struct gw_hasher *hasher, const char *secret, gw_hasher_cb *cb, void *ctx, uint64_t token)
{
	return submit(hasher, secret, NULL, cb, ctx, token);
}

int gw_hasher_verify(struct gw_hasher *hasher, const char *secret, const char *hash, gw_hasher_cb *cb, void *ctx, uint64_t token)
{
	return submit(hasher, secret, hash, cb, ctx, token);
}

const struct gw_hasher_counters *gw_hasher_counters(const struct gw_hasher *hasher)
{
	return &hasher->counters;
}

unsigned int gw_hasher_pending(const struct gw_hasher *hasher)
{
	return hasher->pending;
}

/* ---- life ---- */

static int hasher_free(struct gw_hasher *hasher)
{
	struct job *job, *next;

	pthread_mutex_lock(&hasher->lock);
	hasher->stop = true;
	pthread_cond_signal(&hasher->work);
	pthread_mutex_unlock(&hasher->lock);
	pthread_join(hasher->thread, NULL);
	hasher->config.io->del(&hasher->event);
	close(hasher->event.fd);
	llist_splice_init(&hasher->done, &hasher->waiting); /* the thread is gone, and who waits has nothing left to go on with */
	llist_for_each_entry_safe(job, next, &hasher->waiting, list) {
		llist_del(&job->list);
		job->result = GW_HASHED_FAILED;
		job->hash[0] = '\0';
		answer(hasher, job);
	}
	pthread_cond_destroy(&hasher->work);
	pthread_mutex_destroy(&hasher->lock);
	sodium_memzero(hasher->jobs, hasher->config.queue * sizeof(struct job));
	return 0;
}

/* Signals are the loop's: the thread takes none. */
static int start_thread(struct gw_hasher *hasher)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&hasher->thread, NULL, work, hasher);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

struct gw_hasher *gw_hasher_alloc(void *ctx, const struct gw_hasher_config *config)
{
	struct gw_hasher *hasher = talloc_zero(ctx, struct gw_hasher);
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), rc;

	hasher->config = *config;
	INIT_LLIST_HEAD(&hasher->spare);
	INIT_LLIST_HEAD(&hasher->waiting);
	INIT_LLIST_HEAD(&hasher->done);
	hasher->jobs = talloc_zero_array(hasher, struct job, config->queue);
	for (unsigned int i = 0; i < config->queue; i++)
		llist_add_tail(&hasher->jobs[i].list, &hasher->spare);
	pthread_mutex_init(&hasher->lock, NULL);
	pthread_cond_init(&hasher->work, NULL);
	osmo_fd_setup(&hasher->event, fd, OSMO_FD_READ, on_event, hasher, 0);
	rc = fd < 0 ? -errno : config->io->add(&hasher->event);
	if (rc >= 0)
		rc = start_thread(hasher);
	if (rc >= 0) {
		talloc_set_destructor(hasher, hasher_free);
		return hasher;
	}
	LOGP(GW_LOG_MAIN, LOGL_ERROR, "no thread for hashes: %s\n", strerror(-rc));
	if (fd >= 0) {
		config->io->del(&hasher->event);
		close(fd);
	}
	talloc_free(hasher);
	return NULL;
}
