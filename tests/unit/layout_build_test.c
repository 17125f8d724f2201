#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/layout_load.h"
#include "unit.h"

/** What a layout says arrives in its struct: one file with every key, read field by field. */
static struct bn_layout *load(const char *path, const char *profile) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	const struct bn_layout_options options = { .profile = profile };
	struct bn_layout *layout = bn_layout_load(path, &options, &diags);
	if (layout == NULL) {
		fail_msg("%s: %s", path, diags.count > 0 ? diags.items[0].text : "no reason");
	}
	bn_diag_list_finish(&diags);
	return layout;
}

static struct bn_layout *load_text(const char *text, struct bn_diag_list *diags) {
	bn_diag_list_init(diags);
	return bn_layout_load_text(text, strlen(text), "memory.yaml", NULL, diags);
}

static void displays_and_occupants(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	assert_string_equal(layout->name, "Every key");
	const struct bn_display *cluster =
			&layout->displays[bn_layout_find_display(layout, "cluster")];
	assert_int_equal(cluster->match_count, 2);
	assert_string_equal(cluster->matches[0].connector, "LVDS-1");
	assert_null(cluster->matches[0].serial);
	assert_string_equal(cluster->matches[1].serial, "0042");
	assert_string_equal(cluster->matches[1].model, "C 12");
	assert_int_equal(cluster->refresh_mhz, 59940);
	assert_int_equal(cluster->width_mm, 292);
	assert_true(cluster->safety);
	assert_non_null(strstr(cluster->glass_mask, "good/cluster.png"));
	assert_int_equal(cluster->cut_out_count, 2);
	struct bn_rect hole = bn_layout_rect(cluster->cut_outs[0].rect, 1920, 720);
	assert_true(bn_rect_equal(&hole, &(struct bn_rect){ 940, 648, 40, 36 }));
	const struct bn_display *center =
			&layout->displays[bn_layout_find_display(layout, "center")];
	assert_int_equal(center->transform, 1);
	assert_true(center->scale == 1.5);
	assert_false(center->safety);
	assert_true(center->adaptive_sync);
	assert_false(cluster->adaptive_sync);
	assert_int_equal(center->mark.line, 10);
	const struct bn_occupant *driver = &layout->occupants[0];
	assert_int_equal(driver->display_count, 2);
	assert_int_equal(driver->touch_count, 2);
	assert_string_equal(driver->touches[1].path, "pci-0000:00:04.0");
	assert_string_equal(driver->touches[1].name, "ACME Touch");
	assert_int_equal(bn_layout_display_occupant(layout, 1), 0);
	bn_layout_destroy(layout);
}

static void signals_and_states(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	const struct bn_signal *speed =
			&layout->signals[bn_layout_find_signal(layout, "Vehicle.Speed")];
	assert_int_equal(speed->stale_after_ns, 500000000);
	assert_string_equal(speed->from[0], "vehicle-bridge");
	assert_int_equal(speed->initial.kind, BN_VALUE_NUMBER);
	size_t mode = bn_layout_find_signal(layout, "Vehicle.Cabin.Infotainment.HMI.DayNightMode");
	assert_int_equal(layout->signals[mode].initial.kind, BN_VALUE_STRING);
	assert_string_equal(layout->signals[mode].initial.text, "DAY");
	// Used in a condition, declared nowhere: a VSS path declares itself.
	size_t gear = bn_layout_find_signal(layout, "Vehicle.Powertrain.Transmission.CurrentGear");
	assert_int_not_equal(gear, BN_NONE);

	size_t moving = bn_layout_find_state(layout, "moving");
	const struct bn_condition *over = &layout->conditions[layout->states[moving].condition];
	assert_int_equal(over->kind, BN_CONDITION_OVER);
	assert_true(over->limit == 5 && over->until == 3);
	assert_true(over->hysteresis < layout->hysteresis_count);

	size_t busy = bn_layout_find_state(layout, "busy");
	const struct bn_condition *all = &layout->conditions[layout->states[busy].condition];
	assert_int_equal(all->kind, BN_CONDITION_ALL);
	assert_int_equal(all->child_count, 2);
	const struct bn_condition *first = &layout->conditions[all->first_child];
	assert_int_equal(first->kind, BN_CONDITION_STATE);
	assert_int_equal(first->state, moving);
	assert_int_equal(first[1].kind, BN_CONDITION_NOT);
	assert_true(moving < busy); // states come after those that they name

	const struct bn_condition *town =
			&layout->conditions[layout->states[bn_layout_find_state(layout, "town")]
							.condition];
	assert_int_equal(town->kind, BN_CONDITION_ALL);
	assert_int_equal(town->child_count, 3);
	const struct bn_condition *gears =
			&layout->conditions[layout->states[bn_layout_find_state(layout, "gear")]
							.condition];
	assert_int_equal(gears->kind, BN_CONDITION_ANY);
	assert_int_equal(gears->child_count, 3);
	assert_true(layout->conditions[gears->first_child + 2].value.number == 3);
	bn_layout_destroy(layout);
}

