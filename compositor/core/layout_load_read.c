#include "core/layout_load_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

void bn_read_text(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	double number;
	bool truth;
	if (node->kind != BN_DOC_SCALAR) {
		bn_load_expected(loader, node, "text");
	} else if (bn_doc_number(node, &number) || bn_doc_bool(node, &truth)) {
		bn_load_fault(loader, node, "expected text, not %s; write \"%s\" in quotes",
				bn_doc_kind_name(node), node->text);
	} else if (node->text[0] == '\0') {
		bn_load_fault(loader, node, "expected text, which must not be empty");
	} else {
		*(const char **)field = node->text;
	}
}

void bn_read_bool(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	if (!bn_doc_bool(node, field)) {
		bn_load_expected(loader, node, "true or false");
	}
}

static bool read_in_range(struct bn_loader *loader, const struct bn_doc_node *node,
		const struct bn_range *range, bool whole, double *ret_number) {
	double number;
	bool ok = bn_doc_number(node, &number) && number >= range->min && number <= range->max
			&& (!whole || number == floor(number));
	if (!ok) {
		char want[128];
		const char *space = range->unit[0] != '\0' ? " " : "";
		snprintf(want, sizeof(want), "a %snumber from %g to %g%s%s", whole ? "whole " : "",
				range->min, range->max, space, range->unit);
		bn_load_expected(loader, node, want);
		return false;
	}
	*ret_number = number;
	return true;
}

void bn_read_number(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	read_in_range(loader, node, arg, false, field);
}

void bn_read_integer(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	double number;
	if (read_in_range(loader, node, arg, true, &number)) {
		*(int32_t *)field = (int32_t)number;
	}
}

void bn_read_duration(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	static const char want[] =
			"a duration such as 500ms or 2s (us, ms, s, min; at most 1440min)";
	const char *text = bn_load_scalar(loader, node, want);
	if (text != NULL && !bn_parse_duration(text, field)) {
		bn_load_expected(loader, node, want);
	}
}

void bn_read_bytes(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	static const char want[] = "a size such as 65536, 512KiB, 64MiB or 1GiB";
	const char *text = bn_load_scalar(loader, node, want);
	if (text != NULL && !bn_parse_bytes(text, field)) {
		bn_load_expected(loader, node, want);
	}
}

static const char *choice_name(const void *data, size_t index) {
	const struct bn_choices *choices = data;
	return choices->items[index].name;
}

static void list_choices(const struct bn_choices *choices, char *buffer, size_t size) {
	size_t used = 0;
	buffer[0] = '\0';
	for (size_t i = 0; i < choices->count && used < size; i++) {
		const char *comma = i == 0 ? "" : i + 1 == choices->count ? " or " : ", ";
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", comma,
				choices->items[i].name);
	}
}

static bool choose(struct bn_loader *loader, const struct bn_doc_node *node,
		const struct bn_choices *choices, int *ret_value) {
	char want[256];
	list_choices(choices, want, sizeof(want));
	if (node->kind != BN_DOC_SCALAR) {
		bn_load_expected(loader, node, want);
		return false;
	}
	for (size_t i = 0; i < choices->count; i++) {
		if (strcmp(choices->items[i].name, node->text) == 0) {
			*ret_value = choices->items[i].value;
			return true;
		}
	}
	const char *nearest = bn_load_nearest(node->text, choice_name, choices, choices->count);
	if (nearest != NULL) {
		bn_load_fault(loader, node, "\"%.60s\" is not %s; did you mean \"%s\"? (%s)",
				node->text, choices->what, nearest, want);
	} else {
		bn_load_fault(loader, node, "\"%.60s\" is not %s; expected %s", node->text,
				choices->what, want);
	}
	return false;
}

void bn_read_choice(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	choose(loader, node, arg, field);
}

void bn_read_choice_bool(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	int value;
	if (choose(loader, node, arg, &value)) {
		*(bool *)field = value != 0;
	}
}

