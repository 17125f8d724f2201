#!/usr/bin/env python3
"""Makes a seed corpus: every file that matches, under a name of its own.

usage: seeds.py TARGET_FOLDER STAMP FILE...
"""
import pathlib
import shutil
import sys

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
for name in sys.argv[3:]:
    path = pathlib.Path(name)
    shutil.copyfile(path, folder / f"{path.parent.name}-{path.name}")
pathlib.Path(sys.argv[2]).touch()
