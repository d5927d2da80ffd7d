import os


def test_seconds():
    assert os.environ["TEST_SECONDS"]
