import logging


def test_logs(tmp_path):
    assert logging.FileHandler(tmp_path / "log")
