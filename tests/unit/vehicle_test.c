#include "core/vehicle.h"

#include <math.h>
#include <string.h>

#include "core/nsec.h"
#include "unit.h"

enum { MS = 1000000 };

/** Three signals and whatever conditions, states and rules a case adds. */
struct bench {
	struct bn_layout layout;
	struct bn_signal signals[3];
	struct bn_condition conditions[24];
	struct bn_state states[4];
	struct bn_rule rules[4];
	struct bn_vehicle *vehicle;
};

enum { SPEED, GEAR, BRAKE };

static void bench_init(struct bench *b) {
	*b = (struct bench){
		.signals = {
			{ .name = "Vehicle.Speed", .stale_after_ns = 500 * MS },
			{ .name = "Vehicle.Powertrain.Transmission.CurrentGear" },
			{ .name = "Vehicle.Chassis.Brake.IsWarningOn" },
		},
	};
	b->layout = (struct bn_layout){
		.signals = b->signals,
		.signal_count = COUNT(b->signals),
		.conditions = b->conditions,
		.states = b->states,
		.rules = b->rules,
	};
}

static struct bn_value number(double value) {
	return (struct bn_value){ .kind = BN_VALUE_NUMBER, .number = value };
}

static struct bn_value boolean(bool value) {
	return (struct bn_value){ .kind = BN_VALUE_BOOL, .number = value };
}

static struct bn_value text(const char *value) {
	struct bn_value result = { .kind = BN_VALUE_STRING };
	snprintf(result.text, sizeof(result.text), "%s", value);
	return result;
}

static const struct bn_value unknown = { .kind = BN_VALUE_UNKNOWN };

static size_t add_condition(struct bench *b, struct bn_condition condition) {
	if (condition.kind == BN_CONDITION_OVER || condition.kind == BN_CONDITION_UNDER) {
		condition.hysteresis = b->layout.hysteresis_count++;
	}
	assert_true(b->layout.condition_count < COUNT(b->conditions));
	b->conditions[b->layout.condition_count] = condition;
	return b->layout.condition_count++;
}

static size_t over(struct bench *b, size_t signal, double limit, double until) {
	return add_condition(b,
			(struct bn_condition){ BN_CONDITION_OVER, .signal = signal, .limit = limit,
					.until = until });
}

static size_t equal(struct bench *b, size_t signal, struct bn_value value) {
	return add_condition(b,
			(struct bn_condition){
					BN_CONDITION_EQUAL, .signal = signal, .value = value });
}

static size_t add_state(struct bench *b, const char *name, size_t condition) {
	b->states[b->layout.state_count] =
			(struct bn_state){ .name = name, .condition = condition };
	return b->layout.state_count++;
}

static size_t add_rule(struct bench *b, const char *label, size_t when, int64_t linger_ns) {
	b->rules[b->layout.rule_count] = (struct bn_rule){
		.label = label,
		.when = when,
		.theme = BN_NONE,
		.linger_ns = linger_ns,
	};
	return b->layout.rule_count++;
}

static void start(struct bench *b, int64_t now) {
	b->vehicle = bn_vehicle_create(&b->layout, now);
	assert_non_null(b->vehicle);
}

static bool set(struct bench *b, size_t signal, struct bn_value value, int64_t now) {
	bn_vehicle_set(b->vehicle, signal, &value, now);
	return bn_vehicle_update(b->vehicle, now);
}

static void test_initial(void **state) {
	struct bench b;
	bench_init(&b);
	b.signals[SPEED].initial = number(0);
	size_t standing = add_state(&b, "standing", equal(&b, SPEED, number(0)));
	start(&b, 7);
	assert_int_equal(bn_vehicle_state(b.vehicle, standing), BN_YES);
	assert_int_equal(bn_vehicle_received_ns(b.vehicle, SPEED), 7);
	assert_int_equal(bn_vehicle_received_ns(b.vehicle, GEAR), 0);
	assert_int_equal(bn_vehicle_value(b.vehicle, GEAR)->kind, BN_VALUE_UNKNOWN);
	assert_false(bn_vehicle_is_stale(b.vehicle, GEAR));
	assert_int_equal(bn_vehicle_condition(b.vehicle, BN_NONE), BN_YES);
	bn_vehicle_destroy(b.vehicle);
}

