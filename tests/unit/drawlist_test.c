#include "core/drawlist.h"

#include <math.h>
#include <string.h>

#include "unit.h"

/**
 * The oracle paints px by px. It knows nothing of regions: a px's picture is a
 * number made from everything that was painted onto it, in order, so that any
 * difference in what is drawn, how, or in which order shows.
 */
enum { WIDTH = 32, HEIGHT = 20, MAX_ITEMS = 9 };

struct model_item {
	struct bn_draw_item item;
	uint16_t content[HEIGHT][WIDTH]; // what the entry shows, in its own coordinates
	struct bn_rect damage;           // of this frame, in its own coordinates
};

struct model {
	struct model_item items[MAX_ITEMS]; // bottom to top
	size_t count;
	uint64_t next_key;
	uint16_t next_content;
};

typedef uint64_t picture[HEIGHT][WIDTH];
typedef bool mask[HEIGHT][WIDTH];

static bool inside(const struct bn_rect *rect, int x, int y) {
	return x >= rect->x && y >= rect->y && x < rect->x + rect->width
			&& y < rect->y + rect->height;
}

static bool is_drawn(const struct bn_draw_item *item, int x, int y) {
	return item->alpha > 0 && inside(&item->box, x, y) && inside(&item->clip, x, y);
}

static bool is_in_corner(const struct bn_draw_item *item, int x, int y) {
	const struct bn_rect *s = &item->shape;
	int r = (int)ceilf(item->radius);
	bool at_side = x < s->x + r || x >= s->x + s->width - r;
	bool at_end = y < s->y + r || y >= s->y + s->height - r;
	return at_side && at_end;
}

static bool is_opaque(const struct bn_draw_item *item, int x, int y) {
	if (!is_drawn(item, x, y) || item->alpha < 1) {
		return false;
	}
	if (item->radius > 0 && (!inside(&item->shape, x, y) || is_in_corner(item, x, y))) {
		return false;
	}
	return item->opaque || inside(&item->opaque_box, x, y);
}

static uint64_t mix(uint64_t a, uint64_t b) {
	a = (a ^ b) * UINT64_C(0xff51afd7ed558ccd);
	return a ^ (a >> 33);
}

static uint64_t pack(int32_t a, int32_t b) {
	return (uint64_t)(uint32_t)a << 32 | (uint32_t)b;
}

/** Everything that makes an entry look as it does at this px. */
static uint64_t colour(const struct model_item *model, int x, int y) {
	const struct bn_draw_item *item = &model->item;
	uint64_t c = mix(item->key, item->version);
	c = mix(c, model->content[y - item->box.y][x - item->box.x]);
	c = mix(c, pack(x - item->box.x, y - item->box.y));
	c = mix(c, (uint64_t)(item->alpha * 1000));
	if (item->radius > 0 && (is_in_corner(item, x, y) || !inside(&item->shape, x, y))) {
		c = mix(c, (uint64_t)(item->radius * 10));
		c = mix(c, pack(x - item->shape.x, y - item->shape.y));
		c = mix(c, pack(item->shape.width, item->shape.height));
	}
	return c;
}

static uint64_t painted(uint64_t below, const struct model_item *model, int x, int y, bool blend) {
	bool replaces = !blend || is_opaque(&model->item, x, y);
	uint64_t c = colour(model, x, y);
	return replaces ? c : mix(mix(below, c), 1);
}

static void paint_all(const struct model *model, picture canvas) {
	memset(canvas, 0, sizeof(picture));
	for (size_t i = 0; i < model->count; i++) {
		for (int y = 0; y < HEIGHT; y++) {
			for (int x = 0; x < WIDTH; x++) {
				if (is_drawn(&model->items[i].item, x, y)) {
					canvas[y][x] = painted(canvas[y][x], &model->items[i], x, y,
							true);
				}
			}
		}
	}
}

static void rasterise(const pixman_region32_t *region, mask set) {
	memset(set, 0, sizeof(mask));
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &count);
	for (int i = 0; i < count; i++) {
		assert_true(boxes[i].x1 >= 0 && boxes[i].y1 >= 0);
		assert_true(boxes[i].x2 <= WIDTH && boxes[i].y2 <= HEIGHT);
		for (int y = boxes[i].y1; y < boxes[i].y2; y++) {
			for (int x = boxes[i].x1; x < boxes[i].x2; x++) {
				set[y][x] = true;
			}
		}
	}
}