void bn_read_rgb(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	static const char want[] = "a colour such as \"#10263a\" (in quotes)";
	const char *text = bn_load_scalar(loader, node, want);
	uint32_t argb;
	if (text == NULL) {
		return;
	}
	if (strlen(text) != 7 || !bn_parse_color(text, &argb)) {
		bn_load_expected(loader, node, want);
		return;
	}
	*(uint32_t *)field = argb & 0xffffffu;
}

/** Absolute also while the file is not there yet, as long as its folder is; malloc'ed, NULL: that is not there. */
static char *resolve(const char *path) {
	char *real = realpath(path, NULL);
	const char *slash = strrchr(path, '/');
	if (real != NULL || slash == NULL) {
		return real;
	}
	char *folder = slash != path ? strndup(path, (size_t)(slash - path)) : strdup("/");
	char *real_folder = folder != NULL ? realpath(folder, NULL) : NULL;
	if (real_folder != NULL && asprintf(&real, "%s%s", real_folder, slash) < 0) {
		real = NULL;
	}
	free(real_folder);
	free(folder);
	return real;
}

void bn_read_path(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	const char *name = bn_load_scalar(loader, node, "a path");
	if (name == NULL || name[0] == '\0') {
		return;
	}
	const char *slash = strrchr(node->mark.file, '/');
	int folder = slash != NULL ? (int)(slash - node->mark.file) : 1;
	const char *base = slash != NULL ? node->mark.file : ".";
	char *path = name[0] == '/' ? bn_arena_strdup(loader->arena, name)
				    : bn_arena_printf(loader->arena, "%.*s/%s", folder, base, name);
	char *real = path != NULL ? resolve(path) : NULL;
	if (real != NULL) {
		path = bn_arena_strdup(loader->arena, real);
		free(real);
	}
	if (path == NULL) {
		loader->diags->out_of_memory = true;
	}
	*(const char **)field = path;
}

void bn_read_value(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_value *value = field;
	bool truth;
	if (node->kind != BN_DOC_SCALAR) {
		bn_load_expected(loader, node, "a value: a number, true, false or text");
	} else if (bn_doc_bool(node, &truth)) {
		*value = (struct bn_value){ .kind = BN_VALUE_BOOL, .number = truth ? 1 : 0 };
	} else if (bn_doc_number(node, &value->number)) {
		value->kind = BN_VALUE_NUMBER;
	} else if (node->text[0] == '\0' || strlen(node->text) >= BN_STRING_VALUE_MAX) {
		bn_load_fault(loader, node, "a signal's text must have 1 to %d bytes",
				BN_STRING_VALUE_MAX - 1);
	} else {
		*value = (struct bn_value){ .kind = BN_VALUE_STRING };
		memcpy(value->text, node->text, strlen(node->text) + 1);
	}
}

static const struct bn_choice builtin_items[] = {
	{ "clock", BN_BUILTIN_CLOCK },
	{ "speed", BN_BUILTIN_SPEED },
	{ "no-camera", BN_BUILTIN_NO_CAMERA },
	{ "brake", BN_BUILTIN_BRAKE },
	{ "oil", BN_BUILTIN_OIL },
	{ "battery", BN_BUILTIN_BATTERY },
	{ "engine", BN_BUILTIN_ENGINE },
	{ "seat-belt", BN_BUILTIN_SEAT_BELT },
	{ "door", BN_BUILTIN_DOOR },
	{ "logo", BN_BUILTIN_LOGO },
};
static const struct bn_choices builtins = { "a built-in filler", builtin_items,
	BN_COUNT_OF(builtin_items) };

static void read_builtin(struct bn_loader *loader, const struct bn_doc_node *node, const char *name,
		struct bn_filler *filler) {
	for (size_t i = 0; i < builtins.count; i++) {
		if (strcmp(builtins.items[i].name, name) == 0) {
			*filler = (struct bn_filler){
				.builtin = (enum bn_builtin)builtins.items[i].value
			};
			return;
		}
	}
	char known[128];
	list_choices(&builtins, known, sizeof(known));
	const char *nearest = bn_load_nearest(name, choice_name, &builtins, builtins.count);
	bn_load_fault(loader, node, "no built-in filler is called \"%.60s\"; expected %s%s", name,
			nearest != NULL ? "builtin:" : "one of ",
			nearest != NULL ? nearest : known);
}