static void test_stale(void **state) {
	struct bench b;
	bench_init(&b);
	size_t moving = add_state(&b, "moving", over(&b, SPEED, 5, 5));
	start(&b, 0);
	assert_int_equal(bn_vehicle_next_ns(b.vehicle), BN_NSEC_NEVER);
	assert_true(set(&b, SPEED, number(30), 100 * MS));
	assert_int_equal(bn_vehicle_next_ns(b.vehicle), 600 * MS);
	assert_false(bn_vehicle_update(b.vehicle, 600 * MS - 1));
	assert_int_equal(bn_vehicle_state(b.vehicle, moving), BN_YES);
	assert_true(bn_vehicle_update(b.vehicle, 600 * MS));
	assert_true(bn_vehicle_is_stale(b.vehicle, SPEED));
	assert_int_equal(bn_vehicle_value(b.vehicle, SPEED)->kind, BN_VALUE_UNKNOWN);
	assert_int_equal(bn_vehicle_state(b.vehicle, moving), BN_MAYBE);
	assert_int_equal(bn_vehicle_next_ns(b.vehicle), BN_NSEC_NEVER);
	assert_true(set(&b, SPEED, number(30), 700 * MS));
	assert_false(bn_vehicle_is_stale(b.vehicle, SPEED));
	bn_vehicle_destroy(b.vehicle);
}

static void test_stale_without_rule(void **state) {
	struct bench b;
	bench_init(&b);
	start(&b, 0);
	assert_false(set(&b, SPEED, number(30), 1));
	assert_true(bn_vehicle_update(b.vehicle, 1 + 500 * MS));
	// Coming back is a change too, though no state looks at it.
	assert_true(set(&b, SPEED, number(30), 600 * MS));
	assert_false(set(&b, SPEED, number(31), 601 * MS));
	bn_vehicle_destroy(b.vehicle);
}

static const struct {
	double value;
	enum bn_tristate over, under;
} walk[] = {
	{ 4, BN_NO, BN_YES },
	{ 5, BN_NO, BN_YES }, // exactly at the limit is not over it; UNDER 5 holds until over 7
	{ 5.1, BN_YES, BN_YES },
	{ 4, BN_YES, BN_YES },
	{ 3, BN_YES, BN_YES },
	{ 2.9, BN_NO, BN_YES },
	{ 4.9, BN_NO, BN_YES },
	{ 7, BN_YES, BN_YES },
	{ 7.1, BN_YES, BN_NO },
	{ 5, BN_YES, BN_NO },
	{ 4.9, BN_YES, BN_YES },
};

static void test_hysteresis(void **state) {
	struct bench b;
	bench_init(&b);
	b.signals[SPEED].initial = number(0);
	size_t moving = add_state(&b, "moving", over(&b, SPEED, 5, 3));
	size_t slow = add_state(&b, "slow",
			add_condition(&b,
					(struct bn_condition){ BN_CONDITION_UNDER, .limit = 5,
							.until = 7 }));
	start(&b, 0);
	for (size_t i = 0; i < COUNT(walk); i++) {
		set(&b, SPEED, number(walk[i].value), (int64_t)i);
		assert_int_equal(bn_vehicle_state(b.vehicle, moving), walk[i].over);
		assert_int_equal(bn_vehicle_state(b.vehicle, slow), walk[i].under);
	}
	bn_vehicle_destroy(b.vehicle);
}

static void test_unknown_past(void **state) {
	struct bench b;
	bench_init(&b);
	size_t moving = add_state(&b, "moving", over(&b, SPEED, 5, 3));
	start(&b, 0);
	set(&b, SPEED, number(4), 1);
	assert_int_equal(bn_vehicle_state(b.vehicle, moving), BN_MAYBE);
	set(&b, SPEED, number(2), 2);
	assert_int_equal(bn_vehicle_state(b.vehicle, moving), BN_NO);
	set(&b, SPEED, number(4), 3);
	assert_int_equal(bn_vehicle_state(b.vehicle, moving), BN_NO);
	set(&b, SPEED, unknown, 4);
	set(&b, SPEED, number(4), 5);
	assert_int_equal(bn_vehicle_state(b.vehicle, moving), BN_MAYBE);
	bn_vehicle_destroy(b.vehicle);
}

