#include "core/policy.h"

#include <string.h>

#include "unit.h"

enum { NAV, CAPTURER, BRIDGE };
enum { OPEN, NAMED, WARNING, SECRET };

static const char *sources[] = { "vehicle-bridge" };
static struct bn_app apps[] = {
	[NAV] = { .name = "nav", .mark = { "a.yaml", 10, 3 } },
	[CAPTURER] = { .name = "mirror",
			.mark = { "a.yaml", 11, 3 },
			.privileged_capture = true,
			.privileged_input = true },
	[BRIDGE] = { .name = "vehicle-bridge", .mark = { "a.yaml", 12, 3 } },
};
static struct bn_signal signals[] = {
	{ .name = "Vehicle.Speed", .mark = { "a.yaml", 20, 3 }, .from = sources, .from_count = 1 },
	{ .name = "Vehicle.Gear", .mark = { "a.yaml", 21, 3 } },
};
static const char *grants[] = { "nav" };
static struct bn_zone zones[] = {
	[OPEN] = { .name = "open", .layer = BN_LAYER_APP, .grant_all = true },
	[NAMED] = { .name = "named", .layer = BN_LAYER_APP, .grants = grants, .grant_count = 1 },
	[WARNING] = { .name = "warning", .layer = BN_LAYER_ALERT, .grant_all = true },
	[SECRET] = { .name = "secret",
			.mark = { "a.yaml", 33, 3 },
			.layer = BN_LAYER_APP,
			.grant_all = true,
			.is_private = true },
};
static const struct bn_layout layout = {
	.apps = apps,
	.app_count = COUNT(apps),
	.signals = signals,
	.signal_count = COUNT(signals),
	.zones = zones,
	.zone_count = COUNT(zones),
};

static const struct bn_identity owner = { BN_IDENTITY_OWNER, BN_NONE, false };
static const struct bn_identity nav = { BN_IDENTITY_SOCKET, NAV, false };
static const struct bn_identity bridge = { BN_IDENTITY_UNIT, BRIDGE, false };
static const struct bn_identity capturer = { BN_IDENTITY_LISTENER, CAPTURER, false };
static const struct bn_identity boxed = { BN_IDENTITY_SECURITY_CONTEXT, CAPTURER, true };
static const struct bn_identity claims = { BN_IDENTITY_APP_ID, CAPTURER, false };
static const struct bn_identity nobody = { BN_IDENTITY_NONE, BN_NONE, false };
static const struct bn_identity stranger = { BN_IDENTITY_SECURITY_CONTEXT, BN_NONE, true };
static const struct bn_identity boxed_owner = { BN_IDENTITY_OWNER, BN_NONE, true };
static const struct bn_identity gone = { BN_IDENTITY_SOCKET, 99, false };

static const struct {
	const char *name;
	const struct bn_identity *who;
	enum bn_verb verb;
	size_t object;
	bool allowed;
} cases[] = {
	{ "app-asks-about-itself", &nav, BN_VERB_WHY, NAV, true },
	{ "app-asks-about-another", &nav, BN_VERB_WHY, BRIDGE, false },
	{ "app-asks-about-a-zone", &nav, BN_VERB_WHY, BN_NONE, false },
	{ "source-sets-its-signal", &bridge, BN_VERB_SET, 0, true },
	{ "source-sets-another-signal", &bridge, BN_VERB_SET, 1, false },
	{ "source-sets-no-signal", &bridge, BN_VERB_SET, BN_NONE, false },
	{ "app-that-is-no-source", &nav, BN_VERB_SET, 0, false },
	{ "only-its-own-word", &claims, BN_VERB_WHY, CAPTURER, false },
	{ "unknown", &nobody, BN_VERB_WHY, BN_NONE, false },
	{ "proven-but-no-app", &stranger, BN_VERB_WHY, BN_NONE, false },
	{ "owner-inside-a-sandbox", &boxed_owner, BN_VERB_GET, BN_NONE, false },
	{ "app-of-an-older-layout", &gone, BN_VERB_WHY, 99, false },
};

static void test_cases(void **state) {
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bn_policy_verdict verdict = bn_policy_verb(&layout, cases[i].who,
				cases[i].verb, cases[i].object);
		if (verdict.allowed != cases[i].allowed) {
			fail_msg("%s: %s", cases[i].name, verdict.reason);
		}
		assert_true(strlen(verdict.reason) > 10);
	}
}

