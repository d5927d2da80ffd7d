import signal


def test_signal():
    assert signal.signal(signal.SIGTERM, signal.SIG_DFL) is not None
