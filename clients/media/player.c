#include "media/media.h"

const struct bn_track bn_tracks[BN_MEDIA_TRACKS] = {
	{ "Northern Lines", "Halden Vale", "Long Light", 227, { 0xe8704a, 0x4a2a6a } },
	{ "Glass Harbour", "Mira Okonjo", "Tidewater", 254, { 0x1f9e9a, 0x123a5a } },
	{ "Slow Orbit", "The Cartographers", "Perihelion", 312, { 0x6a78d8, 0x2a1f4a } },
	{ "Paper Cranes", "Aiko Lund", "Fold", 198, { 0xd8b48a, 0x8a4a3a } },
	{ "Neon Avenue", "Parallel Coast", "After Hours", 241, { 0xd83a8a, 0x2a1a6a } },
	{ "Salt & Cedar", "Wren Hollis", "Hinterland", 276, { 0x5a9a5a, 0x1a3a3a } },
};

int64_t bn_player_position_ms(const struct bn_player *player, int64_t time_ms) {
	return player->playing ? time_ms - player->origin_ms : player->held_ms;
}

void bn_player_advance(struct bn_player *player, int64_t time_ms) {
	int64_t length = (int64_t)bn_tracks[player->track].seconds * 1000;
	while (player->playing && time_ms - player->origin_ms >= length) {
		player->origin_ms += length;
		player->track = (player->track + 1) % BN_MEDIA_TRACKS;
		length = (int64_t)bn_tracks[player->track].seconds * 1000;
	}
}

void bn_player_select(struct bn_player *player, int track, int64_t time_ms) {
	player->track = (track % BN_MEDIA_TRACKS + BN_MEDIA_TRACKS) % BN_MEDIA_TRACKS;
	player->origin_ms = time_ms;
	player->held_ms = 0;
}

void bn_player_toggle(struct bn_player *player, int64_t time_ms) {
	if (player->playing) {
		player->held_ms = time_ms - player->origin_ms;
	} else {
		player->origin_ms = time_ms - player->held_ms;
	}
	player->playing = !player->playing;
}

void bn_player_seek(struct bn_player *player, double part, int64_t time_ms) {
	double length = bn_tracks[player->track].seconds * 1000.0;
	int64_t position = (int64_t)(bn_draw_clamp(part, 0, 0.999) * length);
	player->origin_ms = time_ms - position;
	player->held_ms = position;
}
