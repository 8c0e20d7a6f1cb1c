"""`bringup coverage FILE.jsonl`: op variations that come from anywhere, one JSON object a line."""
