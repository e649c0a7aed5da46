/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside the queues: the scripts, the asks that everything public is made of, and what the ledger shares: it adds and settles in
 * scripts of its own, made of the same fragments. */
#pragma once

#include "sessions/ask.h"
#include "sessions/queue.h"

/* The keys of a partition, in the order in which every script but `add` gets them first. */
enum queue_key {
	QUEUE_KEY_STREAM,       /* stream      <name>:{pNN} */
	QUEUE_KEY_LATER,        /* sorted set  ids, by the time (ms) from which they may be taken again */
	QUEUE_KEY_HELD,         /* sorted set  "<order> <id>", all of score 0: the followers, in order */
	QUEUE_KEY_TURN,         /* hash        <order> -> the id that is out */
	QUEUE_KEY_CLAIMS,       /* hash        id -> how often it was claimed */
	QUEUE_KEY_DEAD,         /* stream      dead:{pNN}:<name> */
	QUEUE_KEYS
};
#define QUEUE_KEY_OCTETS 48

enum queue_script {
	QUEUE_SCRIPT_NONE,      /* a plain command */
	QUEUE_SCRIPT_ADD,
	QUEUE_SCRIPT_TAKE,
	QUEUE_SCRIPT_CLAIM,
	QUEUE_SCRIPT_SETTLE,
	QUEUE_SCRIPT_REVIVE,
	QUEUE_SCRIPT_TEND,
	QUEUE_SCRIPT_STATS,
	QUEUE_SCRIPTS
};
extern const char *const sess_queue_lua[QUEUE_SCRIPTS];

struct sess_queue {
	struct sess_redis *redis;
	char name[SESS_QUEUE_NAME_MAX + 1];
	char *group, *consumer;
	bool shared;
	unsigned int held_max, length_max, claims_max;
	char keys[SESS_QUEUE_PARTITIONS][QUEUE_KEYS][QUEUE_KEY_OCTETS];
	struct sess_script scripts[QUEUE_SCRIPTS];
	uint64_t hints;                     /* a bit for each partition in which something is likely */
	unsigned int take_from, claim_from; /* the partition to begin with */
	struct sess_asks asks;
	struct llist_head watches;
	struct sess_queue_counters counters;
};

struct queue_ask;
/* result: OK, DOWN or BUSY; reply: as sess_ask_cb. */
typedef void queue_ask_cb(struct queue_ask *ask, enum sess_queue_result result, const struct sess_redis_reply *reply);

struct queue_ask {
	struct sess_ask sent;
	struct sess_queue *queue;
	queue_ask_cb *answered;
	union {
		sess_queue_add_cb *add;
		sess_queue_settle_cb *settle;
		void *walk;                 /* what is made of several asks */
	} to;
	void *ctx;
	uint64_t token;
	enum queue_script script;
	unsigned int partition;
	uint64_t *counted;                  /* of a settlement: what it counts as */
};

/* An ask with room for `room` octets of arguments and their overhead beside the script's name and the partition's keys.
 * `args` counts what follows: of a script its own arguments and the `extra_keys` that come before them; of a plain command, all. */
struct queue_ask *sess_queue_ask_new(struct sess_queue *queue, enum queue_script script, unsigned int partition,
				     unsigned int extra_keys, unsigned int args, size_t room, queue_ask_cb *answered);
void sess_queue_ask_id(struct queue_ask *ask, const struct sess_queue_id *id);
/* Sent, or answered from a timer. */
void sess_queue_ask_go(struct queue_ask *ask);

/* ---- replies */
bool sess_queue_parse_id(struct sess_queue_id *id, const char *text, size_t octets);

/* ---- shared with the ledger */
/* Who will tell a queue something later, and must know whether it is still there. */
struct queue_watch {
	struct llist_head list;             /* in queue->watches */
	struct sess_queue *queue;           /* NULL: it is gone */
};
void sess_queue_watch(struct queue_watch *watch, struct sess_queue *queue);
void sess_queue_unwatch(struct queue_watch *watch);

