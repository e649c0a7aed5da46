/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What happens to a queue inside Redis. A script is atomic, and Redis logs its effects as one transaction: so an entry, its
 * place in the order and its effect change together or not at all, also over a crash.
 *
 * An entry keeps its id and its place in the stream until it is settled; "delayed" and "held" are entries of the group's pending
 * list that belong to the consumer "parked", which nobody claims from. So a trim behind the oldest pending entry sees them.
 * Redis counts the deliveries; XCLAIM with JUSTID does not count one.
 *
 * The order: `turn` says which entry of an ordering key is out. Who comes while it is out is held; who leaves hands the turn to
 * the first of those held, by listing it in `later` as due at once.
 *
 * KEYS: see enum queue_key; then what the script says. Numbers that Redis gave stay strings wherever they can. The fragments that
 * the ledger's script is made of too are in queue_priv.h. */
#include "sessions/queue_priv.h"

/* KEYS: stream, done. ARGV: key, order, body, key_ms, length_max. -> id; {id} if it stands there already; 0 if the queue is full.
 * What can fail comes before what writes. */
static const char add_lua[] =
	"local c,K,A=redis.call,KEYS,ARGV "
	QUEUE_LUA_ADD
	"if A[5]~='0' and c('XLEN',K[1])>=tonumber(A[5]) and (A[1]=='' or c('EXISTS',K[2])==0) then return 0 end "
	"local id,was=add(K[1],K[2],A[1],A[2],A[3],A[4]) "
	"if was then return {id} end "
	"return id";

/* ARGV: group, consumer, how many, held_max. -> {more?, {id, attempt, fields}, ...}. More: there may be some left now.
 * Without the group (a failover, a flush) all that is in the stream is read again from its start, and what we noted beside
 * it is worth nothing. */
static const char take_lua[] =
	QUEUE_LUA_COMMON QUEUE_LUA_NOW QUEUE_LUA_ORDER
	"local g,me,n,held=A[1],A[2],tonumber(A[3]),tonumber(A[4]) "
	"local out,more={0},1 "
	"local function create() c('DEL',K[2],K[3],K[4],K[5]) c('XGROUP','CREATE',K[1],g,'0','MKSTREAM') end "
	"local function mine(o,id) "
	"if c('HSETNX',K[4],o,id)==1 then return true end "
	"local head=c('HGET',K[4],o) "
	"if c('XPENDING',K[1],g,head,head,'1')[1] then return false end "
	"release(o,head) return c('HSETNX',K[4],o,id)==1 end "
	"for _,id in ipairs(c('ZRANGEBYSCORE',K[2],'-inf',now,'LIMIT','0',n)) do "
	"local e=pc('XCLAIM',K[1],g,me,'0',id) "
	"if nogroup(e) then break elseif e.err then return e end "
	"c('ZREM',K[2],id) "
	"if e[1] and e[1][2] then out[#out+1]={id,c('XPENDING',K[1],g,id,id,'1')[1][4],e[1][2]} end end "
	"for _=1,8 do "
	"local room=n-#out+1 "
	"if room<=0 then break end "
	"if c('ZCARD',K[3])>=held then more=0 break end "
	"local r=pc('XREADGROUP','GROUP',g,me,'COUNT',room,'STREAMS',K[1],'>') "
	"if nogroup(r) then create() "
	"elseif r and r.err then return r "
	"else local es=r and r[1][2] or {} "
	"for _,e in ipairs(es) do local id,f=e[1],e[2] local o=f[4] or '' "
	"if o=='' or mine(o,id) then out[#out+1]={id,1,f} "
	"else c('XCLAIM',K[1],g,'parked','0',id,'RETRYCOUNT','0','JUSTID') c('ZADD',K[3],'0',o..' '..pad(id)) end end "
	"if #es<room then more=0 break end end end "
	"out[1]=more return out";

/* ARGV: group, consumer, idle_ms, claims_max, shared. -> {id, attempt, fields}, or nil. */
static const char claim_lua[] =
	QUEUE_LUA_COMMON QUEUE_LUA_ORDER
	"local g,me=A[1],A[2] "
	"local cs=pc('XINFO','CONSUMERS',K[1],g) "
	"if cs.err then if nogroup(cs) or cs.err:find('no such key',1,true) then return false end return cs end "
	"for _,x in ipairs(cs) do local name,pending "
	"for i=1,#x,2 do if x[i]=='name' then name=x[i+1] elseif x[i]=='pending' then pending=x[i+1] end end "
	"while name~='parked' and pending>0 do pending=pending-1 "
	"local p=c('XPENDING',K[1],g,'IDLE',A[3],'-','+','1',name)[1] "
	"if not p then break end "
	"local id,e=p[1],c('XCLAIM',K[1],g,me,'0',p[1]) "
	"if e[1] and e[1][2] then local f=e[1][2] "
	"if c('HINCRBY',K[5],id,'1')<=tonumber(A[4]) then return {id,p[4]+1,f} end "
	"bury(g,id,p[4],f,'its takers died, or let it idle',A[5]) end end end "
	"return false";

