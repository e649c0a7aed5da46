/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One Redis connection. It owns the hiredis context (through sessions/redis_loop), a ring with one record for each request in
 * flight, and the FSM that connects, sets up and backs off.
 *
 * Redis answers in order, so the ring is a queue: a reply belongs to its head. hiredis keeps callbacks of its own; of
 * them we use none but "a reply came", since on a lost connection it would call them all while it dismantles itself. The
 * ring is then emptied by us, when the state is already DOWN and hiredis is out of the way.
 *
 * A callback may free us. So it is either the last thing that a function does, or `freed` tells afterwards.
 *
 * hiredis 0.14.1 calls onConnect outside its own guard: freeing the context there would be a use after free. Whatever goes wrong
 * in there waits for the timer of the state. AUTH passes through hiredis' write buffer, which it frees without wiping. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/un.h>
#include <talloc.h>
#include <osmocom/core/fsm.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/utils.h>

#include "sessions/clock.h"
#include "sessions/redis.h"
#include "sessions/redis_loop.h"
#include "sessions/resp.h"

#define LOGR(redis, level, fmt, args...) \
	LOGP((redis)->config.log_category, level, "redis(%s): " fmt "\n", (redis)->config.name, ##args)

#define SETUP_PENDING_MAX 32      /* room in the ring beside pending_max: the set-up's own commands */
#define ERROR_LOG_MS 1000         /* at most one line in this time about errors in replies */
#define SHA_DIGITS 40

enum redis_event {
	EV_START,
	EV_CONNECTED,   /* the socket is */
	EV_READY,       /* the last reply of the set-up was good */
};

static const struct value_string redis_event_names[] = {
	{ EV_START, "START" },
	{ EV_CONNECTED, "CONNECTED" },
	{ EV_READY, "READY" },
	{ 0, NULL }
};

enum redis_state {
	ST_IDLE,        /* before start */
	ST_DOWN,        /* backing off */
	ST_CONNECTING,
	ST_SETUP,       /* AUTH, SELECT, PING, ROLE, SCRIPT LOAD are on their way */
	ST_UP,          /* the only state without a timer: tick sees to deadlines */
};
#define S(state) (1 << (state))

/* What we may ask at set-up; a reply's token says which. */
enum setup_step { SETUP_AUTH, SETUP_SELECT, SETUP_PING, SETUP_ROLE, SETUP_SCRIPT };
static const char *const setup_names[] = {
	[SETUP_AUTH] = "AUTH", [SETUP_SELECT] = "SELECT", [SETUP_PING] = "PING", [SETUP_ROLE] = "ROLE", [SETUP_SCRIPT] = "SCRIPT LOAD",
};
static_assert(ARRAY_SIZE(setup_names) == SETUP_SCRIPT + 1, "a name for each step");

struct pending {
	sess_redis_cb *cb;
	void *ctx;
	uint64_t token;
	int64_t deadline_ms;
};

struct script {
	struct script *next;
	struct sess_redis *redis;
	char sha[SHA_DIGITS + 1];
	char lua[];
};

struct sess_redis {
	struct sess_redis_config config;
	char *password;                    /* config.password, to be wiped */
	sess_redis_state_cb *on_state;
	void *on_state_ctx;
	struct osmo_fsm_inst *fi;
	redisAsyncContext *ac;             /* NULL: no connection */
	struct sess_redis_loop *loop;
	struct script *scripts;
	struct pending *ring;
	unsigned int cap, head, count;
	unsigned int setup_left;           /* replies that the set-up still needs */
	unsigned int attempts;             /* failed since we were up last */
	int64_t turn_ms;                   /* the time of this turn's first command, valid while turn_open */
	bool turn_open;
	bool demoted;                      /* a reply said so: cut at the next tick */
	int64_t error_logged_ms;
	bool *freed;                       /* set by the destructor, for whom it interests */
	struct sess_redis_counters counters;
};

/* ------------------------------------------------------------------ the ring */

static bool ring_pop(struct sess_redis *redis, struct pending *out)
{
	if (!redis->count)
		return false;
	*out = redis->ring[redis->head];
	redis->head = redis->head + 1 == redis->cap ? 0 : redis->head + 1;
	redis->count--;
	return true;
}

static void ring_push(struct sess_redis *redis, const struct pending *pending)
{
	unsigned int tail = redis->head + redis->count++;
	redis->ring[tail < redis->cap ? tail : tail - redis->cap] = *pending;
}

/* The clock is read once a turn, not for each command. */
static int64_t turn_now(struct sess_redis *redis)
{
	if (!redis->turn_open) {
		redis->turn_ms = sess_clock_ms();
		redis->turn_open = true;
	}
	return redis->turn_ms;
}

/* Answers all that is pending: what is overdue at now_ms with TIMEOUT. Stops if a callback frees us: then the destructor
 * has answered the rest. */
static void answer_all(struct sess_redis *redis, int64_t now_ms, const bool *freed)
{
	struct pending p;
	while (!*freed && ring_pop(redis, &p)) {
		bool overdue = p.deadline_ms <= now_ms;
		overdue ? redis->counters.timeouts++ : redis->counters.lost++;
		if (p.cb)
			p.cb(p.ctx, p.token, overdue ? SESS_REDIS_TIMEOUT : SESS_REDIS_LOST, NULL);
	}
}

/* ------------------------------------------------------------------ replies */

static void reply_decode(struct sess_redis_reply *out, const redisReply *in)
{
	static const int kinds[] = {
		[REDIS_REPLY_STRING] = SESS_REPLY_STRING, [REDIS_REPLY_ARRAY] = SESS_REPLY_ARRAY,
		[REDIS_REPLY_INTEGER] = SESS_REPLY_INTEGER, [REDIS_REPLY_NIL] = SESS_REPLY_NIL,
		[REDIS_REPLY_STATUS] = SESS_REPLY_STATUS, [REDIS_REPLY_ERROR] = SESS_REPLY_ERROR,
	};
	*out = (struct sess_redis_reply){ .kind = kinds[in->type] };
	switch (out->kind) {
	case SESS_REPLY_ARRAY:
		out->n = in->elements;
		out->elements = in->element;
		break;
	case SESS_REPLY_INTEGER:
		out->integer = in->integer;
		break;
	case SESS_REPLY_NIL:
		break;
	default:
		out->text = in->str;
		out->octets = in->len;
	}
}

void sess_redis_element(const struct sess_redis_reply *array, size_t index, struct sess_redis_reply *element)
{
	OSMO_ASSERT(array->kind == SESS_REPLY_ARRAY && index < array->n);
	reply_decode(element, ((struct redisReply *const *)array->elements)[index]);
}

static bool says(const struct sess_redis_reply *reply, const char *code)
{
	return reply->text && strncmp(reply->text, code, strlen(code)) == 0;
}

/* How much of an error's text may be shown: up to what it quotes, since an argument may be a citizen's number or a password. */
static int showable(const char *text)
{
	const char *quoted = strstr(text, " '");
	size_t octets = strcspn(text, "`\"\r\n");
	return (int)(quoted && (size_t)(quoted - text) < octets ? (size_t)(quoted - text) : octets);
}

static void note_error(struct sess_redis *redis, const struct sess_redis_reply *reply)
{
	redis->counters.errors++;
	if (says(reply, "READONLY"))
		redis->demoted = true;
	if (says(reply, "NOSCRIPT") || !sess_redis_up(redis)) /* the set-up tells of its own */
		return;
	int64_t now = sess_clock_ms();
	if (redis->error_logged_ms && now - redis->error_logged_ms < ERROR_LOG_MS)
		return;
	redis->error_logged_ms = now;
	LOGR(redis, LOGL_ERROR, "the server refuses a command: %.*s", showable(reply->text), reply->text);
}

/* hiredis' callback for every command. No reply, or no owner: the connection is going, and we answer otherwise. */
static void on_reply(redisAsyncContext *ac, void *data, void *unused)
{
	struct sess_redis *redis = ac->data;
	struct sess_redis_reply reply;
	struct pending p;
	(void)unused;
	if (!redis || !data || !ring_pop(redis, &p))
		return;
	reply_decode(&reply, data);
	if (reply.kind == SESS_REPLY_ERROR && reply.text)
		note_error(redis, &reply);
	if (p.cb)
		p.cb(p.ctx, p.token, reply.kind == SESS_REPLY_ERROR ? SESS_REDIS_ERROR : SESS_REDIS_OK, &reply);
}

/* ------------------------------------------------------------------ commands */

static int send_raw(struct sess_redis *redis, sess_redis_cb *cb, void *ctx, uint64_t token, const char *resp, size_t octets)
{
	struct pending p = { cb, ctx, token, turn_now(redis) + redis->config.deadline_ms };
	if (redisAsyncFormattedCommand(redis->ac, on_reply, NULL, resp, octets) != REDIS_OK)
		return -ENOTCONN;
	ring_push(redis, &p);
	return 0;
}

int sess_redis_raw(struct sess_redis *redis, sess_redis_cb *cb, void *ctx, uint64_t token, const char *resp, size_t octets)
{
	if (!sess_redis_up(redis))
		return -ENOTCONN;
	if (redis->count >= redis->config.pending_max)
		return -EAGAIN;
	redis->counters.commands++;
	return send_raw(redis, cb, ctx, token, resp, octets);
}

int sess_redis_command(struct sess_redis *redis, sess_redis_cb *cb, void *ctx, uint64_t token, int argc, const char *const *argv, const size_t *octets)
{
	struct sess_resp resp;
	size_t cap = SESS_RESP_ARG_OVERHEAD;
	char small[1024], *buf = small;
	for (int i = 0; i < argc; i++)
		cap += SESS_RESP_ARG_OVERHEAD + (octets ? octets[i] : strlen(argv[i]));
	if (cap > sizeof(small))
		buf = talloc_size(redis, cap);
	sess_resp_begin(&resp, buf, cap > sizeof(small) ? cap : sizeof(small), (unsigned int)argc);
	for (int i = 0; i < argc; i++)
		sess_resp_arg(&resp, argv[i], octets ? octets[i] : strlen(argv[i]));
	int rc = sess_redis_raw(redis, cb, ctx, token, buf, sess_resp_octets(&resp));
	if (buf != small)
		talloc_free(buf);
	return rc;
}

/* ------------------------------------------------------------------ failing: the one way down */

/* osmo_fsm_inst_state_chg_ms of libosmocore 1.7.0 takes what is left beside whole seconds for microseconds (seen: 20 ms
 * passed in 0.2), so the state's timer is set by hand, after the change. */
static void set_timer(struct osmo_fsm_inst *fi, unsigned int ms)
{
	osmo_timer_schedule(&fi->timer, (int)(ms / 1000), (int)(ms % 1000) * 1000);
}

/* Half of what the doubling gives, and a random part of the other half, so that many gateways do not come at once. */
static unsigned int back_off_ms(const struct sess_redis *redis)
{
	const struct sess_redis_config *config = &redis->config;
	unsigned int doubled = config->retry_min_ms, chance = 0;
	for (unsigned int i = 1; i < redis->attempts && doubled < config->retry_max_ms; i++)
		doubled *= 2;
	doubled = OSMO_MAX(OSMO_MIN(doubled, config->retry_max_ms), 1);
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = (unsigned int)sess_clock_ms();
	return doubled / 2 + chance % (doubled - doubled / 2) + 1;
}

static void drop_connection(struct sess_redis *redis)
{
	if (redis->loop) {
		redis->ac->data = NULL;   /* hiredis still calls back for what is pending */
		sess_redis_loop_close(redis->loop);
	}
	redis->loop = NULL;
	redis->ac = NULL;
}

/* now_ms decides what is overdue (0: nothing). Attempts that go on failing are told of ever more rarely. After this redis
 * may be gone. */
static void lost(struct sess_redis *redis, int level, int64_t now_ms, const char *why)
{
	bool freed = false, was_up = redis->fi->state == ST_UP;
	drop_connection(redis);
	redis->demoted = false;
	redis->attempts++;
	LOGR(redis, redis->attempts & (redis->attempts - 1) ? LOGL_DEBUG : level, "%s: %s (attempt %u, %u pending)",
	     was_up ? "connection lost" : "cannot connect", why, redis->attempts, redis->count);
	redis->freed = &freed;
	osmo_fsm_inst_state_chg(redis->fi, ST_DOWN, 0, 0);
	if (!freed)
		set_timer(redis->fi, back_off_ms(redis));
	answer_all(redis, now_ms, &freed);
	if (!freed)
		redis->freed = NULL;
}

/* hiredis lets go: end of file, an error, a refusal. */
static void on_closed(void *ctx, const char *error)
{
	struct sess_redis *redis = ctx;
	redis->loop = NULL;
	redis->ac = NULL;
	lost(redis, LOGL_NOTICE, 0, error);
}

/* ------------------------------------------------------------------ IDLE, DOWN: connect */

static void on_connect(const redisAsyncContext *ac, int status)
{
	struct sess_redis *redis = ac->data;
	if (redis && status == REDIS_OK)
		osmo_fsm_inst_dispatch(redis->fi, EV_CONNECTED, NULL);
}

/* hiredis would look names up, and block; and cut a path that is too long. NULL: fine. */
static const char *bad_address(const struct sess_redis_config *config)
{
	struct in6_addr address;
	if (config->path)
		return strlen(config->path) < sizeof(((struct sockaddr_un *)0)->sun_path) ? NULL : "the socket's path is too long";
	if (!config->host || (inet_pton(AF_INET, config->host, &address) != 1 && inet_pton(AF_INET6, config->host, &address) != 1))
		return "the host is not a numeric address";
	return NULL;
}

static redisAsyncContext *open_context(struct sess_redis *redis, const char **why)
{
	const struct sess_redis_config *config = &redis->config;
	*why = bad_address(config);
	if (*why)
		return NULL;
	redisAsyncContext *ac = config->path ? redisAsyncConnectUnix(config->path) : redisAsyncConnect(config->host, config->port);
	*why = "no memory";
	if (!ac)
		return NULL;
	ac->data = redis;
	if (!ac->err)
		redis->loop = sess_redis_loop_open(ac, &config->io, on_closed, redis);
	if (redis->loop)
		return ac;
	if (ac->err)
		*why = talloc_strdup(OTC_SELECT, ac->errstr);
	ac->data = NULL;
	redisAsyncFree(ac);
	return NULL;
}

static void begin(struct sess_redis *redis)
{
	const char *why;
	redis->ac = open_context(redis, &why);
	if (!redis->ac) {
		lost(redis, LOGL_NOTICE, 0, why);
		return;
	}
	if (!redis->config.path)
		redisEnableKeepAlive(&redis->ac->c);
	osmo_fsm_inst_state_chg(redis->fi, ST_CONNECTING, 0, 0);
	set_timer(redis->fi, redis->config.connect_ms);
	redisAsyncSetConnectCallback(redis->ac, on_connect);
}

static void idle_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	(void)event;
	(void)data;
	begin(fi->priv);
}

