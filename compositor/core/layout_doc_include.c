#include "core/layout_doc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/arena.h"

/** A file being read, and the one that included it. */
struct level {
	const struct level *outer; // NULL: the file that was asked for
	const char *path;          // as written in messages
	const char *real;          // absolute, links resolved
	int depth;
};

static const struct bn_doc_node *load_level(struct bn_doc_source *source, const struct level *level,
		const struct bn_mark *from);

static void *note_memory(struct bn_doc_source *source, void *memory) {
	if (memory == NULL) {
		source->diags->out_of_memory = true;
	}
	return memory;
}

/** The absolute path without links, in the arena; `path` itself when there is no such file. */
static const char *real_path(struct bn_doc_source *source, const char *path) {
	char *real = realpath(path, NULL);
	if (real == NULL) {
		return path;
	}
	char *copy = note_memory(source, bn_arena_strdup(source->arena, real));
	free(real);
	return copy;
}

static bool add_file(struct bn_doc_source *source, const char *real, const struct bn_mark *from) {
	for (size_t i = 0; i < source->file_count; i++) {
		if (strcmp(source->files[i], real) == 0) {
			real = NULL;
			break;
		}
	}
	// One included twice is read twice: the count of readings is what must end.
	if (++source->read_count > BN_DOC_MAX_FILES) {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, from,
				"more than %d files are included", BN_DOC_MAX_FILES);
		return false;
	}
	if (real != NULL) {
		source->files[source->file_count++] = real;
	}
	return true;
}

static bool count_bytes(struct bn_doc_source *source, size_t length, const char *path,
		const struct bn_mark *from) {
	source->total_bytes += length;
	if (length > BN_DOC_MAX_BYTES) {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, from,
				"%s is larger than a layout file may be (1 MiB)", path);
		return false;
	}
	if (source->total_bytes > BN_DOC_MAX_TOTAL_BYTES) {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, from,
				"the included files together are larger than 4 MiB");
		return false;
	}
	return true;
}

static bool read_all(int fd, char *buffer, size_t size, size_t *ret_length) {
	size_t length = 0;
	while (length < size) {
		ssize_t got = read(fd, buffer + length, size - length);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return false;
		}
		if (got == 0) {
			break;
		}
		length += (size_t)got;
	}
	*ret_length = length;
	return true;
}

static void report_unreadable(struct bn_doc_source *source, const char *path,
		const struct bn_mark *from, int error) {
	bn_diag_add(source->diags, BN_SEVERITY_ERROR, from, "cannot read %s: %s", path,
			strerror(error));
}

/** A whole regular file, NUL-terminated in the arena. */
static const char *read_file(struct bn_doc_source *source, const char *path,
		const struct bn_mark *from, size_t *ret_length) {
	// Not blocking: a FIFO in place of a file must not hold up the cockpit.
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0) {
		report_unreadable(source, path, from, errno);
		goto err;
	}
	if (!S_ISREG(status.st_mode)) {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, from, "%s is not a file", path);
		goto err;
	}
	if (!count_bytes(source, (size_t)status.st_size, path, from)) {
		goto err;
	}
	char *text = note_memory(source, bn_arena_alloc(source->arena, (size_t)status.st_size + 1));
	if (text == NULL) {
		goto err;
	}
	if (!read_all(fd, text, (size_t)status.st_size, ret_length)) {
		report_unreadable(source, path, from, errno);
		goto err;
	}
	close(fd);
	return text;

err:
	if (fd >= 0) {
		close(fd);
	}
	return NULL;
}

/** `name` as seen from the file `path`. */
static const char *relative_path(struct bn_doc_source *source, const char *path, const char *name) {
	const char *slash = strrchr(path, '/');
	if (name[0] == '/' || slash == NULL) {
		return name;
	}
	int folder = (int)(slash - path);
	return note_memory(source, bn_arena_printf(source->arena, "%.*s/%s", folder, path, name));
}

static bool report_cycle(struct bn_doc_source *source, const struct level *level, const char *path,
		const struct bn_mark *from) {
	const char *chain = path;
	for (const struct level *at = level; at != NULL && chain != NULL; at = at->outer) {
		chain = bn_arena_printf(source->arena, "%s -> %s", at->path, chain);
	}
	if (note_memory(source, (void *)chain) == NULL) {
		return false;
	}
	bn_diag_add(source->diags, BN_SEVERITY_ERROR, from, "the file includes itself: %s", chain);
	return false;
}

static bool may_include(struct bn_doc_source *source, const struct level *level, const char *path,
		const char *real, const struct bn_mark *from) {
	for (const struct level *at = level; at != NULL; at = at->outer) {
		if (strcmp(at->real, real) == 0) {
			return report_cycle(source, level, path, from);
		}
	}
	if (level->depth >= BN_DOC_MAX_INCLUDE_DEPTH) {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, from,
				"includes are nested more than %d deep", BN_DOC_MAX_INCLUDE_DEPTH);
		return false;
	}
	return true;
}