/* ARGV: group, consumer, id, attempt, order, shared, claimed, verb, then
 *   renew
 *   later  pause_ms
 *   bury   reason
 *   done   effect ("1" or ""), value, expire_ms ("0": never), next ("1" or ""), key, order, body, key_ms
 * and, of done, KEYS: the effect's key, the next queue's stream and done key, as far as there are such.
 * -> -1 settled already, 0 another holds it, or the sum of 1, 2 (the effect was written before), 4 (a follower is due). */
static const char settle_lua[] =
	QUEUE_LUA_COMMON QUEUE_LUA_ADD QUEUE_LUA_SETTLE
	"local g,id,o,verb=A[1],A[3],A[5],A[8] "
	"local p,why=holds(g,A[2],id,A[4]) "
	"if not p then return why end "
	"if verb=='renew' then c('XCLAIM',K[1],g,A[2],'0',id,'JUSTID') return 1 end "
	"if verb=='later' then later(g,id,A[9],A[7]) return 1 end "
	"if verb=='bury' then if buried(g,id,o,p[4],A[9],A[6]) then return 5 end return 1 end "
	"local r,k,fresh=1,7,true "
	"if A[9]~='' then "
	"if A[11]=='0' then fresh=c('SET',K[k],A[10],'NX') else fresh=c('SET',K[k],A[10],'NX','PX',A[11]) end "
	"k=k+1 if not fresh then r=3 end end "
	"if A[12]~='' and fresh then add(K[k],K[k+1],A[13],A[14],A[15],A[16]) end "
	"if done(g,id,o,A[6],A[7]) then r=r+4 end "
	"return r";

/* ARGV: id of the dead letter. -> id of the entry, or nil. */
static const char revive_lua[] =
	"local c,K,A=redis.call,KEYS,ARGV "
	"local e=c('XRANGE',K[6],A[1],A[1])[1] "
	"if not e then return false end "
	"local f=e[2] "
	"local id=c('XADD',K[1],'*','k',f[8],'o',f[10],'b',f[12]) "
	"c('XDEL',K[6],A[1]) return id";

/* ARGV: group, consumer. -> entries trimmed. A group needs what is pending, and all behind what it was given last. */
static const char tend_lua[] =
	QUEUE_LUA_COMMON QUEUE_LUA_ORDER
	"local gs=pc('XINFO','GROUPS',K[1]) "
	"if gs.err or #gs==0 then return 0 end "
	"local least "
	"for _,x in ipairs(gs) do local g={} "
	"for i=1,#x,2 do g[x[i]]=x[i+1] end "
	"local id=g['last-delivered-id'] "
	"if g.pending>0 then id=c('XPENDING',K[1],g.name)[2] "
	"else local m,s=id:match('(%d+)-(%d+)') "
	"if tonumber(s)<2^52 then id=m..'-'..string.format('%.0f',tonumber(s)+1) end end "
	"if not least or pad(id)<pad(least) then least=id end end "
	"local trimmed=c('XTRIM',K[1],'MINID','=',least) "
	"local cs=pc('XINFO','CONSUMERS',K[1],A[1]) "
	"if cs.err then return trimmed end "
	"for _,x in ipairs(cs) do local k={} "
	"for i=1,#x,2 do k[x[i]]=x[i+1] end "
	"if k.pending==0 and k.idle>3600000 and k.name~=A[2] then c('XGROUP','DELCONSUMER',K[1],A[1],k.name) end end "
	"if c('HLEN',K[4])>0 then local turns=c('HRANDFIELD',K[4],'100','WITHVALUES') "
	"for i=1,#turns,2 do local id=turns[i+1] "
	"if not c('XPENDING',K[1],A[1],id,id,'1')[1] then release(turns[i],id) end end end "
	"return trimmed";

/* ARGV: group. -> {length, pending, later, held, dead, oldest id, oldest dead id}; ids may be "". */
static const char stats_lua[] =
	QUEUE_LUA_COMMON
	"local last,pending,oldest='0-0',0,'' "
	"local gs=pc('XINFO','GROUPS',K[1]) "
	"if not gs.err then for _,x in ipairs(gs) do local g={} "
	"for i=1,#x,2 do g[x[i]]=x[i+1] end "
	"if g.name==A[1] then last,pending=g['last-delivered-id'],g.pending end end end "
	"if pending>0 then oldest=c('XPENDING',K[1],A[1])[2] "
	"else local e=c('XRANGE',K[1],'('..last,'+','COUNT','1')[1] oldest=e and e[1] or '' end "
	"local d=c('XRANGE',K[6],'-','+','COUNT','1')[1] "
	"return {c('XLEN',K[1]),pending,c('ZCARD',K[2]),c('ZCARD',K[3]),c('XLEN',K[6]),oldest,d and d[1] or ''}";

const char *const sess_queue_lua[QUEUE_SCRIPTS] = {
	[QUEUE_SCRIPT_ADD] = add_lua,
	[QUEUE_SCRIPT_TAKE] = take_lua,
	[QUEUE_SCRIPT_CLAIM] = claim_lua,
	[QUEUE_SCRIPT_SETTLE] = settle_lua,
	[QUEUE_SCRIPT_REVIVE] = revive_lua,
	[QUEUE_SCRIPT_TEND] = tend_lua,
	[QUEUE_SCRIPT_STATS] = stats_lua,
};
