"""
A pytest plugin that plants one bug of `bugs.py`, named by PLANTED_BUG, when its module is imported.
The source files are not touched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tests.planted.bugs import BUGS, NearBug

NAME = "PLANTED_BUG"


class _Loader(SourceFileLoader):
    bug: NearBug

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        return self.source_to_code(self._changed(self.get_data(path).decode()), path)

    def _changed(self, source: str) -> str:
        # A bug that no longer fits the code must be planted again, or leave the table.
        assert source.count(self.bug.right) == 1, f"not once in the source: {self.bug.right!r}"
        return source.replace(self.bug.right, self.bug.wrong)


class _Finder(MetaPathFinder):
    def __init__(self, bug: NearBug) -> None:
        self.bug = bug

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != self.bug.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(fullname, spec.origin)
        spec.loader.bug = self.bug
        return spec


if NAME in os.environ:
    [_bug] = [one for one in BUGS if one.name == os.environ[NAME]]
    assert _bug.module not in sys.modules, f"{_bug.module} was imported too early"
    sys.meta_path.insert(0, _Finder(_bug))