/** Draws as a renderer does: the damaged part of what is visible of each op, blended where it says so. */
static void paint_damage(const struct bn_drawlist *list, const struct model *model,
		picture canvas) {
	mask damaged, visible;
	rasterise(&list->damage, damaged);
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			canvas[y][x] = damaged[y][x] ? 0 : canvas[y][x];
		}
	}
	for (size_t i = 0; i < list->count; i++) {
		rasterise(&list->ops[i].visible, visible);
		const struct model_item *item = list->ops[i].item.user;
		assert_ptr_equal(item, &model->items[i]);
		for (int y = 0; y < HEIGHT; y++) {
			for (int x = 0; x < WIDTH; x++) {
				if (visible[y][x] && damaged[y][x]) {
					canvas[y][x] = painted(canvas[y][x], item, x, y,
							list->ops[i].blend);
				}
			}
		}
	}
}

/**
 * What can be seen at each px: the looks of all visible entries, bottom to top. Damage is exactly where this
 * differs from the frame before, or a visible entry's content is damaged.
 */
static void stack_of(const struct model *model, picture stacks) {
	memset(stacks, 0, sizeof(picture));
	for (size_t i = 0; i < model->count; i++) {
		const struct bn_draw_item *item = &model->items[i].item;
		uint64_t look = mix(mix(item->key, item->version), (uint64_t)(item->alpha * 1000));
		const struct bn_rect *rects[] = { &item->box, &item->clip, &item->shape };
		for (size_t j = 0; j < (item->radius > 0 ? 3 : 2); j++) {
			look = mix(look, pack(rects[j]->x, rects[j]->y));
			look = mix(look, pack(rects[j]->width, rects[j]->height));
		}
		if (!item->opaque) {
			look = mix(look, pack(item->opaque_box.x, item->opaque_box.y));
			look = mix(look, pack(item->opaque_box.width, item->opaque_box.height));
		}
		look = mix(look, (uint64_t)(item->radius * 10));
		for (int y = 0; y < HEIGHT; y++) {
			for (int x = 0; x < WIDTH; x++) {
				if (is_drawn(item, x, y)) {
					uint64_t below = is_opaque(item, x, y) ? 7 : stacks[y][x];
					stacks[y][x] = mix(mix(below, look), 3);
				}
			}
		}
	}
}

static bool is_hidden(const struct model *model, size_t index, int x, int y) {
	for (size_t i = index + 1; i < model->count; i++) {
		if (is_opaque(&model->items[i].item, x, y)) {
			return true;
		}
	}
	return false;
}

static bool content_is_damaged(const struct model *model, int x, int y) {
	for (size_t i = 0; i < model->count; i++) {
		const struct model_item *item = &model->items[i];
		int bx = x - item->item.box.x, by = y - item->item.box.y;
		if (is_drawn(&item->item, x, y) && inside(&item->damage, bx, by)
				&& !is_hidden(model, i, x, y)) {
			return true;
		}
	}
	return false;
}

static void check_visible(const struct bn_drawlist *list, const struct model *model) {
	mask visible;
	for (size_t i = 0; i < list->count; i++) {
		rasterise(&list->ops[i].visible, visible);
		bool all_opaque = true;
		for (int y = 0; y < HEIGHT; y++) {
			for (int x = 0; x < WIDTH; x++) {
				const struct bn_draw_item *item = &model->items[i].item;
				bool expected = is_drawn(item, x, y) && !is_hidden(model, i, x, y);
				if (visible[y][x] != expected) {
					fail_msg("entry %zu at %d,%d: visible %d", i, x, y,
							visible[y][x]);
				}
				all_opaque = all_opaque && (!expected || is_opaque(item, x, y));
			}
		}
		if (pixman_region32_not_empty(&list->ops[i].visible)) {
			assert_int_equal(list->ops[i].blend, !all_opaque);
		}
	}
}

static void check_damage(const struct bn_drawlist *list, const struct model *model, bool whole,
		picture before, picture now) {
	mask damaged;
	rasterise(&list->damage, damaged);
	for (int y = 0; y < HEIGHT; y++) {
		for (int x = 0; x < WIDTH; x++) {
			bool expected = whole || before[y][x] != now[y][x]
					|| content_is_damaged(model, x, y);
			if (damaged[y][x] != expected) {
				fail_msg("at %d,%d: damaged %d", x, y, damaged[y][x]);
			}
		}
	}
}

static void add_items(struct bn_drawlist *list, struct model *model) {
	for (size_t i = 0; i < model->count; i++) {
		struct model_item *item = &model->items[i];
		item->item.user = item;
		pixman_region32_t damage;
		pixman_region32_init_rect(&damage, item->item.box.x + item->damage.x,
				item->item.box.y + item->damage.y, (unsigned)item->damage.width,
				(unsigned)item->damage.height);
		bool some = item->damage.width > 0;
		assert_true(bn_drawlist_add(list, &item->item, some ? &damage : NULL));
		pixman_region32_fini(&damage);
	}
}