/** Merges one `include:` entry onto what was included before it. */
static const struct bn_doc_node *include_one(struct bn_doc_source *source,
		const struct level *level, const struct bn_doc_node *base,
		const struct bn_doc_node *entry) {
	if (entry->kind != BN_DOC_SCALAR || entry->text[0] == '\0') {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, &entry->mark,
				"include takes paths of layout files, not %s",
				bn_doc_kind_name(entry));
		return base;
	}
	const char *path = relative_path(source, level->path, entry->text);
	const char *real = path != NULL ? real_path(source, path) : NULL;
	if (real == NULL || !may_include(source, level, path, real, &entry->mark)) {
		source->is_incomplete = true;
		return base;
	}
	const struct level inner = { level, path, real, level->depth + 1 };
	const struct bn_doc_node *over = load_level(source, &inner, &entry->mark);
	if (over == NULL) {
		source->is_incomplete = true;
		return base;
	}
	const struct bn_doc_node *merged = bn_doc_merge(source->arena, base, over, source->diags);
	return merged != NULL ? merged : base;
}

static const struct bn_doc_node *include_all(struct bn_doc_source *source,
		const struct level *level, const struct bn_doc_node *include) {
	if (include->kind != BN_DOC_LIST) {
		return include_one(source, level, NULL, include);
	}
	const struct bn_doc_node *base = NULL;
	for (size_t i = 0; i < include->count; i++) {
		base = include_one(source, level, base, include->items[i]);
	}
	return base;
}

/** A copy of the document's map without its `include:`. */
static const struct bn_doc_node *without_include(struct bn_doc_source *source,
		const struct bn_doc_node *doc) {
	struct bn_doc_node *copy =
			note_memory(source, bn_arena_alloc(source->arena, sizeof(*copy)));
	struct bn_doc_pair *pairs = note_memory(source,
			bn_arena_array(source->arena, doc->count, sizeof(*pairs)));
	if (copy == NULL || pairs == NULL) {
		return NULL;
	}
	*copy = *doc;
	copy->pairs = pairs;
	copy->count = 0;
	for (size_t i = 0; i < doc->count; i++) {
		if (strcmp(doc->pairs[i].key, "include") != 0) {
			pairs[copy->count++] = doc->pairs[i];
		}
	}
	return copy;
}

static const struct bn_doc_node *resolve(struct bn_doc_source *source, const struct level *level,
		const char *text, size_t length) {
	const struct bn_doc_node *doc =
			bn_doc_parse(source->arena, text, length, level->path, source->diags);
	if (doc == NULL) {
		return NULL;
	}
	if (doc->kind != BN_DOC_MAP) {
		bn_diag_add(source->diags, BN_SEVERITY_ERROR, &doc->mark,
				"a layout file is a map of sections such as \"displays:\" and "
				"\"zones:\", "
				"not %s",
				bn_doc_kind_name(doc));
		return NULL;
	}
	const struct bn_doc_node *include = bn_doc_get(doc, "include");
	const struct bn_doc_node *base = NULL;
	if (include != NULL) {
		base = include->kind != BN_DOC_NULL ? include_all(source, level, include) : NULL;
		doc = without_include(source, doc);
	}
	return doc != NULL ? bn_doc_merge(source->arena, base, doc, source->diags) : base;
}

static const struct bn_doc_node *load_level(struct bn_doc_source *source, const struct level *level,
		const struct bn_mark *from) {
	size_t length;
	const char *text = add_file(source, level->real, from)
			? read_file(source, level->path, from, &length)
			: NULL;
	return text != NULL ? resolve(source, level, text, length) : NULL;
}

const struct bn_doc_node *bn_doc_load(struct bn_doc_source *source, const char *path) {
	const char *copy = note_memory(source, bn_arena_strdup(source->arena, path));
	const char *real = copy != NULL ? real_path(source, copy) : NULL;
	if (real == NULL) {
		return NULL;
	}
	const struct level level = { NULL, copy, real, 0 };
	const struct bn_doc_node *doc = load_level(source, &level, NULL);
	return bn_doc_prune(source->arena, doc, source->diags);
}

const struct bn_doc_node *bn_doc_load_text(struct bn_doc_source *source, const char *text,
		size_t length, const char *path) {
	const char *copy = note_memory(source, bn_arena_strdup(source->arena, path));
	const char *real = copy != NULL ? real_path(source, copy) : NULL;
	if (real == NULL) {
		return NULL;
	}
	const struct level level = { NULL, copy, real, 0 };
	if (!add_file(source, real, NULL) || !count_bytes(source, length, copy, NULL)) {
		return NULL;
	}
	const struct bn_doc_node *doc = resolve(source, &level, text, length);
	return bn_doc_prune(source->arena, doc, source->diags);
}

const struct bn_doc_node *bn_doc_load_plain(struct bn_doc_source *source, const char *path) {
	const char *copy = note_memory(source, bn_arena_strdup(source->arena, path));
	size_t length;
	const char *text = copy != NULL ? read_file(source, copy, NULL, &length) : NULL;
	return text != NULL ? bn_doc_parse(source->arena, text, length, copy, source->diags) : NULL;
}
