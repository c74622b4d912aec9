"""sqlite-utils, without what it imports where that is installed.

numpy and pandas give it types of values that no migration has. numpy takes 8 MB for as long as the process lives, and a
tenth of a second: so they are not to be found meanwhile.
"""

from __future__ import annotations

import sys

_HIDDEN = [name for name in ("numpy", "pandas") if name not in sys.modules]
for _name in _HIDDEN:
    sys.modules[_name] = None  # type: ignore[assignment]  # what Python calls a module that can't be imported
try:
    import sqlite_utils
    from sqlite_utils.migrations import Migrations
finally:
    for _name in _HIDDEN:
        del sys.modules[_name]

__all__ = ["Migrations", "sqlite_utils"]
