#ifndef BN_CORE_GOLDEN_H
#define BN_CORE_GOLDEN_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Compares what was composed with what must be seen. Pure; pixels are 0x??RRGGBB in rows
 * without gaps, and the top byte means nothing.
 */
struct bn_golden_picture {
	const uint32_t *pixels; // borrowed; NULL: there is none
	int32_t width, height;
};

struct bn_golden {
	struct bn_golden_picture on;   // what must be seen
	struct bn_golden_picture off;  // what is there when it must not; may be missing
	struct bn_golden_picture mask; // pixels count where its green is 128 or more; missing: all
	int tolerance;                 // 0..255: by so much each channel of each pixel may differ
};

/** Without an off picture a place is dark when so many of a thousand pixels differ from the golden. */
#define BN_GOLDEN_DIFFERS_PERMILLE 50

/** What stands at a check's place. */
enum bn_glass {
	BN_GLASS_UNKNOWN, // not read yet, or it cannot be
	BN_GLASS_ON,      // the golden picture
	BN_GLASS_OFF,     // the off picture; where there is none, clearly not the golden one
	BN_GLASS_OTHER,   // neither
};

struct bn_golden_diff {
	uint32_t compared; // pixels within the mask
	uint32_t outside;  // of them, beyond the tolerance
	int worst;         // largest difference of a channel
};

/** Of pictures of one size (asserted); a mask without pixels counts all. */
struct bn_golden_diff bn_golden_compare(const struct bn_golden_picture *seen,
		const struct bn_golden_picture *golden, const struct bn_golden_picture *mask,
		int tolerance);
/**
 * Says which picture it is. by_difference: as if there were no off picture, for a place where
 * no app stands that could draw it. A picture of another size than the golden's is UNKNOWN.
 */
enum bn_glass bn_golden_judge(const struct bn_golden *golden, const struct bn_golden_picture *seen,
		bool by_difference);
/** Whether on and off differ enough to be told apart; true without an off picture. */
bool bn_golden_is_telling(const struct bn_golden *golden);
const char *bn_glass_name(enum bn_glass glass);

#endif
