#include "render/program.h"

#include <wlr/util/log.h>

static GLuint compile(GLenum stage, const char *defines, const char *body) {
	const char *const parts[] = { "#version 300 es\n", defines, body };
	GLuint shader = glCreateShader(stage);
	glShaderSource(shader, 3, parts, NULL);
	glCompileShader(shader);
	GLint ok = GL_FALSE;
	glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
	if (!ok) {
		char text[512] = "";
		glGetShaderInfoLog(shader, sizeof(text), NULL, text);
		wlr_log(WLR_ERROR, "renderer: a shader does not compile: %s", text);
		glDeleteShader(shader);
		return 0;
	}
	return shader;
}

static GLuint link_program(GLuint vertex, GLuint fragment) {
	GLuint name = glCreateProgram();
	glAttachShader(name, vertex);
	glAttachShader(name, fragment);
	glLinkProgram(name);
	GLint ok = GL_FALSE;
	glGetProgramiv(name, GL_LINK_STATUS, &ok);
	if (!ok) {
		char text[512] = "";
		glGetProgramInfoLog(name, sizeof(text), NULL, text);
		wlr_log(WLR_ERROR, "renderer: a shader does not link: %s", text);
		glDeleteProgram(name);
		return 0;
	}
	return name;
}

static bool build(struct bn_program *program, GLuint vertex, const char *defines) {
	GLuint fragment = compile(GL_FRAGMENT_SHADER, defines, bn_shader_fragment);
	if (fragment == 0) {
		return false;
	}
	program->name = link_program(vertex, fragment);
	glDeleteShader(fragment);
	if (program->name == 0) {
		return false;
	}
	program->factor = glGetUniformLocation(program->name, "factor");
	program->corner = glGetUniformLocation(program->name, "corner");
	program->radius = glGetUniformLocation(program->name, "radius");
	glUseProgram(program->name);
	glUniform1i(glGetUniformLocation(program->name, "source"), 0);
	return true;
}

bool bn_programs_init(struct bn_programs *programs, bool with_external) {
	*programs = (struct bn_programs){ 0 };
	GLuint vertex = compile(GL_VERTEX_SHADER, "", bn_shader_vertex);
	if (vertex == 0) {
		return false;
	}
	bool ok = true;
	for (size_t i = 0; ok && i < bn_shader_variants_len; i++) {
		const struct bn_shader_variant *variant = &bn_shader_variants[i];
		if (with_external || (variant->key & BN_SHADER_EXTERNAL) == 0) {
			ok = build(&programs->by_key[variant->key], vertex, variant->defines);
		}
	}
	glDeleteShader(vertex);
	return ok;
}

void bn_programs_finish(struct bn_programs *programs) {
	for (size_t i = 0; i < BN_SHADER_KEYS; i++) {
		glDeleteProgram(programs->by_key[i].name);
	}
	*programs = (struct bn_programs){ 0 };
}
