#version 300 es

layout(location = 0) in vec2 position; // clip space; y = -1 is the first row in memory
layout(location = 1) in vec2 texel;    // 0..1

// Swapped here and swapped back in the fragment shader. llvmpipe's fast rasteriser takes a texture
// coordinate only when arithmetic made it, not when it is a varying as it came; on a GPU the swaps
// cost nothing.
out vec2 swapped;

void main() {
	swapped = texel.yx;
	gl_Position = vec4(position, 0.0, 1.0);
}
