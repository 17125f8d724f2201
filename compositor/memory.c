#include "memory.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <wlr/util/log.h>

/** More than a frame has ever needed of it, by far. */
#define STACK_BYTES ((size_t)256 * 1024)

#define MAPPING_BYTES_MAX ((size_t)1 << 30)

/** What is locked first when not all may be. */
enum rank { PROGRAM, HEAP, LIBRARY, REST };

struct mapping {
	uintptr_t start, end;
	enum rank rank;
};

struct mappings {
	struct mapping *items; // owned
	size_t count, capacity;
	char program[PATH_MAX];
};

static bool append(struct mappings *mappings, struct mapping mapping) {
	if (mappings->count == mappings->capacity) {
		size_t capacity = mappings->capacity * 2 + 64;
		struct mapping *grown = reallocarray(mappings->items, capacity, sizeof(*grown));
		if (grown == NULL) {
			return false;
		}
		mappings->items = grown;
		mappings->capacity = capacity;
	}
	mappings->items[mappings->count++] = mapping;
	return true;
}

/** One line of /proc/self/maps; false: it is not to be locked. */
static bool read_mapping(const struct mappings *mappings, char *line, struct mapping *ret) {
	char access[5];
	int path_at = 0;
	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &ret->start, &ret->end, access, &path_at) < 3
			|| path_at == 0) {
		return false;
	}
	const char *path = line + path_at;
	// The stack is locked by itself: a locked one could not grow past RLIMIT_MEMLOCK.
	if (access[3] != 'p' || strncmp(access, "---", 3) == 0 || strcmp(path, "[stack]") == 0
			|| strncmp(path, "[v", 2) == 0) {
		return false;
	}
	// Nobody's working set: a sanitizer's shadow, a GPU driver's reserved addresses.
	if (ret->end - ret->start > MAPPING_BYTES_MAX) {
		return false;
	}
	ret->rank = strcmp(path, mappings->program) == 0 ? PROGRAM
			: strcmp(path, "[heap]") == 0    ? HEAP
			: path[0] == '/'                 ? LIBRARY
							 : REST;
	return true;
}

static int compare(const void *a, const void *b) {
	const struct mapping *left = a, *right = b;
	if (left->rank != right->rank) {
		return left->rank < right->rank ? -1 : 1;
	}
	size_t left_size = left->end - left->start, right_size = right->end - right->start;
	return (left_size > right_size) - (left_size < right_size);
}

static bool read_mappings(struct mappings *mappings) {
	ssize_t length = readlink("/proc/self/exe", mappings->program,
			sizeof(mappings->program) - 1);
	FILE *file = fopen("/proc/self/maps", "re");
	if (length < 0 || file == NULL) {
		if (file != NULL) {
			fclose(file);
		}
		return false;
	}
	mappings->program[length] = '\0';
	char *line = NULL;
	size_t size = 0;
	struct mapping mapping;
	bool good = true;
	while (good && getline(&line, &size, file) >= 0) {
		good = !read_mapping(mappings, line, &mapping) || append(mappings, mapping);
	}
	free(line);
	fclose(file);
	return good;
}

/** The part that is in use and STACK_BYTES below. It is its own lock: the mapping goes on growing beneath it. */
static size_t lock_stack(void) {
	char here[STACK_BYTES];
	memset(here, 0, sizeof(here));
	__asm__ volatile("" : : "r"(here) : "memory"); // or the compiler finds it unused
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = ((uintptr_t)here + page - 1) & ~(page - 1);
	return mlock((const void *)start, STACK_BYTES - page) == 0 ? STACK_BYTES - page : 0;
}

static bool lock(const struct mapping *mapping) {
	void *start = (void *)mapping->start;
	size_t size = mapping->end - mapping->start;
	if (mlock2(start, size, MLOCK_ONFAULT) != 0) {
		return false;
	}
	if (mapping->rank == PROGRAM) {
		// Older kernels have no such advice: the first frames read it in.
		madvise(start, size, MADV_POPULATE_READ);
	}
	return true;
}

void bn_memory_lock(void) {
	struct mappings mappings = { 0 };
	size_t all = STACK_BYTES, locked = lock_stack();
	size_t refused = locked == 0;
	if (read_mappings(&mappings)) {
		qsort(mappings.items, mappings.count, sizeof(mappings.items[0]), compare);
	}
	for (size_t i = 0; i < mappings.count; i++) {
		size_t size = mappings.items[i].end - mappings.items[i].start;
		bool done = lock(&mappings.items[i]);
		all += size;
		locked += done ? size : 0;
		refused += !done;
	}
	free(mappings.items);
	if (refused > 0) {
		struct rlimit limit = { 0 };
		getrlimit(RLIMIT_MEMLOCK, &limit);
		wlr_log(WLR_INFO,
				"memory: %zu of %zu KiB locked, as RLIMIT_MEMLOCK (%llu KiB) "
				"allows no more",
				locked / 1024, all / 1024,
				(unsigned long long)limit.rlim_cur / 1024);
	} else {
		wlr_log(WLR_INFO, "memory: what is used of %zu KiB is locked", locked / 1024);
	}
}
