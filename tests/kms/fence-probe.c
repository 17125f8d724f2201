// fence-probe [--app-id NAME] [--card DRIVER] [--explicit]: a window of buffers that are finished when it is told so.
//
// Reads a command per line from stdin:
//   draw RRGGBB    commits a finished buffer of this colour
//   hold RRGGBB    commits a buffer that the GPU is said to work on still
//   signal         the GPU has finished the buffer that was held last
//   tree RRGGBB RRGGBB        commits finished buffers to a synchronized subsurface, the lower half of the window
//                             (second colour), and to the window (first colour), as one
//   tree-child RRGGBB RRGGBB  likewise, but the subsurface's buffer is held
//   tree-parent RRGGBB RRGGBB likewise, but the window's is
// and writes what happens to stdout:
//   committed RRGGBB, signalled, presented RRGGBB SEQUENCE [zero-copy], discarded RRGGBB, released RRGGBB
//
// The buffers are the card's own dumb buffers (vkms, or --card virtio_gpu) in linux-dmabuf. "Being worked on" is a
// write fence of vgem, or with --explicit an acquire point of a timeline; then a release is the release point's.

#include <drm_fourcc.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "gem.h"
#include "linux-dmabuf-v1-client-protocol.h"
#include "linux-drm-syncobj-v1-client-protocol.h"
#include "presentation-time-client-protocol.h"
#include "window.h"

#define BUFFERS 5

struct timeline {
	uint32_t syncobj;
	struct wp_linux_drm_syncobj_timeline_v1 *wl;
};

struct buffer {
	struct bn_gem_buffer gem;
	struct wl_buffer *wl;
	uint32_t color;
	bool busy;
	uint32_t fence; // implicit, that nobody has signalled yet; 0: none
	uint64_t point; // explicit: on both timelines
};

/** A surface with its buffers. */
struct pane {
	struct wl_surface *surface;
	int32_t width, height;
	struct buffer buffers[BUFFERS];
};

struct probe {
	struct bn_window window;
	const char *app_id, *driver;
	bool explicit_sync;
	int card, vgem;
	struct pane parent, child; // child: surface NULL until it is needed
	struct buffer *held;       // last
	struct timeline acquire, release;
	uint64_t point; // of the last commit, on both timelines
	struct wp_linux_drm_syncobj_surface_v1 *sync_surface;
};

struct commit {
	uint32_t color;
};

static void say(const char *what, uint32_t color) {
	printf("%s %06x\n", what, color);
	fflush(stdout);
}

static void handle_sync_output(void *data, struct wp_presentation_feedback *feedback,
		struct wl_output *output) {
}

static void handle_presented(void *data, struct wp_presentation_feedback *feedback,
		uint32_t sec_high, uint32_t sec_low, uint32_t nsec, uint32_t refresh,
		uint32_t sequence_high, uint32_t sequence_low, uint32_t flags) {
	struct commit *commit = data;
	printf("presented %06x %" PRIu64 "%s\n", commit->color,
			(uint64_t)sequence_high << 32 | sequence_low,
			flags & WP_PRESENTATION_FEEDBACK_KIND_ZERO_COPY ? " zero-copy" : "");
	fflush(stdout);
	free(commit);
	wp_presentation_feedback_destroy(feedback);
}

static void handle_discarded(void *data, struct wp_presentation_feedback *feedback) {
	struct commit *commit = data;
	say("discarded", commit->color);
	free(commit);
	wp_presentation_feedback_destroy(feedback);
}

static const struct wp_presentation_feedback_listener feedback_listener = {
	.sync_output = handle_sync_output,
	.presented = handle_presented,
	.discarded = handle_discarded,
};

static void handle_release(void *data, struct wl_buffer *wl) {
	struct buffer *buffer = data;
	buffer->busy = false;
	say("released", buffer->color);
}

static const struct wl_buffer_listener buffer_listener = { .release = handle_release };

static bool make_buffer(struct probe *probe, const struct pane *pane, struct buffer *buffer) {
	if (!bn_gem_buffer_init(&buffer->gem, probe->card, pane->width, pane->height)) {
		return false;
	}
	struct zwp_linux_buffer_params_v1 *params =
			zwp_linux_dmabuf_v1_create_params(probe->window.dmabuf);
	const uint64_t modifier = DRM_FORMAT_MOD_LINEAR;
	zwp_linux_buffer_params_v1_add(params, buffer->gem.dmabuf, 0, 0, buffer->gem.stride,
			(uint32_t)(modifier >> 32), (uint32_t)modifier);
	buffer->wl = zwp_linux_buffer_params_v1_create_immed(params, pane->width, pane->height,
			DRM_FORMAT_XRGB8888, 0);
	wl_buffer_add_listener(buffer->wl, &buffer_listener, buffer);
	zwp_linux_buffer_params_v1_destroy(params);
	return true;
}

