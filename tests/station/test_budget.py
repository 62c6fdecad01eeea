"""A flooded relay gets so many openings a second and no more."""

from hotline.station.budget import Budget


def spend_all(budget: Budget, at_s: float) -> int:
    spent = 0
    while budget.has(at_s):
        budget.spend()
        spent += 1
    return spent


def test_a_second_worth_may_be_spent_at_once_and_then_no_more() -> None:
    budget = Budget(500)
    assert spend_all(budget, 10.0) == 500
    assert spend_all(budget, 10.0) == 0


def test_it_refills_with_time_and_never_past_one_second_worth() -> None:
    budget = Budget(500)
    spend_all(budget, 10.0)
    assert spend_all(budget, 10.5) == 250
    assert spend_all(budget, 1000.0) == 500


def test_asking_without_spending_costs_nothing() -> None:
    budget = Budget(1)
    assert all(budget.has(1.0) for _ in range(10))
