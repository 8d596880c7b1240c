"""What the answers of notebook 04 are compared with: those of 01 to 03, compiled, because there they train."""

from dataclasses import fields

import jax

from crlkit.course.checks import Check, checks_of


class Compiled(Check):
    """Asks the answer as `jax.jit` would: a function in `np` cannot be trained."""

    def diagnose(self, answer):
        reason = super().diagnose(jax.jit(answer) if callable(answer) else answer)
        return f"{reason}; write jnp for np" if reason and "TracerArray" in reason else reason


def compiled(check: Check, **changes) -> Compiled:
    return Compiled(**{field.name: getattr(check, field.name) for field in fields(Check)} | changes)


infonce = compiled(checks_of("01").infonce)
offset = compiled(checks_of("02").offset)
block = compiled(checks_of("03").block)
