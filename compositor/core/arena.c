#include "core/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)16 * 1024)

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

struct bn_arena {
	struct block *blocks; // the newest first; only the first is filled further
};

struct bn_arena *bn_arena_create(void) {
	return calloc(1, sizeof(struct bn_arena));
}

void bn_arena_destroy(struct bn_arena *arena) {
	if (arena == NULL) {
		return;
	}
	struct block *block = arena->blocks;
	while (block != NULL) {
		struct block *next = block->next;
		free(block);
		block = next;
	}
	free(arena);
}

static struct block *add_block(struct bn_arena *arena, size_t size) {
	struct block *block = calloc(1, sizeof(*block) + size);
	if (block == NULL) {
		return NULL;
	}
	block->size = size;
	bool is_oversized = size > BLOCK_SIZE && arena->blocks != NULL;
	if (is_oversized) {
		// Behind the first, so that the room left in the first is not lost.
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

void *bn_arena_alloc(struct bn_arena *arena, size_t size) {
	size_t align = alignof(max_align_t);
	if (size > SIZE_MAX / 2) {
		return NULL;
	}
	size = size == 0 ? align : (size + align - 1) / align * align;
	struct block *block = arena->blocks;
	if (block == NULL || block->size - block->used < size) {
		block = add_block(arena, size > BLOCK_SIZE ? size : BLOCK_SIZE);
		if (block == NULL) {
			return NULL;
		}
	}
	void *bytes = block->bytes + block->used;
	block->used += size;
	return bytes;
}

void *bn_arena_array(struct bn_arena *arena, size_t count, size_t size) {
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes)) {
		return NULL;
	}
	return bn_arena_alloc(arena, bytes);
}

char *bn_arena_strndup(struct bn_arena *arena, const char *text, size_t length) {
	char *copy = bn_arena_alloc(arena, length + 1);
	if (copy != NULL) {
		memcpy(copy, text, length);
	}
	return copy;
}

char *bn_arena_strdup(struct bn_arena *arena, const char *text) {
	return bn_arena_strndup(arena, text, strlen(text));
}

char *bn_arena_printf(struct bn_arena *arena, const char *format, ...) {
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = length < 0 ? NULL : bn_arena_alloc(arena, (size_t)length + 1);
	if (text != NULL) {
		va_start(args, format);
		vsnprintf(text, (size_t)length + 1, format, args);
		va_end(args);
	}
	return text;
}
