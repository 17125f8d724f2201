/*
 * guard-forms: three ways in which a guard can take the displays from a compositor that does not answer any more, each
 * tried on the first head of the vkms card.
 *
 *   master  the guard drops the master's rights, the compositor opens the card itself; when it is dead the guard
 *           becomes master again
 *   lease   the guard stays master, the compositor has a lease on everything; the guard revokes it
 *   shared  the compositor has the guard's own open file
 *
 * The compositor is played by a child that flips two pages, and then stops (SIGSTOP). A thread reads the driver's own
 * CRC of each refresh. Prints, for each form: the time from the decision until the commit of the safe picture has
 * returned, and until its CRC was read, what the refreshes in between showed, whether the kernel had switched the head
 * off meanwhile, and whether a compositor on wlroots could allocate scan-out buffers there, which it does by a lease of its
 * own or by legacy authentication.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "core/safe_picture.h"
#include "crc.h"
#include "guard/screen.h"

enum form { MASTER, LEASE, SHARED };

#define SAMPLES 4096

struct sample {
	double at_ms;
	uint32_t crc;
};

/** Everything that the first head's driver says while it runs. */
struct witness {
	int minor;
	pthread_t thread;
	atomic_bool stop;
	atomic_size_t count;
	struct sample samples[SAMPLES];
};

struct page {
	uint32_t fb, crc;
};

static double now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void die(const char *what) {
	fprintf(stderr, "guard-forms: %s: %s\n", what, strerror(errno));
	exit(1);
}

// The witness

