"""Every data test fails on rows that violate it. On sound rows all pass, otherwise the build would fail."""

from dataclasses import replace
from shutil import copyfile

import pytest

from tasks.warehouse.dbt import manifest
from tests.dbt.conftest import Prepared
from tests.dbt.runner import run_tests

#: Statement -> the data tests that must detect its effect; every data test detects at least one.
BREAKS = {
    "insert into inputs.scenarios from inputs.scenarios": {"source_unique_inputs_scenarios_scenario_id"},
    "insert into inputs.replicates from inputs.replicates": {"source_unique_inputs_replicates_replicate"},
    "insert into inputs.dimension_combinations from inputs.dimension_combinations": {
        "source_unique_inputs_dimension_combinations_combination_id"
    },
    "insert into inputs.census from inputs.census": {"source_unique_inputs_census_employee_id"},
    "update inputs.census set combination_id = 99": {"combinations_of_census_are_known"},
    "insert into inputs.checks from inputs.checks": {"source_unique_inputs_checks_check_name"},
    "insert into inputs.checks values (null, 'warn', '')": {"source_not_null_inputs_checks_check_name"},
    "update inputs.census set level = 99": {"levels_of_census_are_known"},
    "update inputs.census set salary = -1": {"census_is_well_formed"},
    "insert into inputs.hire_mix values ('baseline', 99, 0.5)": {
        "combinations_of_hire_mix_are_known",
        "shares_of_hire_mix_sum_to_one",
    },
    "update inputs.run_control set random_seed = null": {"run_control_is_one_row"},
    "update inputs.yearly_parameters set mode = 'exactly'": {"parameters_are_within_bounds"},
    "update inputs.levels set level_name = null": {"levels_are_within_bounds"},
    "update inputs.levels set hire_share = 0.5": {"hire_shares_of_levels_sum_to_one"},
    "delete from inputs.bands where attribute = 'tenure'": {"assert_every_input_there"},
    "update inputs.bands set upper_bound = 26 where upper_bound = 25": {"assert_bands_cover"},
    "update inputs.bands set lower_bound = -1 where band = '35-44'": {"bands_are_within_bounds"},
    "update inputs.causes set base_hazard = 2": {"causes_are_within_bounds"},
    "update inputs.factors set factor = -1": {"factors_are_within_bounds"},
    "insert into inputs.uncertain_parameters values (1, 'cola', 'cola', null, null, null, [0, 1])": {
        "parameters_vary_with_each_other"
    },
    "insert into inputs.year_effect_scales values ('raises', 1, 1, 0, -1, 0, 0)": {
        "year_effects_have_a_size"
    },
    "update inputs.segments set segment_number = 0": {"segments_are_within_bounds"},
    "insert into inputs.segment_members from inputs.segment_members": {
        "each_combination_and_level_has_one_segment"
    },
    "insert into inputs.hire_fte_mix values ('baseline', 1, 0.5)": {"shares_of_hire_fte_mix_sum_to_one"},
    "insert into inputs.seasons values ('baseline', 'hire', 13, 1)": {"seasons_are_within_bounds"},
    "insert into inputs.moves values (1, 1, 99)": {"moves_lead_from_every_combination_to_a_known_one"},
    "insert into inputs.transfer_destinations values ('baseline', 'department', 'Sales', 1, 0.5)": {
        "shares_of_transfer_destinations_sum_to_one"
    },
    "insert into inputs.actions by name select 'baseline' as scenario_id, 'a1' as action_id, "
    "'leave' as action, 0 as people, 1 as probability": {"actions_are_within_bounds"},
    "insert into inputs.actual_spells by name select date '2025-02-01' as from_date, "
    "date '2025-01-01' as to_date": {"actual_spells_are_well_formed"},
    "update inputs.effective_dates set month_of_year = 13": {"effective_dates_are_within_bounds"},
    "update inputs.effective_dates set share = 0.5": {"shares_of_effective_dates_sum_to_one"},
    "update inputs.hire_ages set weight = 0.5": {"weights_of_hire_ages_sum_to_one"},
    "insert into int_workforce_snapshot from int_workforce_snapshot": {"snapshot_has_each_employee_once"},
    "update int_workforce_snapshot set age = -1": {"snapshot_is_well_formed"},
    "update int_workforce_events set event_sequence = event_sequence + 1": {"assert_events_in_order"},
    "update int_workforce_events set hazard = null": {"events_are_well_formed"},
    "update fct_year_summary set hires = hires + 1": {"assert_summaries_agree"},
    "update fct_year_summary set growth_rate = null": {"year_summary_is_null_where_nobody_is"},
    "update fct_year_summary set bonus_cost = bonus_cost + 0.01": {"loaded_cost_is_the_sum_of_its_parts"},
    "update fct_level_summary set promotions_in = promotions_in + 1": {"level_summary_balances"},
}