static void down_enter(struct osmo_fsm_inst *fi, uint32_t before)
{
	struct sess_redis *redis = fi->priv;
	if (before == ST_UP && redis->on_state)
		redis->on_state(redis->on_state_ctx, redis, false);
}

/* ------------------------------------------------------------------ CONNECTING, SETUP */

static void connecting_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	struct sess_redis *redis = fi->priv;
	(void)event;
	(void)data;
	osmo_fsm_inst_state_chg(fi, ST_SETUP, 0, 0);
	set_timer(fi, redis->config.connect_ms);
}

/* Sessions may only be written where writes stay: a replica refuses them, or is about to lose them. */
static const char *check_role(const struct sess_redis_reply *reply)
{
	struct sess_redis_reply role = { 0 };
	if (reply->kind == SESS_REPLY_ARRAY && reply->n)
		sess_redis_element(reply, 0, &role);
	return role.text && strcmp(role.text, "master") == 0 ? NULL : "the server is not a primary";
}

/* The replies of the set-up; when the connection goes first, `lost` has seen to everything. */
static void on_setup(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct sess_redis *redis = ctx;
	const char *why = NULL;
	if (outcome == SESS_REDIS_TIMEOUT || outcome == SESS_REDIS_LOST || redis->fi->state != ST_SETUP)
		return;
	if (outcome == SESS_REDIS_ERROR)
		why = reply->text;
	else if (token == SETUP_ROLE)
		why = check_role(reply);
	if (why) {
		lost(redis, LOGL_ERROR, 0, talloc_asprintf(OTC_SELECT, "%s: %.*s", setup_names[token], showable(why), why));
		return;
	}
	if (--redis->setup_left == 0)
		osmo_fsm_inst_dispatch(redis->fi, EV_READY, NULL);
}

