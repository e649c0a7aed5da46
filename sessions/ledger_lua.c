/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The one script of all commits: it looks at every condition, marks the commit as made, and then does all of it. Redis logs the
 * effects of a script as one transaction.
 *
 * The mark is what makes a commit happen once, however often and however late its command arrives: a record may have been
 * written again or dropped by another in between, so records alone do not tell. They tell longer, though: where one bears our
 * stamp, the commit was made. The mark is set before the rest, so that looking and marking are one command; should the rest fail (a
 * key is of another type: somebody's hand), the mark goes, and what was written until then stays.
 *
 * KEYS: of the queue in which an entry is settled, six (enum queue_key), if there is one; the mark; then of each group below its
 * keys. ARGV: the stamp; the numbers of the groups, one octet each; the verb, "" for none; if there is one: group, consumer,
 * id, attempt, order, shared, claimed, and pause_ms or reason; then of each group its arguments:
 *
 *   new       key             -       value  expire_ms ("0": never)
 *   records   key             stamp   value  expire_ms, "d" to drop it, "c" only to check; the stamp "": none may be there
 *   queues    stream, done    key     order  body  key_ms  length_max
 *   tallies   key             by      expire_ms
 *   indexes   key             score   member; the score "": off the index
 *   notes     audit, once     body
 *
 * -> the value that stands in the way of a new record, or an integer (ledger_priv.h). */
#include "sessions/ledger_priv.h"

const char sess_ledger_lua[] =
	QUEUE_LUA_COMMON QUEUE_LUA_ADD
	"local mine,v,k,a=A[1],A[3],0,4 "
	"local nn,nr,nq,nt,ni,nl=A[2]:byte(1,6) "
	"local check,settle "
	"if v~='' then k,a=6,12 "
	QUEUE_LUA_SETTLE
	"local g,id,o=A[4],A[6],A[8] "
	"local p,why "
	"check=function() p,why=holds(g,A[5],id,A[7]) return why end "
	"settle=function() "
	"if v=='done' then return done(g,id,o,A[9],A[10]) end "
	"if v=='later' then later(g,id,A[11],A[10]) return false end "
	"return buried(g,id,o,p[4],A[11],A[9]) end end "
	"k=k+1 local mark=K[k] "
	"local function refuse(why) if c('EXISTS',mark)==1 then return 0 end return why end "
	/* What stands there? */
	"local k0,a0=k,a "
	"for i=1,nn+nr do k=k+1 "
	"local s=c('GETRANGE',K[k],'0','7') "
	"if s~=A[a] then "
	"if s==mine then return 0 end "
	"if i<=nn then return refuse(c('GET',K[k])) end "
	"return refuse(-1) end "
	"a=a+3 end "
	"if v~='' then local why=check() "
	"if why then if type(why)=='table' then return why end return refuse(-2) end end "
	"for i=1,nq do "
	"if A[a+4]~='0' and c('XLEN',K[k+1])>=tonumber(A[a+4]) and (A[a]=='' or c('EXISTS',K[k+2])==0) then return refuse(-3) end "
	"k=k+2 a=a+5 end "
	"if not c('SET',mark,'','NX','PX','" LEDGER_MARK_MS "') then return 0 end "
	/* All of it. First what can fail. */
	"local r=1 "
	"local function all() "
	"local at=a "
	"for i=1,nt do local key,by,ms=K[k+i],A[at],A[at+1] "
	"if c('INCRBY',key,by)==tonumber(by) and ms~='0' and c('PTTL',key)==-1 then c('PEXPIRE',key,ms) end "
	"at=at+2 end "
	"k=k+nt "
	"for i=1,ni do "
	"if A[at]~='' then c('ZADD',K[k+i],A[at],A[at+1]) else c('ZREM',K[k+i],A[at+1]) end "
	"at=at+2 end "
	"k=k+ni "
	"for _=1,nl do c('XADD',K[k+1],'*','b',A[at]) at=at+1 end "
	"k,a=k0,a0 "
	"for _=1,nn+nr do k=k+1 local ms=A[a+2] "
	"if ms=='0' then c('SET',K[k],A[a+1]) "
	"elseif ms=='d' then c('DEL',K[k]) "
	"elseif ms~='c' then c('SET',K[k],A[a+1],'PX',ms) end "
	"a=a+3 end "
	"local again=4 "
	"for _=1,nq do local _,was=add(K[k+1],K[k+2],A[a],A[a+1],A[a+2],A[a+3]) "
	"if was then r=r+again end "
	"k=k+2 a=a+5 again=again*2 end "
	"if v~='' and settle() then r=r+2 end end "
	"local ok,e=pcall(all) "
	"if ok then return r end "
	"c('DEL',mark) "
	"if type(e)=='table' then return e end "
	"return redis.error_reply(e)";