static void test_no_band(void **state) {
	struct bench b;
	bench_init(&b);
	size_t fast = add_state(&b, "fast", over(&b, SPEED, 5, 5));
	size_t odd = add_state(&b, "until-above-limit", over(&b, SPEED, 5, 9));
	start(&b, 0);
	const double values[] = { 5, 6, 5, 8, 5 };
	for (size_t i = 0; i < COUNT(values); i++) {
		set(&b, SPEED, number(values[i]), 1);
		enum bn_tristate expected = values[i] > 5 ? BN_YES : BN_NO;
		assert_int_equal(bn_vehicle_state(b.vehicle, fast), expected);
		assert_int_equal(bn_vehicle_state(b.vehicle, odd), expected);
		// Settled: asking again changes nothing.
		assert_false(bn_vehicle_update(b.vehicle, 1));
	}
	bn_vehicle_destroy(b.vehicle);
}

/** Kleene's tables over two signals that are each NO, YES, MAYBE. */
static void test_kleene(void **state) {
	struct bench b;
	bench_init(&b);
	size_t gear = equal(&b, GEAR, number(1));
	equal(&b, BRAKE, boolean(true));
	size_t all = add_condition(&b,
			(struct bn_condition){
					BN_CONDITION_ALL, .first_child = gear, .child_count = 2 });
	size_t any = add_condition(&b,
			(struct bn_condition){
					BN_CONDITION_ANY, .first_child = gear, .child_count = 2 });
	size_t not = add_condition(&b,
			(struct bn_condition){
					BN_CONDITION_NOT, .first_child = gear, .child_count = 1 });
	start(&b, 0);
	const struct bn_value gears[] = { number(0), number(1), unknown };
	const struct bn_value brakes[] = { boolean(false), boolean(true), unknown };
	static const enum bn_tristate and_table[3][3] = {
		{ BN_NO, BN_NO, BN_NO },
		{ BN_NO, BN_YES, BN_MAYBE },
		{ BN_NO, BN_MAYBE, BN_MAYBE },
	};
	static const enum bn_tristate or_table[3][3] = {
		{ BN_NO, BN_YES, BN_MAYBE },
		{ BN_YES, BN_YES, BN_YES },
		{ BN_MAYBE, BN_YES, BN_MAYBE },
	};
	static const enum bn_tristate not_table[3] = { BN_YES, BN_NO, BN_MAYBE };
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++) {
			set(&b, GEAR, gears[i], 1);
			set(&b, BRAKE, brakes[j], 1);
			assert_int_equal(bn_vehicle_condition(b.vehicle, all), and_table[i][j]);
			assert_int_equal(bn_vehicle_condition(b.vehicle, any), or_table[i][j]);
			assert_int_equal(bn_vehicle_condition(b.vehicle, not), not_table[i]);
		}
	}
	bn_vehicle_destroy(b.vehicle);
}

/**
 * "An unknown signal counts as every value": a sure answer must be the answer for each
 * value that it may have. Checked on random condition trees without hysteresis.
 */
static size_t random_tree(struct bn_random *random, struct bench *b, int depth) {
	if (depth == 0 || bn_random_once_in(random, 3)) {
		return equal(b, (size_t)bn_random_int(random, 0, 2),
				number(bn_random_int(random, 0, 2)));
	}
	enum bn_condition_kind kind = (enum bn_condition_kind)bn_random_int(random,
			BN_CONDITION_ALL, BN_CONDITION_NOT);
	size_t count = kind == BN_CONDITION_NOT ? 1 : (size_t)bn_random_int(random, 1, 2);
	struct bn_condition copies[2];
	for (size_t i = 0; i < count; i++) {
		copies[i] = b->conditions[random_tree(random, b, depth - 1)];
	}
	size_t first = b->layout.condition_count;
	for (size_t i = 0; i < count; i++) {
		add_condition(b, copies[i]);
	}
	return add_condition(b,
			(struct bn_condition){ kind, .first_child = first, .child_count = count });
}

