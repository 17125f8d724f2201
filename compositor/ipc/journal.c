#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/nsec.h"
#include "ipc/call.h"
#include "loop.h"
#include "watch/record.h"

/** A sealed memory file with the journal's image; -1: failed. */
static int store_image(const struct bn_journal *journal, int64_t since_ns, int64_t now_ns) {
	size_t size = bn_journal_image_size(journal, since_ns);
	int fd = memfd_create("binnacle-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		return -1;
	}
	void *image = MAP_FAILED;
	if (ftruncate(fd, (off_t)size) == 0) {
		image = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	}
	if (image == MAP_FAILED) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	struct timespec wall;
	clock_gettime(CLOCK_REALTIME, &wall);
	bn_journal_image_fill(journal, since_ns, now_ns, bn_nsec_from_timespec(&wall), image);
	munmap(image, size);
	int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	if (fcntl(fd, F_ADD_SEALS, seals) != 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/** Without `since_ns` only the time is told, for a controller that wants what comes from now on. */
static void get_journal(struct bn_ipc_call *call) {
	int64_t now = bn_loop_now(call->context->loop);
	yyjson_mut_obj_add_int(call->reply.doc, call->reply.root, "now_ns", now);
	double since = 0;
	if (yyjson_obj_get(call->request.root, "since_ns") == NULL) {
		return;
	}
	if (!bn_ipc_request_number(&call->request, "since_ns", &since)) {
		return;
	}
	if (!(since >= 0 && since < 9e18)) {
		bn_ipc_call_fail(call, BN_IPC_BAD_REQUEST,
				"since_ns is ns of the compositor's clock: as now_ns, or 0 for "
				"all");
		return;
	}
	call->fd = store_image(&call->context->record->journal, (int64_t)since, now);
	if (call->fd < 0) {
		bn_ipc_call_fail(call, BN_IPC_FAILED, "the journal cannot be stored: %s",
				strerror(errno));
	}
}

static const struct bn_ipc_verb verbs[] = {
	{ BN_VERB_JOURNAL, NULL, NULL, get_journal },
};

const struct bn_ipc_noun bn_ipc_journal_noun = { verbs, sizeof(verbs) / sizeof(verbs[0]) };
