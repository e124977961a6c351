"""`none`: no model. As `train.partner` it means that the model of `train.model` answers alone."""

from stages.harness.section import Section


class Params(Section):
    """No parameters."""
