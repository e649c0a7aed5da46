/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The adapter owns an osmo_fd and lives as long as the hiredis context, whose `cleanup` hook is the one place that all
 * its ends pass through: refused, broken, or freed by us. */
#include <stdlib.h>
#include <string.h>

#include "sessions/redis_loop.h"

#define ELEMENTS_MAX (1 << 20)      /* of one array; nothing that we ask for comes near */

struct sess_redis_loop {
	struct osmo_fd ofd;
	struct sess_redis_io io;
	redisAsyncContext *ac;       /* NULL: gone */
	void (*on_closed)(void *ctx, const char *error);
	void *ctx;
	unsigned int inside;         /* handlers on the stack: do not free, do not write */
	bool dirty;                  /* commands wait for the next flush */
	bool writing;                /* hiredis itself says what it could not write */
	bool unasked;                /* the server said more than it was asked */
};

/* hiredis' own makers of replies, taken from the first reader that we see. */
static redisReplyObjectFunctions makers, guarded;

static bool is_unasked(const redisReadTask *task)
{
	struct sess_redis_loop *loop = task->privdata;
	bool unasked_now = !task->parent && !loop->ac->replies.head;
	loop->unasked |= unasked_now;
	return unasked_now;
}

static void *create_string(const redisReadTask *task, char *text, size_t octets)
{
	return is_unasked(task) ? NULL : makers.createString(task, text, octets);
}

static void *create_array(const redisReadTask *task, int elements)
{
	return is_unasked(task) || elements > ELEMENTS_MAX ? NULL : makers.createArray(task, elements);
}

static void *create_integer(const redisReadTask *task, long long integer)
{
	return is_unasked(task) ? NULL : makers.createInteger(task, integer);
}

static void *create_nil(const redisReadTask *task)
{
	return is_unasked(task) ? NULL : makers.createNil(task);
}

static void guard_reader(struct sess_redis_loop *loop)
{
	redisReader *reader = loop->ac->c.reader;
	if (!makers.freeObject)
		makers = *reader->fn;
	guarded = (redisReplyObjectFunctions){ create_string, create_array, create_integer, create_nil, makers.freeObject };
	reader->fn = &guarded;
	reader->privdata = loop;
}

static void want(struct sess_redis_loop *loop, unsigned int mask, unsigned int set)
{
	unsigned int when = (loop->ofd.when & ~mask) | set;
	if (when != loop->ofd.when)
		loop->io.update(&loop->ofd, when);
	loop->ofd.when = when;
}

static void add_read(void *data)
{
	want(data, 0, OSMO_FD_READ);
}

static void del_read(void *data)
{
	want(data, OSMO_FD_READ, 0);
}

/* Asked for by a new command, to notice the connection, and after a partial write: only the first can wait. */
static void add_write(void *data)
{
	struct sess_redis_loop *loop = data;
	if (loop->writing || !(loop->ac->c.flags & REDIS_CONNECTED))
		want(loop, 0, OSMO_FD_WRITE);
	else
		loop->dirty = true;
}

static void del_write(void *data)
{
	want(data, OSMO_FD_WRITE, 0);
}

static void cleanup(void *data)
{
	struct sess_redis_loop *loop = data;
	redisAsyncContext *ac = loop->ac;
	loop->io.del(&loop->ofd);
	loop->ac = NULL;
	loop->inside++;
	const char *error = ac->errstr && *ac->errstr ? ac->errstr : "closed";
	if (loop->on_closed)
		loop->on_closed(loop->ctx, loop->unasked ? "the server says what it was not asked" : error);
	if (--loop->inside == 0)
		free(loop);
}

static void leave(struct sess_redis_loop *loop)
{
	if (--loop->inside == 0 && !loop->ac)
		free(loop);
}

static void write_out(struct sess_redis_loop *loop)
{
	loop->dirty = false;
	loop->writing = true;
	redisAsyncHandleWrite(loop->ac);
	loop->writing = false;
}

static int on_fd(struct osmo_fd *ofd, unsigned int what)
{
	struct sess_redis_loop *loop = ofd->data;
	loop->inside++;
	if (what & (OSMO_FD_READ | OSMO_FD_EXCEPT))
		redisAsyncHandleRead(loop->ac);
	if (loop->ac && (what & OSMO_FD_WRITE))
		write_out(loop);
	leave(loop);
	return 0;
}

struct sess_redis_loop *sess_redis_loop_open(redisAsyncContext *ac, const struct sess_redis_io *io,
					     void (*on_closed)(void *ctx, const char *error), void *ctx)
{
	struct sess_redis_loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return NULL;
	*loop = (struct sess_redis_loop){ .io = *io, .ac = ac, .on_closed = on_closed, .ctx = ctx };
	osmo_fd_setup(&loop->ofd, ac->c.fd, OSMO_FD_WRITE, on_fd, loop, 0);
	if (loop->io.add(&loop->ofd) < 0) {
		free(loop);
		return NULL;
	}
	guard_reader(loop);
	ac->ev.data = loop;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = cleanup;
	return loop;
}

void sess_redis_loop_flush(struct sess_redis_loop *loop)
{
	/* Inside a handler an error would free the context under its feet; and who waits for writability is called. */
	if (!loop->dirty || loop->inside || (loop->ofd.when & OSMO_FD_WRITE))
		return;
	loop->inside++;
	write_out(loop);
	leave(loop);
}

void sess_redis_loop_close(struct sess_redis_loop *loop)
{
	loop->on_closed = NULL;
	if (loop->ac)
		redisAsyncFree(loop->ac);
}
