#include "guardwire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

bool bn_guardwire_send(int to, struct bn_guard_message *message, int fd) {
	union control control = { 0 };
	message->version = BN_GUARD_VERSION;
	struct iovec data = { .iov_base = message, .iov_len = sizeof(*message) };
	struct msghdr packet = { .msg_iov = &data, .msg_iovlen = 1 };
	if (fd >= 0) {
		packet.msg_control = &control;
		packet.msg_controllen = sizeof(control);
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	return sendmsg(to, &packet, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(*message);
}

static int take_fd(struct msghdr *packet) {
	struct cmsghdr *header = CMSG_FIRSTHDR(packet);
	int fd = -1;
	if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	}
	return fd;
}

int bn_guardwire_receive(int from, struct bn_guard_message *message, int flags, int *ret_fd) {
	union control control;
	struct iovec data = { .iov_base = message, .iov_len = sizeof(*message) };
	struct msghdr packet = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	*ret_fd = -1;
	ssize_t size = recvmsg(from, &packet, MSG_CMSG_CLOEXEC | flags);
	if (size < 0) {
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	}
	*ret_fd = take_fd(&packet);
	message->name[sizeof(message->name) - 1] = '\0';
	if (size == (ssize_t)sizeof(*message) && message->version == BN_GUARD_VERSION) {
		return 1;
	}
	if (*ret_fd >= 0) {
		close(*ret_fd);
		*ret_fd = -1;
	}
	return -1;
}
