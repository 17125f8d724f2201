#include "proof_random.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/layout_check.h"
#include "core/layout_doc.h"
#include "core/layout_load_internal.h"
#include "proof_oracle.h"
#include "unit.h"

static void need(bool done, const char *what) {
	if (!done) {
		perror(what);
		abort();
	}
}

#define WIDTH 12
#define HEIGHT 8
#define MASKS 2

/** Two panels that lack a corner, or a line. */
struct masks {
	char folder[64], paths[MASKS][96];
	unsigned char pixels[MASKS][WIDTH * HEIGHT];
};

static void masks_create(struct masks *masks) {
	char folder[] = "/tmp/bn-proof-XXXXXX";
	need(mkdtemp(folder) != NULL, folder);
	memcpy(masks->folder, folder, sizeof(folder));
	memset(masks->pixels, 255, sizeof(masks->pixels));
	masks->pixels[0][0] = masks->pixels[0][1] = masks->pixels[0][WIDTH] = 0;
	for (int x = 0; x < WIDTH; x++) {
		masks->pixels[1][5 * WIDTH + x] = x > 8 ? 0 : 255;
	}
	for (int i = 0; i < MASKS; i++) {
		png_image image = { .version = PNG_IMAGE_VERSION,
			.width = WIDTH,
			.height = HEIGHT,
			.format = PNG_FORMAT_GRAY };
		snprintf(masks->paths[i], sizeof(masks->paths[i]), "%s/%d.png", folder, i);
		need(png_image_write_to_file(&image, masks->paths[i], 0, masks->pixels[i], 0, NULL),
				masks->paths[i]);
	}
}

static void masks_destroy(struct masks *masks) {
	for (int i = 0; i < MASKS; i++) {
		unlink(masks->paths[i]);
	}
	rmdir(masks->folder);
}

/** Layouts with much in them are mostly wrong in many ways; these have one way, or two. */
enum shape {
	WILD,
	SINGLE, // one zone
	TURNS,  // zones in one place, each for a value of its own; little else is wrong
	CHOICE, // a zone with an app for one value, and one for all others
};

static const enum shape shapes[] = { WILD, WILD, WILD, SINGLE, SINGLE, SINGLE, TURNS, TURNS,
	CHOICE };

struct draft {
	struct bn_random random;
	FILE *out;
	const struct masks *masks;
	const unsigned char *mask_of[3];
	int displays, zones, apps, signals;
	int grants[8]; // bits of apps; bit 7: all
	bool safety[8];
	int display_of[8];
	enum shape shape;
};

static int pick(struct draft *draft, int low, int high) {
	return bn_random_int(&draft->random, low, high);
}

static bool once_in(struct draft *draft, int n) {
	return bn_random_once_in(&draft->random, n);
}

static bool is_plain(const struct draft *draft) {
	return draft->shape == TURNS || draft->shape == CHOICE;
}

static void write_displays(struct draft *draft) {
	static const char *const transforms[] = { "normal", "90", "180", "270", "flipped",
		"flipped-90", "flipped-180", "flipped-270" };
	draft->displays = pick(draft, 1, 3);
	fprintf(draft->out, "binnacle: 1\ndisplays:\n");
	for (int i = 0; i < draft->displays; i++) {
		int mask = !is_plain(draft) && once_in(draft, 4) ? pick(draft, 0, MASKS - 1) : -1;
		const char *path = mask >= 0 ? draft->masks->paths[mask] : "";
		draft->mask_of[i] = mask >= 0 ? draft->masks->pixels[mask] : NULL;
		fprintf(draft->out,
				"  d%d: { mode: %dx%d, size-mm: [12, 8], criticality: safety, "
				"transform: "
				"%s, glass: { ",
				i, WIDTH, HEIGHT,
				once_in(draft, 3) ? transforms[pick(draft, 0, 7)] : "normal");
		if (mask >= 0) {
			fprintf(draft->out, "mask: %s, ", path);
		}
		if (!is_plain(draft) && once_in(draft, 6)) {
			fprintf(draft->out, "cut-outs: [%d, %d, 2, 1] ", pick(draft, 0, 10),
					pick(draft, 0, 7));
		}
		fprintf(draft->out, "} }\n");
	}
}

static void write_signals(struct draft *draft) {
	static const char *const initials[] = { "", "", "initial: 1", "initial: 5", "initial: A" };
	draft->signals = pick(draft, 1, 2);
	fprintf(draft->out, "signals:\n");
	for (int i = 0; i < draft->signals; i++) {
		fprintf(draft->out, "  s%d: { %s }\n", i, initials[pick(draft, 0, 4)]);
	}
}

static void write_condition(struct draft *draft) {
	static const char *const conditions[] = { "{ over: 4 }", "{ over: 4, until-under: 2 }",
		"{ over: 6, until-under: 2 }", "{ under: 4 }", "{ under: 2, until-over: 6 }", "2",
		"4", "[2, A]", "A", "B", "{ not: 4 }" };
	fprintf(draft->out, "s%d: %s", pick(draft, 0, draft->signals - 1),
			conditions[pick(draft, 0, (int)COUNT(conditions) - 1)]);
}