static void hysteresis_bits_are_distinct(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	bool *used = calloc(layout->hysteresis_count, sizeof(*used));
	for (size_t i = 0; i < layout->condition_count; i++) {
		const struct bn_condition *condition = &layout->conditions[i];
		if (condition->kind == BN_CONDITION_OVER || condition->kind == BN_CONDITION_UNDER) {
			assert_true(condition->hysteresis < layout->hysteresis_count);
			assert_false(used[condition->hysteresis]);
			used[condition->hysteresis] = true;
		}
	}
	free(used);
	bn_layout_destroy(layout);
}

static void zones(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	const struct bn_zone *lamps = &layout->zones[bn_layout_find_zone(layout, "telltales")];
	assert_int_equal(lamps->layer, BN_LAYER_TELLTALE);
	assert_true(lamps->is_private);
	assert_true(lamps->min_symbol_mm == 4);
	assert_false(lamps->dimmed); // default from alert up
	size_t main_zone = bn_layout_find_zone(layout, "main");
	assert_true(layout->zones[main_zone].grant_all);
	assert_true(layout->zones[main_zone].dimmed);
	assert_int_equal(layout->zones[main_zone].fit, BN_FIT_FIT);
	assert_int_equal(layout->zones[main_zone].transition.kind, BN_TRANSITION_FADE);
	assert_int_equal(layout->zones[main_zone].transition.duration_ns, 200000000);
	const struct bn_zone *card = &layout->zones[bn_layout_find_zone(layout, "card")];
	assert_int_equal(card->parent, main_zone);
	assert_int_equal(card->display, layout->zones[main_zone].display); // from its parent
	assert_false(card->dimmed);
	assert_true(card->radius == 24 && card->opacity == 0.9);
	const struct bn_zone *twin = &layout->zones[bn_layout_find_zone(layout, "twin")];
	assert_false(twin->visible);
	const struct bn_zone *camera = &layout->zones[bn_layout_find_zone(layout, "camera")];
	assert_int_equal(camera->same_as, main_zone);
	assert_int_equal(camera->max_age_ns, 100000000);
	assert_true(camera->has_counter);
	assert_true(camera->counter[0].percent && camera->counter[0].value == 100
			&& camera->counter[0].offset == -200 && camera->counter[3].value == 24);
	assert_false(card->has_counter);
	assert_int_equal(camera->empty.builtin, BN_BUILTIN_NO_CAMERA);
	assert_int_equal(camera->on_fault.builtin,
			BN_BUILTIN_NO_CAMERA); // as empty, when not given
	assert_string_equal(camera->accept_loss, "mirrors do");
	const struct bn_zone *movie = &layout->zones[bn_layout_find_zone(layout, "movie")];
	assert_int_equal(movie->transition.kind, BN_TRANSITION_SLIDE_UP);
	assert_false(movie->driver_visible);
	assert_string_equal(movie->empty.text, "Movie");
	const struct bn_zone *back = &layout->zones[bn_layout_find_zone(layout, "back")];
	assert_int_equal(back->empty.builtin, BN_BUILTIN_COLOR);
	assert_int_equal(back->empty.color, 0x80102020);
	bn_layout_destroy(layout);
}

