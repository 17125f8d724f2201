#include <math.h>
#include <stdio.h>

#include "media/media.h"

#define SCENE_S 18.0
#define FADE_S 1.2
#define RIDGES 5

struct scene {
	uint32_t sky[3];    // top, middle, horizon
	uint32_t far, near; // of the ridges
	uint32_t disc;
	double disc_x, disc_y, disc_size; // of the picture
	double stars;                     // 0..1
};

static const struct scene scenes[] = {
	{ { 0x1b2a55, 0xb0607a, 0xffc38a }, 0xc98a8e, 0x140f22, 0xfff0d0, 0.66, 0.58, 0.052, 0.15 },
	{ { 0x050a1c, 0x102448, 0x3b6288 }, 0x38577a, 0x04070f, 0xf3f6ff, 0.28, 0.26, 0.034, 1 },
	{ { 0x6d9cc4, 0xc6d8dc, 0xffe6c4 }, 0xb6c6c9, 0x1d3436, 0xfff8e6, 0.48, 0.50, 0.045, 0 },
};

struct picture {
	double x, y, width, height; // within the letterbox
};

static double ridge_height(int ridge, double x) {
	double base = ridge * 7.31;
	double rough = 1.0 / (1 + ridge * 0.25);
	return 0.55 * sin(x * 1.7 + base) + 0.3 * sin(x * 3.9 + base * 2.3)
			+ 0.15 * rough * sin(x * 9.1 + base * 0.7) + 0.07 * sin(x * 21 + base);
}

static void draw_sky(cairo_t *cr, const struct picture *picture, const struct scene *scene) {
	cairo_pattern_t *sky = cairo_pattern_create_linear(0, picture->y, 0,
			picture->y + picture->height * 0.8);
	bn_draw_stop(sky, 0, scene->sky[0], 1);
	bn_draw_stop(sky, 0.55, scene->sky[1], 1);
	bn_draw_stop(sky, 1, scene->sky[2], 1);
	cairo_set_source(cr, sky);
	cairo_paint(cr);
	cairo_pattern_destroy(sky);
}

static void draw_stars(cairo_t *cr, const struct picture *picture, const struct scene *scene,
		double t) {
	for (int i = 0; i < 90 && scene->stars > 0; i++) {
		double x = fmod(i * 0.6180339, 1), y = fmod(i * 0.7548777 + 0.13, 1);
		double blink = 0.65 + 0.35 * sin(t * (0.7 + fmod(i * 0.31, 1)) + i);
		double size = picture->height * (0.0009 + 0.0012 * fmod(i * 0.417, 1));
		bn_draw_source(cr, 0xffffff, scene->stars * blink * (1 - y * 0.9));
		cairo_arc(cr, picture->x + x * picture->width,
				picture->y + y * picture->height * 0.55, size, 0, 2 * M_PI);
		cairo_fill(cr);
	}
}

static void draw_disc(cairo_t *cr, const struct picture *picture, const struct scene *scene,
		double t) {
	double x = picture->x + picture->width * (scene->disc_x + t * 0.0012);
	double y = picture->y + picture->height * (scene->disc_y + t * 0.002);
	double radius = picture->height * scene->disc_size;
	bn_draw_glow(cr, x, y, radius * 9, scene->disc, 0.42);
	bn_draw_source(cr, scene->disc, 1);
	cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
	cairo_fill(cr);
}

static void draw_trees(cairo_t *cr, const struct picture *picture, double pan, double ground,
		double scale) {
	double step = 0.035 * scale, first = floor(pan / step) * step;
	for (double at = first; at < pan + picture->width / picture->height + step; at += step) {
		double seed = fmod(fabs(at / step) * 0.6180339, 1);
		if (seed < 0.3) {
			continue;
		}
		double x = picture->x + (at - pan + seed * step * 0.6) * picture->height;
		double tall = picture->height * scale * (0.055 + 0.08 * seed);
		double y = picture->y
				+ picture->height
						* (ground - 0.03 * scale * ridge_height(5, at * 0.8))
				+ tall * 0.12;
		for (int tier = 0; tier < 3; tier++) {
			double top = y - tall * (1 - tier * 0.24), low = top + tall * 0.5;
			double half = tall * (0.1 + tier * 0.055);
			cairo_move_to(cr, x, top);
			cairo_line_to(cr, x + half, low);
			cairo_line_to(cr, x - half, low);
			cairo_close_path(cr);
		}
	}
	cairo_fill(cr);
}

