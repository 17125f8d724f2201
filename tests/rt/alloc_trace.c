/*
 * LD_PRELOAD: counts allocations by who asked for them. For the tests only.
 *
 * An allocation is the program's own when the innermost frame outside libc (which allocates for strdup,
 * asprintf, ... on behalf of its caller) lies in the program itself, and a library's when it lies in one. Counters
 * are in the file that ALLOC_TRACE names, mapped shared, so that a test reads them while the program runs:
 * see tests/rt/alloc_trace.py for the other end.
 */
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MODULES_MAX 128
#define SITES_MAX 512
#define DEPTH_MAX 24
#define NAME_MAX_BYTES 64

/** A place in the program that allocates: offset in the file, as addr2line takes it. 0: free. */
struct site {
	uint64_t offset, count;
};

struct trace {
	uint64_t module_count;
	struct {
		char name[NAME_MAX_BYTES]; // "" is the program
		uint64_t count;
	} modules[MODULES_MAX];
	struct site sites[SITES_MAX];
	uint64_t lost; // beyond the tables
};

struct range {
	uintptr_t start, end, base;
	int module;
	bool is_libc;
};

// The dynamic linker's allocations come before any constructor; a compositor's rules on globals are not a tool's.
static struct trace *trace;
static struct range ranges[MODULES_MAX * 4];
static int range_count;
static _Thread_local bool busy;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static int add_module(struct dl_phdr_info *info, size_t size, void *data) {
	if (trace->module_count == MODULES_MAX) {
		return 1;
	}
	int module = (int)trace->module_count++;
	const char *slash = strrchr(info->dlpi_name, '/');
	const char *name = slash != NULL ? slash + 1 : info->dlpi_name;
	strncpy(trace->modules[module].name, name, NAME_MAX_BYTES - 1);
	bool is_libc = strncmp(name, "libc.so", 7) == 0 || strncmp(name, "alloc_trace", 11) == 0
			|| strncmp(name, "liballoc_trace", 14) == 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		if (header->p_type == PT_LOAD && (header->p_flags & PF_X) != 0
				&& range_count < (int)(sizeof(ranges) / sizeof(ranges[0]))) {
			uintptr_t start = info->dlpi_addr + header->p_vaddr;
			ranges[range_count++] = (struct range){
				.start = start,
				.end = start + header->p_memsz,
				.base = info->dlpi_addr,
				.module = module,
				.is_libc = is_libc,
			};
		}
	}
	return 0;
}

/** Drivers are loaded late, so the list is read again when an address is in none of it. */
static void read_modules(void) {
	range_count = 0;
	uint64_t old = trace->module_count;
	trace->module_count = 0;
	dl_iterate_phdr(add_module, NULL);
	if (trace->module_count < old) {
		trace->module_count = old;
	}
}

static const struct range *find_range(uintptr_t address) {
	for (int i = 0; i < range_count; i++) {
		if (address >= ranges[i].start && address < ranges[i].end) {
			return &ranges[i];
		}
	}
	return NULL;
}

static void count_site(uint64_t offset) {
	for (size_t i = 0; i < SITES_MAX; i++) {
		struct site *site = &trace->sites[(offset / 4 + i) % SITES_MAX];
		uint64_t free_slot = 0;
		if (__atomic_load_n(&site->offset, __ATOMIC_RELAXED) == offset
				|| __atomic_compare_exchange_n(&site->offset, &free_slot, offset,
						false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)
				|| free_slot == offset) {
			__atomic_add_fetch(&site->count, 1, __ATOMIC_RELAXED);
			return;
		}
	}
	__atomic_add_fetch(&trace->lost, 1, __ATOMIC_RELAXED);
}

static void count(void) {
	if (trace == NULL || busy) {
		return;
	}
	busy = true; // backtrace() allocates when it is first used
	void *frames[DEPTH_MAX];
	int depth = backtrace(frames, DEPTH_MAX);
	const struct range *range = NULL;
	uintptr_t address = 0;
	for (int i = 0; i < depth; i++) {
		address = (uintptr_t)frames[i] - 1; // within the call, not behind it
		range = find_range(address);
		if (range == NULL) {
			read_modules();
			range = find_range(address);
		}
		if (range == NULL || !range->is_libc) {
			break;
		}
	}
	if (range == NULL) {
		__atomic_add_fetch(&trace->lost, 1, __ATOMIC_RELAXED);
	} else {
		__atomic_add_fetch(&trace->modules[range->module].count, 1, __ATOMIC_RELAXED);
		if (range->module == 0) {
			count_site(address - range->base);
		}
	}
	busy = false;
}

__attribute__((constructor)) static void begin(void) {
	const char *path = getenv("ALLOC_TRACE");
	int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	unsetenv("LD_PRELOAD"); // what the program starts is not traced
	unsetenv("ALLOC_TRACE");
	if (fd < 0 || ftruncate(fd, sizeof(struct trace)) != 0) {
		return;
	}
	void *map = mmap(NULL, sizeof(struct trace), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED) {
		busy = true;
		trace = map;
		read_modules();
		busy = false;
	}
}

void *malloc(size_t size) {
	count();
	return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
	count();
	return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
	count();
	return __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t number, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(number, size, &bytes)) {
		return NULL;
	}
	count();
	return __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t size) {
	count();
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size) {
	count();
	void *memory = __libc_memalign(alignment, size);
	if (memory != NULL) {
		*ret = memory;
	}
	return memory != NULL ? 0 : 12; // ENOMEM
}