static void a_backup_takes_what_it_does_not_say(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	size_t lamps = bn_layout_find_zone(layout, "telltales");
	size_t spare = bn_layout_find_zone(layout, "telltales-spare");
	assert_int_equal(layout->zones[lamps].backup_count, 1);
	assert_int_equal(layout->zones[lamps].backups[0], spare);
	assert_false(layout->zones[lamps].is_backup);
	const struct bn_zone *zone = &layout->zones[spare];
	assert_true(zone->is_backup && !zone->visible);
	assert_int_equal(zone->backup_of, lamps);
	assert_int_equal(zone->layer, BN_LAYER_TELLTALE);
	assert_true(zone->is_private && zone->min_symbol_mm == 4);
	assert_int_equal(zone->grant_count, 0);
	bn_layout_destroy(layout);
}

static void zone_boxes(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	struct bn_rect box = bn_layout_zone_box(layout, bn_layout_find_zone(layout, "gauges"), 1920,
			720);
	const struct bn_rect gauges = { 0, 72, 1920, 648 };
	assert_true(bn_rect_equal(&box, &gauges));
	box = bn_layout_zone_box(layout, bn_layout_find_zone(layout, "twin"), 720, 1280);
	const struct bn_rect twin = { 360, 490, 180, 240 }; // as card, within main
	assert_true(bn_rect_equal(&box, &twin));
	box = bn_layout_zone_box(layout, bn_layout_find_zone(layout, "gauges"), 1, 1);
	assert_true(bn_rect_is_empty(&box));
	bn_layout_destroy(layout);
}

static void neighbours_in_per_cent_meet_without_a_seam(void **state) {
	static const char text[] = "binnacle: 1\n"
				   "displays: { only: {} }\n"
				   "zones:\n"
				   "  a: { rect: [0, 0, 33.3%, 100%], grant: '*' }\n"
				   "  b: { rect: [33.3%, 0, 33.4%, 100%], grant: '*' }\n"
				   "  c: { rect: [66.7%, 0, 33.3%, 100%], grant: '*' }\n";
	struct bn_diag_list diags;
	struct bn_layout *layout = load_text(text, &diags);
	assert_non_null(layout);
	for (int32_t width = 1; width < 3000; width++) {
		struct bn_rect a = bn_layout_zone_box(layout, 0, width, 10);
		struct bn_rect b = bn_layout_zone_box(layout, 1, width, 10);
		struct bn_rect c = bn_layout_zone_box(layout, 2, width, 10);
		assert_int_equal(a.x + a.width, b.x);
		assert_int_equal(b.x + b.width, c.x);
		assert_int_equal(c.x + c.width, width);
	}
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
}

static void order_is_by_layer_then_as_written(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	static const char *const expected[] = { "back", "gauges", "main", "card", "twin", "movie",
		"camera", "telltales", "telltales-spare" };
	assert_int_equal(layout->zone_count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < layout->zone_count; i++) {
		assert_string_equal(layout->zones[layout->order[i]].name, expected[i]);
	}
	bn_layout_destroy(layout);
}

static void grants(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	size_t lamps = bn_layout_find_app(layout, "lamps"), nav = bn_layout_find_app(layout, "nav");
	size_t gauges = bn_layout_find_zone(layout, "gauges"),
	       main_zone = bn_layout_find_zone(layout, "main");
	assert_true(bn_layout_zone_grants(layout, gauges, nav));
	assert_false(bn_layout_zone_grants(layout, gauges, lamps));
	assert_false(bn_layout_zone_grants(layout, gauges, BN_NONE));
	// All, but for the app that a safety zone depends on.
	assert_false(bn_layout_zone_grants(layout, main_zone, lamps));
	assert_true(bn_layout_zone_grants(layout, main_zone, nav));
	assert_true(bn_layout_zone_grants(layout, main_zone, BN_NONE));
	bn_layout_destroy(layout);
}

