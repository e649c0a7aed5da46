/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The API over TLS, with curl as its client: certificates that are good, missing, of another key, and read anew. */
#include <sys/wait.h>

#include "gateway/api_tls.h"
#include "tests/unit/gateway/api_world.h"

static char here[256];
static unsigned int port;

static void copy(const char *from, const char *to)
{
	char command[1024];

	snprintf(command, sizeof(command), "cp %s %s", from, to);
	assert_int_equal(system(command), 0);
}

static int begin(void **state)
{
	char more[1024];

	(void)state;
	strcpy(here, "/tmp/dolat-tls-XXXXXX");
	assert_non_null(mkdtemp(here));
	snprintf(more, sizeof(more), "%s/cert.pem", here);
	copy("tests/data/tls/server.pem", more);
	snprintf(more, sizeof(more), "%s/key.pem", here);
	copy("tests/data/tls/server.key", more);
	snprintf(more, sizeof(more), "cert_file = \"%s/cert.pem\"; key_file = \"%s/key.pem\";", here, here);
	api_world_begin(more);
	port = world_number("api port ");
	assert_non_null(strstr(world.lines, "at 127.0.0.1, TLS"));
	return 0;
}

static int end(void **state)
{
	(void)state;
	api_world_end();
	nftw(here, world_remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

/* curl's exit status; the loop turns meanwhile. */
static int curl(const char *options)
{
	char command[1024];
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		snprintf(command, sizeof(command), "exec curl -sS -o /dev/null --max-time 10 %s https://127.0.0.1:%u/v1/openapi.json 2>/dev/null", options, port);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < WORLD_TURNS_MAX && waitpid(pid, &status, WNOHANG) == 0; i++)
		gw_loop_turn();
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void it_serves(void **state)
{
	(void)state;
	assert_int_equal(curl("--fail --cacert tests/data/tls/ca.pem"), 0);
	assert_int_equal(curl("--fail --cacert tests/data/tls/ca.pem --tlsv1.2 --tls-max 1.2"), 0);
	assert_int_equal(curl("--fail --cacert tests/data/tls/ca.pem --tlsv1.3"), 0);
	assert_int_equal(curl(""), 60);      /* an authority that curl does not know: it is really asked for */
	assert_int_not_equal(curl("--cacert tests/data/tls/ca.pem --tlsv1.0 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0"), 0);
}

static void rubbish_is_no_handshake(void **state)
{
	int fd = world_connect(port);

	(void)state;
	world_send(fd, "GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(world_read(fd, (char[65536]){ "" }, 65536, NULL));
	close(fd);
	assert_int_equal(curl("--fail --cacert tests/data/tls/ca.pem"), 0);
}

static void it_is_read_anew(void **state)
{
	char path[512], command[2048];
	struct gw_api_tls *none;

	(void)state;
	snprintf(path, sizeof(path), "%s/key.pem", here);
	/* a key that is none: the one before stays */
	copy("tests/data/tls/server.pem", path);
	assert_false(gw_api_reload(world.gw->api));
	assert_int_equal(curl("--fail --cacert tests/data/tls/ca.pem"), 0);
	/* one of another certificate */
	snprintf(command, sizeof(command), "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=new "
		 "-addext subjectAltName=IP:127.0.0.1 -keyout %s/key.pem -out %s/new.pem 2>/dev/null", here, here);
	assert_int_equal(system(command), 0);
	assert_false(gw_api_reload(world.gw->api));
	assert_non_null(strstr(world.lines, "key.pem: "));
	assert_int_equal(curl("--fail --cacert tests/data/tls/ca.pem"), 0);
	/* both */
	snprintf(command, sizeof(command), "%s/new.pem", here);
	snprintf(path, sizeof(path), "%s/cert.pem", here);
	copy(command, path);
	assert_true(gw_api_reload(world.gw->api));
	assert_int_equal(curl("--fail --cacert tests/data/tls/ca.pem"), 60);
	snprintf(command, sizeof(command), "--fail --cacert %s/new.pem", here);
	assert_int_equal(curl(command), 0);
	/* once more: within the minute, handshakes may still be under way with the first */
	assert_false(gw_api_reload(world.gw->api));
	/* what cannot be read is none */
	none = gw_api_tls_alloc(world_ctx, "/no/such/file", path);
	assert_null(none);
	assert_non_null(strstr(world.lines, "/no/such/file: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_serves, begin, end),
		cmocka_unit_test_setup_teardown(rubbish_is_no_handshake, begin, end),
		cmocka_unit_test_setup_teardown(it_is_read_anew, begin, end),
	};

	return cmocka_run_group_tests(tests, world_init, NULL);
}
