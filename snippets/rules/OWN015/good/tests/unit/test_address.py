def test_address():
    assert "10.20.30.40"
