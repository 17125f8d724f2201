#include <stdint.h>
#include <stdlib.h>

#include "core/layout_load.h"
#include "core/play.h"

/**
 * Any bytes as a layout, and as a scripted drive. Includes are resolved below a folder that does not
 * exist, so that nothing of this machine is read.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *__lsan_default_suppressions(void);

// libfyaml 0.9.4 loses a buffer when a long quoted text turns out to be broken; nothing of ours is
// allocated below its frames.
const char *__lsan_default_suppressions(void) {
	return "leak:libfyaml.so\n";
}

static void fuzz_layout(const char *text, size_t size) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_layout *layout =
			bn_layout_load_text(text, size, "/nowhere/fuzz.yaml", NULL, &diags);
	// A refusal speaks, and what is loaded can be asked.
	if (layout == NULL && bn_diag_list_errors(&diags) == 0) {
		abort();
	}
	for (size_t i = 0; layout != NULL && i < layout->zone_count; i++) {
		bn_layout_zone_box(layout, layout->order[i], 1920, 1080);
		bn_layout_zone_grants(layout, i, layout->app_count > 0 ? 0 : BN_NONE);
		if (layout->zones[i].display >= layout->display_count) {
			abort();
		}
	}
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
}

static void fuzz_play(const char *text, size_t size) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_play *play = bn_play_load_text(text, size, "/nowhere/fuzz.yaml", &diags);
	for (size_t i = 1; play != NULL && i < play->count; i++) {
		if (play->steps[i - 1].at_ns > play->steps[i].at_ns) {
			abort();
		}
	}
	bn_play_destroy(play);
	bn_diag_list_finish(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	fuzz_layout((const char *)data, size);
	fuzz_play((const char *)data, size);
	return 0;
}