static void on_script(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct script *script = ctx;
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_STRING && reply->octets == SHA_DIGITS)
		memcpy(script->sha, reply->text, SHA_DIGITS);
	on_setup(script->redis, token, outcome, reply);
}

/* One command of the set-up, wiped from our memory after it was handed on. */
static void ask(struct sess_redis *redis, enum setup_step step, sess_redis_cb *cb, void *ctx, unsigned int argc, const char *const *argv)
{
	struct sess_resp resp;
	size_t cap = SESS_RESP_ARG_OVERHEAD;
	for (unsigned int i = 0; i < argc; i++)
		cap += SESS_RESP_ARG_OVERHEAD + strlen(argv[i]);
	char *buf = talloc_size(redis, cap);
	sess_resp_begin(&resp, buf, cap, argc);
	for (unsigned int i = 0; i < argc; i++)
		sess_resp_text(&resp, argv[i]);
	if (redis->count < redis->cap && send_raw(redis, cb, ctx, step, buf, sess_resp_octets(&resp)) == 0 && redis->fi->state == ST_SETUP)
		redis->setup_left++;
	explicit_bzero(buf, cap);
	talloc_free(buf);
}

static void load_script(struct script *script)
{
	ask(script->redis, SETUP_SCRIPT, on_script, script, 3, (const char *const[]){ "SCRIPT", "LOAD", script->lua });
}

