#include <stdalign.h>
#include <string.h>

#include "core/arena.h"
#include "unit.h"

static void memory_is_zeroed_aligned_and_apart(void **state) {
	struct bn_arena *arena = bn_arena_create();
	struct bn_random random = bn_random_seeded(1);
	unsigned char *blocks[500];
	size_t sizes[500];
	for (size_t i = 0; i < COUNT(blocks); i++) {
		sizes[i] = bn_random_next(&random) % (i % 20 == 0 ? 40000 : 200);
		blocks[i] = bn_arena_alloc(arena, sizes[i]);
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % alignof(max_align_t), 0);
		for (size_t j = 0; j < sizes[i]; j++) {
			assert_int_equal(blocks[i][j], 0);
		}
		memset(blocks[i], (int)(i % 255) + 1, sizes[i]);
	}
	for (size_t i = 0; i < COUNT(blocks); i++) {
		for (size_t j = 0; j < sizes[i]; j++) {
			assert_int_equal(blocks[i][j], i % 255 + 1);
		}
	}
	bn_arena_destroy(arena);
}

static void sizes_that_overflow_are_refused(void **state) {
	struct bn_arena *arena = bn_arena_create();
	assert_null(bn_arena_alloc(arena, SIZE_MAX));
	assert_null(bn_arena_alloc(arena, SIZE_MAX / 2 + 1));
	assert_null(bn_arena_array(arena, SIZE_MAX / 4, 8));
	assert_non_null(bn_arena_array(arena, 0, 8));
	assert_non_null(bn_arena_alloc(arena, 0));
	bn_arena_destroy(arena);
}

static void text_is_copied_and_ended(void **state) {
	struct bn_arena *arena = bn_arena_create();
	char text[] = "speed";
	char *part = bn_arena_strndup(arena, text, 3), *all = bn_arena_strdup(arena, text);
	text[0] = 'X';
	assert_string_equal(part, "spe");
	assert_string_equal(all, "speed");
	assert_string_equal(bn_arena_printf(arena, "%s-%d", all, 42), "speed-42");
	bn_arena_destroy(arena);
	bn_arena_destroy(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("memory-is-zeroed-aligned-and-apart", memory_is_zeroed_aligned_and_apart),
		CASE("sizes-that-overflow-are-refused", sizes_that_overflow_are_refused),
		CASE("text-is-copied-and-ended", text_is_copied_and_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
