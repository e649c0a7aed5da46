/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See say.h. */
#include "gateway/say.h"

#include <ctype.h>
#include <string.h>

#include "menus/utf8.h"
#include "smpp/concat.h"
#include "smpp/text.h"

#define WHAT_OCTETS 256

bool gw_say_fits(const void *ctx, const char *utf8, size_t octets)
{
	(void)ctx;
	return smpp_concat_count(SMPP_CONCAT_UDH8, smpp_text_choose(utf8, octets), utf8, octets) == 1;
}

size_t gw_say(const struct menu_set *set, enum menu_phrase phrase, const char *language, const char *what, const char *code,
              const char *state, char out[GW_SAY_OCTETS])
{
	char cut[WHAT_OCTETS + 1];
	size_t n = menu_utf8_floor(what, strlen(what), WHAT_OCTETS);
	const struct menu_say values[] = { { "what", cut }, { "code", code }, { "state", state } };

	for (memcpy(cut, what, n);; n = menu_utf8_floor(cut, n, n - 1)) {
		size_t octets;

		cut[n] = '\0';
		octets = menu_set_say(set, phrase, language, values, sizeof(values) / sizeof(values[0]), out, GW_SAY_OCTETS);
		if (n == 0 || (octets > 0 && gw_say_fits(NULL, out, octets)))
			return octets;
	}
}

const char *gw_say_script(const char *utf8, size_t octets)
{
	bool latin = false;

	for (size_t i = 0; i < octets; i++) {
		if ((unsigned char)utf8[i] >= 0xD8 && (unsigned char)utf8[i] <= 0xDB) { /* U+0600 to U+06FF */
			/* ... of which the digits say nothing */
			unsigned int c = (unsigned int)((unsigned char)utf8[i] & 0x1F) << 6 | (i + 1 < octets ? (unsigned char)utf8[i + 1] & 0x3FU : 0);

			if (!(c >= 0x660 && c <= 0x66D) && !(c >= 0x6F0 && c <= 0x6F9))
				return "fa";
		}
		latin = latin || isalpha((unsigned char)utf8[i]);
	}
	return latin ? "en" : "";
}
