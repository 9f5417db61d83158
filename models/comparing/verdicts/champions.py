"""Champions: the two models that the verdict is about, chosen without a look at the test recordings."""

from __future__ import annotations

from collections.abc import Sequence

from zerotap.models.comparing.compared_model import KINDS, ComparedModel

_NO_SCORE = -1.0


def champions(models: Sequence[ComparedModel]) -> tuple[ComparedModel, ...]:
    """The best raw model and the best text model by validation; of one kind alone its best two, or the one.

    Of equal scores the cheaper one a message or window goes first; a model without a validation score goes
    last.
    """
    ranked = sorted(models, key=_rank)
    kinds = [kind for kind in KINDS if any(model.kind == kind for model in models)]
    if len(kinds) == 1:
        return tuple(ranked[:2])
    return tuple(next(model for model in ranked if model.kind == kind) for kind in kinds)


def _rank(model: ComparedModel) -> tuple[float, float]:
    score = model.validation_macro_f1
    return -(_NO_SCORE if score is None else score), model.costs.per_unit.cycles_mean
