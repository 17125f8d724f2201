#include "core/drawlist.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/**
 * Occlusion is one walk from the top: what is visible of an entry is its box
 * within its clip minus the opaque parts of everything above.
 *
 * Damage compares each entry with the one of the same key in the previous frame:
 *
 *   gone, or changed   where it was visible before
 *   new, or changed    where it is visible now
 *   content            where that is visible now
 *   order changed      of each two unchanged entries that changed places: where they
 *                      overlap and the upper one is visible now
 *
 * That is enough. At a px outside all of these, every entry visible now was there before
 * and looked the same, and what is below it now was below it then. So an entry that
 * could be seen before cannot have sunk below an opaque one, none can have surfaced,
 * and those which show are stacked as they were.
 *
 * Both frames' ops live in two arrays that change places at begin, with their
 * regions; a hash table finds a key. Nothing of ours is allocated once all three have
 * grown to the largest frame seen.
 */
#define HASH_EMPTY UINT32_MAX

void bn_drawlist_init(struct bn_drawlist *list) {
	*list = (struct bn_drawlist){ 0 };
	pixman_region32_init(&list->damage);
	pixman_region32_init(&list->covered);
	pixman_region32_init(&list->scratch);
}

static void finish_ops(struct bn_draw_op *ops, size_t capacity) {
	for (size_t i = 0; i < capacity; i++) {
		pixman_region32_fini(&ops[i].visible);
		pixman_region32_fini(&ops[i].damage);
	}
	free(ops);
}

void bn_drawlist_finish(struct bn_drawlist *list) {
	finish_ops(list->ops, list->capacity);
	finish_ops(list->previous, list->previous_capacity);
	free(list->hash);
	pixman_region32_fini(&list->damage);
	pixman_region32_fini(&list->covered);
	pixman_region32_fini(&list->scratch);
	*list = (struct bn_drawlist){ 0 };
}

void bn_drawlist_begin(struct bn_drawlist *list, int32_t width, int32_t height) {
	// A frame that was begun and never ended was not drawn: nothing is known of the picture.
	list->previous_valid = list->previous_valid && !list->begun;
	list->begun = true;
	struct bn_draw_op *ops = list->previous;
	size_t capacity = list->previous_capacity;
	list->previous = list->ops;
	list->previous_count = list->count;
	list->previous_capacity = list->capacity;
	list->ops = ops;
	list->count = 0;
	list->capacity = capacity;
	list->last_layer = BN_LAYER_BACKGROUND;
	list->failed = false;
	if (width != list->width || height != list->height) {
		list->width = width;
		list->height = height;
		list->previous_valid = false;
	}
}

void bn_drawlist_invalidate(struct bn_drawlist *list) {
	list->previous_valid = false;
}

static bool reserve_op(struct bn_drawlist *list) {
	if (list->count < list->capacity) {
		return true;
	}
	size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
	struct bn_draw_op *ops = realloc(list->ops, capacity * sizeof(ops[0]));
	if (ops == NULL) {
		return false;
	}
	for (size_t i = list->capacity; i < capacity; i++) {
		pixman_region32_init(&ops[i].visible);
		pixman_region32_init(&ops[i].damage);
	}
	list->ops = ops;
	list->capacity = capacity;
	return true;
}

/** Box, clip and output in common; 64 bits, since a client's scale may push a box anywhere. */
static struct bn_rect drawn_rect(const struct bn_drawlist *list, const struct bn_draw_item *item) {
	int64_t x1 = 0, y1 = 0, x2 = list->width, y2 = list->height;
	const struct bn_rect *rects[] = { &item->box, &item->clip };
	for (size_t i = 0; i < 2; i++) {
		const struct bn_rect *r = rects[i];
		x1 = r->x > x1 ? r->x : x1;
		y1 = r->y > y1 ? r->y : y1;
		x2 = (int64_t)r->x + r->width < x2 ? (int64_t)r->x + r->width : x2;
		y2 = (int64_t)r->y + r->height < y2 ? (int64_t)r->y + r->height : y2;
	}
	if (!(item->alpha > 0.0f) || x1 >= x2 || y1 >= y2) {
		return (struct bn_rect){ 0 };
	}
	return (struct bn_rect){ (int32_t)x1, (int32_t)y1, (int32_t)(x2 - x1), (int32_t)(y2 - y1) };
}

/** No memory for a region: the frame is drawn whole and blended, which is always right. */
static void check(struct bn_drawlist *list, bool ok) {
	list->failed = list->failed || !ok;
}

static void set_rect(pixman_region32_t *region, const struct bn_rect *rect) {
	pixman_region32_fini(region);
	if (bn_rect_is_empty(rect)) {
		pixman_region32_init(region);
	} else {
		pixman_region32_init_rect(region, rect->x, rect->y, (unsigned)rect->width,
				(unsigned)rect->height);
	}
}

