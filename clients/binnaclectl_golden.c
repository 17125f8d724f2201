#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binnaclectl.h"

/** Takes the picture of one check as it is demanded now, and writes it where the layout wants it. */
static enum ctl_status capture(struct ctl *ctl, const char *check) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_GOLDEN);
	yyjson_mut_obj_add_str(message.doc, message.root, "check", check);
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	if (status == CTL_DONE) {
		const char *path = ctl_string(reply.root, "path");
		status = ctl_save_picture(&reply, path);
		if (status == CTL_DONE && !ctl->json) {
			fputs("saved ", stdout);
			ctl_print_text(path);
			putchar('\n');
		}
	}
	ctl_reply_finish(&reply);
	return status;
}

static enum ctl_status capture_all(struct ctl *ctl) {
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_GET);
	yyjson_mut_obj_add_str(message.doc, message.root, "what", "checks");
	struct ctl_reply reply;
	enum ctl_status status = ctl_request(ctl, &message, &reply);
	yyjson_val *check;
	yyjson_arr_iter checks = yyjson_arr_iter_with(yyjson_obj_get(reply.root, "checks"));
	while ((check = yyjson_arr_iter_next(&checks)) != NULL) {
		enum ctl_status one = capture(ctl, ctl_string(check, "name"));
		status = status == CTL_DONE ? one : status;
	}
	ctl_reply_finish(&reply);
	return status;
}

enum ctl_status ctl_golden(struct ctl *ctl, int argc, char **argv) {
	if (strcmp(argv[1], "capture") != 0) {
		ctl_complain("'%s' is not understood; expected: golden capture [CHECK...]",
				argv[1]);
		return CTL_USAGE;
	}
	enum ctl_status status = argc > 2 ? CTL_DONE : capture_all(ctl);
	for (int i = 2; i < argc; i++) {
		enum ctl_status one = capture(ctl, argv[i]);
		status = status == CTL_DONE ? one : status;
	}
	if (status != CTL_DONE && status != CTL_FAILED) {
		return status;
	}
	// What was saved is compared with from now on.
	struct bn_ipc_message message = ctl_request_begin(ctl, BN_VERB_RELOAD);
	enum ctl_status reloaded = ctl_command(ctl, &message);
	return status == CTL_DONE ? reloaded : status;
}