static void write_states(struct draft *draft) {
	fprintf(draft->out, "states:\n");
	for (int i = 0; i < 2; i++) {
		fprintf(draft->out, "  t%d: { ", i);
		write_condition(draft);
		fprintf(draft->out, " }\n");
	}
}

static void write_zone_rect(struct draft *draft) {
	int width = pick(draft, 2, 6), height = pick(draft, 2, 4);
	// Some reach beyond their display; none lies outside it, since that is no question of proof.
	int most_x = once_in(draft, 8) ? 7 : 8 - width;
	if (draft->shape == TURNS) {
		fprintf(draft->out, "rect: [1, 2, 4, 3]");
		return;
	}
	int x = pick(draft, 0, most_x), y = pick(draft, 0, 8 - height);
	fprintf(draft->out, "rect: [%d, %d, %d, %d]", x, y, width, height);
}

static void write_looks(struct draft *draft) {
	static const char *const transitions[] = { "fade 200ms", "slide-left 200ms",
		"slide-down 300ms", "slide-right 100ms", "slide-up 1ms" };
	if (!is_plain(draft) && once_in(draft, 24)) {
		fprintf(draft->out, ", opacity: 0.5");
	}
	if (!is_plain(draft) && once_in(draft, 24)) {
		fprintf(draft->out, ", dimmed: true");
	}
	if (draft->shape != CHOICE && once_in(draft, draft->shape == TURNS ? 2 : 4)) {
		fprintf(draft->out, ", transition: %s", transitions[pick(draft, 0, 4)]);
	}
}

static void write_grants(struct draft *draft, int zone) {
	bool is_spare = draft->safety[zone] && !once_in(draft, 4);
	int grants = draft->shape == TURNS       ? 1 << zone % 3
			: draft->shape == CHOICE ? 3
			: is_spare               ? 1 << pick(draft, 0, 2)
						 : pick(draft, 0, 7);
	bool is_open = !is_plain(draft) && once_in(draft, draft->safety[zone] ? 24 : 2);
	draft->grants[zone] = grants | (is_open ? 128 : 0);
	fprintf(draft->out, ", grant: [%s", is_open ? "'*', " : "");
	for (int i = 0; i < draft->apps; i++) {
		if ((grants >> i & 1) != 0) {
			fprintf(draft->out, "a%d, ", i);
		}
	}
	fprintf(draft->out, "]");
}

static void write_zones(struct draft *draft) {
	static const char *const layers[] = { "app", "alert", "safety", "safety", "telltale",
		"telltale" };
	draft->zones = draft->shape == SINGLE || draft->shape == CHOICE ? 1 : pick(draft, 2, 4);
	fprintf(draft->out, "zones:\n");
	for (int i = 0; i < draft->zones; i++) {
		int layer = is_plain(draft) ? 2 : pick(draft, draft->shape == SINGLE ? 2 : 0, 5);
		draft->safety[i] = layer >= 2;
		draft->display_of[i] =
				draft->shape == TURNS ? 0 : pick(draft, 0, draft->displays - 1);
		fprintf(draft->out, "  z%d: { display: d%d, layer: %s, ", i, draft->display_of[i],
				layers[layer]);
		write_zone_rect(draft);
		write_grants(draft, i);
		write_looks(draft);
		if (draft->safety[i] && once_in(draft, 6)) {
			fprintf(draft->out, ", min-symbol-mm: %d", pick(draft, 1, 3));
		}
		if (draft->shape == TURNS || (draft->shape != CHOICE && !once_in(draft, 3))) {
			fprintf(draft->out, ", visible: false");
		}
		bool has_backup = draft->displays > 1 && !once_in(draft, 4);
		if (has_backup && draft->safety[i]) {
			fprintf(draft->out, ", backup: b%d", i);
		}
		if (draft->safety[i] && !once_in(draft, 4)) {
			fprintf(draft->out, ", accept-loss: so be it");
		}
		fprintf(draft->out, " }\n");
		if (has_backup && draft->safety[i]) {
			int display = (draft->display_of[i] + pick(draft, 1, draft->displays - 1))
					% draft->displays;
			fprintf(draft->out, "  b%d: { display: d%d, ", i, display);
			write_zone_rect(draft);
			write_looks(draft);
			fprintf(draft->out, " }\n");
		}
	}
}

static void write_show(struct draft *draft, int zone) {
	int app = pick(draft, 0, draft->apps - 1);
	bool granted = (draft->grants[zone] >> app & 1) != 0;
	if (granted && !once_in(draft, 4)) {
		fprintf(draft->out, "z%d: a%d", zone, app);
	} else {
		fprintf(draft->out, "z%d: '*'", zone);
	}
}

