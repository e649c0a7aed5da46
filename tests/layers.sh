#!/bin/sh
# The three floors do not know each other: fails where smpp, sessions or menus includes anything but itself,
# where a foreign library's header is outside the one file that is its home, or where anything includes tests/.
set -eu
cd "$(dirname "$0")/.."
bad=0
report() { if [ -n "$1" ]; then printf '%s\n' "$1"; bad=1; fi; }
others() { printf '%s\n' smpp sessions menus gateway tests | grep -vx "$1" | paste -sd'|'; }
for floor in smpp sessions menus; do
	report "$(grep -nHE "#include[[:space:]]*\"(\.\./)*($(others $floor))/" $floor/*.[ch] 2>/dev/null || true)"
done
report "$(grep -nHE '#include[[:space:]]*"(\.\./)*tests/' smpp/*.[ch] sessions/*.[ch] menus/*.[ch] gateway/*.[ch] 2>/dev/null || true)"
# home: header pattern, then the files that may include it
home() { report "$(grep -lE "#include[[:space:]]*<$1" ./*/*.[ch] 2>/dev/null | sed 's,^\./,,' | grep -vE "^($2)$" | sed "s,\$,: <$1> does not belong here," || true)"; }
home 'smpp34' 'smpp/pdu\.c'
home 'hiredis' 'sessions/[a-z_]*\.[ch]'
home 'libconfig' 'menus/source\.c'
home 'curl/' 'gateway/(agency|agency_[a-z]*|loop_curl|dolat_gateway)\.[ch]'
home 'microhttpd' 'gateway/(http|api|api_call|api_head|api_mhd|loop_mhd)\.[ch]'
home 'gnutls/' 'gateway/api_tls\.c'
home 'unicode/' 'menus/unicode\.c|smpp/text\.c'
exit $bad
