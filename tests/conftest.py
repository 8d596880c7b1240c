import pytest

import crlkit


@pytest.fixture
def smoke():
    """Builds the smallest configs: seconds to compile, moments to run."""

    def make(**options) -> crlkit.Config:
        return crlkit.Config(**{"preset": "smoke", "depth": 4, **options})

    return make
