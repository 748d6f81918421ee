"""What was decided, in another language."""

from typing import Any

from service.api.replay import made_again
from service.parts import Parts


def answer_in(parts: Parts, decision_id: str | None, language: str) -> dict[str, Any] | None:
    """Return the answer of a decision with its sentences in a language.

    It is made again where the model and the agreement still answer that made it; else it comes
    in the language in which it was given. None where there is no such decision.
    """
    kept = None if decision_id is None else parts.require_store().decision(decision_id)
    if kept is None:
        return None
    answer: dict[str, Any] = kept["answer"]
    if not parts.holder.ready:
        return answer
    served = parts.holder.served
    same = (served.model_version, served.agreement.version)
    if (answer["model_version"], answer["agreement_version"]) != same:
        return answer
    return made_again(served, kept, language)
