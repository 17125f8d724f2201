#include <math.h>
#include <stdio.h>
#include <string.h>

#include "media/media.h"

#define START_MS 72000 // the first track is already playing when the cockpit starts
#define FILM_START_MS (17 * 60 * 1000)

struct media {
	bool video;
	struct bn_player player;
	struct bn_media_layout layout;
	struct bn_layer_cache page; // all that changes with the track only
	int page_track;
	struct bn_part scene, progress, clock, controls, film;
	int64_t time_ms;
	double position; // 0..1 of the track
};

static uint32_t ink(const struct bn_app_view *view) {
	return view->palette.foreground;
}

static void draw_room(const struct media *media, const struct bn_app_view *view, cairo_t *cr) {
	const struct bn_track *track = &bn_tracks[media->player.track];
	const struct bn_palette *palette = &view->palette;
	double strength = palette->dark ? 0.34 : 0.26;
	bn_draw_fill(cr, palette->background, 1);
	double reach = fmax(view->width * 0.62, view->height * 0.9);
	bn_draw_glow(cr, view->width * 0.16, view->height * 0.3, reach, track->glow[0], strength);
	bn_draw_glow(cr, view->width * 0.62, view->height * 1.05, reach, track->glow[1],
			palette->dark ? 0.5 : 0.16);
	cairo_pattern_t *shade = cairo_pattern_create_linear(0, 0, 0, view->height);
	bn_draw_stop(shade, 0, palette->background, 0.1);
	bn_draw_stop(shade, 1, palette->background, 0.55);
	cairo_set_source(cr, shade);
	cairo_paint(cr);
	cairo_pattern_destroy(shade);
}

static void draw_cover(const struct media *media, cairo_t *cr, bool night) {
	const struct bn_media_box *art = &media->layout.art;
	double radius = 26 * media->layout.unit;
	double u = media->layout.unit;
	// Smaller than the cover and lower, so that only its soft edge is seen.
	bn_draw_shadow(cr, art->x + 20 * u, art->y + 44 * u, art->width - 40 * u,
			art->height - 40 * u, radius, 66 * u, night ? 0.8 : 0.36);
	cairo_save(cr);
	bn_draw_rounded(cr, art->x, art->y, art->width, art->height, radius);
	cairo_clip(cr);
	cairo_translate(cr, art->x, art->y);
	bn_media_draw_art(cr, media->player.track, art->width);
	cairo_restore(cr);
}

static void draw_titles(const struct media *media, const struct bn_app_view *view, cairo_t *cr) {
	const struct bn_media_layout *layout = &media->layout;
	const struct bn_track *track = &bn_tracks[media->player.track];
	double u = layout->unit, y = layout->text.y;
	bool centered = layout->centered;
	double x = centered ? layout->text.x + layout->text.width / 2 : layout->text.x;
	struct bn_text_style title = { .face = BN_FACE_DISPLAY_SEMIBOLD,
		.size = layout->title_size,
		.tracking = -0.02,
		.color = ink(view),
		.align = centered ? BN_ALIGN_CENTER : BN_ALIGN_LEFT };
	const struct bn_text_style artist = { .face = BN_FACE_REGULAR,
		.size = layout->compact ? 25 * u : 31 * u,
		.color = view->palette.muted,
		.align = title.align };
	const struct bn_text_style caption = { .face = BN_FACE_SEMIBOLD,
		.size = 17 * u,
		.tracking = 0.14,
		.color = view->palette.accent,
		.align = title.align };
	// A long title gets smaller before it is cut.
	double width = bn_text_width(cr, view->fonts, &title, track->title);
	title.size *= bn_draw_clamp(layout->text.width / fmax(width, 1), 0.72, 1);
	if (layout->compact) {
		bn_text_draw_within(cr, view->fonts, &title, x, y + 40 * u, layout->text.width,
				track->title);
		bn_text_draw_within(cr, view->fonts, &artist, x, y + 78 * u, layout->text.width,
				track->artist);
		return;
	}
	bn_text_draw(cr, view->fonts, &caption, x, y + 18 * u, "NOW PLAYING");
	bn_text_draw_within(cr, view->fonts, &title, x, y + 94 * u, layout->text.width,
			track->title);
	bn_text_draw_within(cr, view->fonts, &artist, x, y + 146 * u, layout->text.width,
			track->artist);
	struct bn_text_style album = artist;
	album.size = 24 * u;
	album.color = view->palette.faint;
	bn_text_draw_within(cr, view->fonts, &album, x, y + 184 * u, layout->text.width,
			track->album);
}

