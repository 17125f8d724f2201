// uinput-touch NAME PHYS WIDTHxHEIGHT: a touchscreen that plays what stdin says. It lives until stdin ends.
//
//   down SLOT X Y    move SLOT X Y    up SLOT    tap X Y    (pixels; each line is one event frame, tap two)
//
// Prints "ready /dev/input/eventN" once udev has described the device, then "done LINE" after each line.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <linux/uinput.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SLOTS = 10 };

struct screen {
	int fd;
	int next_id;
	int down; // fingers
};

static bool set_axis(int fd, uint16_t code, int maximum, int resolution) {
	struct uinput_abs_setup axis = {
		.code = code,
		.absinfo = { .maximum = maximum, .resolution = resolution },
	};
	return ioctl(fd, UI_SET_ABSBIT, code) == 0 && ioctl(fd, UI_ABS_SETUP, &axis) == 0;
}

// About 5.6 pixels to the millimetre, as on a display 344 mm wide with 1920 pixels.
static bool create(struct screen *screen, const char *name, const char *phys, int width,
		int height) {
	const int resolution = 6;
	int fd = screen->fd;
	struct uinput_setup setup = {
		.id = { .bustype = BUS_VIRTUAL, .vendor = 0x424e, .product = 1, .version = 1 },
	};
	snprintf(setup.name, sizeof(setup.name), "%s", name);
	return ioctl(fd, UI_SET_EVBIT, EV_KEY) == 0 && ioctl(fd, UI_SET_EVBIT, EV_ABS) == 0
			&& ioctl(fd, UI_SET_KEYBIT, BTN_TOUCH) == 0
			&& ioctl(fd, UI_SET_PROPBIT, INPUT_PROP_DIRECT) == 0
			&& ioctl(fd, UI_SET_PHYS, phys) == 0
			&& set_axis(fd, ABS_X, width - 1, resolution)
			&& set_axis(fd, ABS_Y, height - 1, resolution)
			&& set_axis(fd, ABS_MT_SLOT, SLOTS - 1, 0)
			&& set_axis(fd, ABS_MT_TRACKING_ID, 65535, 0)
			&& set_axis(fd, ABS_MT_POSITION_X, width - 1, resolution)
			&& set_axis(fd, ABS_MT_POSITION_Y, height - 1, resolution)
			&& ioctl(fd, UI_DEV_SETUP, &setup) == 0 && ioctl(fd, UI_DEV_CREATE) == 0;
}

// /dev/input/eventN of the device, in path.
static bool find_node(const struct screen *screen, char *path, size_t size) {
	char sysname[64];
	if (ioctl(screen->fd, UI_GET_SYSNAME(sizeof(sysname)), sysname) < 0) {
		return false;
	}
	char directory[128];
	snprintf(directory, sizeof(directory), "/sys/devices/virtual/input/%s", sysname);
	DIR *entries = opendir(directory);
	bool found = false;
	for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
		if (strncmp(entry->d_name, "event", 5) == 0) {
			snprintf(path, size, "/dev/input/%s", entry->d_name);
			found = true;
		}
	}
	if (entries != NULL) {
		closedir(entries);
	}
	return found;
}

// A compositor learns of the device from udev, so it is ready when udev is.
static bool wait_for_udev(struct udev_monitor *monitor, const char *node) {
	struct pollfd ready = { .fd = udev_monitor_get_fd(monitor), .events = POLLIN };
	while (poll(&ready, 1, 5000) == 1) {
		struct udev_device *device = udev_monitor_receive_device(monitor);
		const char *seen = device != NULL ? udev_device_get_devnode(device) : NULL;
		bool same = seen != NULL && strcmp(seen, node) == 0;
		udev_device_unref(device);
		if (same) {
			return true;
		}
	}
	return false;
}

static bool emit(const struct screen *screen, uint16_t type, uint16_t code, int value) {
	struct input_event event = { .type = type, .code = code, .value = value };
	return write(screen->fd, &event, sizeof(event)) == sizeof(event);
}

static bool place(const struct screen *screen, int x, int y) {
	return emit(screen, EV_ABS, ABS_MT_POSITION_X, x)
			&& emit(screen, EV_ABS, ABS_MT_POSITION_Y, y)
			&& emit(screen, EV_ABS, ABS_X, x) && emit(screen, EV_ABS, ABS_Y, y);
}

static bool finger_down(struct screen *screen, int slot, int x, int y) {
	screen->down++;
	return emit(screen, EV_ABS, ABS_MT_SLOT, slot)
			&& emit(screen, EV_ABS, ABS_MT_TRACKING_ID, screen->next_id++)
			&& place(screen, x, y)
			&& (screen->down > 1 || emit(screen, EV_KEY, BTN_TOUCH, 1))
			&& emit(screen, EV_SYN, SYN_REPORT, 0);
}

static bool finger_up(struct screen *screen, int slot) {
	screen->down--;
	return emit(screen, EV_ABS, ABS_MT_SLOT, slot)
			&& emit(screen, EV_ABS, ABS_MT_TRACKING_ID, -1)
			&& (screen->down > 0 || emit(screen, EV_KEY, BTN_TOUCH, 0))
			&& emit(screen, EV_SYN, SYN_REPORT, 0);
}

static bool play(struct screen *screen, const char *line) {
	int slot, x, y;
	if (sscanf(line, "down %d %d %d", &slot, &x, &y) == 3) {
		return finger_down(screen, slot, x, y);
	}
	if (sscanf(line, "move %d %d %d", &slot, &x, &y) == 3) {
		return emit(screen, EV_ABS, ABS_MT_SLOT, slot) && place(screen, x, y)
				&& emit(screen, EV_SYN, SYN_REPORT, 0);
	}
	if (sscanf(line, "up %d", &slot) == 1) {
		return finger_up(screen, slot);
	}
	if (sscanf(line, "tap %d %d", &x, &y) == 2) {
		return finger_down(screen, 0, x, y) && finger_up(screen, 0);
	}
	errno = EINVAL;
	return false;
}

static int fail(const char *what) {
	fprintf(stderr, "uinput-touch: %s: %s\n", what, strerror(errno));
	return 1;
}

static int play_stdin(struct screen *screen) {
	char line[128];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0') {
			continue;
		}
		if (!play(screen, line)) {
			return fail(line);
		}
		printf("done %s\n", line);
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char *argv[]) {
	int width, height;
	if (argc != 4 || sscanf(argv[3], "%dx%d", &width, &height) != 2) {
		fprintf(stderr, "usage: uinput-touch NAME PHYS WIDTHxHEIGHT\n");
		return 2;
	}
	struct udev *udev = udev_new();
	struct udev_monitor *monitor = udev_monitor_new_from_netlink(udev, "udev");
	if (monitor == NULL
			|| udev_monitor_filter_add_match_subsystem_devtype(monitor, "input", NULL)
					< 0
			|| udev_monitor_enable_receiving(monitor) < 0) {
		return fail("udev");
	}
	struct screen screen = { .fd = open("/dev/uinput", O_WRONLY | O_CLOEXEC) };
	if (screen.fd < 0 || !create(&screen, argv[1], argv[2], width, height)) {
		return fail("/dev/uinput");
	}
	char node[300];
	if (!find_node(&screen, node, sizeof(node)) || !wait_for_udev(monitor, node)) {
		return fail("the event device does not appear");
	}
	printf("ready %s\n", node);
	fflush(stdout);
	int status = play_stdin(&screen);

	ioctl(screen.fd, UI_DEV_DESTROY);
	close(screen.fd);
	udev_monitor_unref(monitor);
	udev_unref(udev);
	return status;
}
