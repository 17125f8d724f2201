/*
 * Preloaded into weston: its headless back end has an interface for any number of displays, its program
 * makes one. Whoever registers that interface gets ours in front, which makes a display for each
 * name in $BENCH_OUTPUTS (separated by commas) where one was asked for. weston.ini knows them by name.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct weston_backend;
struct weston_compositor;
struct weston_output;

// As libweston's windowed-output-api.h has it since version 13.
struct windowed_output_api {
	int (*output_set_size)(struct weston_output *output, int width, int height);
	int (*create_head)(struct weston_backend *backend, const char *name);
};

int weston_plugin_api_register(struct weston_compositor *compositor, const char *name,
		const void *vtable, size_t size);

static const struct windowed_output_api *theirs;

static int create_heads(struct weston_backend *backend, const char *name) {
	char *names = strdup(getenv("BENCH_OUTPUTS") != NULL ? getenv("BENCH_OUTPUTS") : name);
	int status = names != NULL ? 0 : -1;
	char *rest = names;
	for (char *one; status == 0 && (one = strsep(&rest, ",")) != NULL;) {
		status = theirs->create_head(backend, one);
	}
	free(names);
	return status;
}

int weston_plugin_api_register(struct weston_compositor *compositor, const char *name,
		const void *vtable, size_t size) {
	static struct windowed_output_api ours;
	int (*next)(struct weston_compositor *, const char *, const void *, size_t);
	*(void **)&next = dlsym(RTLD_NEXT, "weston_plugin_api_register");
	if (strcmp(name, "weston_windowed_output_api_headless_v2") == 0 && size == sizeof(ours)) {
		theirs = vtable;
		ours = (struct windowed_output_api){ theirs->output_set_size, create_heads };
		vtable = &ours;
	}
	return next(compositor, name, vtable, size);
}