void bn_read_filler(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	static const char want[] =
			"builtin:NAME, a colour such as \"#102030\", text:WORDS, or none";
	struct bn_filler *filler = field;
	const char *text = bn_load_scalar(loader, node, want);
	uint32_t argb;
	if (text == NULL) {
		return;
	}
	if (strcmp(text, "none") == 0) {
		*filler = (struct bn_filler){ .builtin = BN_BUILTIN_NONE };
	} else if (strncmp(text, "builtin:", 8) == 0) {
		read_builtin(loader, node, text + 8, filler);
	} else if (strncmp(text, "text:", 5) == 0 && text[5] != '\0') {
		*filler = (struct bn_filler){ .builtin = BN_BUILTIN_TEXT,
			.text = text + 5 + strspn(text + 5, " ") };
	} else if (bn_parse_color(text, &argb)) {
		*filler = (struct bn_filler){ .builtin = BN_BUILTIN_COLOR, .color = argb };
	} else {
		bn_load_expected(loader, node, want);
	}
}

static const struct bn_choice transition_items[] = {
	{ "none", BN_TRANSITION_NONE },
	{ "fade", BN_TRANSITION_FADE },
	{ "slide-left", BN_TRANSITION_SLIDE_LEFT },
	{ "slide-right", BN_TRANSITION_SLIDE_RIGHT },
	{ "slide-up", BN_TRANSITION_SLIDE_UP },
	{ "slide-down", BN_TRANSITION_SLIDE_DOWN },
};

static const struct bn_choice *find_transition(const char *text, size_t length) {
	for (size_t i = 0; i < BN_COUNT_OF(transition_items); i++) {
		const char *name = transition_items[i].name;
		if (strlen(name) == length && strncmp(name, text, length) == 0) {
			return &transition_items[i];
		}
	}
	return NULL;
}

void bn_read_transition(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	static const char want[] = "none, or fade, slide-left, slide-right, slide-up or slide-down "
				   "with a duration up to 5s, such as fade 200ms";
	const char *text = bn_load_scalar(loader, node, want);
	if (text == NULL) {
		return;
	}
	size_t length = strcspn(text, " ");
	const struct bn_choice *kind = find_transition(text, length);
	const char *rest = text + length + strspn(text + length, " ");
	int64_t duration_ns = INT64_C(200000000);
	bool ok = kind != NULL && (*rest == '\0' || bn_parse_duration(rest, &duration_ns))
			&& duration_ns <= INT64_C(5000000000);
	if (!ok) {
		bn_load_expected(loader, node, want);
		return;
	}
	bool none = kind->value == BN_TRANSITION_NONE || duration_ns == 0;
	*(struct bn_transition_spec *)field = (struct bn_transition_spec){
		.kind = none ? BN_TRANSITION_NONE : (enum bn_transition_kind)kind->value,
		.duration_ns = none ? 0 : duration_ns,
	};
}

void bn_read_rect(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	struct bn_length *rect = field;
	if (node->kind != BN_DOC_LIST || node->count != 4) {
		bn_load_expected(loader, node, "[x, y, width, height] in px or %");
		return;
	}
	for (size_t i = 0; i < 4; i++) {
		const struct bn_doc_node *item = node->items[i];
		struct bn_length length;
		if (item->kind != BN_DOC_SCALAR || !bn_parse_length(item->text, &length)) {
			bn_load_expected(loader, item, "a length such as 72, 50% or 100%-72");
		} else if (i >= 2 && !length.percent && length.value <= 0) {
			bn_load_expected(loader, item,
					i == 2 ? "a width above 0" : "a height above 0");
		} else {
			rect[i] = length;
		}
	}
}