/** Nobody but the owner has any other verb, whatever it is about. */
static void test_default_deny(void **state) {
	const struct bn_identity *others[] = { &nav, &bridge, &capturer, &boxed, &claims, &nobody,
		&stranger, &boxed_owner, &gone };
	for (int verb = 0; verb < BN_VERB_COUNT; verb++) {
		assert_true(bn_policy_verb(&layout, &owner, (enum bn_verb)verb, BN_NONE).allowed);
		if (verb == BN_VERB_WHY || verb == BN_VERB_SET) {
			continue;
		}
		for (size_t i = 0; i < COUNT(others); i++) {
			for (size_t object = 0; object < 3; object++) {
				struct bn_policy_verdict verdict = bn_policy_verb(&layout,
						others[i], (enum bn_verb)verb, object);
				assert_false(verdict.allowed);
				assert_true(strlen(verdict.reason) > 20);
			}
		}
	}
}

static void test_verb_names(void **state) {
	for (int verb = 0; verb < BN_VERB_COUNT; verb++) {
		enum bn_verb parsed;
		assert_non_null(bn_verb_name((enum bn_verb)verb));
		assert_true(bn_verb_parse(bn_verb_name((enum bn_verb)verb), &parsed));
		assert_int_equal(parsed, verb);
	}
	enum bn_verb untouched = BN_VERB_QUIT;
	assert_false(bn_verb_parse("", &untouched));
	assert_false(bn_verb_parse("Get", &untouched));
	assert_int_equal(untouched, BN_VERB_QUIT);
}

/** Who sees which class of globals. */
static const struct {
	const char *interface;
	enum bn_privilege privilege;
	bool nobody, claims, nav, capturer, boxed;
} globals[] = {
	{ "wl_compositor", BN_PRIVILEGE_NONE, true, true, true, true, true },
	{ "xdg_wm_base", BN_PRIVILEGE_NONE, true, true, true, true, true },
	{ "zwlr_screencopy_manager_v1", BN_PRIVILEGE_CAPTURE, false, false, false, true, true },
	{ "ext_image_copy_capture_manager_v1", BN_PRIVILEGE_CAPTURE, false, false, false, true,
			true },
	{ "zwp_virtual_keyboard_manager_v1", BN_PRIVILEGE_INPUT, false, false, false, true, true },
	{ "zwlr_layer_shell_v1", BN_PRIVILEGE_LAYER, false, false, true, true, true },
	{ "wp_security_context_manager_v1", BN_PRIVILEGE_LAUNCH, false, false, true, true, false },
	{ "zwlr_data_control_manager_v1", BN_PRIVILEGE_OWNER, false, false, false, false, false },
	{ "tomorrows_protocol_v1", BN_PRIVILEGE_NOBODY, false, false, false, false, false },
	{ "get", BN_PRIVILEGE_NOBODY, false, false, false, false,
			false }, // a verb's name is no global's
	{ "", BN_PRIVILEGE_NOBODY, false, false, false, false, false },
};

static void check_global(const struct bn_identity *who, const char *interface, bool allowed) {
	struct bn_policy_verdict verdict = bn_policy_global(&layout, who, interface);
	if (verdict.allowed != allowed) {
		fail_msg("%s for source %d: %s", interface, who->source, verdict.reason);
	}
	assert_true(strlen(verdict.reason) > 10);
}

static void test_globals(void **state) {
	for (size_t i = 0; i < COUNT(globals); i++) {
		const char *interface = globals[i].interface;
		size_t row = bn_policy_find(BN_POLICY_GLOBAL, interface);
		assert_int_equal(row != BN_NONE ? bn_policy_row(row)->privilege
						: BN_PRIVILEGE_NOBODY,
				globals[i].privilege);
		check_global(&owner, interface, row != BN_NONE);
		check_global(&nobody, interface, globals[i].nobody);
		check_global(&stranger, interface, globals[i].nobody);
		check_global(&boxed_owner, interface, globals[i].nobody);
		check_global(&claims, interface, globals[i].claims);
		check_global(&nav, interface, globals[i].nav);
		check_global(&capturer, interface, globals[i].capturer);
		check_global(&boxed, interface, globals[i].boxed);
	}
}

static void test_reasons(void **state) {
	struct bn_policy_verdict verdict = bn_policy_verb(&layout, &nav, BN_VERB_SET, 0);
	assert_string_equal(verdict.reason,
			"app nav is not a source of this signal: name it in the signal's `from:`");
	verdict = bn_policy_global(&layout, &nav, "zwlr_screencopy_manager_v1");
	assert_string_equal(verdict.reason,
			"zwlr_screencopy_manager_v1 needs `may: [capture]` in the layout's entry "
			"of "
			"app nav");
}

/** Who may fill which zone: open, named, warning, secret. */
static const struct {
	const char *name;
	const struct bn_identity *who;
	bool fills[COUNT(zones)];
} fills[] = {
	{ "named-and-proven", &nav, { true, true, true, true } },
	{ "proven-but-not-named", &capturer, { true, false, true, true } },
	{ "sandboxed-app", &boxed, { true, false, true, true } },
	{ "only-its-own-word", &claims, { true, false, false, true } },
	{ "unknown", &nobody, { true, false, false, true } },
	{ "proven-but-no-app", &stranger, { true, false, false, true } },
	{ "owner", &owner, { true, false, false, true } },
	{ "app-of-an-older-layout", &gone, { true, false, false, true } },
};