static void setup_enter(struct osmo_fsm_inst *fi, uint32_t before)
{
	struct sess_redis *redis = fi->priv;
	const struct sess_redis_config *config = &redis->config;
	(void)before;
	redis->setup_left = 0;
	redis->turn_open = false;
	if (redis->password && config->user)
		ask(redis, SETUP_AUTH, on_setup, redis, 3, (const char *const[]){ "AUTH", config->user, redis->password });
	else if (redis->password)
		ask(redis, SETUP_AUTH, on_setup, redis, 2, (const char *const[]){ "AUTH", redis->password });
	if (config->database)
		ask(redis, SETUP_SELECT, on_setup, redis, 2,
		    (const char *const[]){ "SELECT", talloc_asprintf(OTC_SELECT, "%u", config->database) });
	/* A server that still loads its data refuses PING, but not ROLE. */
	ask(redis, SETUP_PING, on_setup, redis, 1, (const char *const[]){ "PING" });
	ask(redis, SETUP_ROLE, on_setup, redis, 1, (const char *const[]){ "ROLE" });
	for (struct script *script = redis->scripts; script; script = script->next)
		load_script(script);
}

static void setup_event(struct osmo_fsm_inst *fi, uint32_t event, void *data)
{
	(void)event;
	(void)data;
	osmo_fsm_inst_state_chg(fi, ST_UP, 0, 0);
}

