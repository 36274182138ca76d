"""How the time of a call grows with its input, measured side by side in one process."""

import time
from collections.abc import Callable

SHORT = 0.1  # seconds in which nothing is told from noise


def cpu_seconds(call: Callable[[], object]) -> float:
    """CPU time, not the clock's: others work on the machine too."""
    start = time.process_time()
    call()
    return time.process_time() - start


def assert_linear(call: Callable[[int], object], size: int) -> None:
    """Fail if `call(size)` takes more than ten times as long as `call(size // 4)`.

    Linear work takes four times as long, quadratic work sixteen times.
    """
    quarter = cpu_seconds(lambda: call(size // 4))
    whole = cpu_seconds(lambda: call(size))
    assert whole < 10 * quarter + SHORT, f"{whole:.2f} s for {size}, {quarter:.2f} s for a quarter"
