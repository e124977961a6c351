"""Numbers and names as text."""

from decimal import ROUND_FLOOR, Decimal

import numpy as np


def rounded_down(share: float | np.floating, decimals: int = 0) -> str:
    """Returns a share in percent, as in "99.9%"; nothing below 1 becomes "100%"."""
    # The decimal text, not the bits: 0.29 is 29% as float32 and as float64.
    exact = 100 * Decimal(str(share))
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_FLOOR):f}%"