static bool make_timeline(const struct probe *probe, struct timeline *timeline) {
	int fd = -1;
	if (drmSyncobjCreate(probe->card, 0, &timeline->syncobj) != 0
			|| drmSyncobjHandleToFD(probe->card, timeline->syncobj, &fd) != 0) {
		perror("timeline");
		return false;
	}
	timeline->wl = wp_linux_drm_syncobj_manager_v1_import_timeline(probe->window.syncobj, fd);
	close(fd);
	return true;
}

static bool is_signalled(const struct probe *probe, const struct timeline *timeline,
		uint64_t point) {
	uint32_t syncobj = timeline->syncobj, first = 0;
	return drmSyncobjTimelineWait(probe->card, &syncobj, &point, 1, 0,
			       DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT, &first)
			== 0;
}

/** Explicit: no wl_buffer.release comes, the timeline tells. */
static void collect_releases(struct probe *probe) {
	for (int i = 0; probe->explicit_sync && i < BUFFERS; i++) {
		struct buffer *buffer = &probe->parent.buffers[i];
		if (buffer->busy && is_signalled(probe, &probe->release, buffer->point)) {
			buffer->busy = false;
			say("released", buffer->color);
		}
	}
}

static struct buffer *free_buffer(struct probe *probe, struct pane *pane) {
	collect_releases(probe);
	for (int i = 0; i < BUFFERS; i++) {
		struct buffer *buffer = &pane->buffers[i];
		if (buffer->wl == NULL && !make_buffer(probe, pane, buffer)) {
			return NULL;
		}
		if (!buffer->busy) {
			return buffer;
		}
	}
	fprintf(stderr, "every buffer is with the compositor\n");
	return NULL;
}

static bool signal_fence(struct probe *probe, struct buffer *buffer) {
	uint32_t fence = buffer->fence;
	buffer->fence = 0;
	return fence == 0 || bn_gem_fence_signal(probe->vgem, fence);
}

static bool signal_newest(struct probe *probe) {
	bool signalled = probe->explicit_sync
			? drmSyncobjTimelineSignal(probe->card, &probe->acquire.syncobj,
					  &probe->point, 1)
					== 0
			: probe->held != NULL && signal_fence(probe, probe->held);
	if (signalled) {
		printf("signalled\n");
		fflush(stdout);
	}
	return signalled;
}

static void set_points(struct probe *probe, struct buffer *buffer) {
	buffer->point = ++probe->point;
	uint32_t high = (uint32_t)(probe->point >> 32), low = (uint32_t)probe->point;
	wp_linux_drm_syncobj_surface_v1_set_acquire_point(probe->sync_surface, probe->acquire.wl,
			high, low);
	wp_linux_drm_syncobj_surface_v1_set_release_point(probe->sync_surface, probe->release.wl,
			high, low);
}

static bool hold(struct probe *probe, struct buffer *buffer) {
	probe->held = buffer;
	return bn_gem_fence_attach(probe->vgem, buffer->gem.dmabuf, &buffer->fence);
}

static bool show(struct probe *probe, struct pane *pane, uint32_t color, bool held) {
	struct buffer *buffer = free_buffer(probe, pane);
	struct commit *commit = calloc(1, sizeof(*commit));
	if (buffer == NULL || commit == NULL) {
		free(commit);
		return false;
	}
	// Its last use may have been superseded before it was signalled.
	signal_fence(probe, buffer);
	bn_gem_buffer_fill(&buffer->gem, 0xff000000 | color);
	buffer->color = commit->color = color;
	buffer->busy = true;
	if (probe->explicit_sync) {
		set_points(probe, buffer);
	} else if (held && !hold(probe, buffer)) {
		free(commit);
		return false;
	}
	struct wl_surface *surface = pane->surface;
	wl_surface_attach(surface, buffer->wl, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, buffer->gem.width, buffer->gem.height);
	struct wp_presentation_feedback *feedback =
			wp_presentation_feedback(probe->window.presentation, surface);
	wp_presentation_feedback_add_listener(feedback, &feedback_listener, commit);
	wl_surface_commit(surface);
	say("committed", color);
	bool waits = held || !probe->explicit_sync;
	return waits || signal_newest(probe);
}

/** The lower half of the window. */
static bool make_child(struct probe *probe) {
	const struct bn_window *window = &probe->window;
	if (probe->child.surface != NULL) {
		return true;
	}
	if (window->subcompositor == NULL || probe->explicit_sync) {
		fprintf(stderr, "fence-probe: no trees here\n");
		return false;
	}
	probe->child = (struct pane){
		.surface = wl_compositor_create_surface(window->compositor),
		.width = window->width,
		.height = window->height / 2,
	};
	struct wl_subsurface *subsurface = wl_subcompositor_get_subsurface(window->subcompositor,
			probe->child.surface, window->surface);
	wl_subsurface_set_position(subsurface, 0, window->height - probe->child.height);
	return true;
}

