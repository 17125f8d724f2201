#include <getopt.h>
#include <stdio.h>
#include "server.h"
int main(int argc, char **argv) {
	struct bn_server_options o = { .layout = argv[1], .listen_fd = -1, .backend = BN_BACKEND_HEADLESS };
	char error[BN_SERVER_ERROR_MAX];
	struct bn_server *s = bn_server_create(&o, error);
	if (!s) { fprintf(stderr, "%s\n", error); return 1; }
	bn_server_boot(s);
	bn_server_run(s);
	bn_server_destroy(s);
	return 0;
}
