/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See near.h. */
#include "gateway/near.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <netinet/in.h>

static const struct { uint8_t octets[4]; unsigned int bits; } near_v4[] = {
	{ { 127 }, 8 }, { { 10 }, 8 }, { { 172, 16 }, 12 }, { { 192, 168 }, 16 },
};
static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool is_within(const uint8_t *address, const uint8_t *network, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	return memcmp(address, network, whole) == 0 && (!rest || (address[whole] ^ network[whole]) >> (8 - rest) == 0);
}

static bool is_near_v4(const uint8_t address[4])
{
	for (size_t i = 0; i < sizeof(near_v4) / sizeof(near_v4[0]); i++)
		if (is_within(address, near_v4[i].octets, near_v4[i].bits))
			return true;
	return false;
}

static bool is_near_v6(const struct in6_addr *address)
{
	if (memcmp(address->s6_addr, mapped, sizeof(mapped)) == 0)
		return is_near_v4(address->s6_addr + sizeof(mapped));
	return IN6_IS_ADDR_LOOPBACK(address) || (address->s6_addr[0] & 0xfe) == 0xfc;
}

bool gw_near(const struct sockaddr *address)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	uint8_t octets[4];

	if (address->sa_family == AF_INET) {
		memcpy(&four, address, sizeof(four));
		memcpy(octets, &four.sin_addr, sizeof(octets));
		return is_near_v4(octets);
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&six, address, sizeof(six));
	return is_near_v6(&six.sin6_addr);
}
