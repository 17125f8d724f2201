#include <GLES3/gl3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/shaders.h"

/** A linked program; uniforms are looked up by name, there are few and they are set once a frame. */
struct program {
	GLuint name;
};

struct bn_cluster_gles {
	struct program texture, ring, road;
	GLuint face, cars[2], other, text;
	cairo_surface_t *canvas; // owned; the text texture's twin
	uint64_t text_keys[BN_CLUSTER_PART_COUNT];
	cairo_surface_t *uploaded_face; // borrowed: which layer the textures were made from
	int width, height;              // px
};

static GLuint compile(GLenum type, const char *source) {
	GLuint shader = glCreateShader(type);
	glShaderSource(shader, 1, &source, NULL);
	glCompileShader(shader);
	GLint good = GL_FALSE;
	glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
	if (!good) {
		char log[512] = "";
		glGetShaderInfoLog(shader, sizeof(log), NULL, log);
		fprintf(stderr, "binnacle-cluster: %s\n", log);
		glDeleteShader(shader);
		return 0;
	}
	return shader;
}

static bool program_init(struct program *program, const char *fragment) {
	GLuint vertex = compile(GL_VERTEX_SHADER, shader_quad);
	GLuint pixel = compile(GL_FRAGMENT_SHADER, fragment);
	GLint good = GL_FALSE;
	if (vertex != 0 && pixel != 0) {
		program->name = glCreateProgram();
		glAttachShader(program->name, vertex);
		glAttachShader(program->name, pixel);
		glLinkProgram(program->name);
		glGetProgramiv(program->name, GL_LINK_STATUS, &good);
	}
	glDeleteShader(vertex);
	glDeleteShader(pixel);
	return good == GL_TRUE;
}

static void set2(const struct program *program, const char *name, double x, double y) {
	glUniform2f(glGetUniformLocation(program->name, name), (float)x, (float)y);
}

static void set4(const struct program *program, const char *name, double x, double y, double z,
		double w) {
	glUniform4f(glGetUniformLocation(program->name, name), (float)x, (float)y, (float)z,
			(float)w);
}

static double channel(uint32_t color, int shift) {
	return ((color >> shift) & 0xff) / 255.0;
}

static void set_color(const struct program *program, const char *name, uint32_t color,
		double alpha) {
	set4(program, name, channel(color, 16), channel(color, 8), channel(color, 0), alpha);
}

static void set_ink(const struct program *program, const char *name, uint32_t color) {
	glUniform3f(glGetUniformLocation(program->name, name), (float)channel(color, 16),
			(float)channel(color, 8), (float)channel(color, 0));
}

static void use(const struct program *program, const struct bn_cluster *cluster, double x, double y,
		double width, double height) {
	glUseProgram(program->name);
	set2(program, "canvas", cluster->frame.width, cluster->frame.height);
	set4(program, "box", x, y, width, height);
}

static void draw(void) {
	glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

static GLuint make_texture(void) {
	GLuint texture = 0;
	glGenTextures(1, &texture);
	glBindTexture(GL_TEXTURE_2D, texture);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
	// cairo's bytes are blue, green, red, alpha.
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_R, GL_BLUE);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_B, GL_RED);
	return texture;
}

static void upload(GLuint texture, cairo_surface_t *surface) {
	cairo_surface_flush(surface);
	glBindTexture(GL_TEXTURE_2D, texture);
	glPixelStorei(GL_UNPACK_ROW_LENGTH, cairo_image_surface_get_stride(surface) / 4);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, cairo_image_surface_get_width(surface),
			cairo_image_surface_get_height(surface), 0, GL_RGBA, GL_UNSIGNED_BYTE,
			cairo_image_surface_get_data(surface));
}

static void upload_part(GLuint texture, cairo_surface_t *surface, int x, int y, int width,
		int height) {
	cairo_surface_flush(surface);
	int stride = cairo_image_surface_get_stride(surface);
	const unsigned char *data = cairo_image_surface_get_data(surface);
	glBindTexture(GL_TEXTURE_2D, texture);
	glPixelStorei(GL_UNPACK_ROW_LENGTH, stride / 4);
	glTexSubImage2D(GL_TEXTURE_2D, 0, x, y, width, height, GL_RGBA, GL_UNSIGNED_BYTE,
			data + (size_t)y * (size_t)stride + (size_t)x * 4);
}

bool bn_cluster_gles_init(struct bn_cluster *cluster) {
	struct bn_cluster_gles *gles = calloc(1, sizeof(*gles));
	if (!gles) {
		return false;
	}
	cluster->gles = gles;
	if (!program_init(&gles->texture, shader_texture) || !program_init(&gles->ring, shader_ring)
			|| !program_init(&gles->road, shader_road)) {
		bn_cluster_gles_finish(cluster);
		return false;
	}
	gles->face = make_texture();
	gles->cars[0] = make_texture();
	gles->cars[1] = make_texture();
	gles->other = make_texture();
	gles->text = make_texture();
	return true;
}

void bn_cluster_gles_finish(struct bn_cluster *cluster) {
	struct bn_cluster_gles *gles = cluster->gles;
	if (!gles) {
		return;
	}
	const GLuint textures[] = { gles->face, gles->cars[0], gles->cars[1], gles->other,
		gles->text };
	glDeleteTextures((GLsizei)(sizeof(textures) / sizeof(textures[0])), textures);
	glDeleteProgram(gles->texture.name);
	glDeleteProgram(gles->ring.name);
	glDeleteProgram(gles->road.name);
	if (gles->canvas) {
		cairo_surface_destroy(gles->canvas);
	}
	free(gles);
	cluster->gles = NULL;
}

#define OTHER_SIZE 100 // px of the other cars' picture; they are small

static void upload_other(struct bn_cluster_gles *gles, bool night) {
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, OTHER_SIZE,
			OTHER_SIZE * 132 / 200);
	cairo_t *cr = cairo_create(surface);
	cairo_scale(cr, OTHER_SIZE / 200.0, OTHER_SIZE / 200.0);
	bn_cluster_draw_other(cr, night);
	cairo_destroy(cr);
	upload(gles->other, surface);
	cairo_surface_destroy(surface);
}

/** After a change of size or theme: all textures anew. */
static void refresh_layers(struct bn_cluster *cluster, const struct bn_app_view *view, int width,
		int height) {
	struct bn_cluster_gles *gles = cluster->gles;
	bool fresh = !cluster->face.surface;
	bn_cluster_make_layers(cluster, view);
	if (!fresh && gles->uploaded_face == cluster->face.surface) {
		return;
	}
	gles->uploaded_face = cluster->face.surface;
	gles->width = width;
	gles->height = height;
	upload(gles->face, cluster->face.surface);
	upload(gles->cars[0], cluster->car[0].surface);
	upload(gles->cars[1], cluster->car[1].surface);
	upload_other(gles, view->palette.dark);
	if (gles->canvas) {
		cairo_surface_destroy(gles->canvas);
	}
	gles->canvas = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
	upload(gles->text, gles->canvas);
	memset(gles->text_keys, 0, sizeof(gles->text_keys));
}

static void refresh_text(struct bn_cluster *cluster, const struct bn_app_view *view) {
	struct bn_cluster_gles *gles = cluster->gles;
	for (int i = 0; i < BN_CLUSTER_PART_COUNT; i++) {
		const struct bn_part *part = &cluster->parts[i];
		uint64_t key;
		if (!bn_cluster_text_key(cluster, view, (enum bn_cluster_part)i, &key)
				|| key == gles->text_keys[i]) {
			continue;
		}
		gles->text_keys[i] = key;
		int x1 = (int)fmax(floor(part->box.x * view->scale), 0);
		int y1 = (int)fmax(floor(part->box.y * view->scale), 0);
		int x2 = (int)fmin(ceil((part->box.x + part->box.width) * view->scale),
				gles->width);
		int y2 = (int)fmin(ceil((part->box.y + part->box.height) * view->scale),
				gles->height);
		if (x2 <= x1 || y2 <= y1) {
			continue;
		}
		cairo_t *cr = cairo_create(gles->canvas);
		cairo_rectangle(cr, x1, y1, x2 - x1, y2 - y1);
		cairo_clip(cr);
		cairo_set_operator(cr, CAIRO_OPERATOR_CLEAR);
		cairo_paint(cr);
		cairo_set_operator(cr, CAIRO_OPERATOR_OVER);
		cairo_scale(cr, view->scale * cluster->frame.unit,
				view->scale * cluster->frame.unit);
		bn_cluster_draw_text(cluster, view, cr, (enum bn_cluster_part)i);
		cairo_destroy(cr);
		upload_part(gles->text, gles->canvas, x1, y1, x2 - x1, y2 - y1);
	}
}

static void draw_texture(const struct bn_cluster *cluster, GLuint texture, double x, double y,
		double width, double height, double alpha) {
	const struct program *program = &cluster->gles->texture;
	use(program, cluster, x, y, width, height);
	glUniform1f(glGetUniformLocation(program->name, "opacity"), (float)alpha);
	glBindTexture(GL_TEXTURE_2D, texture);
	draw();
}

static void draw_ring(const struct bn_cluster *cluster, double x, double from, double until,
		uint32_t ink, uint32_t head) {
	const struct program *ring = &cluster->gles->ring;
	double y = BN_CLUSTER_RING_Y + cluster->frame.top, radius = BN_CLUSTER_RING_RADIUS;
	double reach = radius + 24;
	use(ring, cluster, x - reach, y - reach, 2 * reach, 2 * reach);
	set2(ring, "center", x, y);
	glUniform1f(glGetUniformLocation(ring->name, "radius"), (float)radius);
	set2(ring, "range", fmin(from, until), fmax(from, until));
	set_ink(ring, "ink", ink);
	set4(ring, "head", x + cos(until) * radius, y + sin(until) * radius, 5.5,
			until >= from ? 1 : -1);
	set_ink(ring, "head_ink", head);
	draw();
}

static void draw_rings(const struct bn_cluster *cluster, const struct bn_app_view *view) {
	if (!bn_signals_known(&view->signals, BN_SIGNAL_SPEED)) {
		return;
	}
	const struct bn_palette *palette = &view->palette;
	draw_ring(cluster, cluster->frame.left_x, BN_CLUSTER_RING_START,
			bn_cluster_speed_angle(cluster->speed), palette->accent,
			palette->dark ? 0xffffff : palette->accent);
	uint32_t color = cluster->power < 0 ? BN_GREEN : palette->accent;
	draw_ring(cluster, cluster->frame.right_x, bn_cluster_power_angle(0),
			bn_cluster_power_angle(cluster->power), color,
			palette->dark ? 0xffffff : color);
}

static void draw_road(const struct bn_cluster *cluster, const struct bn_app_view *view) {
	const struct program *road = &cluster->gles->road;
	const struct bn_palette *palette = &view->palette;
	const struct bn_cluster_frame *frame = &cluster->frame;
	double top = frame->top;
	use(road, cluster, frame->center_x - 330, top + 150, 660, 410);
	set4(road, "view", frame->center_x, top + BN_CLUSTER_HORIZON_Y, top + BN_CLUSTER_NEAR_Y,
			BN_CLUSTER_PER_M);
	// The dashes repeat every 9 m: a small number keeps a float exact after hours of driving.
	set4(road, "motion", BN_CLUSTER_NEAR_M, cluster->bend, fmod(cluster->trip.distance, 9),
			BN_CLUSTER_LANE_M);
	set_color(road, "ground", palette->dark ? palette->foreground : 0xffffff,
			palette->dark ? 0.05 : 0.6);
	set_color(road, "line", palette->dark ? 0xffffff : palette->faint, 0.85);
	set_color(road, "path", palette->accent, 0.34);
	draw();
	struct bn_cluster_other others[3];
	size_t count = bn_cluster_traffic(cluster, others);
	for (size_t i = 0; i < count; i++) {
		draw_texture(cluster, cluster->gles->other, others[i].x, others[i].y,
				others[i].size, others[i].size * 0.66, others[i].alpha);
	}
	draw_texture(cluster, cluster->gles->cars[cluster->braking ? 1 : 0],
			frame->center_x - BN_CLUSTER_CAR_WIDTH / 2, top + BN_CLUSTER_CAR_TOP,
			ceil(BN_CLUSTER_CAR_WIDTH), ceil(BN_CLUSTER_CAR_HEIGHT), 1);
}

void bn_cluster_gles_paint(struct bn_cluster *cluster, const struct bn_app_view *view, int width,
		int height) {
	const struct bn_cluster_frame *frame = &cluster->frame;
	refresh_layers(cluster, view, width, height);
	refresh_text(cluster, view);
	glViewport(0, 0, width, height);
	glDisable(GL_BLEND);
	draw_texture(cluster, cluster->gles->face, 0, 0, frame->width, frame->height, 1);
	glEnable(GL_BLEND);
	glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
	draw_road(cluster, view);
	draw_rings(cluster, view);
	draw_texture(cluster, cluster->gles->text, 0, 0, frame->width, frame->height, 1);
}