/* ------------------------------------------------------------------ UP */

static void up_enter(struct osmo_fsm_inst *fi, uint32_t before)
{
	struct sess_redis *redis = fi->priv;
	(void)before;
	redis->attempts = 0;
	redis->counters.connects++;
	LOGR(redis, LOGL_NOTICE, "connected");
	if (redis->on_state)
		redis->on_state(redis->on_state_ctx, redis, true);
}

static int on_timer(struct osmo_fsm_inst *fi)
{
	struct sess_redis *redis = fi->priv;
	if (fi->state == ST_DOWN)
		begin(redis);
	else
		lost(redis, LOGL_NOTICE, 0, "no answer in time");
	return 0;
}

static const struct osmo_fsm_state redis_states[] = {
	[ST_IDLE] = {
		.name = "IDLE",
		.in_event_mask = S(EV_START),
		.out_state_mask = S(ST_CONNECTING) | S(ST_DOWN),
		.action = idle_event,
	},
	[ST_DOWN] = {
		.name = "DOWN",
		.out_state_mask = S(ST_CONNECTING) | S(ST_DOWN),
		.onenter = down_enter,
	},
	[ST_CONNECTING] = {
		.name = "CONNECTING",
		.in_event_mask = S(EV_CONNECTED),
		.out_state_mask = S(ST_SETUP) | S(ST_DOWN),
		.action = connecting_event,
	},
	[ST_SETUP] = {
		.name = "SETUP",
		.in_event_mask = S(EV_READY),
		.out_state_mask = S(ST_UP) | S(ST_DOWN),
		.onenter = setup_enter,
		.action = setup_event,
	},
	[ST_UP] = {
		.name = "UP",
		.out_state_mask = S(ST_DOWN),
		.onenter = up_enter,
	},
};

