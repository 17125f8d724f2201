#ifndef BN_TESTS_FAILING_H
#define BN_TESTS_FAILING_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Allocations that fail when told to. The linker wraps those of our own code
 * (--wrap=malloc,calloc,realloc, see meson.build); libraries keep theirs. Included
 * by one source of a test.
 */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static struct {
	long countdown; // allocations until one fails
	bool armed, has_failed;
} failing;

/** The nth allocation from now fails, counted from 0; those behind it succeed. */
static inline void fail_nth(long nth) {
	failing.countdown = nth;
	failing.armed = true;
	failing.has_failed = false;
}

/** Back to normal. Returns whether one failed. */
static inline bool fail_none(void) {
	failing.armed = false;
	return failing.has_failed;
}

static inline bool fails(void) {
	if (!failing.armed || failing.countdown-- != 0) {
		return false;
	}
	failing.has_failed = true;
	return true;
}

void *__wrap_malloc(size_t size) {
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
	return fails() ? NULL : __real_realloc(memory, size);
}

#endif
