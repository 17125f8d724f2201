#version 300 es
#ifdef EXTERNAL
#extension GL_OES_EGL_image_external_essl3 : require
#endif

// Every op is this shader in one of the variants of variants.txt. Colours are premultiplied. The
// forms of the lines below are chosen for llvmpipe: another wording of the same arithmetic leaves
// its fast rasteriser, or meets its bug that swaps red and blue in `vec4(texture(..).rgb, 1.0)`
// without a factor.

precision highp float;

#ifdef TEXTURE
#ifdef EXTERNAL
uniform highp samplerExternalOES source;
#else
uniform highp sampler2D source; // without highp it is lowp, and fetches become half floats
#endif
in vec2 swapped;
#endif

uniform vec4 factor; // TEXTURE: multiplies the texel; else: the colour itself

#ifdef ROUND
uniform vec4 corner; // xy: centre of the circle, target px; zw: +1 or -1, towards the rim
uniform float radius;
#endif

layout(location = 0) out vec4 colour;

#ifdef ROUND
// The share of this pixel inside the circle; render/corner.c has the same formula for the other
// renderers.
float coverage() {
	vec2 outward = max((gl_FragCoord.xy - corner.xy) * corner.zw, 0.0);
	return clamp(radius + 0.5 - length(outward), 0.0, 1.0);
}
#endif

void main() {
#if defined(TEXTURE) && defined(OPAQUE)
	vec4 base = vec4(texture(source, swapped.yx).rgb, 1.0) * factor;
#elif defined(TEXTURE) && defined(MODULATE)
	vec4 base = texture(source, swapped.yx) * factor;
#elif defined(TEXTURE)
	vec4 base = texture(source, swapped.yx);
#else
	vec4 base = factor;
#endif
#ifdef ROUND
	colour = base * coverage();
#else
	colour = base;
#endif
}