static void rules_and_checks(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	size_t camera = bn_layout_find_zone(layout, "camera");
	assert_int_equal(layout->rule_count, 4);
	const struct bn_rule *rule = &layout->rules[0];
	assert_string_equal(rule->label, "reversing");
	assert_int_equal(rule->shows[0].zone, camera);
	assert_int_equal(rule->shows[0].app, bn_layout_find_app(layout, "camera"));
	assert_int_equal(rule->within_ns, INT64_C(2000000000));
	assert_int_equal(rule->linger_ns, INT64_C(2000000000));
	assert_int_equal(rule->theme, BN_NONE);
	rule = &layout->rules[1];
	assert_string_equal(rule->label, "moving and not cold");
	assert_int_equal(rule->theme, bn_layout_find_theme(layout, "night"));
	assert_int_equal(rule->restricts[0].restrictions, BN_RESTRICT_VIDEO | BN_RESTRICT_KEYBOARD);
	assert_int_equal(rule->restricts[1].restrictions, BN_RESTRICT_TOUCH);
	rule = &layout->rules[2];
	assert_string_equal(rule->label, "Vehicle.Speed = 0");
	assert_int_equal(rule->shows[0].app, BN_NONE);
	assert_int_equal(rule->hide_count, 1);
	rule = &layout->rules[3];
	assert_int_equal(rule->when, BN_NONE);
	assert_int_equal(rule->show_count, 2);
	assert_int_equal(rule->shows[1].zone, camera);

	const struct bn_check *check = &layout->checks[0];
	assert_int_equal(check->zone, bn_layout_find_zone(layout, "telltales"));
	assert_true(check->else_off);
	assert_true(check->rect[2].value == 56);
	assert_non_null(strstr(check->golden.path, "good/brake.png"));
	assert_non_null(strstr(check->off.path, "good/brake-off.png"));
	assert_non_null(strstr(check->mask.path, "good/brake-mask.png"));
	assert_int_equal(check->tolerance, 6);
	assert_int_equal(check[1].tolerance, 4);
	assert_null(check[1].off.path);
	const struct bn_rect zone_box = { 10, 20, 300, 72 };
	const struct bn_rect box = bn_layout_check_box(check, &zone_box);
	assert_true(bn_rect_equal(&box, &(struct bn_rect){ 50, 28, 56, 56 }));
	assert_int_equal(check->on_fault.builtin, BN_BUILTIN_BRAKE);
	bn_layout_destroy(layout);
}

static void apps(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	const struct bn_app *gauge = &layout->apps[bn_layout_find_app(layout, "gauge")];
	assert_string_equal(gauge->exec[2], "12");
	assert_string_equal(gauge->exec[3], "a b");
	assert_null(gauge->exec[4]);
	assert_string_equal(gauge->env[0], "LANG=C");
	assert_string_equal(gauge->env[1], "DEPTH=3");
	assert_null(gauge->env[2]);
	assert_string_equal(gauge->app_id, "com.acme.gauge");
	assert_int_equal(gauge->home, bn_layout_find_zone(layout, "gauges"));
	const struct bn_app *lamps = &layout->apps[bn_layout_find_app(layout, "lamps")];
	assert_int_equal(lamps->start, BN_START_BOOT);
	assert_int_equal(lamps->restart, BN_RESTART_ALWAYS);
	assert_string_equal(lamps->app_id, "lamps");
	assert_string_equal(lamps->exec[0], "lamps");
	const struct bn_app *camera = &layout->apps[bn_layout_find_app(layout, "camera")];
	assert_null(camera->exec);
	assert_true(camera->all_seats && camera->privileged_capture && camera->privileged_input);
	const struct bn_app *nav = &layout->apps[bn_layout_find_app(layout, "nav")];
	assert_true(nav->privileged_capture && !nav->privileged_input);
	assert_int_equal(nav->budget.upload_bytes_per_frame, 8 << 20);
	assert_int_equal(nav->budget.buffer_bytes, 1 << 28);
	assert_int_equal(nav->budget.surfaces, 32);
	assert_int_equal(nav->budget.commits_per_frame, 4);
	bn_layout_destroy(layout);
}

static void a_profile_is_merged_last(void **state) {
	struct bn_layout *layout = load("good/every-key.yaml", NULL);
	size_t day = bn_layout_find_theme(layout, "day"),
	       card = bn_layout_find_zone(layout, "card");
	assert_int_equal(layout->themes[day].accent, 0x4da3ff);
	assert_null(layout->profile);
	assert_int_equal(layout->profile_count, 2);
	bn_layout_destroy(layout);
	layout = load("good/every-key.yaml", "anna");
	assert_int_equal(layout->themes[day].accent, 0xff8a3d);
	assert_int_equal(layout->themes[day].foreground, 0xe8edf2);
	assert_true(layout->zones[card].radius == 0); // removed by null
	assert_string_equal(layout->profile, "anna");
	bn_layout_destroy(layout);
}

