#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "binnaclectl.h"
#include "core/layout_load.h"
#include "core/proof.h"

/** One proof for each profile that can be selected, and one without any. */
static void add_proof(yyjson_mut_doc *json, yyjson_mut_val *list, const char *path,
		const char *profile, struct bn_layout **ret_layout, struct bn_diag_list *diags) {
	const struct bn_layout_options options = { .profile = profile };
	struct bn_layout *layout = bn_layout_load(path, &options, diags);
	struct bn_proof *proof = NULL;
	if (layout != NULL) {
		proof = bn_proof_create(layout, NULL, diags);
	}
	bn_proof_report(json, yyjson_mut_arr_add_obj(json, list), layout, proof, diags);
	bn_proof_destroy(proof);
	*ret_layout = layout;
}

static void add_files(yyjson_mut_doc *json, yyjson_mut_val *list, const struct bn_layout *layout,
		const char *path) {
	size_t count = layout != NULL ? layout->file_count : 1;
	for (size_t i = 0; i < count; i++) {
		const char *file = layout != NULL ? layout->files[i] : path;
		char hex[CTL_SHA256_SIZE];
		yyjson_mut_val *object = yyjson_mut_arr_add_obj(json, list);
		yyjson_mut_obj_add_strcpy(json, object, "path", file);
		yyjson_mut_obj_add_strcpy(json, object, "sha256",
				ctl_sha256_file(file, hex) ? hex : "unreadable");
	}
}

// --- the page --------------------------------------------------------------------