static void draw_queue_row(const struct media *media, const struct bn_app_view *view, cairo_t *cr,
		int row) {
	struct bn_media_box box = bn_media_row(&media->layout, row);
	int index = (media->player.track + 1 + row) % BN_MEDIA_TRACKS;
	const struct bn_track *track = &bn_tracks[index];
	double u = media->layout.unit, size = 72 * u, y = box.y + (box.height - size) / 2;
	cairo_save(cr);
	bn_draw_rounded(cr, box.x, y, size, size, 12 * u);
	cairo_clip(cr);
	cairo_translate(cr, box.x, y);
	bn_media_draw_art(cr, index, size);
	cairo_restore(cr);
	const struct bn_text_style title = {
		.face = BN_FACE_MEDIUM, .size = 24 * u, .color = ink(view)
	};
	const struct bn_text_style artist = {
		.face = BN_FACE_REGULAR, .size = 20 * u, .color = view->palette.muted
	};
	const struct bn_text_style length = { .face = BN_FACE_REGULAR,
		.size = 20 * u,
		.color = view->palette.faint,
		.align = BN_ALIGN_RIGHT,
		.tabular = true };
	char text[16];
	snprintf(text, sizeof(text), "%d:%02d", track->seconds / 60, track->seconds % 60);
	double x = box.x + size + 22 * u, middle = box.y + box.height / 2;
	double width = box.width - size - 22 * u - 70 * u;
	bn_text_draw_within(cr, view->fonts, &title, x, middle - 4 * u, width, track->title);
	bn_text_draw_within(cr, view->fonts, &artist, x, middle + 26 * u, width, track->artist);
	bn_text_draw(cr, view->fonts, &length, box.x + box.width, middle + 8 * u, text);
}

static void draw_queue(const struct media *media, const struct bn_app_view *view, cairo_t *cr) {
	const struct bn_media_layout *layout = &media->layout;
	if (layout->queue.width <= 0) {
		return;
	}
	const struct bn_text_style caption = { .face = BN_FACE_SEMIBOLD,
		.size = 17 * layout->unit,
		.tracking = 0.14,
		.color = view->palette.muted };
	bn_text_draw(cr, view->fonts, &caption, layout->queue.x,
			layout->queue.y + 30 * layout->unit, "UP NEXT");
	for (int row = 0; row < layout->queue_rows; row++) {
		draw_queue_row(media, view, cr, row);
	}
}

static void make_page(struct media *media, const struct bn_app_view *view) {
	if (media->page.surface && media->page_track == media->player.track) {
		return;
	}
	cairo_t *cr = bn_layer_cache_begin(&media->page, view->width, view->height, view->scale,
			true);
	draw_room(media, view, cr);
	draw_cover(media, cr, view->palette.dark);
	draw_titles(media, view, cr);
	draw_queue(media, view, cr);
	cairo_destroy(cr);
	media->page_track = media->player.track;
}

static void draw_bar(cairo_t *cr, const struct bn_media_box *bar, double part, uint32_t color,
		double knob) {
	bn_draw_source(cr, color, 0.16);
	bn_draw_rounded(cr, bar->x, bar->y, bar->width, bar->height, bar->height / 2);
	cairo_fill(cr);
	bn_draw_source(cr, color, 0.95);
	bn_draw_rounded(cr, bar->x, bar->y, fmax(bar->width * part, bar->height), bar->height,
			bar->height / 2);
	cairo_fill(cr);
	if (knob > 0) {
		cairo_arc(cr, bar->x + bar->width * part, bar->y + bar->height / 2, knob, 0,
				2 * M_PI);
		cairo_fill(cr);
	}
}