static void an_unknown_profile_is_refused(void **state) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	const struct bn_layout_options options = { .profile = "ana" };
	assert_null(bn_layout_load("good/every-key.yaml", &options, &diags));
	assert_string_equal(diags.items[0].text,
			"no profile is called \"ana\"; did you mean \"anna\"?");
	bn_diag_list_finish(&diags);
}

static void what_is_not_said_has_a_default(void **state) {
	struct bn_layout *layout = load("good/smallest.yaml", NULL);
	assert_string_equal(layout->name, "smallest");
	assert_int_equal(layout->displays[0].width, 1920);
	assert_int_equal(layout->displays[0].refresh_mhz, 60000);
	assert_true(layout->displays[0].scale == 1);
	const struct bn_zone *zone = &layout->zones[0];
	assert_int_equal(zone->layer, BN_LAYER_APP);
	assert_int_equal(zone->fit, BN_FIT_FILL);
	assert_true(zone->visible && zone->driver_visible && zone->dimmed && zone->opacity == 1);
	struct bn_rect box = bn_layout_zone_box(layout, 0, 1920, 1080);
	assert_int_equal(box.width, 1920);
	assert_int_equal(layout->theme_count, 1);
	assert_string_equal(layout->themes[0].name, "default");
	bn_layout_destroy(layout);
}

static void includes_merge_and_null_removes(void **state) {
	struct bn_layout *layout = load("good/merged.yaml", NULL);
	assert_int_equal(layout->file_count, 3);
	assert_int_equal(layout->files[1][0], '/');
	assert_int_equal(layout->display_count, 1); // the second was removed
	assert_int_equal(layout->rule_count, 1);
	assert_string_equal(layout->zones[0].name, "left"); // the base's order is kept
	assert_string_equal(layout->zones[1].name, "right");
	assert_string_equal(layout->zones[2].name, "extra");
	assert_int_equal(layout->zones[0].empty.builtin, BN_BUILTIN_NONE);
	assert_true(layout->zones[0].rect[2].value == 30);
	assert_int_equal(layout->zones[1].layer, BN_LAYER_OVERLAY);
	assert_string_equal(layout->zones[1].mark.file, "good/merged.yaml");
	assert_int_equal(layout->zones[1].mark.line, 4);
	assert_string_equal(layout->zones[2].mark.file, "good/inc/trim.yaml");
	bn_layout_destroy(layout);
}

static void what_one_include_removes_another_had_set(void **state) {
	struct bn_layout *layout = load("good/siblings.yaml", NULL);
	assert_int_equal(bn_layout_find_zone(layout, "right"), BN_NONE);
	assert_int_equal(bn_layout_find_zone(layout, "extra"), BN_NONE);
	assert_int_not_equal(bn_layout_find_zone(layout, "left"), BN_NONE);
	assert_int_not_equal(bn_layout_find_zone(layout, "late"), BN_NONE);
	bn_layout_destroy(layout);
}

static void a_null_that_removes_nothing_is_told(void **state) {
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	static const char text[] = "binnacle: 1\ninclude: good/inc/base.yaml\nzones: { lefft: }\n";
	struct bn_layout *layout =
			bn_layout_load_text(text, strlen(text), "memory.yaml", NULL, &diags);
	assert_non_null(layout);
	assert_int_equal(diags.items[diags.count - 1].line, 3);
	assert_int_equal(diags.items[diags.count - 1].severity, BN_SEVERITY_WARNING);
	assert_non_null(strstr(diags.items[diags.count - 1].text, "\"lefft\" is empty"));
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
}

