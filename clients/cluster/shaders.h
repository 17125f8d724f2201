#ifndef BN_CLUSTER_SHADERS_H
#define BN_CLUSTER_SHADERS_H

/*
 * GLSL of the cluster. Positions are design units, y downwards; colours are premultiplied, as cairo
 * makes them.
 */

static const char shader_quad[] = "#version 300 es\n"
				  "uniform vec4 box;\n" // x, y, width, height
				  "uniform vec2 canvas;\n"
				  "out vec2 at;\n"   // design units
				  "out vec2 part;\n" // 0..1 of the box
				  "void main() {\n"
				  "	part = vec2(gl_VertexID & 1, gl_VertexID >> 1);\n"
				  "	at = box.xy + part * box.zw;\n"
				  "	gl_Position = vec4(at / canvas * vec2(2.0, -2.0) + "
				  "vec2(-1.0, 1.0), 0.0, 1.0);\n"
				  "}\n";

static const char shader_texture[] = "#version 300 es\n"
				     "precision highp float;\n"
				     "uniform sampler2D picture;\n"
				     "uniform float opacity;\n"
				     "in vec2 part;\n"
				     "out vec4 color;\n"
				     "void main() {\n"
				     "	color = texture(picture, part) * opacity;\n"
				     "}\n";

static const char shader_ring[] =
		"#version 300 es\n"
		"precision highp float;\n"
		"uniform vec2 center;\n"
		"uniform float radius;\n"
		"uniform vec2 range;\n" // radians, clockwise from the right: low end, high end
		"uniform vec3 ink;\n"
		"uniform vec4 head;\n" // x, y of the bright end, its radius, how far the arc fades
		"uniform vec3 head_ink;\n"
		"in vec2 at;\n"
		"out vec4 color;\n"
		"const float PI = 3.14159265;\n"
		"void main() {\n"
		"	vec2 d = at - center;\n"
		"	float middle = (range.x + range.y) * 0.5, half_sweep = (range.y - range.x) "
		"* 0.5;\n"
		"	float angle = mod(atan(d.y, d.x) - middle + PI, 2.0 * PI) - PI;\n"
		"	float clamped = clamp(angle, -half_sweep, half_sweep) + middle;\n"
		"	float away = distance(at, center + radius * vec2(cos(clamped), "
		"sin(clamped)));\n"
		"	float core = 1.0 - smoothstep(3.0, 4.0, away);\n"
		"	float glow = 0.30 * exp(-away * away / 60.0);\n"
		"	float along = clamp((angle + half_sweep) / max(2.0 * half_sweep, 0.001), "
		"0.0, 1.0);\n"
		"	float strength = mix(0.55, 1.0, head.w > 0.0 ? along : 1.0 - along);\n"
		"	vec4 arc = vec4(ink, 1.0) * max(core * strength, glow);\n"
		"	float to_head = distance(at, head.xy);\n"
		"	float tip = 1.0 - smoothstep(head.z - 0.7, head.z + 0.7, to_head);\n"
		"	float shine = 0.5 * exp(-to_head * to_head / 90.0);\n"
		"	vec4 light = vec4(head_ink, 1.0) * max(tip, shine);\n"
		"	color = light + arc * (1.0 - light.a);\n"
		"}\n";

static const char shader_road[] =
		"#version 300 es\n"
		"precision highp float;\n"
		"uniform vec4 view;\n" // x of the middle, y of horizon, y of the lower edge, px per metre
		"uniform vec4 motion;\n" // metres at the lower edge, bend, distance, metres of a lane
		"uniform vec4 ground;\n" // colours with their opacity
		"uniform vec4 line;\n"
		"uniform vec4 path;\n"
		"in vec2 at;\n"
		"out vec4 color;\n"
		"float band(float side, float middle, float half_width, float soft) {\n"
		"	return 1.0 - smoothstep(half_width - soft, half_width + soft, abs(side - "
		"middle));\n"
		"}\n"
		"void main() {\n"
		"	float low = (at.y - view.y) / (view.z - view.y);\n"
		"	if (low <= 0.03 || low >= 1.0) {\n"
		"		discard;\n"
		"	}\n"
		"	float ahead = motion.x / low;\n"
		"	float metre = view.w * motion.x / ahead;\n"
		"	float side = (at.x - view.x) / metre - motion.y * ahead * ahead * 0.5;\n"
		"	float soft = max(0.6 / metre, 0.012);\n"
		"	float lane = motion.w;\n"
		"	float fade = smoothstep(0.02, 0.5, low) * (1.0 - smoothstep(0.75, 1.0, "
		"low));\n"
		"	vec4 result = vec4(ground.rgb, 1.0) * ground.a * band(side, 0.0, 1.5 * "
		"lane, soft);\n"
		"	float way = band(side, 0.0, 0.9, soft) * path.a;\n"
		"	result = vec4(path.rgb, 1.0) * way + result * (1.0 - way);\n"
		"	float dash = mod(ahead + motion.z, 9.0);\n"
		"	float reach = max(fwidth(ahead), 0.05);\n"
		"	float on = smoothstep(0.0, reach, dash) * (1.0 - smoothstep(3.0, 3.0 + "
		"reach, dash));\n"
		"	float mark = on * max(band(side, -0.5 * lane, 0.07, soft), band(side, 0.5 "
		"* lane, 0.07, soft));\n"
		"	mark = max(mark, 0.6 * max(band(side, -1.5 * lane, 0.07, soft),\n"
		"			band(side, 1.5 * lane, 0.07, soft)));\n"
		"	mark *= line.a;\n"
		"	result = vec4(line.rgb, 1.0) * mark + result * (1.0 - mark);\n"
		"	color = result * fade;\n"
		"}\n";

#endif