static void draw_ridge(cairo_t *cr, const struct picture *picture, const struct scene *scene,
		int ridge, double t) {
	double depth = (double)ridge / (RIDGES - 1);
	double pan = t * 0.006 * pow(2.4, ridge) + ridge * 3;
	double base = 0.60 + 0.09 * ridge, tall = 0.15 - 0.018 * ridge, wide = 1.1 + depth * 0.9;
	uint32_t color = bn_draw_mix(scene->far, scene->near, pow(depth, 0.8));
	double aspect = picture->width / picture->height;
	cairo_move_to(cr, picture->x, picture->y + picture->height);
	for (int i = 0; i <= 160; i++) {
		double at = aspect * i / 160;
		double y = base - tall * ridge_height(ridge, (at + pan) * wide);
		cairo_line_to(cr, picture->x + at * picture->height,
				picture->y + y * picture->height);
	}
	cairo_line_to(cr, picture->x + picture->width, picture->y + picture->height);
	cairo_close_path(cr);
	cairo_pattern_t *mist =
			cairo_pattern_create_linear(0, picture->y + (base - tall) * picture->height,
					0, picture->y + (base + 0.22) * picture->height);
	bn_draw_stop(mist, 0, color, 1);
	bn_draw_stop(mist, 1, bn_draw_mix(color, scene->sky[2], 0.55 * (1 - depth)), 1);
	cairo_set_source(cr, mist);
	cairo_fill(cr);
	cairo_pattern_destroy(mist);
}

static void draw_birds(cairo_t *cr, const struct picture *picture, const struct scene *scene,
		double t) {
	bn_draw_source(cr, scene->near, 0.8);
	cairo_set_line_width(cr, picture->height * 0.0026);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	for (int i = 0; i < 7; i++) {
		double row = i < 4 ? i : 7 - i;
		double x = picture->x + picture->width * (0.1 + t * 0.016 + i * 0.014);
		double y = picture->y
				+ picture->height * (0.24 + row * 0.016 + 0.01 * sin(t * 0.8 + i));
		double span = picture->height * 0.011, lift = span * 0.7 * sin(t * 7 + i * 1.3);
		cairo_move_to(cr, x - span, y - lift);
		cairo_curve_to(cr, x - span * 0.4, y - lift * 0.6, x - span * 0.2, y, x, y);
		cairo_curve_to(cr, x + span * 0.2, y, x + span * 0.4, y - lift * 0.6, x + span,
				y - lift);
	}
	cairo_stroke(cr);
}

static struct picture letterbox(const struct bn_app_view *view) {
	double height = fmin(view->height, view->width / 2.39);
	return (struct picture){ 0, (view->height - height) / 2, view->width, height };
}

void bn_media_draw_film(cairo_t *cr, const struct bn_app_view *view, int64_t time_ms) {
	double t = (double)time_ms / 1000;
	size_t count = sizeof(scenes) / sizeof(scenes[0]);
	double within = fmod(t, SCENE_S);
	const struct scene *scene = &scenes[(size_t)(t / SCENE_S) % count];
	struct picture picture = letterbox(view);
	bn_draw_fill(cr, 0x000000, 1);
	cairo_save(cr);
	cairo_rectangle(cr, picture.x, picture.y, picture.width, picture.height);
	cairo_clip(cr);
	draw_sky(cr, &picture, scene);
	draw_stars(cr, &picture, scene, t);
	draw_disc(cr, &picture, scene, within);
	for (int ridge = 0; ridge < RIDGES; ridge++) {
		draw_ridge(cr, &picture, scene, ridge, within);
		if (ridge == 1) {
			draw_birds(cr, &picture, scene, within);
		}
	}
	bn_draw_source(cr, bn_draw_mix(scene->near, 0x000000, 0.25), 1);
	draw_trees(cr, &picture, within * 0.12 + 2, 0.99, 1.6);
	double shade = 1
			- bn_draw_smooth(0, FADE_S, within)
					* bn_draw_smooth(0, FADE_S, SCENE_S - within);
	if (shade > 0) {
		bn_draw_fill(cr, 0x000000, shade);
	}
	cairo_restore(cr);
}