static void text_that_was_only_begun_is_refused_with_a_place(void **state) {
	// An editor's half-written save: any prefix of a layout is refused or loads, never worse.
	FILE *file = fopen("good/every-key.yaml", "r");
	char whole[16384];
	size_t length = fread(whole, 1, sizeof(whole), file);
	fclose(file);
	for (size_t cut = 0; cut < length; cut += 7) {
		struct bn_diag_list diags;
		bn_diag_list_init(&diags);
		struct bn_layout *layout = bn_layout_load_text(whole, cut, "good/every-key.yaml",
				NULL, &diags);
		assert_true(layout != NULL || bn_diag_list_errors(&diags) > 0);
		for (size_t i = 0; i < diags.count; i++) {
			assert_true(diags.items[i].line > 0 && diags.items[i].column > 0);
		}
		bn_layout_destroy(layout);
		bn_diag_list_finish(&diags);
	}
}

static void faults_beyond_the_list_still_refuse(void **state) {
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	fprintf(stream, "binnacle: 1\ndisplays: { only: {} }\nzones:\n  main: { grant: '*' }\n");
	fprintf(stream, "themes:\n");
	for (int i = 0; i < 300; i++) {
		fprintf(stream, "  t%d: { dim: 5 }\n", i);
	}
	// A reference that leads nowhere, in a pass whose faults are only counted.
	fprintf(stream, "profiles: { one: { checks: { lamp: { zone: nowhere } } } }\n");
	fclose(stream);
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	assert_null(bn_layout_load_text(text, length, "memory.yaml", NULL, &diags));
	assert_int_equal(diags.count, BN_DIAG_MAX);
	assert_true(bn_diag_list_errors(&diags) > 300);
	bn_diag_list_finish(&diags);
	free(text);
}

static void large_files_are_refused(void **state) {
	size_t length = 1024 * 1024 + 1;
	char *text = malloc(length);
	memset(text, ' ', length);
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	assert_null(bn_layout_load_text(text, length, "large.yaml", NULL, &diags));
	assert_non_null(strstr(diags.items[0].text, "larger than a layout file may be"));
	bn_diag_list_finish(&diags);
	free(text);
}

static void what_is_no_file_is_refused_at_once(void **state) {
	static const char *const paths[] = { "good", "/dev/zero", "nowhere.yaml", "" };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct bn_diag_list diags;
		bn_diag_list_init(&diags);
		assert_null(bn_layout_load(paths[i], NULL, &diags));
		assert_int_equal(bn_diag_list_errors(&diags), 1);
		bn_diag_list_finish(&diags);
	}
}

static int go_to_data(void **state) {
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s/layouts", getenv("BN_TEST_DATA"));
	return chdir(folder);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("displays-and-occupants", displays_and_occupants),
		CASE("signals-and-states", signals_and_states),
		CASE("hysteresis-bits-are-distinct", hysteresis_bits_are_distinct),
		CASE("zones", zones),
		CASE("a-backup-takes-what-it-does-not-say", a_backup_takes_what_it_does_not_say),
		CASE("zone-boxes", zone_boxes),
		CASE("neighbours-in-per-cent-meet-without-a-seam",
				neighbours_in_per_cent_meet_without_a_seam),
		CASE("order-is-by-layer-then-as-written", order_is_by_layer_then_as_written),
		CASE("grants", grants),
		CASE("rules-and-checks", rules_and_checks),
		CASE("apps", apps),
		CASE("a-profile-is-merged-last", a_profile_is_merged_last),
		CASE("an-unknown-profile-is-refused", an_unknown_profile_is_refused),
		CASE("what-is-not-said-has-a-default", what_is_not_said_has_a_default),
		CASE("includes-merge-and-null-removes", includes_merge_and_null_removes),
		CASE("what-one-include-removes-another-had-set",
				what_one_include_removes_another_had_set),
		CASE("a-null-that-removes-nothing-is-told", a_null_that_removes_nothing_is_told),
		CASE("text-that-was-only-begun-is-refused-with-a-place",
				text_that_was_only_begun_is_refused_with_a_place),
		CASE("faults-beyond-the-list-still-refuse", faults_beyond_the_list_still_refuse),
		CASE("large-files-are-refused", large_files_are_refused),
		CASE("what-is-no-file-is-refused-at-once", what_is_no_file_is_refused_at_once),
	};
	return cmocka_run_group_tests(tests, go_to_data, NULL);
}
