"""What the notebooks need beyond the kit itself: checks of the exercises, toy worlds and teaching pictures.

`checks.py` is the machinery behind the checks, `checks_*.py` hold them, one file a notebook; `classroom.py` makes the
copies for students and teachers.
"""

from crlkit.course.checks import Check, Mistake
from crlkit.course.checks_bodies import check_achieved_goal, check_leak, check_steps_needed, check_time_until_fall
from crlkit.course.checks_compare import check_chained, check_fair_scores, check_interaction
from crlkit.course.checks_depth import (
    check_decision,
    check_distances,
    check_explained,
    check_improvement,
    check_interval,
    check_matched_width,
    check_plan,
    check_press,
    check_presses_needed,
    check_price,
    check_rise,
    check_score_after,
    check_seconds_to_reach,
    check_topology,
)
from crlkit.course.checks_goals import check_best_logits, check_binary_nce, check_infonce, check_l2
from crlkit.course.checks_hindsight import check_discounted_future, check_future_steps, check_offset, check_relabel
from crlkit.course.checks_layers import check_block, check_layer_norm, check_parameter_count, check_stack
from crlkit.course.checks_loop import check_actor_loss, check_right_answers, check_success, check_time_at_goal

__all__ = [
    "Check",
    "Mistake",
    "check_time_at_goal",
    "check_success",
    "check_best_logits",
    "check_binary_nce",
    "check_infonce",
    "check_l2",
    "check_discounted_future",
    "check_future_steps",
    "check_offset",
    "check_relabel",
    "check_block",
    "check_layer_norm",
    "check_parameter_count",
    "check_stack",
    "check_right_answers",
    "check_actor_loss",
    "check_achieved_goal",
    "check_time_until_fall",
    "check_steps_needed",
    "check_leak",
    "check_interval",
    "check_score_after",
    "check_improvement",
    "check_rise",
    "check_press",
    "check_presses_needed",
    "check_topology",
    "check_explained",
    "check_matched_width",
    "check_interaction",
    "check_fair_scores",
    "check_distances",
    "check_chained",
    "check_seconds_to_reach",
    "check_price",
    "check_decision",
    "check_plan",
]