// --- random operations ------------------------------------------------------

static struct bn_rect random_rect(struct bn_random *random) {
	return (struct bn_rect){
		bn_random_int(random, -6, WIDTH - 2),
		bn_random_int(random, -6, HEIGHT - 2),
		bn_random_int(random, 1, WIDTH),
		bn_random_int(random, 1, HEIGHT),
	};
}

static void randomise_item(struct bn_random *random, struct bn_draw_item *item) {
	item->version++;
	item->box = random_rect(random);
	item->clip = bn_random_once_in(random, 3) ? random_rect(random) : item->box;
	item->opaque = bn_random_once_in(random, 2);
	item->opaque_box =
			bn_random_once_in(random, 2) ? random_rect(random) : (struct bn_rect){ 0 };
	item->alpha = bn_random_once_in(random, 5) ? (float)bn_random_int(random, 0, 3) / 4 : 1;
	item->radius = bn_random_once_in(random, 3) ? (float)bn_random_int(random, 1, 40) / 4 : 0;
	item->shape = bn_random_once_in(random, 4) ? random_rect(random) : item->box;
}

/** Puts it where its layer allows, below, between or above its equals. */
static void insert_item(struct bn_random *random, struct model *model,
		const struct model_item *item) {
	size_t low = 0, high;
	while (low < model->count && model->items[low].item.layer < item->item.layer) {
		low++;
	}
	high = low;
	while (high < model->count && model->items[high].item.layer == item->item.layer) {
		high++;
	}
	size_t at = (size_t)bn_random_int(random, (int)low, (int)high);
	memmove(&model->items[at + 1], &model->items[at],
			(model->count - at) * sizeof(model->items[0]));
	model->items[at] = *item;
	model->count++;
}

static struct model_item take_item(struct bn_random *random, struct model *model) {
	size_t at = (size_t)bn_random_int(random, 0, (int)model->count - 1);
	struct model_item item = model->items[at];
	model->count--;
	memmove(&model->items[at], &model->items[at + 1],
			(model->count - at) * sizeof(model->items[0]));
	return item;
}

static void op_appear(struct bn_random *random, struct model *model) {
	if (model->count == MAX_ITEMS) {
		return;
	}
	struct model_item item = { 0 };
	item.item.key = ++model->next_key;
	item.item.layer = (enum bn_layer)bn_random_int(random, 0, 2);
	randomise_item(random, &item.item);
	insert_item(random, model, &item);
}

static void op_vanish(struct bn_random *random, struct model *model) {
	if (model->count > 0) {
		take_item(random, model);
	}
}

static void op_restack(struct bn_random *random, struct model *model) {
	if (model->count > 0) {
		struct model_item item = take_item(random, model);
		insert_item(random, model, &item);
	}
}

static void op_restyle(struct bn_random *random, struct model *model) {
	if (model->count > 0) {
		size_t at = (size_t)bn_random_int(random, 0, (int)model->count - 1);
		randomise_item(random, &model->items[at].item);
	}
}

/** The corners alone: the entry's version is for what its box does not tell. */
static void op_round(struct bn_random *random, struct model *model) {
	if (model->count > 0) {
		size_t at = (size_t)bn_random_int(random, 0, (int)model->count - 1);
		model->items[at].item.radius = (float)bn_random_int(random, 0, 24) / 4;
	}
}

static void op_opacity(struct bn_random *random, struct model *model) {
	if (model->count > 0) {
		size_t at = (size_t)bn_random_int(random, 0, (int)model->count - 1);
		struct bn_draw_item *item = &model->items[at].item;
		item->opaque = bn_random_once_in(random, 2);
		item->opaque_box = random_rect(random);
	}
}

static void op_move(struct bn_random *random, struct model *model) {
	if (model->count > 0) {
		struct bn_draw_item *item =
				&model->items[bn_random_int(random, 0, (int)model->count - 1)].item;
		int dx = bn_random_int(random, -3, 3), dy = bn_random_int(random, -3, 3);
		item->box.x += dx;
		item->box.y += dy;
		item->shape.x += dx;
		item->shape.y += dy;
	}
}