bool bn_drawlist_add(struct bn_drawlist *list, const struct bn_draw_item *item,
		const pixman_region32_t *damage) {
	assert(item->key != 0);
	assert(item->layer >= list->last_layer && item->layer < BN_LAYER_COUNT);
	if (!reserve_op(list)) {
		return false;
	}
	struct bn_draw_op *op = &list->ops[list->count++];
	list->last_layer = item->layer;
	op->item = *item;
	op->blend = true;
	op->order = 0;
	op->same = false;
	struct bn_rect drawn = drawn_rect(list, item);
	set_rect(&op->visible, &drawn);
	if (damage == NULL || bn_rect_is_empty(&drawn)) {
		pixman_region32_clear(&op->damage);
	} else {
		check(list,
				pixman_region32_intersect_rect(&op->damage, damage, drawn.x,
						drawn.y, (unsigned)drawn.width,
						(unsigned)drawn.height));
	}
	return true;
}

// --- occlusion --------------------------------------------------------------

/** The parts of a rounded rectangle's box that its corners may leave uncovered. */
static void subtract_corners(struct bn_drawlist *list, pixman_region32_t *region,
		const struct bn_rect *shape, float radius) {
	int32_t longest = shape->width > shape->height ? shape->width : shape->height;
	int32_t side = (int32_t)ceilf(fminf(radius, (float)longest));
	int32_t right = shape->x + shape->width - side, bottom = shape->y + shape->height - side;
	const struct bn_rect corners[] = {
		{ shape->x, shape->y, side, side },
		{ right, shape->y, side, side },
		{ shape->x, bottom, side, side },
		{ right, bottom, side, side },
	};
	pixman_region32_t square;
	for (size_t i = 0; i < 4; i++) {
		pixman_region32_init_rect(&square, corners[i].x, corners[i].y,
				(unsigned)corners[i].width, (unsigned)corners[i].height);
		check(list, pixman_region32_subtract(region, region, &square));
		pixman_region32_fini(&square);
	}
}

/** What of the entry surely hides everything below it. */
static void opaque_region(struct bn_drawlist *list, const struct bn_draw_item *item,
		pixman_region32_t *ret_region) {
	struct bn_rect rect = drawn_rect(list, item);
	if (!item->opaque) {
		rect = bn_rect_intersect(&rect, &item->opaque_box);
	}
	if (item->alpha < 1.0f) {
		rect = (struct bn_rect){ 0 };
	}
	if (item->radius > 0.0f) {
		rect = bn_rect_intersect(&rect, &item->shape);
	}
	set_rect(ret_region, &rect);
	if (item->radius > 0.0f && !bn_rect_is_empty(&rect)) {
		subtract_corners(list, ret_region, &item->shape, item->radius);
	}
}

static void occlude(struct bn_drawlist *list) {
	pixman_region32_clear(&list->covered);
	for (size_t i = list->count; i-- > 0;) {
		struct bn_draw_op *op = &list->ops[i];
		if (!pixman_region32_not_empty(&op->visible)) {
			continue;
		}
		check(list, pixman_region32_subtract(&op->visible, &op->visible, &list->covered));
		opaque_region(list, &op->item, &list->scratch);
		check(list, pixman_region32_union(&list->covered, &list->covered, &list->scratch));
		check(list, pixman_region32_subtract(&list->scratch, &op->visible, &list->scratch));
		op->blend = pixman_region32_not_empty(&list->scratch);
	}
}

// --- damage -----------------------------------------------------------------

static size_t hash_key(uint64_t key, size_t size) {
	// Fibonacci hashing: keys are pointers and small numbers.
	return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (size - 1);
}

static bool reserve_hash(struct bn_drawlist *list, size_t count) {
	if (list->hash_size >= count * 2 && list->hash_size > 0) {
		return true;
	}
	size_t size = list->hash_size == 0 ? 64 : list->hash_size;
	while (size < count * 2) {
		size *= 2;
	}
	uint32_t *hash = realloc(list->hash, size * sizeof(hash[0]));
	if (hash == NULL) {
		return false;
	}
	list->hash = hash;
	list->hash_size = size;
	return true;
}

/** The slot of a key among `ops`, or the empty one where it belongs. */
static size_t hash_slot(const struct bn_drawlist *list, const struct bn_draw_op *ops,
		uint64_t key) {
	size_t slot = hash_key(key, list->hash_size);
	while (list->hash[slot] != HASH_EMPTY && ops[list->hash[slot]].item.key != key) {
		slot = (slot + 1) & (list->hash_size - 1);
	}
	return slot;
}

