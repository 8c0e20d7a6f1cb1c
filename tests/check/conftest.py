"""Checks need ttnn."""

import importlib.util

if importlib.util.find_spec("ttnn") is None:
    collect_ignore_glob = ["test_session.py", "test_check_command.py"]
