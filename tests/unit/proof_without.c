// A checker that lacks one rule: what it lets through, and that the oracle notices. Prints TAP.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/layout_load.h"
#include "core/proof_internal.h"
#include "proof_random.h"

_Static_assert(BN_PROOF_BUILDS == BN_PROOF_RULE_COUNT, "each rule has a checker without it");

static bool is_accepted(enum bn_proof_rule rule) {
	char path[64];
	snprintf(path, sizeof(path), "bad-proof/%s.yaml", bn_proof_rule_name(rule));
	struct bn_diag_list diags;
	bn_diag_list_init(&diags);
	struct bn_layout *layout = bn_layout_load(path, NULL, &diags);
	bn_layout_destroy(layout);
	bn_diag_list_finish(&diags);
	return layout != NULL;
}

/** Exactly those that this checker does not ask, which is one. */
static bool accepts_exactly_its_own(void) {
	int rules_left_out = 0;
	bool exactly = true;
	for (int i = 0; i < BN_PROOF_RULE_COUNT; i++) {
		enum bn_proof_rule rule = (enum bn_proof_rule)i;
		bool accepted = is_accepted(rule);
		rules_left_out += !bn_proof_asks(rule);
		if (accepted == bn_proof_asks(rule)) {
			printf("# the bad layout of \"%s\" is %s\n", bn_proof_rule_name(rule),
					accepted ? "accepted" : "refused");
			exactly = false;
		}
	}
	return exactly && rules_left_out == 1;
}

/** The property test that fails without the rule: the oracle blames a layout that is accepted. */
static bool oracle_notices(void) {
	struct bn_proof_random run = { .count = 500, .stops = true };
	bn_proof_random_run(&run);
	printf("# after %d layouts\n", run.accepted + run.refused);
	return run.disagreements > 0;
}

int main(void) {
	const char *data = getenv("BN_TEST_DATA");
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s/layouts", data != NULL ? data : "tests/data");
	if (chdir(folder) != 0) {
		perror(folder);
		return 1;
	}
	bool exactly = accepts_exactly_its_own();
	printf("1..2\n%s 1 - without-the-rule-exactly-its-bad-layout-is-accepted\n",
			exactly ? "ok" : "not ok");
	bool notices = oracle_notices();
	printf("%s 2 - without-the-rule-the-oracle-disagrees\n", notices ? "ok" : "not ok");
	return exactly && notices ? 0 : 1;
}
