// kms-heads [FLIPS]: the platform's own proof, without wlroots. Lights every connected head of the vkms card,
// flips pages on all of them, and compares what the driver scans out with what was drawn. TAP on stdout.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "crc.h"

enum { HEADS = 8 };

struct page {
	uint32_t fb;
	uint32_t *pixels;
	int stride; // in pixels
};

struct head {
	char name[64];
	uint32_t connector, crtc;
	int pipe;
	drmModeModeInfo mode;
	struct page pages[2];
	int flips_wanted, flips, shown;
	int64_t first_us, last_us;
};

struct card {
	int fd, minor;
	struct head heads[HEADS];
	int head_count;
};

static int case_number;

static bool check(bool good, const char *name) {
	printf("%sok %d - %s\n", good ? "" : "not ", ++case_number, name);
	return good;
}

static bool open_card(struct card *card) {
	for (card->minor = 0; card->minor < 8; card->minor++) {
		char path[32];
		snprintf(path, sizeof(path), "/dev/dri/card%d", card->minor);
		card->fd = open(path, O_RDWR | O_CLOEXEC);
		if (card->fd < 0) {
			continue;
		}
		drmVersion *version = drmGetVersion(card->fd);
		bool found = version != NULL && strcmp(version->name, "vkms") == 0;
		drmFreeVersion(version);
		if (found) {
			return true;
		}
		close(card->fd);
	}
	return false;
}

// The first crtc that the connector can use and no other head has.
static bool choose_crtc(const struct card *card, const drmModeRes *resources,
		const drmModeConnector *connector, struct head *head) {
	drmModeEncoder *encoder = drmModeGetEncoder(card->fd, connector->encoders[0]);
	uint32_t possible = encoder != NULL ? encoder->possible_crtcs : 0;
	drmModeFreeEncoder(encoder);
	for (int pipe = 0; pipe < resources->count_crtcs; pipe++) {
		bool used = false;
		for (int i = 0; i < card->head_count; i++) {
			used = used || card->heads[i].pipe == pipe;
		}
		if (!used && possible & 1u << pipe) {
			head->pipe = pipe;
			head->crtc = resources->crtcs[pipe];
			return true;
		}
	}
	return false;
}

static bool find_heads(struct card *card) {
	drmModeRes *resources = drmModeGetResources(card->fd);
	for (int i = 0; resources != NULL && i < resources->count_connectors; i++) {
		drmModeConnector *connector =
				drmModeGetConnector(card->fd, resources->connectors[i]);
		struct head *head = &card->heads[card->head_count];
		if (connector != NULL && connector->connection == DRM_MODE_CONNECTED
				&& connector->count_modes > 0 && card->head_count < HEADS
				&& choose_crtc(card, resources, connector, head)) {
			snprintf(head->name, sizeof(head->name), "%s-%u",
					drmModeGetConnectorTypeName(connector->connector_type),
					connector->connector_type_id);
			head->connector = connector->connector_id;
			head->mode = connector->modes[0];
			printf("# %s %dx%d@%u, %ux%u mm\n", head->name, head->mode.hdisplay,
					head->mode.vdisplay, head->mode.vrefresh,
					connector->mmWidth, connector->mmHeight);
			card->head_count++;
		}
		drmModeFreeConnector(connector);
	}
	drmModeFreeResources(resources);
	return card->head_count > 0;
}

static bool make_page(const struct card *card, const struct head *head, uint32_t seed,
		struct page *page) {
	uint32_t width = head->mode.hdisplay, height = head->mode.vdisplay;
	uint32_t handle, pitch;
	uint64_t size, offset;
	if (drmModeCreateDumbBuffer(card->fd, width, height, 32, 0, &handle, &pitch, &size) != 0
			|| drmModeAddFB(card->fd, width, height, 24, 32, pitch, handle, &page->fb)
					!= 0
			|| drmModeMapDumbBuffer(card->fd, handle, &offset) != 0) {
		return false;
	}
	page->pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, card->fd,
			(off_t)offset);
	if (page->pixels == MAP_FAILED) {
		return false;
	}
	page->stride = (int)(pitch / 4);
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			page->pixels[y * (uint32_t)page->stride + x] =
					(x * 2654435761u ^ y * 40503u) + seed;
		}
	}
	return true;
}

