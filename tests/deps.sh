#!/bin/sh
# Installs with apt-get whatever of Debian 12's packages the build and the tests need and this machine lacks.
set -eu
packages="libc6-dev libosmocore-dev libsmpp34-dev libhiredis-dev libconfig-dev libcurl4-openssl-dev libmicrohttpd-dev
libjansson-dev libicu-dev libsodium-dev libcmocka-dev libtalloc-dev libreadline-dev libsystemd-dev libpango1.0-dev
fonts-dejavu-core libsqlite3-dev pkg-config
redis-server redis-tools python3 curl openssl libjson-validator-perl"
case "${1:-build}" in
build) ;;
valgrind) packages="$packages valgrind" ;;
fuzz) packages="$packages clang libclang-rt-14-dev" ;;
lint) packages="$packages cppcheck clang-tidy mandoc" ;;
*) echo "usage: $0 [build|valgrind|fuzz|lint]" >&2; exit 2 ;;
esac

missing=""
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "installing:$missing" >&2
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
# The tests start servers of their own; Debian must not start one beside them.
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq >&2
# shellcheck disable=SC2086
RUNLEVEL=1 $sudo apt-get install -y -qq --no-install-recommends $missing >&2
