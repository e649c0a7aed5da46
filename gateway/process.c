/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See process.h. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/process.h"

static uint64_t resident_octets(void)
{
	FILE *statm = fopen("/proc/self/statm", "re");
	uint64_t pages = 0;

	if (!statm)
		return 0;
	if (fscanf(statm, "%*u %" SCNu64, &pages) != 1)
		pages = 0;
	fclose(statm);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t open_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t n = 0;

	if (!folder)
		return 0;
	while ((entry = readdir(folder)))
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n - 1; /* the folder's own */
}

static double seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

void gw_process_read(struct gw_process *process)
{
	struct rlimit files = { 0 };
	struct rusage usage = { 0 };

	getrlimit(RLIMIT_NOFILE, &files);
	getrusage(RUSAGE_SELF, &usage);
	process->resident_octets = resident_octets();
	process->open_fds = open_fds();
	process->max_fds = files.rlim_cur;
	process->cpu_seconds = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
}
