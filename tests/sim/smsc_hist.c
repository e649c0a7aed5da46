/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_hist.h. Octave 0 holds 0..2*PARTS-1 exactly as far as PARTS; each further one doubles the width of its parts. */
#include "tests/sim/smsc_hist.h"

#include <math.h>

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int octave = 0;

	if (ns >= SMSC_HIST_PARTS) {
		octave = (unsigned int)(63 - __builtin_clzll(ns)) - 8; /* 512 = 1 << 9: octave 1 */
		if (octave >= SMSC_HIST_OCTAVES)
			return SMSC_HIST_OCTAVES * SMSC_HIST_PARTS - 1;
		return octave * SMSC_HIST_PARTS + (unsigned int)(ns >> (octave - 1)) - SMSC_HIST_PARTS;
	}
	return (unsigned int)ns;
}

/* The middle of a bucket. */
static double middle_ns(unsigned int bucket)
{
	unsigned int octave = bucket / SMSC_HIST_PARTS, part = bucket % SMSC_HIST_PARTS;

	if (!octave)
		return part;
	return ((double)part + SMSC_HIST_PARTS + 0.5) * ldexp(1, (int)octave - 1);
}

void smsc_hist_add(struct smsc_hist *hist, int64_t ns)
{
	uint64_t value = ns > 0 ? (uint64_t)ns : 0;

	hist->buckets[bucket_of(value)]++;
	hist->count++;
	if (value > hist->max_ns)
		hist->max_ns = value;
}

double smsc_hist_quantile_us(const struct smsc_hist *hist, double share)
{
	uint64_t wanted = (uint64_t)ceil(share * (double)hist->count), seen = 0;

	if (!hist->count)
		return 0;
	for (unsigned int i = 0; i < SMSC_HIST_OCTAVES * SMSC_HIST_PARTS; i++) {
		seen += hist->buckets[i];
		if (seen >= wanted)
			return fmin(middle_ns(i), (double)hist->max_ns) / 1000;
	}
	return (double)hist->max_ns / 1000;
}
