"""The parameters of all stages: the types and bounds of what `params.yaml` holds."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, create_model, field_validator

from stages import models
from stages.harness import paths
from stages.harness.section import Section, Seed, Side, check, read_yaml

Source = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]


class Data(Section):
    source: Source
    size: Annotated[list[Side], Field(min_length=2, max_length=2)] | None
    groups: re.Pattern[str] | None


class Split(Section):
    folds: Annotated[int, Field(ge=1, le=20)]
    validation_fraction: Annotated[float, Field(gt=0, lt=1)]
    seed: Seed


class Train(Section):
    model: Literal[models.NAMES]  # type: ignore[valid-type]
    partner: Literal[tuple(models.FILES)]  # type: ignore[valid-type]
    seed: Seed
    rows: Annotated[int, Field(ge=1)] | None
    class_weight: Literal["balanced"] | None
    patience: Annotated[int, Field(ge=1, le=1000)] | None
    device: Literal["cpu", "gpu"]

    @field_validator("partner")
    @classmethod
    def _check_partner(cls, partner: str, info: ValidationInfo) -> str:
        if partner == info.data.get("model"):
            raise ValueError("expected another model than train.model, or none")
        return partner

    @property
    def models(self) -> tuple[str, ...]:
        """The names of the models that are trained: one, or the two of a committee."""
        return tuple(name for name in (self.model, self.partner) if name != "none")

    @property
    def name(self) -> str:
        """What is trained, for a reader."""
        return "committee" if len(self.models) > 1 else self.model


class Evaluate(Section):
    interval: Annotated[float, Field(gt=0, le=0.9999)]
    calibration_bins: Annotated[int, Field(ge=2, le=100)]


class Reference(Section):
    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=24)]
    accuracy: Annotated[float, Field(ge=0, le=1)]
    source: Source


class Report(Section):
    images_shown: Annotated[int, Field(ge=1, le=200)]
    mistakes_shown: Annotated[int, Field(ge=1, le=1000)]
    reference: Reference | None


class Params(Section):
    data: Data
    split: Split
    train: Train
    models: Any  # `find_type` knows the sections
    evaluate: Evaluate
    report: Report

    def count_members(self, model: str) -> int:
        """Returns how many networks of a model are averaged, 1 if it is no ensemble."""
        return getattr(getattr(self.models, model), "members", 1)


@cache
def find_type() -> type[Params]:
    """Returns `Params` with a section for each model; imports the file of each."""
    fields: dict[str, Any] = {name: (models.find(name).Params, ...) for name in models.FILES}
    sections = create_model("Models", __base__=Section, **fields)
    return create_model("Params", __base__=Params, models=(sections, ...))


def read_params(path: Path = paths.PARAMS) -> Params:
    """Reads and checks the parameters of all stages; raises what `read_yaml` and `check` do."""
    return check(find_type(), read_yaml(path), path)


def list_used(params: Mapping[str, Any]) -> dict[str, str]:
    """Lists the parameters that a run uses by their path: of `models`, only the chosen ones."""
    chosen = (params["train"]["model"], params["train"].get("partner"))
    sections = {name: params["models"].get(name, {}) for name in chosen}
    import pandas as pd  # a quarter of a second to import

    (flat,) = pd.json_normalize({**params, "models": sections}).to_dict("records")
    return {str(path): str(value) for path, value in flat.items()}