static void put(FILE *out, const char *text) {
	for (; text != NULL && *text != '\0'; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static const char *text_of(yyjson_val *object, const char *key) {
	const char *text = yyjson_get_str(yyjson_obj_get(object, key));
	return text != NULL ? text : "";
}

static double number_of(yyjson_val *object, const char *key) {
	return yyjson_get_num(yyjson_obj_get(object, key));
}

static void put_list(FILE *out, yyjson_val *list, const char *joint, const char *when_empty) {
	size_t i, count;
	yyjson_val *item;
	if (yyjson_arr_size(list) == 0) {
		put(out, when_empty);
	}
	yyjson_arr_foreach(list, i, count, item) {
		put(out, i > 0 ? joint : "");
		put(out, yyjson_get_str(item));
	}
}

static double side(yyjson_val *box, size_t index) {
	return yyjson_get_num(yyjson_arr_get(box, index));
}

static void put_box(FILE *out, yyjson_val *box, const char *class, const char *title) {
	fprintf(out, "<rect class=\"%s\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"><title>",
			class, side(box, 0), side(box, 1), side(box, 2), side(box, 3));
	put(out, title);
	fputs("</title></rect>\n", out);
}

static void put_label(FILE *out, yyjson_val *box, const char *text, double size) {
	fprintf(out, "<text x=\"%g\" y=\"%g\" font-size=\"%g\">", side(box, 0) + size * 0.4,
			side(box, 1) + size * 1.1, size);
	put(out, text);
	fputs("</text>\n", out);
}

/** A display as it is cut, with the places of the zones that were proved. */
static void put_display(FILE *out, yyjson_val *display, yyjson_val *zones) {
	double width = number_of(display, "width"), height = number_of(display, "height");
	const char *name = text_of(display, "name");
	fputs("<figure><figcaption>", out);
	put(out, name);
	fprintf(out, ", %gx%g%s</figcaption>\n", width, height,
			yyjson_get_bool(yyjson_obj_get(display, "safety")) ? ", safety" : "");
	fprintf(out,
			"<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"Places on display "
			"%s\">\n",
			width, height, name);
	fprintf(out, "<rect class=\"glass\" width=\"%g\" height=\"%g\"/>\n", width, height);
	size_t i, j, count, place_count;
	yyjson_val *zone, *place, *hole;
	yyjson_arr_foreach(zones, i, count, zone) {
		yyjson_arr_foreach(yyjson_obj_get(zone, "places"), j, place_count, place) {
			if (strcmp(text_of(place, "display"), name) == 0) {
				yyjson_val *box = yyjson_obj_get(place, "box");
				put_box(out, box, j == 0 ? text_of(zone, "layer") : "backup",
						text_of(place, "zone"));
				put_label(out, box, text_of(place, "zone"), height / 18);
			}
		}
	}
	yyjson_arr_foreach(yyjson_obj_get(display, "cut_outs"), i, count, hole) {
		put_box(out, hole, "hole", "cut-out");
	}
	fputs("</svg></figure>\n", out);
}

static void put_places(FILE *out, yyjson_val *places) {
	size_t i, count;
	yyjson_val *place;
	yyjson_arr_foreach(places, i, count, place) {
		yyjson_val *box = yyjson_obj_get(place, "box");
		fputs(i > 0 ? "<br>" : "", out);
		put(out, text_of(place, "zone"));
		fputs(" on ", out);
		put(out, text_of(place, "display"));
		fprintf(out, ", %gx%g at %g,%g", side(box, 2), side(box, 3), side(box, 0),
				side(box, 1));
		if (number_of(place, "side_mm") > 0) {
			fprintf(out, ", %.1f mm", number_of(place, "side_mm"));
		}
		if (yyjson_arr_size(yyjson_obj_get(place, "missing")) > 0) {
			fputs(", without ", out);
			put_list(out, yyjson_obj_get(place, "missing"), " and ", "");
		}
	}
}

static void put_zone(FILE *out, yyjson_val *zone) {
	fputs("<tr><td>", out);
	put(out, text_of(zone, "name"));
	fputs("<br><small>", out);
	put(out, text_of(zone, "layer"));
	fputs("</small></td><td>", out);
	put_list(out, yyjson_obj_get(zone, "must_show_while"), "; or ", "always");
	fputs("</td><td>", out);
	put_places(out, yyjson_obj_get(zone, "places"));
	fputs("</td><td>", out);
	if (yyjson_arr_size(yyjson_obj_get(zone, "lost_with")) == 0) {
		fputs("never, while a display is there", out);
	} else {
		put_list(out, yyjson_obj_get(zone, "lost_with"), " and ", "");
		fputs(" missing. <em>Accepted: ", out);
		put(out, text_of(zone, "accepted_loss"));
		fputs("</em>", out);
	}
	fprintf(out,
			"</td><td>questions: %.0f, combinations in one: up to "
			"%.0f</td><td>%s</td></tr>\n",
			number_of(zone, "questions"), number_of(zone, "combinations"),
			yyjson_get_bool(yyjson_obj_get(zone, "proved")) ? "proved" : "refused");
}

static void put_faults(FILE *out, yyjson_val *faults) {
	size_t i, count;
	yyjson_val *fault;
	if (yyjson_arr_size(faults) == 0) {
		return;
	}
	fputs("<h3>Faults</h3>\n<ul>\n", out);
	yyjson_arr_foreach(faults, i, count, fault) {
		fputs("<li><code>", out);
		put(out, text_of(fault, "file"));
		fprintf(out, ":%.0f:%.0f</code> ", number_of(fault, "line"),
				number_of(fault, "column"));
		put(out, text_of(fault, "severity"));
		fputs(": ", out);
		put(out, text_of(fault, "text"));
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void put_proof(FILE *out, yyjson_val *proof) {
	size_t i, count;
	yyjson_val *item, *zones = yyjson_obj_get(proof, "zones");
	const char *profile = text_of(proof, "profile");
	fputs("<h2>", out);
	put(out, profile[0] != '\0' ? "With profile " : "Without a profile");
	put(out, profile);
	fprintf(out, ": %s</h2>\n",
			yyjson_get_bool(yyjson_obj_get(proof, "proved")) ? "proved" : "refused");
	put_faults(out, yyjson_obj_get(proof, "faults"));
	if (zones == NULL) {
		return;
	}
	fprintf(out,
			"<p>States: %.0f, of signals: %.0f, as far as rules tell them apart: %.0f. "
			"Sets of "
			"missing displays: %.0f, with each state.</p>\n<div class=\"displays\">\n",
			number_of(proof, "states"), number_of(proof, "signals"),
			number_of(proof, "rules"), number_of(proof, "display_sets"));
	yyjson_arr_foreach(yyjson_obj_get(proof, "displays"), i, count, item) {
		put_display(out, item, zones);
	}
	fputs("</div>\n<table>\n<tr><th>Zone</th><th>Must show</th><th>Places, the first that "
	      "can</th>"
	      "<th>Lost when</th><th>Asked</th><th>Result</th></tr>\n",
			out);
	yyjson_arr_foreach(zones, i, count, item) {
		put_zone(out, item);
	}
	fputs("</table>\n", out);
}

static void put_texts(FILE *out, const char *title, yyjson_val *list, const char *key) {
	size_t i, count;
	yyjson_val *item;
	fprintf(out, "<h2>%s</h2>\n<ul>\n", title);
	yyjson_arr_foreach(list, i, count, item) {
		fputs("<li>", out);
		put(out, key != NULL ? text_of(item, key) : yyjson_get_str(item));
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static const char style[] =
		"body{font:15px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 "
		"1em;"
		"color:#12171d;background:#fff}"
		"table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:"
		"top;"
		"padding:.4em .7em;border-bottom:1px solid #d5dbe1}"
		".displays{display:flex;flex-wrap:wrap;gap:1em}figure{margin:0;flex:1 1 20em;"
		"max-width:40em}svg{width:100%;height:auto}"
		".glass{fill:#0b1016}.telltale{fill:#ff4d5e}.safety{fill:#ff7a45}"
		".backup{fill:none;stroke:#ffc24b;stroke-width:6;stroke-dasharray:18 12}"
		".hole{fill:#7a8794}text{fill:#fff;font-family:sans-serif}code{font-size:90%}";

static void put_page(FILE *out, yyjson_val *report) {
	size_t i, count;
	yyjson_val *item, *proofs = yyjson_obj_get(report, "proofs");
	yyjson_val *first = yyjson_arr_get_first(proofs);
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Proof of ",
			out);
	put(out, text_of(report, "file"));
	fprintf(out, "</title><style>%s</style></head><body>\n<h1>Proof of ", style);
	put(out, text_of(report, "file"));
	fprintf(out,
			"</h1>\n<p>%s by binnaclectl %s. Every zone of the layers safety and "
			"telltale is proved "
			"over every reachable state and every set of missing displays.</p>\n",
			yyjson_get_bool(yyjson_obj_get(report, "ok")) ? "Proved" : "Refused",
			text_of(report, "version"));
	yyjson_arr_foreach(proofs, i, count, item) {
		put_proof(out, item);
	}
	put_texts(out, "What is proved of each zone", yyjson_obj_get(first, "claims"), "text");
	put_texts(out, "What is assumed", yyjson_obj_get(first, "assumptions"), NULL);
	fputs("<h2>Files</h2>\n<table>\n<tr><th>File</th><th>SHA-256</th></tr>\n", out);
	yyjson_arr_foreach(yyjson_obj_get(report, "files"), i, count, item) {
		fputs("<tr><td>", out);
		put(out, text_of(item, "path"));
		fputs("</td><td><code>", out);
		put(out, text_of(item, "sha256"));
		fputs("</code></td></tr>\n", out);
	}
	fputs("</table>\n</body></html>\n", out);
}

// --- files -------------------------------------------------------------------------

static bool has_suffix(const char *path, const char *suffix) {
	size_t length = strlen(path), end = strlen(suffix);
	return length >= end && strcmp(path + length - end, suffix) == 0;
}

static bool write_json(yyjson_doc *doc, const char *path) {
	yyjson_write_err error;
	if (yyjson_write_file(path, doc, YYJSON_WRITE_PRETTY | YYJSON_WRITE_ALLOW_INVALID_UNICODE,
			    NULL, &error)) {
		return true;
	}
	ctl_complain("%s: %s", path, error.msg);
	return false;
}

static bool write_page(yyjson_doc *doc, const char *path) {
	FILE *file = fopen(path, "we");
	if (file != NULL) {
		put_page(file, yyjson_doc_get_root(doc));
	}
	bool failed = file == NULL || ferror(file) != 0;
	if (file != NULL) {
		failed = fclose(file) != 0 || failed;
	}
	if (failed) {
		ctl_complain("%s: %s", path, strerror(errno));
	}
	return !failed;
}

static bool write_both(yyjson_doc *doc, const char *folder) {
	char *json = NULL, *page = NULL;
	bool ok = (mkdir(folder, 0777) == 0 || errno == EEXIST)
			&& asprintf(&json, "%s/proof.json", folder) >= 0
			&& asprintf(&page, "%s/proof.html", folder) >= 0;
	if (!ok) {
		ctl_complain("%s: %s", folder, strerror(errno));
	}
	ok = ok && write_json(doc, json) && write_page(doc, page);
	free(json);
	free(page);
	return ok;
}

static bool write_report(yyjson_doc *doc, const char *path) {
	if (doc == NULL) {
		ctl_complain("out of memory");
		return false;
	}
	return has_suffix(path, ".json")            ? write_json(doc, path)
			: has_suffix(path, ".html") ? write_page(doc, path)
						    : write_both(doc, path);
}

static void fill_report(yyjson_mut_doc *json, yyjson_mut_val *root, const char *path,
		struct bn_layout **layouts, struct bn_diag_list *diags, size_t count) {
	yyjson_mut_obj_add_str(json, root, "version", BN_VERSION);
	yyjson_mut_obj_add_str(json, root, "file", path);
	yyjson_mut_val *proofs = yyjson_mut_obj_add_arr(json, root, "proofs");
	for (size_t i = 0; i < count; i++) {
		const char *profile = i > 0 ? layouts[0]->profiles[i - 1].name : NULL;
		bn_diag_list_init(&diags[i]);
		add_proof(json, proofs, path, profile, &layouts[i], &diags[i]);
	}
	add_files(json, yyjson_mut_obj_add_arr(json, root, "files"), layouts[0], path);
}

bool ctl_report(const char *path, const struct bn_layout *layout, bool ok,
		const char *report_path) {
	size_t count = 1 + (layout != NULL ? layout->profile_count : 0);
	struct bn_layout **layouts = calloc(count, sizeof(layouts[0]));
	struct bn_diag_list *diags = calloc(count, sizeof(diags[0]));
	yyjson_mut_doc *json = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(json);
	bool written = false;
	if (layouts != NULL && diags != NULL && root != NULL) {
		yyjson_mut_doc_set_root(json, root);
		yyjson_mut_obj_add_bool(json, root, "ok", ok);
		fill_report(json, root, path, layouts, diags, count);
		yyjson_doc *doc = yyjson_mut_doc_imut_copy(json, NULL);
		written = write_report(doc, report_path);
		yyjson_doc_free(doc);
	}
	yyjson_mut_doc_free(json); // it borrows from the layouts
	for (size_t i = 0; i < count && layouts != NULL && diags != NULL; i++) {
		bn_layout_destroy(layouts[i]);
		bn_diag_list_finish(&diags[i]);
	}
	free(layouts);
	free(diags);
	return written;
}
