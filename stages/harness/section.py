"""What a section of params.yaml is made of: types with bounds, and the check of unknown keys."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Units = Annotated[int, Field(ge=1, le=8192)]


class Section(BaseModel):
    """A part of `params.yaml`. Unknown or missing keys and other types are errors."""

    # Deferred: each section would be built alone, and then again as a part of `Params`.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Network(Section):
    """The parameters that the Keras networks have in common."""

    learning_rate: Rate
    batch_size: Units
    epochs: Annotated[int, Field(ge=1, le=1000)]
    threads: Annotated[int, Field(ge=1, le=64)]
