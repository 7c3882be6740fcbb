"""Tests know nothing of the settings of whoever starts them."""

import os

from src import config

for _setting in config.SETTINGS:
    os.environ.pop(_setting.name, None)
os.environ["ENV_FILE"] = os.devnull
