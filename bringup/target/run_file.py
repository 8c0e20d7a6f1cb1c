"""`python -m bringup.target.run_file BOARD FILE.py`: an unmodified TT-NN script on an emulated board, in exact mode."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from bringup.errors import BringupError


def main(board: str, path: str) -> int:
    """Run the script; what it raises is said in few words.

    Returns:
        0 when it ended well, 1 when it raised, 2 when it could not start.
    """
    from bringup.target.board import emulated_board

    try:
        with emulated_board(board, "exact") as emulation:
            from bringup.target.failures import failure_of

            try:
                runpy.run_path(path, run_name="__main__")
            except Exception as error:
                failure = failure_of(error, emulation.last_call)
                print(f"{failure.kind}: {failure.words}", file=sys.stderr)
                if failure.call:
                    print(f"call: {failure.call}", file=sys.stderr)
                return 1
    except BringupError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3 or not Path(sys.argv[2]).is_file():
        print("usage: python -m bringup.target.run_file BOARD FILE.py", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(sys.argv[1], sys.argv[2]))
