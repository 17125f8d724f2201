#include "core/layout_load_internal.h"

#include <ctype.h>
#include <string.h>

/** Where objects of one kind lie in the layout; every one begins with its name. */
struct object_list {
	const char *what;
	const char *section;
	const char *first; // the first object
	size_t count, size;
};

static struct object_list list_of(const struct bn_layout *layout, enum bn_object object) {
	switch (object) {
	case BN_OBJECT_DISPLAY:
		return (struct object_list){ "display", "displays", (const char *)layout->displays,
			layout->display_count, sizeof(layout->displays[0]) };
	case BN_OBJECT_ZONE:
		return (struct object_list){ "zone", "zones", (const char *)layout->zones,
			layout->zone_count, sizeof(layout->zones[0]) };
	case BN_OBJECT_APP:
		return (struct object_list){ "app", "apps", (const char *)layout->apps,
			layout->app_count, sizeof(layout->apps[0]) };
	case BN_OBJECT_STATE:
		return (struct object_list){ "state", "states", (const char *)layout->states,
			layout->state_count, sizeof(layout->states[0]) };
	case BN_OBJECT_THEME:
		break;
	}
	return (struct object_list){ "theme", "themes", (const char *)layout->themes,
		layout->theme_count, sizeof(layout->themes[0]) };
}

static const char *object_name(const void *data, size_t index) {
	const struct object_list *list = data;
	// The name is the first member of every object.
	return *(const char *const *)(list->first + index * list->size);
}

static void report_unknown(struct bn_loader *loader, const char *name, const struct bn_mark *mark,
		const struct bn_doc_node *node, const struct object_list *list) {
	if (loader->is_incomplete) {
		return;
	}
	const char *nearest = bn_load_nearest(name, object_name, list, list->count);
	const struct bn_doc_node at = { .mark = *mark, .overrode = node ? node->overrode : NULL };
	if (nearest != NULL) {
		bn_load_fault(loader, &at, "no %s is called \"%.60s\"; did you mean \"%s\"?",
				list->what, name, nearest);
	} else {
		bn_load_fault(loader, &at, "no %s is called \"%.60s\"; declare it under \"%s:\"",
				list->what, name, list->section);
	}
}

static size_t find_or_report(struct bn_loader *loader, const char *name, const struct bn_mark *mark,
		const struct bn_doc_node *node, enum bn_object object) {
	struct object_list list = list_of(loader->layout, object);
	for (size_t i = 0; i < list.count; i++) {
		if (strcmp(object_name(&list, i), name) == 0) {
			return i;
		}
	}
	report_unknown(loader, name, mark, node, &list);
	return BN_NONE;
}

size_t bn_load_ref(struct bn_loader *loader, const struct bn_doc_node *node,
		enum bn_object object) {
	if (node->kind != BN_DOC_SCALAR) {
		static const char *const wants[] = { "the name of a display", "the name of a zone",
			"the name of an app", "the name of a state", "the name of a theme" };
		bn_load_expected(loader, node, wants[object]);
		return BN_NONE;
	}
	return find_or_report(loader, node->text, &node->mark, node, object);
}

size_t bn_load_ref_name(struct bn_loader *loader, const char *name, const struct bn_mark *mark,
		enum bn_object object) {
	return find_or_report(loader, name, mark, NULL, object);
}

void bn_read_ref(struct bn_loader *loader, const struct bn_doc_node *node, void *field,
		const void *arg) {
	*(size_t *)field = bn_load_ref(loader, node, *(const enum bn_object *)arg);
}

static const char *signal_name(const void *data, size_t index) {
	const struct bn_layout *layout = data;
	return layout->signals[index].name;
}

/** Whether two names differ in nothing but numbers: Row1 and Row2 are no typing mistake. */
static bool differ_in_digits_only(const char *a, const char *b) {
	while (*a != '\0' || *b != '\0') {
		while (isdigit((unsigned char)*a)) {
			a++;
		}
		while (isdigit((unsigned char)*b)) {
			b++;
		}
		if (*a != *b) {
			return false;
		}
		if (*a != '\0') {
			a++;
			b++;
		}
	}
	return true;
}

static bool has_room_for_signal(struct bn_loader *loader) {
	struct bn_layout *layout = loader->layout;
	if (layout->signal_count < loader->signal_capacity) {
		return true;
	}
	size_t capacity = loader->signal_capacity == 0 ? 16 : loader->signal_capacity * 2;
	struct bn_signal *signals = bn_load_array(loader, capacity, sizeof(signals[0]));
	if (signals == NULL) {
		return false;
	}
	if (layout->signal_count > 0) {
		memcpy(signals, layout->signals, layout->signal_count * sizeof(signals[0]));
	}
	layout->signals = signals;
	loader->signal_capacity = capacity;
	return true;
}

static bool is_vss_path(const char *name) {
	return strncmp(name, "Vehicle.", 8) == 0 && name[8] != '\0'
			&& strlen(name) < BN_SIGNAL_NAME_MAX
			&& strspn(name,
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					   "0123456789._-")
			== strlen(name);
}

size_t bn_load_signal_ref(struct bn_loader *loader, const char *name, const struct bn_mark *mark) {
	struct bn_layout *layout = loader->layout;
	for (size_t i = 0; i < layout->signal_count; i++) {
		if (strcmp(layout->signals[i].name, name) == 0) {
			return i;
		}
	}
	const char *nearest = bn_load_nearest(name, signal_name, layout, layout->signal_count);
	if (!is_vss_path(name)) {
		if (loader->is_incomplete) {
			return BN_NONE;
		}
		if (nearest != NULL) {
			bn_load_fault_at(loader, mark,
					"no signal is called \"%.60s\"; did you mean \"%s\"?", name,
					nearest);
		} else {
			bn_load_fault_at(loader, mark,
					"no signal is called \"%.60s\"; declare it under "
					"\"signals:\", or "
					"use a VSS path that begins with \"Vehicle.\"",
					name);
		}
		return BN_NONE;
	}
	if (nearest != NULL && !differ_in_digits_only(nearest, name)) {
		bn_diag_add(loader->diags, BN_SEVERITY_WARNING, mark,
				"signal %s is not declared and looks much like %s; declare it "
				"under "
				"\"signals:\" if both exist",
				name, nearest);
	}
	if (!has_room_for_signal(loader)) {
		return BN_NONE;
	}
	layout->signals[layout->signal_count] = (struct bn_signal){ .name = name, .mark = *mark };
	return layout->signal_count++;
}
