#ifndef BN_RENDER_PROGRAM_H
#define BN_RENDER_PROGRAM_H

#include <GLES3/gl3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a variant of shaders/paint.frag does; the words of shaders/variants.txt. */
enum bn_shader_bit {
	BN_SHADER_SOLID = 0,         // a colour
	BN_SHADER_TEXTURE = 1 << 0,  // a texel
	BN_SHADER_EXTERNAL = 1 << 1, // ... of a dmabuf that only an external sampler takes
	BN_SHADER_MODULATE = 1 << 2, // ... times a factor
	BN_SHADER_OPAQUE = 1 << 3,   // ... whose alpha is junk and counts as 1, times a factor
	BN_SHADER_ROUND = 1 << 4,    // times the coverage by one corner's circle

	BN_SHADER_KEYS = 1 << 5,
};

struct bn_shader_variant {
	uint32_t key; // enum bn_shader_bit
	const char *defines;
};

// Written at build from shaders/.
extern const char bn_shader_vertex[];
extern const char bn_shader_fragment[];
extern const struct bn_shader_variant bn_shader_variants[];
extern const size_t bn_shader_variants_len;

struct bn_program {
	GLuint name; // 0: this driver has not got the variant
	GLint factor, corner, radius;
};

struct bn_programs {
	struct bn_program by_key[BN_SHADER_KEYS];
};

// All variants are compiled here, so that no frame ever waits for a compiler. False with one ERROR
// line.
bool bn_programs_init(struct bn_programs *programs, bool with_external);
void bn_programs_finish(struct bn_programs *programs);

#endif
