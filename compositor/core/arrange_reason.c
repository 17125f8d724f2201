#include <stdio.h>
#include <string.h>

#include "core/arrange.h"

static const char *zone_name(const struct bn_layout *layout, size_t zone) {
	return zone < layout->zone_count ? layout->zones[zone].name : "no zone";
}

static const char *display_name(const struct bn_layout *layout, size_t display) {
	return display < layout->display_count ? layout->displays[display].name : "no display";
}

/** "rule at sedan.yaml:88 (reversing)" */
static void format_rule(const struct bn_layout *layout, size_t index, char *buffer, size_t size) {
	if (index >= layout->rule_count) {
		snprintf(buffer, size, "a rule");
		return;
	}
	const struct bn_rule *rule = &layout->rules[index];
	const char *file = rule->mark.file != NULL ? rule->mark.file : "built-in";
	const char *slash = strrchr(file, '/');
	file = slash != NULL ? slash + 1 : file;
	if (rule->label != NULL && rule->label[0] != '\0') {
		snprintf(buffer, size, "rule at %s:%d (%s)", file, rule->mark.line, rule->label);
	} else {
		snprintf(buffer, size, "rule at %s:%d", file, rule->mark.line);
	}
}

/** The app that a rule names for a zone; NULL: none. */
static const char *app_shown_by(const struct bn_layout *layout, size_t rule, size_t zone) {
	if (rule >= layout->rule_count) {
		return NULL;
	}
	const char *name = NULL;
	for (size_t i = 0; i < layout->rules[rule].show_count; i++) {
		const struct bn_rule_show *show = &layout->rules[rule].shows[i];
		if (show->zone == zone && show->app < layout->app_count) {
			name = layout->apps[show->app].name;
		}
	}
	return name;
}

static void format_shown_by_rule(const struct bn_layout *layout, const struct bn_reason *reason,
		char *buffer, size_t size) {
	char rule[256];
	format_rule(layout, reason->object, rule, sizeof(rule));
	const char *app = app_shown_by(layout, reason->object, reason->zone);
	if (app != NULL) {
		snprintf(buffer, size, "%s shows %s in zone %s", rule, app,
				zone_name(layout, reason->zone));
	} else {
		snprintf(buffer, size, "%s shows zone %s", rule, zone_name(layout, reason->zone));
	}
}

static void format_not_granted(const struct bn_layout *layout, size_t zone, char *buffer,
		size_t size) {
	snprintf(buffer, size,
			"zone %s does not grant it: add its app, or \"*\", to the zone's `grant:`",
			zone_name(layout, zone));
}

static void format_not_proven(const struct bn_layout *layout, size_t zone, char *buffer,
		size_t size) {
	snprintf(buffer, size,
			"zone %s (layer %s) is only for apps whose identity is proven: start it "
			"from the "
			"layout's `exec:`",
			zone_name(layout, zone),
			zone < layout->zone_count ? bn_layer_name(layout->zones[zone].layer)
						  : "unknown");
}

void bn_arrange_reason_format(const struct bn_layout *layout, const struct bn_reason *reason,
		char *buffer, size_t size) {
	const char *zone = zone_name(layout, reason->zone);
	char rule[256];
	switch (reason->kind) {
	case BN_REASON_NONE:
		snprintf(buffer, size, "nothing is in its way");
		return;
	case BN_REASON_RULE:
		format_shown_by_rule(layout, reason, buffer, size);
		return;
	case BN_REASON_SHOW:
		snprintf(buffer, size, "shown in zone %s by command", zone);
		return;
	case BN_REASON_ACTIVATED:
		snprintf(buffer, size, "its activation was granted: on top of zone %s", zone);
		return;
	case BN_REASON_NEWEST:
		snprintf(buffer, size, "the newest window of zone %s", zone);
		return;
	case BN_REASON_BEHIND:
		snprintf(buffer, size, "waits behind window %llu of zone %s",
				(unsigned long long)reason->other, zone);
		return;
	case BN_REASON_HIDDEN_COMMAND:
		snprintf(buffer, size, "hidden by command until it is shown again");
		return;
	case BN_REASON_HIDDEN_RULE:
		format_rule(layout, reason->object, rule, sizeof(rule));
		snprintf(buffer, size, "%s hides zone %s", rule, zone);
		return;
	case BN_REASON_ZONE_INVISIBLE:
		snprintf(buffer, size, "zone %s is `visible: false` and no rule in force shows it",
				zone);
		return;
	case BN_REASON_DISPLAY_MISSING:
		snprintf(buffer, size, "display %s of zone %s is not connected",
				display_name(layout, reason->object), zone);
		return;
	case BN_REASON_MOVED:
		snprintf(buffer, size,
				"the display of zone %s is not connected: zone %s takes over", zone,
				zone_name(layout, reason->object));
		return;
	case BN_REASON_BACKUP:
		snprintf(buffer, size, "backup of %s: display %s is missing",
				zone_name(layout, (size_t)reason->other),
				display_name(layout, reason->object));
		return;
	case BN_REASON_STANDS_BY:
		snprintf(buffer, size, "zone %s is a backup of %s and is not needed", zone,
				reason->zone < layout->zone_count
						? zone_name(layout,
								  layout->zones[reason->zone]
										  .backup_of)
						: "no zone");
		return;
	case BN_REASON_NOT_GRANTED:
		format_not_granted(layout, reason->object, buffer, size);
		return;
	case BN_REASON_NOT_PROVEN:
		format_not_proven(layout, reason->object, buffer, size);
		return;
	case BN_REASON_NO_HOME:
		snprintf(buffer, size, "no zone of the layout grants it");
		return;
	case BN_REASON_HOME:
		snprintf(buffer, size, "zone %s is its home", zone);
		return;
	case BN_REASON_GRANTED:
		snprintf(buffer, size, "it asked for zone %s, which grants it", zone);
		return;
	case BN_REASON_FIRST_GRANT:
		snprintf(buffer, size, "zone %s is the first that grants it", zone);
		return;
	case BN_REASON_FAULT:
		if (reason->other != 0) {
			snprintf(buffer, size,
					"window %llu of zone %s crashed or does not answer: "
					"`on-fault:` shows",
					(unsigned long long)reason->other, zone);
		} else {
			snprintf(buffer, size,
					"the app that a rule wants in zone %s is not there: "
					"`on-fault:` shows",
					zone);
		}
		return;
	case BN_REASON_STARTING:
		snprintf(buffer, size,
				"the first picture of window %llu since zone %s is shown is still "
				"to "
				"come",
				(unsigned long long)reason->other, zone);
		return;
	case BN_REASON_STALE:
		snprintf(buffer, size,
				"the picture of window %llu is not live (%s), and zone %s has a "
				"`max-age:`: `on-fault:` shows",
				(unsigned long long)reason->other,
				reason->object < BN_FREEZE_VERDICT_COUNT
						? bn_freeze_verdict_text((enum bn_freeze_verdict)
										  reason->object)
						: "unknown",
				zone);
		return;
	case BN_REASON_EMPTY:
		snprintf(buffer, size, "nobody is in zone %s: `empty:` shows", zone);
		return;
	}
	snprintf(buffer, size, "unknown");
}
