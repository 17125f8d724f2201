#ifndef BN_CORE_ARENA_H
#define BN_CORE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/**
 * Memory that is freed as a whole: a layout, a parsed document.
 *
 * Not thread safe. A failed allocation returns NULL and leaves the arena usable;
 * the caller decides what that means.
 */
struct bn_arena;

/** NULL when out of memory. */
struct bn_arena *bn_arena_create(void);
void bn_arena_destroy(struct bn_arena *arena);

/** `size` zeroed bytes, aligned for any type; never NULL for size 0 but when out of memory. */
void *bn_arena_alloc(struct bn_arena *arena, size_t size);
/** As calloc: NULL also when count * size overflows. */
void *bn_arena_array(struct bn_arena *arena, size_t count, size_t size);
/** A NUL-terminated copy of `length` bytes. */
char *bn_arena_strndup(struct bn_arena *arena, const char *text, size_t length);
char *bn_arena_strdup(struct bn_arena *arena, const char *text);
char *bn_arena_printf(struct bn_arena *arena, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif
