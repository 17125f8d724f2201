#ifndef BN_MEDIA_MEDIA_H
#define BN_MEDIA_MEDIA_H

#include "lib/app.h"
#include "lib/draw.h"

#define BN_MEDIA_TRACKS 6

struct bn_track {
	const char *title, *artist, *album;
	int seconds;
	uint32_t glow[2]; // the colours that the artwork throws on the room
};

extern const struct bn_track bn_tracks[BN_MEDIA_TRACKS];

/** What the player does; the position follows from the frame time while it plays. */
struct bn_player {
	int track;
	bool playing;
	bool liked[BN_MEDIA_TRACKS];
	int64_t origin_ms; // playing: the frame time at which the track began
	int64_t held_ms;   // paused: the position
};

int64_t bn_player_position_ms(const struct bn_player *player, int64_t time_ms);
/** Goes on to the next track where one has ended. */
void bn_player_advance(struct bn_player *player, int64_t time_ms);
void bn_player_select(struct bn_player *player, int track, int64_t time_ms);
void bn_player_toggle(struct bn_player *player, int64_t time_ms);
void bn_player_seek(struct bn_player *player, double part, int64_t time_ms);

enum bn_media_button {
	BN_MEDIA_LIKE,
	BN_MEDIA_PREVIOUS,
	BN_MEDIA_PLAY,
	BN_MEDIA_NEXT,
	BN_MEDIA_REPEAT,
	BN_MEDIA_BUTTON_COUNT,
};

struct bn_media_box {
	double x, y, width, height;
};

/** Where everything is, in px; a width of 0: not shown. */
struct bn_media_layout {
	double unit;  // px per design unit
	bool compact; // a card: one line of everything
	bool centered;
	struct bn_media_box art, text, progress, queue;
	struct bn_media_box buttons[BN_MEDIA_BUTTON_COUNT];
	double title_size;
	int queue_rows;
	double row_height;
};

void bn_media_layout_set(struct bn_media_layout *layout, int width, int height);
bool bn_media_box_has(const struct bn_media_box *box, double x, double y);
struct bn_media_box bn_media_row(const struct bn_media_layout *layout, int row);

/** A track's artwork, `size` px square from the origin; generated, always the same. */
void bn_media_draw_art(cairo_t *cr, int track, double size);

/** The film of --video: fills the window; a pure function of the time. */
void bn_media_draw_film(cairo_t *cr, const struct bn_app_view *view, int64_t time_ms);
#define BN_MEDIA_FILM_SECONDS (52 * 60)
#define BN_MEDIA_FILM_RATE 24

void bn_media_draw_icon(cairo_t *cr, enum bn_media_button button, bool on, double x, double y,
		double size);

#endif