static void op_content(struct bn_random *random, struct model *model) {
	if (model->count == 0) {
		return;
	}
	struct model_item *item = &model->items[bn_random_int(random, 0, (int)model->count - 1)];
	struct bn_rect all = { 0, 0, item->item.box.width, item->item.box.height };
	struct bn_rect wanted = random_rect(random);
	if (item->damage.width > 0) {
		return; // one rect a frame is enough
	}
	item->damage = bn_rect_intersect(&all, &wanted);
	model->next_content++;
	for (int y = 0; y < item->damage.height; y++) {
		for (int x = 0; x < item->damage.width; x++) {
			item->content[item->damage.y + y][item->damage.x + x] = model->next_content;
		}
	}
}

static void op_nothing(struct bn_random *random, struct model *model) {
}

static void (*const operations[])(struct bn_random *random, struct model *model) = {
	op_appear,
	op_appear,
	op_vanish,
	op_restack,
	op_restack,
	op_restyle,
	op_round,
	op_opacity,
	op_move,
	op_content,
	op_content,
	op_nothing,
};

static void run_sequence(uint64_t seed) {
	struct bn_random random = bn_random_seeded(seed);
	struct model model = { 0 };
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	picture canvas = { { 0 } }, full, stacks[2] = { { { 0 } } };
	for (int frame = 0; frame < 5; frame++) {
		bool whole = frame == 0;
		int count = bn_random_int(&random, frame == 0 ? 4 : 0, frame == 0 ? 8 : 3);
		for (int i = 0; i < count; i++) {
			size_t op = (size_t)bn_random_int(&random, 0, (int)COUNT(operations) - 1);
			operations[frame == 0 ? 0 : op](&random, &model);
		}
		if (bn_random_once_in(&random, 20)) {
			bn_drawlist_invalidate(&list);
			memset(canvas, 0xee, sizeof(canvas));
			whole = true;
		}
		bn_drawlist_begin(&list, WIDTH, HEIGHT);
		add_items(&list, &model);
		bn_drawlist_end(&list);
		stack_of(&model, stacks[frame % 2]);
		check_visible(&list, &model);
		check_damage(&list, &model, whole, stacks[(frame + 1) % 2], stacks[frame % 2]);
		paint_damage(&list, &model, canvas);
		paint_all(&model, full);
		if (memcmp(canvas, full, sizeof(full)) != 0) {
			fail_msg("seed %llu, frame %d: the damaged part does not complete the "
				 "picture",
					(unsigned long long)seed, frame);
		}
		for (size_t i = 0; i < model.count; i++) {
			model.items[i].damage = (struct bn_rect){ 0 };
		}
	}
	bn_drawlist_finish(&list);
}

static void test_random(void **state) {
	for (uint64_t seed = 0; seed < 2000; seed++) {
		run_sequence(seed);
	}
}

// --- single faults ----------------------------------------------------------

static struct bn_draw_item opaque_item(uint64_t key, struct bn_rect box) {
	return (struct bn_draw_item){
		.key = key,
		.version = 1,
		.layer = BN_LAYER_APP,
		.box = box,
		.clip = box,
		.opaque = true,
		.alpha = 1,
	};
}

static void draw(struct bn_drawlist *list, const struct bn_draw_item *items, size_t count) {
	bn_drawlist_begin(list, WIDTH, HEIGHT);
	for (size_t i = 0; i < count; i++) {
		assert_true(bn_drawlist_add(list, &items[i], NULL));
	}
	bn_drawlist_end(list);
}

static int64_t area(const pixman_region32_t *region) {
	int count;
	int64_t sum = 0;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &count);
	for (int i = 0; i < count; i++) {
		sum += (int64_t)(boxes[i].x2 - boxes[i].x1) * (boxes[i].y2 - boxes[i].y1);
	}
	return sum;
}

static void test_still(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item items[] = {
		opaque_item(1, (struct bn_rect){ 0, 0, 10, 10 }),
		opaque_item(2, (struct bn_rect){ 4, 4, 10, 10 }),
	};
	draw(&list, items, 2);
	assert_int_equal(area(&list.damage), WIDTH * HEIGHT);
	draw(&list, items, 2);
	assert_int_equal(area(&list.damage), 0);
	bn_drawlist_finish(&list);
}

static void test_occluded_damage(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item items[] = {
		opaque_item(1, (struct bn_rect){ 2, 2, 4, 4 }),
		opaque_item(2, (struct bn_rect){ 0, 0, 10, 10 }),
	};
	draw(&list, items, 2);
	items[0].version++;
	draw(&list, items, 2);
	assert_int_equal(area(&list.damage), 0);
	assert_false(pixman_region32_not_empty(&list.ops[0].visible));
	draw(&list, &items[1], 1);
	assert_int_equal(area(&list.damage), 0);
	bn_drawlist_finish(&list);
}

