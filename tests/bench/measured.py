# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the benchmarks of this folder share: the release build, the cores, a country whose sessions are nowhere but in memory, and processor
time. To be imported before the scenarios' harness, which asks which build it is about."""
import os
import sys

os.environ.setdefault("BIN", os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "build", "release"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scenario", "lib"))
from harness import Country, Server, wait_for

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CORES = sorted(os.sched_getaffinity(0))
MEASURED_CORE, OTHER_CORES = {CORES[0]}, set(CORES[1:]) or {CORES[0]}
TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")


class Measured(Country):
    """The country of the scenarios, with a gateway that says little and no SMSC of its own."""

    def start_smsc(self):
        """Whoever measures starts what the measurement needs."""

    def config(self, **kind):
        return super().config(**kind).replace('level = "info"', 'level = "notice"')


class InMemory(Measured):
    """With a Redis that writes nothing to disk."""

    def start_redis(self):
        path = os.path.join(self.folder, "redis.sock")
        self.redis = Server(self.folder, "redis", ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no",
                                                   "--dir", self.folder])
        self.servers.append(self.redis)
        wait_for("redis", lambda: self.redis_cli("PING") == "PONG")


def cpu_us(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_US