static void format_time(int64_t seconds, char *text, size_t size) {
	if (seconds >= 3600) {
		snprintf(text, size, "%d:%02d:%02d", (int)(seconds / 3600),
				(int)(seconds / 60 % 60), (int)(seconds % 60));
	} else {
		snprintf(text, size, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
	}
}

static void draw_clock(const struct media *media, const struct bn_app_view *view, cairo_t *cr) {
	const struct bn_media_layout *layout = &media->layout;
	if (layout->compact) {
		return;
	}
	int64_t position = bn_player_position_ms(&media->player, media->time_ms) / 1000;
	struct bn_text_style style = { .face = BN_FACE_MEDIUM,
		.size = 20 * layout->unit,
		.color = view->palette.muted,
		.tabular = true };
	char text[16];
	double y = layout->progress.y + 40 * layout->unit;
	format_time(position, text, sizeof(text));
	bn_text_draw(cr, view->fonts, &style, layout->progress.x, y, text);
	format_time(bn_tracks[media->player.track].seconds - position, text, sizeof(text));
	char left[20];
	snprintf(left, sizeof(left), "\u2212%s", text);
	style.align = BN_ALIGN_RIGHT;
	bn_text_draw(cr, view->fonts, &style, layout->progress.x + layout->progress.width, y, left);
}

static void draw_controls(const struct media *media, const struct bn_app_view *view, cairo_t *cr) {
	for (int i = 0; i < BN_MEDIA_BUTTON_COUNT; i++) {
		const struct bn_media_box *box = &media->layout.buttons[i];
		if (box->width <= 0) {
			continue;
		}
		double x = box->x + box->width / 2, y = box->y + box->height / 2;
		bool liked = media->player.liked[media->player.track];
		bool on = i == BN_MEDIA_PLAY ? media->player.playing : i == BN_MEDIA_LIKE && liked;
		if (i == BN_MEDIA_PLAY) {
			bn_draw_source(cr, ink(view), 1);
			cairo_arc(cr, x, y, box->width / 2, 0, 2 * M_PI);
			cairo_fill(cr);
			bn_draw_source(cr, view->palette.background, 1);
		} else if (i == BN_MEDIA_LIKE || i == BN_MEDIA_REPEAT) {
			bn_draw_source(cr, on ? view->palette.accent : view->palette.muted, 1);
		} else {
			bn_draw_source(cr, ink(view), 1);
		}
		double share = i == BN_MEDIA_PLAY                            ? 0.46
				: i == BN_MEDIA_LIKE || i == BN_MEDIA_REPEAT ? 0.5
									     : 0.6;
		bn_media_draw_icon(cr, (enum bn_media_button)i, on, x, y, box->width * share);
	}
}

static void draw_film_chrome(const struct media *media, const struct bn_app_view *view,
		cairo_t *cr) {
	double u = bn_draw_clamp(view->height / 1080.0, 0.4, 1.6), margin = 72 * u;
	int64_t position = (media->time_ms + FILM_START_MS) / 1000 % BN_MEDIA_FILM_SECONDS;
	double part = (double)position / BN_MEDIA_FILM_SECONDS, y = view->height - 62 * u;
	const struct bn_text_style title = {
		.face = BN_FACE_DISPLAY_SEMIBOLD, .size = 30 * u, .color = 0xffffff
	};
	const struct bn_text_style time = { .face = BN_FACE_MEDIUM,
		.size = 20 * u,
		.color = 0xffffff,
		.alpha = 0.7,
		.align = BN_ALIGN_RIGHT,
		.tabular = true };
	char now[16], end[16], text[40];
	format_time(position, now, sizeof(now));
	format_time(BN_MEDIA_FILM_SECONDS, end, sizeof(end));
	snprintf(text, sizeof(text), "%s  /  %s", now, end);
	bn_text_draw(cr, view->fonts, &title, margin, y, "The Long Way North");
	bn_text_draw(cr, view->fonts, &time, view->width - margin, y, text);
	const struct bn_media_box bar = { margin, view->height - 38 * u, view->width - 2 * margin,
		4 * u };
	draw_bar(cr, &bar, part, 0xffffff, 6 * u);
}

static void reset(void *data, const struct bn_app_view *view) {
	struct media *media = data;
	bn_media_layout_set(&media->layout, view->width, view->height);
	bn_layer_cache_drop(&media->page);
	media->scene.valid = media->progress.valid = media->clock.valid = false;
	media->controls.valid = media->film.valid = false;
}

static cairo_rectangle_int_t around(const struct bn_media_box *box, double margin) {
	int x1 = (int)floor(box->x - margin), y1 = (int)floor(box->y - margin);
	int x2 = (int)ceil(box->x + box->width + margin),
	    y2 = (int)ceil(box->y + box->height + margin);
	return (cairo_rectangle_int_t){ x1, y1, x2 - x1, y2 - y1 };
}

static void update_controls(struct media *media, cairo_region_t *damage) {
	cairo_rectangle_int_t box = { 0 };
	cairo_region_t *region = cairo_region_create();
	for (int i = 0; i < BN_MEDIA_BUTTON_COUNT; i++) {
		if (media->layout.buttons[i].width > 0) {
			cairo_rectangle_int_t one = around(&media->layout.buttons[i], 2);
			cairo_region_union_rectangle(region, &one);
		}
	}
	cairo_region_get_extents(region, &box);
	cairo_region_destroy(region);
	const struct bn_player *player = &media->player;
	uint64_t key = bn_key_mix(BN_KEY_START, player->playing);
	bn_part_set(&media->controls, &box, bn_key_mix(key, player->liked[player->track]), damage);
}

static bool update_player(struct media *media, const struct bn_app_view *view,
		cairo_region_t *damage) {
	struct bn_player *player = &media->player;
	const struct bn_media_layout *layout = &media->layout;
	bn_player_advance(player, view->time_ms);
	int64_t position = bn_player_position_ms(player, view->time_ms);
	media->position = (double)position / 1000 / bn_tracks[player->track].seconds;
	const cairo_rectangle_int_t all = { 0, 0, view->width, view->height };
	bn_part_set(&media->scene, &all, bn_key_mix(BN_KEY_START, player->track), damage);
	double knob = 9 * layout->unit;
	cairo_rectangle_int_t box = around(&layout->progress, knob + 2);
	int64_t pixel = lround(media->position * layout->progress.width * 2);
	bn_part_set(&media->progress, &box, bn_key_mix(BN_KEY_START, pixel), damage);
	const struct bn_media_box times = { layout->progress.x,
		layout->progress.y + 16 * layout->unit, layout->progress.width, 32 * layout->unit };
	box = around(&times, 2);
	bn_part_set(&media->clock, &box, bn_key_mix(BN_KEY_START, position / 1000), damage);
	update_controls(media, damage);
	return player->playing;
}

static bool update(void *data, const struct bn_app_view *view, cairo_region_t *damage) {
	struct media *media = data;
	media->time_ms = view->time_ms;
	if (!media->video) {
		return update_player(media, view, damage);
	}
	const cairo_rectangle_int_t all = { 0, 0, view->width, view->height };
	int64_t slot = view->time_ms * BN_MEDIA_FILM_RATE / 1000;
	bn_part_set(&media->film, &all, bn_key_mix(BN_KEY_START, slot), damage);
	return true;
}

static void paint(void *data, const struct bn_app_view *view, cairo_t *cr,
		const cairo_region_t *damage) {
	struct media *media = data;
	if (media->video) {
		int64_t slot = media->time_ms * BN_MEDIA_FILM_RATE / 1000;
		bn_media_draw_film(cr, view, slot * 1000 / BN_MEDIA_FILM_RATE);
		draw_film_chrome(media, view, cr);
		return;
	}
	make_page(media, view);
	bn_layer_cache_paint(&media->page, cr, 0, 0);
	if (bn_part_is_hit(&media->progress, damage)) {
		double knob = media->layout.compact ? 0 : 8 * media->layout.unit;
		draw_bar(cr, &media->layout.progress, media->position, ink(view), knob);
	}
	if (bn_part_is_hit(&media->clock, damage)) {
		draw_clock(media, view, cr);
	}
	if (bn_part_is_hit(&media->controls, damage)) {
		draw_controls(media, view, cr);
	}
}

static void press_button(struct media *media, enum bn_media_button button) {
	struct bn_player *player = &media->player;
	switch (button) {
	case BN_MEDIA_PLAY:
		bn_player_toggle(player, media->time_ms);
		break;
	case BN_MEDIA_NEXT:
		bn_player_select(player, player->track + 1, media->time_ms);
		break;
	case BN_MEDIA_PREVIOUS:
		bn_player_select(player, player->track - 1, media->time_ms);
		break;
	case BN_MEDIA_LIKE:
		player->liked[player->track] = !player->liked[player->track];
		break;
	case BN_MEDIA_REPEAT:
		bn_player_seek(player, 0, media->time_ms);
		break;
	case BN_MEDIA_BUTTON_COUNT:
		break;
	}
}

static void touch(void *data, enum bn_touch touch, double x, double y) {
	struct media *media = data;
	if (media->video || touch != BN_TOUCH_DOWN) {
		return;
	}
	const struct bn_media_layout *layout = &media->layout;
	for (int i = 0; i < BN_MEDIA_BUTTON_COUNT; i++) {
		if (bn_media_box_has(&layout->buttons[i], x, y)) {
			press_button(media, (enum bn_media_button)i);
			return;
		}
	}
	for (int row = 0; row < layout->queue_rows; row++) {
		struct bn_media_box box = bn_media_row(layout, row);
		if (bn_media_box_has(&box, x, y)) {
			bn_player_select(&media->player, media->player.track + 1 + row,
					media->time_ms);
			return;
		}
	}
	struct bn_media_box bar = layout->progress;
	bar.y -= 24 * layout->unit;
	bar.height += 48 * layout->unit;
	if (bn_media_box_has(&bar, x, y)) {
		bn_player_seek(&media->player, (x - bar.x) / bar.width, media->time_ms);
	}
}

static bool option(void *data, const char *name) {
	struct media *media = data;
	if (strcmp(name, "--video") != 0) {
		return false;
	}
	media->video = true;
	return true;
}

int main(int argc, char **argv) {
	struct media media = { .player = { .playing = true, .origin_ms = -START_MS } };
	media.player.liked[0] = true;
	const struct bn_app_info info = {
		.program = "binnacle-media",
		.title = "Media",
		.app_id = "media",
		.usage = "  --video                     show a film instead of the player\n",
		.option = option,
		.reset = reset,
		.update = update,
		.paint = paint,
		.touch = touch,
	};
	int status = bn_app_main(&info, &media, argc, argv);
	bn_layer_cache_drop(&media.page);
	return status;
}
