"""What goes into a registered model and what comes out, as MLflow writes it down."""

from typing import TYPE_CHECKING, Any

from features.attributes.spec import AttributeSpec

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

LEAD_COLUMNS = ("lead_id", "as_of", "created_at", "channel", "source", "activities")
EPISODE = "episode"
OUTPUTS = (("probability", "double"), ("score", "long"), ("reasons", "string"))
PARAMETERS: dict[str, Any] = {"language": "en", "reasons": 5}


def input_columns(attributes: tuple[AttributeSpec, ...]) -> tuple[tuple[str, str], ...]:
    """Return name and type of each input column: doubles and strings, none required.

    `activities` is a JSON list of objects with `kind`, `occurred_at` and perhaps
    `recorded_at`; moments are ISO texts.
    """
    reserved = {*LEAD_COLUMNS, EPISODE}
    return (
        *((name, "string") for name in LEAD_COLUMNS),
        (EPISODE, "double"),
        *(
            (spec.name, "double" if spec.type == "number" else "string")
            for spec in attributes
            if spec.name not in reserved
        ),
    )


def model_signature(attributes: tuple[AttributeSpec, ...]) -> "ModelSignature":
    """Return the signature of a model of these attributes."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    return ModelSignature(
        inputs=Schema(
            [ColSpec(kind, name, required=False) for name, kind in input_columns(attributes)]
        ),
        outputs=Schema([ColSpec(kind, name) for name, kind in OUTPUTS]),
        params=ParamSchema(
            [
                ParamSpec("language", "string", PARAMETERS["language"]),
                ParamSpec("reasons", "long", PARAMETERS["reasons"]),
            ]
        ),
    )
