#include "core/journal.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define FRAMES 8
#define NOTES 16

#define STAGED(text, function) \
	{ .name = text, .test_func = function, .setup_func = start, .teardown_func = finish }

static struct bn_journal journal;

static int start(void **state) {
	return bn_journal_init(&journal, FRAMES, NOTES) ? 0 : -1;
}

static int finish(void **state) {
	bn_journal_finish(&journal);
	return 0;
}

static void add_frames(int64_t from, int count) {
	for (int i = 0; i < count; i++) {
		const struct bn_journal_frame frame = { .wake_ns = from + i };
		bn_journal_add_frame(&journal, &frame);
	}
}

/** An image of all since then; free() it. */
static void *take(int64_t since, size_t *ret_size, struct bn_journal_view *ret_view) {
	*ret_size = bn_journal_image_size(&journal, since);
	void *image = malloc(*ret_size);
	assert_non_null(image);
	bn_journal_image_fill(&journal, since, 77, 99, image);
	assert_true(bn_journal_view(image, *ret_size, ret_view));
	return image;
}

static void test_wrap(void **state) {
	for (int count = 0; count < 3 * FRAMES; count++) {
		size_t size;
		struct bn_journal_view view;
		void *image = take(0, &size, &view);
		int kept = count < FRAMES ? count : FRAMES;
		assert_int_equal(view.head->frame_count, kept);
		for (int i = 0; i < kept; i++) {
			assert_int_equal(view.frames[i].wake_ns, 100 + count - kept + i);
		}
		free(image);
		add_frames(100 + count, 1);
	}
}

static void test_since(void **state) {
	size_t size;
	struct bn_journal_view view;
	add_frames(100, 6);
	struct bn_journal_note note = { .event = BN_JOURNAL_SKIP };
	for (note.at_ns = 100; note.at_ns < 130; note.at_ns++) {
		bn_journal_add_note(&journal, &note);
	}
	void *image = take(104, &size, &view);
	assert_int_equal(view.head->frame_count, 2);
	assert_int_equal(view.frames[0].wake_ns, 104);
	assert_int_equal(view.head->note_count, NOTES);
	assert_int_equal(view.notes[0].at_ns, 130 - NOTES);
	assert_int_equal(view.head->now_ns, 77);
	assert_int_equal(view.head->wall_ns, 99);
	free(image);
	image = take(1000, &size, &view);
	assert_int_equal(view.head->frame_count + view.head->note_count, 0);
	free(image);
}

static void test_tracks(void **state) {
	char owners[BN_JOURNAL_TRACKS + 1];
	const int most = BN_JOURNAL_TRACKS - 2;
	for (int i = 0; i < most; i++) {
		uint16_t track = bn_journal_begin(&journal, &owners[i], BN_JOURNAL_IS_CLIENT,
				"somebody", 10 + i);
		assert_int_equal(track, 2 + i);
		assert_int_equal(bn_journal_find(&journal, &owners[i]), track);
	}
	// Full: a newcomer is one of the others, and is found as that.
	assert_int_equal(bn_journal_begin(&journal, &owners[most], BN_JOURNAL_IS_CLIENT, "x", 500),
			BN_JOURNAL_OTHERS);
	assert_int_equal(bn_journal_find(&journal, &owners[most]), BN_JOURNAL_OTHERS);
	bn_journal_end(&journal, &owners[7], 601);
	bn_journal_end(&journal, &owners[5], 600);
	assert_int_equal(bn_journal_find(&journal, &owners[5]), BN_JOURNAL_OTHERS);
	// The one that ended first gives its place; what it was called until then is known.
	assert_string_equal(journal.tracks[2 + 5].name, "somebody");
	assert_int_equal(bn_journal_begin(&journal, &owners[most], BN_JOURNAL_IS_CLIENT, "new",
					 700),
			2 + 5);
	assert_string_equal(journal.tracks[2 + 5].name, "new");
	assert_int_equal(journal.tracks[2 + 5].begin_ns, 700);
	// Nobody owns the two that always exist.
	bn_journal_end(&journal, NULL, 800);
	assert_string_equal(journal.tracks[BN_JOURNAL_OTHERS].name, "other clients");
}

static void test_texts(void **state) {
	size_t size;
	struct bn_journal_view view;
	uint32_t first = bn_journal_text(&journal, "too many bytes");
	assert_int_equal(bn_journal_text(&journal, "too many bytes"), first);
	char text[2 * BN_JOURNAL_TEXT_MAX];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	uint32_t longest = bn_journal_text(&journal, text);
	assert_int_equal(bn_journal_text(&journal, text), longest);
	void *image = take(0, &size, &view);
	assert_string_equal(bn_journal_view_text(&view, first), "too many bytes");
	assert_int_equal(strlen(bn_journal_view_text(&view, longest)), BN_JOURNAL_TEXT_MAX - 1);
	assert_string_equal(bn_journal_view_text(&view, 0), "");
	free(image);
	for (int i = 0; i < BN_JOURNAL_TEXTS; i++) {
		snprintf(text, sizeof(text), "reason %d", i);
		bn_journal_text(&journal, text);
	}
	image = take(0, &size, &view);
	assert_string_equal(bn_journal_view_text(&view, first), "");
	free(image);
}

static void test_foreign(void **state) {
	size_t size;
	struct bn_journal_view view;
	add_frames(100, 3);
	const struct bn_journal_note note = { .at_ns = 5 };
	bn_journal_add_note(&journal, &note);
	unsigned char *image = take(0, &size, &view);
	assert_false(bn_journal_view(image, size - 1, &view));
	assert_false(bn_journal_view(image, 10, &view));
	assert_false(bn_journal_view(image, 0, &view));
	// Whatever is changed: it is refused, or what is followed from it leads somewhere.
	struct bn_random random = bn_random_seeded(7);
	for (int i = 0; i < 20000; i++) {
		size_t at = bn_random_next(&random) % (i % 2 == 0 ? 48 + 4 * 64 : size);
		unsigned char before = image[at];
		image[at] = (unsigned char)bn_random_next(&random);
		if (bn_journal_view(image, size, &view)) {
			for (uint32_t j = 0; j < view.head->frame_count; j++) {
				assert_true(view.frames[j].track < view.head->track_count);
			}
		}
		image[at] = before;
	}
	free(image);
}

static void test_memory(void **state) {
	size_t total = BN_JOURNAL_FRAMES * sizeof(struct bn_journal_frame)
			+ BN_JOURNAL_NOTES * sizeof(struct bn_journal_note)
			+ sizeof(struct bn_journal);
	assert_true(total < 1000 * 1000);
	// 30 s of three displays at 60 Hz and of five clients.
	assert_true(BN_JOURNAL_FRAMES >= 3 * 60 * 30);
	assert_true(BN_JOURNAL_NOTES >= 5 * 60 * 30);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		STAGED("the-oldest-frame-goes-first", test_wrap),
		STAGED("what-is-older-is-left-out", test_since),
		STAGED("a-place-is-given-away-after-its-end-only", test_tracks),
		STAGED("a-forgotten-text-is-nobody-elses", test_texts),
		STAGED("a-foreign-image-leads-nowhere", test_foreign),
		CASE("thirty-seconds-cost-less-than-a-megabyte", test_memory),
	};
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