static void test_fill(void **state) {
	const struct bn_identity names_nav = { BN_IDENTITY_APP_ID, NAV, false };
	for (size_t i = 0; i < COUNT(fills); i++) {
		for (size_t zone = 0; zone < COUNT(zones); zone++) {
			struct bn_policy_verdict verdict = bn_policy_request(&layout, fills[i].who,
					BN_REQUEST_FILL, zone);
			if (verdict.allowed != fills[i].fills[zone]) {
				fail_msg("%s, zone %s: %s", fills[i].name, zones[zone].name,
						verdict.reason);
			}
		}
		assert_false(bn_policy_request(&layout, fills[i].who, BN_REQUEST_FILL, BN_NONE)
						.allowed);
	}
	// Being named is not enough without proof.
	assert_false(bn_policy_request(&layout, &names_nav, BN_REQUEST_FILL, NAMED).allowed);
	assert_int_equal(bn_policy_fill(&layout, NAV, false, NAMED), BN_POLICY_NOT_PROVEN);
	assert_int_equal(bn_policy_fill(&layout, BRIDGE, true, NAMED), BN_POLICY_NOT_GRANTED);
	assert_int_equal(bn_policy_fill(&layout, NAV, true, NAMED), BN_POLICY_MAY_FILL);
}

static void test_pictures(void **state) {
	const struct bn_identity *all[] = { &owner, &nav, &capturer, &boxed, &claims, &nobody,
		&stranger };
	for (size_t i = 0; i < COUNT(all); i++) {
		struct bn_policy_verdict verdict =
				bn_policy_request(&layout, all[i], BN_REQUEST_PICTURE, SECRET);
		assert_false(verdict.allowed);
		assert_int_equal(verdict.mark.line, 33);
		verdict = bn_policy_request(&layout, all[i], BN_REQUEST_PICTURE, OPEN);
		bool may = all[i] == &owner || all[i] == &capturer || all[i] == &boxed;
		assert_int_equal(verdict.allowed, may);
	}
}

static void test_table(void **state) {
	assert_null(bn_policy_row(bn_policy_count()));
	for (size_t i = 0; i < bn_policy_count(); i++) {
		const struct bn_policy_row *row = bn_policy_row(i);
		if (row->name == NULL) {
			fail_msg("row %zu is empty", i);
		}
		// Found again by kind and name: no name stands twice.
		assert_int_equal(bn_policy_find(row->kind, row->name), i);
		enum bn_policy_kind kind = i < BN_VERB_COUNT           ? BN_POLICY_VERB
				: i < BN_VERB_COUNT + BN_REQUEST_COUNT ? BN_POLICY_REQUEST
								       : BN_POLICY_GLOBAL;
		assert_int_equal(row->kind, kind);
		assert_non_null(bn_privilege_name(row->privilege));
		assert_non_null(bn_privilege_text(row->privilege));
		// Whoever is unknown gets what is for everybody, and no more.
		bool open = row->privilege == BN_PRIVILEGE_NONE
				|| row->privilege == BN_PRIVILEGE_TOUCHED;
		assert_int_equal(bn_policy_ask(&layout, &nobody, i, BN_NONE).allowed, open);
		assert_int_equal(bn_policy_ask(&layout, &stranger, i, BN_NONE).allowed, open);
	}
}

static void test_marks(void **state) {
	assert_int_equal(bn_policy_global(&layout, &capturer, "zwlr_screencopy_manager_v1")
					 .mark.line,
			11);
	assert_int_equal(bn_policy_global(&layout, &nav, "zwlr_screencopy_manager_v1").mark.line,
			10);
	assert_int_equal(bn_policy_verb(&layout, &bridge, BN_VERB_SET, 0).mark.line, 20);
	assert_int_equal(bn_policy_verb(&layout, &bridge, BN_VERB_SET, 1).mark.line, 21);
	assert_null(bn_policy_verb(&layout, &owner, BN_VERB_SET, 0).mark.file);
	assert_null(bn_policy_global(&layout, &nobody, "zwlr_screencopy_manager_v1").mark.file);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("apps-reach-their-own-and-no-more", test_cases),
		CASE("every-other-verb-is-the-owners", test_default_deny),
		CASE("verbs-have-one-name", test_verb_names),
		CASE("globals-are-shown-by-class", test_globals),
		CASE("zones-are-filled-by-grant-and-proof", test_fill),
		CASE("a-private-zone-is-in-nobodys-picture", test_pictures),
		CASE("each-row-stands-once-and-denies-by-default", test_table),
		CASE("the-entry-that-decides-is-named", test_marks),
		CASE("a-denial-says-what-would-be-right", test_reasons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