static void set_all(struct bench *b, const int values[3]) {
	for (size_t i = 0; i < 3; i++) {
		set(b, i, values[i] < 0 ? unknown : number(values[i]), 1);
	}
}

static void check_every_value(struct bench *b, size_t root, int unknowns) {
	int values[3];
	for (int combination = 0; combination < 27; combination++) {
		for (int i = 0, rest = combination; i < 3; i++, rest /= 3) {
			values[i] = rest % 3;
		}
		set_all(b, values);
		enum bn_tristate sharp = bn_vehicle_condition(b->vehicle, root);
		assert_true(sharp != BN_MAYBE);
		for (int i = 0; i < 3; i++) {
			values[i] = unknowns & 1 << i ? -1 : values[i];
		}
		set_all(b, values);
		enum bn_tristate vague = bn_vehicle_condition(b->vehicle, root);
		assert_true(vague == BN_MAYBE || vague == sharp);
	}
}

static void test_every_value(void **state) {
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct bn_random random = bn_random_seeded(seed);
		struct bench b;
		bench_init(&b);
		size_t root = random_tree(&random, &b, 2);
		start(&b, 0);
		check_every_value(&b, root, bn_random_int(&random, 0, 7));
		bn_vehicle_destroy(b.vehicle);
	}
}

static void test_wrong_types(void **state) {
	struct bench b;
	bench_init(&b);
	size_t fast = over(&b, SPEED, 5, 5), park = equal(&b, GEAR, text("P"));
	size_t on = equal(&b, BRAKE, boolean(true));
	start(&b, 0);
	set(&b, SPEED, text("fast"), 1);
	assert_int_equal(bn_vehicle_condition(b.vehicle, fast), BN_MAYBE);
	set(&b, SPEED, number(NAN), 1);
	assert_int_equal(bn_vehicle_value(b.vehicle, SPEED)->kind, BN_VALUE_UNKNOWN);
	set(&b, GEAR, number(5), 1);
	assert_int_equal(bn_vehicle_condition(b.vehicle, park), BN_NO);
	// A bus that says 1 for true lights the lamp.
	set(&b, BRAKE, number(1), 1);
	assert_int_equal(bn_vehicle_condition(b.vehicle, on), BN_YES);
	bn_vehicle_destroy(b.vehicle);
}

static void test_states_of_states(void **state) {
	struct bench b;
	bench_init(&b);
	size_t moving = add_state(&b, "moving", over(&b, SPEED, 5, 3));
	size_t not_moving = add_condition(&b, (struct bn_condition){ BN_CONDITION_NOT });
	b.conditions[not_moving].first_child = add_condition(&b,
			(struct bn_condition){ BN_CONDITION_STATE, .state = moving });
	b.conditions[not_moving].child_count = 1;
	size_t standing = add_state(&b, "standing", not_moving);
	start(&b, 0);
	assert_true(set(&b, SPEED, number(50), 1));
	assert_int_equal(bn_vehicle_state(b.vehicle, standing), BN_NO);
	assert_true(set(&b, SPEED, number(0), 1));
	assert_int_equal(bn_vehicle_state(b.vehicle, standing), BN_YES);
	bn_vehicle_destroy(b.vehicle);
}