static void test_moved(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item item = opaque_item(1, (struct bn_rect){ 0, 0, 4, 4 });
	draw(&list, &item, 1);
	item.box.x = item.clip.x = 10;
	draw(&list, &item, 1);
	assert_int_equal(area(&list.damage), 32);
	bn_drawlist_finish(&list);
}

static void test_new_size(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item item = opaque_item(1, (struct bn_rect){ 0, 0, 4, 4 });
	draw(&list, &item, 1);
	bn_drawlist_begin(&list, 7, 5);
	assert_true(bn_drawlist_add(&list, &item, NULL));
	bn_drawlist_end(&list);
	assert_int_equal(area(&list.damage), 35);
	bn_drawlist_finish(&list);
}

static void test_abandoned(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item item = opaque_item(1, (struct bn_rect){ 0, 0, 4, 4 });
	draw(&list, &item, 1);
	bn_drawlist_begin(&list, WIDTH, HEIGHT);
	draw(&list, &item, 1);
	assert_int_equal(area(&list.damage), WIDTH * HEIGHT);
	bn_drawlist_finish(&list);
}

static void test_far_away(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_rect output = { 0, 0, WIDTH, HEIGHT };
	struct bn_draw_item items[] = {
		opaque_item(1, (struct bn_rect){ INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX }),
		opaque_item(2, (struct bn_rect){ INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX }),
		opaque_item(3, (struct bn_rect){ 30, 18, INT32_MAX, INT32_MAX }),
	};
	items[2].clip = output;
	draw(&list, items, 3);
	assert_int_equal(area(&list.ops[0].visible), 0);
	assert_int_equal(area(&list.ops[1].visible), 0);
	assert_int_equal(area(&list.ops[2].visible), 4);
	bn_drawlist_finish(&list);
}

static void test_nan_alpha(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item item = opaque_item(1, (struct bn_rect){ 0, 0, 4, 4 });
	item.alpha = NAN;
	draw(&list, &item, 1);
	assert_int_equal(area(&list.ops[0].visible), 0);
	bn_drawlist_finish(&list);
}

static void test_no_growth(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item items[40];
	for (size_t i = 0; i < COUNT(items); i++) {
		items[i] = opaque_item(i + 1,
				(struct bn_rect){ (int)(i % 8) * 4, (int)(i / 8), 4, 1 });
	}
	draw(&list, items, COUNT(items));
	draw(&list, items, COUNT(items));
	const void *ops = list.ops, *previous = list.previous, *hash = list.hash;
	for (int frame = 0; frame < 10; frame++) {
		items[frame].version++;
		draw(&list, items, COUNT(items) - (size_t)frame % 3);
		bool same = (list.ops == ops && list.previous == previous)
				|| (list.ops == previous && list.previous == ops);
		assert_true(same);
		assert_ptr_equal(list.hash, hash);
	}
	bn_drawlist_finish(&list);
}

static void test_no_memory(void **state) {
	struct bn_drawlist list;
	bn_drawlist_init(&list);
	struct bn_draw_item items[] = {
		opaque_item(1, (struct bn_rect){ 0, 0, 4, 4 }),
		opaque_item(2, (struct bn_rect){ 0, 0, 8, 8 }),
	};
	draw(&list, items, 2);
	bn_drawlist_begin(&list, WIDTH, HEIGHT);
	assert_true(bn_drawlist_add(&list, &items[0], NULL));
	assert_true(bn_drawlist_add(&list, &items[1], NULL));
	list.failed = true; // as a region that could not grow leaves it
	bn_drawlist_end(&list);
	assert_int_equal(area(&list.ops[0].visible), 16);
	assert_true(list.ops[0].blend && list.ops[1].blend);
	assert_int_equal(area(&list.damage), WIDTH * HEIGHT);
	draw(&list, items, 2);
	assert_int_equal(area(&list.ops[0].visible), 0);
	assert_int_equal(area(&list.damage), WIDTH * HEIGHT);
	bn_drawlist_finish(&list);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("a-still-picture-damages-nothing", test_still),
		CASE("what-is-hidden-damages-nothing", test_occluded_damage),
		CASE("a-move-damages-before-and-after", test_moved),
		CASE("a-new-size-damages-everything", test_new_size),
		CASE("an-abandoned-frame-damages-everything", test_abandoned),
		CASE("boxes-beyond-int32-do-not-wrap", test_far_away),
		CASE("alpha-that-is-no-number-draws-nothing", test_nan_alpha),
		CASE("after-warm-up-nothing-grows", test_no_growth),
		CASE("without-memory-the-frame-is-drawn-whole", test_no_memory),
		CASE("random-frames-equal-a-painter-px-by-px", test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