static void hash_ops(struct bn_drawlist *list, const struct bn_draw_op *ops, size_t count) {
	memset(list->hash, 0xff, list->hash_size * sizeof(list->hash[0]));
	for (size_t i = 0; i < count; i++) {
		size_t slot = hash_slot(list, ops, ops[i].item.key);
		assert(list->hash[slot] == HASH_EMPTY); // a key twice in a frame
		list->hash[slot] = (uint32_t)i;
	}
}

/** Opacity counts: what was taken for opaque and is not any more was drawn in another way. */
static bool same_look(const struct bn_draw_item *a, const struct bn_draw_item *b) {
	return a->version == b->version && a->alpha == b->alpha && a->radius == b->radius
			&& a->opaque == b->opaque && bn_rect_equal(&a->box, &b->box)
			&& bn_rect_equal(&a->clip, &b->clip)
			&& (a->opaque || bn_rect_equal(&a->opaque_box, &b->opaque_box))
			&& (!(a->radius > 0.0f) || bn_rect_equal(&a->shape, &b->shape));
}

static void add_damage(struct bn_drawlist *list, const pixman_region32_t *region) {
	check(list, pixman_region32_union(&list->damage, &list->damage, region));
}

/**
 * Compares each entry with its predecessor and marks both with one another: `order` is the
 * partner's index + 1, 0 for none. Returns whether some survivors changed places.
 */
static bool match_previous(struct bn_drawlist *list) {
	bool restacked = false;
	uint32_t highest = 0;
	for (size_t i = 0; i < list->previous_count; i++) {
		list->previous[i].order = 0;
	}
	hash_ops(list, list->previous, list->previous_count);
	for (size_t i = 0; i < list->count; i++) {
		struct bn_draw_op *op = &list->ops[i];
		uint32_t index = list->hash[hash_slot(list, list->previous, op->item.key)];
		if (index == HASH_EMPTY) {
			add_damage(list, &op->visible);
			continue;
		}
		struct bn_draw_op *before = &list->previous[index];
		op->order = index + 1;
		before->order = (uint32_t)i + 1;
		restacked = restacked || op->order < highest;
		highest = op->order > highest ? op->order : highest;
		op->same = same_look(&op->item, &before->item);
		if (!op->same) {
			add_damage(list, &op->visible);
			add_damage(list, &before->visible);
		} else if (pixman_region32_not_empty(&op->damage)) {
			check(list,
					pixman_region32_intersect(&list->scratch, &op->damage,
							&op->visible));
			add_damage(list, &list->scratch);
		}
	}
	for (size_t i = 0; i < list->previous_count; i++) {
		if (list->previous[i].order == 0) {
			add_damage(list, &list->previous[i].visible);
		}
	}
	return restacked;
}

/** `upper` is now above an entry that was above it: damaged where they meet and it shows. */
static void damage_exchanged(struct bn_drawlist *list, const struct bn_draw_op *upper,
		const struct bn_draw_op *lower) {
	struct bn_rect a = drawn_rect(list, &upper->item), b = drawn_rect(list, &lower->item);
	struct bn_rect overlap = bn_rect_intersect(&a, &b);
	if (bn_rect_is_empty(&overlap)) {
		return;
	}
	check(list,
			pixman_region32_intersect_rect(&list->scratch, &upper->visible, overlap.x,
					overlap.y, (unsigned)overlap.width,
					(unsigned)overlap.height));
	add_damage(list, &list->scratch);
}

static void damage_restacked(struct bn_drawlist *list) {
	// Every pair: this happens once in many frames, and a list is short.
	for (size_t i = 0; i < list->count; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct bn_draw_op *upper = &list->ops[i], *lower = &list->ops[j];
			if (upper->same && lower->same && lower->order > upper->order) {
				damage_exchanged(list, upper, lower);
			}
		}
	}
}

static void damage_all(struct bn_drawlist *list) {
	struct bn_rect whole = { 0, 0, list->width, list->height };
	set_rect(&list->damage, &whole);
}

static void draw_all(struct bn_drawlist *list) {
	for (size_t i = 0; i < list->count; i++) {
		struct bn_draw_op *op = &list->ops[i];
		struct bn_rect drawn = drawn_rect(list, &op->item);
		set_rect(&op->visible, &drawn);
		op->blend = true;
	}
	damage_all(list);
}

void bn_drawlist_end(struct bn_drawlist *list) {
	occlude(list);
	pixman_region32_clear(&list->damage);
	size_t most = list->count > list->previous_count ? list->count : list->previous_count;
	if (!list->previous_valid || !reserve_hash(list, most)) {
		damage_all(list);
	} else if (match_previous(list)) {
		damage_restacked(list);
	}
	list->begun = false;
	list->previous_valid = !list->failed;
	if (list->failed) {
		draw_all(list);
	}
}