static void test_linger(void **state) {
	struct bench b;
	bench_init(&b);
	size_t rule = add_rule(&b, "reversing", equal(&b, GEAR, number(-1)), 100 * MS);
	start(&b, 0);
	assert_int_equal(bn_vehicle_rule(b.vehicle, rule), BN_MAYBE);
	set(&b, GEAR, number(-1), 10 * MS);
	assert_int_equal(bn_vehicle_rule(b.vehicle, rule), BN_YES);
	assert_int_equal(bn_vehicle_next_ns(b.vehicle), BN_NSEC_NEVER);
	assert_false(set(&b, GEAR, number(1), 20 * MS));
	assert_int_equal(bn_vehicle_next_ns(b.vehicle), 120 * MS);
	// Back within the linger: nothing changed, and it lingers anew after that.
	assert_false(set(&b, GEAR, number(-1), 110 * MS));
	assert_int_equal(bn_vehicle_rule_since_ns(b.vehicle, rule), 10 * MS);
	assert_false(set(&b, GEAR, unknown, 200 * MS));
	assert_false(bn_vehicle_update(b.vehicle, 300 * MS - 1));
	assert_int_equal(bn_vehicle_rule(b.vehicle, rule), BN_YES);
	assert_true(bn_vehicle_update(b.vehicle, 350 * MS));
	assert_int_equal(bn_vehicle_rule(b.vehicle, rule), BN_MAYBE);
	// The end of its linger, however late anybody looked.
	assert_int_equal(bn_vehicle_rule_until_ns(b.vehicle, rule), 300 * MS);
	bn_vehicle_destroy(b.vehicle);
}

static void test_until(void **state) {
	struct bench b;
	bench_init(&b);
	size_t rule = add_rule(&b, "reversing", equal(&b, GEAR, number(-1)), 0);
	start(&b, 0);
	set(&b, GEAR, number(-1), 10 * MS);
	// The signal that ends it arrived 5 ms before anybody looked.
	bn_vehicle_set(b.vehicle, GEAR, &(struct bn_value){ .kind = BN_VALUE_NUMBER, .number = 1 },
			40 * MS);
	assert_true(bn_vehicle_update(b.vehicle, 45 * MS));
	assert_int_equal(bn_vehicle_rule_until_ns(b.vehicle, rule), 40 * MS);
	set(&b, GEAR, number(-1), 50 * MS);
	// Forgotten: no signal ended it.
	set(&b, GEAR, unknown, 70 * MS);
	assert_int_equal(bn_vehicle_rule_until_ns(b.vehicle, rule), 70 * MS);
	bn_vehicle_destroy(b.vehicle);
}

static void test_huge_linger(void **state) {
	struct bench b;
	bench_init(&b);
	size_t rule = add_rule(&b, "once", equal(&b, GEAR, number(1)), INT64_MAX);
	start(&b, 0);
	set(&b, GEAR, number(1), 5);
	set(&b, GEAR, number(0), 6);
	assert_int_equal(bn_vehicle_rule(b.vehicle, rule), BN_YES);
	assert_int_equal(bn_vehicle_next_ns(b.vehicle), BN_NSEC_NEVER);
	bn_vehicle_destroy(b.vehicle);
}

static void test_since(void **state) {
	struct bench b;
	bench_init(&b);
	size_t gear = equal(&b, GEAR, number(-1));
	equal(&b, BRAKE, boolean(true));
	size_t all = add_condition(&b,
			(struct bn_condition){
					BN_CONDITION_ALL, .first_child = gear, .child_count = 2 });
	size_t rule = add_rule(&b, "both", all, 0), always = add_rule(&b, NULL, BN_NONE, 0);
	start(&b, 3);
	assert_int_equal(bn_vehicle_rule_since_ns(b.vehicle, always), 3);
	set(&b, GEAR, number(-1), 10);
	const struct bn_value on = boolean(true);
	bn_vehicle_set(b.vehicle, BRAKE, &on, 20);
	// The loop was busy: the signal's arrival counts, not when it was looked at.
	assert_true(bn_vehicle_update(b.vehicle, 50));
	assert_int_equal(bn_vehicle_rule(b.vehicle, rule), BN_YES);
	assert_int_equal(bn_vehicle_rule_since_ns(b.vehicle, rule), 20);
	bn_vehicle_destroy(b.vehicle);
}

