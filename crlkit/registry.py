"""Things that have a name in a config: ours, and those that a user's own file or notebook cell adds.

`register_block("gated", Gated)` and its like make a name good from then on; whoever opens the run later must have made the
same call, and is told so in one line.
"""

import difflib
import inspect
from typing import Any

from crlkit.errors import UserError


class Registry(dict):
    """Names of one kind (of an option of the config) and what they stand for.

    origins: the files in which what is not ours was registered, by name.
    """

    def __init__(self, kind: str, ours: dict[str, Any]):
        super().__init__(ours)
        self.kind, self.origins = kind, {}

    def register(self, name: str, thing: Any) -> None:
        """Adds one; the same file (or notebook cell, run again) may replace its own. Raises UserError for a name that is
        taken, or that is none."""
        if not isinstance(name, str) or not name.isidentifier():
            nearest = "".join(c if c.isalnum() else "_" for c in str(name)).strip("_") or f"my_{self.kind}"
            raise UserError(f"{self.kind} {name!r}: must be letters, digits and _; nearest: {nearest}")
        origin = next(
            (frame.filename for frame in inspect.stack() if not frame.frame.f_globals["__name__"].startswith("crlkit")),
            "?",
        )
        if name in self and self.origins.get(name) != origin:
            where = self.origins.get(name, "crlkit itself")
            raise UserError(f"{self.kind} {name!r}: is taken, by {where}; nearest: my_{name}")
        self[name], self.origins[name] = thing, origin

    def check(self, name: Any) -> None:
        """Raises UserError, with the nearest name, for one that nobody registered."""
        if name not in self:
            close = difflib.get_close_matches(str(name), self, n=1, cutoff=0.0)[0]
            raise UserError(f"{self.kind} {name!r}: must be one of {', '.join(self)}; nearest: {close}")
