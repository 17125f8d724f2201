/*
 * type: types what it reads, line by line, on a virtual keyboard that is there until the input ends.
 *
 * WAYLAND_DISPLAY names a socket that may: the session owner's. Once the compositor has taken
 * every key of a line, it is printed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>
#include <xkbcommon/xkbcommon.h>

#include "virtual-keyboard-unstable-v1-client-protocol.h"

#define EVDEV_OFFSET 8

struct typist {
	struct wl_seat *seat;
	struct zwp_virtual_keyboard_manager_v1 *manager;
	struct zwp_virtual_keyboard_v1 *keyboard;
	struct wl_display *display;
	struct xkb_keymap *keymap;
	uint32_t time;
};

static void fail(const char *what) {
	fprintf(stderr, "type: %s\n", what);
	exit(1);
}

static void registry_global(void *data, struct wl_registry *registry, uint32_t name,
		const char *interface, uint32_t version) {
	struct typist *typist = data;
	if (strcmp(interface, wl_seat_interface.name) == 0 && typist->seat == NULL) {
		typist->seat = wl_registry_bind(registry, name, &wl_seat_interface, 1);
	} else if (strcmp(interface, zwp_virtual_keyboard_manager_v1_interface.name) == 0) {
		typist->manager = wl_registry_bind(registry, name,
				&zwp_virtual_keyboard_manager_v1_interface, 1);
	}
}

static void registry_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = registry_global,
	.global_remove = registry_remove,
};

static void send_keymap(struct typist *typist) {
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	const struct xkb_rule_names names = { .layout = "us" };
	typist->keymap = context != NULL
			? xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS)
			: NULL;
	if (typist->keymap == NULL) {
		fail("no keymap");
	}
	char *text = xkb_keymap_get_as_string(typist->keymap, XKB_KEYMAP_FORMAT_TEXT_V1);
	size_t size = strlen(text) + 1;
	int fd = memfd_create("keymap", MFD_CLOEXEC);
	if (fd < 0 || write(fd, text, size) != (ssize_t)size) {
		fail("no memory for the keymap");
	}
	zwp_virtual_keyboard_v1_keymap(typist->keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, fd,
			(uint32_t)size);
	close(fd);
	free(text);
	xkb_context_unref(context);
}

static void press(struct typist *typist, xkb_keycode_t code, bool shift) {
	uint32_t mods = shift ? 1u << xkb_keymap_mod_get_index(typist->keymap, XKB_MOD_NAME_SHIFT)
			      : 0;
	zwp_virtual_keyboard_v1_modifiers(typist->keyboard, mods, 0, 0, 0);
	zwp_virtual_keyboard_v1_key(typist->keyboard, typist->time++, code - EVDEV_OFFSET,
			WL_KEYBOARD_KEY_STATE_PRESSED);
	zwp_virtual_keyboard_v1_key(typist->keyboard, typist->time++, code - EVDEV_OFFSET,
			WL_KEYBOARD_KEY_STATE_RELEASED);
	zwp_virtual_keyboard_v1_modifiers(typist->keyboard, 0, 0, 0, 0);
	if (wl_display_roundtrip(typist->display) < 0) {
		fail("the compositor hung up");
	}
}

static bool makes(struct xkb_keymap *keymap, xkb_keycode_t code, xkb_level_index_t level,
		xkb_keysym_t want) {
	const xkb_keysym_t *syms;
	int count = xkb_keymap_key_get_syms_by_level(keymap, code, 0, level, &syms);
	return count == 1 && syms[0] == want;
}

static void type(struct typist *typist, char character) {
	xkb_keysym_t want = character == '\n' ? XKB_KEY_Return
					      : xkb_utf32_to_keysym((uint32_t)character);
	for (xkb_keycode_t code = xkb_keymap_min_keycode(typist->keymap);
			code <= xkb_keymap_max_keycode(typist->keymap); code++) {
		for (xkb_level_index_t level = 0; level < 2; level++) {
			if (makes(typist->keymap, code, level, want)) {
				press(typist, code, level == 1);
				return;
			}
		}
	}
	fail("a character that no key makes");
}

int main(void) {
	struct typist typist = { .display = wl_display_connect(NULL) };
	if (typist.display == NULL) {
		fail("no compositor at WAYLAND_DISPLAY");
	}
	struct wl_registry *registry = wl_display_get_registry(typist.display);
	wl_registry_add_listener(registry, &registry_listener, &typist);
	wl_display_roundtrip(typist.display);
	if (typist.seat == NULL || typist.manager == NULL) {
		fail("the compositor gives no virtual keyboard here");
	}
	typist.keyboard = zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(typist.manager,
			typist.seat);
	send_keymap(&typist);
	char line[512];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		for (const char *c = line; *c != '\0'; c++) {
			type(&typist, *c);
		}
		fputs(line, stdout);
		fflush(stdout);
	}
	zwp_virtual_keyboard_v1_destroy(typist.keyboard);
	zwp_virtual_keyboard_manager_v1_destroy(typist.manager);
	wl_seat_destroy(typist.seat);
	wl_registry_destroy(registry);
	wl_display_roundtrip(typist.display);
	xkb_keymap_unref(typist.keymap);
	wl_display_disconnect(typist.display);
	return 0;
}