static void test_reload(void **state) {
	struct bench old, new;
	bench_init(&old);
	add_state(&old, "moving", over(&old, SPEED, 5, 3));
	add_rule(&old, "reversing", equal(&old, GEAR, number(-1)), 100 * MS);
	start(&old, 0);
	set(&old, SPEED, number(6), 1 * MS);
	set(&old, SPEED, number(4), 2 * MS);
	set(&old, GEAR, number(-1), 3 * MS);
	set(&old, GEAR, number(1), 4 * MS);

	bench_init(&new);
	// Signals in another order, a state more, and initial values that must not win.
	new.signals[0] = old.signals[GEAR];
	new.signals[0].initial = number(-1);
	new.signals[1] = old.signals[SPEED];
	new.signals[1].initial = number(0);
	new.signals[2].initial = boolean(true);
	add_state(&new, "braking", equal(&new, 2, boolean(true)));
	size_t moving = add_state(&new, "moving", over(&new, 1, 5, 3));
	size_t rule = add_rule(&new, "reversing", equal(&new, 0, number(-1)), 100 * MS);
	size_t fresh = add_rule(&new, "not-there-before", equal(&new, 0, number(-1)), 100 * MS);
	start(&new, 10 * MS);
	bn_vehicle_inherit(new.vehicle, old.vehicle, 10 * MS);
	assert_int_equal(bn_vehicle_state(new.vehicle, moving), BN_YES);
	assert_true(bn_vehicle_value(new.vehicle, 1)->number == 4);
	assert_int_equal(bn_vehicle_received_ns(new.vehicle, 1), 2 * MS);
	assert_int_equal(bn_vehicle_value(new.vehicle, 2)->kind, BN_VALUE_BOOL);
	assert_int_equal(bn_vehicle_rule(new.vehicle, rule), BN_YES);
	assert_int_equal(bn_vehicle_rule_since_ns(new.vehicle, rule), 3 * MS);
	assert_int_equal(bn_vehicle_rule(new.vehicle, fresh), BN_NO);
	assert_int_equal(bn_vehicle_next_ns(new.vehicle), 104 * MS);
	bn_vehicle_destroy(old.vehicle);
	bn_vehicle_destroy(new.vehicle);
}

static void test_reload_changed(void **state) {
	struct bench old, new;
	bench_init(&old);
	add_state(&old, "moving", over(&old, SPEED, 5, 3));
	start(&old, 0);
	set(&old, SPEED, number(6), 1);
	set(&old, SPEED, number(4), 2);
	bench_init(&new);
	size_t moving = add_state(&new, "moving", over(&new, SPEED, 5, 2));
	start(&new, 3);
	bn_vehicle_inherit(new.vehicle, old.vehicle, 3);
	// Another question: its past is not known.
	assert_int_equal(bn_vehicle_state(new.vehicle, moving), BN_MAYBE);
	bn_vehicle_destroy(old.vehicle);
	bn_vehicle_destroy(new.vehicle);
}

static void test_reload_mixed(void **state) {
	struct bench old, new;
	bench_init(&old);
	add_state(&old, "moving", over(&old, SPEED, 5, 3));
	start(&old, 0);
	set(&old, SPEED, number(6), 1);
	set(&old, SPEED, number(4), 2);
	bench_init(&new);
	new.signals[SPEED].initial = number(0);
	size_t moving = add_state(&new, "moving", over(&new, SPEED, 5, 3));
	size_t rolling = add_state(&new, "rolling", over(&new, SPEED, 4.5, 3));
	start(&new, 3);
	bn_vehicle_inherit(new.vehicle, old.vehicle, 3);
	// Whatever was above 5 was above 4.5: yes beside no is no past at all.
	assert_int_equal(bn_vehicle_state(new.vehicle, moving), BN_MAYBE);
	assert_int_equal(bn_vehicle_state(new.vehicle, rolling), BN_MAYBE);
	set(&new, SPEED, number(6), 4);
	set(&new, SPEED, number(4), 5);
	assert_int_equal(bn_vehicle_state(new.vehicle, moving), BN_YES);
	assert_int_equal(bn_vehicle_state(new.vehicle, rolling), BN_YES);
	bn_vehicle_destroy(old.vehicle);
	bn_vehicle_destroy(new.vehicle);
}