static struct osmo_fsm redis_fsm = {
	.name = "redis",
	.states = redis_states,
	.num_states = ARRAY_SIZE(redis_states),
	.timer_cb = on_timer,
	.event_names = redis_event_names,
};

/* ------------------------------------------------------------------ life */

static int redis_free(struct sess_redis *redis)
{
	bool freed = false;
	redis->on_state = NULL;
	drop_connection(redis);
	osmo_fsm_inst_term(redis->fi, OSMO_FSM_TERM_REQUEST, NULL);
	redis->fi = NULL;   /* from here on commands are refused */
	answer_all(redis, 0, &freed);
	if (redis->freed)
		*redis->freed = true;
	if (redis->password)
		explicit_bzero(redis->password, strlen(redis->password));
	return 0;
}

static void copy_config(struct sess_redis *redis, const struct sess_redis_config *config)
{
	redis->config = *config;
	redis->config.name = talloc_strdup(redis, config->name ? config->name : "redis");
	redis->config.path = talloc_strdup(redis, config->path);
	redis->config.host = talloc_strdup(redis, config->host);
	redis->config.user = talloc_strdup(redis, config->user);
	redis->config.password = redis->password = talloc_strdup(redis, config->password);
}

struct sess_redis *sess_redis_alloc(void *ctx, const struct sess_redis_config *config, sess_redis_state_cb *on_state, void *on_state_ctx)
{
	static bool registered;
	if (!registered) {
		redis_fsm.log_subsys = config->log_category;
		OSMO_ASSERT(osmo_fsm_register(&redis_fsm) == 0);
		registered = true;
	}
	struct sess_redis *redis = talloc_zero(ctx, struct sess_redis);
	OSMO_ASSERT(redis);
	copy_config(redis, config);
	redis->on_state = on_state;
	redis->on_state_ctx = on_state_ctx;
	redis->cap = config->pending_max + SETUP_PENDING_MAX;
	redis->ring = talloc_array(redis, struct pending, redis->cap);
	redis->fi = osmo_fsm_inst_alloc(&redis_fsm, redis, redis, LOGL_DEBUG, NULL);
	OSMO_ASSERT(redis->ring && redis->fi);
	talloc_set_destructor(redis, redis_free);
	return redis;
}

void sess_redis_start(struct sess_redis *redis)
{
	osmo_fsm_inst_dispatch(redis->fi, EV_START, NULL);
}

bool sess_redis_up(const struct sess_redis *redis)
{
	return redis->fi && redis->fi->state == ST_UP;
}

const char *sess_redis_script(struct sess_redis *redis, const char *lua)
{
	struct script *script = talloc_zero_size(redis, sizeof(*script) + strlen(lua) + 1);
	OSMO_ASSERT(script);
	script->redis = redis;
	strcpy(script->lua, lua);
	script->next = redis->scripts;
	redis->scripts = script;
	if (redis->fi && (redis->fi->state == ST_SETUP || redis->fi->state == ST_UP))
		load_script(script);
	return script->sha;
}

void sess_redis_flush(struct sess_redis *redis)
{
	redis->turn_open = false;
	if (redis->loop)
		sess_redis_loop_flush(redis->loop);
}

void sess_redis_tick(struct sess_redis *redis)
{
	int64_t now = sess_clock_ms();
	redis->turn_open = false;
	if (!sess_redis_up(redis))
		return; /* what is pending then is the set-up's, which has a timer */
	if (redis->demoted)
		lost(redis, LOGL_ERROR, 0, "the server is not a primary any more");
	else if (redis->count && redis->ring[redis->head].deadline_ms <= now)
		lost(redis, LOGL_NOTICE, now, "no answer in time");
}

unsigned int sess_redis_pending(const struct sess_redis *redis)
{
	return redis->count;
}

const struct sess_redis_counters *sess_redis_counters(const struct sess_redis *redis)
{
	return &redis->counters;
}