/** What is committed to the child waits for the parent's commit. */
static bool show_tree(struct probe *probe, const uint32_t colors[2], const struct pane *held) {
	return make_child(probe) && show(probe, &probe->child, colors[1], held == &probe->child)
			&& show(probe, &probe->parent, colors[0], held == &probe->parent);
}

static bool obey(struct probe *probe, const char *line) {
	unsigned color = 0;
	uint32_t tree[2];
	if (sscanf(line, "draw %6x", &color) == 1) {
		return show(probe, &probe->parent, color, false);
	}
	if (sscanf(line, "hold %6x", &color) == 1) {
		return show(probe, &probe->parent, color, true);
	}
	if (sscanf(line, "tree %6x %6x", &tree[0], &tree[1]) == 2) {
		return show_tree(probe, tree, NULL);
	}
	if (sscanf(line, "tree-child %6x %6x", &tree[0], &tree[1]) == 2) {
		return show_tree(probe, tree, &probe->child);
	}
	if (sscanf(line, "tree-parent %6x %6x", &tree[0], &tree[1]) == 2) {
		return show_tree(probe, tree, &probe->parent);
	}
	if (strcmp(line, "signal\n") == 0) {
		return signal_newest(probe);
	}
	fprintf(stderr, "fence-probe: unknown command: %s", line);
	return false;
}

/** Reads what is there; commands are short and written whole. */
static bool obey_stdin(struct probe *probe) {
	char text[512];
	ssize_t size = read(STDIN_FILENO, text, sizeof(text) - 1);
	if (size <= 0) {
		return false;
	}
	text[size] = '\0';
	for (char *line = text; *line != '\0';) {
		char *end = strchr(line, '\n');
		if (end == NULL) {
			return false;
		}
		char command[32];
		snprintf(command, sizeof(command), "%.*s", (int)(end - line) + 1, line);
		if (!obey(probe, command)) {
			return false;
		}
		line = end + 1;
	}
	return true;
}

static bool set_up(struct probe *probe) {
	probe->card = bn_gem_open(probe->driver);
	probe->vgem = probe->explicit_sync ? -1 : bn_gem_open("vgem");
	if (probe->card < 0 || (!probe->explicit_sync && probe->vgem < 0)
			|| !bn_window_open(&probe->window, probe->app_id, false)) {
		return false;
	}
	struct bn_window *window = &probe->window;
	probe->parent = (struct pane){
		.surface = window->surface,
		.width = window->width,
		.height = window->height,
	};
	if (window->dmabuf == NULL || window->presentation == NULL
			|| (probe->explicit_sync && window->syncobj == NULL)) {
		fprintf(stderr, "fence-probe: the compositor lacks%s%s%s\n",
				window->dmabuf == NULL ? " linux-dmabuf" : "",
				window->presentation == NULL ? " presentation" : "",
				window->syncobj == NULL ? " linux-drm-syncobj" : "");
		return false;
	}
	if (!probe->explicit_sync) {
		return true;
	}
	probe->sync_surface = wp_linux_drm_syncobj_manager_v1_get_surface(window->syncobj,
			window->surface);
	return make_timeline(probe, &probe->acquire) && make_timeline(probe, &probe->release);
}

static bool parse(int argc, char **argv, struct probe *probe) {
	static const struct option table[] = {
		{ "app-id", required_argument, NULL, 'a' },
		{ "card", required_argument, NULL, 'c' },
		{ "explicit", no_argument, NULL, 'e' },
		{ 0 },
	};
	int option;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 'a':
			probe->app_id = optarg;
			break;
		case 'c':
			probe->driver = optarg;
			break;
		case 'e':
			probe->explicit_sync = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

int main(int argc, char **argv) {
	struct probe probe = { .app_id = "fence-probe", .driver = "vkms" };
	if (!parse(argc, argv, &probe)) {
		fprintf(stderr,
				"usage: fence-probe [--app-id NAME] [--card DRIVER] "
				"[--explicit]\n");
		return 2;
	}
	if (!set_up(&probe)) {
		return 1;
	}
	bool told = false, alive = true;
	while (alive) {
		alive = bn_window_turn(&probe.window, STDIN_FILENO, &told);
		collect_releases(&probe);
		alive = alive && (!told || obey_stdin(&probe));
	}
	int error = wl_display_get_error(probe.window.display);
	if (error != 0) {
		fprintf(stderr, "fence-probe: the connection ended: %s\n", strerror(error));
	}
	bn_window_close(&probe.window);
	return error != 0;
}