static const struct {
	const char *text;
	enum bn_value_kind kind;
	double number;
	const char *formatted; // NULL: as the text
} values[] = {
	{ "5", BN_VALUE_NUMBER, 5, NULL },
	{ "-1.5", BN_VALUE_NUMBER, -1.5, NULL },
	{ "12.30", BN_VALUE_NUMBER, 12.3, "12.3" },
	{ "1e3", BN_VALUE_NUMBER, 1000, "1000" },
	{ "-0", BN_VALUE_NUMBER, 0, "0" },
	{ "true", BN_VALUE_BOOL, 1, NULL },
	{ "false", BN_VALUE_BOOL, 0, NULL },
	{ "P", BN_VALUE_STRING, 0, NULL },
	{ "5 km/h", BN_VALUE_STRING, 0, NULL },
	{ "007", BN_VALUE_STRING, 0, NULL },
	{ "1e999", BN_VALUE_STRING, 0, NULL },
	{ "nan", BN_VALUE_STRING, 0, NULL },
	{ "True", BN_VALUE_STRING, 0, NULL },
};

static void test_values(void **state) {
	for (size_t i = 0; i < COUNT(values); i++) {
		struct bn_value value;
		char formatted[80];
		assert_true(bn_value_parse(values[i].text, &value));
		assert_int_equal(value.kind, values[i].kind);
		assert_true(value.number == values[i].number);
		bn_value_format(&value, formatted, sizeof(formatted));
		assert_string_equal(formatted,
				values[i].formatted != NULL ? values[i].formatted : values[i].text);
	}
}

static void test_value_sizes(void **state) {
	struct bn_value value;
	char longest[BN_STRING_VALUE_MAX], too_long[BN_STRING_VALUE_MAX + 1], small[4];
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	assert_false(bn_value_parse("", &value));
	assert_false(bn_value_parse(too_long, &value));
	assert_true(bn_value_parse(longest, &value));
	bn_value_format(&value, small, sizeof(small));
	assert_string_equal(small, "xxx");
	bn_value_format(&unknown, small, sizeof(small));
	assert_string_equal(small, "unk");
}

static void test_value_equality(void **state) {
	const struct bn_value a = number(1), yes = boolean(true), p = text("P"), q = text("Q");
	assert_true(bn_value_equal(&a, &a));
	assert_true(bn_value_equal(&a, &yes));
	assert_false(bn_value_equal(&p, &q));
	assert_false(bn_value_equal(&p, &a));
	assert_true(bn_value_equal(&unknown, &unknown));
	assert_false(bn_value_equal(&unknown, &a));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		CASE("signals-start-with-their-initial-value", test_initial),
		CASE("a-stale-signal-is-unknown-at-its-deadline", test_stale),
		CASE("staleness-is-a-change-by-itself", test_stale_without_rule),
		CASE("hysteresis-remembers-within-the-band", test_hysteresis),
		CASE("hysteresis-over-an-unknown-past-is-unsure", test_unknown_past),
		CASE("hysteresis-without-a-band-does-not-swing", test_no_band),
		CASE("unsure-answers-follow-kleene", test_kleene),
		CASE("a-sure-answer-holds-for-every-value", test_every_value),
		CASE("a-wrong-type-is-not-taken-for-a-value", test_wrong_types),
		CASE("a-state-may-name-an-earlier-one", test_states_of_states),
		CASE("a-rule-lingers-and-not-longer", test_linger),
		CASE("when-a-rule-ended-is-when-its-signal-came", test_until),
		CASE("a-huge-linger-does-not-wrap", test_huge_linger),
		CASE("a-rule-counts-from-its-signal", test_since),
		CASE("a-reload-keeps-values-memory-and-linger", test_reload),
		CASE("a-reload-forgets-what-asks-something-else", test_reload_changed),
		CASE("a-reload-mixes-no-pasts", test_reload_mixed),
		CASE("values-are-read-and-written", test_values),
		CASE("values-have-a-longest-text", test_value_sizes),
		CASE("values-compare-by-meaning", test_value_equality),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