static bool light_up(const struct card *card, struct head *head) {
	return make_page(card, head, 0x112233, &head->pages[0])
			&& make_page(card, head, 0x778899, &head->pages[1])
			&& drmModeSetCrtc(card->fd, head->crtc, head->pages[0].fb, 0, 0,
					   &head->connector, 1, &head->mode)
			== 0;
}

static void handle_flip(int fd, unsigned sequence, unsigned seconds, unsigned micros, unsigned crtc,
		void *data) {
	struct head *head = data;
	head->last_us = (int64_t)seconds * 1000000 + micros;
	if (head->flips == 0) {
		head->first_us = head->last_us;
	}
	head->flips++;
	if (head->flips < head->flips_wanted) {
		head->shown = !head->shown;
		drmModePageFlip(fd, head->crtc, head->pages[head->shown].fb,
				DRM_MODE_PAGE_FLIP_EVENT, head);
	}
}

static bool flip_all(struct card *card, int flips) {
	for (int i = 0; i < card->head_count; i++) {
		struct head *head = &card->heads[i];
		head->flips_wanted = flips;
		head->shown = 1;
		if (drmModePageFlip(card->fd, head->crtc, head->pages[1].fb,
				    DRM_MODE_PAGE_FLIP_EVENT, head)
				!= 0) {
			return false;
		}
	}
	drmEventContext context = { .version = 3, .page_flip_handler2 = handle_flip };
	for (;;) {
		bool all = true;
		for (int i = 0; i < card->head_count; i++) {
			all = all && card->heads[i].flips >= flips;
		}
		if (all) {
			return true;
		}
		struct pollfd ready = { .fd = card->fd, .events = POLLIN };
		if (poll(&ready, 1, 3000) != 1 || drmHandleEvent(card->fd, &context) != 0) {
			return false;
		}
	}
}

static bool scan_out_is_equal(const struct card *card, const struct head *head) {
	const struct page *page = &head->pages[head->shown];
	uint32_t drawn = bn_crc_of_xrgb(page->pixels, head->mode.hdisplay, head->mode.vdisplay,
			page->stride);
	uint32_t seen = 0;
	bool found = bn_crc_of_frame(card->minor, head->pipe, &seen);
	printf("# %s: drawn %08x, scanned out %08x\n", head->name, drawn, seen);
	return found && drawn == seen;
}

int main(int argc, char *argv[]) {
	int flips = argc > 1 ? atoi(argv[1]) : 30;
	struct card card = { .fd = -1 };
	if (!check(open_card(&card) && find_heads(&card), "vkms-card-with-connected-heads")) {
		printf("1..%d\n", case_number);
		return 1;
	}
	bool good = check(card.head_count == 3, "three-heads-are-connected");
	bool lit = true;
	for (int i = 0; i < card.head_count; i++) {
		lit = light_up(&card, &card.heads[i]) && lit;
	}
	good = check(lit, "modeset-on-every-head") && good;
	good = check(lit && flip_all(&card, flips), "page-flips-on-every-head") && good;
	for (int i = 0; i < card.head_count; i++) {
		const struct head *head = &card.heads[i];
		printf("# %s: %d flips, %.3f ms apart\n", head->name, head->flips,
				head->flips > 1 ? (double)(head->last_us - head->first_us) / 1000
								/ (head->flips - 1)
						: 0.0);
		char name[96];
		snprintf(name, sizeof(name), "scan-out-equals-what-was-drawn-on-%s", head->name);
		good = check(scan_out_is_equal(&card, head), name) && good;
	}
	printf("1..%d\n", case_number);
	close(card.fd);
	return good ? 0 : 1;
}