#: Statements whose effects assert_events_in_order must detect, one at a time.
DISORDER = {
    "twice": "insert into int_workforce_events from int_workforce_events where event_type = 'termination'",
    "after leaving": "update int_workforce_events set event_date = '2026-01-01' where event_type = 'merit'",
    "on the last day": (
        "update int_workforce_events as event set event_date = leaving.event_date "
        "from int_workforce_events as leaving where leaving.event_type = 'termination' "
        "and (event.employee_id, event.replicate) = (leaving.employee_id, leaving.replicate)"
    ),
}


#: Statements whose effects assert_summaries_agree must detect, one at a time.
DISAGREEMENTS = {
    "FTE of a level": "update fct_level_summary set ending_fte = ending_fte + 0.5 where level = 1",
    "FTE of a value": "update fct_dimension_summary set opening_fte = 0",
    "a transfer without an end": (
        "update fct_dimension_summary set transfers_in = 1 where dimension_value = 'Sales'"
    ),
    "a segment that does not balance": "update fct_segment_summary set transfers_out = 1",
    "a hire of a segment": (
        "update fct_segment_summary set hires = hires + 1, transfers_out = transfers_out + 1"
    ),
}


@pytest.mark.slow
def test_every_data_test_fails_on_rows_that_break_it(prepared: Prepared) -> None:
    expected: set[str] = set().union(*BREAKS.values())
    every = {node.name for node in manifest().nodes.values() if node.resource_type == "test"}
    assert expected == every, "each data test is broken by a statement here"
    assert _failures(prepared, list(BREAKS), []) == expected


@pytest.mark.slow
def test_disorder_of_events_is_detected(prepared: Prepared) -> None:
    for what, statement in DISORDER.items():
        found = _failures(prepared, [statement], ["--select=assert_events_in_order"])
        assert found == {"assert_events_in_order"}, f"events {what} are not seen"


@pytest.mark.slow
def test_summaries_that_disagree_are_detected(prepared: Prepared) -> None:
    for what, statement in DISAGREEMENTS.items():
        found = _failures(prepared, [statement], ["--select=assert_summaries_agree"])
        assert found == {"assert_summaries_agree"}, f"{what} is not seen"


def _failures(prepared: Prepared, statements: list[str], select: list[str]) -> set[str]:
    """Names of the data tests that fail on a copy of the database after the statements."""
    folder = prepared.database.path.parent / "broken"
    folder.mkdir(exist_ok=True)
    # Relation names in the parsed project begin with the name of the file.
    copy = replace(prepared.database, path=folder / prepared.database.path.name)
    with prepared.database.connect() as connection:
        connection.execute("checkpoint")  # else part of it is in the write-ahead log
    copyfile(prepared.database.path, copy.path)
    with copy.connect() as connection:
        for statement in statements:
            connection.execute(statement)
    results = run_tests(copy, "--exclude-resource-type=unit_test", *select)
    errors = [f"{result.node.name}: {result.message}" for result in results if result.status == "error"]
    assert not errors, "\n".join(errors)
    return {result.node.name for result in results if result.status == "fail"}