static void *watch(void *data) {
	struct witness *witness = data;
	char path[96], line[96];
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/crtc-0/crc/data", witness->minor);
	int fd = -1;
	while (!witness->stop) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		if (fd < 0) {
			fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
			poll(NULL, 0, fd < 0 ? 1 : 0);
			continue;
		}
		ssize_t size = poll(&ready, 1, 100) == 1 ? read(fd, line, sizeof(line) - 1) : 0;
		unsigned crc;
		size_t count = witness->count;
		if (size > 0 && count < SAMPLES) {
			line[size] = '\0';
			if (sscanf(line, "%*x %x", &crc) == 1) {
				witness->samples[count] = (struct sample){ now_ms(), crc };
				witness->count = count + 1;
			}
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	return NULL;
}

static void witness_start(struct witness *witness, int minor) {
	char path[96];
	memset(witness, 0, sizeof(*witness));
	witness->minor = minor;
	snprintf(path, sizeof(path), "/sys/kernel/debug/dri/%d/crtc-0/crc/control", minor);
	int control = open(path, O_WRONLY | O_CLOEXEC);
	if (control < 0 || write(control, "auto", 4) != 4) {
		die(path);
	}
	close(control);
	pthread_create(&witness->thread, NULL, watch, witness);
}

static void wait_for(struct witness *witness, uint32_t crc) {
	for (int i = 0; i < 5000; i++) {
		size_t count = witness->count;
		if (count > 0 && witness->samples[count - 1].crc == crc) {
			return;
		}
		poll(NULL, 0, 1);
	}
	fprintf(stderr, "guard-forms: %08x was never scanned out\n", crc);
	exit(1);
}

// The compositor

static struct page make_page(int fd, const drmModeModeInfo *mode, uint32_t color) {
	struct page page;
	uint32_t handle, pitch;
	uint64_t size, offset = 0;
	if (drmModeCreateDumbBuffer(fd, mode->hdisplay, mode->vdisplay, 32, 0, &handle, &pitch,
			    &size) != 0
			|| drmModeAddFB(fd, mode->hdisplay, mode->vdisplay, 24, 32, pitch, handle,
					   &page.fb)
					!= 0
			|| drmModeMapDumbBuffer(fd, handle, &offset) != 0) {
		die("a page");
	}
	uint32_t *pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
	for (uint64_t i = 0; i < size / 4; i++) {
		pixels[i] = color;
	}
	page.crc = bn_crc_of_xrgb(pixels, mode->hdisplay, mode->vdisplay, (int)(pitch / 4));
	return page;
}

/** As wlroots' allocators open the card a second time. */
static const char *allocation(int fd, const char *path) {
	uint32_t lessee;
	int lease = drmModeCreateLease(fd, NULL, 0, O_CLOEXEC, &lessee);
	if (lease >= 0) {
		close(lease);
		return "by a lease of its own";
	}
	int again = open(path, O_RDWR | O_CLOEXEC);
	drm_magic_t magic;
	bool done = again >= 0 && drmGetMagic(again, &magic) == 0 && drmAuthMagic(fd, magic) == 0;
	close(again);
	return done ? "by authentication" : "refused";
}

/** A connector on the CRTC of the same number, which vkms allows. */
static void light(int fd, const drmModeRes *resources, int head, const struct page *page) {
	drmModeConnector *connector = drmModeGetConnector(fd, resources->connectors[head]);
	if (connector == NULL || connector->count_modes == 0
			|| drmModeSetCrtc(fd, resources->crtcs[head], page->fb, 0, 0,
					   &connector->connector_id, 1, &connector->modes[0])
					!= 0) {
		die("light a head");
	}
	drmModeFreeConnector(connector);
}

/** Lights all heads and flips the first until it is ended; tells its two CRCs and how it could allocate on `tell`. */
static void play_compositor(int fd, const char *path, int tell) {
	drmModeRes *resources = drmModeGetResources(fd);
	struct page pages[2];
	for (int head = resources->count_connectors - 1; head >= 0; head--) {
		drmModeConnector *connector = drmModeGetConnector(fd, resources->connectors[head]);
		pages[0] = make_page(fd, &connector->modes[0], 0xff2040a0);
		pages[1] = make_page(fd, &connector->modes[0], 0xff20a040);
		light(fd, resources, head, &pages[0]);
		drmModeFreeConnector(connector);
	}
	char line[128];
	int length = snprintf(line, sizeof(line), "%x %x %s\n", pages[0].crc, pages[1].crc,
			allocation(fd, path));
	if (write(tell, line, (size_t)length) != length) {
		die("tell");
	}
	for (int shown = 1;; shown = !shown) {
		drmEventContext context = { .version = 2 };
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		if (drmModePageFlip(fd, resources->crtcs[0], pages[shown].fb,
				    DRM_MODE_PAGE_FLIP_EVENT, NULL)
				!= 0) {
			exit(0);
		}
		poll(&ready, 1, 1000);
		drmHandleEvent(fd, &context);
	}
}

// The guard

static int lease_everything(int fd, uint32_t *ret_lessee) {
	drmModeRes *resources = drmModeGetResources(fd);
	drmModePlaneRes *planes = drmModeGetPlaneResources(fd);
	uint32_t objects[64];
	int count = 0;
	for (int i = 0; i < resources->count_connectors && count < 60; i++) {
		objects[count++] = resources->connectors[i];
	}
	for (int i = 0; i < resources->count_crtcs && count < 60; i++) {
		objects[count++] = resources->crtcs[i];
	}
	for (uint32_t i = 0; i < planes->count_planes && count < 60; i++) {
		objects[count++] = planes->planes[i];
	}
	int lease = drmModeCreateLease(fd, objects, count, O_CLOEXEC, ret_lessee);
	if (lease < 0) {
		errno = -lease;
		die("lease");
	}
	return lease;
}

static uint32_t crc_of_safe_picture(int fd) {
	drmModeRes *resources = drmModeGetResources(fd);
	drmModeConnector *connector = drmModeGetConnector(fd, resources->connectors[0]);
	int width = connector->modes[0].hdisplay, height = connector->modes[0].vdisplay;
	uint32_t *pixels = calloc((size_t)width * (size_t)height, 4);
	bn_safe_picture_draw(pixels, width, height, width, true);
	uint32_t crc = bn_crc_of_xrgb(pixels, width, height, width);
	free(pixels);
	return crc;
}

/** True: the first head was on when the guard committed. */
static bool take_over(enum form form, struct screen *screen, int fd, pid_t pid, uint32_t lessee) {
	if (form == MASTER) {
		kill(pid, SIGKILL);
		while (drmSetMaster(fd) != 0) {
			poll(NULL, 0, 0);
		}
	}
	drmModeRes *resources = drmModeGetResources(fd);
	drmModeCrtc *crtc = drmModeGetCrtc(fd, resources->crtcs[0]);
	bool was_on = crtc->mode_valid;
	if (!screen->impl->show(screen)) {
		die("the safe picture");
	}
	if (form == LEASE && drmModeRevokeLease(fd, lessee) != 0) {
		die("revoke");
	}
	return was_on;
}

static void tell(const char *name, const struct witness *witness, double from, double committed,
		uint32_t safe, const uint32_t pages[2], bool was_on, const char *allocates) {
	double seen = 0;
	int other = 0, compositor = 0;
	for (size_t i = 0; i < witness->count && seen == 0; i++) {
		const struct sample *sample = &witness->samples[i];
		bool is_page = sample->crc == pages[0] || sample->crc == pages[1];
		if (sample->at_ms > from) {
			seen = sample->crc == safe ? sample->at_ms : 0;
			compositor += is_page;
			other += !is_page && sample->crc != safe;
		}
	}
	printf("%s: committed after %.1f ms, read after %.1f ms; before it %d refreshes of the "
	       "compositor's last picture, %d of anything else; the head stayed %s; scan-out "
	       "buffers "
	       "as wlroots allocates them: %s\n",
			name, committed - from, seen - from, compositor, other,
			was_on ? "on" : "not on", allocates);
}

static void try_form(enum form form, const char *path) {
	static const char *const names[] = { "master", "lease", "shared" };
	struct screen *screen = screen_kms_create(path);
	if (screen == NULL) {
		exit(1);
	}
	struct screen_cards cards;
	screen->impl->cards(screen, &cards);
	int fd = cards.fds[0], lessee_fd = -1, pipe_fds[2];
	uint32_t lessee = 0;
	if (form == MASTER && drmDropMaster(fd) != 0) {
		die("drop master");
	}
	if (form == LEASE) {
		lessee_fd = lease_everything(fd, &lessee);
	}
	if (pipe(pipe_fds) != 0) {
		die("pipe");
	}
	pid_t pid = fork();
	if (pid == 0) {
		int own = form == LEASE ? lessee_fd : fd;
		if (form == MASTER) {
			close(fd);
			own = open(path, O_RDWR | O_CLOEXEC);
			drmSetMaster(own);
		}
		play_compositor(own, path, pipe_fds[1]);
	}
	if (lessee_fd >= 0) {
		close(lessee_fd);
	}
	close(pipe_fds[1]);
	FILE *told = fdopen(pipe_fds[0], "r");
	uint32_t pages[2];
	char allocates[64];
	if (told == NULL || fscanf(told, "%x %x %63[^\n]", &pages[0], &pages[1], allocates) != 3) {
		die("the compositor says nothing");
	}
	fclose(told);
	static struct witness witness;
	witness_start(&witness, atoi(path + strcspn(path, "0123456789")));
	wait_for(&witness, pages[1]);
	kill(pid, SIGSTOP);
	double from = now_ms();
	bool was_on = take_over(form, screen, fd, pid, lessee);
	double committed = now_ms();
	uint32_t safe = crc_of_safe_picture(fd);
	wait_for(&witness, safe);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	// Its death must not take the picture away.
	size_t before = witness.count;
	while (witness.count < before + 4) {
		poll(NULL, 0, 5);
	}
	wait_for(&witness, safe);
	witness.stop = true;
	pthread_join(witness.thread, NULL);
	tell(names[form], &witness, from, committed, safe, pages, was_on, allocates);
	screen->impl->destroy(screen);
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "usage: guard-forms /dev/dri/cardN\n");
		return 2;
	}
	try_form(SHARED, argv[1]);
	try_form(MASTER, argv[1]);
	try_form(LEASE, argv[1]);
	return 0;
}