#define QUEUE_DONE_KEY_OCTETS (32 + SESS_QUEUE_NAME_MAX + SESS_QUEUE_KEY_MAX)
#define QUEUE_KEY_MS_DEFAULT (24u * 3600 * 1000)
bool sess_queue_add_ok(const struct sess_queue_add *add);
bool sess_queue_handle_ok(const struct sess_queue_handle *handle);
/* The key under which an add is remembered; its octets. */
size_t sess_queue_done_key(char key[QUEUE_DONE_KEY_OCTETS], const struct sess_queue *queue, unsigned int partition, const char *add_key);
/* key, order, body, key_ms: as the scripts take them. */
void sess_queue_put_add(struct sess_resp *resp, const struct sess_queue_add *add);
#define QUEUE_ID_OCTETS 48
void sess_queue_put_id(struct sess_resp *resp, const struct sess_queue_id *id);

/* Fragments of scripts. They see the KEYS of a partition (enum queue_key) as K[1] to K[6]. */
#define QUEUE_LUA_COMMON \
	"local c,pc,K,A=redis.call,redis.pcall,KEYS,ARGV " \
	"local function nogroup(r) return type(r)=='table' and r.err and r.err:find('NOGROUP',1,true) end "

#define QUEUE_LUA_NOW "local t=c('TIME') local now=t[1]*1000+math.floor(t[2]/1000) "

/* add(stream, done key, ...) -> id, does it stand there already? */
#define QUEUE_LUA_ADD \
	"local function add(stream,done,key,o,b,ms) " \
	"if key~='' then local was=c('GET',done) if was then return was,true end end " \
	"local id=c('XADD',stream,'*','k',key,'o',o,'b',b) " \
	"if key~='' then c('SET',done,id,'NX','PX',ms) end " \
	"return id,false end "

/* Ids sort as text when both halves are padded. */
#define QUEUE_LUA_ORDER \
	"local function pad(id) local m,s=id:match('(%d+)-(%d+)') return ('0'):rep(20-#m)..m..'-'..('0'):rep(20-#s)..s end " \
	"local function unpad(p) local m,s=p:match('0*(%d+)-0*(%d+)') return m..'-'..s end " \
	/* id leaves: the next of its ordering key is due. True if there is one. */ \
	"local function release(o,id) " \
	"if o=='' or c('HGET',K[4],o)~=id then return false end " \
	"local h=c('ZRANGEBYLEX',K[3],'['..o..' ','('..o..'!','LIMIT','0','1')[1] " \
	"if not h then c('HDEL',K[4],o) return false end " \
	"local nid=unpad(h:sub(#o+2)) " \
	"c('ZREM',K[3],h) c('HSET',K[4],o,nid) c('ZADD',K[2],'0',nid) return true end " \
	"local function bury(g,id,count,f,reason,shared) " \
	"c('XADD',K[6],'*','r',reason,'i',id,'n',count,'k',f[2] or '','o',f[4] or '','b',f[6] or '') " \
	"c('XACK',K[1],g,id) if shared=='' then c('XDEL',K[1],id) end c('HDEL',K[5],id) " \
	"return release(f[4] or '',id) end "

/* What the holder of an entry may do. holds() -> what is pending; or nil and why: -1 settled already, 0 another holds it, or an
 * error. The others are for who holds it; the last two -> is a follower due? */
#define QUEUE_LUA_SETTLE \
	QUEUE_LUA_ORDER \
	"local function holds(g,me,id,attempt) " \
	"local p=pc('XPENDING',K[1],g,id,id,'1') " \
	"if p.err then if nogroup(p) then return nil,-1 end return nil,p end " \
	"p=p[1] " \
	"if not p then return nil,-1 end " \
	"if p[2]~=me or p[4]~=tonumber(attempt) then return nil,0 end " \
	"return p end " \
	"local function later(g,id,pause,claimed) " QUEUE_LUA_NOW \
	"if claimed~='' then c('HDEL',K[5],id) end " \
	"c('XCLAIM',K[1],g,'parked','0',id,'JUSTID') c('ZADD',K[2],now+pause,id) end " \
	"local function buried(g,id,o,count,reason,shared) " \
	"local e=c('XRANGE',K[1],id,id)[1] " \
	"return bury(g,id,count,e and e[2] or {'k','','o',o,'b',''},reason,shared) end " \
	"local function done(g,id,o,shared,claimed) " \
	"c('XACK',K[1],g,id) " \
	"if shared=='' then c('XDEL',K[1],id) end " \
	"if claimed~='' then c('HDEL',K[5],id) end " \
	"return release(o,id) end "
