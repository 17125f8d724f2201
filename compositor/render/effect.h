#ifndef BN_RENDER_EFFECT_H
#define BN_RENDER_EFFECT_H

struct bn_pass_effect;

// The colour multiplier, 0 < gain <= 1. NULL, 0 and nonsense are 1.
float bn_effect_gain(const struct bn_pass_effect *effect);

#endif