static void write_rules(struct draft *draft) {
	fprintf(draft->out, "rules:\n");
	if (draft->shape == CHOICE) {
		fprintf(draft->out,
				"  - { when: { s0: 2 }, show: { z0: a0 } }\n"
				"  - { when: { s0: { not: 2 } }, show: { z0: a1 } }\n");
		return;
	}
	// Each zone is shown by one rule at least: hidden ones must be.
	static const char *const turns[] = { "2", "4", "6", "A" };
	int count = draft->zones + (draft->shape == TURNS ? 0 : pick(draft, 0, 2));
	for (int i = 0; i < count; i++) {
		fprintf(draft->out, "  - { ");
		int form = draft->shape == TURNS ? 10 : pick(draft, 0, 9);
		switch (form) {
		case 10:
			fprintf(draft->out, "when: { s0: %s }, ", turns[i]);
			break;
		case 0:
			break; // always
		case 1:
			fprintf(draft->out, "when: t%d, ", pick(draft, 0, 1));
			break;
		case 2:
			fprintf(draft->out, "when: { not: t%d }, ", pick(draft, 0, 1));
			break;
		case 3:
			fprintf(draft->out, "when: [t0, { ");
			write_condition(draft);
			fprintf(draft->out, " }], ");
			break;
		default:
			fprintf(draft->out, "when: { ");
			write_condition(draft);
			fprintf(draft->out, " }, ");
			break;
		}
		int zone = i < draft->zones ? i : pick(draft, 0, draft->zones - 1);
		if (i >= draft->zones && once_in(draft, 4)) {
			fprintf(draft->out, "hide: z%d }\n", zone);
			continue;
		}
		fprintf(draft->out, "show: { ");
		write_show(draft, zone);
		int other = pick(draft, 0, draft->zones - 1);
		if (once_in(draft, 5) && other != zone) {
			fprintf(draft->out, ", ");
			write_show(draft, other);
		}
		fprintf(draft->out, " }, ");
		if (once_in(draft, 8)) {
			fprintf(draft->out, "hide: z%d, ", pick(draft, 0, draft->zones - 1));
		}
		if (!once_in(draft, 4)) {
			fprintf(draft->out, "within: %dms, ", once_in(draft, 5) ? 150 : 300);
		}
		if (once_in(draft, draft->shape == TURNS ? 16 : 4)) {
			fprintf(draft->out, "linger: 2s, ");
		}
		fprintf(draft->out, "}\n");
	}
}

static char *write_layout(struct draft *draft) {
	char *text = NULL;
	size_t size = 0;
	draft->out = open_memstream(&text, &size);
	draft->apps = 3;
	draft->shape = shapes[pick(draft, 0, (int)COUNT(shapes) - 1)];
	write_displays(draft);
	write_signals(draft);
	write_states(draft);
	write_zones(draft);
	write_rules(draft);
	fprintf(draft->out,
			"apps: { a0: {}, a1: {}, a2: {} }\nthemes: { day: {}, night: { dim: 0.4 } "
			"}\n");
	fclose(draft->out);
	return text;
}

// --- one of them, by both -------------------------------------------------------------

static void report(FILE *out, int seed, const char *text, const struct bn_oracle *oracle,
		const struct bn_diag_list *diags) {
	fprintf(out, "# seed %d: the oracle says \"%s\", the proof:\n", seed, oracle->fault);
	for (size_t i = 0; i < diags->count; i++) {
		char *line = bn_diag_format(&diags->items[i]);
		fprintf(out, "# %s\n", line);
		free(line);
	}
	fprintf(out, "%s\n", text);
}

static void compare(struct bn_proof_random *run, int seed, const struct masks *masks) {
	struct draft draft = { .random = bn_random_seeded((uint64_t)seed), .masks = masks };
	char *text = write_layout(&draft);
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_arena *arena = bn_arena_create();
	struct bn_doc_source source = { .arena = arena, .diags = &diags };
	const struct bn_doc_node *doc =
			bn_doc_load_text(&source, text, strlen(text), "random.yaml");
	need(doc != NULL, text);
	const struct bn_layout *layout = bn_load_build(arena, doc, "random.yaml", false, &diags);
	need(layout != NULL && bn_diag_list_errors(&diags) == 0, text);
	struct bn_oracle oracle;
	bn_oracle_run(&oracle, layout, draft.mask_of);
	bool accepted = bn_layout_check(layout, NULL, &diags);
	bool agrees = accepted == (oracle.fault[0] == '\0');
	*(accepted ? &run->accepted : &run->refused) += 1;
	run->states += oracle.states;
	run->arrangements += oracle.arrangements;
	run->disagreements += !agrees;
	if (!agrees && run->report != NULL) {
		report(run->report, seed, text, &oracle, &diags);
	}
	bn_arena_destroy(arena);
	bn_diag_list_finish(&diags);
	free(text);
}

void bn_proof_random_run(struct bn_proof_random *run) {
	struct masks masks;
	masks_create(&masks);
	for (int i = 0; i < run->count; i++) {
		compare(run, run->first + i, &masks);
		if (run->disagreements > 0 && run->stops) {
			break;
		}
	}
	masks_destroy(&masks);
}
